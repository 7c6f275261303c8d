-- chained CTEs with hints and column names
WITH base(k, v) AS MATERIALIZED (SELECT key, value FROM kv), top AS NOT MATERIALIZED (SELECT k, max(v) AS v FROM base GROUP BY k), joined AS (SELECT * FROM base NATURAL JOIN top)
SELECT joined.* RENAME (v AS best) FROM joined
