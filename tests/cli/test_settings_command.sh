#!/bin/sh
# Settings from the outside: config, --set, --disable, --playbook, variables; and that every gate and
# every playbook gives the rows of a plain build.
set -u
root=${RG_ROOT:-$(cd "$(dirname "$0")/../.." && pwd)}
build=${RG_BUILD:-$root/build/release}
relgraph=$build/relgraph
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
. "$root/tests/tap.sh"

# shows NAME CODE FILE TEXT COMMAND…: it ends with CODE and FILE (out, err) has TEXT.
shows() {
    name=$1 want=$2 file=$3 text=$4
    shift 4
    "$@" >out 2>err </dev/null
    code=$?
    if [ "$code" = "$want" ] && grep -qF -- "$text" "$file"; then report 0 "$name"; else
        echo "# wanted $want and: $text; exit code $code"
        report 1 "$name"
    fi
}

# rows GRAPH: what a graph holds, whoever made it.
rows() {
    "$relgraph" query "$1" "SELECT CAST(t AS VARCHAR) AS row FROM nodes AS t
        UNION ALL SELECT CAST(t AS VARCHAR) FROM edges AS t
        UNION ALL SELECT CAST(t AS VARCHAR) FROM edge_evidence AS t
        UNION ALL SELECT CAST(t AS VARCHAR) FROM props AS t
        UNION ALL SELECT CAST(t AS VARCHAR) FROM unresolved AS t ORDER BY row" --format csv
}

# line KEY: one line of `relgraph config`, its blanks as one.
line() {
    key=$1
    shift
    "$relgraph" config "$@" 2>err | tr -s ' ' | grep "^$key " >out
}

echo "TAP version 13"
mkdir repo
cat >repo/shop.py <<'PYTHON'
class Price:
    def __init__(self, amount):
        self.amount = amount

    def taxed(self):
        return rounded(self.amount * 1.19)


def rounded(amount):
    return int(amount)


def total(amounts):
    return rounded(sum(Price(a).taxed() for a in amounts))
PYTHON

line engine.threads --profile memory_tight --set engine.threads=3
grep -q "^engine.threads 3 set costs threads" out
report $? "--set is in force, and said to come from there"
RELGRAPH_EXTRACT_THREADS=1 line extract.threads
grep -q "^extract.threads 1 environment" out
report $? "so is a variable of the environment"
RELGRAPH_EXTRACT_THREADS=1 line extract.threads --threads 2
grep -q "^extract.threads 2 option" out
report $? "an option goes before a variable"
RELGRAPH_PROFILE=dev_debug line rules.keep_intermediates
grep -q "^rules.keep_intermediates on profile" out
report $? "a variable names the profile"
RELGRAPH_TIER=canonical line run.tier
grep -q "^run.tier canonical environment results" out
report $? "RELGRAPH_TIER is a setting that changes results"
line gate.top_n --disable top_n
grep -q "^gate.top_n off option" out
report $? "--disable turns a gate off"
shows "config as JSON" 0 out '"results_sha256"' "$relgraph" config --json

shows "an unknown setting" 2 err "did you mean engine.threads?" \
    "$relgraph" build repo --output graph --set engine.thread=4
shows "an unknown variable" 2 err "did you mean RELGRAPH_ENGINE_THREADS?" \
    env RELGRAPH_ENGINE_THREAD=4 "$relgraph" build repo --output graph
shows "an unknown variable, in a query too" 2 err "did you mean RELGRAPH_ENGINE_THREADS?" \
    env RELGRAPH_ENGINE_THREAD=4 "$relgraph" query graph "SELECT 1"
shows "the beginning of a gate" 2 err "did you mean top_n?" "$relgraph" config --disable top
shows "an unknown gate" 2 err "did you mean dynamic_join_filters?" \
    "$relgraph" build repo --output graph --disable dynamic_join_filter
shows "an unknown playbook" 2 err "did you mean memory?" \
    "$relgraph" build repo --output graph --playbook memori
shows "an unknown profile" 2 err "did you mean prod_fast?" \
    "$relgraph" build repo --output graph --profile prod-fast
shows "a setting without a value" 2 err "such as --set engine.threads=2" \
    "$relgraph" build repo --output graph --set engine.threads
for key in run.tier write.writer; do
    value=arrow
    [ $key = write.writer ] || value=fast
    shows "an unknown dataset of $key" 2 err "did you mean" \
        "$relgraph" build repo --output graph --set $key.edgs=$value
    ! grep -q extract err
    report $? "is found before the repository is read"
done
shows "a value out of range" 2 err "between 1 and 1024" \
    "$relgraph" build repo --output graph --set engine.threads=0

"$relgraph" build repo --output plain --quiet 2>err && rows plain >expected 2>err
[ -s expected ]
report $? "a plain build"
gates=$("$relgraph" config | sed -n 's/^gate\.\([a-z_]*\) .*/\1/p')
set --
for gate in $gates; do set -- "$@" --disable "$gate"; done
"$relgraph" query plain "FROM edges ORDER BY ALL" --format csv >a 2>err
"$relgraph" query plain "FROM edges ORDER BY ALL" --format csv "$@" >b 2>err
[ -s a ] && cmp a b >err 2>&1
report $? "the same answer of a query without any gate"
for way in "all gates" "memory" "dynamic_filters" "canonical"; do
    if [ "$way" != "all gates" ]; then set -- --playbook "$way"; fi
    rm -rf other
    "$relgraph" build repo --output other --quiet "$@" >out 2>err && rows other >found 2>>err &&
        cmp expected found >>err 2>&1
    report $? "the same rows: $way"
done
hash_of() { sed -n '/"settings"/,/}/s/.*"sha256": "\([0-9a-f]*\)".*/\1/p' "$1"/builds/*/manifest.json; }
rm -rf other
"$relgraph" build repo --output other --quiet --profile memory_tight --disable top_n 2>err
[ -n "$(hash_of plain)" ] && [ "$(hash_of plain)" = "$(hash_of other)" ]
report $? "the manifest's hash of settings knows no profile and no gates"
"$relgraph" query other "SELECT 1" >out 2>err
"$relgraph" build repo --output other --quiet --set extract.file_bytes_max=20 2>err
[ "$("$relgraph" query other --format csv "SELECT DISTINCT status, reason FROM files" 2>>err)" = "status,reason
skipped,file_bytes_max" ]
report $? "a file that is longer than extract.file_bytes_max is skipped and says so"
"$relgraph" explain other run 2>>err | grep -q "longer than the setting extract.file_bytes_max"
report $? "and the run says which setting would let it in"
input_hash_of() { sed -n '/"inputs"/,/"module_prefix"/s/.*"sha256": "\([0-9a-f]*\)".*/\1/p' "$1"/builds/*/manifest.json | tail -n 1; }
[ -n "$(input_hash_of other)" ] && [ "$(input_hash_of plain)" != "$(input_hash_of other)" ]
report $? "the manifest's hash of inputs differs"
ls other/runs/*/diagnostics/feature_state* >out 2>err
report $? "the state of the gates is recorded"
echo "1..$number"
[ "$failures" = 0 ]
