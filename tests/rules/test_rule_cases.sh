#!/bin/sh
# Each cases/*.case is a small repository and what the rules must find in it: `=== path` starts a file,
# `--- name` the expected rows of the query of that name in queries.sql, `--- option …` passes options to
# the build. A case is built once and every query is a test.
#
# To accept what is found as expected, after reading it: RG_ACCEPT=1 tests/rules/test_rule_cases.sh
set -u
folder=$(cd "$(dirname "$0")" && pwd)
relgraph=$RG_BUILD/relgraph
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT INT TERM
count=0

# Splits a case into $2/repository, and $2/expected/NAME with $2/sections in order.
split_case() {
    mkdir -p "$2/repository" "$2/expected"
    awk -v out="$2" '
        /^=== / { file = out "/repository/" substr($0, 5); make_folder(file); printf "" > file; next }
        /^--- option / { print substr($0, 12) > (out "/options"); file = ""; next }
        /^--- / { name = substr($0, 5); print name > (out "/sections"); file = out "/expected/" name
                  printf "" > file; next }
        file != "" { print > file }
        function make_folder(path) { sub("/[^/]*$", "", path); system("mkdir -p \"" path "\"") }
    ' "$1"
}

# The SQL of a query of queries.sql.
query_text() {
    awk -v name="$1" '/^#query / { on = $2 == name; next } on' "$folder/queries.sql"
}

# One query of all sections of $1: lines of a section's number, a blank and the text. Starting a
# process for each would take most of the time.
sections_query() {
    part=0
    echo "SELECT part || ' ' || line AS line FROM ("
    while read -r section; do
        [ "$part" = 0 ] || echo "UNION ALL"
        part=$((part + 1))
        echo "SELECT $part AS part, row_number() OVER () AS place, line FROM ("
        query_text "$section"
        echo ")"
    done <"$1/sections"
    echo ") ORDER BY part, place"
}

for case in "$folder"/cases/*.case; do
    name=$(basename "$case" .case)
    here=$work/$name
    split_case "$case" "$here"
    # shellcheck disable=SC2046
    if ! "$relgraph" build "$here/repository" --output "$here/graph" --quiet --threads 1 \
        $(cat "$here/options" 2>/dev/null) >"$here/log" 2>&1; then
        count=$((count + 1))
        echo "not ok $count - $name: build"
        sed 's/^/# /' "$here/log"
        continue
    fi
    "$relgraph" query "$here/graph" --format csv "$(sections_query "$here")" >"$here/csv" 2>"$here/log"
    sed -e 1d -e 's/^"\(.*\)"$/\1/' -e 's/""/"/g' "$here/csv" >"$here/all"
    part=0
    while read -r section; do
        count=$((count + 1))
        part=$((part + 1))
        sed -n "s/^$part //p" "$here/all" >"$here/found"
        if [ "${RG_ACCEPT:-}" = 1 ]; then
            cp "$here/found" "$here/expected/$section"
        fi
        if [ -s "$here/log" ] || ! diff "$here/expected/$section" "$here/found" >"$here/difference"; then
            echo "not ok $count - $name: $section"
            sed 's/^/# /' "$here/log" "$here/difference"
        else
            echo "ok $count - $name: $section"
        fi
    done <"$here/sections"
    if [ "${RG_ACCEPT:-}" = 1 ]; then
        {
            sed '/^--- /,$d' "$case"
            [ ! -f "$here/options" ] || sed 's/^/--- option /' "$here/options"
            while read -r section; do
                echo "--- $section"
                cat "$here/expected/$section"
            done <"$here/sections"
        } >"$here/accepted" && cp "$here/accepted" "$case"
    fi
done
echo "1..$count"
