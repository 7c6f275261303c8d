-- audit: nodes hang from each other in a circle
-- proof: (SELECT tree FROM proven)
-- A parent's span holds its child's (audit_tree_span), so a circle is of nodes with one span. Such pairs are
-- followed down from where they begin; what is never reached hangs from itself.
WITH RECURSIVE pair AS (
    SELECT n.node_id, n.parent_id
    FROM nodes AS n
    JOIN nodes AS p ON p.node_id = n.parent_id AND p.start_byte = n.start_byte AND p.end_byte = n.end_byte
),
reached AS (
    SELECT c.node_id FROM pair AS c ANTI JOIN pair AS p ON p.node_id = c.parent_id
    UNION ALL
    SELECT c.node_id FROM reached AS r JOIN pair AS c ON c.parent_id = r.node_id
),
circle AS (
    SELECT c.node_id FROM pair AS c ANTI JOIN reached AS r ON r.node_id = c.node_id
)
SELECT n.node_id, n.parent_id, n.kind, n.path
FROM circle AS c
JOIN nodes AS n ON n.node_id = c.node_id
