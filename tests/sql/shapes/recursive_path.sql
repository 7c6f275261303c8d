-- all ancestors with their distance
WITH RECURSIVE ancestor(person, above, distance) AS (
    SELECT child, parent, 1 FROM parent_of
    UNION ALL
    -- one step further up
    SELECT a.person, p.parent, a.distance + 1
    FROM ancestor AS a JOIN parent_of AS p ON p.child = a.above
    WHERE a.distance < 50
)
SELECT person, above, min(distance) AS distance FROM ancestor GROUP BY ALL ORDER BY ALL
