-- emits: unresolved
-- layer: calls
-- unique: yes
-- why: every call without a target has a row that says why
--
-- So that what is not known is not mistaken for what is not there. docs/resolution.md lists the reasons.
WITH open_call AS (
    SELECT c.file_id, c.node_id, c.callee_name, c.name, c.variable_id, c.resolution, c.member_node,
           c.object_node, c.object_variable_id, c.object_resolution, c.start_byte, c.end_byte,
           CASE WHEN c.member_node IS NOT NULL THEN c.start_byte END AS root_start
    FROM callee AS c
    ANTI JOIN edges_call AS e ON e.src = c.node_id
),
root_name AS (
    SELECT c.node_id, r.resolution, r.target_id
    FROM open_call AS c
    JOIN reference AS r ON r.file_id = c.file_id AND r.start_byte = c.root_start
),
looked_up AS (
    SELECT
        c.node_id,
        min(CASE
            WHEN l.what = 'function' THEN 'property'
            WHEN l.what IS NOT NULL THEN 'class_attribute'
            WHEN o.type_id IS NOT NULL THEN 'external_base'
            WHEN c.how = 'super' THEN 'builtin'
            ELSE 'not_in_hierarchy'
        END) AS reason
    FROM callee_member AS c
    LEFT JOIN member_lookup AS l ON l.type_id = c.type_id AND l.name = c.name AND l.beyond = c.beyond
    LEFT JOIN (
        SELECT b.type_id FROM open_base AS b
        UNION
        SELECT a.type_id FROM type_above AS a JOIN open_base AS b ON b.type_id = a.above_id
    ) AS o ON o.type_id = c.type_id
    GROUP BY c.node_id
),
named AS (
    SELECT v.node_id, min(v.what) AS what, bool_or(v.is_imported) AS is_imported FROM callee_value AS v GROUP BY v.node_id
),
rebound AS (
    SELECT DISTINCT v.variable_id FROM variable_value AS v
),
imported AS (
    SELECT DISTINCT t.variable_id FROM import_target AS t
),
outside AS (
    SELECT v.variable_id FROM variable_value AS v WHERE v.what = 'external' AND v.choices = 1 AND v.until IS NULL
)
SELECT
    c.node_id,
    'CALL' AS what,
    coalesce(c.name, c.callee_name) AS name,
    CASE
        WHEN l.reason IS NOT NULL THEN l.reason
        WHEN n.what = 'external' THEN 'external'
        WHEN n.what = 'missing' THEN 'missing_name'
        WHEN n.what = 'module' THEN 'module_called'
        WHEN n.what = 'value' AND n.is_imported THEN 'module_value'
        WHEN n.what = 'value' THEN 'local_value'
        WHEN g.variable_id IS NOT NULL THEN 'rebound'
        WHEN i.variable_id IS NOT NULL THEN 'missing_name'
        WHEN c.resolution = 'builtin' THEN 'builtin'
        WHEN c.resolution = 'star' THEN 'star_import'
        WHEN c.resolution IN ('unbound', 'global') THEN 'unbound'
        WHEN p.node_id IS NOT NULL THEN 'parameter'
        WHEN c.variable_id IS NOT NULL THEN 'local_value'
        WHEN c.member_node IS NULL THEN 'dynamic_callee'
        WHEN t.node IS NOT NULL THEN 'builtin'
        WHEN x.variable_id IS NOT NULL THEN 'external'
        WHEN r.resolution = 'builtin' AND c.object_resolution IS NOT NULL THEN 'builtin'
        WHEN c.object_resolution IN ('unbound', 'global') THEN 'unbound'
        WHEN c.object_resolution = 'star' THEN 'star_import'
        WHEN q.node_id IS NOT NULL THEN 'attribute_of_parameter'
        ELSE 'attribute_of_unknown'
    END AS reason,
    CAST(0 AS INTEGER) AS candidates,
    c.file_id,
    c.start_byte,
    c.end_byte
FROM open_call AS c
LEFT JOIN looked_up AS l ON l.node_id = c.node_id
LEFT JOIN named AS n ON n.node_id = c.node_id
LEFT JOIN rebound AS g ON g.variable_id = c.variable_id
LEFT JOIN imported AS i ON i.variable_id = c.variable_id
LEFT JOIN nodes_method_parameter_in AS p ON p.node_id = c.variable_id
LEFT JOIN nodes_method_parameter_in AS q ON q.node_id = c.object_variable_id
LEFT JOIN literal AS t ON t.file_id = c.file_id AND t.node = c.object_node
LEFT JOIN root_name AS r ON r.node_id = c.node_id
LEFT JOIN outside AS x ON x.variable_id = r.target_id
