-- emits: scip_reference
-- layer: scip
-- why: what an index says of the names that are used, and whether its word fits the text
--
-- The name in the symbol stands in the text, or is imported under the name that stands there; a name that is
-- neither is the index's mistake. Of a file that we do not parse only the index knows what is imported.
WITH aliased AS (
    SELECT r.file_id, r.node, i.name
    FROM import AS i
    JOIN reference AS r ON r.file_id = i.file_id AND r.binding = i.binding
    WHERE i.name IS NOT NULL
    UNION
    SELECT i.file_id, i.name_node, i.name FROM import AS i WHERE i.name IS NOT NULL
    UNION
    SELECT i.file_id, x.node, i.name
    FROM import AS i
    JOIN syntax AS x ON x.file_id = i.file_id AND x.parent = i.name_node
    WHERE i.name IS NOT NULL
)
SELECT
    o.file_id,
    o.start_byte,
    o.end_byte,
    o.symbol_id,
    p.node_id,
    p.is_exact,
    bool_or(o.name_match <> 'other' OR a.node IS NOT NULL OR p.node IS NULL) AS fits
FROM scip_occurrence AS o
JOIN name_place AS p ON p.file_id = o.file_id AND p.start_byte = o.start_byte AND p.end_byte = o.end_byte
LEFT JOIN scip_symbol AS s
    ON s.index = o.index AND s.document = o.document
    AND s.symbol_id = CASE WHEN o.name_match = 'other' THEN o.symbol_id END
LEFT JOIN aliased AS a ON a.file_id = p.file_id AND a.node = p.node AND a.name = s.name
WHERE NOT o.is_definition
GROUP BY o.file_id, o.start_byte, o.end_byte, o.symbol_id, p.node_id, p.is_exact
