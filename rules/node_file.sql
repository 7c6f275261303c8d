-- emits: nodes FILE
-- layer: syntax
-- unique: yes
-- why: every scanned file is a node, parsed or not; one that was skipped has no tree and takes its id from its path
SELECT
    coalesce(r.file_node_id, stable_hash64(f.file_id, 'FILE', '')) AS node_id,
    f.path AS name,
    f.file_id,
    CASE WHEN f.size_bytes < 2147483648 THEN 0 END AS start_byte,
    CASE WHEN f.size_bytes < 2147483648 THEN CAST(f.size_bytes AS INTEGER) END AS end_byte,
    1 AS start_line,
    greatest(f.line_count, 1) AS end_line,
    1 AS ordinal
FROM file AS f
LEFT JOIN file_root AS r ON r.file_id = f.file_id
