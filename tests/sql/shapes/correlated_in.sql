-- row values against a subquery
SELECT a.id FROM allocation a
WHERE (a.project_id, a.person_id) IN (SELECT m.project_id, m.person_id FROM member m WHERE m.role = a.role)
  AND a.hours NOT IN (SELECT h.hours FROM holiday h WHERE h.day = a.day)
