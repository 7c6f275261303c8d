-- emits: attribute_lookup
-- layer: types
-- why: the symbol that a name behind a dot means: on self, cls or a class by name, or on an object whose class is known
WITH on_type AS (
    SELECT m.file_id, m.name_node, m.name, s.type_id, false AS is_inferred
    FROM self_variable AS s
    JOIN reference AS r ON r.target_id = s.variable_id
    JOIN member AS m ON m.file_id = r.file_id AND m.object_node = r.node
    UNION
    SELECT m.file_id, m.name_node, m.name, x.type_id, false
    FROM class_expression AS x
    JOIN member AS m ON m.file_id = x.file_id AND m.object_node = x.node
),
direct AS (
    SELECT DISTINCT o.file_id, o.name_node FROM on_type AS o
),
on_object AS (
    SELECT m.file_id, m.name_node, m.name, e.type_id, true AS is_inferred
    FROM typed_expression AS e
    JOIN member AS m ON m.file_id = e.file_id AND m.object_node = e.node
    ANTI JOIN direct AS d ON d.file_id = m.file_id AND d.name_node = m.name_node
),
asked AS (
    SELECT o.file_id, o.name_node, o.name, o.type_id, o.is_inferred FROM on_type AS o
    UNION
    SELECT o.file_id, o.name_node, o.name, o.type_id, o.is_inferred FROM on_object AS o
)
SELECT DISTINCT
    a.file_id,
    a.name_node AS node,
    t.symbol_id,
    t.is_inherited,
    a.is_inferred,
    count(*) OVER (PARTITION BY a.file_id, a.name_node) AS choices
FROM asked AS a
JOIN type_member AS t ON t.type_id = a.type_id AND t.name = a.name
