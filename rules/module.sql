-- emits: module
-- layer: modules
-- language: python
-- why: what an import can name
--
-- Every parsed file under its dotted name, and the folders without __init__.py on the way to one
-- (namespace packages, file_id NULL). Of a package, a module and a stub in one place an importer
-- gets the first. `visible_under` is the folder that importers must be in, empty for anywhere: the
-- modules of a script folder are found from beside them only, and a module named like one of the
-- standard library only under its own root.
WITH RECURSIVE prefix AS (
    SELECT coalesce(max(s.value), '') AS name FROM setting AS s WHERE s.key = 'module_prefix'
),
named AS (
    SELECT
        r.file_id,
        r.location,
        r.folder,
        r.root,
        r.visible_under,
        concat_ws('.', nullif(p.name, ''),
                  nullif(replace(substr(r.location, CASE r.root WHEN '' THEN 1 ELSE length(r.root) + 2 END),
                                 '/', '.'), '')) AS name,
        regexp_matches(f.path, '(^|/)__init__[.]pyi?$') AS is_package,
        CASE
            WHEN NOT regexp_matches(f.path, '[.]py[iw]?$') THEN 4
            WHEN regexp_matches(f.path, '(^|/)__init__[.]py$') THEN 0
            WHEN regexp_matches(f.path, '[.]pyw?$') THEN 1
            WHEN regexp_matches(f.path, '(^|/)__init__[.]pyi$') THEN 2
            ELSE 3
        END AS preference,
        f.ordinal
    FROM source_root AS r
    JOIN file AS f ON f.file_id = r.file_id
    CROSS JOIN prefix AS p
),
above AS (
    SELECT n.folder AS location, n.root, n.visible_under FROM named AS n WHERE n.folder <> n.root
    UNION
    SELECT regexp_replace(a.location, '(^|/)[^/]*$', ''), a.root, a.visible_under
    FROM above AS a
    WHERE regexp_replace(a.location, '(^|/)[^/]*$', '') <> a.root
),
namespace_package AS (
    SELECT DISTINCT
        a.location,
        a.root,
        min(a.visible_under) OVER (PARTITION BY a.location, a.root) AS visible_under,
        concat_ws('.', nullif(p.name, ''),
                  replace(substr(a.location, CASE a.root WHEN '' THEN 1 ELSE length(a.root) + 2 END), '/', '.')) AS name
    FROM above AS a
    CROSS JOIN prefix AS p
    ANTI JOIN named AS n ON n.location = a.location
)
SELECT
    n.file_id AS module_id,
    n.file_id,
    CASE n.name WHEN '' THEN '__init__' ELSE n.name END AS name,
    n.location,
    n.folder,
    n.root,
    CASE WHEN m.name IS NOT NULL AND n.visible_under = '' THEN n.root ELSE n.visible_under END AS visible_under,
    n.is_package,
    n.preference < 4
        AND rank() OVER (PARTITION BY n.location ORDER BY n.preference, n.ordinal, n.file_id) = 1 AS is_importable,
    t.namespace_id
FROM named AS n
JOIN file_root AS t ON t.file_id = n.file_id
LEFT JOIN standard_module AS m ON m.name = split_part(n.name, '.', 1)
UNION ALL
SELECT
    stable_hash64('NAMESPACE', n.location, n.root),
    NULL,
    n.name,
    n.location,
    n.location,
    n.root,
    n.visible_under,
    true,
    true,
    NULL
FROM namespace_package AS n
