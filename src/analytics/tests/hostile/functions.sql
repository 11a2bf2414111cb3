# Functions that wait, tell, make much of little, or are not known

! function pg_sleep
SELECT pg_sleep(100)

! function sleep
SELECT sleep(100)

! function benchmark
SELECT benchmark(1000000000, 1)

! function version
SELECT version()

! function current_user
SELECT current_user

! function session_user
SELECT session_user

! function current_database
SELECT current_database()

! function inet_server_addr
SELECT inet_server_addr()

! function current_setting
SELECT current_setting('data_directory')

! function set_config
SELECT set_config('x', 'y', false)

! function random
SELECT random()

! function uuid
SELECT uuid()

! function nextval
SELECT nextval('s')

! function arrow_cast
SELECT arrow_cast(1, 'Utf8')

! function arrow_typeof
SELECT arrow_typeof(1)

! function repeat
SELECT repeat('x', 1000000000)

! function lpad
SELECT lpad('x', 1000000000)

! function rpad
SELECT rpad('x', 1000000000)

! function space
SELECT space(1000000000)

! function array_agg
SELECT array_agg(mpg) FROM cars

! function make_array
SELECT make_array(1, 2)

! function array_repeat
SELECT array_repeat(1, 1000000000)

! function range
SELECT range(1, 1000000000)

! function generate_series
SELECT generate_series(1, 1000000000)

! function unnest
SELECT unnest(name) FROM cars

! function json_agg
SELECT json_agg(mpg) FROM cars

! function xpath
SELECT xpath('//x', '<x/>')

! function query_to_xml
SELECT query_to_xml('SELECT 1', true, true, '')

! function levenshtein
SELECT levenshtein(name, name) FROM cars

! function factorial
SELECT factorial(20)

! function gcd
SELECT gcd(1, 2)

! function md5
SELECT md5('x')

! function digest
SELECT digest('x', 'sha512')

! function encode
SELECT encode('x', 'hex')

! function chr
SELECT chr(0)

! STRUCT
SELECT struct(1, 2)

! function named_struct
SELECT named_struct('a', 1)

! function approx_percentile_cont_with_weight
SELECT approx_percentile_cont_with_weight(mpg, 1, 0.5) FROM cars

! number of centroids
SELECT approx_percentile_cont(mpg, 0.5, 9223372036854775807) FROM cars

! number of centroids
SELECT approx_percentile_cont(mpg, 0.5, 10000000000) FROM cars

! string_agg with OVER
SELECT string_agg(name, ',') OVER (ORDER BY mpg) FROM cars

! median with OVER
SELECT median(mpg) OVER (ORDER BY mpg ROWS 100000 PRECEDING) FROM cars

! approx_distinct with OVER
SELECT approx_distinct(mpg) OVER (ORDER BY mpg) FROM cars

! corr with OVER
SELECT corr(mpg, mpg) OVER (ORDER BY mpg) FROM cars

! DISTINCT values with OVER
SELECT count(DISTINCT mpg) OVER (ORDER BY mpg) FROM cars

! pattern that is not a text
SELECT regexp_like(name, name) FROM cars

! pattern that is not a text
SELECT regexp_replace(name, concat('(', name, ')'), '') FROM cars

! pattern that is not a text
SELECT regexp_count(name, upper('x')) FROM cars

! pattern that is not a text
SELECT name ~ name FROM cars

! pattern that is not a text
SELECT name !~* (SELECT max(name) FROM cars) FROM cars

! pattern that is not a text
SELECT name SIMILAR TO name FROM cars

! function as a table
SELECT * FROM generate_series(1, 1000000000)

! function as a table
SELECT * FROM range(1, 1000000000)

! function as a table
SELECT * FROM generate_series(TIMESTAMP '2000-01-01', TIMESTAMP '3000-01-01', INTERVAL '1 second')

! function as a table
SELECT count(*) FROM generate_series(1, 9223372036854775807) a, cars

! function as a table
SELECT * FROM numbers(1000000000)
