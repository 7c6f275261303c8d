-- a scalar subquery in the list, two levels deep
SELECT e.name,
       (SELECT max(d.budget) FROM department d WHERE d.id = e.department_id
            AND d.opened > (SELECT min(x.opened) FROM department x WHERE x.site = d.site)) AS budget
FROM employee e
