-- audit: an edge's evidence lies outside of its file, or ends before it starts
-- Files are few and edges many: each file's widest span is enough.
WITH widest AS (
    SELECT
        path,
        min(start_byte) AS start_byte,
        max(end_byte) AS end_byte,
        max(start_byte - end_byte) AS reversed
    FROM edges
    GROUP BY path
)
SELECT w.path, w.start_byte, w.end_byte, w.reversed > 0 AS ends_before_start, f.size_bytes
FROM widest AS w
LEFT JOIN file AS f ON f.path = w.path
WHERE w.reversed > 0
   OR w.start_byte < 0
   OR w.end_byte > f.size_bytes
   OR (w.path IS NOT NULL AND f.file_id IS NULL)
