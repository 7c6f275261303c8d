-- emits: type_attribute
-- layer: types
-- why: the symbols of a class by their names: what its body binds, imports followed, and what its methods store
SELECT s.node_id AS type_id, b.name, v.symbol_id
FROM scope AS s
JOIN binding AS b ON b.file_id = s.file_id AND b.scope = s.scope
JOIN variable_symbol AS v ON v.variable_id = b.node_id
WHERE s.kind = 'class' AND b.target IS NULL AND b.storage <> 'implicit'
UNION
SELECT s.node_id, d.name, d.symbol_id
FROM symbol_definition AS d
JOIN scope AS s ON s.file_id = d.file_id AND s.scope = d.scope
WHERE d.variable_id IS NULL
