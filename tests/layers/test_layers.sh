#!/bin/sh
# The shape of the house (docs/architecture.md): which folder includes which, where other people's
# headers may appear, that file names are unique, and that nothing but rg_* leaves the library.
set -u
root=${RG_ROOT:-$(cd "$(dirname "$0")/../.." && pwd)}
build=${RG_BUILD:-}
cd "$root" || exit 1
number=0
failures=0

found=$(mktemp)
trap 'rm -f "$found"' EXIT

# check NAME: passes when $found is empty, else shows it.
check() {
    number=$((number + 1))
    if [ ! -s "$found" ]; then
        echo "ok $number - $1"
    else
        echo "not ok $number - $1"
        sed 's/^/#   /' "$found"
        failures=$((failures + 1))
    fi
}

# LAYER: what its files may include besides themselves, base and the public header.
edges() {
    cat <<'TABLE'
base
kernels
sql
compile kernels sql
engine kernels sql
extract kernels engine
run compile engine
graph kernels sql compile engine extract run
TABLE
}

echo "TAP version 13"

# FILE:LINE:#include "x/…" becomes "FILE LAYER TARGET".
includes() {
    grep -rnE '^[[:space:]]*#[[:space:]]*include[[:space:]]*"' src --include='*.c' --include='*.h' |
        sed -E 's/^(src\/([^/]+)\/[^:]*):[0-9]+:[^"]*"(.*)".*$/\1 \2 \3/'
}

edges | while read -r layer allowed; do
    includes | awk -v layer="$layer" -v allowed="$allowed" '
        BEGIN { n = split(allowed, words, " "); for (i = 1; i <= n; i++) may[words[i]] = 1 }
        $2 == layer {
            split($3, parts, "/"); to = parts[1]
            if (to != layer && to != "base" && to != "relgraph" && !(to in may) && $3 != "fact_tables.h")
                print $1 " includes " $3
        }'
done >"$found"
check "each layer includes only what lies below it"

includes | awk '$2 == "cli" && $3 !~ /^cli\// && $3 != "relgraph/relgraph.h" { print $1 " includes " $3 }' >"$found"
check "the command line sees the public header only"

includes | awk '$3 == "fact_tables.h" && $2 != "extract" { print $1 " includes " $3 }' >"$found"
check "the generated fact tables are known to extract alone"

includes | awk '$3 !~ /\// && $3 != "fact_tables.h" { print $1 " includes " $3 }' >"$found"
check "every include names its layer"

grep -rlE '#[[:space:]]*include[[:space:]]*[<"]duckdb' src include --include='*.c' --include='*.h' |
    grep -v '^src/engine/duckdb/' >"$found"
check "duckdb.h is included in src/engine/duckdb alone"

grep -rlE '#[[:space:]]*include[[:space:]]*[<"]tree_sitter/' src include --include='*.c' --include='*.h' |
    grep -v '^src/extract/' >"$found"
check "tree-sitter is included in src/extract alone"

grep -rlE '#[[:space:]]*include[[:space:]]*<git2' src include --include='*.c' --include='*.h' |
    grep -v '^src/extract/' >"$found"
check "libgit2 is included in src/extract alone"

grep -rlE '#[[:space:]]*include[[:space:]]*<(protobuf-c/|scip\.pb-c)' src include --include='*.c' --include='*.h' |
    grep -vE '^src/(extract/scip|graph/export_scip)' >"$found"
check "protobuf-c is included where SCIP is read and written alone"

# A .c and its .h share a name; anything else does not.
find src include languages rules tests bench fuzz examples -type f \
    \( -name '*.c' -o -name '*.h' -o -name '*.sql' -o -name '*.scm' -o -name 'test_*.sh' \) 2>/dev/null |
    sed 's/.*\///' | sort | uniq -d >"$found"
check "file names are unique in the tree"

find src -mindepth 1 -maxdepth 1 -type d | sed 's/.*\///' | while read -r layer; do
    [ "$layer" = cli ] || edges | grep -q "^$layer\( \|$\)" || echo "src/$layer is in no row of the table"
done >"$found"
check "every folder of src is a layer"

# Texts and comments may name them.
calls='\b(printf|puts|putchar|exit|abort|signal|sigaction|_exit)[[:space:]]*\('
grep -rnE "$calls" src --include='*.c' | grep -v '^src/cli/' | grep -vE ':[[:space:]]*(/?\*|//)' |
    sed -E 's/"([^"\\]|\\.)*"/""/g' | grep -E "$calls" >"$found"
check "the library does not print, exit or touch signals"

if [ -n "$build" ] && [ -e "$build/librelgraph.so" ]; then
    nm -D --defined-only "$build/librelgraph.so" | awk '{ print $3 }' |
        grep -vE '^(rg_|__asan_|__ubsan_|__odr_asan)' >"$found"
    check "librelgraph.so exports rg_* and nothing else"
    # What the header promises is there.
    sed -n 's/.*RG_API[^(]*[ *]\(rg_[a-z_]*\)(.*/\1/p' include/relgraph/relgraph.h | sort -u | while read -r name; do
        nm -D --defined-only "$build/librelgraph.so" | grep -q " $name\$" || echo "$name is declared but not exported"
    done >"$found"
    check "every public function is exported"
else
    number=$((number + 1))
    echo "ok $number - exported symbols # SKIP librelgraph.so is not built"
fi

for compiler in "cc -x c -std=c99" "c++ -x c++ -std=c++11"; do
    command -v "${compiler%% *}" >/dev/null || compiler="clang++ ${compiler#* }" # it comes with clang
    # shellcheck disable=SC2086
    printf '#include "relgraph/relgraph.h"\nint main(void) { struct rg_error err; (void)err; return RG_OK; }\n' |
        $compiler -pedantic -Wall -Wextra -Werror -Iinclude -fsyntax-only - >"$found" 2>&1
    check "the public header compiles with ${compiler%% *} ${compiler##*-std=}"
done

echo "1..$number"
exit "$failures"
