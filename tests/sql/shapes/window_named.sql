-- windows with names, one built on another
SELECT id, rank() OVER w AS place, lag(score, 1, 0) OVER w AS above, sum(score) OVER (w ROWS 2 PRECEDING) AS near,
    count(*) OVER whole AS all_of_them
FROM result
WINDOW w AS (PARTITION BY heat ORDER BY score DESC, id), whole AS ()
QUALIFY rank() OVER w <= 3
