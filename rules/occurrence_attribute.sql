-- emits: occurrences
-- layer: types
-- why: a name behind a dot means what the nearest class above its object's has under that name
SELECT
    s.symbol_id,
    s.symbol,
    CASE
        WHEN m.access = 'delete' THEN 'delete'
        WHEN m.access IN ('read', 'type') THEN 'read'
        ELSE 'write'
    END AS role,
    CASE
        WHEN a.choices > 1 THEN 'candidate'
        WHEN a.is_inferred THEN 'inferred'
        WHEN a.is_inherited THEN 'inherited'
        ELSE 'bound'
    END AS resolution,
    m.file_id,
    x.start_byte,
    x.end_byte
FROM attribute_lookup AS a
JOIN member AS m ON m.file_id = a.file_id AND m.name_node = a.node
JOIN name_symbol AS s ON s.symbol_id = a.symbol_id
JOIN syntax AS x ON x.file_id = a.file_id AND x.node = a.node
ANTI JOIN symbol_definition AS d ON d.file_id = x.file_id AND d.start_byte = x.start_byte
