/* What a text says before anything of it is bound: the engine's parse tree as JSON. The engine's
 * own list of tables looks through views and forgets unused CTEs; and binding alone can already do
 * harm (a table function may open a file, or abort the process), so functions are checked here,
 * against a list of what is allowed. */
#ifndef ENGINE_DUCKDB_PARSE_TREE_H
#define ENGINE_DUCKDB_PARSE_TREE_H

#include "base/arena.h"
#include "engine/duckdb/execute.h"

struct tree_policy {
    enum rg_status refused;    /* status of what is not allowed */
    enum rg_status wrong_text; /* of what does not parse */
    const char *hint;
    bool datasets_only;             /* no DESCRIBE, no qualified names */
    const char *const *schemas;     /* with datasets_only: these may be named; ended by NULL */
    bool bounded;                   /* refuse what takes the engine's planner exponential time */
    const struct str *table_macros; /* allowed beside the functions that read nothing */
    size_t n_table_macros;
};

struct tree_tables {
    struct str *names; /* lower case, sorted, without duplicates and CTEs; in the arena */
    size_t count;
    bool
        other_function; /* a table function was named that does not read nothing; also on failure */
};

/* Checks that a text is exactly one SELECT and keeps to the policy, and lists the tables it names.
 */
RG_MUST_CHECK enum rg_status parse_tree_check(const struct runner *runner, struct str sql,
                                              const struct tree_policy *policy, struct arena *arena,
                                              struct tree_tables *out_tables, struct rg_error *err);

#endif
