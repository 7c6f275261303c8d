-- emits: decorator
-- layer: names
-- why: which function or class a decorator is applied to: its one argument
WITH applied AS (
    SELECT c.file_id, c.node, c.callee_name FROM call AS c WHERE c.kind = 'decorator'
),
decorated AS (
    SELECT a.file_id, a.call, a.node
    FROM argument AS a
    SEMI JOIN applied AS c ON c.file_id = a.file_id AND c.node = a.call
    WHERE a.index = 1
)
SELECT c.file_id, c.node, c.callee_name AS name, s.scope AS definition, s.node_id AS object_id
FROM decorated AS d
JOIN applied AS c ON c.file_id = d.file_id AND c.node = d.call
JOIN scope AS s ON s.file_id = d.file_id AND s.scope = d.node
