#!/bin/sh
# Compares what we say of names with what scip-python says: Django, click and jinja2 as Debian has them; and how
# the rules over an index grow with its size.
# The indexer is installed apart, below the build folder; an index of Django takes it a minute or two.
# Usage: check.sh [PACKAGE_FOLDER…], each the folder of one package; RG_BUILD is the build folder.
set -u
root=$(cd "$(dirname "$0")/../.." && pwd)
build=${RG_BUILD:-$root/build/release}
work=$build/scip
mkdir -p "$work/tools"
cp "$root/tests/scip/package.json" "$root/tests/scip/package-lock.json" "$work/tools/"
if ! (cd "$work/tools" && npm ci --ignore-scripts --no-audit --no-fund >npm.log 2>&1); then
    echo "SKIPPED: the indexers cannot be installed:"
    tail -n 3 "$work/tools/npm.log"
    exit 0
fi

# The folder of a package: where Debian installs it, or out of its .deb.
find_package() {
    if [ -d "/usr/lib/python3/dist-packages/$1" ]; then
        echo "/usr/lib/python3/dist-packages/$1"
        return
    fi
    (cd "$work" && apt-get download "python3-$1" >/dev/null 2>&1 && dpkg -x "python3-$1"_*.deb "deb-$1") || return
    find "$work/deb-$1" -type d -path "*/dist-packages/$1" | head -n 1
}

if [ $# -eq 0 ]; then
    for name in django click jinja2; do
        found=$(find_package "$name")
        if [ -z "$found" ]; then
            echo "SKIPPED: there is no $name, and apt-get cannot download it"
            continue
        fi
        set -- "$@" "$found"
    done
fi

bad=0
for package in "$@"; do
    name=$(basename "$package")
    here=$work/$name
    rm -rf "$here"
    mkdir -p "$here/source"
    cp -rL "$package" "$here/source/" # from the folder above the package, or its imports lead nowhere
    find "$here/source" -name '*.pyc' -delete
    echo "--- $name"
    (cd "$here/source" && "$work/tools/node_modules/.bin/scip-python" index . --project-name "$name" \
        --project-version 1 --output "$here/theirs.scip" >"$here/index.log" 2>&1)
    if [ ! -s "$here/theirs.scip" ]; then
        echo "scip-python made no index:"
        tail -n 5 "$here/index.log"
        bad=1
        continue
    fi
    "$build/relgraph" build "$here/source" --symbols --quiet --output "$here/graph" &&
        "$build/relgraph" export "$here/graph" --quiet --output "$here/ours.scip" &&
        node "$root/tests/scip/agreement.mjs" "$here/source" "$here/ours.scip" "$here/theirs.scip" \
            --samples "${SAMPLES:-0}" || bad=1
    for index in theirs ours; do
        echo "$index.scip, read into the graph:"
        project=$name
        [ $index = ours ] && project=.
        "$build/relgraph" build "$here/source" --scip "$here/$index.scip" --quiet --output "$here/joined" &&
            "$root/tests/scip/landing.sh" "$here/joined" "$project" || bad=1
    done
    if [ "$name" = django ]; then
        echo "--- growth of the rules over an index"
        "$root/tests/scip/growth.sh" "$here/theirs.scip" "$here/source/$name" || bad=1
    fi
done

# The language is none that we parse: symbols, and places on the lines of the files.
echo "--- scip-typescript, over its own source"
here=$work/typescript
indexer=$work/tools/node_modules/@sourcegraph/scip-typescript
rm -rf "$here"
mkdir -p "$here"
cp -r "$indexer/src" "$indexer/package.json" "$here/"
ln -s "$work/tools/node_modules" "$here/node_modules"
cat >"$here/tsconfig.json" <<'JSON'
{ "compilerOptions": { "target": "es2019", "module": "commonjs", "moduleResolution": "node", "rootDir": ".",
    "esModuleInterop": true, "skipLibCheck": true }, "include": ["src/**/*"], "exclude": ["src/*.test.ts"] }
JSON
(cd "$here" && "$work/tools/node_modules/.bin/scip-typescript" index --output index.scip >index.log 2>&1)
"$build/relgraph" build "$here" --scip "$here/index.scip" --quiet --output "$work/typescript-graph" &&
    "$root/tests/scip/landing.sh" "$work/typescript-graph" "@sourcegraph/scip-typescript" || bad=1
exit $bad
