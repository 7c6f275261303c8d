-- a calendar out of nothing
WITH RECURSIVE day(d) AS (SELECT DATE '2024-01-01' UNION ALL SELECT CAST(d + INTERVAL 1 DAY AS DATE) FROM day WHERE d < DATE '2024-12-31')
SELECT d, extract(isodow FROM d) AS weekday, date_part('week', d) AS week FROM day
