-- tests of every kind
SELECT * FROM t WHERE a BETWEEN 1 AND 2 + 3 AND b NOT BETWEEN c AND d AND e LIKE '%x!_%' ESCAPE '!' AND f NOT ILIKE 'y%' AND g GLOB '*.c' AND h SIMILAR TO '(a|b)+' AND i IS NOT TRUE
    AND j IS UNKNOWN AND k IN (1, 2, 3) AND l NOT IN (SELECT m FROM n) AND (o = p) = q AND r ~ '^x' AND s IN tags AND (t < u) IS NULL
