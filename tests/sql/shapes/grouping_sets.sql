-- cubes, rollups, sets of sets
SELECT coalesce(region, 'all') AS region, product, year, grouping(region, product) AS level, sum(amount)
FROM sale
GROUP BY GROUPING SETS ((region, product), region, ()), ROLLUP (year, quarter), CUBE (channel, (store, till))
