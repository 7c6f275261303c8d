-- emits: nodes TYPE_DECL
-- layer: syntax
-- unique: yes
-- why: a class declares a type
SELECT
    s.node_id,
    s.name,
    m.name || '.' || s.qualified_name AS qualified_name,
    x.kind AS syntax_kind,
    s.file_id,
    x.start_byte,
    x.end_byte,
    x.start_line,
    x.end_line,
    x.parent_id,
    x.ordinal,
    x.function_id
FROM scope AS s
JOIN syntax AS x ON x.file_id = s.file_id AND x.node = s.scope
LEFT JOIN module AS m ON m.file_id = s.file_id
WHERE s.kind = 'class' AND x.role = 'class'
