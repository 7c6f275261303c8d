-- emits: edges CAPTURE
-- resolution: bound
-- layer: names
-- unique: yes
-- why: a function that uses a variable of a function around it holds it; the owner of the inner scope is the source
SELECT s.node_id AS src, b.node_id AS dst, b.file_id, s.start_byte, s.end_byte
FROM binding AS b
JOIN scope AS s ON s.file_id = b.file_id AND s.scope = b.scope
WHERE b.storage = 'free' AND b.target IS NOT NULL
