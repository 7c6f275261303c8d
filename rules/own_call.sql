-- emits: own_call
-- layer: calls
-- why: the calls that are found from the source alone, for what an index is compared with
SELECT
    v.node_id AS call_id,
    v.object_id,
    CASE WHEN v.choices > 1 THEN 'candidate' WHEN v.is_imported THEN 'imported' ELSE 'bound' END AS resolution
FROM callee_value AS v
WHERE v.what = 'function'
UNION ALL
SELECT m.call_id, m.object_id, m.resolution FROM method_call AS m
UNION ALL
SELECT c.call_id, c.object_id, c.resolution FROM constructor_call AS c
