def f(a):
    return """x
y"""
x = f(1)\
+ 2
