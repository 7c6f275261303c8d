-- chained CTEs with hints and column names
WITH base(k, v) AS MATERIALIZED (SELECT key, value FROM kv), top AS NOT MATERIALIZED (SELECT k, max(v) AS v FROM base GROUP BY k), both AS (SELECT * FROM base NATURAL JOIN top)
SELECT both.* RENAME (v AS best) FROM both
