-- emits: nodes NAMESPACE_BLOCK
-- layer: syntax
-- unique: yes
-- why: a parsed file is a module: a block of names under the name that an import would use
SELECT
    r.namespace_id AS node_id,
    m.name,
    m.name AS qualified_name,
    r.file_id,
    r.start_byte,
    r.end_byte,
    r.start_line,
    r.end_line,
    r.file_node_id AS parent_id,
    1 AS ordinal
FROM file_root AS r
LEFT JOIN module AS m ON m.file_id = r.file_id
