# Files and the network, in any position

! there is no table 'data.parquet'
SELECT * FROM 'data.parquet'

! there is no table
SELECT * FROM "/etc/passwd"

! there is no table
SELECT * FROM "https://example.org/x.csv"

! there is no table
SELECT * FROM "s3://bucket/x.parquet"

! there is no table
SELECT * FROM "file:///etc/passwd"

! there is no table
SELECT * FROM "vizroom://store/files/1/cars.parquet"

! there is no table
SELECT * FROM `/etc/passwd`

! there is no table
SELECT * FROM "../../other/cars.parquet"

! there is no table
SELECT * FROM cars, "/etc/passwd"

! there is no table
SELECT * FROM cars JOIN "/etc/passwd" p ON true

! there is no table
SELECT (SELECT count(*) FROM "/etc/passwd")

! there is no table
WITH cars AS (SELECT * FROM "/etc/passwd") SELECT * FROM cars

! function as a table
SELECT * FROM read_parquet('x')

! function as a table
SELECT * FROM read_csv('/etc/passwd')

! function as a table
SELECT * FROM read_csv_auto('http://169.254.169.254/latest/meta-data')

! function as a table
SELECT * FROM read_json('x')

! function as a table
SELECT * FROM read_text('/etc/passwd')

! function as a table
SELECT * FROM read_blob('/etc/passwd')

! function as a table
SELECT * FROM glob('/*')

! function as a table
SELECT * FROM parquet_metadata('x')

! function as a table
SELECT * FROM parquet_scan('x')

! function as a table
SELECT * FROM sqlite_scan('x.db', 't')

! function as a table
SELECT * FROM postgres_scan('host=10.0.0.1', 'public', 't')

! function as a table
SELECT * FROM dblink('host=10.0.0.1', 'SELECT 1')

! function as a table
SELECT * FROM url('http://10.0.0.1/', 'CSV')

! function as a table
SELECT * FROM s3('http://x/', 'CSV')

!
SELECT * FROM OPENROWSET(BULK 'x', SINGLE_CLOB)

! function as a table
SELECT * FROM file('/etc/passwd')

! function as a table
SELECT * FROM cars, read_csv('/etc/passwd') p

! function as a table
SELECT (SELECT count(*) FROM read_csv('/etc/passwd'))

! function as a table
WITH a AS (SELECT * FROM read_csv('/etc/passwd')) SELECT 1

! anything but a dataset
SELECT * FROM TABLE(read_csv('x'))

! function read_file
SELECT read_file('/etc/passwd')

! function pg_read_file
SELECT pg_read_file('/etc/passwd')

! function pg_ls_dir
SELECT pg_ls_dir('/')

! function lo_import
SELECT lo_import('/etc/passwd')

! function lo_export
SELECT lo_export(1, '/tmp/x')

! function load_file
SELECT load_file('/etc/passwd')

! function readfile
SELECT readfile('/etc/passwd')

! function writefile
SELECT writefile('/tmp/x', 'x')

! function load_extension
SELECT load_extension('x')

! function dblink_connect
SELECT dblink_connect('host=10.0.0.1')

! function http_get
SELECT http_get('http://10.0.0.1')

! function input_file_name
SELECT input_file_name() FROM cars

! function getenv
SELECT getenv('HOME')

! function system
SELECT system('id')

! function xp_cmdshell
SELECT xp_cmdshell('id')

# … where a function may stand

! function read_file
SELECT mpg FROM cars WHERE read_file('x') = 'x'

! function read_file
SELECT mpg FROM cars GROUP BY read_file('x')

! function read_file
SELECT count(*) FROM cars GROUP BY ROLLUP (mpg, read_file('x'))

! function read_file
SELECT count(*) FROM cars HAVING read_file('x') = 'x'

! function read_file
SELECT mpg FROM cars ORDER BY read_file('x')

! function read_file
SELECT mpg FROM cars LIMIT length(read_file('x'))

! function read_file
SELECT mpg FROM cars OFFSET length(read_file('x'))

!
SELECT mpg FROM cars FETCH FIRST length(read_file('x')) ROWS ONLY

! function read_file
SELECT sum(mpg) FILTER (WHERE read_file('x') = 'x') FROM cars

! function read_file
SELECT sum(mpg) OVER (PARTITION BY read_file('x')) FROM cars

! function read_file
SELECT sum(mpg) OVER (ORDER BY read_file('x')) FROM cars

! function read_file
SELECT sum(mpg) OVER (ROWS BETWEEN length(read_file('x')) PRECEDING AND CURRENT ROW) FROM cars

! function read_file
SELECT sum(mpg) OVER w FROM cars WINDOW w AS (ORDER BY read_file('x'))

! function read_file
SELECT mpg FROM cars QUALIFY read_file('x') = 'x'

! function read_file
SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY read_file('x')) FROM cars

! function read_file
SELECT string_agg(name, ',' ORDER BY read_file('x')) FROM cars

! function read_file
SELECT CASE WHEN true THEN read_file('x') END

! function read_file
SELECT CASE read_file('x') WHEN 'x' THEN 1 END

! function read_file
SELECT CASE WHEN true THEN 1 ELSE read_file('x') END

! function read_file
SELECT mpg IN (1, read_file('x')) FROM cars

! function read_file
SELECT mpg BETWEEN 1 AND read_file('x') FROM cars

! function read_file
SELECT name LIKE read_file('x') FROM cars

! function read_file
SELECT CAST(read_file('x') AS INT)

! function read_file
SELECT read_file('x')::INT

! function read_file
SELECT EXTRACT(YEAR FROM read_file('x'))

! function read_file
SELECT substring(read_file('x') FROM 1 FOR read_file('y'))

! function read_file
SELECT trim(BOTH read_file('x') FROM 'a')

! function read_file
SELECT position('a' IN read_file('x'))

! INTERVAL before read_file
SELECT year + INTERVAL read_file('x') DAY FROM cars

! function read_file
SELECT year AT TIME ZONE read_file('x') FROM cars

! function read_file
SELECT INTERVAL (read_file('x')) DAY

! function read_file
SELECT -read_file('x')

! function read_file
SELECT NOT read_file('x')

! function read_file
SELECT read_file('x') IS NULL

! function read_file
SELECT (read_file('x'), 1)

! function read_file
SELECT upper(lower(upper(lower(read_file('x')))))

! function read_file
SELECT * FROM (VALUES (read_file('x'))) v

! function read_file
VALUES (read_file('x'))

! function read_file
SELECT * FROM cars JOIN sales ON read_file('x') = 'x'

! function read_file
SELECT DISTINCT ON (read_file('x')) mpg FROM cars

! function read_file
SELECT * REPLACE (read_file('x') AS mpg) FROM cars

! function read_file
SELECT EXISTS (SELECT read_file('x'))

! function read_file
SELECT 1 UNION ALL SELECT read_file('x')

! function read_file
SELECT 1 EXCEPT (SELECT 2 INTERSECT SELECT read_file('x'))
