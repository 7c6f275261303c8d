-- emits: returned_type
-- layer: types
-- why: the class of what a function gives, by its annotation
SELECT d.symbol_id, a.type_id, p.definition IS NOT NULL AS is_property
FROM symbol_definition AS d
JOIN annotated_type AS a ON a.file_id = d.file_id AND a.of_node = d.node
LEFT JOIN decorator AS p ON p.file_id = d.file_id AND p.definition = d.node
    AND p.name IN ('property', 'cached_property')
WHERE d.what = 'function'
