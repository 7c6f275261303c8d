#!/bin/sh
# The dialect printers, executed: every rule that can be said over the facts of a small repository,
# random queries over small random tables, and the vectors of the functions table, in PostgreSQL (a
# cluster of its own in a temporary folder), ClickHouse (npm's chdb, inside a process) and, where
# SPARK_HOME says that there is one, Spark. Rows are compared with duckdb's by their digests.
# Usage: tests/dialects/run.sh BUILD_FOLDER [DIALECT...]
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
build=$(cd "$1" && pwd)
shift
dialects=${*:-postgres clickhouse spark}
queries=${RG_QUERIES:-300}
work=$(mktemp -d)
chmod 755 "$work" # another user runs the cluster
. "$here/postgres.sh"
trap 'postgres_stop; rm -rf "$work"' EXIT
trap 'exit 1' INT TERM

# Every case of the rules' tests is a folder of one repository.
unpack_cases() {
    for case in "$root"/tests/rules/cases/*.case; do
        awk -v out="$work/repository/$(basename "$case" .case)" '
            /^=== / { file = out "/" substr($0, 5); folder = file; sub("/[^/]*$", "", folder)
                      system("mkdir -p \"" folder "\""); printf "" > file; next }
            /^--- / { file = "" }
            file != "" { print > file }' "$case"
    done
}

mkdir -p "$work/rules" "$work/random" "$work/vectors"
unpack_cases
"$build/say_rules" "$work/repository" "$work/rules"
"$build/say_rules" random "$queries" "$work/random"
for dialect in $dialects; do
    "$build/say_sql" vectors "$dialect" |
        awk -F '\t' '{ print NR ":" $1 "\t" $2 }' >"$work/vectors/$dialect.tsv"
    "$build/say_sql" prelude "$dialect" >"$work/prelude.$dialect.sql"
done

ran=
for dialect in $dialects; do
    mkdir -p "$work/rules/$dialect" "$work/random/$dialect" "$work/vectors/$dialect"
    case $dialect in
    postgres) postgres_start "$work" && postgres_run "$work" && ran="$ran postgres" ;;
    clickhouse)
        if [ ! -d "$here/node_modules/chdb" ]; then
            echo "installing chdb (large)"
            # Not `npm ci`: npm 11 refuses a lock without the platforms that a registry lacks.
            (cd "$here" && npm install --no-save --ignore-scripts --no-audit --no-fund --loglevel=error)
        fi
        node "$here/clickhouse.js" "$work" && ran="$ran clickhouse"
        ;;
    spark)
        if [ -z "${SPARK_HOME:-}" ]; then
            echo "skipped: spark (SPARK_HOME is not set)"
        else
            "$SPARK_HOME/bin/spark-submit" --master 'local[1]' --conf spark.ui.enabled=false \
                "$here/spark.py" "$work" 2>"$work/spark.log" || tail -n 20 "$work/spark.log"
            ran="$ran spark"
        fi
        ;;
    esac
done
# shellcheck disable=SC2086
node "$here/report.js" "$work" $ran
