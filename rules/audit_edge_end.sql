-- audit: an edge leads from or to a node that is not there
-- proof: (SELECT edge_ends FROM proven)
SELECT e.kind, e.src, e.dst, e.path, e.rule
FROM edges AS e
ANTI JOIN nodes AS n ON n.node_id = e.src
UNION ALL
SELECT e.kind, e.src, e.dst, e.path, e.rule
FROM edges AS e
ANTI JOIN nodes AS n ON n.node_id = e.dst
