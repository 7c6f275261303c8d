-- emits: type_member
-- layer: types
-- why: the symbols that names mean on a class, inherited ones among them
--
-- Of the class itself and those above it that have the name, none that another of them inherits from.
WITH candidate AS (
    SELECT t.type_id, t.name, t.symbol_id, t.type_id AS at FROM type_attribute AS t
    UNION
    SELECT a.type_id, t.name, t.symbol_id, t.type_id
    FROM type_above AS a
    JOIN type_attribute AS t ON t.type_id = a.above_id
),
hidden AS (
    SELECT DISTINCT c.type_id, c.name, c.at
    FROM candidate AS c
    JOIN candidate AS d ON d.type_id = c.type_id AND d.name = c.name
    JOIN type_above AS a ON a.type_id = d.at AND a.above_id = c.at
    WHERE d.at <> c.at
)
SELECT c.type_id, c.name, c.symbol_id, c.at <> c.type_id AS is_inherited
FROM candidate AS c
ANTI JOIN hidden AS h ON h.type_id = c.type_id AND h.name = c.name AND h.at = c.at
