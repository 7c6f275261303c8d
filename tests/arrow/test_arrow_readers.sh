#!/bin/sh
# What relgraph writes as Arrow IPC, read by other people's readers: npm's apache-arrow, and pyarrow
# where there is one (RG_PYTHON names the python that has it).
set -u
root=${RG_ROOT:-$(cd "$(dirname "$0")/../.." && pwd)}
build=${RG_BUILD:-$root/build/debug}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
failures=0

"$build/arrow_samples" "$folder" || { echo "not ok 1 - the samples are written"; exit 1; }
echo "ok 1 - the samples are written"
node "$root/tests/arrow/read_arrow.js" "$folder" 1000 || failures=1

python=${RG_PYTHON:-python3}
if "$python" -c 'import pyarrow' 2>/dev/null; then
    "$python" "$root/tests/arrow/read_arrow.py" "$folder" 2000 || failures=1
else
    echo "ok 2000 - pyarrow reads them # SKIP there is no pyarrow for $python"
fi
exit $failures
