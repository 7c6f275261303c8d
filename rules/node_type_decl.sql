-- emits: nodes TYPE_DECL
-- layer: syntax
-- unique: yes
-- why: a class declares a type
SELECT
    s.node_id,
    s.name,
    m.name || '.' || s.qualified_name AS qualified_name,
    s.syntax_kind,
    s.file_id,
    s.start_byte,
    s.end_byte,
    s.start_line,
    s.end_line,
    s.parent_id,
    s.ordinal,
    s.function_id
FROM scope AS s
LEFT JOIN module AS m ON m.file_id = s.file_id
WHERE s.kind = 'class' AND s.role = 'class'
