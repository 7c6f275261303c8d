-- emits: class_expression
-- layer: types
-- why: expressions whose value is a class: a name, a member of a module, and a class inside such a class
WITH RECURSIVE outermost AS (
    SELECT r.file_id, r.node, v.object_id AS type_id, v.is_imported, v.choices
    FROM reference AS r
    JOIN variable_value AS v ON v.variable_id = r.target_id
    WHERE v.what = 'class' AND v.until IS NULL AND r.access IN ('read', 'type')
    UNION ALL
    SELECT m.file_id, m.node, m.object_id, true, m.choices
    FROM module_member AS m
    WHERE m.what = 'class'
),
value AS (
    SELECT o.file_id, o.node, o.type_id, o.is_imported, o.choices FROM outermost AS o
    UNION ALL
    SELECT m.file_id, m.node, i.object_id, v.is_imported, greatest(v.choices, i.choices)
    FROM value AS v
    JOIN member AS m ON m.file_id = v.file_id AND m.object_node = v.node
    JOIN class_member AS i ON i.type_id = v.type_id AND i.name = m.name
    WHERE i.what = 'class'
)
SELECT v.file_id, v.node, v.type_id, v.is_imported, v.choices FROM value AS v
