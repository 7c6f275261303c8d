-- emits: decorator
-- layer: names
-- why: which function or class a decorator is written on: the definition beside it under one node
SELECT c.file_id, c.node, c.callee_name AS name, s.scope AS definition, s.node_id AS object_id
FROM call AS c
JOIN syntax AS x ON x.file_id = c.file_id AND x.node = c.node
JOIN syntax AS d ON d.file_id = x.file_id AND d.parent = x.parent
JOIN scope AS s ON s.file_id = d.file_id AND s.scope = d.node
WHERE c.kind = 'decorator' AND d.role IN ('function', 'class')
