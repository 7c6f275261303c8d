-- rows of two tables that differ, found by a full join and a tally of columns
SELECT coalesce(l.id, r.id) AS id, l.id IS NULL AS added, r.id IS NULL AS removed, (l.a IS DISTINCT FROM r.a)::INTEGER + (l.b IS DISTINCT FROM r.b)::INTEGER AS changes
FROM before AS l FULL JOIN after AS r ON l.id = r.id
WHERE l.id IS NULL OR r.id IS NULL OR (l.a, l.b) IS DISTINCT FROM (r.a, r.b)
