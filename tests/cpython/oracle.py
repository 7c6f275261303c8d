"""What CPython says of a source file: counts from ast, storage classes from symtable, qualified names
from the compiler. Runs on CPython 3.11 only: 3.12 merges comprehensions into the function around."""
import ast
import collections
import symtable
import types
import warnings

# Python/symtable.h of 3.11
DEF_PARAM, DEF_NONLOCAL, DEF_IMPORT = 1 << 2, 1 << 3, 1 << 7
DEF_MASK, SCOPE_OFFSET, SCOPE_MASK = 0x7FF, 11, 0xF
LOCAL, GLOBAL_EXPLICIT, GLOBAL_IMPLICIT, FREE, CELL = range(1, 6)
KINDS = {"module": "module", "class": "class", "lambda": "lambda", "listcomp": "comprehension",
         "setcomp": "comprehension", "dictcomp": "comprehension", "genexpr": "comprehension"}

CATEGORIES = ("functions", "classes", "calls", "imports", "loaded", "stored")


def count(tree):
    """Counter of (category, name) over one file: names as written, '' where there is none."""
    found = collections.Counter()

    def add(category, name=""):
        found[category, name] += 1

    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            add("loaded" if isinstance(node.ctx, ast.Load) else "stored", node.id)
        elif isinstance(node, ast.Call):
            add("calls")
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            add("functions", node.name)
        elif isinstance(node, ast.Lambda):
            add("functions", "<lambda>")
        elif isinstance(node, ast.ClassDef):
            add("classes", node.name)
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            for alias in node.names:
                add("imports", alias.name)
        elif isinstance(node, (ast.MatchAs, ast.MatchStar)) and node.name:
            add("stored", node.name)
        elif isinstance(node, ast.MatchMapping) and node.rest:
            add("stored", node.rest)
        elif isinstance(node, ast.ExceptHandler) and node.name:
            add("stored", node.name)
    return found


def storage(flags):
    """Our storage class of a symbol and whether it is only handed through; None: no binding here."""
    place = flags >> SCOPE_OFFSET & SCOPE_MASK
    if place == LOCAL:
        kind = "parameter" if flags & DEF_PARAM else "imported" if flags & DEF_IMPORT else "local"
        return kind, False
    if place == CELL:
        return "cell", False
    if place == FREE:
        return "free", flags & DEF_MASK == 0
    if place == GLOBAL_EXPLICIT:
        return "global", False
    return None


class Scope:
    """A symbol table: kind, name, line, {name: (storage, pass_through)} and the scopes inside."""

    def __init__(self, kind, name, line, symbols):
        self.kind, self.name, self.line, self.symbols = kind, name, line, symbols
        self.children = []


def scopes(source, path):
    def make(table):
        kind = {0: "function", 1: "class", 2: "module"}[table.type]
        name = table.name
        if kind == "function" and name in KINDS:
            # A function may be called `genexpr`: only the compiler's own tables lack a line of `def`.
            kind = KINDS[name] if table_is_anonymous(table) else kind
        symbols = {}
        for symbol, flags in table.symbols.items():
            answer = storage(flags)
            if answer and not symbol.startswith("."):
                symbols[symbol] = answer
        return Scope(kind, name, table.lineno, symbols)

    top = symtable._symtable.symtable(source, path, "exec")
    root = make(top)
    work = [(top, root)]
    while work:
        table, scope = work.pop()
        for child in table.children:
            inner = make(child)
            scope.children.append(inner)
            work.append((child, inner))
    return root


def table_is_anonymous(table):
    return table.name == "lambda" or ".0" in table.symbols


def qualified_names(source, path):
    """Counter of co_qualname of all code objects but the module; what is never compiled is missing."""
    found = collections.Counter()
    work = [compile(source, path, "exec", dont_inherit=True, optimize=0)]
    while work:
        code = work.pop()
        for constant in code.co_consts:
            if isinstance(constant, types.CodeType):
                found[constant.co_qualname] += 1
                work.append(constant)
    return found


def read(path):
    """(counts, scopes, qualified names) of a file; parts that CPython rejects are None."""
    with open(path, "rb") as file:
        source = file.read()
    counts = root = names = None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            counts = count(ast.parse(source, path))
            root = scopes(source, path)
            names = qualified_names(source, path)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            pass
    return counts, root, names
