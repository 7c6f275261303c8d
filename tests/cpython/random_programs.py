"""Writes random Python programs that CPython accepts, for compare.py: few names, all that binds and hides
them, nested in each other.

    random_programs.py FOLDER COUNT [SEED]"""
import os
import random
import sys
import symtable
import warnings

NAMES = ["a", "b", "c", "__p", "__class__", "super"]
VARIABLES = ["a", "b", "c", "__p"]


class Program:
    def __init__(self, seed):
        self.random = random.Random(seed)
        # Annotations that are never evaluated have no scopes in symtable; ours keep them.
        self.future = self.random.random() < .2

    def one(self, *choices):
        return self.random.choice(choices)

    def name(self):
        return self.random.choice(NAMES)

    def variable(self):
        return self.random.choice(VARIABLES)

    def parameters(self):
        v, e, t = self.variable, self.expression, self.annotation
        return self.one("", v(), f"a, b={e(1)}", f"a, /, b, *, c={e(1)}", "*a, **b", f"a: {t()}",
                        f"a: {t()} = {e(1)}", f"*a: {t()}", "self")

    def clauses(self, depth):
        text = ""
        for _ in range(self.random.randint(1, 2)):
            target = self.one("a", "b", "(a, b)", "a, *b", "c")
            text += f" for {target} in {self.expression(depth)}"
            if self.random.random() < .3:
                text += f" if {self.expression(depth)}"
        return text

    def expression(self, depth):
        if depth <= 0:
            return self.name()
        e = lambda: self.expression(depth - 1)
        return self.one(
            lambda: self.name(),
            lambda: self.name(),
            lambda: f"(lambda {self.one('', 'a', f'a, b={e()}', '*a', '__p, /')}: {e()})",
            lambda: f"[{e()}{self.clauses(depth - 1)}]",
            lambda: f"{{{e()}{self.clauses(depth - 1)}}}",
            lambda: f"{{{e()}: {e()}{self.clauses(depth - 1)}}}",
            lambda: f"({e()}{self.clauses(depth - 1)})",
            lambda: f"f({e()}{self.clauses(depth - 1)})",
            lambda: f"({self.variable()} := {e()})",
            lambda: f"({e()} + {e()})",
            lambda: f"({e()} if {e()} else {e()})",
            lambda: f"{self.name()}({e()}, a={e()}, *{e()}, **{e()})",
            lambda: f"{self.name()}.__p[{e()}:{e()}]",
            lambda: f"(not {e()} and {e()} < {e()})",
            lambda: f"f'{{{self.name()}!r:>{{{self.name()}}}}} {{{self.name()}}}'",
            lambda: f"[*{e()}, {e()}]",
            lambda: f"{{**{e()}, 'k': {e()}}}",
        )()

    def body(self, depth, indent, kind):
        return "".join(self.statement(depth, indent, kind)
                       for _ in range(self.random.randint(1, 4)))

    def pattern(self):
        return self.one("a", "[a, *b]", "{'k': a, **b}", "C(a, x=b)", "(1 | 2) as c", "a.b", "_",
                        "None | [_, *_]", "{1: [c]}", "-1 + 2j", "str(a) as b")

    def statement(self, depth, indent, kind):
        e, v, t = self.expression, self.variable, self.annotation
        inner = indent + " " * 4
        simple = [
            lambda: f"{v()} = {e(3)}",
            lambda: f"{v()} = {v()} = {e(2)}",
            lambda: f"a, (b, *c) = {e(2)}",
            lambda: f"{self.name()}.x, [{v()}, {self.name()}[{e(1)}]] = {e(2)}",
            lambda: f"{v()} += {e(2)}",
            lambda: f"{v()}: {t()}",
            lambda: f"{v()}: {t()} = {e(2)}",
            lambda: f"({v()}): {t()} = {e(2)}",
            lambda: f"{self.name()}.x: {t()}",
            lambda: f"del {v()}, ({v()}, {self.name()}.x, {self.name()}[0])",
            lambda: f"import {self.one('a', 'b.c', '__p', 'a.b as c', 'a as __p, b')}",
            lambda: f"from {self.one('.', 'm', '..m.n')} import {self.one('a', 'a as b', '(b, c as __p,)')}",
            lambda: f"assert {e(2)}, {e(1)}",
            lambda: f"raise {e(1)} from {e(1)}",
            lambda: f"{e(3)}",
            lambda: f"{e(3)}",
            lambda: f"global {self.one('a', 'b, c', '__p')}" if kind != "module" else "pass",
            lambda: f"nonlocal {self.one('a', 'b, c', '__p', '__class__')}" if kind != "module" else "pass",
            lambda: f"return {e(2)}" if kind == "function" else "pass",
            lambda: f"{v()} = yield {e(2)}" if kind == "function" else "pass",
        ]
        b = lambda new=None: self.body(depth - 1, inner, new or kind)
        compound = [
            lambda: f"def {self.name()}({self.parameters()}){self.one('', f' -> {t()}')}:\n{b('function')}",
            lambda: f"@{e(1)}\n{indent}def {self.name()}({self.parameters()}):\n{b('function')}",
            lambda: f"async def {self.name()}({self.parameters()}):\n{b('function')}",
            lambda: f"class {self.one('K', '__Q', '___', 'a')}({self.one('', e(1), f'metaclass={e(1)}')}):\n"
                    f"{b('class')}",
            lambda: f"@{e(1)}\n{indent}class {self.one('_K', 'b')}:\n{b('class')}",
            lambda: f"for {self.one('a', 'a, *b', f'{self.name()}.x')} in {e(2)}:\n{b()}{indent}else:\n{b()}",
            lambda: f"while {e(2)}:\n{b()}",
            lambda: f"if {e(2)}:\n{b()}{indent}elif {e(1)}:\n{b()}{indent}else:\n{b()}",
            lambda: f"with {e(1)} as {self.one('a', '(a, b)', f'{self.name()}.x')}, {e(1)}:\n{b()}",
            lambda: f"with ({e(1)} as b, {e(1)}):\n{b()}",
            lambda: f"try:\n{b()}{indent}except {e(1)} as {v()}:\n{b()}{indent}finally:\n{b()}",
            lambda: f"try:\n{b()}{indent}except* {e(1)}:\n{b()}",
            lambda: f"match {e(1)}:\n{inner}case {self.pattern()}{self.one('', f' if {e(1)}')}:\n"
                    f"{self.body(depth - 1, inner + '    ', kind)}",
        ]
        text = self.random.choice(compound if depth and self.random.random() < .4 else simple)()
        return indent + text.rstrip("\n") + "\n"

    def annotation(self):
        return self.variable() if self.future else self.expression(1)

    def text(self):
        head = "from __future__ import annotations\n" if self.future else self.one("", "from m import *\n")
        return head + self.body(3, "", "module")


def main():
    folder, wanted = sys.argv[1], int(sys.argv[2])
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else 1
    os.makedirs(folder, exist_ok=True)
    warnings.simplefilter("ignore")
    made = 0
    while made < wanted:
        text = Program(seed).text()
        seed += 1
        try:
            symtable.symtable(text, "random", "exec")
            compile(text, "random", "exec", dont_inherit=True)
        except SyntaxError:
            continue
        with open(os.path.join(folder, f"program{made:05}.py"), "w", encoding="utf-8") as file:
            file.write(text)
        made += 1


if __name__ == "__main__":
    main()
