-- Until secrets were left out of them, lines about links held their passwords. What such a line says besides stays as far as
-- it can be told apart without reading JSON, which the two databases do not do alike: of a link, which dashboard it was of
-- (fields stand in the order of the alphabet, an id has 36 characters); of anything else, nothing. A quote within a value is
-- written \", so only a field can match.
UPDATE audit SET target = CASE
    WHEN substr(target, 1, 17) = '{"dashboard_id":"' AND substr(target, 54, 2) = '",' AND substr(target, 18, 36) NOT LIKE '%"%'
        THEN substr(target, 1, 54) || '}'
    ELSE '{}' END
WHERE target LIKE '{"password":"%' OR target LIKE '%,"password":"%'
    OR target LIKE '{"secret":"%' OR target LIKE '%,"secret":"%'
    OR target LIKE '{"token":"%' OR target LIKE '%,"token":"%';
