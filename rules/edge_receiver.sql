-- emits: edges RECEIVER
-- resolution: exact
-- layer: syntax
-- unique: yes
-- why: the object that a method call is made on
SELECT c.node_id AS src, x.node_id AS dst, c.file_id, x.start_byte, x.end_byte
FROM call AS c
JOIN syntax AS x ON x.file_id = c.file_id AND x.node = c.receiver_node
WHERE c.receiver_node IS NOT NULL AND c.kind IN ('explicit', 'decorator', 'construct')
