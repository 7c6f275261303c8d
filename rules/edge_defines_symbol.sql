-- emits: edges DEFINES_SYMBOL
-- layer: scip
-- why: an index says which symbol a declaration defines
SELECT
    d.node_id AS src,
    d.symbol_id AS dst,
    CASE WHEN d.is_exact THEN 'exact' ELSE 'fallback' END AS resolution,
    d.file_id,
    d.start_byte,
    d.end_byte
FROM scip_definition AS d
