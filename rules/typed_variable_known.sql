-- emits: typed_variable
-- fixpoint: typed
-- layer: types
-- why: what a variable or an attribute holds, by its annotation
SELECT d.symbol_id, a.type_id
FROM symbol_definition AS d
JOIN annotated_type AS a ON a.file_id = d.file_id AND a.of_node = d.node
WHERE d.what <> 'function'
