# Few words, much work or memory. Each runs within its bounds or is refused; none takes the process along.
# `big` has 40,000 rows, `wide` 200 columns, `long` texts of up to 4,000 bytes.

# Columns made of columns, doubled and doubled again

! written out
WITH a0 AS (SELECT mpg AS n FROM cars), a1 AS (SELECT n + n AS n FROM a0), a2 AS (SELECT n + n AS n FROM a1), a3 AS (SELECT n + n AS n FROM a2), a4 AS (SELECT n + n AS n FROM a3), a5 AS (SELECT n + n AS n FROM a4), a6 AS (SELECT n + n AS n FROM a5), a7 AS (SELECT n + n AS n FROM a6), a8 AS (SELECT n + n AS n FROM a7), a9 AS (SELECT n + n AS n FROM a8), b0 AS (SELECT n + n AS n FROM a9), b1 AS (SELECT n + n AS n FROM b0), b2 AS (SELECT n + n AS n FROM b1), b3 AS (SELECT n + n AS n FROM b2), b4 AS (SELECT n + n AS n FROM b3), b5 AS (SELECT n + n AS n FROM b4), b6 AS (SELECT n + n AS n FROM b5), b7 AS (SELECT n + n AS n FROM b6), b8 AS (SELECT n + n AS n FROM b7) SELECT * FROM b8 WHERE n > 1

! written out
SELECT * FROM ([[SELECT n + n AS n FROM (|38]]SELECT mpg AS n FROM cars[[)|38]]) WHERE n > 1

! written out
SELECT * FROM ([[SELECT n * n * n * n AS n FROM (|38]]SELECT mpg AS n FROM cars[[)|38]]) ORDER BY n

! written out
SELECT n, count(*) FROM ([[SELECT n + n AS n FROM (|38]]SELECT mpg AS n FROM cars[[)|38]]) GROUP BY n HAVING n > 1

! written out
[[SELECT CASE WHEN n > 1 THEN n ELSE -n END AS n FROM (|38]]SELECT mpg AS n FROM cars[[)|38]] WHERE n > 1

! written out
[[SELECT concat(n, n) AS n FROM (|38]]SELECT name AS n FROM cars[[)|38]] WHERE n LIKE 'a%'

! written out
SELECT 1 FROM ([[SELECT n + n AS n FROM (|37]]SELECT mpg AS n FROM cars[[)|37]]) x JOIN cars ON x.n = cars.mpg

! written out
SELECT 1 FROM ([[SELECT n + n AS n FROM (|36]]SELECT mpg AS n FROM cars[[)|36]]) x WHERE EXISTS (SELECT 1 FROM cars WHERE x.n > 1)

! written out
SELECT * FROM ([[SELECT n + n AS n FROM (|37]]SELECT mpg AS n FROM cars[[)|37]] UNION ALL SELECT 1) WHERE n > 1

? ten times are 1,024 words
SELECT * FROM ([[SELECT n + n AS n FROM (|10]]SELECT mpg AS n FROM cars[[)|10]]) WHERE n > 1

# Texts made of texts

