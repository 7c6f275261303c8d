-- emits: nodes BLOCK, CALL, COMMENT, CONTROL_STRUCTURE, FIELD_IDENTIFIER, IDENTIFIER, IMPORT, JUMP_TARGET, LITERAL, MACRO, METHOD_REF, RETURN, TYPE_REF, UNKNOWN
-- layer: syntax
-- unique: yes
-- tags: syntax
-- why: the role of a syntax node decides its kind; declarations need more than their syntax and have rules of their own
SELECT
    CASE s.role
        WHEN 'identifier' THEN 'IDENTIFIER'
        WHEN 'literal' THEN 'LITERAL'
        WHEN 'field' THEN 'FIELD_IDENTIFIER'
        WHEN 'block' THEN 'BLOCK'
        WHEN 'comment' THEN 'COMMENT'
        WHEN 'import' THEN 'IMPORT'
        WHEN 'return' THEN 'RETURN'
        WHEN 'type' THEN 'TYPE_REF'
        WHEN 'lambda' THEN 'METHOD_REF'
        WHEN 'label' THEN 'JUMP_TARGET'
        WHEN 'macro' THEN 'MACRO'
        WHEN 'call' THEN 'CALL'
        WHEN 'operator' THEN 'CALL'
        WHEN 'member' THEN 'CALL'
        WHEN 'subscript' THEN 'CALL'
        WHEN 'container' THEN 'CALL'
        WHEN 'comprehension' THEN 'CALL'
        WHEN 'pair' THEN 'CALL'
        WHEN 'spread' THEN 'CALL'
        WHEN 'interpolation' THEN 'CALL'
        WHEN 'yield' THEN 'CALL'
        WHEN 'await' THEN 'CALL'
        WHEN 'other' THEN 'UNKNOWN'
        WHEN 'error' THEN 'UNKNOWN'
        WHEN 'type_scope' THEN 'UNKNOWN'
        ELSE 'CONTROL_STRUCTURE'
    END AS kind,
    s.node_id,
    CASE
        WHEN s.role IN ('if', 'loop', 'foreach', 'switch', 'case', 'try', 'handler', 'finally', 'with',
                        'assert', 'break', 'continue', 'goto', 'throw', 'declare')
        THEN CAST(s.role AS VARCHAR)
        ELSE s.token
    END AS name,
    s.kind AS syntax_kind,
    s.file_id,
    s.start_byte,
    s.end_byte,
    s.start_line,
    s.end_line,
    s.parent_id,
    s.ordinal,
    s.function_id
FROM syntax AS s
WHERE s.role NOT IN ('structural', 'module', 'class', 'function', 'parameter')
UNION ALL
SELECT
    CASE WHEN q.is_member THEN 'FIELD_IDENTIFIER' ELSE 'IDENTIFIER' END,
    q.node_id,
    q.name,
    'identifier',
    q.file_id,
    q.start_byte,
    q.end_byte,
    q.start_line,
    q.start_line,
    q.literal_id,
    q.place,
    q.function_id
FROM quoted_token AS q
