# Comments, quoting and look-alikes

! not DROP
/**/DROP/**/TABLE/**/cars

! not DROP
-- SELECT
DROP TABLE cars

! not DROP
/* SELECT /* nested */ */ DROP TABLE cars

! not DRＯP
DRＯP TABLE cars

!
SE/**/LECT 1

! Expected
SELECT\ 1

! Unexpected EOF
SELECT 1 /* never ends

! Unterminated
SELECT 'never ends

! Expected
SELECT "never ends

! there is no table secrets
SELECT * FROM/**/secrets

! there is no table secrets
SELECT * FROM -- cars
secrets

! there is no table secrets
SELECT * FROM /* cars */ secrets

! there is no table
SELECT * FROM `secrets`

! there is no table
SELECT * FROM "secrets"--"cars"

! there is no table ѕecrets
SELECT * FROM ѕecrets

! there is no table cаrs
SELECT * FROM cаrs

! Expected
SELECT * FROM cars​

! function "ReAd_FiLe"
SELECT "ReAd_FiLe"('x')

! function READ_FILE
SELECT READ_FILE('x')

! function "read_file"
SELECT "read_file" /* */ ('x')

! function
SELECT pg_catalog.pg_sleep(100)

! function
SELECT "pg_catalog"."pg_sleep"(100)

! function
SELECT public.upper('x')

! function
SELECT cars.upper('x') FROM cars

! literal
SELECT X'00'

! literal
SELECT B'01'

! literal
SELECT N'x'

! literal
SELECT E'\x41'

! literal
SELECT U&'\0041'

! literal
SELECT $$x$$

! literal
SELECT $tag$x$tag$

! literal
SELECT R'x'

! literal
SELECT $1

! literal
SELECT ?

! literal
SELECT :name

!
SELECT @@version

! a variable
SELECT @x

!
SELECT @x := 1

!
SELECT 'a' 'b' 'c' FROM

! { is not allowed
SELECT {fn upper('x')}

! { is not allowed
SELECT {d '2020-01-01'}

! { is not allowed
SELECT {'a': 1}

! [ is not allowed
SELECT [1, 2, 3]

! [ is not allowed
SELECT ARRAY[1, 2]

! [ is not allowed
SELECT name[1] FROM cars

?
SELECT * FROM cars WHERE 1=1 OR '1'='1' -- ' AND ; DROP TABLE cars

!
SELECT 1 \G

! after a dot
SELECT cars.'mpg' FROM cars

! after a dot
SELECT cars.-mpg FROM cars

! after a dot
SELECT cars.(mpg) FROM cars

! hint
SELECT /*+ SET_VAR(x=1) */ mpg FROM cars
