type Alias[T: int, *Ts, **P] = list[T]
def f[T](a: T) -> T: return a
class G[K, V = int](Base[K]): m: V
def g(x: "forward", *a: *Ts, **k: P.kwargs) -> None: ...
