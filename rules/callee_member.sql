-- emits: callee_member
-- layer: calls
-- why: calls whose target is a name looked up in a class
--
-- On self or cls, on super(), on a class by name, and the constructor of a class that is called.
-- `beyond` starts the search behind the class itself.
WITH RECURSIVE super_call AS (
    SELECT c.file_id, c.node_id, c.start_byte, c.end_byte, c.name, c.scope, s.node AS super_node
    FROM callee AS c
    JOIN callee AS s ON s.file_id = c.file_id AND s.node = c.object_node
    WHERE s.name = 'super' AND s.resolution = 'builtin'
),
around AS (
    SELECT DISTINCT c.file_id, c.scope, c.scope AS at FROM super_call AS c
    UNION
    SELECT a.file_id, a.scope, s.parent_scope
    FROM around AS a
    JOIN scope AS s ON s.file_id = a.file_id AND s.scope = a.at
    WHERE s.kind <> 'class' AND s.parent_scope IS NOT NULL
),
class_around AS (
    SELECT a.file_id, a.scope, s.node_id AS type_id, s.name
    FROM around AS a
    JOIN scope AS s ON s.file_id = a.file_id AND s.scope = a.at
    WHERE s.kind = 'class' AND a.at <> a.scope
),
super_argument AS (
    SELECT g.file_id, g.call AS super_node, g.node
    FROM argument AS g
    SEMI JOIN super_call AS c ON c.file_id = g.file_id AND c.super_node = g.call
    WHERE g.index = 1
),
super_class AS (
    SELECT r.file_id, r.node, r.name
    FROM reference AS r
    SEMI JOIN super_argument AS g ON g.file_id = r.file_id AND g.node = r.node
)
SELECT c.file_id, c.node_id, c.start_byte, c.end_byte, s.type_id, c.name,
       false AS beyond, 'self' AS how, 1 AS choices, false AS is_imported
FROM callee AS c
JOIN self_variable AS s ON s.variable_id = c.object_variable_id
UNION ALL
SELECT c.file_id, c.node_id, c.start_byte, c.end_byte, t.type_id, c.name, true, 'super', 1, false
FROM super_call AS c
JOIN class_around AS t ON t.file_id = c.file_id AND t.scope = c.scope
LEFT JOIN super_argument AS g ON g.file_id = c.file_id AND g.super_node = c.super_node
LEFT JOIN super_class AS r ON r.file_id = g.file_id AND r.node = g.node
WHERE g.super_node IS NULL OR r.name = t.name
UNION ALL
SELECT c.file_id, c.node_id, c.start_byte, c.end_byte, x.type_id, c.name, false, 'class', x.choices, x.is_imported
FROM callee AS c
JOIN class_expression AS x ON x.file_id = c.file_id AND x.node = c.object_node
UNION ALL
SELECT c.file_id, c.node_id, c.start_byte, c.end_byte, s.type_id, '__init__', false, 'cls', 1, false
FROM callee AS c
JOIN self_variable AS s ON s.variable_id = c.variable_id
WHERE s.is_class
UNION ALL
SELECT v.file_id, v.node_id, v.start_byte, v.end_byte, v.object_id, '__init__',
       false, 'constructor', v.choices, v.is_imported
FROM callee_value AS v
WHERE v.what = 'class'
