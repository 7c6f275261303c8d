#!/bin/sh
# The command line from the outside: exact output, exit codes, and who gets to see what on stdout and
# stderr, on a repository of two files made here.
set -u
root=${RG_ROOT:-$(cd "$(dirname "$0")/../.." && pwd)}
build=${RG_BUILD:-$root/build/release}
relgraph=$build/relgraph
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
. "$root/tests/tap.sh"

# valid_json FILE: where there is something that can tell.
valid_json() {
    if command -v python3 >/dev/null; then
        python3 -c 'import json, sys
for line in open(sys.argv[1]).read().splitlines(): json.loads(line)' "$1"
    fi
}

echo "TAP version 13"

mkdir repo
cat >repo/helpers.py <<'PYTHON'
class Base:
    def greet(self):
        return helper("ü")


class Derived(Base):
    def greet(self):
        return missing(self)


def helper(name):
    return name
PYTHON
cat >repo/main.py <<'PYTHON'
from helpers import helper


def run():
    helper("a")
    return helper("b")
PYTHON

# --- What is wrong on the command line -------------------------------------------------------------
run "$relgraph"
is "no command" 2 err <<'TEXT'
relgraph: error: no command given
hint: relgraph help lists the commands
TEXT
run "$relgraph" biuld
is "an unknown command has a suggestion" 2 err <<'TEXT'
relgraph: error: there is no command "biuld"
hint: did you mean build?
TEXT
run "$relgraph" rules
is "a group alone" 2 err <<'TEXT'
relgraph: error: relgraph rules needs a command
hint: relgraph help rules lists them
TEXT
run "$relgraph" rules lits
is "an unknown command of a group has a suggestion" 2 err <<'TEXT'
relgraph: error: there is no command "rules lits"
hint: did you mean rules list?
TEXT
run "$relgraph" build repo --ouptut graph
is "an unknown option has a suggestion" 2 err <<'TEXT'
relgraph: error: relgraph build has no option --ouptut
hint: did you mean --output?
TEXT
run "$relgraph" build repo
has "--output is needed" 2 err "relgraph build needs --output DIR"
run "$relgraph" build
has "a missing operand" 2 err "relgraph build needs REPO --output DIR"
run "$relgraph" build repo other --output graph
has "an operand too many" 2 err "one argument too many: other"
run "$relgraph" build repo --output
has "a missing value" 2 err "--output needs a value: --output DIR"
run "$relgraph" build repo --output graph --tier=gold
is "a wrong choice" 2 err <<'TEXT'
relgraph: error: --tier cannot be "gold"
hint: one of fast, stable, canonical
TEXT
for threads in -1 two 1x 1025 99999999999999999999; do
    run "$relgraph" build repo --output graph --threads $threads
    has "--threads $threads" 2 err "--threads"
done
run "$relgraph" build repo --output graph --memory 2XB
has "a wrong size" 2 err "a size such as 512MB or 2GiB"
run "$relgraph" build repo --output graph --quiet=yes
has "a flag takes no value" 2 err "--quiet takes no value"
run "$relgraph" source graph twelve
has "a node id is a number" 2 err "NODE_ID must be a 64-bit number"
run "$relgraph" source graph 9223372036854775808
has "a node id has 64 bits" 2 err "NODE_ID must be a 64-bit number"
run "$relgraph" query nowhere "SELECT 1" --json
has "errors as JSON" 1 err '{"error":{"status":"not_found","message":"'
valid_json err && [ ! -s out ]
report $? "errors as JSON are JSON, and stdout stays empty"
run "$relgraph" build nowhere --output graph
has "no repository" 1 err "nowhere"
[ ! -e graph ]
report $? "a failed build leaves nothing behind"

# --- Help and versions ----------------------------------------------------------------------------
run "$relgraph" help
has "help" 0 out "relgraph build path/to/repo --output graph/"
cp out overview
run "$relgraph" --help
cmp -s out overview
report $? "--help is help"
for command in build query source schema version help rules sql; do
    run "$relgraph" help $command
    has "help $command" 0 out "relgraph $command: "
    cp out page
    run "$relgraph" $command --help
    cmp -s out page
    report $? "$command --help is the same"
    [ "$(LC_ALL=C.UTF-8 wc -L <page)" -le 100 ]
    report $? "help $command fits 100 columns"
