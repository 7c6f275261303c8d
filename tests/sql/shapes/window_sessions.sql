-- sessions by gaps of half an hour
WITH marked AS (
    SELECT user_id, seen, CASE WHEN seen - lag(seen) OVER (PARTITION BY user_id ORDER BY seen) > INTERVAL 30 MINUTE THEN 1 ELSE 0 END AS starts
    FROM click
)
SELECT user_id, seen, sum(starts) OVER (PARTITION BY user_id ORDER BY seen) AS session FROM marked
