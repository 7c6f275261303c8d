-- emits: edges EVAL_TYPE
-- layer: types
-- why: calling a class gives an object of it
--
-- Whatever __init__ it inherits: this edge names the class where CALL names the constructor.
SELECT
    c.node_id AS src,
    c.type_id AS dst,
    CASE WHEN c.choices > 1 THEN 'candidate' WHEN c.is_imported THEN 'imported' ELSE 'bound' END AS resolution,
    CASE WHEN c.choices > 1 THEN 1.0 / c.choices END AS confidence,
    c.file_id,
    c.start_byte,
    c.end_byte
FROM callee_member AS c
WHERE c.how = 'constructor'
