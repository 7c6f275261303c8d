-- emits: variable_value
-- layer: names
-- why: the functions, classes and modules that a variable may hold, imports followed from file to file to where the thing is defined. Import cycles end because a pair is followed once. What cannot be followed (external, missing, value) is a row too: it makes the others candidates
WITH RECURSIVE step AS (
    SELECT d.variable_id, d.scope, d.node, t.what, t.to_module, t.to_variable
    FROM variable_definition AS d
    JOIN import_target AS t ON t.variable_id = d.variable_id AND t.file_id = d.file_id AND t.node = d.node
    WHERE d.what = 'import'
),
own AS (
    SELECT d.variable_id, d.what, d.object_id, d.node FROM variable_definition AS d WHERE d.what <> 'import'
    UNION ALL
    SELECT s.variable_id, s.what, s.to_module, s.node FROM step AS s WHERE s.what <> 'variable'
),
reach AS (
    SELECT s.variable_id, s.to_variable, s.node FROM step AS s WHERE s.to_variable IS NOT NULL
    UNION
    SELECT r.variable_id, s.to_variable, r.node
    FROM reach AS r
    JOIN step AS s ON s.variable_id = r.to_variable
    WHERE s.to_variable IS NOT NULL
),
known AS (
    SELECT DISTINCT d.variable_id, d.file_id, d.scope FROM variable_definition AS d
),
everything AS (
    SELECT o.variable_id, o.what, o.object_id, false AS is_imported, o.node FROM own AS o WHERE o.what IN ('function', 'class', 'value')
    UNION
    SELECT o.variable_id, o.what, o.object_id, true, o.node
    FROM own AS o
    WHERE o.what NOT IN ('function', 'class', 'value')
    UNION
    SELECT r.variable_id, o.what, o.object_id, true, r.node
    FROM reach AS r
    JOIN own AS o ON o.variable_id = r.to_variable
    UNION
    SELECT r.variable_id, 'value', NULL, true, r.node
    FROM reach AS r
    ANTI JOIN known AS k ON k.variable_id = r.to_variable
)
SELECT
    e.variable_id,
    e.what,
    e.object_id,
    k.file_id,
    k.scope,
    bool_and(e.is_imported) AS is_imported,
    max(e.node) AS node,
    count(*) OVER (PARTITION BY e.variable_id) AS choices
FROM everything AS e
JOIN known AS k ON k.variable_id = e.variable_id
GROUP BY e.variable_id, e.what, e.object_id, k.file_id, k.scope
