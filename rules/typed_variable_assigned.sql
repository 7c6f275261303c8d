-- emits: typed_variable
-- fixpoint: typed
-- layer: types
-- why: what a variable holds that is bound once, and an attribute, by the value that it gets
SELECT s.symbol_id, e.type_id
FROM typed_expression AS e
JOIN stored_value AS s ON s.file_id = e.file_id AND s.node = e.node
