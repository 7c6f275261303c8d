-- emits: nodes LOCAL, MEMBER
-- layer: names
-- unique: yes
-- why: a name that a scope of the file binds is a variable: of a class a MEMBER, else a LOCAL
--
-- Its place is where it is first bound; one that is only declared, or that the language makes, stands at
-- the end of its scope.
WITH own AS (
    SELECT b.file_id, b.binding, b.node_id, b.name, b.scope, s.node_id AS parent_id, s.method_id,
           CASE WHEN s.kind = 'class' AND b.storage <> 'implicit' THEN 'MEMBER' ELSE 'LOCAL' END AS kind,
           d.name_node,
           coalesce(d.is_parameter, false) AS is_parameter
    FROM binding AS b
    JOIN scope AS s ON s.file_id = b.file_id AND s.scope = b.scope
    LEFT JOIN first_definition AS d ON d.file_id = b.file_id AND d.binding = b.binding
    WHERE b.target IS NULL AND b.storage <> 'parameter'
)
SELECT o.kind, o.node_id, o.name, o.file_id, x.start_byte, x.end_byte, x.start_line, x.end_line,
       o.parent_id, o.method_id AS function_id
FROM own AS o
JOIN syntax AS x ON x.file_id = o.file_id AND x.node = o.name_node
WHERE NOT o.is_parameter
UNION ALL
SELECT o.kind, o.node_id, o.name, o.file_id, x.end_byte, x.end_byte, x.end_line, x.end_line,
       o.parent_id, o.method_id
FROM own AS o
JOIN syntax AS x ON x.file_id = o.file_id AND x.node = o.scope
WHERE o.name_node IS NULL
