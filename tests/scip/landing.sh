#!/bin/sh
# Where the occurrences of an index land in a graph that was built with it, and what is wrong with the index: names
# that are not the text, locals and symbols of the package itself that are used and defined nowhere.
# What stands in a file of a language that we do not parse hangs from the FILE.
# Usage: landing.sh GRAPH PACKAGE; exit code 1 where fewer than 99.9% land on a syntax node with just their
# span, on a module, or in span_errors with a reason.
set -u
build=${RG_BUILD:-$(cd "$(dirname "$0")/../.." && pwd)/build/release}
graph=$1 package=$2
"$build/relgraph" query "$graph" --format csv "
    WITH said AS (
        SELECT sum(occurrences) AS said, sum(placed) AS placed FROM scip_documents WHERE status = 'read'
    ),
    landed AS (
        SELECT e.resolution, e.kind, e.src, e.dst FROM edge_evidence AS e
        WHERE e.rule = 'edge_references_symbol_index'
        UNION ALL
        SELECT e.resolution, e.kind, e.src, e.dst FROM edges AS e WHERE e.kind = 'DEFINES_SYMBOL'
    ),
    undefined AS (
        SELECT count(*) FILTER (WHERE p.value_str = 'local') AS locals,
               count(*) FILTER (WHERE n.qualified_name LIKE '% $package %') AS dangling
        FROM landed AS l
        JOIN nodes AS n ON n.node_id = l.dst
        JOIN props AS p ON p.node_id = n.node_id AND p.key = 'descriptor'
        WHERE l.kind = 'REFERENCES_SYMBOL' AND NOT EXISTS (
            SELECT 1 FROM edges AS d WHERE d.kind = 'DEFINES_SYMBOL' AND d.dst = l.dst)
    )
    SELECT s.said, s.placed, (SELECT count(*) FROM span_errors WHERE what = 'occurrence') AS told,
           (SELECT count(*) FROM landed) AS landed, (SELECT count(*) FROM landed AS l JOIN nodes AS n ON n.node_id = l.src
               WHERE l.resolution = 'exact' AND n.kind <> 'FILE') AS exact,
           (SELECT count(*) FROM landed AS l JOIN nodes AS n ON n.node_id = l.src
               WHERE l.resolution = 'fallback' AND n.kind = 'LITERAL') AS quoted,
           (SELECT count(*) FROM landed AS l JOIN nodes AS n ON n.node_id = l.src WHERE n.kind = 'FILE') AS unparsed,
           (SELECT count(*) FROM disagreement WHERE reason = 'name') AS names, u.locals, u.dangling
    FROM said AS s, undefined AS u" | tail -n 1 | awk -F, '{
        lost = $1 - $2 - $3
        with_syntax = $4 - $7
        share = with_syntax ? $5 / with_syntax : $7 > 0
        bad = (share < 0.999 || lost)
        printf "  %d occurrences: %d placed, %d in span_errors, %d lost\n", $1, $2, $3, lost
        printf "  %d places in the graph", $4
        if ($7)
            printf ", %d of them in files without syntax", $7
        if (with_syntax)
            printf ": %.3f%% on a node with just their span, %d inside of a literal", 100 * share, $6
        printf "  bar 99.9: %s\n", bad ? "missed" : "met"
        printf "  faults of the index: %d names that are not the text, %d uses of undefined locals, %d of undefined symbols\n",
            $8, $9, $10
        exit bad
    }'