!
SELECT length(x) FROM (SELECT [[concat(x, x, x, x, x, x, x, x, x, x) AS x FROM (SELECT |7]]name AS x FROM big[[)|8]]

!
SELECT max(length(x)) FROM (SELECT [[x || x || x || x || x || x || x || x AS x FROM (SELECT |9]]name AS x FROM big[[)|10]]

! memory
SELECT max(length([[replace(|9]]name[[, 'a', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa')|9]])) FROM big

?
SELECT max(length([[regexp_replace(|5]]name[[, '.', '\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0', 'g')|5]])) FROM big

!
SELECT concat_ws([[x,|900]] x) FROM (SELECT [[concat(x, x, x, x, x, x, x, x, x, x) AS x FROM (SELECT |2]]text AS x FROM long[[)|3]]

!
SELECT [[replace(|9]]'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'[[, 'a', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa')|9]]

!
SELECT x || x FROM (SELECT [[x || x || x || x || x || x || x || x AS x FROM (SELECT |9]]'aaaaaaaaaaaa' AS x FROM cars[[)|10]]

? 16 MB for every expression, were it for 8,192 rows at once
SELECT max(a), max(b), max(c), max(d), max(e), max(f), max(g), max(h) FROM (SELECT x AS a, x AS b, x AS c, x AS d, x AS e, x AS f, x AS g, x AS h FROM (SELECT '[[x|1999]]' AS x, name FROM big) WHERE name <> '')

?
SELECT max(to_char(year, '[[%c|900]]')), max(to_char(year, '[[%+|900]]')) FROM cars, big

?
SELECT string_agg(a.text, ',') FROM long a, long b, cars

?
SELECT string_agg(concat(b.name, b.name, b.name, b.name, b.name, b.name, b.name), ',') FROM big b, cars

?
SELECT max(translate(name, 'abcdefghijklmnopqrstuvwxyz', '𝕒𝕓𝕔𝕕𝕖𝕗𝕘𝕙𝕚𝕛𝕜𝕝𝕞𝕟𝕠𝕡𝕢𝕣𝕤𝕥𝕦𝕧𝕨𝕩𝕪𝕫')) FROM big

# Joins

?
SELECT count(*) FROM big a, big b

?
SELECT * FROM big a, big b ORDER BY a.n + b.n

?
SELECT count(*) FROM big a, big b, big c WHERE a.n + b.n + c.n < 0

?
SELECT count(*) FROM big a JOIN big b ON a.name <> b.name

?
SELECT count(*) FROM big a JOIN big b ON a.n < b.n AND a.n * b.n < 0

?
SELECT count(*) FROM big a JOIN big b ON a.one = b.one

?
SELECT count(*) FROM big a JOIN big b ON a.one = b.one AND a.n + b.n < 0

?
SELECT count(*) FROM big a FULL OUTER JOIN big b ON a.n < b.n

?
SELECT count(*) FROM big a LEFT JOIN big b ON a.name LIKE concat('%', b.name, '%')

?
SELECT * FROM cars[[ CROSS JOIN cars|30]]

?
SELECT count(*) FROM cars[[ CROSS JOIN cars|30]]

?
SELECT * FROM big WHERE n NOT IN (SELECT a.n * b.n FROM big a, big b)

?
SELECT count(DISTINCT a.n * 40000 + b.n) FROM big a, big b

?
SELECT a.n, b.n, count(*) FROM big a, big b GROUP BY a.n, b.n

?
SELECT (SELECT max(b.n) FROM big b WHERE b.n < a.n) FROM big a

?
SELECT DISTINCT a.name, b.name FROM big a, big b

?
SELECT a.name FROM big a, big b EXCEPT SELECT 'x'

?
SELECT a.n FROM big a, big b INTERSECT SELECT n FROM big

?
WITH v AS (SELECT * FROM (VALUES (1)[[, (1)|99]]) v(n)) SELECT count(*) FROM v a, v b, v c, v d, v e, v f, v g, v h

?
WITH v AS (SELECT * FROM (VALUES (1)[[, (1)|99]]) v(n)), w AS (SELECT a.n FROM v a, v b, v c) SELECT * FROM w a, w b, w c ORDER BY a.n

?
SELECT median(a.n * b.n) FROM big a, big b

?
SELECT approx_distinct(a.n * b.n), stddev(a.n * b.n) FROM big a, big b

?
SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY a.n) FROM big a, big b

# Windows

! memory
SELECT sum(a.n) OVER () FROM big a, big b

?
SELECT max(x) FROM (SELECT count(*) OVER (PARTITION BY a.one) AS x FROM big a, big b)

?
SELECT max(x) FROM (SELECT rank() OVER (ORDER BY a.one) AS x FROM big a, big b)

?
SELECT max(x) FROM (SELECT sum(a.n) OVER (ORDER BY a.one) AS x FROM big a, big b)

?
SELECT max(x) FROM (SELECT lag(a.n, 1000000000) OVER () AS x FROM big a, big b)

?
SELECT max(x) FROM (SELECT lead(a.n, 1000000000) OVER () AS x FROM big a, big b)

?
SELECT max(x) FROM (SELECT sum(a.n) OVER (ROWS BETWEEN CURRENT ROW AND 1000000000 FOLLOWING) AS x FROM big a, big b)

?
SELECT max(x) FROM (SELECT sum(a.n) OVER (ROWS BETWEEN 1000000000 PRECEDING AND CURRENT ROW) AS x FROM big a, big b)

?
SELECT max(x) FROM (SELECT ntile(5) OVER (ORDER BY a.n) AS x FROM big a, big b)

?
SELECT max(x) FROM (SELECT max(n) OVER (ORDER BY n ROWS BETWEEN 20000 PRECEDING AND 20000 FOLLOWING) AS x FROM big)

?
SELECT max(x) FROM (SELECT last_value(nothing) IGNORE NULLS OVER (ORDER BY n) AS x FROM big)

?
SELECT max(x) FROM (SELECT nth_value(n, 20000) OVER (ORDER BY n) AS x FROM big)

?
SELECT max(x) FROM (SELECT first_value(nothing) IGNORE NULLS OVER (ORDER BY n ROWS BETWEEN 30000 PRECEDING AND CURRENT ROW) AS x FROM big)

?
SELECT max(x) FROM (SELECT lag(nothing) IGNORE NULLS OVER (ORDER BY n) AS x FROM big)

?
SELECT max(x) FROM (SELECT sum(n) OVER (ORDER BY n RANGE BETWEEN 30000 PRECEDING AND CURRENT ROW) AS x FROM big)

# Width

?
SELECT *[[, *|60]] FROM wide a

! more than 400 operators
SELECT [[a.*, |400]]a.* FROM wide a JOIN wide b ON true

! what `*` stands for
SELECT [[a.*, |300]]a.* FROM wide a, wide b, wide c, wide d

?
SELECT * FROM wide a, wide b, wide c

?
SELECT [[sum(c7) + |300]]1 FROM wide

?
SELECT max(a.x) FROM (SELECT n, name AS x FROM big) a JOIN big b ON a.n = b.n

?
SELECT count(*) FROM cars GROUP BY CUBE (name, mpg, origin, year, mpg + 1, mpg + 2)

?
SELECT 1 FROM big GROUP BY ROLLUP (n, name, one, n + 1, n + 2, n + 3, n + 4, n + 5, n + 6)

?
SELECT mpg IN (1[[, 2|2500]]) FROM cars

?
SELECT * FROM cars WHERE name IN ('a'[[, 'abcdefgh'|1500]])

?
SELECT * FROM big a WHERE a.name ~ '([[a*|190]])*$'

!
SELECT * FROM big WHERE name ~ '((((a{100}){100}){100}){100})'

!
SELECT * FROM big WHERE name ~ '[[(|900]]a[[)|900]]'

?
SELECT * FROM big WHERE name SIMILAR TO '%(a|b|c){1,100}%'

?
SELECT * FROM big WHERE name LIKE '[[%a|900]]%'

?
SELECT * FROM big WHERE name ILIKE '[[%_|900]]%'

?
SELECT count(*) FROM long a, long b WHERE a.text LIKE b.text

?
SELECT count(*) FROM long a, long b WHERE position(a.text IN b.text) > 0

?
SELECT count(*) FROM long WHERE text ~ '(.*)(.*)(.*)(.*)(.*)(.*)(.*)(.*)(.*)x$'
