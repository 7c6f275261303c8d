-- emits: occurrences
-- layer: names
-- why: a name means what the variable stands for that the language's scoping rules give it
WITH star_name AS (
    SELECT n.module_id, n.name, n.variable_id FROM module_name AS n WHERE n.is_star
)
SELECT
    s.symbol_id,
    s.symbol,
    CASE WHEN r.access = 'delete' THEN 'delete' ELSE 'read' END AS role,
    CASE WHEN v.is_imported OR z.variable_id IS NOT NULL THEN 'imported' ELSE 'bound' END AS resolution,
    r.file_id,
    r.start_byte,
    r.end_byte
FROM reference AS r
LEFT JOIN star_name AS z
    ON z.module_id = r.file_id AND z.name = CASE r.resolution WHEN 'star' THEN r.name END
JOIN variable_symbol AS v ON v.variable_id = coalesce(r.target_id, z.variable_id)
JOIN name_symbol AS s ON s.symbol_id = v.symbol_id
ANTI JOIN symbol_definition AS d ON d.file_id = r.file_id AND d.start_byte = r.start_byte
