-- emits: edges IMPORTS
-- resolution: imported
-- layer: modules
-- language: python
-- why: an import statement leads to the module it names, and to what is behind the names it takes
--
-- The label is the path as written, or the name: of a submodule, or of a function or class followed to
-- its definition. From file to file: the path of the edge, and that of the NAMESPACE_BLOCK.
WITH written AS (
    SELECT i.file_id, i.node, x.node_id, x.start_byte, x.end_byte, i.module, i.name, i.level, i.binding,
           repeat('.', i.level) || coalesce(i.module, '') AS path
    FROM import AS i
    JOIN syntax AS x ON x.file_id = i.file_id AND x.node = i.node
    WHERE x.role = 'import'
),
target AS (
    SELECT w.file_id, w.node_id, w.start_byte, w.end_byte, m.namespace_id AS dst, w.path AS label
    FROM written AS w
    JOIN module_lookup AS l ON l.file_id = w.file_id AND l.level = w.level AND l.path = coalesce(w.module, '')
    JOIN module AS m ON m.module_id = l.module_id
    WHERE m.namespace_id IS NOT NULL
    UNION
    SELECT w.file_id, w.node_id, w.start_byte, w.end_byte, m.namespace_id, w.name
    FROM written AS w
    JOIN binding AS b ON b.file_id = w.file_id AND b.binding = w.binding
    JOIN import_target AS t ON t.file_id = w.file_id AND t.node = w.node AND t.variable_id = b.node_id
    JOIN module AS m ON m.module_id = t.to_module
    WHERE w.name IS NOT NULL AND m.namespace_id IS NOT NULL
    UNION
    SELECT w.file_id, w.node_id, w.start_byte, w.end_byte, coalesce(m.namespace_id, v.object_id), w.name
    FROM written AS w
    JOIN binding AS b ON b.file_id = w.file_id AND b.binding = w.binding
    JOIN import_target AS t ON t.file_id = w.file_id AND t.node = w.node AND t.variable_id = b.node_id
    JOIN variable_value AS v ON v.variable_id = t.to_variable
    LEFT JOIN module AS m ON m.module_id = CASE v.what WHEN 'module' THEN v.object_id END
    WHERE w.name IS NOT NULL
      AND v.until IS NULL
      AND (v.what IN ('function', 'class') OR m.namespace_id IS NOT NULL)
)
SELECT t.node_id AS src, t.dst, t.label, t.file_id, t.start_byte, t.end_byte
FROM target AS t
