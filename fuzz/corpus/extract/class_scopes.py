import os
x = 1
class A(B, metaclass=M, k=2):
    x = 2
    __secret = x
    def f(self, a, /, b=x, *args, c: int = 3, **kw) -> "str":
        global g
        nonlocal_ = self.__secret
        def inner():
            nonlocal nonlocal_
            nonlocal_ += 1
            return __class__, super().f, a
        return [y for y in args if (z := y)] or {k: v for k, v in kw.items()}
    @property
    def p(self): return self._p
    @p.setter
    def p(self, v): self._p = v
