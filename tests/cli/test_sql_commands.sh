#!/bin/sh
# relgraph sql from the outside: every example of docs/sql-commands.md gives the output that stands
# there, and what is wrong on the command line is told.
set -u
root=${RG_ROOT:-$(cd "$(dirname "$0")/../.." && pwd)}
build=${RG_BUILD:-$root/build/release}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
mkdir bin
ln -s "$build/relgraph" bin/relgraph
PATH=$work/bin:$PATH
. "$root/tests/tap.sh"

# is NAME CODE COMMAND…: it ends with CODE and says exactly standard input, on both streams.
is() {
    name=$1 wanted=$2
    shift 2
    cat >expected
    "$@" >found 2>&1 </dev/null
    code=$?
    [ "$code" = "$wanted" ] || echo "exit code $code" >>found
    same "$name" expected found
}

echo "TAP version 13"

# --- The page -------------------------------------------------------------------------------------
# A fence with a name behind its language is a file; a console block is commands, each behind a $,
# with their output below.
awk '
    /^```/ && inside { inside = 0; if (file) close(file); file = ""; next }
    /^```(json|sql) / { inside = 1; file = $2; next }
    /^```console/ { inside = 2; next }
    /^```/ { inside = 3; next }
    inside == 1 { print > file }
    inside == 2 && /^\$ / {
        if (out) close(out)
        count++
        command = sprintf("example%02d.sh", count); out = sprintf("example%02d.out", count)
        print substr($0, 3) > command; close(command)
        printf "" > out
        next
    }
    inside == 2 { print > out }
' "$root/docs/sql-commands.md"
examples=0
for command in example*.sh; do
    sh "$command" >found 2>&1
    same "$(cut -c1-100 "$command")" "${command%.sh}.out" found
    examples=$((examples + 1))
done
[ "$examples" -ge 15 ]
report $? "the page has examples ($examples)"

# --- Where texts come from ---------------------------------------------------------------------------
printf 'SELECT a\nFROM t' >one.sql
echo "SELECT a FROM t" >expected
relgraph sql qualify --json <one.sql >found 2>&1
echo '{"sql":"SELECT t.a AS a FROM t AS t"}' >expected
same "standard input, as JSON" expected found
relgraph sql qualify - <one.sql >found 2>&1
echo 'SELECT t.a AS a FROM t AS t' >expected
same "standard input by its name" expected found
relgraph sql diff one.sql.missing - <one.sql >found 2>&1
grep -q '^relgraph: error: ' found
report $? "an argument is a text, not a file"
is "two texts are too many" 2 relgraph sql parse "1" --file one.sql <<'TEXT'
relgraph: error: one text is enough: an argument or --file
TEXT
is "one text is too few" 2 relgraph sql diff "SELECT 1" <<'TEXT'
relgraph: error: two texts are needed: arguments, or --file twice
TEXT
is "a file that is not there" 1 relgraph sql parse --file missing.sql <<'TEXT'
relgraph: error: cannot read the SQL from missing.sql: No such file or directory
TEXT
printf 'SELECT\0' >nul.sql
is "a NUL byte" 2 relgraph sql parse --file nul.sql <<'TEXT'
relgraph: error: the SQL in nul.sql holds a NUL byte
TEXT
printf 'SELECT a\nFROM t WHERE ü = ü +' >broken.sql
is "an error in a file" 1 relgraph sql parse --file broken.sql <<'TEXT'
relgraph: error: expected an expression, found the end
  in broken.sql:2:21
  2 | FROM t WHERE ü = ü +
    |                     ^
TEXT
is "an error in the second text" 1 relgraph sql diff "SELECT 1" "SELECT +" <<'TEXT'
relgraph: error: expected an expression, found the end
  in the second text:1:9
  1 | SELECT +
    |         ^
TEXT
is "an unknown dialect" 2 relgraph sql parse --dialect oracle "1" <<'TEXT'
relgraph: error: there is no dialect "oracle"
hint: one of duckdb, spark, postgres, clickhouse
TEXT
echo '{"t": 1}' >wrong.json
is "a schema without columns" 2 relgraph sql qualify --schema wrong.json "SELECT 1" <<'TEXT'
relgraph: error: the schema's "t" needs an object of columns and types
TEXT
printf '{"t": {"": "INT"}}' >wrong.json
is "a column without a name" 2 relgraph sql qualify --schema wrong.json "SELECT 1" <<'TEXT'
relgraph: error: the schema's table "t" has a column without a name
TEXT
printf '{"": {"a": "INT"}}' >wrong.json
is "a table without a name" 2 relgraph sql qualify --schema wrong.json "SELECT 1" <<'TEXT'
relgraph: error: the schema has a table without a name
TEXT
echo '{"t": ' >wrong.json
relgraph sql qualify --schema wrong.json "SELECT 1" >found 2>&1
[ $? = 2 ] && grep -q "^relgraph: error: the schema is not JSON: " found
report $? "a schema that is not JSON"
is "no command" 2 relgraph sql <<'TEXT'
relgraph: error: relgraph sql needs a command
hint: relgraph help sql lists them
TEXT
is "no command but an option" 2 relgraph sql --json <<'TEXT'
{"error":{"status":"usage","message":"relgraph sql needs a command, or --batch","hint":"relgraph help sql lists the commands"}}
TEXT
is "an unknown command" 2 relgraph sql linage <<'TEXT'
relgraph: error: there is no command "sql linage"
hint: did you mean sql lineage?
TEXT

# --- Lines -----------------------------------------------------------------------------------------
# Whoever waits for an answer gets it before the next line is written.
mkfifo requests answers
relgraph sql --batch <requests >answers &
exec 3>requests 4<answers
for id in 1 2 3; do
    echo "{\"id\": $id, \"op\": \"simplify\", \"sql\": \"1 + $id\"}" >&3
    read -r answer <&4
    [ "$answer" = "{\"id\":$id,\"ok\":true,\"sql\":\"$((id + 1))\"}" ]
    report $? "line $id is answered at once"
done
printf '{"op": "parse", "sql": "a"}' >&3
exec 3>&-
read -r answer <&4
case $answer in '{"id":null,"ok":true,"sql":"a","result":'*) report 0 "a last line without an end" ;; *) report 1 "$answer" ;; esac
wait
exec 4<&-
head -c 70000000 /dev/zero | tr '\0' 'x' >long
echo >>long
echo '{"id": "after", "op": "simplify", "sql": "1 + 1"}' >>long
relgraph sql --batch <long >found
cat >expected <<'TEXT'
{"id":null,"ok":false,"error":{"code":"limit","message":"a line has at most 67108864 bytes","line":null,"column":null,"hint":null}}
{"id":"after","ok":true,"sql":"2"}
TEXT
same "a line that is too long, and the one behind it" expected found
head -c 16777217 /dev/zero | tr '\0' ' ' >long.sql
relgraph sql parse --file long.sql >found 2>&1
cat >expected <<'TEXT'
relgraph: error: the text has 16777217 bytes, and may have 16777216
hint: values by the million belong into a table
TEXT
same "a text that is too long" expected found
relgraph sql --batch <long 2>found | head -c 10 >/dev/null
[ ! -s found ]
report $? "a reader that has had enough"

echo "1..$number"
[ "$failures" = 0 ]
