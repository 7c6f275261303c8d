#!/bin/sh
# relgraph rules from the outside: exit codes, JSON, scripts, and what is wrong with rules, told exactly.
set -u
root=${RG_ROOT:-$(cd "$(dirname "$0")/../.." && pwd)}
build=${RG_BUILD:-$root/build/release}
relgraph=$build/relgraph
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
. "$root/tests/tap.sh"

valid_json() {
    command -v python3 >/dev/null || return 0
    python3 -c 'import json, sys; json.load(open(sys.argv[1]))' "$1"
}

echo "TAP version 13"

# --- The built-in rules --------------------------------------------------------------------------------
run "$relgraph" rules check
has "nothing is wrong with the built-in rules" 0 out ": 0 errors, 0 warnings, "
grep -q '\[opaque\]' out
[ $? -ne 0 ]
report $? "none of them is opaque"
for command in list check compile "lineage edges.dst" test; do
    # shellcheck disable=SC2086
    run "$relgraph" rules $command --json
    valid_json out && [ "$code" = 0 ]
    report $? "rules $command --json is JSON"
done
run "$relgraph" rules list module
is "one rule" 0 out <<'TEXT'
module  module  what an import can name
TEXT
run "$relgraph" rules list edges_cal
is "a selector that selects nothing" 1 err <<'TEXT'
relgraph: error: no rule is selected by "edges_cal"
hint: did you mean `edges_call`?
TEXT
run "$relgraph" rules list changed
has "changed needs something to compare with" 2 err '`changed` needs something to compare with'
run "$relgraph" rules lineage edges.lable
is "an unknown column" 1 err <<'TEXT'
relgraph: error: `edges` has no column `lable`
hint: did you mean `label`?
TEXT
run "$relgraph" rules lineage edges.dst --dot
has "lineage as DOT" 0 out '"class_member.object_id" -> "member_lookup.object_id" [label="member_lookup"];'

# --- Scripts -------------------------------------------------------------------------------------------
run "$relgraph" rules compile --output scripts
has "scripts" 0 out " of duckdb in scripts"
ls scripts >names
sort -c names && grep -q "_edges_call.sql$" names && tail -n 3 names | grep -q "_edges.sql$"
report $? "in the order of running, the product last"
run "$relgraph" rules compile --dialect sparc --output scripts
is "an unknown dialect" 2 err <<'TEXT'
relgraph: error: unknown dialect "sparc"
hint: did you mean spark?
TEXT

mkdir fuse
cat >fuse/written_call.sql <<'TEXT'
-- emits: written_call
-- layer: calls
-- why: calls that somebody wrote
SELECT c.file_id, c.node_id FROM call AS c WHERE c.kind = 'explicit'
TEXT
cat >fuse/is_written.sql <<'TEXT'
-- emits: props
-- layer: calls
-- why: marks them
SELECT w.file_id, w.node_id, 'written' AS key, true AS value_bool FROM written_call AS w
TEXT
run "$relgraph" rules compile is_written --rules fuse
has "a rule with one reader is part of it" 0 out "FROM call AS c"
run "$relgraph" rules compile is_written --rules fuse --set rules.fuse=off
has "but where a setting says otherwise" 0 out "FROM written_call AS w"
cp out apart
run "$relgraph" rules compile is_written --rules fuse --profile dev_debug
is "and a profile is settings" 0 out <apart
run "$relgraph" rules check --set rules.fuze=off
is "an unknown setting" 2 err <<'TEXT'
relgraph: error: there is no setting "rules.fuze"
hint: did you mean rules.fuse? `relgraph config` lists all of them
TEXT

# --- Versions ------------------------------------------------------------------------------------------
mkdir old new
cp "$root/rules/open_base.sql" old/
sed 's/-- why: .*/-- why: another reason/' old/open_base.sql >new/open_base.sql
run "$relgraph" rules diff old new
is "documentation only" 0 out <<'TEXT'
open_base: documentation only
unchanged: 110
TEXT
sed 's/AND b.name = .object.//' old/open_base.sql >new/open_base.sql
run "$relgraph" rules diff old/open_base.sql new/open_base.sql
has "another row set" 0 out "  row set changed"
has "… and whom it affects" 0 out "  member_lookup: rows"
run "$relgraph" rules list changed --since new
is "changed since" 0 out <<'TEXT'
open_base  open_base  bases whose names we cannot see
TEXT

# --- New ones ------------------------------------------------------------------------------------------
run "$relgraph" rules new open_base --output mine
has "a name that is taken" 2 err "there is a rule open_base already"
run "$relgraph" rules new Mine --output mine
has "no name for a rule" 2 err '`Mine` is no name for a rule'
run "$relgraph" rules new mine --output mine
has "a new rule" 0 out "wrote mine/mine.sql"
run "$relgraph" rules new mine --output mine
has "… is not written over" 1 err "mine/mine.sql exists"

# --- What is wrong -------------------------------------------------------------------------------------
# wrong NAME TEXT: the folder `bad` with one rule of that text.
wrong() {
    rm -rf bad
    mkdir bad
    printf '%s\n' "$2" >"bad/$1.sql"
    run "$relgraph" rules check --rules bad "$1"
}
wrong typo '-- emits: open_typo
-- why: x
SELECT b.type_id FROM base_targt AS b'
is "a relation that is not there" 1 out <<'TEXT'
bad/typo.sql:3:23: error: reads `base_targt`, which is neither a table of facts nor what a rule emits
  SELECT b.type_id FROM base_targt AS b
                        ^~~~~~~~~~
