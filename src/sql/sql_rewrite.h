/* Rewrites that keep the meaning: each changes a tree in place. */
#ifndef SQL_SQL_REWRITE_H
#define SQL_SQL_REWRITE_H

#include "sql/sql_scope.h"

struct sql_rewrite_options {
    enum sql_dialect dialect;
    uint32_t growth_max; /* of CNF: nodes it may grow to; 0: LIMIT_SQL_CNF_NODES */
    bool typed;          /* the tree is bound: rewrites that need types or NOT NULL may run, and
                            none that would only hold for some types */
    bool value;          /* of a root that is an expression: NULL and FALSE are to stay apart.
                            Otherwise it is a condition, as in WHERE: only TRUE counts */
};

/* Unquoted identifiers to lower case; quotes only where they are needed. */
void sql_normalize_identifiers(struct sql_node *root, struct arena *arena);
/* Constants folded, boolean algebra, comparisons turned the same way round, what is always true or
 * false removed. Never changes a result, NULLs included. */
RG_MUST_CHECK enum rg_status sql_simplify(struct sql_node **root,
                                          const struct sql_rewrite_options *options,
                                          struct arena *arena, struct rg_error *err);
/* Every boolean expression to conjunctive normal form, unless that grows beyond the gate: then it
 * stays as it is. */
RG_MUST_CHECK enum rg_status sql_to_cnf(struct sql_node **root,
                                        const struct sql_rewrite_options *options,
                                        struct arena *arena, struct rg_error *err);
/* Removes from subqueries and CTEs the columns nobody reads, and the CTEs nobody reads. The tree is
 * qualified and bound, before and after. (Of tables that nobody declared, a star becomes the
 * columns that are read of it; over several such tables, these have no qualifier, and the tree is
 * left unbound.) */
RG_MUST_CHECK enum rg_status sql_prune(struct sql_node *root, struct str text,
                                       const struct sql_catalog *catalog, struct arena *arena,
                                       struct rg_error *err);
/* The same where not all output columns are read either: `wanted` has one truth value for each. A
 * query whose rows depend on an output (DISTINCT, UNION) keeps it. */
RG_MUST_CHECK enum rg_status sql_prune_outputs(struct sql_node *root, const bool *wanted,
                                               struct str text, const struct sql_catalog *catalog,
                                               struct arena *arena, struct rg_error *err);
/* Puts the query `inner` in the place of every TABLE that names `relation`, where that keeps the
 * meaning: as a derived table, merged into the reader's SELECT where it is plain (no window,
 * aggregate, DISTINCT, LIMIT, set operation, volatile function). *out_done: whether it was. */
RG_MUST_CHECK enum rg_status sql_fuse(struct sql_node *reader, struct str relation,
                                      const struct sql_node *inner,
                                      const struct sql_catalog *catalog, struct arena *arena,
                                      bool *out_done, struct rg_error *err);
/* ORDER BY all output columns behind the keys given (indexes of outputs). */
RG_MUST_CHECK enum rg_status sql_order_totally(struct sql_node *query, const uint32_t *keys,
                                               size_t n_keys, struct arena *arena,
                                               struct rg_error *err);

#endif
