#!/bin/sh
# The benchmark on Django, on 1, 4 and 16 copies of it, and on the large corpus: the standard library
# of the machine's python3 with whatever packages it has. Usage: bench/run.sh [NAME=REPOSITORY…];
# figures also go to build/bench.json. ROUNDS=n, 3 otherwise.
set -eu
cd "$(dirname "$0")/.."
if [ "$#" -eq 0 ]; then
    django=/usr/lib/python3/dist-packages/django
    copies=build/bench-copies
    if [ -d "$django" ]; then
        rm -rf "$copies"
        trap 'rm -rf "$copies"' EXIT
        for n in 1 4 16; do
            mkdir -p "$copies/$n"
            for i in $(seq "$n"); do cp -r "$django" "$copies/$n/django$i"; done
        done
        set -- "django=$django" --growth "django=$copies"
    fi
    if command -v python3 >/dev/null 2>&1; then
        large=$(python3 -c 'import sysconfig; print(sysconfig.get_paths()["stdlib"])')
    else
        large=$(ls -d /usr/lib/python3.* 2>/dev/null | tail -n 1)
    fi
    [ -d "$large" ] && set -- "$@" "large=$large"
fi
build/release/suite --rounds "${ROUNDS:-3}" --json build/bench.json --work build/bench-graph "$@"
