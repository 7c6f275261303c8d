#!/bin/sh
# What a rule of a user and a query may not do: read a file outside, reach the network, load an extension,
# change a setting. Each is tried in both, plainly and in ways around the check of the text; a build with such a
# rule fails before it reads the repository, and nothing of what was tried has happened.
set -u
root=${RG_ROOT:-$(cd "$(dirname "$0")/../.." && pwd)}
relgraph=${RG_BUILD:-$root/build/release}/relgraph
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
. "$root/tests/tap.sh"

echo "TAP version 13"
mkdir repo rules
echo 'x = 1' >repo/a.py
echo secret-of-the-house >outside.csv
"$relgraph" build repo --output graph --quiet 2>err
report $? "a graph to ask"

# An attempt a line.
cat >attempts <<END
SELECT * FROM read_text('$work/outside.csv')
SELECT * FROM read_csv('$work/outside.csv')
SELECT * FROM '$work/outside.csv'
SELECT * FROM "$work/outside.csv"
SELECT * FROM glob('$work/*')
SELECT * FROM read_blob('$work/outside.csv')
SELECT * FROM query('SELECT * FROM read_text(''$work/outside.csv'')')
WITH x AS MATERIALIZED (FROM '$work/outside.csv') SELECT * FROM x
SELECT getenv('HOME') AS x
SELECT * FROM read_csv('https://127.0.0.1:9/x.csv')
SELECT * FROM 'http://127.0.0.1:9/x.parquet'
SELECT * FROM read_parquet('s3://bucket/x.parquet')
INSTALL httpfs
LOAD httpfs
LOAD '$work/outside.csv'
ATTACH '$work/made.db' AS other
COPY (SELECT 1) TO '$work/made.csv'
EXPORT DATABASE '$work/made'
SET threads = 7
SET debug_force_external = true
SET lock_configuration = false
RESET threads
PRAGMA threads = 7
PRAGMA database_list
CALL enable_logging()
SELECT * FROM enable_logging(storage => 'file', storage_path => '$work/made.log')
SELECT 1 AS x; SET threads = 7
SELECT 1 AS x) AS r; SET threads = 7; SELECT * FROM (SELECT 1 AS x
SELECT 1 AS x) AS r; COPY (SELECT 1) TO '$work/made.csv'; SELECT * FROM (SELECT 1 AS x
CREATE TABLE made AS SELECT 1
EXPLAIN ANALYZE COPY (SELECT 1) TO '$work/made.csv'
END
tried=0
while read -r sql; do
    tried=$((tried + 1))
    "$relgraph" query graph "$sql" >out 2>err
    code=$?
    [ "$code" -ne 0 ] && [ "$code" -lt 126 ] && ! grep -q secret-of out err
    report $? "a query: $sql"
    printf -- '-- emits: tried_%s\n%s\n' $tried "$sql" >rules/tried_$tried.sql
done <attempts
# All rules of a folder are checked at once; a build stops at the first that is wrong.
"$relgraph" rules check --rules rules >checked 2>err
cp checked out
tried=0
while read -r sql; do
    tried=$((tried + 1))
    grep -q "^rules/tried_$tried.sql:[0-9:]* error: " checked && ! grep -q secret-of checked err
    report $? "a rule: $sql"
done <attempts
for tried in 1 11 13 19; do
    rm -rf other rules
    mkdir rules
    printf -- '-- emits: tried\n%s\n' "$(sed -n ${tried}p attempts)" >rules/tried.sql
    "$relgraph" build repo --output other --rules rules >out 2>err
    code=$?
    [ "$code" -ne 0 ] && [ "$code" -lt 126 ] && grep -q 'tried.sql:[0-9]' err && ! grep -q 'secret-of\|extract$' out err
    report $? "a build with such a rule stops before the repository is read: line $tried"
done
[ -z "$(ls -d made* 2>/dev/null)" ] && ! "$relgraph" query graph "FROM made" >out 2>err
report $? "nothing was made"
printf -- '-- emits: tried\nSELECT 1 AS x\n' >rules/tried.sql
"$relgraph" build repo --output other --rules rules >out 2>err
report $? "such a rule without the attempt is taken"

# What the user opens is a table, and nothing but that table.
printf 'word,n\nsecret,7\n' >opened.csv
cp opened.csv 'sta*.csv'
printf 'word,n\nother,1\n' >star.csv
opens() { # TABLE SQL EXPECTED NAME
    "$relgraph" query graph --format csv --table "$1" "$2" >out 2>err && [ "$(tail -n 1 out)" = "$3" ]
    report $? "$4"
}
refuses() { # TABLE SQL CODE MESSAGE NAME
    "$relgraph" query graph --format csv --table "$1" "$2" >out 2>err
    [ $? = "$3" ] && grep -q "$4" err && ! grep -q secret out
    report $? "$5"
}
opens "words=opened.csv" "SELECT n + 1 AS n FROM words" 8 "a file that the user opens is a table"
opens 'words=sta*.csv' "SELECT word FROM words" secret "a path is a path, not a pattern"
opens 'w"x=opened.csv' 'SELECT count(*) AS n FROM "w""x" CROSS JOIN (SELECT 1)' 1 "any name will do"
refuses words=opened.csv "SELECT * FROM read_csv('$work/opened.csv')" 1 "may not be used" "its path stays out of reach"
refuses words=opened.csv "SELECT * FROM '$work/star.csv'" 1 . "and so do its neighbours"
refuses edges=opened.csv "SELECT 1" 2 "take another one" "a table of the graph is not replaced"
"$relgraph" query graph --table w=opened.csv --table W=opened.csv "SELECT 1" >out 2>err
[ $? = 2 ] && grep -q "two tables are named W" err
report $? "two tables of one name"
refuses words=outside "SELECT 1" 2 "cannot tell the format of outside" "a format that nobody knows"
refuses words=none.csv "SELECT 1" 1 "cannot read none.csv" "a file that is not there"
refuses opened.csv "SELECT 1" 2 "needs a name and a file" "a file without a name"
echo "1..$number"
[ "$failures" = 0 ]
