-- emits: name_place
-- layer: scip
-- why: where something stands, in an index or by our own analysis, there is the deepest syntax node with just that span
--
-- Of a place that is no node's span it is the smallest node around it: the last node that begins before the
-- place, or one above that. An empty span at the start of a file is the module. What has no node of its own in
-- the graph (the name of a declaration or of an import) stands for the node above it. A name in a quoted
-- annotation is a node below the literal, which lends it its number. A file of a language that
-- we do not parse has no syntax (node is NULL): the FILE stands for its module and for all that is in it.
WITH RECURSIVE place AS (
    SELECT o.file_id, o.start_byte, o.end_byte FROM scip_occurrence AS o
    UNION
    SELECT d.file_id, d.start_byte, d.end_byte FROM scip_diagnostic AS d
    UNION
    SELECT o.file_id, o.start_byte, o.end_byte FROM occurrences AS o
),
unparsed AS (
    SELECT n.file_id, n.node_id FROM nodes_file AS n ANTI JOIN file_root AS t ON t.file_id = n.file_id
),
deepest AS (
    SELECT p.file_id, p.start_byte, p.end_byte, max(x.node) AS node
    FROM place AS p
    JOIN syntax AS x ON x.file_id = p.file_id AND x.start_byte = p.start_byte AND x.end_byte = p.end_byte
    WHERE p.end_byte > 0
    GROUP BY p.file_id, p.start_byte, p.end_byte
),
lost AS (
    SELECT p.file_id, p.start_byte, p.end_byte
    FROM place AS p
    ANTI JOIN deepest AS d ON d.file_id = p.file_id AND d.start_byte = p.start_byte AND d.end_byte = p.end_byte
    WHERE p.end_byte > 0
),
quoted AS (
    SELECT l.file_id, l.start_byte, l.end_byte, q.node, q.node_id, q.start_line
    FROM lost AS l
    JOIN quoted_token AS q ON q.file_id = l.file_id AND q.start_byte = l.start_byte AND q.end_byte = l.end_byte
),
stray AS (
    SELECT l.file_id, l.start_byte, l.end_byte
    FROM lost AS l
    ANTI JOIN quoted AS q ON q.file_id = l.file_id AND q.start_byte = l.start_byte AND q.end_byte = l.end_byte
),
point AS (
    SELECT x.file_id, x.start_byte, 0 AS end_byte, x.node
    FROM syntax AS x
    SEMI JOIN stray AS l ON l.file_id = x.file_id
    UNION ALL
    SELECT l.file_id, l.start_byte, l.end_byte, NULL FROM stray AS l
),
begun AS (
    SELECT
        p.file_id,
        p.start_byte,
        p.end_byte,
        p.node IS NULL AS is_place,
        max(p.node) OVER (
            PARTITION BY p.file_id
            ORDER BY p.start_byte
            RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS node
    FROM point AS p
),
climb AS (
    SELECT b.file_id, b.start_byte, b.end_byte, b.node FROM begun AS b WHERE b.is_place
    UNION ALL
    SELECT c.file_id, c.start_byte, c.end_byte, x.parent
    FROM climb AS c
    JOIN syntax AS x ON x.file_id = c.file_id AND x.node = c.node
    WHERE x.end_byte < c.end_byte
),
found AS (
    SELECT d.file_id, d.start_byte, d.end_byte, d.node, true AS is_exact FROM deepest AS d
    UNION ALL
    SELECT c.file_id, c.start_byte, c.end_byte, c.node, false FROM climb AS c
)
SELECT
    f.file_id,
    f.start_byte,
    f.end_byte,
    f.node,
    coalesce(CASE WHEN x.role = 'structural' THEN x.parent_id ELSE x.node_id END, t.method_id) AS node_id,
    x.start_line,
    x.end_line,
    f.is_exact
FROM found AS f
JOIN syntax AS x ON x.file_id = f.file_id AND x.node = f.node
JOIN file_root AS t ON t.file_id = f.file_id
WHERE x.end_byte >= f.end_byte
UNION ALL
SELECT q.file_id, q.start_byte, q.end_byte, q.node, q.node_id, q.start_line, q.start_line, true
FROM quoted AS q
UNION ALL
SELECT p.file_id, p.start_byte, p.end_byte, 0, coalesce(t.namespace_id, t.method_id), 1, 1, true
FROM place AS p
JOIN file_root AS t ON t.file_id = p.file_id
WHERE p.end_byte = 0
UNION ALL
SELECT DISTINCT p.file_id, p.start_byte, p.end_byte, CAST(NULL AS INTEGER), n.node_id, p.start_line, p.end_line, p.end_byte = 0
FROM (
    SELECT o.file_id, o.start_byte, o.end_byte, o.start_line, o.end_line FROM scip_occurrence AS o
    UNION ALL
    SELECT d.file_id, d.start_byte, d.end_byte, d.start_line, d.end_line FROM scip_diagnostic AS d
) AS p
JOIN unparsed AS n ON n.file_id = p.file_id
