-- what nobody bought in a quarter -- and why NOT EXISTS, not NOT IN: NULLs
SELECT p.sku FROM product AS p
WHERE NOT EXISTS (SELECT * FROM sale AS s WHERE s.sku = p.sku AND s.sold_on BETWEEN DATE '2024-01-01' AND DATE '2024-03-31')
ORDER BY p.sku
