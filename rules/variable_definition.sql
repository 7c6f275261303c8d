-- emits: variable_definition
-- layer: names
-- why: what a variable holds, and from where to where, if some definition of it is a function, a class or an import
--
-- A definition counts from behind its text (`after`) until the next unconditional one (`until`, NULL
-- for what is left when the scope has run): `class A(A)` and `f = f(x)` use what was there before. One
-- that another function makes, behind `global`, may happen at any time and ends nothing. A literal
-- ends what was before but cannot be called: it has no row.
WITH callable AS (
    SELECT f.file_id, f.binding, f.times, f.node, f.callable AS what
    FROM first_definition AS f
    WHERE f.callable IS NOT NULL
),
declared_elsewhere AS (
    SELECT DISTINCT b.file_id, b.target AS binding FROM binding AS b WHERE b.declared AND b.target IS NOT NULL
),
rebound AS (
    SELECT d.file_id, d.binding, d.node, d.conditional,
           CASE WHEN d.kind IN ('function', 'class', 'import') THEN CAST(d.kind AS VARCHAR) ELSE 'value' END AS what,
           CASE WHEN d.kind NOT IN ('function', 'class', 'import') THEN d.value_node END AS value_node,
           CASE
               WHEN d.kind IN ('function', 'class', 'import') THEN d.node
               ELSE coalesce(d.value_node, d.node)
           END AS last_of
    FROM definition AS d
    SEMI JOIN callable AS c ON c.file_id = d.file_id AND c.binding = d.binding AND c.times > 1
),
called_never AS (
    SELECT r.file_id, r.node, r.binding
    FROM rebound AS r
    JOIN literal AS l ON l.file_id = r.file_id AND l.node = r.value_node
),
placed AS (
    SELECT r.file_id, r.binding, r.node, r.what, x.last AS after,
           e.binding IS NOT NULL AND x.function_id <> t.method_id AS is_elsewhere,
           r.conditional
    FROM rebound AS r
    JOIN syntax AS x ON x.file_id = r.file_id AND x.node = r.last_of
    LEFT JOIN file_root AS t ON t.file_id = r.file_id
    LEFT JOIN declared_elsewhere AS e ON e.file_id = r.file_id AND e.binding = r.binding
),
ended AS (
    SELECT p.file_id, p.binding, p.node, p.what, p.after,
           CASE WHEN NOT p.is_elsewhere
                THEN min(CASE WHEN NOT p.conditional AND NOT p.is_elsewhere THEN p.after END) OVER (
                    PARTITION BY p.file_id, p.binding
                    ORDER BY p.after, p.node, p.what, p.conditional, p.is_elsewhere
                    ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING)
           END AS until
    FROM placed AS p
),
lasting AS (
    SELECT c.file_id, c.binding, c.node, c.what, c.node AS after, CAST(NULL AS INTEGER) AS until
    FROM callable AS c
    WHERE c.times = 1
    UNION ALL
    SELECT e.file_id, e.binding, e.node, e.what, e.after, e.until
    FROM ended AS e
    ANTI JOIN called_never AS n ON n.file_id = e.file_id AND n.node = e.node AND n.binding = e.binding
)
SELECT
    b.node_id AS variable_id,
    v.file_id,
    b.scope,
    v.node,
    v.after,
    v.until,
    v.what,
    s.node_id AS object_id
FROM lasting AS v
JOIN binding AS b ON b.file_id = v.file_id AND b.binding = v.binding
LEFT JOIN scope AS s
    ON s.file_id = v.file_id AND s.scope = CASE WHEN v.what IN ('function', 'class') THEN v.node END
