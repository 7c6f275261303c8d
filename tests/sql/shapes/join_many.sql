-- twelve tables, comma and JOIN mixed
SELECT count(*) FROM t1, t2 JOIN t3 ON t3.a = t2.a, (t4 CROSS JOIN t5), t6, t7
JOIN t8 USING (k) JOIN t9 USING (k) LEFT JOIN t10 ON t10.k = t9.k AND t10.v BETWEEN t9.lo AND t9.hi
JOIN t11 ON t11.id = t10.id OR t11.alt = t10.id JOIN t12 ON true
WHERE t1.a = t2.a AND t4.b = t6.b AND t6.c = t7.c
