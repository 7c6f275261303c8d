-- sessions by gaps of half an hour
WITH marked AS (
    SELECT user_id, at, CASE WHEN at - lag(at) OVER (PARTITION BY user_id ORDER BY at) > INTERVAL 30 MINUTE THEN 1 ELSE 0 END AS starts
    FROM click
)
SELECT user_id, at, sum(starts) OVER (PARTITION BY user_id ORDER BY at) AS session FROM marked
