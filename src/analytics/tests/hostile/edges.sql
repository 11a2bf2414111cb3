# Values at the edge of what a number, a date, a text can be: an answer or a reason, never a panic

?
SELECT 9223372036854775807 + 1

?
SELECT -9223372036854775808 - 1

?
SELECT abs(-9223372036854775808)

?
SELECT -(-9223372036854775807 - 1)

?
SELECT (-9223372036854775807 - 1) / -1

?
SELECT (-9223372036854775807 - 1) % -1

?
SELECT mod(-9223372036854775807 - 1, -1)

?
SELECT 1 / 0

?
SELECT 1 % 0

?
SELECT sum(n * 9223372036854775807) FROM big

?
SELECT sum(9223372036854775807) FROM big

?
SELECT avg(9223372036854775807) FROM big

?
SELECT [[9|400]]

?
SELECT 0.[[9|400]]

?
SELECT 1e999999, -1e999999, 1e-999999

?
SELECT CAST(1e300 AS INT)

?
SELECT CAST('1e300' AS BIGINT)

?
SELECT CAST('NaN' AS INT)

?
SELECT CAST(1 AS DECIMAL(38, 38)), CAST(1 AS DECIMAL(76, 0))

?
SELECT CAST(1 AS DECIMAL(100, 200))

?
SELECT CAST(1 AS DECIMAL(0, 0))

?
SELECT CAST(1 AS DECIMAL(5, -5))

?
SELECT CAST([[9|38]] AS DECIMAL(38, 0)) * CAST([[9|38]] AS DECIMAL(38, 0))

?
SELECT CAST([[9|38]] AS DECIMAL(38, 0)) / 0.00000000000000000000000000000000000001

?
SELECT CAST('x' AS VARCHAR(99999999999))

?
SELECT CAST('x' AS TIMESTAMP(99))

?
SELECT round(1.5, 9223372036854775807), round(1.5, -9223372036854775808)

?
SELECT round(1.5, 400), round(1e300, -400), trunc(1.5, 2147483647), trunc(1.5, -2147483648)

?
SELECT power(10, 400), power(0, -1), exp(1e6), ln(0), ln(-1), log(0, 1), sqrt(-1), log(1, 10)

?
SELECT power(9223372036854775807, 9223372036854775807)

?
SELECT power(CAST(10 AS DECIMAL(38, 10)), 100)

?
SELECT substr('abc', -9223372036854775808, 9223372036854775807)

?
SELECT substr('abc', 9223372036854775807, 9223372036854775807)

?
SELECT substr('abc', -5, -5)

?
SELECT substring('abc' FROM -2147483648 FOR 2147483647)

?
SELECT left('abc', -9223372036854775808), right('abc', -9223372036854775808)

?
SELECT left('abc', 9223372036854775807), right('abc', 9223372036854775807)

?
SELECT left(name, -9223372036854775808), right(name, -9223372036854775808) FROM cars

?
SELECT substr(name, -9223372036854775808, 9223372036854775807) FROM cars

?
SELECT split_part('a,b', ',', -9223372036854775808), split_part('a,b', '', 1)

?
SELECT split_part('a,b', ',', 0)

?
SELECT split_part(name, name, 9223372036854775807) FROM cars

?
SELECT translate('abc', 'abc', ''), translate('', 'a', 'b'), replace('abc', '', 'x')

?
SELECT replace(name, '', 'xyz') FROM cars

?
SELECT strpos('', ''), ascii(''), initcap(''), reverse('é̂'), upper('ß'), lower('İ')

?
SELECT regexp_count('aaa', '', 9223372036854775807), regexp_count('aaa', 'a', -1)

?
SELECT regexp_count(name, 'a', 0), regexp_like(name, '', 'zzz') FROM cars

?
SELECT regexp_replace('abc', '(', 'x')

?
SELECT regexp_replace('abc', '(b)', '\99999999999999999999')