done
run "$relgraph" help nothing
has "help for what is not there" 2 err 'there is no command "nothing"'
run "$relgraph" version
has "version" 0 out "duckdb"
run "$relgraph" --version
has "--version" 0 out "relgraph "
run "$relgraph" version --json
has "version --json" 0 out '"components":{'
valid_json out
report $? "version --json is JSON"
run "$relgraph" schema
has "schema" 0 out "node_id BIGINT!"
run "$relgraph" schema --json
python3 -c 'import json, sys; json.load(open("out"))["tables"]' 2>/dev/null || ! command -v python3 >/dev/null
report $? "schema --json is JSON"

# --- Building -------------------------------------------------------------------------------------
run "$relgraph" build repo --output graph
has "build" 0 out "graph of repo in"
has "the summary counts files" 0 out "parsed 2, partial 0, skipped 0, unreadable 0"
has "the summary counts kinds" 0 out "METHOD_PARAMETER_IN"
has "the summary says what is not resolved" 0 out "not resolved"
[ "$(LC_ALL=C.UTF-8 wc -L <out)" -le 100 ]
report $? "the summary fits 100 columns"
has "plain progress, a line a stage" 0 err "] extract"
[ "$(wc -l <err)" -le 12 ]
report $? "plain progress is no flood"
run "$relgraph" query graph "FROM occurrences"
has "a table that the build was not asked for" 1 err "hint: it is made by a build with --symbols"
run "$relgraph" query graph "FROM disagreement"
has "a table that needs an index" 1 err "hint: it is made by a build with --scip FILE"
run "$relgraph" build repo --output quiet --quiet
[ "$code" = 0 ] && [ ! -s out ] && [ ! -s err ]
report $? "--quiet says nothing"
run "$relgraph" build repo --output json --json --threads 1 --tier fast --memory 1GB --profile memory_tight
has "build --json" 0 out '"files":2,"files_parsed":2'
valid_json out && valid_json err
report $? "build --json: one JSON object on stdout, JSON lines on stderr"
mkdir broken
printf 'def f(:\n' >broken/broken.py
run "$relgraph" build broken --output broken-graph --quiet
[ "$code" = 0 ]
report $? "a syntax error is no failure"
run "$relgraph" build broken --output broken-graph --quiet --strict
[ "$code" = 3 ]
report $? "a syntax error is exit code 3 under --strict"
mkdir bad-rules
cat >bad-rules/edge_nowhere.sql <<'SQL'
-- emits: edges CDG
-- why: half of an edge
SELECT s.node_id AS src, nullif(s.node_id, s.node_id) AS dst, s.file_id FROM syntax AS s WHERE s.role = 'module'
SQL
run "$relgraph" build repo --output bad-graph --quiet --rules bad-rules
[ "$code" = 0 ] && [ -n "$(ls bad-graph/current/edges_errors/*.parquet)" ]
report $? "rows that break their contract are left out and recorded"
run "$relgraph" build repo --output bad-graph --quiet --rules bad-rules --strict
has "rows that break their contract are exit code 3 under --strict" 3 err "rows break the contract of edges"
run "$relgraph" build repo --output repo/main.py
has "the output is a file" 2 err "main.py"

