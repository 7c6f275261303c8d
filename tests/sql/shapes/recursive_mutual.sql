-- reachability from two starts, deduplicated
WITH RECURSIVE forward AS (SELECT dst AS node FROM edge WHERE src = 1 UNION SELECT e.dst FROM forward f JOIN edge e ON e.src = f.node),
backward AS (SELECT src AS node FROM edge WHERE dst = 9 UNION SELECT e.src FROM backward b JOIN edge e ON e.dst = b.node)
SELECT node FROM forward INTERSECT SELECT node FROM backward
