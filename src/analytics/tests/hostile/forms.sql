# Forms of a query that are not analysis

! WITH RECURSIVE
WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r) SELECT * FROM r

! WITH RECURSIVE
WITH RECURSIVE r (n) AS (VALUES (1) UNION ALL SELECT n * 2 FROM r) SELECT count(*) FROM r

! WITH RECURSIVE
SELECT * FROM (WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT 1 FROM r a, r b) SELECT * FROM r) x

! WITH RECURSIVE
WITH RECURSIVE a AS (SELECT 1) SELECT * FROM a

! CONNECT BY
SELECT mpg FROM cars CONNECT BY mpg = 1

! CONNECT BY
SELECT mpg FROM cars START WITH mpg = 1 CONNECT BY PRIOR mpg = 1

! FROM without SELECT
FROM cars

! FROM without SELECT
FROM cars SELECT mpg

!
TABLE cars

!
(TABLE cars)

!
TABLE secrets

! LATERAL
SELECT * FROM LATERAL (SELECT 1) x

! LATERAL
SELECT * FROM cars, LATERAL (SELECT cars.mpg) x

!
SELECT * FROM cars LATERAL VIEW explode(name) t

! TABLESAMPLE
SELECT * FROM cars TABLESAMPLE BERNOULLI (10)

! anything but a dataset
SELECT * FROM cars PIVOT (sum(mpg) FOR origin IN ('USA'))

! anything but a dataset
SELECT * FROM cars UNPIVOT (v FOR k IN (mpg))

! anything but a dataset
SELECT * FROM cars MATCH_RECOGNIZE (ORDER BY mpg PATTERN (a) DEFINE a AS true)

! anything but a dataset
SELECT * FROM JSON_TABLE('[1]', '$[*]' COLUMNS (a INT PATH '$')) t

! anything but a dataset
SELECT * FROM UNNEST(name)

! anything but a dataset
SELECT * FROM cars, UNNEST(mpg) u

! that kind of join
SELECT * FROM cars CROSS APPLY sales

! that kind of join
SELECT * FROM cars OUTER APPLY sales

! that kind of join
SELECT * FROM cars ASOF JOIN sales MATCH_CONDITION (mpg > amount) ON true

!
SELECT * FROM cars STRAIGHT_JOIN sales

! TOP
SELECT TOP 5 * FROM cars

! SETTINGS
SELECT * FROM cars SETTINGS max_threads = 1000

! FORMAT
SELECT * FROM cars FORMAT Null

! PREWHERE
SELECT * FROM cars PREWHERE mpg > 1

! LIMIT BY
SELECT * FROM cars LIMIT 1 BY origin

! |>
FROM cars |> WHERE mpg > 1

! |>
SELECT * FROM cars |> AGGREGATE count(*) GROUP BY origin

! FOR XML
SELECT * FROM cars FOR JSON AUTO

! CLUSTER
SELECT * FROM cars SORT BY mpg

! CLUSTER
SELECT * FROM cars CLUSTER BY mpg

!
SELECT * FROM cars DISTRIBUTE BY mpg

!
SELECT * EXCLUDE (mpg) FROM cars EXCLUDE (origin)

!
SELECT AS STRUCT mpg FROM cars

!
SELECT SQL_NO_CACHE mpg FROM cars

! more than one alias
SELECT mpg AS (a, b) FROM cars

! WITH ROLLUP
SELECT origin, count(*) FROM cars GROUP BY origin WITH ROLLUP

! WITH ROLLUP
SELECT origin, count(*) FROM cars GROUP BY origin WITH CUBE

! that form of an argument
SELECT coalesce(a => 1)

! that form of an argument
SELECT sum(*) FROM cars

! function ARRAY
SELECT ARRAY(SELECT 1)

! LIKE ANY
SELECT name LIKE ANY ('a', 'b') FROM cars

! cast to JSON
SELECT mpg::JSON FROM cars

! cast to
SELECT CAST(name AS BYTEA) FROM cars

! cast to
SELECT CAST(name AS REGCLASS) FROM cars

! cast to
SELECT CAST(mpg AS INT ARRAY) FROM cars

! literal of type
SELECT JSON '{}'

! operator
SELECT mpg -> 'x' FROM cars

! operator
SELECT mpg & 1 FROM cars

! operator
SELECT 1 << 62

! operator
SELECT mpg @> 1 FROM cars

! operator
SELECT ~1

!
SELECT @ -5

!
SELECT |/ 25

!
SELECT mpg = ANY (SELECT 1) FROM cars

!
SELECT mpg > ALL (SELECT 1) FROM cars

!
SELECT name COLLATE "C" FROM cars

!
SELECT OVERLAY('abc' PLACING 'x' FROM 1)

!
SELECT CONVERT(INT, mpg) FROM cars

!
SELECT MATCH (name) AGAINST ('x') FROM cars

!
SELECT x -> x + 1
