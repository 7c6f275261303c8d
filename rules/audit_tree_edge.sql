-- audit: the AST edges are not the parents that the nodes name: each node of syntax has one
-- proof: (SELECT tree FROM proven)
WITH tree AS (
    SELECT src, dst FROM edges WHERE kind = 'AST'
),
named AS (
    SELECT parent_id, node_id, kind, path FROM nodes WHERE file_id IS NOT NULL AND kind NOT IN ('FILE', 'SYMBOL', 'DIAGNOSTIC')
)
SELECT n.node_id, n.kind, n.path, n.parent_id, t.src AS ast_parent, t.dst AS ast_child
FROM named AS n
FULL JOIN tree AS t ON t.dst = n.node_id
WHERE t.src IS DISTINCT FROM n.parent_id OR n.node_id IS NULL OR t.dst IS NULL
UNION ALL
SELECT dst, 'several parents', NULL, NULL, min(src), max(src) FROM tree GROUP BY dst HAVING count(*) > 1
