-- emits: edges CATCH_BODY, CONDITION, FALSE_BODY, FINALLY_BODY, FOR_INIT, FOR_UPDATE, LOOP_BODY, SWITCH_BODY, TRUE_BODY, TRY_BODY
-- resolution: exact
-- layer: syntax
-- unique: yes
-- why: the parts of a control structure by what they are for
--
-- The slot says it; whose body a body is, only the node above knows. A conditional expression has a
-- condition and two bodies too.
SELECT
    CASE s.slot
        WHEN 'condition' THEN 'CONDITION'
        WHEN 'then' THEN 'TRUE_BODY'
        WHEN 'case_body' THEN 'TRUE_BODY'
        WHEN 'else' THEN 'FALSE_BODY'
        WHEN 'elif' THEN 'FALSE_BODY'
        WHEN 'try_body' THEN 'TRY_BODY'
        WHEN 'handler' THEN 'CATCH_BODY'
        WHEN 'finally' THEN 'FINALLY_BODY'
        WHEN 'loop_body' THEN 'LOOP_BODY'
        WHEN 'switch_body' THEN 'SWITCH_BODY'
        WHEN 'init' THEN 'FOR_INIT'
        ELSE 'FOR_UPDATE'
    END AS kind,
    s.parent_id AS src,
    s.node_id AS dst,
    s.file_id,
    s.start_byte,
    s.end_byte
FROM syntax AS s
WHERE s.slot IN ('condition', 'then', 'case_body', 'else', 'elif', 'try_body', 'handler', 'finally', 'loop_body',
                 'switch_body', 'init', 'update')
  AND s.role <> 'structural'
