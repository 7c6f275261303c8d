-- ordered sets
SELECT service, percentile_cont(0.5) WITHIN GROUP (ORDER BY took_ms) AS median, percentile_disc(0.99) WITHIN GROUP (ORDER BY took_ms DESC) FILTER (WHERE status < 500) AS slow
FROM request GROUP BY service
