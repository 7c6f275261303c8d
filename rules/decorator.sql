-- emits: decorator
-- layer: names
-- why: which function or class a decorator is applied to: its one argument
SELECT c.file_id, c.node, c.callee_name AS name, s.scope AS definition, s.node_id AS object_id
FROM call AS c
JOIN argument AS a ON a.file_id = c.file_id AND a.call = c.node
JOIN scope AS s ON s.file_id = a.file_id AND s.scope = a.node
WHERE c.kind = 'decorator' AND a.index = 1
