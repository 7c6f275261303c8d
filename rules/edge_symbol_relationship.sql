-- emits: edges SYMBOL_DEFINITION, SYMBOL_IMPLEMENTATION, SYMBOL_REFERENCE, SYMBOL_TYPE_DEFINITION
-- layer: scip
-- resolution: exact
-- why: what an index says that a symbol is to another one
WITH related AS (
    SELECT 'SYMBOL_REFERENCE' AS kind, r.symbol_id, r.target_id FROM scip_relationship AS r WHERE r.is_reference
    UNION ALL
    SELECT 'SYMBOL_IMPLEMENTATION', r.symbol_id, r.target_id FROM scip_relationship AS r WHERE r.is_implementation
    UNION ALL
    SELECT 'SYMBOL_TYPE_DEFINITION', r.symbol_id, r.target_id FROM scip_relationship AS r WHERE r.is_type_definition
    UNION ALL
    SELECT 'SYMBOL_DEFINITION', r.symbol_id, r.target_id FROM scip_relationship AS r WHERE r.is_definition
)
SELECT r.kind, r.symbol_id AS src, r.target_id AS dst, n.file_id, n.start_byte, n.end_byte
FROM related AS r
JOIN nodes_symbol AS n ON n.node_id = r.symbol_id
SEMI JOIN nodes_symbol AS t ON t.node_id = r.target_id
