-- emits: symbol_definition
-- layer: names
-- why: every place that gives a name something of its own to mean
--
-- An import does not: its name means what it means elsewhere. An attribute of objects is defined where a
-- method stores to its first parameter; where a class above has a function of that name (a property), the
-- store means that one.
WITH function_above AS (
    SELECT DISTINCT a.type_id, b.name
    FROM type_above AS a
    JOIN scope AS s ON s.node_id = a.above_id
    JOIN binding AS b ON b.file_id = s.file_id AND b.scope = s.scope
    JOIN definition AS d ON d.file_id = b.file_id AND d.binding = b.binding
    WHERE s.kind = 'class' AND d.kind = 'function'
)
SELECT
    c.node_id AS symbol_id,
    d.file_id,
    c.scope,
    c.name,
    d.node,
    x.start_byte,
    x.end_byte,
    CASE
        WHEN d.kind = 'class' THEN 'class'
        WHEN d.kind = 'function' THEN 'function'
        WHEN d.kind = 'parameter' THEN 'parameter'
        ELSE 'variable'
    END AS what,
    c.node_id AS variable_id
FROM definition AS d
JOIN binding AS b ON b.file_id = d.file_id AND b.binding = d.binding
JOIN binding AS c ON c.file_id = b.file_id AND c.binding = coalesce(b.target, b.binding)
JOIN syntax AS x ON x.file_id = d.file_id AND x.node = d.name_node
WHERE d.kind <> 'import'
UNION ALL
SELECT
    coalesce(b.node_id, stable_hash64('ATTRIBUTE', s.type_id, m.name)),
    m.file_id,
    c.scope,
    m.name,
    m.node,
    x.start_byte,
    x.end_byte,
    'variable',
    b.node_id
FROM self_variable AS s
JOIN reference AS r ON r.target_id = s.variable_id
JOIN member AS m ON m.file_id = r.file_id AND m.object_node = r.node
JOIN syntax AS x ON x.file_id = m.file_id AND x.node = m.name_node
JOIN scope AS c ON c.file_id = m.file_id AND c.node_id = s.type_id AND c.kind = 'class'
LEFT JOIN binding AS b ON b.file_id = c.file_id AND b.scope = c.scope AND b.name = m.name AND b.target IS NULL
LEFT JOIN function_above AS a ON a.type_id = s.type_id AND a.name = m.name
WHERE m.access IN ('write', 'readwrite') AND (b.node_id IS NOT NULL OR a.type_id IS NULL)
