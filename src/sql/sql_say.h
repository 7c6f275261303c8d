/* Rewrites a tree into one that another dialect can say at all. What remains is spelling, which the
 * printer does (sql_spell.h). Beside it: arguments by name to their places, which every dialect
 * needs, duckdb's own functions too. */
#ifndef SQL_SQL_SAY_H
#define SQL_SQL_SAY_H

#include "sql/sql_scope.h"

/* Puts arguments given by name (f(b := 1, a := 2)) in the places of the function's parameters. Only
 * calls that the binder has found in the functions table are touched; struct_pack keeps its names.
 * RG_ERR_BIND with the place for names that are no parameter, are given twice, or leave a gap. */
RG_MUST_CHECK enum rg_status sql_arguments_by_place(struct sql_node *root, struct str text,
                                                    struct arena *arena, struct rg_error *err);

/* The tree is bound and qualified; of the result only the types are still true. For duckdb only the
 * arguments move. Otherwise: GROUP BY ALL is expanded, BY NAME and QUALIFY and DISTINCT ON become
 * derived tables, SEMI and ANTI joins become EXISTS where the dialect has none, orders say where
 * NULLs go and by which collation, elements of lists are called for by list_extract.
 * RG_ERR_SUBSET, with the place, for what cannot be said. */
RG_MUST_CHECK enum rg_status sql_say(struct sql_node *root, struct str text,
                                     enum sql_dialect dialect, const struct sql_catalog *catalog,
                                     struct arena *arena, struct rg_error *err);

#endif
