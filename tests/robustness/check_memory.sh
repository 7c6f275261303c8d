#!/bin/sh
# The promise of memory_tight on a large repository: copies of real code until there are so many megabytes of
# it that the facts have more than 2 GB, then test_memory_bound. CORPUS names folders with Python files
# (the packages of this machine's Python), SOURCE_MB how much to copy; TMPDIR needs room for ten times that.
set -eu
build=${RG_BUILD:?}
wanted=${SOURCE_MB:-330}
facts=${FACTS_BYTES:-2000000000}
# shellcheck disable=SC2086
set -- ${CORPUS:-$(python3 -c 'import sysconfig as s; print(s.get_path("stdlib"), s.get_path("purelib"), "/usr/lib/python3")')}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
copied() { find "$work/repo" -name '*.py' -printf '%s\n' | awk '{ s += $1 } END { printf "%d", s / 1000000 }'; }
mkdir "$work/repo"
copy=0
while [ "$(copied)" -lt "$wanted" ]; do
    copy=$((copy + 1))
    for folder; do
        [ -d "$folder" ] || continue
        place=$work/repo/copy$copy$folder
        mkdir -p "$place"
        (cd "$folder" && find . -name '*.py' -type f -print0 | tar cf - --null -T -) | tar xf - -C "$place"
    done
    [ "$(copied)" -gt 0 ] || { echo "no Python file in $*" >&2; exit 1; }
done
echo "# $(copied) MB of source, in $copy copies"
"$build/tests/test_memory_bound" "$work/repo" "$facts"
