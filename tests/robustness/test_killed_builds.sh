#!/bin/sh
# Kill -9 at random moments of a build: the graph that was there stays readable and whole, the next build
# succeeds, and nothing of the killed one is left behind by it. KILLS says how often (12); `make check-kill` 100.
# The moments are drawn from SEED, which is printed.
set -u
root=${RG_ROOT:-$(cd "$(dirname "$0")/../.." && pwd)}
build=${RG_BUILD:-$root/build/release}
relgraph=$build/relgraph
kills=${KILLS:-12}
seed=${SEED:-$(od -An -N2 -tu2 /dev/urandom | tr -d ' ')}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
. "$root/tests/tap.sh"

now_ms() { echo $(($(date +%s%N) / 1000000)); }

# A query over what was written, all of it: a file that is cut short or missing is an error.
graph_says() {
    "$relgraph" query "$work/graph" --format csv "SELECT (SELECT count(*) FROM nodes) AS nodes, (SELECT count(*)
        FROM edges) AS edges, (SELECT sum(hash(e)) FROM edges AS e) AS hash" 2>"$work/err"
}

# Names in the output folder that belong to no published build or kept run. `graph.duckdb` is a build's.
leftovers() {
    current=$(basename "$(readlink "$work/graph/current")")
    (
        cd "$work/graph" || exit 1
        find . -mindepth 1 -maxdepth 1 ! -name builds ! -name runs ! -name state ! -name current ! -name .lock
        find builds -mindepth 1 -maxdepth 1 ! -name "$current"
        find state -mindepth 1 -maxdepth 1 ! -name "*$current*" ! -name 'cache*'
        find . -name '*.wal' -o -name '*.tmp' -o -name 'spill-*' -o -name 'duckdb_temp*'
    )
}

echo "TAP version 13"
echo "# seed $seed, $kills kills"
mkdir "$work/repo"
awk 'BEGIN { for (i = 0; i < 60; i++) printf "def f%d(a, b):\n    return f%d(a + b, [a, b])\n\n\n", i, i + 1 }' \
    >"$work/repo/one.py"
for i in 2 3 4 5 6; do cp "$work/repo/one.py" "$work/repo/m$i.py"; done
build_it() { "$relgraph" build "$work/repo" --output "$work/graph" --profile memory_tight --with-duckdb --quiet; }

build_it 2>"$work/err"
report $? "a graph to begin with"
began=$(now_ms)
build_it 2>"$work/err"
report $? "and another one over it"
span=$(($(now_ms) - began + 20))
expected=$(graph_says)
awk -v n="$kills" -v span="$span" -v seed="$seed" \
    'BEGIN { srand(seed); for (i = 0; i < n; i++) printf "%.3f\n", rand() * span / 1000 }' >"$work/moments"

in_time=0
while read -r moment; do
    # The program itself, not a shell around it.
    "$relgraph" build "$work/repo" --output "$work/graph" --profile memory_tight --with-duckdb --quiet 2>"$work/err" &
    pid=$!
    sleep "$moment"
    kill -9 $pid 2>/dev/null
    wait $pid 2>/dev/null
    code=$?
    echo "killed after $moment s, exit code $code" >"$work/out"
    [ "$code" = 137 ] && in_time=$((in_time + 1))
    [ "$code" = 137 ] || [ "$code" = 0 ] || { report 1 "a build that nobody killed in time"; break; }
    says=$(graph_says)
    [ "$says" = "$expected" ] || { echo "$says" >>"$work/out"; report 1 "the graph is readable"; break; }
done <"$work/moments"
report "$failures" "the graph was whole after each of $kills kills ($in_time hit a build)"
[ "$in_time" -ge $((kills / 2)) ]
report $? "most of them hit a build at work"
build_it 2>"$work/err"
report $? "the next build succeeds"
[ "$(graph_says)" = "$expected" ]
report $? "and says the same"
leftovers >"$work/out" 2>&1
[ ! -s "$work/out" ]
report $? "nothing is left behind"

echo "1..$number"
[ "$failures" = 0 ]
