-- emits: name_place
-- layer: scip
-- why: a place of an index that is no node's span stands for the smallest node around it
--
-- The last node that begins before the place, or one above that.
WITH RECURSIVE lost AS (
    SELECT p.file_id, p.start_byte, p.end_byte
    FROM (
        SELECT o.file_id, o.start_byte, o.end_byte FROM scip_occurrence AS o
        UNION
        SELECT d.file_id, d.start_byte, d.end_byte FROM scip_diagnostic AS d
    ) AS p
    ANTI JOIN syntax AS x
        ON x.file_id = p.file_id AND x.start_byte = p.start_byte AND x.end_byte = p.end_byte
    WHERE p.end_byte > 0
),
point AS (
    SELECT x.file_id, x.start_byte, 0 AS end_byte, x.node
    FROM syntax AS x
    SEMI JOIN lost AS l ON l.file_id = x.file_id
    UNION ALL
    SELECT l.file_id, l.start_byte, l.end_byte, NULL FROM lost AS l
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
)
SELECT
    c.file_id,
    c.start_byte,
    c.end_byte,
    c.node,
    coalesce(CASE WHEN x.role = 'structural' THEN x.parent_id ELSE x.node_id END, t.method_id) AS node_id,
    x.start_line,
    x.end_line,
    false AS is_exact
FROM climb AS c
JOIN syntax AS x ON x.file_id = c.file_id AND x.node = c.node
JOIN file_root AS t ON t.file_id = c.file_id
WHERE x.end_byte >= c.end_byte
