-- emits: attribute_lookup
-- layer: types
-- why: the symbol that a name means on an object of a class, or on the class
--
-- Of the class itself and those above it that have the name, none that another of them inherits from.
WITH on_type AS (
    SELECT m.file_id, m.name_node, m.name, s.type_id
    FROM self_variable AS s
    JOIN reference AS r ON r.target_id = s.variable_id
    JOIN member AS m ON m.file_id = r.file_id AND m.object_node = r.node
    UNION
    SELECT m.file_id, m.name_node, m.name, x.type_id
    FROM class_expression AS x
    JOIN member AS m ON m.file_id = x.file_id AND m.object_node = x.node
),
asked AS (
    SELECT DISTINCT o.type_id, o.name FROM on_type AS o
),
upward AS (
    SELECT a.type_id, a.above_id FROM type_above AS a
    UNION
    SELECT q.type_id, q.type_id FROM asked AS q
),
candidate AS (
    SELECT DISTINCT q.type_id, q.name, u.above_id AS at
    FROM asked AS q
    JOIN upward AS u ON u.type_id = q.type_id
    SEMI JOIN type_attribute AS t ON t.type_id = u.above_id AND t.name = q.name
),
hidden AS (
    SELECT DISTINCT c.type_id, c.name, c.at
    FROM candidate AS c
    JOIN candidate AS d ON d.type_id = c.type_id AND d.name = c.name
    JOIN type_above AS a ON a.type_id = d.at AND a.above_id = c.at
    WHERE d.at <> c.at
),
nearest AS (
    SELECT c.type_id, c.name, c.at
    FROM candidate AS c
    ANTI JOIN hidden AS h ON h.type_id = c.type_id AND h.name = c.name AND h.at = c.at
)
SELECT
    o.file_id,
    o.name_node AS node,
    t.symbol_id,
    n.at <> o.type_id AS is_inherited,
    count(*) OVER (PARTITION BY o.file_id, o.name_node) AS choices
FROM on_type AS o
JOIN nearest AS n ON n.type_id = o.type_id AND n.name = o.name
JOIN type_attribute AS t ON t.type_id = n.at AND t.name = n.name
