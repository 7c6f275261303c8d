-- emits: variable_value
-- layer: names
-- why: the functions, classes and modules that a variable may hold, imports followed from file to file to the definition
--
-- Import cycles end because a pair is followed once. What cannot be followed (external, missing, a
-- value) is a row too: beside it the others are candidates. `after` and `until` as in
-- variable_definition; `choices` counts what may be left when the scope has run.
WITH RECURSIVE step AS (
    SELECT d.variable_id, d.after, d.until, t.what, t.to_module, t.to_variable
    FROM variable_definition AS d
    JOIN import_target AS t ON t.variable_id = d.variable_id AND t.file_id = d.file_id AND t.node = d.node
    WHERE d.what = 'import'
),
own AS (
    SELECT d.variable_id, d.after, d.until, d.what, d.object_id, false AS is_imported
    FROM variable_definition AS d
    WHERE d.what <> 'import'
    UNION ALL
    SELECT s.variable_id, s.after, s.until, s.what, s.to_module, true FROM step AS s WHERE s.what <> 'variable'
),
reach AS (
    SELECT s.variable_id, s.after, s.until, s.to_variable FROM step AS s WHERE s.to_variable IS NOT NULL
    UNION
    SELECT r.variable_id, r.after, r.until, s.to_variable
    FROM reach AS r
    JOIN step AS s ON s.variable_id = r.to_variable
    WHERE s.to_variable IS NOT NULL AND s.until IS NULL
),
known AS (
    SELECT DISTINCT d.variable_id, d.file_id, d.scope FROM variable_definition AS d
),
everything AS (
    SELECT o.variable_id, o.after, o.until, o.what, o.object_id, o.is_imported FROM own AS o
    UNION
    SELECT r.variable_id, r.after, r.until, o.what, o.object_id, true
    FROM reach AS r
    JOIN own AS o ON o.variable_id = r.to_variable
    WHERE o.until IS NULL
    UNION
    SELECT r.variable_id, r.after, r.until, 'value', NULL, true
    FROM reach AS r
    ANTI JOIN known AS k ON k.variable_id = r.to_variable
),
distinct_value AS (
    SELECT e.variable_id, e.what, e.object_id, e.until, bool_and(e.is_imported) AS is_imported, min(e.after) AS after
    FROM everything AS e
    GROUP BY e.variable_id, e.what, e.object_id, e.until
)
SELECT
    v.variable_id,
    k.file_id,
    k.scope,
    v.what,
    v.object_id,
    v.is_imported,
    v.after,
    v.until,
    count(*) FILTER (WHERE v.until IS NULL) OVER (PARTITION BY v.variable_id) AS choices
FROM distinct_value AS v
JOIN known AS k ON k.variable_id = v.variable_id
