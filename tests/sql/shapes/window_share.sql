-- a share of the whole, a window over an aggregate
SELECT region, sum(amount) AS amount, sum(amount) / sum(sum(amount)) OVER () AS share, ntile(4) OVER (ORDER BY sum(amount)) AS quarter
FROM sale GROUP BY region
