-- emits: symbol_scope
-- layer: names
-- why: the descriptors that the names of a scope begin with
--
-- What a function, a lambda or a comprehension binds is local to the file, and so is what a class in one
-- does; parameters of functions that can be seen from outside are not. Modules of one name are told apart
-- by their files.
WITH RECURSIVE module_prefix AS (
    SELECT
        m.file_id,
        '`' || replace(CASE WHEN count(*) OVER (PARTITION BY m.name) > 1 THEN f.path ELSE m.name END, '`', '``')
            || '`/' AS prefix
    FROM module AS m
    JOIN file AS f ON f.file_id = m.file_id
),
within AS (
    SELECT s.file_id, s.scope, p.prefix, false AS is_local, false AS has_local_parameters
    FROM scope AS s
    JOIN module_prefix AS p ON p.file_id = s.file_id
    WHERE s.kind = 'module'
    UNION ALL
    SELECT
        s.file_id,
        s.scope,
        w.prefix || CASE
            WHEN regexp_matches(s.name, '^[A-Za-z0-9_+$-]+$') THEN s.name
            ELSE '`' || replace(s.name, '`', '``') || '`'
        END || CASE WHEN s.kind = 'class' THEN '#' ELSE '().' END,
        w.is_local OR s.kind <> 'class',
        w.is_local OR s.kind <> 'function'
    FROM within AS w
    JOIN scope AS s ON s.file_id = w.file_id AND s.parent_scope = w.scope
)
SELECT w.file_id, w.scope, w.prefix, w.is_local, w.has_local_parameters FROM within AS w
