-- emits: props
-- layer: scip
-- why: the text of a diagnostic, how grave it is, and who says it
WITH pair AS (
    SELECT f.node_id, f.file_id, 'message' AS key, f.message AS value FROM scip_finding AS f
    UNION ALL
    SELECT f.node_id, f.file_id, 'severity', f.severity FROM scip_finding AS f
    UNION ALL
    SELECT f.node_id, f.file_id, 'source', f.source FROM scip_finding AS f
    UNION ALL
    SELECT f.node_id, f.file_id, 'tag', 'unnecessary' FROM scip_finding AS f WHERE f.is_unnecessary
    UNION ALL
    SELECT f.node_id, f.file_id, 'tag', 'deprecated' FROM scip_finding AS f WHERE f.is_deprecated
)
SELECT p.node_id, p.key, p.value AS value_str, p.file_id FROM pair AS p WHERE p.value IS NOT NULL
