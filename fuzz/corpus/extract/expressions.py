a if b else c; a and b or not c; a < b <= c != d in e not in f is g is not h
-a + ~b ** -c // d % e @ f << g >> h & i | j ^ k
a[1:2:3, ..., None], a[b, *c], a.b.c(d, *e, f=g, **h)(i)[j]
lambda: (yield); (yield a, b); f"{a!r:>{w}} {b=} {{}} {f'{c}'}" "x" rb'\x00' u"y" 0x1F 0o7 0b1 1_000 1e3 1j
print(*args, sep="", **kw); [*a, b]; (a,); (); {}; {1}; {1: 2}
x = (yield)
not_ = not a
