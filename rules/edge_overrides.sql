-- emits: edges OVERRIDES
-- layer: types
-- why: a method hides the nearest one of its name further up the hierarchy
SELECT
    m.object_id AS src,
    l.object_id AS dst,
    CASE
        WHEN m.choices > 1 OR l.choices > 1 THEN 'candidate'
        WHEN l.is_uncertain THEN 'inferred'
        ELSE 'inherited'
    END AS resolution,
    s.file_id,
    s.start_byte,
    s.end_byte
FROM class_member AS m
JOIN member_lookup AS l ON l.type_id = m.type_id AND l.name = m.name AND l.beyond
JOIN nodes_method AS s ON s.node_id = m.object_id
WHERE m.what = 'function' AND l.what = 'function'
