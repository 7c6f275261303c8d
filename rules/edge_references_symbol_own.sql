-- emits: edges REFERENCES_SYMBOL
-- layer: names
-- why: our own analysis says what a name stands for, and an index has a symbol that is defined in that place
WITH pair AS (
    SELECT DISTINCT o.symbol_id AS own_id, d.symbol_id
    FROM occurrences AS o
    JOIN scip_definition AS d
        ON d.file_id = o.file_id AND d.start_byte = o.start_byte AND d.end_byte = o.end_byte
    WHERE o.role = 'definition'
)
SELECT
    p.node_id AS src,
    s.symbol_id AS dst,
    o.resolution,
    o.file_id,
    o.start_byte,
    o.end_byte
FROM occurrences AS o
JOIN pair AS s ON s.own_id = o.symbol_id
JOIN name_place AS p ON p.file_id = o.file_id AND p.start_byte = o.start_byte AND p.end_byte = o.end_byte
WHERE o.role <> 'definition'
