-- emits: edges AST
-- resolution: exact
-- layer: syntax
-- unique: yes
-- why: every node but a FILE hangs from exactly one other
--
-- One rule for all of them: with a second the gate would look for duplicates among millions of
-- rows.
SELECT s.parent_id AS src, s.node_id AS dst, s.file_id, s.start_byte, s.end_byte
FROM syntax AS s
WHERE s.role <> 'structural' AND s.parent_id IS NOT NULL
UNION ALL
SELECT n.parent_id, n.node_id, n.file_id, n.start_byte, n.end_byte
FROM nodes_namespace_block AS n
UNION ALL
SELECT n.parent_id, n.node_id, n.file_id, n.start_byte, n.end_byte
FROM nodes_method AS n
WHERE n.name IN ('<body>', '<lambda>')
UNION ALL
SELECT n.parent_id, n.node_id, n.file_id, n.start_byte, n.end_byte
FROM nodes_method_return AS n
UNION ALL
SELECT n.parent_id, n.node_id, n.file_id, n.start_byte, n.end_byte
FROM nodes_method_parameter_out AS n
UNION ALL
SELECT n.parent_id, n.node_id, n.file_id, n.start_byte, n.end_byte
FROM nodes_local AS n
UNION ALL
SELECT n.parent_id, n.node_id, n.file_id, n.start_byte, n.end_byte
FROM nodes_member AS n
UNION ALL
SELECT q.literal_id, q.node_id, q.file_id, q.start_byte, q.end_byte
FROM quoted_token AS q
