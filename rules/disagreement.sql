-- emits: disagreement
-- layer: scip
-- why: where an index and our own analysis have nothing in common, both say what they found
--
-- A symbol that the index refers to and defines nowhere is often the index's mistake; a name that is not in
-- its symbol always is.
WITH told AS (
    SELECT 'REFERENCES_SYMBOL' AS what, e.src, e.dst, e.rule, e.origin, e.resolution, e.ambiguity_group,
           e.file_id, e.start_byte, e.end_byte
    FROM edges_references_symbol AS e
    WHERE e.ambiguity_group IS NOT NULL
    UNION ALL
    SELECT 'CALL', e.src, e.dst, e.rule, e.origin, e.resolution, e.ambiguity_group,
           e.file_id, e.start_byte, e.end_byte
    FROM edges_call AS e
    WHERE e.ambiguity_group IS NOT NULL
),
defined AS (
    SELECT DISTINCT d.symbol_id FROM scip_definition AS d
),
local_symbol AS (
    SELECT DISTINCT s.symbol_id FROM scip_symbol AS s WHERE s.descriptor = 'local'
)
SELECT
    i.what,
    i.src AS node_id,
    CASE
        WHEN i.what = 'CALL' OR d.symbol_id IS NOT NULL THEN 'target'
        WHEN l.symbol_id IS NOT NULL THEN 'undefined_local'
        ELSE 'undefined'
    END AS reason,
    i.dst AS index_id,
    o.dst AS own_id,
    o.rule AS own_rule,
    o.resolution AS own_resolution,
    i.file_id,
    i.start_byte,
    i.end_byte
FROM told AS i
JOIN told AS o ON o.ambiguity_group = i.ambiguity_group AND o.origin <> 'scip'
LEFT JOIN defined AS d ON d.symbol_id = i.dst
LEFT JOIN local_symbol AS l ON l.symbol_id = i.dst
WHERE i.origin = 'scip'
UNION ALL
SELECT 'REFERENCES_SYMBOL', r.node_id, 'name', r.symbol_id, NULL, NULL, NULL, r.file_id, r.start_byte, r.end_byte
FROM scip_reference AS r
WHERE NOT r.fits
