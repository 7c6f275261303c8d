-- nested values, made and taken apart
SELECT {'name': p.name, 'address': {'city': p.city, 'zip': p.zip}} AS person, (p.extra).phones[1].number, MAP {'a': 1, 'b': 2}['a'] AS one,
    struct_pack(x := p.x, y := p.y).x, [p.x, p.y][1], p.tags[2:], p.tags[:-2], CAST(ROW(1, 'a') AS STRUCT(n INTEGER, s VARCHAR)) FROM person AS p
