#!/bin/sh
# How the rules over an index grow with 1, 4 and 16 copies of a package and of its index: their time a copy, beside
# that of one. Usage: growth.sh INDEX PACKAGE, an index that was made in the folder above the package's.
set -u
root=$(cd "$(dirname "$0")/../.." && pwd)
build=${RG_BUILD:-$root/build/release}
[ $# -eq 2 ] || { echo "usage: growth.sh INDEX PACKAGE_FOLDER" >&2; exit 2; }
index=$1 package=$2 name=$(basename "$2")
work=$build/scip/growth
rm -rf "$work"
mkdir -p "$work"
trap 'rm -rf "$work"' EXIT

# Of the rules that stand on the index, seconds, the lowest of two builds.
measure() {
    for _ in 1 2; do
        "$build/relgraph" build "$work/source" --scip "$work/index.scip" --output "$work/graph" --quiet \
            --set engine.threads=1 || exit 1
        "$build/relgraph" explain "$work/graph" run --json | node -e '
            const { rules } = JSON.parse(require("fs").readFileSync(0));
            const ours = /^scip_|^name_place|_symbol|_index$|^name_access$|^disagreement$/;
            console.log(rules.filter((r) => ours.test(r.rule)).reduce((sum, r) => sum + (r.seconds ?? 0), 0));'
    done | sort -g | head -n 1
}

one='' bad=0
for copies in 1 4 16; do
    rm -rf "$work/source"
    mkdir -p "$work/source"
    for i in $(seq "$copies"); do cp -rL "$package" "$work/source/$name$i"; done
    node "$root/tests/scip/copies.mjs" "$index" "$name" "$copies" "$work/index.scip" || exit 1
    seconds=$(measure)
    one=${one:-$seconds}
    echo "$copies $seconds $one" | awk '{ r = $2 / $1 / $3; printf "%4d copies  %8.2f s  a copy takes %.2f of what the only one does  bar 1.20: %s\n", $1, $2, r, r <= 1.2 ? "met" : "missed"; exit r > 1.2 }' || bad=1
done
exit $bad
