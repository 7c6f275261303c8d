-- one row a group
SELECT DISTINCT ON (customer_id, lower(channel)) customer_id, channel, seen FROM touch ORDER BY customer_id, lower(channel), seen DESC
