-- emits: constructor_call
-- layer: calls
-- why: a class that is called runs the constructor that it has or inherits
--
-- Where the repository has none (a dataclass, a base outside) it is the class that is called, whatever
-- constructs it.
SELECT
    c.node_id AS call_id,
    coalesce(l.object_id, c.type_id) AS object_id,
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
LEFT JOIN constructor AS l ON l.type_id = c.type_id
WHERE c.how IN ('constructor', 'cls')
