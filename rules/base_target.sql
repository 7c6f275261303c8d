-- emits: base_target
-- layer: types
-- why: what each written base class may be. It is evaluated where the class is defined, so a variable of the same scope that is bound only later is not it; `Base[T]` means Base
WITH base AS (
    SELECT
        t.file_id,
        s.node_id AS type_id,
        t.index,
        x.node_id AS expression_id,
        x.start_byte,
        x.end_byte,
        t.node AS written_node,
        coalesce(u.object_node, t.node) AS node
    FROM base_type AS t
    JOIN scope AS s ON s.file_id = t.file_id AND s.scope = t.type_node
    JOIN syntax AS x ON x.file_id = t.file_id AND x.node = t.node
    LEFT JOIN subscript AS u ON u.file_id = t.file_id AND u.node = t.node
    WHERE t.kind = 'base'
),
named AS (
    SELECT
        b.file_id,
        b.type_id,
        b.index,
        b.expression_id,
        b.start_byte,
        b.end_byte,
        coalesce(r.name, m.name) AS name,
        r.resolution,
        CASE WHEN v.scope = r.scope AND v.node >= b.written_node THEN 'rebound'
             WHEN v.object_id = b.type_id THEN 'rebound'
             ELSE coalesce(v.what, q.what, i.what) END AS what,
        coalesce(v.object_id, q.object_id, i.object_id) AS object_id,
        coalesce(v.is_imported, q.node IS NOT NULL) AS is_imported,
        r.node IS NOT NULL AS is_name,
        m.node IS NOT NULL AS is_member
    FROM base AS b
    LEFT JOIN reference AS r ON r.file_id = b.file_id AND r.node = b.node
    LEFT JOIN module AS f ON f.module_id = b.file_id
    LEFT JOIN module_name AS z ON z.module_id = f.module_id AND z.name = r.name AND z.is_star AND r.target_id IS NULL
    LEFT JOIN variable_value AS v ON v.variable_id = coalesce(r.target_id, z.variable_id)
    LEFT JOIN member AS m ON m.file_id = b.file_id AND m.node = b.node
    LEFT JOIN module_member AS q ON q.file_id = b.file_id AND q.node = b.node
    LEFT JOIN reference AS o ON o.file_id = b.file_id AND o.node = m.object_node
    LEFT JOIN variable_value AS ov ON ov.variable_id = o.target_id AND ov.what = 'class'
    LEFT JOIN class_member AS i ON i.type_id = ov.object_id AND i.name = m.name
)
SELECT
    n.file_id,
    n.type_id,
    n.index,
    n.expression_id,
    n.start_byte,
    n.end_byte,
    n.name,
    CASE WHEN n.what = 'class' THEN n.object_id END AS object_id,
    CASE
        WHEN n.what IS NOT NULL THEN n.what
        WHEN n.is_name AND n.resolution = 'builtin' THEN 'builtin'
        WHEN n.is_name AND n.resolution = 'star' THEN 'star_import'
        WHEN n.is_name AND n.resolution <> 'bound' THEN 'unbound'
        WHEN n.is_name THEN 'value'
        WHEN n.is_member THEN 'attribute_of_unknown'
        ELSE 'dynamic'
    END AS what,
    n.is_imported,
    count(*) OVER (PARTITION BY n.expression_id) AS choices
FROM named AS n
