/* The canonical form of a query: what its fingerprint is taken of. */
#include "base/error.h"
#include "sql/sql_analysis.h"
#include "sql/sql_canonical.h"
#include "sql/sql_rewrite.h"
#include "sql/sql_sort.h"

static const char layer[] = "sql";

/* One round of simplifying may show the next what it could not see: what is NULL, what a condition
 * became. Rounds end with the first that changes nothing. Sorted operands meet in one order. */
enum { ROUNDS_MAX = 4 };

static enum rg_status simplify(struct sql_node **tree, struct str text,
                               const struct sql_catalog *catalog, struct arena *arena,
                               struct rg_error *err)
{
    const struct sql_rewrite_options options = {.typed = true};
    uint64_t before = sql_hash(*tree);
    for (int round = 0; round < ROUNDS_MAX; round++) {
        if (!sql_sort_operands(*tree, arena))
            return error_no_memory(err, layer);
        enum rg_status status = sql_simplify(tree, &options, arena, err);
        if (!status)
            status = sql_bind(*tree, text, catalog, arena, err);
        uint64_t after = status ? before : sql_hash(*tree);
        if (status || after == before)
            return status;
        before = after;
    }
    return RG_OK;
}

enum rg_status sql_canonical(struct sql_node *tree, struct str text,
                             const struct sql_catalog *catalog, struct arena *arena,
                             struct sql_node **out_root, struct rg_error *err)
{
    *out_root = NULL;
    if (!sql_is(tree, SQL_QUERY))
        return error_set(err, RG_ERR_USAGE, layer, "only a query has a canonical form");
    sql_normalize_identifiers(tree, arena);
    enum rg_status status = sql_bind(tree, text, catalog, arena, err);
    if (!status)
        status = sql_qualify(tree, text, catalog, arena, err);
    if (!status)
        status = simplify(&tree, text, catalog, arena, err);
    if (status)
        return status;
    tree = sql_canonical_shape(tree, arena);
    if (!tree || !sql_canonical_names(tree, arena))
        return error_no_memory(err, layer);
    *out_root = tree;
    return RG_OK;
}
