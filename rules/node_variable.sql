-- emits: nodes LOCAL, MEMBER
-- layer: names
-- unique: yes
-- why: a name that a scope of the file binds is a variable: of a class a MEMBER, else a LOCAL, where it is first bound
WITH first_place AS (
    SELECT
        d.file_id,
        d.binding,
        arg_min(coalesce(d.name_node, d.node), d.node) AS node
    FROM definition AS d
    GROUP BY d.file_id, d.binding
    HAVING NOT bool_or(d.kind = 'parameter')
),
placed AS (
    SELECT p.file_id, p.binding, x.start_byte, x.end_byte, x.start_line, x.end_line
    FROM first_place AS p
    JOIN syntax AS x ON x.file_id = p.file_id AND x.node = p.node
),
owner AS (
    SELECT
        s.file_id, s.scope, s.kind, s.node_id, s.method_id, x.end_byte, x.end_line
    FROM scope AS s
    JOIN syntax AS x ON x.file_id = s.file_id AND x.node = s.scope
),
parameter_binding AS (
    SELECT DISTINCT d.file_id, d.binding FROM definition AS d WHERE d.kind = 'parameter'
)
SELECT
    CASE WHEN o.kind = 'class' AND b.storage <> 'implicit' THEN 'MEMBER' ELSE 'LOCAL' END AS kind,
    b.node_id,
    b.name,
    b.file_id,
    coalesce(p.start_byte, o.end_byte) AS start_byte,
    coalesce(p.end_byte, o.end_byte) AS end_byte,
    coalesce(p.start_line, o.end_line) AS start_line,
    coalesce(p.end_line, o.end_line) AS end_line,
    o.node_id AS parent_id,
    o.method_id AS function_id
FROM binding AS b
JOIN owner AS o ON o.file_id = b.file_id AND o.scope = b.scope
LEFT JOIN placed AS p ON p.file_id = b.file_id AND p.binding = b.binding
ANTI JOIN parameter_binding AS f ON f.file_id = b.file_id AND f.binding = b.binding
WHERE b.target IS NULL AND b.storage <> 'parameter'
