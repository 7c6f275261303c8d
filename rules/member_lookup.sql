-- emits: member_lookup
-- layer: types
-- why: what a name means on a class: what the first class in its method resolution order has that has it
--
-- Of the classes above that have the name, none that another of them inherits from; of what is left the
-- one whose last way down from the class comes first. That is the method resolution order wherever Python
-- accepts the hierarchy. The answer is uncertain where a base that we cannot see may come first; where a
-- base may be one of several classes, every answer counts.
WITH RECURSIVE base AS (
    SELECT DISTINCT b.type_id, b.object_id FROM base_target AS b WHERE b.object_id IS NOT NULL
),
query AS (
    SELECT c.type_id, c.name, c.beyond FROM callee_member AS c
    UNION
    SELECT c.type_id, '__new__', false FROM callee_member AS c WHERE c.name = '__init__' AND NOT c.beyond
    UNION
    SELECT m.type_id, m.name, true
    FROM class_member AS m
    SEMI JOIN base AS b ON b.type_id = m.type_id
    WHERE m.what = 'function'
),
asked AS (
    SELECT DISTINCT q.name FROM query AS q
),
owned AS (
    SELECT DISTINCT m.type_id, m.name FROM class_member AS m SEMI JOIN asked AS a ON a.name = m.name
),
walk AS (
    SELECT q.type_id, q.name, q.beyond, q.type_id AS at, o.type_id IS NOT NULL AND NOT q.beyond AS has_it
    FROM query AS q
    LEFT JOIN owned AS o ON o.type_id = q.type_id AND o.name = q.name
    UNION
    SELECT w.type_id, w.name, w.beyond, b.object_id, o.type_id IS NOT NULL
    FROM walk AS w
    JOIN base AS b ON b.type_id = w.at
    LEFT JOIN owned AS o ON o.type_id = b.object_id AND o.name = w.name
    WHERE NOT w.has_it
),
candidate AS (
    SELECT DISTINCT w.type_id, w.name, w.beyond, w.at FROM walk AS w WHERE w.has_it
),
hidden AS (
    SELECT DISTINCT c.type_id, c.name, c.beyond, c.at
    FROM candidate AS c
    JOIN candidate AS d ON d.type_id = c.type_id AND d.name = c.name AND d.beyond = c.beyond
    JOIN type_above AS a ON a.type_id = d.at AND a.above_id = c.at
    WHERE d.at <> c.at
),
nearest AS (
    SELECT c.type_id, c.name, c.beyond, c.at,
           count(*) OVER (PARTITION BY c.type_id, c.name, c.beyond) AS rivals
    FROM candidate AS c
    ANTI JOIN hidden AS h ON h.type_id = c.type_id AND h.name = c.name AND h.beyond = c.beyond AND h.at = c.at
),
way AS (
    SELECT DISTINCT n.type_id, n.at, n.type_id AS step, '' AS path, 0 AS steps FROM nearest AS n WHERE n.rivals > 1
    UNION ALL
    SELECT w.type_id, w.at, b.object_id, w.path || lpad(CAST(a.index AS VARCHAR), 4, '0'), w.steps + 1
    FROM way AS w
    JOIN type_above AS a ON a.type_id = w.step AND a.above_id = w.at
    JOIN base_target AS b ON b.type_id = w.step AND b.index = a.index AND b.object_id IS NOT NULL
    LEFT JOIN type_above AS u ON u.type_id = b.object_id AND u.above_id = w.at
    WHERE w.step <> w.at AND w.steps < 64 AND (b.object_id = w.at OR u.type_id IS NOT NULL)
),
place AS (
    SELECT w.type_id, w.at, max(w.path) AS path FROM way AS w WHERE w.step = w.at GROUP BY w.type_id, w.at
),
descent AS (
    SELECT a.type_id, a.above_id FROM type_above AS a
    UNION ALL
    SELECT DISTINCT b.type_id, b.type_id FROM base_target AS b
),
either AS (
    SELECT DISTINCT d.type_id
    FROM descent AS d
    JOIN base_target AS b ON b.type_id = d.above_id
    WHERE b.choices > 1
),
first AS (
    SELECT n.type_id, n.name, n.beyond, n.at, e.type_id IS NOT NULL AND n.at <> n.type_id AS is_either
    FROM nearest AS n
    LEFT JOIN either AS e ON e.type_id = n.type_id
    LEFT JOIN place AS p ON p.type_id = n.type_id AND p.at = n.at
    QUALIFY e.type_id IS NOT NULL
        OR rank() OVER (PARTITION BY n.type_id, n.name, n.beyond ORDER BY p.path) = 1
),
in_view AS (
    SELECT DISTINCT f.type_id, f.at FROM first AS f WHERE f.at <> f.type_id
),
doubtful AS (
    SELECT DISTINCT v.type_id, v.at
    FROM in_view AS v
    JOIN descent AS l ON l.type_id = v.type_id
    JOIN open_base AS o ON o.type_id = l.above_id
    LEFT JOIN type_above AS b ON b.type_id = o.type_id AND b.above_id = v.at
    LEFT JOIN type_above AS z ON z.type_id = v.at AND z.above_id = o.type_id
    WHERE o.type_id <> v.at AND z.type_id IS NULL AND (b.index IS NULL OR o.index < b.index)
)
SELECT
    f.type_id,
    f.name,
    f.beyond,
    f.at,
    m.what,
    m.object_id,
    count(*) OVER (PARTITION BY f.type_id, f.name, f.beyond) AS choices,
    f.is_either OR d.type_id IS NOT NULL AS is_uncertain
FROM first AS f
JOIN class_member AS m ON m.type_id = f.at AND m.name = f.name
LEFT JOIN doubtful AS d ON d.type_id = f.type_id AND d.at = f.at
