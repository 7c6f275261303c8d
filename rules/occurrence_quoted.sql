-- emits: occurrences
-- layer: types
-- language: python
-- why: a name in quotes in an annotation means what it would mean without them
SELECT
    s.symbol_id,
    s.symbol,
    'read' AS role,
    CASE WHEN v.is_imported THEN 'imported' ELSE 'bound' END AS resolution,
    q.file_id,
    q.start_byte,
    q.end_byte
FROM quoted_name AS q
JOIN variable_symbol AS v ON v.variable_id = q.variable_id
JOIN name_symbol AS s ON s.symbol_id = v.symbol_id
