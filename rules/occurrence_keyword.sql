-- emits: occurrences
-- layer: calls
-- why: the name of a keyword argument means the parameter of the function that is called
SELECT
    s.symbol_id,
    s.symbol,
    'read' AS role,
    e.resolution,
    a.file_id,
    x.start_byte,
    x.end_byte
FROM own_call AS e
JOIN argument AS a ON a.call_id = e.call_id AND a.kind = 'keyword'
JOIN syntax AS v ON v.file_id = a.file_id AND v.node = a.node
JOIN syntax AS x ON x.file_id = v.file_id AND x.parent = v.parent AND x.field = 'name'
JOIN scope AS f ON f.method_id = e.object_id AND f.kind = 'function'
JOIN parameter AS p ON p.file_id = f.file_id AND p.function = f.scope AND p.name = a.name
JOIN symbol_definition AS d ON d.file_id = p.file_id AND d.node = p.node AND d.what = 'parameter'
JOIN name_symbol AS s ON s.symbol_id = d.symbol_id
