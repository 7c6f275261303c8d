-- first and last values, NULLs left out
SELECT sensor, seen, last_value(reading IGNORE NULLS) OVER (PARTITION BY sensor ORDER BY seen) AS filled,
    first_value(reading RESPECT NULLS) OVER (PARTITION BY sensor ORDER BY seen GROUPS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING EXCLUDE TIES) AS next
FROM telemetry
