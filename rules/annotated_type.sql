-- emits: annotated_type
-- layer: types
-- language: python
-- why: the class that an annotation names: as it stands, in quotes, in Optional[…], or beside None
WITH outermost AS (
    SELECT p.file_id, p.of_node, p.node FROM annotation_part AS p WHERE p.depth <= 1 AND p.generic IS NULL
    UNION
    SELECT p.file_id, p.of_node, p.node FROM annotation_part AS p WHERE p.depth = 2 AND p.generic = 'Optional'
    UNION
    SELECT p.file_id, p.of_node, p.node
    FROM annotation_part AS p
    JOIN syntax AS x ON x.file_id = p.file_id AND x.node = p.node
    JOIN syntax AS o ON o.file_id = x.file_id AND o.node = x.parent
    WHERE p.depth = 2 AND p.generic IS NULL AND o.kind = 'binary_operator'
)
SELECT o.file_id, o.of_node, c.type_id
FROM outermost AS o
JOIN class_expression AS c ON c.file_id = o.file_id AND c.node = o.node
UNION
SELECT o.file_id, o.of_node, v.object_id
FROM outermost AS o
JOIN quoted_name AS q ON q.file_id = o.file_id AND q.node = o.node
JOIN variable_value AS v ON v.variable_id = q.variable_id
WHERE q.is_last AND v.what = 'class' AND v.until IS NULL
