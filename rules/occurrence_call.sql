-- emits: occurrences
-- layer: calls
-- why: the name behind the dot of a call means the method that is called, `super().m()` among them
SELECT
    s.symbol_id,
    s.symbol,
    'read' AS role,
    e.resolution,
    c.file_id,
    x.start_byte,
    x.end_byte
FROM own_call AS e
JOIN call AS c ON c.node_id = e.call_id
JOIN member AS m ON m.file_id = c.file_id AND m.node = c.callee_node
JOIN scope AS f ON f.method_id = e.object_id AND f.kind = 'function' AND f.name = m.name
JOIN symbol_definition AS d ON d.file_id = f.file_id AND d.node = f.scope
JOIN name_symbol AS s ON s.symbol_id = d.symbol_id
JOIN syntax AS x ON x.file_id = m.file_id AND x.node = m.name_node
