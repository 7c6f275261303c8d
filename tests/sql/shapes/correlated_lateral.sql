-- the three latest orders of each customer
SELECT c.id, latest.id AS order_id, latest.total
FROM customer AS c
LEFT JOIN LATERAL (SELECT o.id, o.total FROM orders AS o WHERE o.customer_id = c.id ORDER BY o.placed_at DESC LIMIT 3) AS latest ON TRUE
