-- emits: edges CALL
-- layer: calls
-- why: a class that is called runs the nearest __init__ of its hierarchy, or else the nearest __new__
--
-- Where the repository has neither (a dataclass, a base outside) the edge leads to the TYPE_DECL: that
-- class is what is called, whatever constructs it.
WITH maker AS (
    SELECT l.type_id, l.at, l.object_id, l.choices, l.is_uncertain
    FROM member_lookup AS l
    WHERE NOT l.beyond AND l.what = 'function' AND (l.name = '__init__' OR l.name = '__new__')
    QUALIFY rank() OVER (PARTITION BY l.type_id ORDER BY l.name) = 1
)
SELECT
    c.node_id AS src,
    coalesce(l.object_id, c.type_id) AS dst,
    CASE
        WHEN c.choices > 1 OR l.choices > 1 THEN 'candidate'
        WHEN l.is_uncertain THEN 'inferred'
        WHEN l.at <> c.type_id OR c.how = 'cls' THEN 'inherited'
        WHEN c.is_imported THEN 'imported'
        ELSE 'bound'
    END AS resolution,
    c.file_id,
    c.start_byte,
    c.end_byte
FROM callee_member AS c
LEFT JOIN maker AS l ON l.type_id = c.type_id
WHERE c.how IN ('constructor', 'cls')
