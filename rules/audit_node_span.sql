-- audit: a node's span lies outside of its file, or ends before it starts
-- proof: NOT EXISTS (SELECT 1 FROM nodes AS n LEFT JOIN file AS f ON f.file_id = n.file_id WHERE n.start_byte > n.end_byte OR n.start_byte < 0 OR n.end_byte > f.size_bytes OR n.start_line > n.end_line OR (n.file_id IS NOT NULL AND f.file_id IS NULL))
-- The proof is the same search without the texts that a message wants.
SELECT n.node_id, n.kind, n.path, n.start_byte, n.end_byte, f.size_bytes
FROM nodes AS n
LEFT JOIN file AS f ON f.file_id = n.file_id
WHERE n.start_byte > n.end_byte
   OR n.start_byte < 0
   OR n.end_byte > f.size_bytes
   OR n.start_line > n.end_line
   OR (n.file_id IS NOT NULL AND f.file_id IS NULL)
