a = [i for i in range(3) for j in i if j if i]
b = {(x, y): [w := x for x in y] for y in z}
c = (await f(x) async for x in g())
d = {*a, *b, 1}; e = {**a, 'k': 1}; f = [lambda q=1, *r, **s: (q, r, s) for _ in a]
class C:
    n = 1
    l = [n for _ in range(n)]
