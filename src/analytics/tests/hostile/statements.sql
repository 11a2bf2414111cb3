# Not queries

! there is no query
;

! there is no query
-- nothing

! there is no query
/* nothing */ ; ;

! Expected
SELECT

! only a query is allowed, not THIS
this is no SQL

! not INSERT
INSERT INTO cars VALUES (1)

! not INSERT
insert into cars select * from cars

! not UPDATE
UPDATE cars SET mpg = 1

! not DELETE
DELETE FROM cars

! not DROP
DROP TABLE cars

! not DROP
/* harmless */ DROP TABLE cars

! not TRUNCATE
TRUNCATE cars

! not ALTER
ALTER TABLE cars ADD COLUMN x INT

! not CREATE
CREATE TABLE x AS SELECT * FROM cars

! not CREATE
CREATE VIEW x AS SELECT * FROM cars

! not CREATE
CREATE FUNCTION f() RETURNS INT RETURN 1

! not CREATE
CREATE EXTERNAL TABLE x STORED AS CSV LOCATION '/etc/passwd'

! not CREATE
CREATE DATABASE x

! not CREATE
CREATE SCHEMA x

! not CREATE
CREATE INDEX i ON cars (mpg)

! not CREATE
CREATE SECRET s (TYPE S3)

! not COPY
COPY cars TO '/tmp/out.csv'

! not COPY
COPY (SELECT * FROM cars) TO '/tmp/out.csv'

! not COPY
COPY cars FROM PROGRAM 'curl http://example.org'

! not SET
SET datafusion.execution.target_partitions = 1000

! not RESET
RESET ALL

! not SHOW
SHOW TABLES

! not SHOW
SHOW ALL

! not SHOW
SHOW COLUMNS FROM cars

! not EXPLAIN
EXPLAIN SELECT * FROM cars

! not EXPLAIN
EXPLAIN ANALYZE SELECT * FROM cars

! not DESCRIBE
DESCRIBE cars

! not PREPARE
PREPARE p AS SELECT 1

! not EXECUTE
EXECUTE p

! not DEALLOCATE
DEALLOCATE p

! not DECLARE
DECLARE x CURSOR FOR SELECT 1

! not BEGIN
BEGIN

! not START
START TRANSACTION

! not COMMIT
COMMIT

! not ROLLBACK
ROLLBACK

! not SAVEPOINT
SAVEPOINT s

! not GRANT
GRANT ALL ON cars TO public

! not REVOKE
REVOKE ALL ON cars FROM public

! not CALL
CALL f()

! not DO
DO $$ BEGIN END $$

! not ATTACH
ATTACH DATABASE 'x.db' AS x

! not PRAGMA
PRAGMA table_info(cars)

! not VACUUM
VACUUM

! not ANALYZE
ANALYZE TABLE cars

! not KILL
KILL 1

! not USE
USE other

! not LOAD
LOAD 'x.so'

! not INSTALL
INSTALL httpfs

! not LISTEN
LISTEN x

! not MERGE
MERGE INTO cars USING sales ON true WHEN MATCHED THEN DELETE

! not UNLOAD
UNLOAD ('SELECT 1') TO 's3://bucket'

! not EXPORT
EXPORT DATA OPTIONS (uri = 'gs://x') AS SELECT 1

! not LOCK
LOCK TABLE cars

! not HANDLER
HANDLER cars OPEN

! not "SELECT"
"SELECT" 1

! not 'SELECT'
'SELECT' 1
