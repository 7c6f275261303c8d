-- emits: name_access
-- layer: scip
-- why: whether a name is read, written, imported or called where it stands, says our own analysis
--
-- An index may mark stores as reads.
WITH used AS (
    SELECT r.file_id, r.node, CAST(r.access AS VARCHAR) AS access FROM reference AS r
    UNION
    SELECT m.file_id, m.name_node, CAST(m.access AS VARCHAR) FROM member AS m
),
callee AS (
    SELECT c.file_id, coalesce(m.name_node, c.callee_node) AS node, c.node_id AS call_id
    FROM call AS c
    LEFT JOIN member AS m ON m.file_id = c.file_id AND m.node = c.callee_node
    WHERE c.callee_node IS NOT NULL
),
statement AS (
    SELECT DISTINCT i.node_id FROM import AS i
)
SELECT
    p.file_id,
    p.start_byte,
    p.end_byte,
    CASE WHEN s.node_id IS NOT NULL THEN 'import' ELSE u.access END AS access,
    c.call_id
FROM name_place AS p
LEFT JOIN used AS u ON u.file_id = p.file_id AND u.node = p.node
LEFT JOIN callee AS c ON c.file_id = p.file_id AND c.node = p.node
LEFT JOIN statement AS s ON s.node_id = p.node_id
WHERE p.is_exact
