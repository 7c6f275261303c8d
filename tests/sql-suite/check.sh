#!/bin/sh
# Puts a suite of SQL rewriting cases through `relgraph sql --batch` and reports by operation what
# passed, failed, or is outside the subset of docs/sql.md.
#   tests/sql-suite/check.sh [BUILD_FOLDER] [--failures]
# The suite is the folder SQL_SUITE (cases.jsonl, schema.json), by default ../shared/sql-suite beside
# the project; where there is none nothing is checked, and the output says so.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
build=${1:-$root/build/release}
suite=${SQL_SUITE:-$root/../shared/sql-suite}
if [ ! -f "$suite/cases.jsonl" ] || [ ! -f "$suite/schema.json" ]; then
    echo "sql-suite: SKIPPED, no cases in $suite (set SQL_SUITE to the folder of the suite)"
    exit 0
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$build/sql_suite" requests "$suite/cases.jsonl" "$suite/schema.json" >"$work/requests"
"$build/relgraph" sql --batch <"$work/requests" >"$work/answers"
"$build/sql_suite" judge "$suite/cases.jsonl" "$work/answers" ${2:+"$2"}
