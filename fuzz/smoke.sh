#!/bin/sh
# Runs each fuzz target for a minute, from its seeds; fails where one finds something. What was
# found, and the corpus as it grew, stay in build/fuzz.
#   fuzz/smoke.sh [SECONDS_EACH]
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
build=$root/build/fuzz
share=${1:-60}
targets=$(find "$root/fuzz" -name 'fuzz_*.c' | sort)
export ASAN_OPTIONS="detect_leaks=1:allocator_may_return_null=1"
export LSAN_OPTIONS="suppressions=$root/tests/lsan.supp:print_suppressions=0"
for source in $targets; do
    target=$(basename "$source" .c)
    name=${target#fuzz_}
    mkdir -p "$build/corpus/$name" "$build/found"
    seeds=$root/fuzz/corpus/$name
    words=$root/fuzz/$name.dict
    [ "$name" = roles ] && seeds=$root/languages/python
    [ "$name" = sql ] && seeds=$root/tests/sql/shapes
    [ -d "$seeds" ] || seeds=
    [ -f "$words" ] && words=-dict=$words || words=
    echo "fuzz: $target for $share s"
    # shellcheck disable=SC2086
    "$build/$target" -max_total_time="$share" -timeout=20 -rss_limit_mb=4096 -max_len=20000 -verbosity=0 \
        -print_final_stats=1 -artifact_prefix="$build/found/$name-" $words "$build/corpus/$name" $seeds ||
        { echo "fuzz: $target found something: see $build/found"; exit 1; }
done
echo "fuzz: nothing found"
