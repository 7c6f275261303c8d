#!/bin/sh
# docs/writing-rules.md from top to bottom: what a fence names is a file, what stands behind a $ is run,
# and gives the output that stands there. Also the tests beside the built-in rules.
set -u
root=${RG_ROOT:-$(cd "$(dirname "$0")/../.." && pwd)}
build=${RG_BUILD:-$root/build/release}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
mkdir bin steps page
ln -s "$build/relgraph" bin/relgraph
PATH=$work/bin:$PATH
. "$root/tests/tap.sh"

echo "TAP version 13"

# Steps in the order of the page: NNN.file with NNN.name, or NNN.sh with NNN.out.
awk '
    function step(suffix) { return sprintf("steps/%03d.%s", count, suffix) }
    /^```/ && inside { if (out) close(out); inside = 0; out = ""; next }
    /^```[a-z]+ / { count++; print $2 > step("name"); close(step("name")); out = step("file"); inside = 1; next }
    /^```console/ { inside = 2; next }
    /^```/ { inside = 3; next }
    inside == 1 { print > out }
    inside == 2 && /^\$ / {
        if (out) close(out)
        count++
        print substr($0, 3) > step("sh"); close(step("sh"))
        out = step("out")
        printf "" > out
        next
    }
    inside == 2 { print > out }
' "$root/docs/writing-rules.md"
cd page || exit 1
commands=0
for step in ../steps/*; do
    case $step in
    *.file)
        name=$(cat "${step%.file}.name")
        mkdir -p "$(dirname "$name")"
        cp "$step" "$name"
        ;;
    *.sh)
        sh "$step" >../found 2>&1 </dev/null
        if [ -n "${RG_SHOW:-}" ]; then
            echo "=== $(cat "$step")"
            cat ../found
        fi
        cmp -s "${step%.sh}.out" ../found
        report $? "$(head -n 1 "$step")"
        diff -u "${step%.sh}.out" ../found | sed 's/^/# /'
        commands=$((commands + 1))
        ;;
    esac
done
[ "$commands" -ge 12 ]
report $? "the page has commands ($commands)"

relgraph rules test >../found 2>&1
report $? "the tests beside the built-in rules"
sed 's/^/# /' ../found

echo "1..$number"
exit "$failures"
