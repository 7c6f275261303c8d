-- first and last values, NULLs left out
SELECT sensor, at, last_value(reading IGNORE NULLS) OVER (PARTITION BY sensor ORDER BY at) AS filled,
    first_value(reading RESPECT NULLS) OVER (PARTITION BY sensor ORDER BY at GROUPS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING EXCLUDE TIES) AS next
FROM telemetry
