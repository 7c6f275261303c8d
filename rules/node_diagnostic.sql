-- emits: nodes DIAGNOSTIC
-- layer: scip
-- why: what an indexer had to say of a place is a node
SELECT
    f.node_id,
    coalesce(f.code, f.source) AS name,
    f.file_id,
    f.start_byte,
    f.end_byte,
    p.start_line,
    p.end_line
FROM scip_finding AS f
JOIN name_place AS p ON p.file_id = f.file_id AND p.start_byte = f.start_byte AND p.end_byte = f.end_byte
