-- emits: module_lookup
-- layer: modules
-- language: python
-- why: which module a dotted path means in a file
--
-- A relative path is a place in the folders and needs no name. An absolute one is a name; of
-- several modules with it a real one comes before a namespace package, then one under the
-- importer's own source root; what is left are candidates. Last comes a file beside a script, where
-- Python looks first when the script is run.
WITH RECURSIVE folder_above AS (
    SELECT DISTINCT m.folder, 1 AS level, m.folder AS above FROM module AS m WHERE m.file_id IS NOT NULL
    UNION ALL
    SELECT a.folder, a.level + 1, regexp_replace(a.above, '(^|/)[^/]*$', '')
    FROM folder_above AS a
    WHERE a.above <> ''
),
package_folder AS (
    SELECT m.folder FROM module AS m WHERE m.is_package AND m.file_id IS NOT NULL
),
written AS (
    SELECT DISTINCT i.file_id, i.level, coalesce(i.module, '') AS path FROM import AS i
    UNION
    SELECT i.file_id, i.level, concat_ws('.', i.module, i.name) FROM import AS i WHERE i.name IS NOT NULL
    UNION
    SELECT i.file_id, i.level, split_part(i.module, '.', 1) FROM import AS i WHERE i.module IS NOT NULL
),
placed AS (
    SELECT w.file_id, w.level, w.path, m.folder, m.root
    FROM written AS w
    JOIN module AS m ON m.file_id = w.file_id
),
found AS (
    SELECT p.file_id, p.level, p.path, m.module_id, 0 AS preference
    FROM placed AS p
    JOIN folder_above AS a ON a.folder = p.folder AND a.level = p.level
    JOIN module AS m ON m.location = concat_ws('/', nullif(a.above, ''), nullif(replace(p.path, '.', '/'), ''))
    WHERE m.is_importable
    UNION ALL
    SELECT
        p.file_id,
        p.level,
        p.path,
        m.module_id,
        CASE WHEN m.file_id IS NULL THEN 2 ELSE 0 END + CASE WHEN m.root = p.root THEN 0 ELSE 1 END
    FROM placed AS p
    JOIN module AS m ON m.name = p.path
    WHERE p.level = 0
      AND p.path <> ''
      AND m.is_importable
      AND (m.visible_under = '' OR m.visible_under = p.folder OR starts_with(p.folder, m.visible_under || '/'))
    UNION ALL
    SELECT p.file_id, p.level, p.path, m.module_id, 4
    FROM placed AS p
    JOIN module AS m ON m.location = concat_ws('/', nullif(p.folder, ''), replace(p.path, '.', '/'))
    ANTI JOIN package_folder AS f ON f.folder = p.folder
    WHERE p.level = 0 AND p.path <> '' AND m.is_importable AND m.file_id IS NOT NULL
)
SELECT f.file_id, f.level, f.path, f.module_id
FROM found AS f
QUALIFY rank() OVER (PARTITION BY f.file_id, f.level, f.path ORDER BY f.preference) = 1
