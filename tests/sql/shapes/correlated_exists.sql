-- customers with an order above their own average
SELECT c.id, c.name
FROM customer AS c
WHERE EXISTS (
    SELECT 1
    FROM orders AS o
    WHERE o.customer_id = c.id
        AND o.total > (SELECT avg(p.total) FROM orders AS p WHERE p.customer_id = c.id)
)
