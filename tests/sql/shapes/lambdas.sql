-- functions of functions
SELECT list_transform(list_filter(scores, lambda s: s IS NOT NULL), lambda s: round(s * 100, 1)) AS percent,
    list_reduce(parts, (a, b) -> a || '/' || b) AS path, list_transform(x, y -> y + 1) AS more FROM sheet