?
SELECT 'x' ~ '(?i'

?
SELECT 'x' SIMILAR TO '%' ESCAPE 'xx'

?
SELECT 'x' LIKE '\'

?
SELECT 'x' LIKE 'a' ESCAPE 'bb'

?
SELECT DATE '9999-12-31' + INTERVAL '1 day', DATE '0000-01-01'

?
SELECT DATE '2020-01-01' + INTERVAL '1000000000 years'

?
SELECT DATE '2020-01-01' + INTERVAL '2147483647 months'

?
SELECT DATE '2020-01-01' - INTERVAL '2147483647 days'

?
SELECT year + INTERVAL '2147483647 months' FROM cars

?
SELECT year - INTERVAL '2147483647 days' FROM cars

?
SELECT TIMESTAMP '2020-01-01 00:00:00' + INTERVAL '9223372036854775807 nanoseconds'

?
SELECT TIMESTAMP '9999-12-31 23:59:59'

?
SELECT TIMESTAMP '1600-01-01 00:00:00', DATE '-9999-01-01', DATE '99999-01-01', DATE '999999999-01-01'

?
SELECT INTERVAL '[[9|100]] days'

?
SELECT INTERVAL '1' CENTURY, INTERVAL '9223372036854775807' YEAR

?
SELECT INTERVAL '178956970 years' * 1000

?
SELECT INTERVAL '1 day' / 0

?
SELECT INTERVAL 'nothing'

?
SELECT INTERVAL '1 year 2 months 3 days' + INTERVAL '178956970 years'

?
SELECT make_date(2147483647, 1, 1)

?
SELECT make_date(2020, 13, 45), make_date(-2147483648, 1, 1)

?
SELECT make_date(mpg, mpg, mpg) FROM cars

?
SELECT date_trunc('nothing', year) FROM cars

?
SELECT date_trunc('year', DATE '-200000-01-01')

?
SELECT date_trunc('week', TIMESTAMP '0001-01-01 00:00:00')

?
SELECT date_bin(INTERVAL '0 seconds', year) FROM cars

?
SELECT date_bin(INTERVAL '1 nanosecond', year, TIMESTAMP '2200-01-01 00:00:00') FROM cars

?
SELECT date_bin(INTERVAL '-1 day', year) FROM cars

?
SELECT date_bin(INTERVAL '1 month', TIMESTAMP '2000-01-31 00:00:00', TIMESTAMP '1700-01-01 00:00:00')

?
SELECT date_bin(INTERVAL '9223372036854775807 nanoseconds', TIMESTAMP '1700-01-01 00:00:00', TIMESTAMP '2200-01-01 00:00:00')

?
SELECT date_part('nothing', year), date_part('epoch', year), date_part('nanosecond', year) FROM cars

?
SELECT date_part('epoch', DATE '200000-01-01'), date_part('year', INTERVAL '1 year')

?
SELECT EXTRACT(EPOCH FROM INTERVAL '178956970 years'), EXTRACT(ISODOW FROM year) FROM cars

?
SELECT to_timestamp(9223372036854775807), to_timestamp(-9223372036854775808)

?
SELECT to_timestamp_seconds(9223372036854775807), to_timestamp_millis(9223372036854775807)

?
SELECT to_timestamp_micros(-9223372036854775808) + INTERVAL '1 day'

?
SELECT to_timestamp(1e300), to_timestamp('nothing')

?
SELECT to_timestamp('2020', '%Q'), to_timestamp('2020', '[[%|999]]')

?
SELECT to_date('2020-01-01', '%'), to_date(9223372036854775807)

?
SELECT to_date('262143-12-31'), to_date(2147483647)

?
SELECT from_unixtime(9223372036854775807), from_unixtime(1, 'Nowhere/Land')

?
SELECT from_unixtime(9223372036854775807, 'Asia/Tokyo')

