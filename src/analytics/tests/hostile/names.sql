# What is not the caller's: catalogues, other tenants' data

! there is no table passwords
SELECT * FROM passwords

! there is no table information_schema.tables
SELECT * FROM information_schema.tables

! there is no table
SELECT * FROM INFORMATION_SCHEMA.COLUMNS

! there is no table
SELECT * FROM "information_schema"."tables"

! there is no table
SELECT * FROM information_schema.df_settings

! there is no table
SELECT * FROM information_schema.routines

! there is no table
SELECT * FROM datafusion.information_schema.tables

! there is no table
SELECT * FROM pg_catalog.pg_tables

! there is no table pg_tables
SELECT * FROM pg_tables

! there is no table pg_shadow
SELECT * FROM pg_shadow

! there is no table pg_stat_activity
SELECT * FROM pg_stat_activity

! there is no table sqlite_master
SELECT * FROM sqlite_master

! there is no table sqlite_schema
SELECT * FROM sqlite_schema

! there is no table
SELECT * FROM mysql.user

! there is no table
SELECT * FROM performance_schema.threads

! there is no table
SELECT * FROM sys.objects

! there is no table duckdb_tables
SELECT * FROM duckdb_tables

! there is no table
SELECT * FROM datafusion.public.cars

! there is no table
SELECT * FROM public.cars

! there is no table
SELECT * FROM "public.cars"

! there is no table
SELECT * FROM "CARS"

! there is no table
SELECT * FROM "cars "

! there is no table
SELECT * FROM ""

! there is no table
SELECT * FROM "cars""--"

! there is no table
SELECT * FROM a.b.c.cars

! more than 4 parts
SELECT * FROM a.b.c.d.cars

# Another tenant's, asked for in every position: this engine has it, this caller does not

! there is no table secrets
SELECT * FROM secrets

! there is no table SECRETS
SELECT * FROM SECRETS

! there is no table "secrets"
SELECT * FROM "secrets"

! there is no table
SELECT * FROM tenant_b.secrets

! there is no table
SELECT * FROM "files/2/secrets.parquet"

! there is no table secrets
SELECT * FROM cars, secrets

! there is no table secrets
SELECT * FROM cars NATURAL JOIN secrets

! there is no table secrets
SELECT * FROM cars LEFT JOIN secrets ON true

! there is no table secrets
SELECT * FROM cars, (SELECT * FROM secrets) s

! there is no table secrets
SELECT * FROM (cars CROSS JOIN secrets)

! there is no table secrets
SELECT (SELECT max(code) FROM secrets) FROM cars

! there is no table secrets
SELECT * FROM cars WHERE mpg IN (SELECT code FROM secrets)

! there is no table secrets
SELECT * FROM cars WHERE EXISTS (SELECT 1 FROM secrets WHERE secrets.code = cars.mpg)

! there is no table secrets
SELECT * FROM cars WHERE mpg > (SELECT avg(code) FROM secrets)

! there is no table secrets
SELECT * FROM cars UNION SELECT * FROM secrets

! there is no table secrets
SELECT * FROM cars ORDER BY (SELECT 1 FROM secrets)

! there is no table secrets
SELECT * FROM cars LIMIT (SELECT count(*) FROM secrets)

! there is no table secrets
SELECT count(*) FROM cars GROUP BY (SELECT 1 FROM secrets)

! there is no table secrets
SELECT count(*) FROM cars HAVING count(*) > (SELECT 1 FROM secrets)

! there is no table secrets
SELECT CASE WHEN (SELECT count(*) FROM secrets) > 0 THEN 1 / 0 ELSE 1 END

! there is no table secrets
SELECT sum(mpg) OVER (ORDER BY (SELECT code FROM secrets)) FROM cars

! there is no table secrets
WITH a AS (SELECT * FROM secrets) SELECT * FROM a

! there is no table secrets
WITH a AS (SELECT * FROM cars), b AS (SELECT * FROM a, secrets) SELECT 1

! there is no table secrets
WITH cars AS (SELECT * FROM secrets) SELECT * FROM cars

! there is no table secrets
VALUES ((SELECT code FROM secrets))

! there is no table b
WITH a AS (SELECT * FROM b), b AS (SELECT 1) SELECT * FROM a

! there is no table a
SELECT * FROM (WITH a AS (SELECT 1) SELECT * FROM a) x, a

! there is no table a
WITH a AS (SELECT * FROM a) SELECT * FROM a

! there is no table x
SELECT * FROM (SELECT 1) x, (SELECT * FROM x) y

! there is no table c
SELECT * FROM cars c, (SELECT * FROM c) y
