# More than one statement

! there are 2 statements
SELECT 1; SELECT 2

! there are 2 statements
SELECT 1; DROP TABLE cars

! there are 2 statements
SELECT 1;DROP TABLE cars;--

! there are 3 statements
SELECT 1; SET x = 1; SELECT 2

! there are 2 statements
; SELECT 1 ; COPY cars TO '/tmp/x'

! there are 2 statements
SELECT 1 /* ; */ ; SELECT 2

! there are 2 statements
SELECT ';' ; DELETE FROM cars

! there are 2 statements
SELECT 1;;;DELETE FROM cars

! there are 2 statements
SELECT 1; -- the end
DROP TABLE cars

! there are 2 statements
SELECT "a;b" FROM cars; BEGIN

! there are 2 statements
(SELECT 1); (SELECT 2)

! there are 2 statements
SELECT (1; DROP TABLE cars)

! there are 2 statements
WITH a AS (SELECT 1; DROP TABLE cars) SELECT * FROM a

! there are 1000 statements
SELECT 1[[; SELECT 1|999]]

! Expected
SELECT 1 SELECT 2

! Expected
SELECT 1 FROM cars DROP TABLE cars
