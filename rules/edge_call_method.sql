-- emits: edges CALL
-- layer: calls
-- why: a method called on self, cls, super() or a class by name is the nearest one in the class hierarchy
SELECT m.call_id AS src, m.object_id AS dst, m.resolution, m.file_id, m.start_byte, m.end_byte
FROM method_call AS m
