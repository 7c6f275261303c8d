-- emits: scip_definition
-- layer: scip
-- why: what an index says is defined where, and the declaration that stands there
WITH declared AS (
    SELECT d.file_id, d.name_node AS node, coalesce(s.node_id, b.node_id) AS node_id
    FROM definition AS d
    JOIN binding AS b ON b.file_id = d.file_id AND b.binding = d.binding
    LEFT JOIN scope AS s
        ON s.file_id = d.file_id AND s.scope = CASE WHEN d.kind IN ('function', 'class') THEN d.node END
    WHERE d.name_node IS NOT NULL AND d.kind <> 'import'
)
SELECT DISTINCT
    o.symbol_id,
    coalesce(d.node_id, p.node_id) AS node_id,
    o.file_id,
    o.start_byte,
    o.end_byte,
    p.start_line,
    p.end_line,
    p.is_exact
FROM scip_occurrence AS o
JOIN name_place AS p ON p.file_id = o.file_id AND p.start_byte = o.start_byte AND p.end_byte = o.end_byte
LEFT JOIN declared AS d ON d.file_id = p.file_id AND d.node = CASE WHEN p.is_exact THEN p.node END
WHERE o.is_definition AND (o.name_match <> 'other' OR p.node IS NULL)
