-- emits: first_definition
-- layer: names
-- why: of every name that is bound: where first, how often, and whether to something that can be called
SELECT
    d.file_id,
    d.binding,
    min(d.node) AS node,
    min(d.kind) AS kind,
    count(*) AS times,
    bool_or(d.kind = 'parameter') AS is_parameter,
    bool_or(d.kind = 'function' OR d.kind = 'class' OR d.kind = 'import') AS is_callable
FROM definition AS d
GROUP BY d.file_id, d.binding
