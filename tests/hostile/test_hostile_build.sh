#!/bin/sh
# Whole builds of repositories that nobody would write on purpose: each file is a row with a status and a
# reason, the build succeeds, and what is good beside it is in the graph.
set -u
root=${RG_ROOT:-$(cd "$(dirname "$0")/../.." && pwd)}
build=${RG_BUILD:-$root/build/release}
relgraph=$build/relgraph
work=$(mktemp -d)
trap 'chmod -R u+rwx "$work" 2>/dev/null; rm -rf "$work"' EXIT
cd "$work" || exit 1
. "$root/tests/tap.sh"

# As an ordinary user where this runs as root, whom no permission stops.
unprivileged() {
    if [ "$(id -u)" = 0 ]; then
        setpriv --reuid=65534 --regid=65534 --clear-groups "$@"
    else
        "$@"
    fi
}

# builds NAME REPOSITORY: into graph, with exit code 0.
builds() {
    rm -rf graph
    "$relgraph" build "$2" --output graph --quiet >out 2>err </dev/null
    code=$?
    report "$code" "$1"
}

# files: "path status reason" a line; nothing for NULL.
files() {
    "$relgraph" query graph --format csv \
        "SELECT path, status, reason FROM files ORDER BY path" 2>err | tail -n +2
}

# finds NAME SQL: the one value of a query is standard input.
finds() {
    cat >expected
    "$relgraph" query graph --format csv "$2" 2>err | tail -n +2 >found
    same "$1" expected found
}

echo "TAP version 13"

# --- Contents ---
mkdir -p repo/package
{
    printf 'def f(a):\n    return g(a)\n\ndef g(b):\n    return b\n'
} >repo/good.py
printf '# coding: latin-1\ndef caf\351(): return "\344"\n' >repo/latin.py
printf 'caf\351 = 1\n' >repo/not_utf8.py
printf '# coding: klingon\nx = 1\n' >repo/klingon.py
printf 'x = 1\n\000y = 2\n' >repo/nul.py
printf '\377\376x\000' >repo/utf16.py
printf 'def f(:\n  )]}\nclass\n' >repo/broken.py
: >repo/empty.py
head -c 100000000 /dev/zero | tr '\000' a >repo/long_line.py
{
    printf 'x = '
    head -c 200000 /dev/zero | tr '\000' '('
    printf 1
    head -c 200000 /dev/zero | tr '\000' ')'
    echo
} >repo/nested.py
yes 'a = f(1)' | head -n 50000 >repo/statements.py
{
    printf 'x = 1'
    yes ' + y' | head -n 20000 | tr -d '\n'
    echo
} >repo/sum.py
{
    printf 'x = y'
    yes '.z(1)' | head -n 5000 | tr -d '\n'
    echo
} >repo/chain.py
builds "a repository of bad contents" repo
files >found
cat >expected <<'END'
broken.py,partial,
chain.py,parsed,
empty.py,parsed,
good.py,parsed,
klingon.py,parsed,unknown_encoding
latin.py,parsed,
long_line.py,skipped,too_large
nested.py,skipped,too_deep
not_utf8.py,parsed,invalid_utf8
nul.py,skipped,binary
statements.py,parsed,
sum.py,parsed,
utf16.py,skipped,unsupported_encoding
END
diff expected found | sed 's/^/# /'
cmp -s expected found
report $? "every file has a status and a reason"
finds "what is good is whole" \
    "SELECT count(*) FROM edges e JOIN nodes m ON m.node_id = e.dst JOIN nodes c ON c.node_id = e.src
     WHERE e.kind = 'CALL' AND m.name = 'g' AND c.path = 'good.py'" <<'END'
1
END
finds "names are decoded" "SELECT name FROM nodes WHERE kind = 'METHOD' AND path = 'latin.py' AND name <> '<module>'" <<'END'
café
END
finds "every statement is there" "SELECT count(*) FROM nodes WHERE kind = 'CALL' AND path = 'statements.py' AND name = 'f'" <<'END'
50000
END
rm -rf repo

# --- Names and what is no plain file ---
mkdir -p repo/sub
bad=$(printf 'caf\351')
mkdir "repo/$bad"
printf 'def f(): pass\n' >"repo/$bad/$(printf 'm\377').py"
printf 'x = 1\n' >"repo/new
line.py"
printf 'x = 1\n' >"repo/it's \"quoted\" %41.py"
mkfifo repo/pipe.py
ln -s . repo/sub/loop
ln -s /etc/passwd repo/link.py
ln -s nowhere repo/dangling.py
printf '#!/usr/bin/env python3\nx = 1\n' >repo/script
chmod +x repo/script
builds "a repository of bad names" repo
finds "names and what is no plain file are recorded" \
    "SELECT replace(path, chr(10), '~') AS p, status, reason FROM files ORDER BY path" <<'END'
caf%E9/m%FF.py,parsed,
dangling.py,skipped,symlink
"it's ""quoted"" %2541.py",parsed,
link.py,skipped,symlink
new~line.py,parsed,
pipe.py,skipped,not_regular
script,parsed,
END
finds "a function of a file with a bad name is in the graph" \
    "SELECT path FROM nodes WHERE kind = 'METHOD' AND name = 'f'" <<'END'
caf%E9/m%FF.py
END
rm -rf repo

# --- What may not be read ---
mkdir -p repo/locked
printf 'x = 1\n' >repo/a.py
printf 'x = 1\n' >repo/locked/b.py
printf 'x = 1\n' >repo/secret.py
chmod 0 repo/locked repo/secret.py
chmod 755 . repo
rm -rf graph
mkdir graph
chmod 777 graph
if unprivileged "$relgraph" version >/dev/null 2>&1; then
    unprivileged "$relgraph" build repo --output graph --quiet >out 2>err </dev/null
    report $? "a repository with what may not be read"
    files >found
    printf '%s\n' a.py,parsed, locked/,unreadable,no_permission secret.py,unreadable,no_permission >expected
    diff expected found | sed 's/^/# /'
    cmp -s expected found
    report $? "what may not be read is recorded"
else
    echo "ok $((number += 1)) - a repository with what may not be read # SKIP an ordinary user cannot run $relgraph"
fi
chmod 755 repo/locked
rm -rf repo graph

# --- Nothing to do ---
mkdir repo
echo text >repo/readme.md
rm -rf graph
"$relgraph" build repo --output graph >out 2>err </dev/null
code=$?
[ "$code" -le 1 ] && [ -s err ]
report $? "a repository with no supported file gets a clear message"
"$relgraph" build nowhere --output graph >out 2>err </dev/null
[ $? -eq 1 ] && grep -q nowhere err
report $? "a folder that is not there"

# --- A stranger's git ---
mkdir -p repo/.git/hooks
printf 'x = 1\n' >repo/a.py
printf 'rubbish' >repo/.git/index
builds "a git folder that is none" repo
rm -rf repo/.git
(
    cd repo || exit 1
    git init -q .
    printf '[core]\n\tfsmonitor = touch ../ran\n\thooksPath = .\n\tworktree = /etc\n\texcludesFile = a.py\n' >>.git/config
) >out 2>err
builds "a git folder with settings that would run things" repo
files >found
printf 'a.py,parsed,\n' | cmp -s - found && [ ! -e ran ]
report $? "nothing is run, no setting is obeyed"

echo "1..$number"
