-- emits: first_definition
-- layer: names
-- why: of every name that is bound: where first, how often, and to what that can be called
SELECT
    d.file_id,
    d.binding,
    min(d.node) AS node,
    count(*) AS times,
    bool_or(d.kind = 'parameter') AS is_parameter,
    CASE
        WHEN bool_or(d.kind = 'function') THEN 'function'
        WHEN bool_or(d.kind = 'class') THEN 'class'
        WHEN bool_or(d.kind = 'import') THEN 'import'
    END AS callable
FROM definition AS d
GROUP BY d.file_id, d.binding
