-- emits: module_member
-- layer: modules
-- why: what `m.x` may be where `m` is a module of the repository: what the module's variable x may hold
WITH final_value AS (
    SELECT v.variable_id, v.what, v.object_id FROM variable_value AS v WHERE v.until IS NULL
)
SELECT
    m.file_id,
    m.node,
    CASE
        WHEN v.what IS NOT NULL THEN v.what
        WHEN n.variable_id IS NOT NULL THEN 'value'
        ELSE 'missing'
    END AS what,
    v.object_id,
    count(*) OVER (PARTITION BY m.file_id, m.node) AS choices
FROM module_expression AS e
JOIN member AS m ON m.file_id = e.file_id AND m.object_node = e.node
LEFT JOIN module_name AS n ON n.module_id = e.module_id AND n.name = m.name
LEFT JOIN final_value AS v ON v.variable_id = n.variable_id
