-- emits: edges REFERENCES_SYMBOL
-- layer: scip
-- witness: yes
-- why: an index says which symbol a name stands for
SELECT
    r.node_id AS src,
    r.symbol_id AS dst,
    CASE WHEN r.is_exact THEN 'exact' ELSE 'fallback' END AS resolution,
    r.file_id,
    r.start_byte,
    r.end_byte
FROM scip_reference AS r
WHERE r.fits
