-- comments in every place
/* a query
   with a head */
SELECT a, -- the first
       -- about b
       b, /* inline */ c + /* between */ d AS e -- the last
FROM t -- the table
-- before the filter
WHERE a = 1 -- first term
  AND b = 2 /* second term */
  -- third term
  AND c IN (1, -- one
            2)
ORDER BY a -- the key
-- the end