?
SELECT to_unixtime('nothing'), to_unixtime(1e300)

?
SELECT to_char(year, '%'), to_char(year, '%Q%!%:::z') FROM cars

?
SELECT to_char(DATE '2020-01-01', '%H:%M %z %+ %s')

?
SELECT to_char(TIME '12:00:00', '%Y')

?
SELECT to_char(INTERVAL '1 day', '%Y')

?
SELECT to_char(to_timestamp_seconds(9223372036854775807), '%Y')

?
SELECT to_char(CAST(9223372036854775807 AS TIMESTAMP), '%c')

?
SELECT year AT TIME ZONE 'Nowhere/Land' FROM cars

?
SELECT year AT TIME ZONE '+99:99' FROM cars

?
SELECT (year AT TIME ZONE 'Asia/Tokyo') + INTERVAL '200000 years' FROM cars

?
SELECT CAST(TIMESTAMP '9999-12-31 23:59:59' AS TIMESTAMP WITH TIME ZONE)

?
SELECT CAST(9223372036854775807 AS TIMESTAMP), CAST(CAST(9223372036854775807 AS TIMESTAMP) AS VARCHAR)

?
SELECT CAST(CAST(2147483647 AS DATE) AS VARCHAR)

?
SELECT CAST(2147483647 AS DATE) + INTERVAL '1 month'

?
SELECT CAST(CAST(2147483647 AS DATE) AS TIMESTAMP)

?
SELECT DATE '2020-01-01' - DATE '-100000-01-01'

?
SELECT TIMESTAMP '2262-01-01 00:00:00' - TIMESTAMP '1678-01-01 00:00:00'

?
SELECT TIME '24:00:00', TIME '99:99:99'

?
SELECT TIME '23:59:59' + INTERVAL '1 day'

?
SELECT mpg FROM cars LIMIT 9223372036854775807 OFFSET 9223372036854775807

?
SELECT mpg FROM cars LIMIT -1

?
SELECT mpg FROM cars OFFSET -1

?
SELECT mpg FROM cars LIMIT 99999999999999999999

?
SELECT mpg FROM cars LIMIT 1 + 1 OFFSET (SELECT 1)

?
SELECT mpg FROM cars LIMIT NULL

?
SELECT mpg FROM cars FETCH FIRST 10 PERCENT ROWS ONLY

?
SELECT mpg FROM cars FETCH FIRST 1 ROWS WITH TIES

?
SELECT ntile(0) OVER (), ntile(9223372036854775807) OVER () FROM cars

?
SELECT ntile(-1) OVER () FROM cars

?
SELECT lag(mpg, -9223372036854775808) OVER (), lead(mpg, 9223372036854775807) OVER () FROM cars

?
SELECT lag(mpg, 9223372036854775807) OVER (), lead(mpg, -9223372036854775808) OVER () FROM cars

?
SELECT nth_value(mpg, 0) OVER (), nth_value(mpg, -9223372036854775808) OVER () FROM cars

?
SELECT sum(mpg) OVER (ROWS BETWEEN 9223372036854775807 PRECEDING AND 9223372036854775807 FOLLOWING) FROM cars

?
SELECT sum(mpg) OVER (ROWS BETWEEN 18446744073709551615 PRECEDING AND CURRENT ROW) FROM cars

?
SELECT sum(mpg) OVER (ROWS BETWEEN -1 PRECEDING AND CURRENT ROW) FROM cars

?
SELECT sum(mpg) OVER (ROWS BETWEEN 1 FOLLOWING AND 1 PRECEDING) FROM cars

?
SELECT sum(mpg) OVER (ORDER BY year RANGE BETWEEN INTERVAL '1000000 years' PRECEDING AND CURRENT ROW) FROM cars

?
SELECT sum(mpg) OVER (ORDER BY name RANGE BETWEEN 1 PRECEDING AND CURRENT ROW) FROM cars

