-- audit: a node lies outside of the span or the file of its parent
-- proof: (SELECT tree FROM proven)
SELECT n.node_id, n.kind, n.path, n.start_byte, n.end_byte, p.kind AS parent_kind,
       p.start_byte AS parent_start_byte, p.end_byte AS parent_end_byte
FROM nodes AS n
LEFT JOIN nodes AS p ON p.node_id = n.parent_id
WHERE n.parent_id IS NOT NULL
  AND (p.node_id IS NULL
       OR n.start_byte < p.start_byte
       OR n.end_byte > p.end_byte
       OR n.file_id IS DISTINCT FROM p.file_id)
