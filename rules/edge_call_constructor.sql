-- emits: edges CALL
-- resolution: bound
-- layer: calls
-- why: a class that is called runs the nearest __init__ of its hierarchy
--
-- Where the repository has none (a dataclass, a base outside) the edge leads to the TYPE_DECL: that
-- class is what is called, whatever constructs it.
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
LEFT JOIN member_lookup AS l
    ON l.type_id = c.type_id AND l.name = c.name AND l.beyond = c.beyond AND l.what = 'function'
WHERE c.how IN ('constructor', 'cls')
