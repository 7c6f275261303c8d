-- intervals that overlap
SELECT x.id AS a, y.id AS b, least(x.until, y.until) - greatest(x.since, y.since) AS shared
FROM span x JOIN span y ON x.id < y.id AND x.since < y.until AND y.since < x.until
