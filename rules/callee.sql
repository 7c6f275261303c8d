-- emits: callee
-- layer: calls
-- why: every call that is written, and what its callee is
--
-- A name, and the variable it means; or a member of something, and the variable that something is.
WITH star_name AS (
    SELECT n.module_id, n.name, n.variable_id FROM module_name AS n WHERE n.is_star
)
SELECT
    c.file_id,
    c.node,
    c.node_id,
    c.scope,
    c.callee_name,
    c.start_byte,
    c.end_byte,
    coalesce(r.name, m.name) AS name,
    coalesce(r.target_id, z.variable_id) AS variable_id,
    r.scope AS name_scope,
    r.resolution,
    m.node AS member_node,
    m.object_node,
    o.target_id AS object_variable_id,
    o.resolution AS object_resolution
FROM call AS c
LEFT JOIN reference AS r ON r.file_id = c.file_id AND r.node = coalesce(c.callee_node, c.node)
LEFT JOIN star_name AS z
    ON z.module_id = c.file_id AND z.name = CASE r.resolution WHEN 'star' THEN r.name END
LEFT JOIN member AS m ON m.file_id = c.file_id AND m.node = c.callee_node
LEFT JOIN reference AS o ON o.file_id = c.file_id AND o.node = m.object_node
WHERE c.kind IN ('explicit', 'decorator', 'construct')
