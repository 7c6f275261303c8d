-- emits: edges CALL
-- layer: calls
-- why: the callee's name is bound to a function of the same file; several conditional definitions are candidates
SELECT
    v.node_id AS src,
    v.object_id AS dst,
    CASE WHEN v.choices > 1 THEN 'candidate' ELSE 'bound' END AS resolution,
    v.file_id,
    v.start_byte,
    v.end_byte
FROM callee_value AS v
WHERE v.what = 'function' AND NOT v.is_imported
