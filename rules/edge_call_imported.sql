-- emits: edges CALL
-- layer: calls
-- why: the callee is a function that imports lead to, by its own name or as a member of a module
SELECT
    v.node_id AS src,
    v.object_id AS dst,
    CASE WHEN v.choices > 1 THEN 'candidate' ELSE 'imported' END AS resolution,
    v.file_id,
    v.start_byte,
    v.end_byte
FROM callee_value AS v
WHERE v.what = 'function' AND v.is_imported