hint: did you mean `base_target`?
1 rule: 1 error, 0 warnings, 0 notes
TEXT
rm -rf bad && mkdir bad
printf -- '-- emits: one\nSELECT t.x FROM two AS t\n' >bad/one.sql
printf -- '-- emits: two\nSELECT o.x FROM one AS o\n' >bad/two.sql
run "$relgraph" rules list --rules bad
is "a circle" 1 err <<'TEXT'
relgraph: error: a cycle: one reads two reads one
  in bad/one.sql:1:1
  -- emits: one
  ^
hint: recursion inside one rule is WITH RECURSIVE; rules that recur through each other share a header `fixpoint`
TEXT
rm -rf bad && mkdir bad
cp "$root/rules/module.sql" bad/
run "$relgraph" rules check --rules bad
has "two rules of one name" 1 out "bad/module.sql: error: a rule of this name exists: module.sql"
wrong dataset '-- emits: edge CALL
SELECT 1 AS src'
has "an unknown dataset" 1 out 'bad/dataset.sql:1:11: error: unknown dataset `edge`'
wrong column '-- emits: edges CALL
SELECT 1::BIGINT AS src, 2::BIGINT AS file_id'
has "a column that is missing" 1 out 'bad/column.sql:2:1: error: does not return `dst`, which `edges` needs'
wrong type "-- emits: edges CALL
SELECT 'x' AS src, 1::BIGINT AS dst, 2::BIGINT AS file_id"
has "a wrong type" 1 out 'bad/type.sql:2:8: error: returns `src` as VARCHAR, not BIGINT'
wrong key '-- emit: edges CALL
SELECT 1 AS src'
has "an unknown header key" 1 out 'bad/key.sql:1:4: error: unknown header key `emit`'
wrong empty ''
has "an empty file" 1 out 'bad/empty.sql:1:1: error: the header says not what the rule emits'
rm -rf bad && mkdir bad
{
    echo '-- emits: huge'
    head -c 10000000 /dev/zero | tr '\0' '('
} >bad/huge.sql
run "$relgraph" rules check --rules bad
has "10 MB" 1 err 'bad/huge.sql'
wrong deep "-- emits: deep
SELECT $(head -c 100000 /dev/zero | tr '\0' '(') 1"
has "100,000 brackets" 1 out 'bad/deep.sql:2'
wrong deeper "-- emits: deeper
SELECT $(head -c 400 /dev/zero | tr '\0' '(')1$(head -c 400 /dev/zero | tr '\0' ')') AS x"
has "a bound that a rule reaches" 1 out 'bad/deeper.sql:2:307: error: nested deeper than 300 levels'
wrong opaque '-- emits: sample
-- why: x
SELECT f.file_id FROM file AS f TABLESAMPLE 10%'
has "an opaque rule is allowed, and told" 0 out "[opaque]"
has "… with the place" 0 out "bad/opaque.sql:3:"
wrong opaque '-- emits: sample
-- why: x
SELECT f.file_idd FROM file AS f TABLESAMPLE 10%'
has "… and checked by the engine" 1 out 'bad/opaque.sql:3:'
wrong both '-- emits: both
SELECT f.nothing FROM file AS f'
printf -- '-- emits: more\nSELECT b.nothing FROM both AS b\n' >bad/more.sql
printf -- '-- emits: other\nSELECT f.nothin FROM file AS f\n' >bad/other.sql
run "$relgraph" rules check --rules bad
grep -c ': error: ' out >count
[ "$(cat count)" = 2 ]
report $? "all errors are told, but not those that follow from others"
cp "$root/rules/open_base.test" bad/nobody.test
rm -f bad/*.sql
run "$relgraph" rules test --rules bad
has "a test of no rule" 1 err "a test of rule nobody, which does not exist"

# --- What a tier forbids, told before anything is read -------------------------------------------
mkdir -p tiers repo
printf 'f(1)\n' >repo/a.py
cat >tiers/total.sql <<'SQL'
-- emits: props
-- why: a sum of floats
SELECT
    n.node_id,
    'TOTAL' AS key,
    sum(CAST(n.start_byte AS DOUBLE)) AS value_float,
    n.file_id
FROM nodes_call AS n
GROUP BY n.node_id, n.file_id
SQL
run "$relgraph" rules check --rules tiers total
is "check tells what the default tier forbids" 1 out <<'TEXT'
tiers/total.sql:6:5: error: sum of floats rounds in the order the rows come, which tier stable forbids
      sum(CAST(n.start_byte AS DOUBLE)) AS value_float,
      ^~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
hint: cast the argument to DECIMAL
1 rule: 1 error, 0 warnings, 0 notes
TEXT
run "$relgraph" rules check --rules tiers --tier fast total
has "tier fast takes it, with a warning" 0 out "warning: sum of floats rounds in the order the rows come [determinism]"
run "$relgraph" build repo --output graph --rules tiers --tier canonical --quiet
is "build refuses it at tier canonical" 1 err <<'TEXT'
relgraph: error: sum of floats rounds in the order the rows come, which tier canonical forbids
  in tiers/total.sql:6:5
      sum(CAST(n.start_byte AS DOUBLE)) AS value_float,
      ^~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
hint: cast the argument to DECIMAL
TEXT
run "$relgraph" build repo --output graph --rules tiers --tier fast --tier edges=canonical --quiet
[ "$code" = 0 ]
report $? "another dataset's tier does not matter to it"
grep -c '"tier": "canonical"' graph/current/manifest.json >count
[ "$(cat count)" = 1 ]
report $? "one dataset is canonical"
run "$relgraph" build repo --output graph --tier edgse=canonical
is "a dataset that is not there" 2 err <<'TEXT'
relgraph: error: no dataset "edgse" can have the tier canonical
hint: did you mean edges?
TEXT

echo "1..$number"
exit "$failures"
