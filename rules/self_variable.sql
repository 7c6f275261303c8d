-- emits: self_variable
-- layer: types
-- why: the first parameter of a method is an object of its class, or the class
--
-- Not of a static method, and not where the name is bound again.
SELECT
    b.node_id AS variable_id,
    c.node_id AS type_id,
    EXISTS (
        SELECT 1 FROM decorator AS s
        WHERE s.file_id = f.file_id AND s.definition = f.scope AND s.name = 'classmethod') AS is_class
FROM parameter AS p
JOIN scope AS f ON f.file_id = p.file_id AND f.scope = p.function
JOIN scope AS c ON c.file_id = f.file_id AND c.scope = f.parent_scope
JOIN first_definition AS d ON d.file_id = p.file_id AND d.node = p.node
JOIN binding AS b ON b.file_id = d.file_id AND b.binding = d.binding
WHERE p.index = 1
  AND d.times = 1
  AND d.is_parameter
  AND p.kind IN ('positional', 'positional_only')
  AND f.kind = 'function'
  AND c.kind = 'class'
  AND NOT EXISTS (
      SELECT 1 FROM decorator AS s
      WHERE s.file_id = f.file_id AND s.definition = f.scope AND s.name = 'staticmethod')
