-- emits: callee_value
-- layer: calls
-- why: the functions and classes that the callee of a call may be: by its name, in a module, or a class inside a class
--
-- A name of the same scope means what it held at the call, a name of another scope what is left when
-- that has run.
WITH value AS (
    SELECT c.file_id, c.node_id, c.start_byte, c.end_byte, v.what, v.object_id,
           v.is_imported OR v.file_id <> c.file_id AS is_imported
    FROM callee AS c
    JOIN variable_value AS v ON v.variable_id = c.variable_id
    WHERE CASE
            WHEN v.file_id = c.file_id AND v.scope = c.name_scope
            THEN v.after < c.node AND (v.until IS NULL OR v.until >= c.node)
            ELSE v.until IS NULL
        END
    UNION
    SELECT c.file_id, c.node_id, c.start_byte, c.end_byte, m.what, m.object_id, true
    FROM callee AS c
    JOIN module_member AS m ON m.file_id = c.file_id AND m.node = c.member_node
    UNION
    SELECT c.file_id, c.node_id, c.start_byte, c.end_byte, 'class', x.type_id, x.is_imported
    FROM callee AS c
    JOIN class_expression AS x ON x.file_id = c.file_id AND x.node = c.member_node
    UNION
    SELECT c.file_id, c.node_id, c.start_byte, c.end_byte, i.what, i.object_id, false
    FROM callee AS c
    JOIN self_variable AS s ON s.variable_id = c.object_variable_id
    JOIN class_member AS i ON i.type_id = s.type_id AND i.name = c.name
    WHERE i.what = 'class'
)
SELECT
    v.file_id,
    v.node_id,
    v.start_byte,
    v.end_byte,
    v.what,
    v.object_id,
    v.is_imported,
    count(*) OVER (PARTITION BY v.node_id) AS choices
FROM value AS v
