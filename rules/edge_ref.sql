-- emits: edges REF
-- resolution: bound
-- layer: names
-- unique: yes
-- why: the language's scoping rules give each use of a name the one variable it can mean
SELECT r.node_id AS src, r.target_id AS dst, r.file_id, r.start_byte, r.end_byte
FROM reference AS r
WHERE r.target_id IS NOT NULL
