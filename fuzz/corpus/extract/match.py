match command.split():
    case [action]: pass
    case [action, *rest] if rest: pass
    case {"k": v, **others}: pass
    case Point(x=0, y=yy) | Line(start=(a, b)) as whole: pass
    case -1 | 2+3j | "s" | None | True: pass
    case mod.CONST: pass
    case _: pass
