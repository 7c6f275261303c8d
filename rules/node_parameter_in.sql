-- emits: nodes METHOD_PARAMETER_IN
-- layer: syntax
-- unique: yes
-- why: a formal parameter is a variable that the caller fills
--
-- One that is no single name (a pattern, or cut off by a syntax error) has no parameter row, but a node.
SELECT
    x.node_id,
    coalesce(p.name, x.token) AS name,
    x.kind AS syntax_kind,
    x.file_id,
    x.start_byte,
    x.end_byte,
    x.start_line,
    x.end_line,
    x.parent_id,
    x.ordinal,
    x.function_id
FROM syntax AS x
LEFT JOIN parameter AS p ON p.file_id = x.file_id AND p.node = x.node
WHERE x.role = 'parameter'
