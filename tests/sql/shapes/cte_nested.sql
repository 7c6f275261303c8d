-- a WITH inside of a WITH, shadowing
WITH t AS (WITH t AS (SELECT 1 AS x) SELECT x + 1 AS x FROM t) SELECT x FROM t WHERE x IN (WITH t AS (SELECT 2 AS y) SELECT y FROM t)
