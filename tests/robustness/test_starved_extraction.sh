#!/bin/sh
# Extraction that runs out of memory, or out of disk: it is not tried again. The error says where, the
# exit code is 1, the graph before it stays, and the run leaves its bundle.
set -u
root=${RG_ROOT:-$(cd "$(dirname "$0")/../.." && pwd)}
build=${RG_BUILD:-$root/build/release}
relgraph=$build/relgraph
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
. "$root/tests/tap.sh"

# Each of sixteen threads appends to tables of its own: together more than 64 MiB can hold.
mkdir repository
awk 'BEGIN { for (i = 0; i < 1200; i++) printf "def f%d(a, b):\n    return g%d(a + b, [a, b], \"x%d\")\n", i, i, i }' >many
for i in 0 1 2 3 4 5 6 7 8 9 a b c d e f; do cp many "repository/m$i.py"; done
mkdir small && echo "def only(): return 1" >small/one.py
"$relgraph" build small --output graph --quiet || exit 1
readlink graph/current >current

# kept NAME STAGE_WORD: the graph is as it was, nothing of the build is left, and the newest run tells.
kept() {
    readlink graph/current >found
    same "$1: the graph stays" current found
    run "$relgraph" query graph --format csv "SELECT name FROM nodes WHERE kind = 'METHOD' AND name = 'only'"
    is "$1: … and answers" 0 out <<'TEXT'
name
only
TEXT
    find graph/builds graph/state -mindepth 1 -maxdepth 1 | wc -l | tr -d ' ' >found
    echo 2 >expected
    same "$1: nothing of the build is left" expected found
    run "$relgraph" explain graph --run last
    has "$1: the bundle tells of it" 0 out "The run failed ($2)"
}

run "$relgraph" build repository --output graph --quiet --memory 64MiB --threads 16
has "memory: the error names the table" 1 err "error: table "
has "memory: … and what helps" 1 err "hint: raise the memory limit (--memory), use fewer threads (--threads)"
kept memory memory

# No file may grow beyond 2 MB: what the engine sees of a full disk.
(
    trap '' XFSZ
    ulimit -f 4000 # of 512 bytes in POSIX, of 1,024 in bash
    exec "$relgraph" build repository --output graph --quiet
) >out 2>err
# shellcheck disable=SC2034 # `has` reads it
code=$?
has "disk: the error names the file" 1 err "graph/state/facts-"
has "disk: … and what is wrong" 1 err "File too large"
kept disk io

echo "1..$number"
[ "$failures" = 0 ]
