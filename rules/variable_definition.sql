-- emits: variable_definition
-- layer: names
-- why: what a variable may hold where some definition of it is a function, a class or an import: its last unconditional definition and the conditional ones behind it. What comes before is gone by the time other scopes run. A literal cannot be called and is left out; a variable that functions declare global may be bound in any order
WITH callable AS (
    SELECT d.file_id, d.binding, max(d.node) FILTER (WHERE NOT d.conditional) AS last_plain
    FROM definition AS d
    GROUP BY d.file_id, d.binding
    HAVING bool_or(d.kind IN ('function', 'class', 'import'))
),
declared_elsewhere AS (
    SELECT DISTINCT b.file_id, b.target AS binding FROM binding AS b WHERE b.declared AND b.target IS NOT NULL
),
live AS (
    SELECT d.file_id, d.binding, d.node, d.kind, d.value_node
    FROM callable AS c
    JOIN definition AS d ON d.file_id = c.file_id AND d.binding = c.binding
    LEFT JOIN declared_elsewhere AS e ON e.file_id = c.file_id AND e.binding = c.binding
    WHERE d.node >= coalesce(c.last_plain, 0) OR e.binding IS NOT NULL
)
SELECT
    b.node_id AS variable_id,
    v.file_id,
    v.binding,
    b.scope,
    v.node,
    CASE WHEN v.kind IN ('function', 'class', 'import') THEN CAST(v.kind AS VARCHAR) ELSE 'value' END AS what,
    s.node_id AS object_id
FROM live AS v
JOIN binding AS b ON b.file_id = v.file_id AND b.binding = v.binding
LEFT JOIN scope AS s ON s.file_id = v.file_id AND s.scope = v.node AND v.kind IN ('function', 'class')
LEFT JOIN literal AS l ON l.file_id = v.file_id AND l.node = v.value_node
    AND v.kind NOT IN ('function', 'class', 'import')
WHERE l.node IS NULL
