/* The steps behind sql_canonical; nobody else calls them. */
#ifndef SQL_SQL_CANONICAL_H
#define SQL_SQL_CANONICAL_H

#include "sql/sql_flow.h"

/* One spelling for what can be written in several ways, in place: windows where they are used,
 * joins from the left, defaults spelled out, clauses without effect gone. The tree is bound and
 * qualified and stays annotated. NULL: memory is out. */
struct sql_node *sql_canonical_shape(struct sql_node *root, struct arena *arena);
/* Aliases of tables, names of columns of inner queries and names of CTEs by place and content, in
 * place; operands sorted, CTEs that nobody reads gone. False: memory is out. */
bool sql_canonical_names(struct sql_node *root, struct arena *arena);

#endif
