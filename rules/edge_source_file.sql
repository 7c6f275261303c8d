-- emits: edges SOURCE_FILE
-- resolution: exact
-- layer: syntax
-- unique: yes
-- why: a declaration says which file it is written in
WITH declaration AS (
    SELECT n.node_id, n.file_id, n.start_byte, n.end_byte FROM nodes_namespace_block AS n
    UNION ALL
    SELECT n.node_id, n.file_id, n.start_byte, n.end_byte FROM nodes_method AS n
    UNION ALL
    SELECT n.node_id, n.file_id, n.start_byte, n.end_byte FROM nodes_type_decl AS n
)
SELECT d.node_id AS src, r.file_node_id AS dst, d.file_id, d.start_byte, d.end_byte
FROM declaration AS d
JOIN file_root AS r ON r.file_id = d.file_id
