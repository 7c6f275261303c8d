#!/bin/sh
# What users hold in their hands: an installed tree that runs where it lies, and the example program.
set -u
root=${RG_ROOT:-$(cd "$(dirname "$0")/../.." && pwd)}
build=${RG_BUILD:-$root/build/release}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
. "$root/tests/tap.sh"

echo "TAP version 13"
cmake --install "$build" --prefix "$work/tree" >"$work/out" 2>&1
report $? "cmake --install"
mv "$work/tree" "$work/moved" # to show that no path of the build is in it
for file in relgraph librelgraph.so libduckdb.so include/relgraph/relgraph.h LICENSE; do
    ls -l "$work/moved" >"$work/out"
    [ -f "$work/moved/$file" ]
    report $? "$file is installed"
done
ldd "$work/moved/relgraph" >"$work/out" 2>&1
! grep -E '(librelgraph|libduckdb)' "$work/out" | grep -qv "$work/moved/"
report $? "it uses the libraries beside it"
(cd / && env -u LD_LIBRARY_PATH "$work/moved/relgraph" version) >"$work/out" 2>&1
report $? "it runs where it lies"

mkdir "$work/repo"
printf 'def helper():\n    pass\n\n\ndef run():\n    helper()\n    helper()\n' >"$work/repo/main.py"
"$work/moved/relgraph" build "$work/repo" --output "$work/graph" --quiet >"$work/out" 2>&1
report $? "it builds a graph"

"$build/example_build_and_read" "$work/repo" "$work/example" >"$work/out" 2>"$work/err"
[ $? = 0 ] && grep -q '^1 files, 7 lines$' "$work/out" && grep -q '^ *2  main.helper$' "$work/out"
report $? "the example builds a graph and reads it"
"$build/example_build_and_read" "$work/nowhere" "$work/example2" >"$work/out" 2>&1
[ $? = 1 ]
report $? "the example says what went wrong"

RELGRAPH="$work/moved/relgraph" "$root/scripts/demo.sh" "$work/repo" "$work/demo" >"$work/out" 2>&1
[ $? = 0 ] && grep -q 'main.helper  *2  *1$' "$work/out" && grep -q '^ *main.run  *2 ' "$work/out"
report $? "the demo builds a graph and asks it"

# Against the installed tree, as its user would compile it.
cc -I "$work/moved/include" "$root/examples/build_and_read.c" -L "$work/moved" -lrelgraph \
    -Wl,-rpath,"$work/moved" -Wl,-rpath-link,"$work/moved" -o "$work/program" >"$work/out" 2>&1
report $? "the example compiles against the installed tree"

echo "1..$number"
[ "$failures" = 0 ]
