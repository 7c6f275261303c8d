-- emits: typed_expression
-- fixpoint: typed
-- layer: types
-- why: a name is what its variable holds
SELECT r.file_id, r.node, v.type_id
FROM typed_variable AS v
JOIN variable_symbol AS s ON s.symbol_id = v.symbol_id
JOIN reference AS r ON r.target_id = s.variable_id
WHERE r.access = 'read'
