#!/bin/sh
# Ctrl-C in each stage of a build: it ends soon, says so, and the graph that was there stays.
set -u
root=${RG_ROOT:-$(cd "$(dirname "$0")/../.." && pwd)}
build=${RG_BUILD:-$root/build/release}
relgraph=$build/relgraph
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
. "$root/tests/tap.sh"

nodes() { "$relgraph" query "$work/graph" --format csv "SELECT count(*) AS n FROM nodes" 2>"$work/err"; }

echo "TAP version 13"
mkdir "$work/repo"
awk 'BEGIN { for (i = 0; i < 150; i++) printf "def f%d(a, b):\n    return f%d(a + b, [a, b])\n\n\n", i, i + 1 }' >"$work/one.py"
for i in $(seq 1 20); do cp "$work/one.py" "$work/repo/m$i.py"; done
"$relgraph" build "$work/repo" --output "$work/graph" --quiet 2>"$work/err"
report $? "a graph to begin with"
before=$(nodes)

cancelled=0
for stage in scan extract rules write audit publish; do
    "$relgraph" build "$work/repo" --output "$work/graph" >"$work/out" 2>"$work/err" &
    pid=$!
    for i in $(seq 1 600); do
        grep -q "] $stage\$" "$work/err" && break
        kill -0 $pid 2>/dev/null || break
        sleep 0.05
    done
    kill -INT $pid 2>/dev/null
    wait $pid
    code=$?
    if [ $code = 1 ]; then
        cancelled=$((cancelled + 1))
        grep -q "^relgraph: error: cancelled" "$work/err" && [ ! -s "$work/out" ]
        report $? "$stage: cancelled, and told so"
    else
        # It was done before the signal came; only behind publishing may the signal end the printing.
        [ $code = 0 ] || { [ $code = 130 ] && [ $stage = publish ]; }
        report $? "$stage: done"
    fi
    [ "$(nodes)" = "$before" ]
    report $? "$stage: there is a whole graph"
done
[ $cancelled -ge 3 ]
report $? "builds were cancelled ($cancelled of 6)"
[ "$(find "$work/graph/builds" -mindepth 1 -maxdepth 1 | wc -l)" = 1 ]
report $? "nothing is left of them"

echo "1..$number"
[ "$failures" = 0 ]
