-- emits: name_place
-- layer: scip
-- why: where something stands, in an index or by our own analysis, there is the deepest syntax node with just that span
--
-- What has no node of its own in the graph (the name of a declaration or of an import) stands for the
-- node above it. An empty span at the start of a file is the module.
WITH place AS (
    SELECT p.file_id, p.start_byte, p.end_byte FROM scip_occurrence AS p
    UNION
    SELECT d.file_id, d.start_byte, d.end_byte FROM scip_diagnostic AS d
    UNION
    SELECT o.file_id, o.start_byte, o.end_byte FROM occurrences AS o
),
deepest AS (
    SELECT p.file_id, p.start_byte, p.end_byte, max(x.node) AS node
    FROM place AS p
    JOIN syntax AS x ON x.file_id = p.file_id AND x.start_byte = p.start_byte AND x.end_byte = p.end_byte
    WHERE p.start_byte < p.end_byte
    GROUP BY p.file_id, p.start_byte, p.end_byte
)
SELECT
    d.file_id,
    d.start_byte,
    d.end_byte,
    d.node,
    coalesce(CASE WHEN x.role = 'structural' THEN x.parent_id ELSE x.node_id END, t.method_id) AS node_id,
    x.start_line,
    x.end_line,
    true AS is_exact
FROM deepest AS d
JOIN syntax AS x ON x.file_id = d.file_id AND x.node = d.node
JOIN file_root AS t ON t.file_id = d.file_id
UNION ALL
SELECT p.file_id, p.start_byte, p.end_byte, 0, coalesce(t.namespace_id, t.method_id), 1, 1, true
FROM place AS p
JOIN file_root AS t ON t.file_id = p.file_id
WHERE p.start_byte = 0 AND p.end_byte = 0
