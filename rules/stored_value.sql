-- emits: stored_value
-- layer: names
-- why: the expressions that are the values of variables bound once, and of attributes
WITH once AS (
    SELECT f.file_id, f.binding FROM first_definition AS f WHERE f.times = 1
)
SELECT b.node_id AS symbol_id, d.file_id, d.value_node AS node
FROM definition AS d
JOIN once AS o ON o.file_id = d.file_id AND o.binding = d.binding
JOIN binding AS b ON b.file_id = d.file_id AND b.binding = d.binding
WHERE d.value_node IS NOT NULL AND d.kind <> 'parameter' AND b.target IS NULL
UNION ALL
SELECT d.symbol_id, a.file_id, a.value
FROM assign AS a
JOIN member AS m ON m.file_id = a.file_id AND m.node = a.target
JOIN symbol_definition AS d ON d.file_id = m.file_id AND d.node = m.node
WHERE a.value IS NOT NULL AND a.path IS NULL AND a.operator IS NULL
