-- emits: occurrences
-- layer: modules
-- resolution: imported
-- why: `m.x` where `m` is a module of the repository means what its variable x stands for, or its submodule
SELECT s.symbol_id, s.symbol, 'read' AS role, m.file_id, x.start_byte, x.end_byte
FROM module_expression AS e
JOIN member AS m ON m.file_id = e.file_id AND m.object_node = e.node
JOIN module_name AS n ON n.module_id = e.module_id AND n.name = m.name
JOIN variable_symbol AS v ON v.variable_id = n.variable_id
JOIN name_symbol AS s ON s.symbol_id = v.symbol_id
JOIN syntax AS x ON x.file_id = m.file_id AND x.node = m.name_node
UNION
SELECT s.symbol_id, s.symbol, 'read', m.file_id, x.start_byte, x.end_byte
FROM module_expression AS e
JOIN member AS m ON m.file_id = e.file_id AND m.node = e.node
JOIN module AS d ON d.module_id = e.module_id
JOIN name_symbol AS s ON s.symbol_id = d.namespace_id
JOIN syntax AS x ON x.file_id = m.file_id AND x.node = m.name_node
