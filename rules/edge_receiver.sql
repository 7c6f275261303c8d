-- emits: edges RECEIVER
-- resolution: exact
-- layer: syntax
-- unique: yes
-- why: the object that a method call is made on
SELECT c.node_id AS src, c.receiver_id AS dst, c.file_id, c.receiver_start AS start_byte, c.receiver_end AS end_byte
FROM call AS c
WHERE c.receiver_id IS NOT NULL AND c.kind IN ('explicit', 'decorator', 'construct')
