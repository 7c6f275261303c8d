-- emits: nodes METHOD_PARAMETER_IN
-- layer: syntax
-- unique: yes
-- why: a formal parameter is a variable that the caller fills
SELECT
    x.node_id,
    p.name,
    x.kind AS syntax_kind,
    p.file_id,
    x.start_byte,
    x.end_byte,
    x.start_line,
    x.end_line,
    x.parent_id,
    x.ordinal,
    x.function_id
FROM parameter AS p
JOIN syntax AS x ON x.file_id = p.file_id AND x.node = p.node
WHERE x.role = 'parameter'
