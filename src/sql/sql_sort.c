/* The order of operands, as far as it means nothing: by sql_compare, so that it depends on what
 * operands are and never on where they stood. */
#include "sql/sql_sort.h"

#include <stdlib.h>

#include "base/limits.h"
#include "sql/sql_types.h"

/* Longer chains stay as they are: rebuilt, they could become deeper than a tree may be. */
enum { CHAIN_MAX = LIMIT_SQL_DEPTH / 4 };

static int compare_nodes(const void *a, const void *b)
{
    return sql_compare(*(struct sql_node *const *)a, *(struct sql_node *const *)b);
}

static void sort_children(struct sql_node *node)
{
    if (node->n_child < 2)
        return;
    qsort(node->child, node->n_child, sizeof *node->child, compare_nodes);
}

static void swap_operands(struct sql_node *node)
{
    struct sql_node *left = node->child[SQL_LEFT];
    node->child[SQL_LEFT] = node->child[SQL_RIGHT];
    node->child[SQL_RIGHT] = left;
}

/* Sums and products of integers may be taken in any order; those of floats round, those of dates
 * and intervals are of several types. */
static bool is_chain(const struct sql_node *node, const struct sql_node *top)
{
    return node->kind == SQL_BINARY && node->op == top->op && node->type &&
           sql_type_is_integer(node->type);
}

static uint32_t chain_count(const struct sql_node *node, const struct sql_node *top)
{
    if (!is_chain(node, top))
        return 1;
    return chain_count(node->child[SQL_LEFT], top) + chain_count(node->child[SQL_RIGHT], top);
}

static void chain_list(struct sql_node *node, const struct sql_node *top, struct sql_node **list,
                       uint32_t *n)
{
    if (is_chain(node, top)) {
        chain_list(node->child[SQL_LEFT], top, list, n);
        chain_list(node->child[SQL_RIGHT], top, list, n);
    } else {
        list[(*n)++] = node;
    }
}

/* Rebuilds a chain from its operands: (a + b) + c. */
static bool chain_rebuild(struct sql_node *top, struct sql_node *const *list, uint32_t n,
                          struct arena *arena)
{
    struct sql_node *left = list[0];
    for (uint32_t i = 1; i + 1 < n; i++) {
        struct sql_node *pair[] = {left, list[i]};
        left = sql_node_with(arena, SQL_BINARY, top->span, pair, 2);
        if (!left)
            return false;
        left->op = top->op;
        left->type = top->type;
    }
    top->child[SQL_LEFT] = left;
    top->child[SQL_RIGHT] = list[n - 1];
    sql_node_refresh(top);
    return true;
}

static bool sort_node(struct sql_node *node, struct arena *arena);

static bool sort_chain(struct sql_node *top, struct arena *arena)
{
    uint32_t n = chain_count(top, top), at = 0;
    struct sql_node **list = ARENA_ARRAY(arena, n, struct sql_node *);
    if (!list)
        return false;
    chain_list(top, top, list, &at);
    for (uint32_t i = 0; i < n; i++)
        if (!sort_node(list[i], arena))
            return false;
    if (n <= CHAIN_MAX)
        qsort(list, n, sizeof *list, compare_nodes);
    return n > CHAIN_MAX || chain_rebuild(top, list, n, arena);
}

static void sort_binary(struct sql_node *node)
{
    if (node->op == SQL_OP_GT || node->op == SQL_OP_GE) {
        node->op = node->op == SQL_OP_GT ? SQL_OP_LT : SQL_OP_LE;
        swap_operands(node);
    } else if (sql_op_info[node->op].commutative) {
        sort_children(node);
    }
}

/* GROUP BY a, b, unless there are grouping sets, whose numbers (grouping_id) follow the order. */
static void sort_group_by(struct sql_node *list)
{
    for (uint32_t i = 0; i < list->n_child; i++)
        if (list->child[i]->kind == SQL_GROUPING || list->child[i]->kind == SQL_LIST)
            return;
    sort_children(list);
    uint32_t n = 0;
    for (uint32_t i = 0; i < list->n_child; i++)
        if (n == 0 || !sql_equal(list->child[n - 1], list->child[i]))
            list->child[n++] = list->child[i];
    list->n_child = n;
}

static bool sort_node(struct sql_node *node, struct arena *arena)
{
    if ((node->op == SQL_OP_ADD || node->op == SQL_OP_MULTIPLY) && is_chain(node, node))
        return sort_chain(node, arena);
    for (uint32_t i = 0; i < node->n_child; i++)
        if (node->child[i] && !sort_node(node->child[i], arena))
            return false;
    if (node->kind == SQL_AND || node->kind == SQL_OR)
        sort_children(node);
    else if (node->kind == SQL_BINARY)
        sort_binary(node);
    else if (node->kind == SQL_IN && sql_is(node->child[SQL_IN_LIST], SQL_LIST))
        sort_children(node->child[SQL_IN_LIST]);
    else if (node->kind == SQL_SELECT && sql_is(node->child[SQL_SELECT_GROUP_BY], SQL_LIST))
        sort_group_by(node->child[SQL_SELECT_GROUP_BY]);
    return true;
}

bool sql_sort_operands(struct sql_node *root, struct arena *arena)
{
    return sort_node(root, arena);
}
