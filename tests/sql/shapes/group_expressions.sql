-- groups of expressions, filters in aggregates
SELECT date_trunc('month', seen) AS month, count(*) FILTER (WHERE kind = 'error') AS errors, count(*) AS n,
    string_agg(DISTINCT host, ', ' ORDER BY host DESC) AS hosts, list(message ORDER BY seen)[1:3] AS first_messages
FROM log GROUP BY date_trunc('month', seen), CASE WHEN level > 3 THEN 'high' ELSE 'low' END HAVING count(*) > 10
