-- emits: method_call
-- layer: calls
-- why: a method called on self, cls, super() or a class by name is the nearest one in the class hierarchy
--
-- A property is not what is called: the call is made on its value.
SELECT
    c.node_id AS call_id,
    l.object_id,
    CASE
        WHEN c.choices > 1 OR l.choices > 1 THEN 'candidate'
        WHEN l.is_uncertain THEN 'inferred'
        ELSE 'inherited'
    END AS resolution,
    c.file_id,
    c.start_byte,
    c.end_byte
FROM callee_member AS c
JOIN member_lookup AS l ON l.type_id = c.type_id AND l.name = c.name AND l.beyond = c.beyond
WHERE c.how NOT IN ('constructor', 'cls')
  AND l.what = 'function'
  AND NOT EXISTS (
      SELECT 1 FROM decorator AS p
      WHERE p.object_id = l.object_id
        AND p.name IN ('property', 'cached_property', 'setter', 'getter', 'deleter'))
