-- emits: edges CALLS_SYMBOL, IMPORTS_SYMBOL, READS_SYMBOL, WRITES_SYMBOL
-- layer: scip
-- why: how the name that refers to a symbol is used there; what is deleted is written
WITH used AS (
    SELECT e.src, e.dst, e.resolution, e.confidence, e.ambiguity_group, e.origin, e.file_id, e.start_byte, e.end_byte,
           a.access, a.call_id
    FROM edges_references_symbol AS e
    JOIN name_access AS a ON a.file_id = e.file_id AND a.start_byte = e.start_byte AND a.end_byte = e.end_byte
)
SELECT 'READS_SYMBOL' AS kind, u.src, u.dst, u.resolution, u.confidence, u.ambiguity_group, u.origin,
       u.file_id, u.start_byte, u.end_byte
FROM used AS u
WHERE u.access IN ('read', 'readwrite')
UNION ALL
SELECT 'WRITES_SYMBOL', u.src, u.dst, u.resolution, u.confidence, u.ambiguity_group, u.origin,
       u.file_id, u.start_byte, u.end_byte
FROM used AS u
WHERE u.access IN ('write', 'readwrite', 'delete')
UNION ALL
SELECT 'IMPORTS_SYMBOL', u.src, u.dst, u.resolution, u.confidence, u.ambiguity_group, u.origin,
       u.file_id, u.start_byte, u.end_byte
FROM used AS u
WHERE u.access = 'import'
UNION ALL
SELECT 'CALLS_SYMBOL', u.call_id, u.dst, u.resolution, u.confidence, u.ambiguity_group, u.origin,
       u.file_id, u.start_byte, u.end_byte
FROM used AS u
WHERE u.call_id IS NOT NULL
