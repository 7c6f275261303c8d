-- emits: edges CALL
-- layer: scip
-- witness: yes
-- why: an index says which function or class stands where the callee's name does
--
-- A property is not what is called: the call is made on its value.
WITH called AS (
    SELECT a.call_id, d.node_id, c.file_id, c.start_byte, c.end_byte
    FROM scip_reference AS r
    JOIN name_access AS a ON a.file_id = r.file_id AND a.start_byte = r.start_byte AND a.end_byte = r.end_byte
    JOIN call AS c ON c.node_id = a.call_id
    JOIN scip_definition AS d ON d.symbol_id = r.symbol_id
    WHERE r.fits AND r.is_exact AND d.is_exact
)
SELECT c.call_id AS src, f.node_id AS dst, 'exact' AS resolution, c.file_id, c.start_byte, c.end_byte
FROM called AS c
JOIN scope AS f ON f.node_id = c.node_id AND f.kind = 'function'
WHERE NOT EXISTS (
    SELECT 1 FROM decorator AS p
    WHERE p.object_id = f.node_id
      AND p.name IN ('property', 'cached_property', 'setter', 'getter', 'deleter'))
UNION
SELECT c.call_id, coalesce(m.object_id, c.node_id), CASE WHEN m.choices > 1 THEN 'candidate' ELSE 'exact' END,
       c.file_id, c.start_byte, c.end_byte
FROM called AS c
JOIN scope AS t ON t.node_id = c.node_id AND t.kind = 'class'
LEFT JOIN constructor AS m ON m.type_id = c.node_id
