# The language, a piece at a time

SELECT * FROM cars

SELECT * FROM cars;

SELECT 1

SELECT mpg, origin FROM cars WHERE mpg > 20 AND origin <> 'USA' ORDER BY mpg DESC LIMIT 10 OFFSET 1

SELECT "Weight in lbs" FROM cars

SELECT NAME, Horsepower FROM cars

SELECT count(*), count(DISTINCT origin) FROM cars

SELECT origin, avg(mpg) AS mean_mpg FROM cars GROUP BY origin HAVING avg(mpg) > 1 ORDER BY 2 DESC

SELECT origin, sum(mpg) FILTER (WHERE mpg > 20) FROM cars GROUP BY origin

SELECT origin, count(*) FROM cars GROUP BY ALL

SELECT origin, year, count(*) FROM cars GROUP BY ROLLUP (origin, year)

SELECT DISTINCT origin FROM cars

WITH a AS (SELECT origin, mpg FROM cars), b AS (SELECT origin, max(mpg) AS m FROM a GROUP BY origin) SELECT * FROM b

WITH cars AS (SELECT * FROM cars WHERE mpg > 1) SELECT * FROM cars

SELECT * FROM (SELECT origin, row_number() OVER (PARTITION BY origin ORDER BY mpg DESC) AS n FROM cars) WHERE n = 1

SELECT mpg, lag(mpg) OVER (ORDER BY year), sum(mpg) OVER (ORDER BY year ROWS BETWEEN 2 PRECEDING AND CURRENT ROW) FROM cars

SELECT mpg, rank() OVER w FROM cars WINDOW w AS (PARTITION BY origin ORDER BY mpg)

SELECT origin, mpg FROM cars QUALIFY row_number() OVER (PARTITION BY origin ORDER BY mpg) = 1

SELECT origin, mpg * 100.0 / sum(mpg) OVER () AS share FROM cars

SELECT CASE WHEN mpg > 20 THEN 'high' WHEN mpg > 10 THEN 'mid' ELSE 'low' END AS band, count(*) FROM cars GROUP BY band

SELECT CASE origin WHEN 'USA' THEN 1 ELSE 0 END FROM cars

SELECT date_trunc('month', year), count(*) FROM cars GROUP BY 1 ORDER BY 1

SELECT date_part('year', year), EXTRACT(MONTH FROM year), EXTRACT(DOW FROM year) FROM cars

SELECT to_char(year, '%Y-%m') FROM cars

SELECT year + INTERVAL '1 month', year - INTERVAL '7' DAY FROM cars

SELECT * FROM cars WHERE year >= DATE '1970-01-01' AND year < TIMESTAMP '2000-01-01 00:00:00'

SELECT * FROM cars WHERE year BETWEEN '1970-01-01' AND '1980-01-01'

SELECT CAST(mpg AS INTEGER) AS a, mpg::VARCHAR AS b, TRY_CAST(origin AS DOUBLE) FROM cars

SELECT c.origin, s.amount FROM cars c JOIN sales s ON c.origin = s.region

SELECT c.origin FROM cars c LEFT JOIN sales s ON c.origin = s.region WHERE s.region IS NULL

SELECT a.mpg FROM cars a, cars b WHERE a.origin = b.origin

SELECT * FROM cars CROSS JOIN sales

SELECT * FROM cars FULL OUTER JOIN sales ON cars.origin = sales.region

SELECT origin FROM cars UNION SELECT region FROM sales

SELECT origin FROM cars UNION ALL SELECT region FROM sales ORDER BY 1

SELECT origin FROM cars EXCEPT SELECT region FROM sales

SELECT origin FROM cars INTERSECT SELECT region FROM sales

SELECT * FROM cars WHERE mpg > (SELECT avg(mpg) FROM cars)

SELECT * FROM cars WHERE origin IN (SELECT region FROM sales)

SELECT * FROM cars WHERE EXISTS (SELECT 1 FROM sales WHERE sales.region = cars.origin)

SELECT * FROM cars WHERE name LIKE 'f%' OR name ILIKE '%x' OR name NOT LIKE '_'

SELECT * FROM cars WHERE name ~ '^f' AND origin IN ('USA', 'Japan') AND mpg IS NOT NULL

SELECT coalesce(mpg, 0), nullif(mpg, 0), round(mpg, 1), floor(mpg), ceil(mpg), abs(-mpg) FROM cars

SELECT upper(name), lower(name), trim(name), substring(name FROM 1 FOR 3), length(name), origin || '-' || name FROM cars

SELECT median(mpg), stddev(mpg), corr(mpg, "Weight in lbs"), approx_percentile_cont(mpg, 0.9) FROM cars

SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY mpg) FROM cars

SELECT string_agg(name, ', ') FROM cars

SELECT first_value(mpg) OVER (ORDER BY year), ntile(4) OVER (ORDER BY mpg), percent_rank() OVER (ORDER BY mpg) FROM cars

SELECT * FROM (VALUES (1, 'a'), (2, 'b')) AS t(n, label)

