#!/bin/sh
# Compares counts and storage classes with those of CPython 3.11 over Django, the standard library of
# that python and random programs. Usage: check.sh [REPOSITORY...]; RG_PYTHON311 names the python,
# RG_BUILD the build folder.
set -u
root=$(cd "$(dirname "$0")/../.." && pwd)
build=${RG_BUILD:-$root/build/release}

is_311() {
    "$1" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11) or sys.implementation.name != "cpython")' \
        >/dev/null 2>&1
}
python=
for candidate in "${RG_PYTHON311:-}" python3.11 python3 "$HOME"/.pyenv/versions/3.11.*/bin/python3; do
    if [ -n "$candidate" ] && is_311 "$candidate"; then python=$candidate; break; fi
done
if [ -z "$python" ]; then
    echo "SKIPPED: no CPython 3.11 found (python3.11, python3, ~/.pyenv, or RG_PYTHON311=path)"
    exit 0
fi

work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
log=$build/cpython
rm -rf "$log"
mkdir -p "$log"
if [ $# -eq 0 ]; then
    # The library without the packages that are installed inside it.
    library=$("$python" -c 'import sysconfig; print(sysconfig.get_paths()["stdlib"])')
    mkdir "$work/library"
    tar -C "$library" --exclude=./site-packages --exclude=__pycache__ --exclude=./lib-dynload -cf - . |
        tar -C "$work/library" -xf - || exit 1
    "$python" -B "$root/tests/cpython/random_programs.py" "$work/programs" 2000 || exit 1
    set -- /usr/lib/python3/dist-packages/django "$work/library" "$work/programs"
fi

echo "CPython: $("$python" --version) ($python)"
failed=0
number=0
for repository in "$@"; do
    if [ ! -d "$repository" ]; then echo "SKIPPED: $repository is not there"; continue; fi
    number=$((number + 1))
    out=$log/$number.txt
    echo "== $repository"
    if ! "$python" -B "$root/tests/cpython/compare.py" "$build/facts_sql" "$repository" "$work/$number" >"$out" 2>&1; then
        tail -n 20 "$out"
        failed=1
        continue
    fi
    cat "$out"
done
[ "$failed" -eq 0 ] || exit 1

# The bars, over all repositories together.
cat "$log"/[0-9]*.txt | awk '
    /^RESULT / { name = $0; sub(/^RESULT /, "", name); sub(/: [0-9]+ of [0-9]+$/, "", name)
                 equal[name] += $(NF - 2); cases[name] += $NF }
    END {
        bar["counts"] = 99.99; bar["counts by name"] = 99.99; bar["storage"] = 99.95; bar["qualified names"] = 99.95
        print "== all"
        for (name in bar) {
            share = cases[name] ? 100 * equal[name] / cases[name] : 0
            ok = share >= bar[name]
            if (!ok) bad = 1
            printf "%-16s %8d of %8d equal: %.4f%% (bar %.2f%%) %s\n", name, equal[name], cases[name],
                   share, bar[name], ok ? "ok" : "FAILED"
        }
        exit bad
    }'
