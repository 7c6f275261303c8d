-- emits: occurrences
-- layer: names
-- resolution: exact
-- why: where a name is defined: for a class or a function each time, for a variable the first time, else it is written
SELECT
    s.symbol_id,
    s.symbol,
    CASE
        WHEN d.what IN ('class', 'function') OR d.start_byte = s.start_byte THEN 'definition'
        ELSE 'write'
    END AS role,
    d.file_id,
    d.start_byte,
    d.end_byte,
    o.start_byte AS enclosing_start,
    o.end_byte AS enclosing_end
FROM symbol_definition AS d
JOIN name_symbol AS s ON s.symbol_id = d.symbol_id
LEFT JOIN scope AS o ON o.file_id = d.file_id AND o.scope = d.node
UNION ALL
SELECT s.symbol_id, s.symbol, 'definition', s.file_id, 0, 0, NULL, NULL
FROM name_symbol AS s
WHERE s.what = 'module'
