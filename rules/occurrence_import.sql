-- emits: occurrences
-- layer: modules
-- language: python
-- resolution: imported
-- why: the module and the names of an import statement, and what they are renamed to
WITH part AS (
    SELECT i.file_id, i.node, i.name_node, x.start_byte, x.end_byte, x.field = 'alias' AS is_alias
    FROM import AS i
    JOIN syntax AS x ON x.file_id = i.file_id AND x.parent = i.name_node
    WHERE x.field IN ('name', 'alias') AND NOT i.is_star
),
written AS (
    SELECT p.file_id, p.node, p.name_node, p.start_byte, p.end_byte FROM part AS p
    UNION
    SELECT i.file_id, i.node, i.name_node, x.start_byte, x.end_byte
    FROM import AS i
    JOIN syntax AS x ON x.file_id = i.file_id AND x.node = i.name_node
    ANTI JOIN part AS p ON p.file_id = i.file_id AND p.name_node = i.name_node AND p.is_alias
    WHERE NOT i.is_star
),
path AS (
    SELECT i.file_id, i.level, coalesce(i.module, '') AS module, x.start_byte, x.end_byte
    FROM import AS i
    JOIN syntax AS x ON x.file_id = i.file_id AND x.parent = i.node AND x.field = 'module_name'
    UNION
    SELECT i.file_id, i.level, i.module, w.start_byte, w.end_byte
    FROM import AS i
    JOIN written AS w ON w.file_id = i.file_id AND w.name_node = i.name_node
    WHERE i.name IS NULL
),
target AS (
    SELECT i.file_id, i.name_node, t.to_variable, t.to_module
    FROM import AS i
    JOIN binding AS b ON b.file_id = i.file_id AND b.binding = i.binding
    JOIN import_target AS t ON t.file_id = i.file_id AND t.node = i.node AND t.variable_id = b.node_id
    WHERE i.name IS NOT NULL
),
meant AS (
    SELECT p.file_id, p.start_byte, p.end_byte, m.namespace_id AS symbol_id
    FROM path AS p
    JOIN module_lookup AS l ON l.file_id = p.file_id AND l.level = p.level AND l.path = p.module
    JOIN module AS m ON m.module_id = l.module_id
    UNION
    SELECT w.file_id, w.start_byte, w.end_byte, v.symbol_id
    FROM target AS t
    JOIN variable_symbol AS v ON v.variable_id = t.to_variable
    JOIN written AS w ON w.file_id = t.file_id AND w.name_node = t.name_node
    UNION
    SELECT w.file_id, w.start_byte, w.end_byte, m.namespace_id
    FROM target AS t
    JOIN module AS m ON m.module_id = t.to_module
    JOIN written AS w ON w.file_id = t.file_id AND w.name_node = t.name_node
)
SELECT s.symbol_id, s.symbol, 'import' AS role, m.file_id, m.start_byte, m.end_byte
FROM meant AS m
JOIN name_symbol AS s ON s.symbol_id = m.symbol_id
