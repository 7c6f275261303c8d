-- emits: module_name
-- layer: modules
-- language: python
-- why: the names of a module are those bound in its scope, and what star imports bring
--
-- A star import brings the entries of __all__; without one, every name that does not start with an
-- underscore. An __all__ that is put together from several places may hold more than is written;
-- there public names count too.
WITH RECURSIVE own AS (
    SELECT m.module_id, b.name, b.node_id AS variable_id
    FROM binding AS b
    JOIN module AS m ON m.file_id = b.file_id
    WHERE b.scope = 0 AND b.target IS NULL
),
star AS (
    SELECT DISTINCT i.file_id AS importer, l.module_id
    FROM import AS i
    JOIN module_lookup AS l ON l.file_id = i.file_id AND l.level = i.level AND l.path = coalesce(i.module, '')
    WHERE i.is_star
),
all_written AS (
    SELECT b.file_id, count(*) = 1 AS is_whole
    FROM binding AS b
    JOIN definition AS d ON d.file_id = b.file_id AND d.binding = b.binding
    WHERE b.scope = 0 AND b.name = '__all__'
    GROUP BY b.file_id
),
exporter AS (
    SELECT DISTINCT e.file_id, w.is_whole
    FROM export AS e
    JOIN all_written AS w ON w.file_id = e.file_id
),
star_name AS (
    SELECT s.importer AS module_id, o.name, o.variable_id
    FROM star AS s
    JOIN own AS o ON o.module_id = s.module_id
    LEFT JOIN exporter AS x ON x.file_id = o.module_id
    LEFT JOIN export AS e ON e.file_id = o.module_id AND e.name = o.name
    WHERE e.name IS NOT NULL OR (NOT coalesce(x.is_whole, false) AND NOT starts_with(o.name, '_'))
    UNION
    SELECT s.importer, n.name, n.variable_id
    FROM star_name AS n
    JOIN star AS s ON s.module_id = n.module_id
    LEFT JOIN exporter AS x ON x.file_id = n.module_id
    LEFT JOIN export AS e ON e.file_id = n.module_id AND e.name = n.name
    WHERE e.name IS NOT NULL OR (NOT coalesce(x.is_whole, false) AND NOT starts_with(n.name, '_'))
)
SELECT o.module_id, o.name, o.variable_id, false AS is_star FROM own AS o
UNION ALL
SELECT s.module_id, s.name, s.variable_id, true
FROM star_name AS s
ANTI JOIN own AS o ON o.module_id = s.module_id AND o.name = s.name
