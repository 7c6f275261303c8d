@a.b(c)
@d
def f(): "doc"
@x
class C: """doc"""; a: int = field(default=0)
@(y := z)
async def g(): ...