# --- Asking ----------------------------------------------------------------------------------------
sql="SELECT caller, callee, line FROM callers('helper') ORDER BY path, line"
run "$relgraph" query graph "$sql"
is "a table" 0 out <<'TEXT'
caller              callee          line
──────────────────  ──────────────  ────
helpers.Base.greet  helpers.helper     3
main.run            helpers.helper     5
main.run            helpers.helper     6
TEXT
run "$relgraph" query graph --format csv "$sql"
is "csv" 0 out <<'TEXT'
caller,callee,line
helpers.Base.greet,helpers.helper,3
main.run,helpers.helper,5
main.run,helpers.helper,6
TEXT
run "$relgraph" query --json graph "$sql"
is "json" 0 out <<'TEXT'
[
{"caller":"helpers.Base.greet","callee":"helpers.helper","line":3},
{"caller":"main.run","callee":"helpers.helper","line":5},
{"caller":"main.run","callee":"helpers.helper","line":6}
]
TEXT
run "$relgraph" query graph --format=jsonl --limit 1 "$sql"
is "jsonl, limited" 0 out <<'TEXT'
{"caller":"helpers.Base.greet","callee":"helpers.helper","line":3}
TEXT
has "a limit that cuts is told" 0 err "there are more rows"
run "$relgraph" query graph --limit 3 "$sql"
[ "$code" = 0 ] && [ ! -s err ]
report $? "a limit that does not cut is not"
run "$relgraph" query graph "SELECT 1 AS one WHERE false"
is "no rows" 0 err <<'TEXT'
relgraph: no rows
TEXT
run "$relgraph" query graph "SELECT NULL AS nothing, '' AS empty, 'a,\"b\"' AS quoted" --format csv
is "csv of odd values" 0 out <<'TEXT'
nothing,empty,quoted
,"","a,""b"""
TEXT
run "$relgraph" query graph --json "SELECT 1.50::DECIMAL(9,2) AS d, DATE '2024-02-29' AS day, [1, NULL] AS list,
    {'a': 'x', 'b': true} AS pair, 9007199254740993 AS big, 7::BIGINT AS node_id, 0.1 + 0.2::DOUBLE AS float,
    'e'::ENUM('d', 'e') AS word, INTERVAL 90 SECOND AS span, TIMESTAMP '2024-02-29 12:00:00.5' AS at"
is "json of every shape" 0 out <<'TEXT'
[
{"d":1.50,"day":"2024-02-29","list":[1,null],"pair":{"a":"x","b":true},"big":"9007199254740993","node_id":"7","float":0.30000000000000004,"word":"e","span":"PT90S","at":"2024-02-29T12:00:00.5"}
]
TEXT
run "$relgraph" query graph --format parquet --output result.parquet "SELECT i AS n, 'a'::ENUM('b', 'a') AS word,
    [i, NULL] AS list, 1.5::DECIMAL(9, 2) AS d, DATE '2024-02-29' AS day, NULL::VARCHAR AS nothing
    FROM range(40000) AS r(i) ORDER BY i DESC"
cp result.parquet whole.parquet
run "$relgraph" query graph --table t=whole.parquet --format csv "SELECT count(*), min(n), max(n), first(word), first(list), first(d),
    first(day), first(nothing), first(n) FROM t"
tail -n 1 out >last
is "a result as Parquet, read again" 0 last <<'TEXT'
40000,0,39999,a,"[39999,null]",1.50,2024-02-29,,39999
TEXT
run "$relgraph" query graph --format parquet --output result.parquet --limit 3 "FROM range(5)"
is "… with a limit" 0 err <<'TEXT'
relgraph: there are more rows than --limit asked for
TEXT
run "$relgraph" query graph --table t=result.parquet --format csv "SELECT count(*) AS n FROM t"
is "… of which no more is there" 0 out <<'TEXT'
n
3
TEXT
cp result.parquet before.parquet
run "$relgraph" query graph --format parquet --output result.parquet \
    "SELECT CASE WHEN i = 39999 THEN error('stop here') ELSE i END AS n FROM range(40000) AS r(i)"
