# Too long, too deep, too much to read. `[[text|n]]` stands for the text n times.

! more than 400 operators
SELECT 1[[ + 1|2000]]

! more than 400 operators
SELECT 1[[+1|9000]]

! bytes long
SELECT 1[[ + 1|20000]]

! more than 400 operators
SELECT count(*) FROM cars WHERE mpg = 1[[ OR mpg = 2|1200]]

! more than 400 operators
SELECT count(*) FROM cars WHERE mpg = 1[[ AND mpg <> 2|500]]

! more than 400 operators
SELECT 1[[ UNION ALL SELECT 1|1000]]

! more than 400 operators
SELECT [[NOT |900]]true

! more than 400 operators
SELECT [[- |900]]1

! more than 400 operators
SELECT 1[[ IS NULL|900]]

! more than 400 operators
SELECT 1[[::INT|900]]

! more than 400 operators
SELECT * FROM cars[[ CROSS JOIN cars|500]]

! INTERVAL before INTERVAL
SELECT [[INTERVAL |900]]1

! more than 400 operators
SELECT 1[[ BETWEEN 1 AND 1|300]]

! more than 400 operators
[[(SELECT 1 UNION |39]][[SELECT 1 UNION |500]]

! nests more than 40
SELECT [[(|41]]1[[)|41]]

! nests more than 40
SELECT [[(|5000]]1[[)|5000]]

! nests more than 40
[[(|19000]]

! nests more than 40
[[SELECT n FROM (|41]]SELECT 1 AS n[[)|41]]

! nests more than 40
SELECT [[CASE WHEN true THEN |41]]1[[ END|41]]

! nests more than 40
SELECT [[abs(|100]]1[[)|100]]

! nests more than 40
[[WITH a AS (|50]]SELECT 1[[) SELECT * FROM a|50]]

! nests more than 40
SELECT 1 WHERE 1 IN ([[SELECT 1 WHERE 1 IN (|50]]1[[)|51]]

! longer than 2000 bytes
SELECT '[[x|2001]]'

! longer than 2000 bytes
SELECT count(*) FROM cars WHERE name = '[[é|1500]]'

! bytes long
SELECT '[[x|30000]]'

! bytes long
SELECT [[1|30000]]

! bytes long
SELECT 1 /* [[x|30000]] */

! bytes long
SELECT 1[[ |30000]]

! bytes long
[[é|20000]]

! words and signs
SELECT 1[[,1|4000]]

! words and signs
SELECT mpg IN (1[[,1|4000]]) FROM cars

! words and signs
VALUES (1)[[,(1)|2000]]

! 4 parts
SELECT [[a.|5000]]a

! reads more than 32 tables
SELECT 1 FROM cars[[, cars|40]]

! reads more than 32 tables
SELECT 1 FROM cars[[ JOIN cars ON true|40]]

! reads more than 32 tables
SELECT 1[[ UNION SELECT mpg FROM cars|40]]

! reads more than 32 tables
SELECT [[(SELECT 1 FROM cars),|40]]1

! reads more than 32 tables
WITH a AS (SELECT 1 AS n), b AS (SELECT 1 FROM a x, a y), c AS (SELECT 1 FROM b x, b y, b z), d AS (SELECT 1 FROM c x, c y) SELECT 1 FROM d x, d y, d z

! more than 64 groupings
SELECT count(*) FROM cars GROUP BY CUBE (name, mpg, origin, year, 1, 2, 3, 4, 5, 6, 7, 8)

! more than 64 groupings
SELECT count(*) FROM cars GROUP BY CUBE (name, mpg, origin, year), CUBE (1, 2, 3, 4)

! more than 64 groupings
SELECT count(*) FROM cars GROUP BY GROUPING SETS ((name)[[, (mpg)|70]])

! more than 64 groupings
SELECT count(*) FROM cars GROUP BY CUBE (name[[, mpg|70]])

! more than 64 groupings
SELECT count(*) FROM cars GROUP BY ROLLUP (name, mpg, origin, year, 1, 2, 3, 4, 5), ROLLUP (name, mpg, origin, year, 1, 2, 3, 4)

# A parser that tries one reading after another: 40 levels are 2^40 readings

! too many calls and brackets
SELECT [[position(|30]]1, 2

! too many calls and brackets
SELECT [[position(1 IN |30]]!

! too many calls and brackets
SELECT [[CAST(|35]]1 AS

! too many calls and brackets
SELECT [[EXTRACT(YEAR FROM |35]]!

! too many calls and brackets
SELECT [[TRIM(BOTH |35]]!

! too many calls and brackets
SELECT [[SUBSTRING(|35]]!

! too many calls and brackets
SELECT [[CEIL(|35]]!

! too many calls and brackets
SELECT [[FLOOR(|35]]!

! too many calls and brackets
SELECT [[INTERVAL (|30]]!

! too many calls and brackets
SELECT [[NOT (|35]]!

! too many calls and brackets
SELECT [[CASE (|18]]!

! too many calls and brackets
SELECT [[a.f(|35]]!

! too many calls and brackets
SELECT [[a.b.c.f(|12]]!

! too many calls and brackets
SELECT 1 FROM [[((SELECT 1 FROM |18]]!

! too many calls and brackets
SELECT * FROM [[(((SELECT * FROM |12]]!

! too many calls and brackets
SELECT [[EXISTS (SELECT |30]]!

! more than 4 parts
SELECT [[a.|40]]!

! after a dot
SELECT [[a.b.-|30]]!

# As much as is allowed, and still wrong

!
SELECT [[(|40]]!

!
SELECT [[abs(|40]]!

!
SELECT [[f(1, |39]]!

!
SELECT * FROM [[(|40]]cars[[)|39]]

!
SELECT 1 FROM [[(SELECT 1 FROM |40]]!

!
SELECT 1 WHERE [[1 IN (SELECT 1 WHERE |38]]!

!
[[WITH a AS (|39]]!

!
SELECT [[CASE WHEN |40]]!

!
SELECT [[(CASE WHEN |19]]!

! INTERVAL before INTERVAL
SELECT [[INTERVAL |399]]

! INTERVAL before -
SELECT [[INTERVAL - |190]]1

! INTERVAL before CASE
SELECT [[INTERVAL CASE |19]]1

! INTERVAL before a
SELECT [[INTERVAL a |19]]1

!
SELECT [[a.b.NOT |300]]!

!
SELECT [[CASE |39]]!

!
SELECT [[DATE |3000]]!

!
SELECT 1[[ COLLATE x|300]] !

!
SELECT [[a.b.CASE |30]]!
