-- stars with changes
SELECT * EXCLUDE (secret, t.other) REPLACE (upper(name) AS name) RENAME (id AS key), u.*, COLUMNS('^amount_'), count(*), COLUMNS(lambda c: c LIKE 'x%') FROM t JOIN u USING (id)
