-- audit: several nodes have one id
-- proof: (SELECT node_ids FROM proven)
SELECT node_id, count(*) AS times, min(kind) AS kind, max(kind) AS other_kind, min(path) AS path
FROM nodes
GROUP BY node_id
HAVING count(*) > 1
