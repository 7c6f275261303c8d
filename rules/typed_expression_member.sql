-- emits: typed_expression
-- fixpoint: typed
-- layer: types
-- why: a member is what the attribute of its object holds, and what its property or its method is annotated to give
SELECT m.file_id, m.node, v.type_id
FROM typed_expression AS e
JOIN member AS m ON m.file_id = e.file_id AND m.object_node = e.node
JOIN type_member AS t ON t.type_id = e.type_id AND t.name = m.name
JOIN typed_variable AS v ON v.symbol_id = t.symbol_id
UNION
SELECT m.file_id, m.node, r.type_id
FROM typed_expression AS e
JOIN member AS m ON m.file_id = e.file_id AND m.object_node = e.node
JOIN type_member AS t ON t.type_id = e.type_id AND t.name = m.name
JOIN returned_type AS r ON r.symbol_id = t.symbol_id
WHERE r.is_property
UNION
SELECT c.file_id, c.node, r.type_id
FROM typed_expression AS e
JOIN member AS m ON m.file_id = e.file_id AND m.object_node = e.node
JOIN call AS c ON c.file_id = m.file_id AND c.callee_node = m.node
JOIN type_member AS t ON t.type_id = e.type_id AND t.name = m.name
JOIN returned_type AS r ON r.symbol_id = t.symbol_id
WHERE NOT r.is_property
