-- ANY and ALL
SELECT t.id FROM ticket t
WHERE t.priority >= ALL (SELECT u.priority FROM ticket u WHERE u.queue = t.queue)
   OR t.owner = ANY (SELECT g.owner FROM on_call g) OR t.tag = ANY (['urgent', 'now'])
