-- emits: constructor
-- layer: calls
-- why: a class that is called runs the nearest __init__ of its hierarchy, or else the nearest __new__
SELECT l.type_id, l.at, l.object_id, l.choices, l.is_uncertain
FROM member_lookup AS l
WHERE NOT l.beyond AND l.what = 'function' AND (l.name = '__init__' OR l.name = '__new__')
QUALIFY rank() OVER (PARTITION BY l.type_id ORDER BY l.name) = 1
