/* Operands whose order means nothing, put in one order. */
#ifndef SQL_SQL_SORT_H
#define SQL_SQL_SORT_H

#include "sql/sql_tree.h"

/* In place and bottom up: operands of AND, OR and of commutative operators (whole chains of + and *
 * where the tree is bound and they are integers), lists of IN and
 * of GROUP BY, comparisons turned from > to <. Two
 * trees that differ in nothing else become equal (sql_equal). False: memory is out. */
bool sql_sort_operands(struct sql_node *root, struct arena *arena);

#endif
