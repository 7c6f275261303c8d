-- emits: edges PARAMETER_LINK
-- resolution: exact
-- layer: syntax
-- unique: yes
-- why: the two sides of one parameter
SELECT
    p.node_id AS src,
    stable_hash64(p.node_id, 'METHOD_PARAMETER_OUT', '') AS dst,
    p.file_id,
    p.start_byte,
    p.end_byte
FROM nodes_method_parameter_in AS p
