-- emits: class_member
-- layer: types
-- why: the names of a class body and what they may hold once the body has run
WITH final_value AS (
    SELECT v.variable_id, v.what, v.object_id, v.choices FROM variable_value AS v WHERE v.until IS NULL
)
SELECT
    s.node_id AS type_id,
    b.name,
    coalesce(v.what, 'value') AS what,
    v.object_id,
    coalesce(v.choices, 1) AS choices
FROM scope AS s
JOIN binding AS b ON b.file_id = s.file_id AND b.scope = s.scope
LEFT JOIN final_value AS v ON v.variable_id = b.node_id
WHERE s.kind = 'class' AND b.target IS NULL AND b.storage <> 'implicit'
