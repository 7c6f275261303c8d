-- emits: callee_value
-- layer: calls
-- why: the functions and classes that the callee of a call may be, by its name or as a member of a module. A variable of the same scope that is bound only behind the call is not what the call meant
SELECT
    c.file_id,
    c.node_id,
    c.start_byte,
    c.end_byte,
    CASE WHEN v.file_id = c.file_id AND v.scope = c.name_scope AND v.node > c.node THEN 'rebound' ELSE v.what END AS what,
    v.object_id,
    v.is_imported,
    v.choices,
    'name' AS how
FROM callee AS c
JOIN variable_value AS v ON v.variable_id = c.variable_id
UNION ALL
SELECT c.file_id, c.node_id, c.start_byte, c.end_byte, m.what, m.object_id, true, m.choices, 'member'
FROM callee AS c
JOIN module_member AS m ON m.file_id = c.file_id AND m.node = c.member_node
