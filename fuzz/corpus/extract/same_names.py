def f(): pass
def f(): pass
class f: pass
if a:
  def f(): pass
x = x
x = x
def f(): pass
def f(): pass
class f: pass
if a:
  def f(): pass
x = x
x = x
def f(): pass
def f(): pass
class f: pass
if a:
  def f(): pass
x = x
x = x
