-- every join
SELECT a.id, b.x, c.y, d.z
FROM a
INNER JOIN b ON b.a_id = a.id
LEFT OUTER JOIN c USING (id, part)
RIGHT JOIN d ON d.id = c.d_id
FULL OUTER JOIN e ON e.id = d.id
CROSS JOIN f
NATURAL JOIN g
SEMI JOIN h ON h.id = a.id
ANTI JOIN i ON i.id = a.id, j
