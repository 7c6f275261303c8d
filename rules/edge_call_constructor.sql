-- emits: edges CALL
-- layer: calls
-- why: a class that is called runs the nearest __init__ of its hierarchy, or else the nearest __new__
--
-- Where the repository has neither (a dataclass, a base outside) the edge leads to the TYPE_DECL.
SELECT c.call_id AS src, c.object_id AS dst, c.resolution, c.file_id, c.start_byte, c.end_byte
FROM constructor_call AS c
