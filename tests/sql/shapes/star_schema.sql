-- a fact table with six dimensions
SELECT d.year, r.name AS region, p.category, sum(f.amount) AS amount, count(DISTINCT f.customer_key) AS customers
FROM fact_sale AS f
JOIN dim_date AS d ON d.date_key = f.date_key
JOIN dim_store AS s ON s.store_key = f.store_key
JOIN dim_region AS r ON r.region_key = s.region_key
JOIN dim_product AS p USING (product_key)
JOIN dim_promotion AS m ON m.promotion_key = f.promotion_key AND m.kind <> 'none'
LEFT JOIN dim_return AS x ON x.sale_key = f.sale_key
WHERE d.year IN (2022, 2023, 2024) AND x.sale_key IS NULL
GROUP BY d.year, r.name, p.category
HAVING sum(f.amount) > 1e6
ORDER BY d.year, amount DESC NULLS LAST, region
