-- emits: typed_expression
-- fixpoint: typed
-- layer: types
-- why: self is an object of its class
SELECT r.file_id, r.node, s.type_id
FROM self_variable AS s
JOIN reference AS r ON r.target_id = s.variable_id
WHERE NOT s.is_class AND r.access = 'read'
