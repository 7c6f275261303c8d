/* Who reads whom inside one bound tree: shared by lineage and fingerprints, which both carry
 * something from the queries inside out. */
#ifndef SQL_SQL_FLOW_H
#define SQL_SQL_FLOW_H

#include "base/intmap.h"
#include "sql/sql_scope.h"

/* The QUERY nodes of a tree, each behind those that it reads: CTEs before the body, FROM before the
 * other clauses, subqueries before what encloses them. A recursive CTE alone reads itself. */
struct sql_flow {
    const struct sql_node **queries;
    uint32_t n_queries;
    struct intmap index; /* QUERY node to its place in `queries` */
    bool recursive;      /* there is a WITH RECURSIVE */
};

/* The lists live in the arena; free the rest with sql_flow_fini, also after failure. False: memory
 * is out. */
RG_MUST_CHECK bool sql_flow_init(struct sql_flow *flow, const struct sql_node *root,
                                 struct arena *arena);
void sql_flow_fini(struct sql_flow *flow);
/* The place of a QUERY, or INTMAP_NONE. */
uint32_t sql_flow_place(const struct sql_flow *flow, const struct sql_node *query);

/* The name of the table that a source of kind RELATION stands for, as the catalog spells it, or as
 * the query does where the catalog does not know it. ptr NULL: memory is out. */
struct str sql_relation_name(const struct sql_source *source, struct arena *arena);
/* The name that a column has in its source: of a relation its own one, whatever aliases say. */
struct str sql_column_name(const struct sql_node *column);

/* Identifiers are compared without case. */
bool sql_same_name(struct str a, struct str b);

/* Holds an aggregate function that is not a window function, outside of subqueries. */
bool sql_has_aggregate(const struct sql_node *expression);
/* Makes several rows of one: unnest. */
bool sql_is_unnest(const struct sql_node *call);
/* The definition behind OVER name and OVER (name …) in the SELECT, or NULL. */
const struct sql_node *sql_window_base(const struct sql_node *select,
                                       const struct sql_node *window);

#endif
