#!/bin/sh
# Builds the graph of a repository, shows what is in it, and asks it three questions. Every command is
# printed as it can be typed. Usage: scripts/demo.sh [REPOSITORY [OUTPUT]]
set -eu
cd "$(dirname "$0")/.."
repo=${1:-/usr/lib/python3/dist-packages/django}
output=${2:-build/demo-graph}
relgraph=${RELGRAPH:-build/release/relgraph}

# ask TITLE SQL: prints the question, the command and its answer.
ask() {
    printf '\n%s\n\n    $ %s query %s "%s"\n\n' "$1" "$relgraph" "$output" "$2"
    answer=$("$relgraph" query "$output" "$2")
    printf '%s\n' "$answer" | sed 's/^/    /'
}

if ! [ -d "$repo" ]; then
    echo "demo: there is no folder $repo; give another one: make demo REPO=path" >&2
    exit 1
fi

printf '    $ %s build %s --output %s\n\n' "$relgraph" "$repo" "$output"
"$relgraph" build "$repo" --output "$output"

most_called="SELECT callee, count(*) AS calls, count(DISTINCT caller) AS callers
             FROM calls JOIN methods ON node_id = callee_id WHERE name <> '__init__'
             GROUP BY callee ORDER BY calls DESC, callee LIMIT 10"
ask "Which functions are called most?" "$most_called"

# The second question is about the answer to the first one.
name=$("$relgraph" query "$output" --format csv --quiet \
    "SELECT callee FROM ($most_called) LIMIT 1" | sed 1d | tr -d '"')
if [ -n "$name" ]; then
    ask "Who calls $name most?" "SELECT caller, count(*) AS calls, min(line) AS first_line, path
             FROM callers('$name') GROUP BY caller, path
             ORDER BY calls DESC, caller LIMIT 10"
fi

ask "Which classes stand at the end of the deepest hierarchies?" "WITH RECURSIVE above(class, ancestor, depth) AS (
               SELECT src, dst, 1 FROM edges WHERE kind = 'INHERITS_FROM'
               UNION
               SELECT above.class, edges.dst, above.depth + 1
               FROM above JOIN edges ON edges.src = above.ancestor
               WHERE edges.kind = 'INHERITS_FROM' AND above.depth < 50)
             SELECT max(depth) AS depth, qualified_name, path, start_line AS line
             FROM above JOIN nodes ON node_id = class
             GROUP BY ALL ORDER BY depth DESC, qualified_name LIMIT 10"

printf '\nMore: %s schema lists the tables and the ready-made macros; %s help tells the rest.\n' "$relgraph" "$relgraph"
