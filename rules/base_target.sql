-- emits: base_target
-- layer: types
-- why: what each written base class may be; `Base[T]` means Base
--
-- A base is evaluated where the class is defined: a variable of the same scope means what it held
-- there.
WITH star_name AS (
    SELECT n.module_id, n.name, n.variable_id FROM module_name AS n WHERE n.is_star
),
base AS (
    SELECT
        t.file_id,
        s.node_id AS type_id,
        t.index,
        x.node_id AS expression_id,
        x.start_byte,
        x.end_byte,
        coalesce(u.object_node, t.node) AS node
    FROM base_type AS t
    JOIN scope AS s ON s.file_id = t.file_id AND s.scope = t.type_node
    JOIN syntax AS x ON x.file_id = t.file_id AND x.node = t.node
    LEFT JOIN subscript AS u ON u.file_id = t.file_id AND u.node = t.node
    WHERE t.kind IN ('base', 'star')
),
base_name AS (
    SELECT r.file_id, r.node, r.name, r.scope, r.resolution, coalesce(r.target_id, z.variable_id) AS variable_id
    FROM reference AS r
    SEMI JOIN base AS b ON b.file_id = r.file_id AND b.node = r.node
    LEFT JOIN star_name AS z
        ON z.module_id = r.file_id AND z.name = CASE r.resolution WHEN 'star' THEN r.name END
),
base_member AS (
    SELECT m.file_id, m.node, m.name, m.object_node
    FROM member AS m
    SEMI JOIN base AS b ON b.file_id = m.file_id AND b.node = m.node
),
object_name AS (
    SELECT o.file_id, o.node, o.target_id AS variable_id
    FROM reference AS o
    SEMI JOIN base_member AS m ON m.file_id = o.file_id AND m.object_node = o.node
),
named AS (
    SELECT
        b.file_id,
        b.type_id,
        b.index,
        b.expression_id,
        b.start_byte,
        b.end_byte,
        b.node,
        coalesce(r.name, m.name) AS name,
        r.scope,
        r.resolution,
        r.variable_id,
        m.node AS member_node,
        o.variable_id AS object_variable_id
    FROM base AS b
    LEFT JOIN base_name AS r ON r.file_id = b.file_id AND r.node = b.node
    LEFT JOIN base_member AS m ON m.file_id = b.file_id AND m.node = b.node
    LEFT JOIN object_name AS o ON o.file_id = m.file_id AND o.node = m.object_node
),
found AS (
    SELECT n.expression_id, v.what, v.object_id, v.is_imported OR v.file_id <> n.file_id AS is_imported
    FROM named AS n
    JOIN variable_value AS v ON v.variable_id = n.variable_id
    WHERE CASE
            WHEN v.file_id = n.file_id AND v.scope = n.scope
            THEN v.after < n.node AND (v.until IS NULL OR v.until >= n.node)
            ELSE v.until IS NULL
        END
      AND v.object_id IS DISTINCT FROM n.type_id
    UNION
    SELECT n.expression_id, m.what, m.object_id, true
    FROM named AS n
    JOIN module_member AS m ON m.file_id = n.file_id AND m.node = n.member_node
    UNION
    SELECT n.expression_id, 'class', c.type_id, c.is_imported
    FROM named AS n
    JOIN class_expression AS c ON c.file_id = n.file_id AND c.node = n.member_node
),
known AS (
    SELECT DISTINCT v.variable_id FROM variable_value AS v
),
outside AS (
    SELECT v.variable_id FROM variable_value AS v WHERE v.what = 'external' AND v.choices = 1 AND v.until IS NULL
)
SELECT
    n.file_id,
    n.type_id,
    n.index,
    n.expression_id,
    n.start_byte,
    n.end_byte,
    n.name,
    CASE WHEN f.what = 'class' THEN f.object_id END AS object_id,
    CASE
        WHEN f.what = 'missing' THEN 'missing_name'
        WHEN f.what IS NOT NULL THEN f.what
        WHEN x.variable_id IS NOT NULL THEN 'external'
        WHEN n.resolution = 'builtin' THEN 'builtin'
        WHEN n.resolution = 'star' THEN 'star_import'
        WHEN n.resolution IN ('unbound', 'global') THEN 'unbound'
        WHEN k.variable_id IS NOT NULL THEN 'rebound'
        WHEN n.resolution IS NOT NULL THEN 'value'
        WHEN n.member_node IS NOT NULL THEN 'attribute_of_unknown'
        ELSE 'dynamic'
    END AS what,
    coalesce(f.is_imported, false) AS is_imported,
    count(*) OVER (PARTITION BY n.expression_id) AS choices
FROM named AS n
LEFT JOIN found AS f ON f.expression_id = n.expression_id
LEFT JOIN known AS k ON k.variable_id = n.variable_id
LEFT JOIN outside AS x ON x.variable_id = n.object_variable_id
