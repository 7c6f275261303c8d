-- rows without a table
SELECT v.code, v.label, t.n FROM (VALUES (1, 'one'), (2, 'two'), (NULL, '')) AS v(code, label) LEFT JOIN tally AS t USING (code)
