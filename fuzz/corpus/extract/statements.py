from __future__ import annotations
from . import a as b, c
from ..x.y import (z, w as v,)
from m import *
import p.q.r, s as t
del a, b[0], c.d, (e, [f])
x = y = z, *w = 1, 2, 3
x: int
x.y: List[int] = 3
x @= 1; x //= 2; x **= 3; x >>= 4
assert x, "m"
raise E from None
with open(a) as b, c as (d, e): pass
async def f():
    async with a as b: yield b
    async for i in j: await k
    else: return
    yield from g
for a, *b in c:
    continue
else: break
while (n := n - 1): pass
try: pass
except* (A, B) as e: raise
else: pass
finally: pass
if a: pass
elif b: pass
else: pass
global g1, g2
__all__ = ["a", "b"] + c.__all__
__all__ += ["d"]; __all__.append("e"); __all__.extend(["f"])
