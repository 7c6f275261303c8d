-- emits: variable_definition
-- layer: names
-- why: what a variable holds, and from where to where, if some definition of it is a function, a class or an import
--
-- A definition counts from behind its text (`after`) until the next unconditional one (`until`, NULL
-- for what is left when the scope has run): `class A(A)` and `f = f(x)` use what was there before. One
-- that another function makes, behind `global`, may happen at any time and ends nothing. A literal
-- ends what was before but cannot be called: it has no row.
WITH callable AS (
    SELECT d.file_id, d.binding, count(*) > 1 AS is_rebound
    FROM definition AS d
    GROUP BY d.file_id, d.binding
    HAVING bool_or(d.kind IN ('function', 'class', 'import'))
),
declared_elsewhere AS (
    SELECT DISTINCT b.file_id, b.target AS binding FROM binding AS b WHERE b.declared AND b.target IS NOT NULL
),
written AS (
    SELECT
        d.file_id,
        d.binding,
        d.node,
        d.kind,
        d.conditional,
        CASE WHEN d.kind IN ('function', 'class') THEN d.node END AS scope,
        CASE WHEN d.kind NOT IN ('function', 'class', 'import') THEN d.value_node END AS value_node,
        CASE
            WHEN c.is_rebound AND d.kind NOT IN ('function', 'class', 'import') THEN coalesce(d.value_node, d.node)
            WHEN c.is_rebound THEN d.node
        END AS last_of
    FROM callable AS c
    JOIN definition AS d ON d.file_id = c.file_id AND d.binding = c.binding
),
placed AS (
    SELECT w.file_id, w.binding, w.node, w.kind, w.scope, w.value_node,
           coalesce(x.last, w.node) AS after,
           g.binding IS NOT NULL AND x.function_id <> r.method_id AS is_elsewhere,
           w.conditional
    FROM written AS w
    LEFT JOIN syntax AS x ON x.file_id = w.file_id AND x.node = w.last_of
    LEFT JOIN declared_elsewhere AS g ON g.file_id = w.file_id AND g.binding = w.binding
    LEFT JOIN file_root AS r ON r.file_id = w.file_id
),
ended AS (
    SELECT p.file_id, p.binding, p.node, p.kind, p.scope, p.value_node, p.after, p.is_elsewhere,
           min(CASE WHEN NOT p.conditional AND p.is_elsewhere IS NOT TRUE THEN p.after END) OVER (
               PARTITION BY p.file_id, p.binding
               ORDER BY p.after, p.node
               ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING) AS until
    FROM placed AS p
)
SELECT
    b.node_id AS variable_id,
    e.file_id,
    b.scope,
    e.node,
    e.after,
    CASE WHEN e.is_elsewhere IS NOT TRUE THEN e.until END AS until,
    CASE WHEN e.kind IN ('function', 'class', 'import') THEN CAST(e.kind AS VARCHAR) ELSE 'value' END AS what,
    s.node_id AS object_id
FROM ended AS e
JOIN binding AS b ON b.file_id = e.file_id AND b.binding = e.binding
LEFT JOIN scope AS s ON s.file_id = e.file_id AND s.scope = e.scope
LEFT JOIN literal AS l ON l.file_id = e.file_id AND l.node = e.value_node
WHERE l.node IS NULL
