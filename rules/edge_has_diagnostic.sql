-- emits: edges HAS_DIAGNOSTIC
-- layer: scip
-- resolution: exact
-- why: a diagnostic hangs on the syntax that it is about; the label is how grave it is
SELECT p.node_id AS src, f.node_id AS dst, f.severity AS label, f.file_id, f.start_byte, f.end_byte
FROM scip_finding AS f
JOIN name_place AS p ON p.file_id = f.file_id AND p.start_byte = f.start_byte AND p.end_byte = f.end_byte
