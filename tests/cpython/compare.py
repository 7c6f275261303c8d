"""Compares relgraph's facts of a repository with CPython 3.11's own answers (oracle.py).

    compare.py FACTS_SQL REPOSITORY WORK_FOLDER

Prints what was compared and every difference; RESULT lines are for check.sh. A case is, of the counts, a
file and a category (or a file, a category and a name); of the storage classes a name in a scope; of the
qualified names, one of a file."""
import collections
import csv
import multiprocessing
import os
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import oracle

DIFFERENCES_SHOWN = 400

# One row a (file, category, name). Decorators without a call and implicit calls are no ast.Call; a
# reference that is the name of a function, class, parameter or import is no ast.Name.
COUNTS = """
WITH named AS (
    SELECT DISTINCT file_id, name_node AS node FROM definition
    WHERE kind IN ('function', 'class', 'parameter', 'import', 'type_parameter') AND name_node IS NOT NULL)
SELECT f.path, c.category, c.name, count(*) AS n FROM (
    SELECT x.file_id, 'functions' AS category, coalesce(s.name, '') AS name
    FROM syntax x LEFT JOIN scope s ON s.file_id = x.file_id AND s.scope = x.node
    WHERE x.role IN ('function', 'lambda')
    UNION ALL
    SELECT x.file_id, 'classes', coalesce(s.name, '')
    FROM syntax x LEFT JOIN scope s ON s.file_id = x.file_id AND s.scope = x.node
    WHERE x.role = 'class'
    UNION ALL
    SELECT file_id, 'calls', '' FROM call WHERE kind IN ('explicit', 'construct')
    UNION ALL
    SELECT file_id, 'imports', CASE WHEN is_star THEN '*' ELSE coalesce(name, module) END FROM import
    UNION ALL
    SELECT r.file_id,
           CASE WHEN r.access IN ('read', 'type') THEN 'loaded' ELSE 'stored' END, x.token
    FROM reference r JOIN syntax x ON x.file_id = r.file_id AND x.node = r.node
    ANTI JOIN named n ON n.file_id = r.file_id AND n.node = r.node
) c JOIN file f ON f.file_id = c.file_id
GROUP BY ALL ORDER BY ALL
"""
SCOPES = """
SELECT f.path, s.scope, coalesce(s.parent_scope, -1) AS parent, s.kind, s.name, s.qualified_name,
       x.start_line
FROM scope s JOIN file f ON f.file_id = s.file_id
JOIN syntax x ON x.file_id = s.file_id AND x.node = s.scope
WHERE NOT s.transparent ORDER BY f.path, s.scope
"""
BINDINGS = """
SELECT f.path, b.scope, b.name, b.storage, b.pass_through
FROM binding b JOIN file f ON f.file_id = b.file_id
WHERE b.storage <> 'implicit' ORDER BY f.path, b.binding
"""
FILES = "SELECT path, language, status, coalesce(reason, '') AS reason FROM file ORDER BY path"


class Tally:
    """Cases, differences with a text each, of one part."""

    def __init__(self):
        self.cases = 0
        self.differences = []

    def check(self, equal, text):
        self.cases += 1
        if not equal:
            self.differences.append(text)


