-- columns matched by name
SELECT id, name FROM person UNION ALL BY NAME SELECT name, born, id FROM author UNION BY NAME (VALUES (1, 2))