has "a failure on the way" 1 err "stop here"
same "… leaves the file that was there" before.parquet result.parquet
set -- result.parquet?*
[ ! -e "$1" ]
report $? "… and nothing beside it"
mkdir folder.csv
run "$relgraph" query graph --table t=folder.csv "FROM t"
has "a folder is no table, whatever its name" 2 err "folder.csv is a folder"
run "$relgraph" query graph --format parquet "SELECT 1"
has "Parquet wants a file" 2 err "hint: name it: --output FILE"
run "$relgraph" query graph --format parqet "SELECT 1"
is "a format that is mistyped" 2 err <<'TEXT'
relgraph: error: --format cannot be "parqet"
hint: did you mean parquet? one of table, csv, json, jsonl, arrow, arrow-file, parquet
TEXT
run "$relgraph" explain graph rules --format sgv
has "… of another command" 2 err "hint: did you mean svg?"
run "$relgraph" query graph --param main.run --param 2 \
    "SELECT count(*) AS n FROM calls WHERE caller = \$1 AND line > \$2" --format csv
is "parameters" 0 out <<'TEXT'
n
2
TEXT
echo "SELECT 2 AS two" >sql
"$relgraph" query graph - --format csv <sql >out 2>err
code=$?
is "SQL from standard input" 0 out <<'TEXT'
two
2
TEXT
printf 'SELECT 1\0' >sql
"$relgraph" query graph - <sql >out 2>err
code=$?
has "SQL with a NUL byte" 2 err "NUL byte"
run "$relgraph" query graph "SELECT nmae
FROM nodes"
has "an error in the SQL" 1 err "nmae"
has "… shows the place" 1 err "  1 | SELECT nmae"
has "… with a caret" 1 err "    |        ^"
run "$relgraph" query graph "SELECT 1; SELECT 2"
[ "$code" = 1 ] && [ ! -s out ]
report $? "two statements are refused"
run "$relgraph" query graph "COPY nodes TO 'x.csv'"
[ "$code" = 1 ] && [ ! -e x.csv ]
report $? "what is no SELECT is refused"
run "$relgraph" query graph --timeout 0.3 "SELECT count(*) FROM range(10000000000) AS a(i), range(1000) AS b(j) WHERE i * j % 7 = 3"
[ "$code" = 1 ] && [ -s err ]
report $? "a timeout ends a query"

# --- Where output goes -------------------------------------------------------------------------------
"$relgraph" query graph "SELECT i, 'some text to fill the pipe' AS t FROM range(3000000) AS r(i)" --format csv 2>err | head -n 2 >out
code=0
is "a reader that stops early" 0 out <<'TEXT'
i,t
0,some text to fill the pipe
TEXT
[ ! -s err ]
report $? "… is no error"
"$relgraph" query graph "SELECT 1" >/dev/full 2>err
code=$?
has "a full disk is an error" 1 err "cannot write the result: No space left on device"
"$relgraph" help >/dev/full 2>err
code=$?
has "… for help too" 1 err "cannot write"

# --- Source text ------------------------------------------------------------------------------------
id=$("$relgraph" query graph --format csv "SELECT node_id FROM nodes WHERE kind = 'METHOD' AND name = 'helper'" | sed 1d)
run "$relgraph" source graph "$id"
printf 'def helper(name):\n    return name' | is "source" 0 out
has "source says where" 0 err "helpers.py:11-12"
run "$relgraph" source graph "$id" --json
has "source --json" 0 out '"path":"helpers.py","start_line":11,"end_line":12,'
valid_json out
report $? "source --json is JSON"
run "$relgraph" source graph 1
[ "$code" = 1 ] && [ -s err ]
report $? "no such node"
cp -r repo moved
run "$relgraph" source graph "$id" --repo moved --quiet
printf 'def helper(name):\n    return name' | is "source from another checkout" 0 out
echo "# changed" >>moved/helpers.py
run "$relgraph" source graph "$id" --repo moved
[ "$code" = 1 ] && [ ! -s out ]
report $? "a file that has changed is refused"

# --- Ctrl-C -----------------------------------------------------------------------------------------
"$relgraph" query graph "SELECT count(*) FROM range(10000000000) AS a(i), range(1000) AS b(j) WHERE i * j % 7 = 3" >out 2>err &
pid=$!
sleep 1
kill -TERM $pid
wait $pid
code=$?
[ "$code" = 1 ] && grep -q "stopping" err
report $? "a signal cancels a query"

echo "1..$number"
[ "$failures" = 0 ]
