-- emits: module_expression
-- layer: modules
-- why: expressions whose value is a module
--
-- The name of an imported module, and `a.b` where `a` is one and `b` is a module bound in it or
-- below it.
WITH RECURSIVE below AS (
    SELECT p.module_id, n.name, v.object_id AS to_module
    FROM module AS p
    JOIN module_name AS n ON n.module_id = p.module_id
    JOIN variable_value AS v ON v.variable_id = n.variable_id
    WHERE v.what = 'module' AND v.until IS NULL
    UNION
    SELECT p.module_id, regexp_replace(c.location, '^.*/', ''), c.module_id
    FROM module AS p
    JOIN module AS c ON p.location = regexp_replace(c.location, '(^|/)[^/]*$', '')
    WHERE p.is_package AND p.is_importable AND c.is_importable AND c.location <> ''
),
value AS (
    SELECT r.file_id, r.node, v.object_id AS module_id
    FROM reference AS r
    JOIN variable_value AS v ON v.variable_id = r.target_id
    WHERE v.what = 'module' AND v.until IS NULL AND r.access IN ('read', 'type')
    UNION
    SELECT m.file_id, m.node, b.to_module
    FROM value AS v
    JOIN member AS m ON m.file_id = v.file_id AND m.object_node = v.node
    JOIN below AS b ON b.module_id = v.module_id AND b.name = m.name
)
SELECT v.file_id, v.node, v.module_id FROM value AS v
