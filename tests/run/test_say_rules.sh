#!/bin/sh
# What the dialect tests stand on: every rule, over what its readers see, can be asked of duckdb.
# (make test-dialects runs the queries elsewhere.)
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/repository"
printf 'def f(a=1):\n    return a\n\n\nprint(f())\n' >"$work/repository/a.py"
echo 1..2
if "$RG_BUILD/say_rules" "$work/repository" "$work/out" >"$work/log" 2>&1; then
    echo "ok 1 - every rule is said"
else
    sed 's/^/# /' "$work/log"
    echo "not ok 1 - every rule is said"
fi
# The owner of a whole product is not a column of its files, but its readers see it, and it is known.
if [ -s "$work/out/data/props.csv" ] &&
    awk -F '\t' '$1 == "props" && $2 == "file_id" { found = 1 } END { exit !found }' \
        "$work/out/tables.tsv" && ! grep -Eq ',$' "$work/out/data/props.csv"; then
    echo "ok 2 - readers of props see whose they are"
else
    echo "not ok 2 - readers of props see whose they are"
fi
