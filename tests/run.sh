#!/bin/sh
# Runs every test program of a build folder and every tests/*/test_*.sh, a few at a time, and counts
# what ran: each speaks TAP. Usage: tests/run.sh BUILD_FOLDER [NAME_PATTERN]
set -u
build=$(cd "$1" && pwd)
pattern=${2:-}
root=$(cd "$(dirname "$0")/.." && pwd)
logs=$build/test-logs
rm -rf "$logs"
mkdir -p "$logs"
export RG_BUILD="$build" RG_ROOT="$root" CMOCKA_MESSAGE_OUTPUT=TAP
# Freed memory stays forbidden until 32 MB more are freed; with the 256 MB that are the default a fifth
# of the time goes into fresh pages.
export ASAN_OPTIONS="${ASAN_OPTIONS:-abort_on_error=0:detect_leaks=1:quarantine_size_mb=32:malloc_context_size=2}"
export LSAN_OPTIONS="suppressions=$root/tests/lsan.supp:print_suppressions=0"
export UBSAN_OPTIONS="${UBSAN_OPTIONS:-print_stacktrace=1}"

find "$build/tests" -maxdepth 1 -type f -name 'test_*' -perm -u+x 2>/dev/null >"$logs/.list"
find "$root/tests" -mindepth 2 -name 'test_*.sh' >>"$logs/.list"
[ -z "$pattern" ] || { grep -- "$pattern" "$logs/.list" >"$logs/.some"; mv "$logs/.some" "$logs/.list"; }
sort -o "$logs/.list" "$logs/.list"

# Each program's TAP goes to a log; a program that dies, or says nothing, is a failure of its own.
# shellcheck disable=SC2016
xargs -P "$(nproc)" -I{} sh -c '
    name=$(basename "$1" .sh)
    log=$2/$name.log
    began=$(date +%s)
    "$1" >"$log" 2>&1 </dev/null
    code=$?
    seconds=$(($(date +%s) - began))
    ok=$(grep -cE "^ok " "$log")
    bad=$(grep -cE "^not ok " "$log")
    skip=$(grep -cE "^ok .*# SKIP" "$log")
    ok=$((ok - skip))
    if [ "$code" -ne 0 ] && [ "$bad" -eq 0 ]; then bad=1; fi
    if [ "$ok" -eq 0 ] && [ "$bad" -eq 0 ] && [ "$skip" -eq 0 ]; then bad=1; echo "said nothing" >>"$log"; fi
    echo "$ok $bad $skip" >"$2/$name.count"
    mark=ok; [ "$bad" -eq 0 ] || mark=FAILED
    printf "%-6s %-36s %4d passed  %3d s\n" "$mark" "$name" "$ok" "$seconds"
    if [ "$bad" -ne 0 ]; then echo "--- $name (exit $code)"; tail -n 60 "$log"; echo "---"; fi
' _ {} "$logs" <"$logs/.list"

grep -hE '^ok .*# SKIP' "$logs"/*.log 2>/dev/null | sed 's/^ok [0-9]* *-* */skipped: /'
# shellcheck disable=SC2046
set -- $(cat "$logs"/*.count 2>/dev/null | awk '{a += $1; b += $2; c += $3} END {print a + 0, b + 0, c + 0}')
[ "$3" -eq 0 ] || echo "$3 skipped, as said above"
echo "$1 passed, $2 failed"
[ "$2" -eq 0 ] && [ "$1" -gt 0 ]
