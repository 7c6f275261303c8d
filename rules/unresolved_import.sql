-- emits: unresolved
-- layer: modules
-- language: python
-- unique: yes
-- why: an import statement of which some name leads nowhere in the repository
--
-- The module is outside or of the standard library; or it should be here and is not (missing_module: not
-- Python, generated, excluded); or it is here and has no such name. One row a statement.
WITH written AS (
    SELECT
        i.file_id,
        i.node,
        repeat('.', i.level) || coalesce(i.module, '') AS path,
        i.name,
        CASE
            WHEN l.module_id IS NULL AND (i.level > 0 OR u.module_id IS NOT NULL) THEN 'missing_module'
            WHEN l.module_id IS NULL AND s.name IS NOT NULL THEN 'standard_library'
            WHEN l.module_id IS NULL THEN 'external'
            WHEN t.what = 'missing' THEN 'missing_name'
        END AS reason
    FROM import AS i
    LEFT JOIN module_lookup AS l ON l.file_id = i.file_id AND l.level = i.level AND l.path = coalesce(i.module, '')
    LEFT JOIN module_lookup AS u ON u.file_id = i.file_id AND u.level = i.level AND u.path = split_part(i.module, '.', 1)
    LEFT JOIN standard_module AS s ON s.name = split_part(i.module, '.', 1)
    LEFT JOIN binding AS b ON b.file_id = i.file_id AND b.binding = i.binding
    LEFT JOIN import_target AS t ON t.file_id = i.file_id AND t.node = i.node AND t.variable_id = b.node_id
    WHERE coalesce(t.what, '') NOT IN ('module', 'variable')
),
statement AS (
    SELECT
        w.file_id,
        w.node,
        min(w.path || CASE WHEN w.reason = 'missing_name' THEN ':' || w.name ELSE '' END) AS name,
        min(w.reason) AS reason
    FROM written AS w
    WHERE w.reason IS NOT NULL
    GROUP BY w.file_id, w.node
)
SELECT
    x.node_id,
    'IMPORTS' AS what,
    s.name,
    s.reason,
    CAST(0 AS INTEGER) AS candidates,
    s.file_id,
    x.start_byte,
    x.end_byte
FROM statement AS s
JOIN syntax AS x ON x.file_id = s.file_id AND x.node = s.node
WHERE x.role = 'import'
