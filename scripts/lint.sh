#!/bin/sh
# Format, static analysis, sizes and the shape of the house. Usage: scripts/lint.sh [BUILD_FOLDER],
# a folder with compile_commands.json (default build/debug).
set -u
cd "$(dirname "$0")/.." || exit 1
build=${1:-build/debug}
failures=0

step() {
    printf '%-14s' "$1"
    shift
    if output=$("$@" 2>&1); then
        echo ok
    else
        echo FAILED
        printf '%s\n' "$output"
        failures=$((failures + 1))
    fi
}

sources() { git ls-files -co --exclude-standard '*.c' '*.h'; }

format() { sources | xargs clang-format --dry-run -Werror; }

# Warnings are errors, and there are none that do not matter: .clang-tidy says which checks are on.
tidy() {
    sources | grep -E '^(src|examples)/.*\.c$' |
        xargs -P "$(nproc)" -n 4 clang-tidy -p "$build" --quiet --warnings-as-errors='*' 2>&1 |
        grep -vE '^[0-9]+ warnings? (generated|treated)|^Suppressed|^Use -header-filter|^$|^Error while processing' >"$build/tidy.log"
    cat "$build/tidy.log"
    ! grep -qE '(warning|error):' "$build/tidy.log"
}

# sql_is() takes NULL, for clauses that may be absent: of a node that is there cppcheck then doubts that it is.
# shellcheck disable=SC2046
check_cppcheck() {
    cppcheck --quiet --std=c11 --language=c --error-exitcode=1 --inline-suppr -j "$(nproc)" \
        --enable=warning,performance,portability --suppress=missingInclude \
        --suppress=missingIncludeSystem --suppress=normalCheckLevelMaxBranches --suppress=unknownMacro \
        --suppress='nullPointerRedundantCheck:src/sql/*' \
        --suppress='nullPointerRedundantCheck:src/graph/explain_origin.c' \
        -I src -I include -I "$build/generated" \
        $(sources | grep -E '^(src|examples)/.*\.c$')
}

# Files stay readable: under 1,000 lines, lines under 101 columns; tables of data and SQL excepted.
sizes() {
    bad=0
    for file in $(sources | grep -E '^(src|include|examples|tests|bench|fuzz)/'); do
        lines=$(wc -l <"$file")
        if [ "$lines" -gt 1000 ]; then echo "$file has $lines lines"; bad=1; fi
    done
    return $bad
}

layers() { RG_BUILD="$build" RG_ROOT="$PWD" tests/layers/test_layers.sh; }

scripts() {
    shellcheck --severity=warning scripts/*.sh bench/*.sh fuzz/*.sh tests/*.sh tests/*/*.sh
}

step format format
step sizes sizes
step layers layers
step scripts scripts
step cppcheck check_cppcheck
step clang-tidy tidy
exit "$failures"