def rows(folder, name):
    with open(os.path.join(folder, name + ".csv"), encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def by_path(folder, name):
    grouped = collections.defaultdict(list)
    for row in rows(folder, name):
        grouped[row["path"]].append(row)
    return grouped


def our_scopes(scope_rows, binding_rows):
    """The root of our scopes as oracle.Scope, and a counter of qualified names."""
    made, root, names = {}, None, collections.Counter()
    for row in scope_rows:
        name = row["name"].strip("<>") if row["name"].startswith("<") else row["name"]
        scope = oracle.Scope(row["kind"], name, int(row["start_line"]), {})
        made[row["scope"]] = scope
        if row["parent"] in made:
            made[row["parent"]].children.append(scope)
            names[row["qualified_name"]] += 1
        else:
            root = scope
    for row in binding_rows:
        made[row["scope"]].symbols[row["name"]] = (row["storage"], row["pass_through"] == "true")
    return root, names


def shape(scope):
    return (scope.kind, scope.name, tuple(sorted(scope.symbols.items())),
            tuple(sorted(map(shape, scope.children))))


def pair(theirs, ours):
    """Matches the scopes inside one scope. CPython enters them in another order than they are written:
    by what they are and line, then by equal content, then in order; a line may be off inside an
    f-string."""
    pairs, left = [], list(ours)
    unmatched = list(theirs)
    tests = (
        lambda a, b: (a.kind, a.name, a.line) == (b.kind, b.name, b.line) and shape(a) == shape(b),
        lambda a, b: (a.kind, a.name, a.line) == (b.kind, b.name, b.line),
        lambda a, b: (a.kind, a.name) == (b.kind, b.name) and shape(a) == shape(b),
        lambda a, b: (a.kind, a.name) == (b.kind, b.name),
    )
    for test in tests:
        rest = []
        for a in unmatched:
            found = next((b for b in left if test(a, b)), None)
            if found is None:
                rest.append(a)
            else:
                left.remove(found)
                pairs.append((a, found))
        unmatched = rest
        if not unmatched:
            break
    return pairs, unmatched, left


def compare_scopes(path, theirs, ours, tally):
    work = [(theirs, ours)]
    while work:
        a, b = work.pop()
        scope = a or b
        for name in sorted(set(a.symbols if a else ()) | set(b.symbols if b else ())):
            expected = a.symbols.get(name) if a else None
            found = b.symbols.get(name) if b else None
            tally.check(expected == found,
                        f"{path}:{scope.line}: {scope.kind} {scope.name}: {name}: "
                        f"CPython {expected}, relgraph {found}")
        pairs, missing, extra = pair(a.children if a else [], b.children if b else [])
        work += pairs
        work += [(one, None) for one in missing] + [(None, one) for one in extra]


def compare_file(job):
    root, path, counts, scope_rows, binding_rows = job
    parts = {name: Tally() for name in ("counts", "counts by name", "storage", "qualified names")}
    sys.setrecursionlimit(20000)
    try:
        their_counts, their_scopes, their_names = oracle.read(os.path.join(root, path))
    except OSError:
        return path, "unreadable", parts
    if their_counts is None:
        return path, "rejected", parts
    ours = collections.Counter()
    for row in counts:
        ours[row["category"], row["name"]] += int(row["n"])
    for category in oracle.CATEGORIES:
        a = {name: n for (c, name), n in their_counts.items() if c == category}
        b = {name: n for (c, name), n in ours.items() if c == category}
        parts["counts"].check(sum(a.values()) == sum(b.values()),
                              f"{path}: {category}: CPython {sum(a.values())}, "
                              f"relgraph {sum(b.values())}")
        # A row of the table of imports has module and name apart; ast's alias has either.
        for name in sorted(set(a) | set(b) if category != "imports" else ()):
            parts["counts by name"].check(
                a.get(name, 0) == b.get(name, 0),
                f"{path}: {category} {name}: CPython {a.get(name, 0)}, relgraph {b.get(name, 0)}")
    if their_scopes is not None:
        our_root, our_names = our_scopes(scope_rows, binding_rows)
        compare_scopes(path, their_scopes, our_root, parts["storage"])
        if their_names is not None:
            for name, n in sorted(their_names.items()):
                parts["qualified names"].check(
                    our_names[name] >= n, f"{path}: {name}: CPython {n}, relgraph {our_names[name]}")
    return path, "compared", parts


def main():
    tool, root, folder = sys.argv[1:4]
    print(subprocess.run([tool, root, folder, "files", FILES, "counts", COUNTS, "scopes", SCOPES,
                          "bindings", BINDINGS], check=True, text=True,
                         stdout=subprocess.PIPE).stdout.strip(), flush=True)
    counts, scope_rows = by_path(folder, "counts"), by_path(folder, "scopes")
    bindings = by_path(folder, "bindings")
    jobs, outcome = [], collections.Counter()
    for row in rows(folder, "files"):
        path = row["path"]
        if row["language"] != "python":
            continue
        if row["status"] in ("parsed", "partial"):
            jobs.append((root, path, counts.pop(path, []), scope_rows.pop(path, []),
                         bindings.pop(path, [])))
        elif oracle.read(os.path.join(root, path))[0] is not None:
            outcome["skipped by relgraph, accepted by CPython"] += 1
            print(f"skipped: {path}: {row['reason']}")
    totals = {}
    with multiprocessing.Pool() as pool:
        for path, what, parts in pool.imap(compare_file, jobs, chunksize=16):
            outcome[what] += 1
            for name, tally in parts.items():
                total = totals.setdefault(name, Tally())
                total.cases += tally.cases
                total.differences += tally.differences
    print(", ".join(f"{n} files {what}" for what, n in sorted(outcome.items())))
    for name, tally in totals.items():
        for text in tally.differences[:DIFFERENCES_SHOWN]:
            print(f"  {name}: {text}")
        if len(tally.differences) > DIFFERENCES_SHOWN:
            print(f"  {name}: and {len(tally.differences) - DIFFERENCES_SHOWN} more")
    for name, tally in totals.items():
        print(f"RESULT {name}: {tally.cases - len(tally.differences)} of {tally.cases}")


if __name__ == "__main__":
    main()
