-- emits: quoted_name
-- layer: types
-- language: python
-- why: a name, or a name behind a module's, that an annotation has in quotes because its class comes later
WITH quoted AS (
    SELECT p.file_id, p.node, x.start_byte,
           regexp_extract(l.text, '^["'']([A-Za-z_][A-Za-z0-9_.]*)["'']$', 1) AS path
    FROM annotation_part AS p
    JOIN literal AS l ON l.file_id = p.file_id AND l.node = p.node
    JOIN syntax AS x ON x.file_id = p.file_id AND x.node = p.node
    WHERE l.type = 'string'
),
parts AS (
    SELECT q.file_id, q.node, q.start_byte, split_part(q.path, '.', 1) AS first, split_part(q.path, '.', 2) AS second
    FROM quoted AS q
    WHERE q.path <> '' AND split_part(q.path, '.', 3) = ''
)
SELECT
    p.file_id,
    p.node,
    n.variable_id,
    p.start_byte + 1 AS start_byte,
    p.start_byte + 1 + length(p.first) AS end_byte,
    p.second = '' AS is_last
FROM parts AS p
JOIN module_name AS n ON n.module_id = p.file_id AND n.name = p.first
UNION
SELECT
    p.file_id,
    p.node,
    b.variable_id,
    p.start_byte + 2 + length(p.first),
    p.start_byte + 2 + length(p.first) + length(p.second),
    true
FROM parts AS p
JOIN module_name AS n ON n.module_id = p.file_id AND n.name = p.first
JOIN variable_value AS v ON v.variable_id = n.variable_id
JOIN module_name AS b ON b.module_id = v.object_id AND b.name = p.second
WHERE p.second <> '' AND v.what = 'module' AND v.until IS NULL
