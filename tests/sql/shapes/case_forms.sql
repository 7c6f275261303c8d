-- both forms of CASE, nested
SELECT CASE status WHEN 1 THEN 'open' WHEN 2 THEN CASE WHEN due < current_date THEN 'late' ELSE 'running' END ELSE 'closed' END AS state,
    CASE WHEN a IS NULL AND b IS NOT NULL THEN b WHEN a IS DISTINCT FROM b THEN a END AS chosen FROM job
