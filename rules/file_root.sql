-- emits: file_root
-- layer: syntax
-- why: the root of a file's tree stands for three nodes; what hangs from them asks here for their ids
SELECT
    s.file_id,
    s.node_id AS method_id,
    s.parent_id AS namespace_id,
    stable_hash64(s.node_id, 'FILE', '') AS file_node_id,
    s.start_byte,
    s.end_byte,
    s.start_line,
    s.end_line
FROM syntax AS s
WHERE s.node = 0
