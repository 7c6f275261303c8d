-- emits: source_root
-- layer: modules
-- language: python
-- why: which folder the dotted name of a file starts from
--
-- That is nowhere written. A chain of folders with __init__.py starts behind the topmost of them,
-- so the folder above it is where to begin; for files in no package it is their own folder. But
-- either may be part of a namespace package: of it and the folders above, the one under which most
-- absolute imports of the repository find their module wins; without any, the nearest that is a
-- public root: a folder that holds packages, one named src, lib or python, or the repository
-- itself. Where the repository is itself a package, or a module prefix was given, names start at
-- its root.
WITH RECURSIVE file_place AS (
    SELECT
        f.file_id,
        regexp_replace(f.path, '(^|/)[^/]*$', '') AS folder,
        regexp_replace(regexp_replace(f.path, '[.]py[iw]?$', ''), '(^|/)__init__$', '') AS location,
        regexp_matches(f.path, '(^|/)__init__[.]pyi?$') AS is_package
    FROM file AS f
    WHERE f.language = 'python' AND f.status IN ('parsed', 'partial')
),
package_folder AS (
    SELECT DISTINCT p.folder FROM file_place AS p WHERE p.is_package
),
climb AS (
    SELECT p.folder, p.folder AS top FROM package_folder AS p
    UNION
    SELECT c.folder, p.folder
    FROM climb AS c
    JOIN package_folder AS p ON p.folder = regexp_replace(c.top, '(^|/)[^/]*$', '')
    WHERE c.top <> ''
),
top_folder AS (
    SELECT c.folder, min(c.top) AS top FROM climb AS c GROUP BY c.folder
),
root_setting AS (
    SELECT
        coalesce(max(s.value), '') <> ''
            OR EXISTS (SELECT 1 FROM package_folder AS p WHERE p.folder = '') AS is_fixed
    FROM setting AS s
    WHERE s.key = 'module_prefix'
),
based AS (
    SELECT
        p.file_id,
        p.folder,
        p.location,
        t.top IS NOT NULL AS in_package,
        CASE
            WHEN r.is_fixed THEN ''
            WHEN t.top IS NULL THEN p.folder
            ELSE regexp_replace(t.top, '(^|/)[^/]*$', '')
        END AS base
    FROM file_place AS p
    CROSS JOIN root_setting AS r
    LEFT JOIN top_folder AS t ON t.folder = p.folder
),
base_folder AS (
    SELECT b.base, bool_or(b.in_package) AS has_package FROM based AS b GROUP BY b.base
),
ancestor AS (
    SELECT b.base, b.base AS root FROM base_folder AS b
    UNION
    SELECT a.base, regexp_replace(a.root, '(^|/)[^/]*$', '')
    FROM ancestor AS a
    WHERE a.root <> ''
),
candidate AS (
    SELECT
        a.base,
        a.root,
        a.root = ''
            OR coalesce(f.has_package, false)
            OR regexp_matches(a.root, '(^|/)(src|lib|Lib|python)$') AS is_public
    FROM ancestor AS a
    LEFT JOIN base_folder AS f ON f.base = a.root
),
wanted AS (
    SELECT w.name, b.base AS importer, count(*) AS times
    FROM (
        SELECT i.file_id, i.module AS name FROM import AS i WHERE i.level = 0 AND i.module IS NOT NULL
        UNION ALL
        SELECT i.file_id, i.module || '.' || i.name
        FROM import AS i
        WHERE i.level = 0 AND i.module IS NOT NULL AND i.name IS NOT NULL
    ) AS w
    JOIN based AS b ON b.file_id = w.file_id
    GROUP BY w.name, b.base
),
offered AS (
    SELECT
        c.base,
        c.root,
        c.is_public,
        replace(substr(b.location, CASE c.root WHEN '' THEN 1 ELSE length(c.root) + 2 END), '/', '.') AS name
    FROM candidate AS c
    JOIN based AS b ON b.base = c.base
    WHERE c.base <> ''
),
vote AS (
    SELECT o.base, o.root, sum(w.times) AS votes
    FROM offered AS o
    JOIN wanted AS w ON w.name = o.name
    LEFT JOIN standard_module AS m ON m.name = split_part(o.name, '.', 1)
    WHERE w.importer = o.base
       OR starts_with(w.importer, o.base || '/')
       OR (m.name IS NULL AND o.is_public)
    GROUP BY o.base, o.root
),
chosen AS (
    SELECT c.base, c.root, c.is_public
    FROM candidate AS c
    LEFT JOIN vote AS v ON v.base = c.base AND v.root = c.root
    QUALIFY row_number() OVER (
        PARTITION BY c.base
        ORDER BY coalesce(v.votes, 0) DESC, c.is_public DESC, length(c.root) DESC, c.root
    ) = 1
)
SELECT b.file_id, b.folder, b.location, c.root, CASE WHEN c.is_public THEN '' ELSE b.base END AS visible_under
FROM based AS b
JOIN chosen AS c ON c.base = b.base
