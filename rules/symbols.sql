-- emits: symbols
-- layer: names
-- unique: yes
-- why: the symbols, as a dataset
SELECT
    s.symbol_id,
    s.symbol,
    s.what,
    s.name,
    s.owner_id,
    s.node_id,
    s.file_id,
    s.start_byte,
    s.end_byte
FROM name_symbol AS s
