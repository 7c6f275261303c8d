-- emits: nodes METHOD_RETURN
-- layer: syntax
-- unique: yes
-- why: what a method gives back needs a place that callers can point to; it is empty, at the method's end
SELECT
    stable_hash64(m.node_id, 'METHOD_RETURN', '') AS node_id,
    m.file_id,
    m.end_byte AS start_byte,
    m.end_byte,
    m.end_line AS start_line,
    m.end_line,
    m.node_id AS parent_id,
    m.node_id AS function_id
FROM nodes_method AS m
