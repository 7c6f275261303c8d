-- emits: edges CONTAINS
-- resolution: exact
-- layer: syntax
-- unique: yes
-- why: a METHOD holds what its code evaluates, at any depth; comments are not evaluated
SELECT s.function_id AS src, s.node_id AS dst, s.file_id, s.start_byte, s.end_byte
FROM syntax AS s
WHERE s.function_id IS NOT NULL AND s.role <> 'structural' AND s.role <> 'module' AND s.role <> 'comment'