SELECT floor(mpg / 5) * 5 AS bucket, count(*) FROM cars GROUP BY 1 ORDER BY 1

SELECT now() > year FROM cars

/* a remark */ SELECT mpg -- another
FROM cars

(SELECT 1)

VALUES (1, 'a'), (2, 'b')

SELECT * FROM (VALUES (1), (2)) AS t (n) ORDER BY n DESC

WITH a (x, y) AS (SELECT mpg, name FROM cars) SELECT x FROM a WHERE y <> 'ford'

WITH a AS (SELECT 1 AS n) SELECT * FROM (WITH b AS (SELECT n + 1 AS n FROM a) SELECT * FROM b) c

SELECT * EXCEPT (name) FROM cars

SELECT c.* FROM cars AS c

SELECT "cars"."mpg" FROM "cars"

SELECT mpg FROM cars ORDER BY mpg DESC NULLS LAST, name ASC NULLS FIRST

SELECT mpg FROM cars LIMIT 1 + 1

SELECT DISTINCT ON (origin) origin, mpg FROM cars ORDER BY origin, mpg

SELECT ((((((1 + 2) * 3) - 4) / 5)))

SELECT -mpg, +mpg, NOT true FROM cars

SELECT position('o' IN name), strpos(name, 'a'), left(name, 2), right(name, 2) FROM cars

SELECT ceil(CAST(trim(substring(name FROM 1 FOR 2)) || '1' = 'fo1' AS INT)) FROM cars

SELECT CAST(CAST(CAST(CAST(mpg AS INT) AS VARCHAR) AS DOUBLE) AS DECIMAL(10, 2)) FROM cars

SELECT round(coalesce(sum(CASE WHEN lower(trim(name)) = 'ford' THEN CAST(mpg AS DECIMAL(10, 2)) END), 0), 1) FROM cars

SELECT regexp_like(name, '^f'), regexp_replace(name, 'o(.)', '\1o'), regexp_count(name, 'o') FROM cars

SELECT concat(name, '-', origin), concat_ws(', ', name, origin), replace(name, 'o', '0') || NULL FROM cars

SELECT to_char(year, '%d.%m.%Y'), date_format(year, '%Y') FROM cars

SELECT date_bin(INTERVAL '5 days', year, TIMESTAMP '1970-01-01 00:00:00') FROM cars

SELECT to_timestamp('2020-01-01T00:00:00'), to_date('2020-01-01'), to_unixtime('2020-01-01'), make_date(2020, 2, 29)

SELECT year AT TIME ZONE 'Europe/Berlin' FROM cars

SELECT current_date, current_timestamp, now(), today()

SELECT count(DISTINCT mpg), approx_distinct(name), bool_and(mpg > 1), bool_or(mpg > 20), any_value(origin) FROM cars

SELECT sum(count(*)) OVER (ORDER BY origin) FROM cars GROUP BY origin

SELECT origin, grouping(origin) FROM cars GROUP BY ROLLUP (origin)

SELECT origin, year FROM cars GROUP BY GROUPING SETS ((origin), (year), (origin, year), ())

SELECT origin, year, mpg FROM cars GROUP BY CUBE (origin, year, mpg)

SELECT lag(mpg, 1, 0) OVER (PARTITION BY origin ORDER BY year), nth_value(mpg, 2) OVER (ORDER BY year) FROM cars

SELECT sum(mpg) OVER (ORDER BY year RANGE BETWEEN INTERVAL '1 year' PRECEDING AND CURRENT ROW) FROM cars

SELECT last_value(mpg) IGNORE NULLS OVER (ORDER BY year) FROM cars

SELECT * FROM cars NATURAL JOIN (SELECT 'USA' AS origin) o

SELECT * FROM cars JOIN (SELECT 'USA' AS origin) o USING (origin)

SELECT * FROM (cars JOIN sales ON origin = region)

SELECT * FROM cars LEFT SEMI JOIN sales ON origin = region

SELECT * FROM cars LEFT ANTI JOIN sales ON origin = region

SELECT * FROM cars c1 JOIN cars c2 ON c1.mpg < c2.mpg

SELECT * FROM cars a WHERE year = (SELECT max(year) FROM cars b WHERE b.origin = a.origin)

SELECT * FROM cars c WHERE mpg >= (SELECT avg(mpg) FROM cars WHERE origin = c.origin)

SELECT name FROM cars WHERE name SIMILAR TO '(f|t)%' AND name NOT ILIKE '%x%' AND name !~ 'z'

SELECT 'it''s', 'ünï', "name" AS "Größe (cm)" FROM cars

SELECT 1.5e3, .5, 5., -0.0, TRUE, FALSE, NULL

SELECT a.mpg IS DISTINCT FROM b.mpg, a.mpg IS NOT DISTINCT FROM b.mpg, (a.mpg > 1) IS TRUE FROM cars a, cars b

SELECT 1 WHERE 1 = 1 AND 'select * from secrets; drop table cars' <> '-- no comment /* really */'

SELECT mpg AS "drop", name AS "read_file('x')" FROM cars
