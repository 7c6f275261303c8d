/* The canonical form of a query: what its fingerprint is taken of. */
#include "base/error.h"
#include "sql/sql_analysis.h"
#include "sql/sql_canonical.h"
#include "sql/sql_rewrite.h"

static const char layer[] = "sql";

enum rg_status sql_canonical(const struct sql_node *root, struct str text,
                             const struct sql_catalog *catalog, struct arena *arena,
                             struct sql_node **out_root, struct rg_error *err)
{
    const struct sql_rewrite_options options = {.typed = true};
    *out_root = NULL;
    if (!sql_is(root, SQL_QUERY))
        return error_set(err, RG_ERR_USAGE, layer, "only a query has a canonical form");
    struct sql_node *tree = sql_clone(arena, root);
    if (!tree)
        return error_no_memory(err, layer);
    sql_normalize_identifiers(tree, arena);
    enum rg_status status = sql_bind(tree, text, catalog, arena, err);
    if (!status)
        status = sql_qualify(tree, text, catalog, arena, err);
    if (!status)
        status = sql_simplify(&tree, &options, arena, err);
    if (!status)
        status = sql_bind(tree, text, catalog, arena, err);
    if (status)
        return status;
    tree = sql_canonical_shape(tree, arena);
    if (!tree || !sql_canonical_names(tree, arena))
        return error_no_memory(err, layer);
    *out_root = tree;
    return RG_OK;
}
