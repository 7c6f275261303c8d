if a:
	if b:
        c
    d
  e


def f():
\
  pass
