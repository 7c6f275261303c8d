-- emits: nodes METHOD_PARAMETER_OUT
-- layer: syntax
-- unique: yes
-- why: what the caller passed may come back changed: the same parameter as seen after the call
SELECT
    stable_hash64(p.node_id, 'METHOD_PARAMETER_OUT', '') AS node_id,
    p.name,
    p.file_id,
    p.end_byte AS start_byte,
    p.end_byte,
    p.end_line AS start_line,
    p.end_line,
    p.parent_id,
    p.function_id
FROM nodes_method_parameter_in AS p
