def f(:
    x = = 3
class
  )]}
if x
    y
print "old"
exec code in ns
for in
lambda x y: 0
"unterminated
''' never ends
