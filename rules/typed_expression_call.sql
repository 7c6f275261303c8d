-- emits: typed_expression
-- fixpoint: typed
-- layer: types
-- why: a call gives an object of the class that is called, or what the called function is annotated to give
SELECT c.file_id, c.node, t.dst AS type_id
FROM call AS c
JOIN edges_eval_type AS t ON t.src = c.node_id
UNION
SELECT c.file_id, c.node, r.type_id
FROM call AS c
JOIN own_call AS e ON e.call_id = c.node_id
JOIN scope AS f ON f.method_id = e.object_id AND f.kind = 'function'
JOIN symbol_definition AS d ON d.file_id = f.file_id AND d.node = f.scope
JOIN returned_type AS r ON r.symbol_id = d.symbol_id
