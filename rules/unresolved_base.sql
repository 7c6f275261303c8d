-- emits: unresolved
-- layer: types
-- unique: yes
-- why: a base class that is not in the repository, or cannot be told from the text
SELECT
    b.expression_id AS node_id,
    'INHERITS_FROM' AS what,
    min(b.name) AS name,
    min(b.what) AS reason,
    CAST(0 AS INTEGER) AS candidates,
    b.file_id,
    min(b.start_byte) AS start_byte,
    max(b.end_byte) AS end_byte
FROM base_target AS b
GROUP BY b.file_id, b.expression_id
HAVING count(b.object_id) = 0
