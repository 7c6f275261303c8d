-- emits: annotation_part
-- layer: types
-- language: python
-- why: the expressions inside an annotation, but for what stands in Literal[…], which are values
--
-- `generic` is X of X[…], on everything inside the brackets.
WITH RECURSIVE inside AS (
    SELECT t.file_id, t.of_node, t.node, x.kind = 'generic_type' AS is_generic, CAST(NULL AS VARCHAR) AS generic, 0 AS depth
    FROM type_annotation AS t
    JOIN syntax AS x ON x.file_id = t.file_id AND x.node = t.node
    UNION ALL
    SELECT
        i.file_id,
        i.of_node,
        x.node,
        x.kind = 'generic_type' AS is_generic,
        CASE WHEN i.is_generic THEN coalesce(g.token, '') ELSE coalesce(r.name, m.name, i.generic) END AS generic,
        i.depth + CASE WHEN x.kind IN ('type', 'type_parameter') THEN 0 ELSE 1 END
    FROM inside AS i
    JOIN syntax AS x ON x.file_id = i.file_id AND x.parent = i.node
    LEFT JOIN syntax AS g ON g.file_id = i.file_id AND g.node = CASE WHEN i.is_generic THEN i.node + 1 END
    LEFT JOIN subscript AS u ON u.file_id = i.file_id AND u.node = i.node
    LEFT JOIN reference AS r ON r.file_id = u.file_id AND r.node = u.object_node
    LEFT JOIN member AS m ON m.file_id = u.file_id AND m.node = u.object_node
    WHERE coalesce(i.generic, '') <> 'Literal'
)
SELECT i.file_id, i.of_node, i.node, i.generic, i.depth FROM inside AS i WHERE coalesce(i.generic, '') <> 'Literal'
