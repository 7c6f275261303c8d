-- operands with their own order and limit
(SELECT a, b FROM t1 ORDER BY b LIMIT 3) UNION ALL (SELECT a, b FROM t2 ORDER BY b DESC LIMIT 3)
INTERSECT ALL ((SELECT a, b FROM t3 EXCEPT ALL SELECT a, b FROM t4) ORDER BY a)
