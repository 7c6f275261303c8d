-- emits: nodes SYMBOL
-- layer: scip
-- unique: yes
-- why: a symbol of an index is a node; it stands where it is first defined, or nowhere in the repository
WITH told AS ( -- the words of origin come in the order of their letters, best first
    SELECT s.symbol_id, s.symbol, s.name, s.display_name, s.signature
    FROM scip_symbol AS s
    QUALIFY rank() OVER (
        PARTITION BY s.symbol_id
        ORDER BY CAST(s.origin AS VARCHAR), s.index, s.document) = 1
),
first_place AS (
    SELECT d.symbol_id, d.file_id, d.start_byte, d.end_byte, d.start_line, d.end_line
    FROM scip_definition AS d
    QUALIFY rank() OVER (PARTITION BY d.symbol_id ORDER BY d.file_id, d.start_byte, d.end_byte) = 1
)
SELECT
    t.symbol_id AS node_id,
    coalesce(t.display_name, t.name) AS name,
    t.symbol AS qualified_name,
    t.signature,
    f.file_id,
    f.start_byte,
    f.end_byte,
    f.start_line,
    f.end_line
FROM told AS t
LEFT JOIN first_place AS f ON f.symbol_id = t.symbol_id