?
SELECT sum(mpg) OVER (ORDER BY mpg GROUPS BETWEEN 9223372036854775807 PRECEDING AND CURRENT ROW) FROM cars

?
SELECT sum(mpg) OVER (PARTITION BY sum(mpg) OVER ()) FROM cars

?
SELECT sum(sum(mpg)) FROM cars

?
SELECT sum(count(*)) OVER (ORDER BY count(*)) FROM cars GROUP BY origin

?
SELECT approx_percentile_cont(mpg, 2) FROM cars

?
SELECT approx_percentile_cont(mpg, -1), percentile_cont(mpg, 5) FROM cars

?
SELECT percentile_cont(NULL) WITHIN GROUP (ORDER BY mpg) FROM cars

?
SELECT string_agg(name, NULL), string_agg(NULL, ','), string_agg(mpg, ',') FROM cars

?
SELECT median(NULL), avg(NULL), sum(NULL), min(NULL), stddev(NULL), corr(NULL, NULL) FROM cars

?
SELECT count(DISTINCT name, mpg) FROM cars

?
SELECT grouping(mpg) FROM cars

?
SELECT grouping(origin, origin), origin FROM cars GROUP BY ROLLUP (origin)

?
SELECT * FROM (VALUES (1), ('a'), (NULL), (1.5), (DATE '2020-01-01')) v

?
SELECT * FROM (VALUES (1, 2), (1)) v

?
SELECT 1 UNION SELECT 'a' UNION SELECT DATE '2020-01-01'

?
SELECT 1, 2 UNION SELECT 1

?
SELECT * FROM cars NATURAL JOIN sales

?
SELECT * FROM cars JOIN cars USING (mpg)

?
SELECT * FROM cars a JOIN cars b USING (nothing)

?
SELECT nothing.* FROM cars

?
SELECT cars.cars.cars FROM cars

?
SELECT * EXCEPT (name, mpg, origin, year) FROM cars

?
SELECT * EXCEPT (nothing) FROM cars

?
SELECT * RENAME (mpg AS origin) FROM cars

?
SELECT * ILIKE '%m%' FROM cars

?
SELECT * REPLACE (mpg / 0 AS mpg) FROM cars

?
SELECT (SELECT mpg FROM cars)

?
SELECT (SELECT mpg, name FROM cars)

?
SELECT mpg IN (SELECT name FROM cars) FROM cars

?
SELECT (1, 2) IN (SELECT 1, 2)

?
SELECT (1, 2) = (1, 2)

?
SELECT EXISTS (SELECT 1 FROM sales s WHERE s.amount = cars.mpg AND EXISTS (SELECT 1 FROM cars c WHERE c.mpg = s.amount)) FROM cars

?
SELECT CASE WHEN name THEN 1 END FROM cars

?
SELECT CASE mpg WHEN 'a' THEN DATE '2020-01-01' ELSE 1 END FROM cars

?
SELECT coalesce(), greatest(), least(), concat()

?
SELECT greatest(1, 'a', DATE '2020-01-01')

?
SELECT nullif(1, 'a'), nvl2(1, 'a', 2), ifnull(NULL, 1)

?
SELECT count(*), * FROM cars

?
SELECT mpg FROM cars ORDER BY 99

?
SELECT mpg FROM cars ORDER BY 9223372036854775808

?
SELECT mpg FROM cars GROUP BY 0

?
SELECT mpg AS mpg, mpg AS mpg FROM cars ORDER BY mpg

?
SELECT "", '' AS "" FROM cars

?
SELECT 1 AS "a""b", 2 AS "[[x|5000]]"

?
SELECT '' || NULL || '', NULL || NULL, 1 || 2 || true || DATE '2020-01-01'

?
SELECT current_date + 1, now() - INTERVAL '1000000 years'

?
SELECT now() AT TIME ZONE 'UTC', current_time, today()

?
VALUES (1, (SELECT count(*) FROM big))
