-- emits: nodes LOCAL, MEMBER
-- layer: names
-- unique: yes
-- why: a name that a scope of the file binds is a variable: of a class a MEMBER, else a LOCAL
--
-- Its place is where it is first bound; one that is only declared, or that the language makes, stands at
-- the end of its scope.
WITH own AS (
    SELECT b.file_id, b.node_id, b.name, b.start_byte, b.end_byte, b.start_line, b.end_line,
           s.node_id AS parent_id, s.method_id,
           CASE WHEN s.kind = 'class' AND b.storage <> 'implicit' THEN 'MEMBER' ELSE 'LOCAL' END AS kind,
           coalesce(d.is_parameter, false) AS is_parameter
    FROM binding AS b
    JOIN scope AS s ON s.file_id = b.file_id AND s.scope = b.scope
    LEFT JOIN first_definition AS d ON d.file_id = b.file_id AND d.binding = b.binding
    WHERE b.target IS NULL AND b.storage <> 'parameter'
)
SELECT o.kind, o.node_id, o.name, o.file_id, o.start_byte, o.end_byte, o.start_line, o.end_line,
       o.parent_id, o.method_id AS function_id
FROM own AS o
WHERE NOT o.is_parameter
