-- operators of every level
SELECT -a + b * c ** 2 - d // 3 % 4 / -e, (a + b) * (c - (d - e)), a - (b - c), a - b - c, ~a & b | c << 2, NOT a = b AND NOT (c OR d), (a OR b) AND c, a || b || (c || d),
    a AT TIME ZONE 'UTC', b COLLATE nocase, x -> '$.a', y ->> 'b' = 'c' FROM t
