/* Rules of comparisons: folded, turned one way, freed of arithmetic, and IN, BETWEEN, COALESCE as
 * what they say. Ranges of one operand are in sql_simplify_range.c. */
#include "sql/sql_simplify.h"

struct sql_node *simplify_comparison(struct simplifier *s, struct sql_node *node, unsigned context)
{
    if (!simplify_is_comparison(node))
        return node;
    struct sql_node *left = node->child[SQL_LEFT], *right = node->child[SQL_RIGHT];
    struct sql_constant a = sql_constant_of(left), b = sql_constant_of(right);
    enum sql_op op = (enum sql_op)node->op;
    if (sql_constant_comparable(&a, &b))
        return simplify_replaced(
            s, node,
            simplify_truth(s, sql_order_decides(op, sql_constant_compare(&a, &b)), node->span));
    if ((context & SQL_CONTEXT_BOOLEAN) &&
        ((a.kind == SQL_CONSTANT_NULL && simplify_is_pure(s, right)) ||
         (b.kind == SQL_CONSTANT_NULL && simplify_is_pure(s, left))))
        return simplify_replaced(s, node, a.kind == SQL_CONSTANT_NULL ? left : right);
    if (a.kind != SQL_CONSTANT_NONE && b.kind == SQL_CONSTANT_NONE)
        return simplify_replaced(s, node,
                                 simplify_pair(s, SQL_BINARY, simplify_turned(op), right, left));
    if (simplify_is_never_null(s, left) && sql_equal(left, right) && simplify_is_pure(s, left))
        return simplify_replaced(s, node, simplify_truth(s, sql_order_decides(op, 0), node->span));
    return node;
}

/* IS DISTINCT FROM: with NULL it is IS NOT NULL, between what is never NULL it is <>. */
struct sql_node *simplify_distinct_from(struct simplifier *s, struct sql_node *node,
                                        unsigned context)
{
    (void)context;
    if (node->op != SQL_OP_DISTINCT_FROM && node->op != SQL_OP_NOT_DISTINCT_FROM)
        return node;
    struct sql_node *left = node->child[SQL_LEFT], *right = node->child[SQL_RIGHT];
    struct sql_constant a = sql_constant_of(left), b = sql_constant_of(right);
    bool distinct = node->op == SQL_OP_DISTINCT_FROM;
    if (a.kind == SQL_CONSTANT_NULL && b.kind == SQL_CONSTANT_NULL)
        return node;
    if (a.kind == SQL_CONSTANT_NULL || b.kind == SQL_CONSTANT_NULL) {
        struct sql_node *other = a.kind == SQL_CONSTANT_NULL ? right : left;
        return simplify_replaced(s, node, simplify_is_null(s, other, distinct));
    }
    if (simplify_is_never_null(s, left) && simplify_is_never_null(s, right))
        return simplify_replaced(
            s, node, simplify_pair(s, SQL_BINARY, distinct ? SQL_OP_NE : SQL_OP_EQ, left, right));
    return node;
}

/* The two bounds are compared in one type only where they are of one kind. */
static bool bounds_agree(const struct simplifier *s, const struct sql_node *low,
                         const struct sql_node *high)
{
    struct sql_constant a = sql_constant_of(low), b = sql_constant_of(high);
    if (a.kind != SQL_CONSTANT_NONE && b.kind != SQL_CONSTANT_NONE)
        return a.kind == b.kind;
    if (!s->options->typed)
        return true;
    return low->type && high->type && sql_type_equal(low->type, high->type);
}

/* x BETWEEN a AND b is x >= a AND x <= b, in the logic of three values too. */
struct sql_node *simplify_between(struct simplifier *s, struct sql_node *node, unsigned context)
{
    struct sql_node *operand = node->child[SQL_OPERAND], *low = node->child[SQL_BETWEEN_LOW];
    struct sql_node *high = node->child[SQL_BETWEEN_HIGH];
    bool negated = sql_flag(node, SQL_FLAG_NOT);
    (void)context;
    if (sql_flag(node, SQL_FLAG_SYMMETRIC) || !simplify_is_repeatable(s, operand) ||
        !bounds_agree(s, low, high))
        return node;
    struct sql_node *above =
        simplify_pair(s, SQL_BINARY, negated ? SQL_OP_LT : SQL_OP_GE, operand, low);
    struct sql_node *below = simplify_pair(s, SQL_BINARY, negated ? SQL_OP_GT : SQL_OP_LE,
                                           simplify_copy(s, operand), high);
    return simplify_replaced(
        s, node, simplify_pair(s, negated ? SQL_OR : SQL_AND, SQL_OP_NONE, above, below));
}

/* --- IN ------------------------------------------------------------------------------------- */

/* Whether the constant is among the list's; `known` is cleared where an element is no constant that
 * can be compared with it. */
static bool in_constants(const struct sql_constant *value, const struct sql_node *list, bool *known)
{
    bool found = false;
    for (uint32_t i = 0; i < list->n_child; i++) {
        struct sql_constant element = sql_constant_of(list->child[i]);
        if (!sql_constant_comparable(value, &element) || element.kind != value->kind)
            *known = false;
        else
            found |= sql_constant_compare(value, &element) == 0;
    }
    return found;
}

/* Elements written twice go. Lists are small or machine-made and sorted by nobody: a hash of each
 * against those of a bounded window would miss some, so the quadratic search is bounded instead. */
static struct sql_node *without_repeats(struct simplifier *s, struct sql_node *list)
{
    enum { LIST_MAX = 64 };
    uint32_t kept = 0;
    if (list->n_child > LIST_MAX)
        return NULL;
    struct sql_node *children[LIST_MAX];
    for (uint32_t i = 0; i < list->n_child; i++) {
        bool seen = false;
        for (uint32_t k = 0; k < kept && !seen; k++)
            seen = sql_equal(children[k], list->child[i]) && simplify_is_pure(s, list->child[i]);
        if (!seen)
            children[kept++] = list->child[i];
    }
    if (kept == list->n_child)
        return NULL;
    struct sql_node *new = sql_node_with(s->arena, SQL_LIST, list->span, children, kept);
    if (!new)
        s->failed = true;
    return new;
}

struct sql_node *simplify_in(struct simplifier *s, struct sql_node *node, unsigned context)
{
    struct sql_node *list = node->child[SQL_IN_LIST];
    bool negated = sql_flag(node, SQL_FLAG_NOT), known = true;
    (void)context;
    if (!sql_is(list, SQL_LIST) || node->child[SQL_IN_QUERY])
        return node;
    struct sql_constant value = sql_constant_of(node->child[SQL_OPERAND]);
    if (value.kind > SQL_CONSTANT_NULL) {
        bool found = in_constants(&value, list, &known);
        if (found || known)
            return simplify_replaced(s, node, simplify_truth(s, found != negated, node->span));
    }
    struct sql_node *shorter = without_repeats(s, list);
    if (shorter) {
        node->child[SQL_IN_LIST] = shorter;
        sql_node_refresh(node);
        s->changed = true;
    }
    return node;
}

/* --- What stands around the operand ----------------------------------------------------------- */

static bool is_unsigned(const struct sql_node *node)
{
    return node->type && node->type->kind >= SQL_T_UTINYINT && node->type->kind <= SQL_T_UBIGINT;
}

/* x + 1 > 3 is x > 2, 5 - x > 3 is x < 2: of exact numbers only, and where the new constant has the
 * type of the old ones. An overflow that the sum would have met is not met any more. */
struct sql_node *simplify_moved_comparison(struct simplifier *s, struct sql_node *node,
                                           unsigned context)
{
    (void)context;
    if (!simplify_is_comparison(node))
        return node;
    struct sql_node *sum = node->child[SQL_LEFT], *operand;
    struct sql_constant right = sql_constant_of(node->child[SQL_RIGHT]), moved;
    if (right.kind != SQL_CONSTANT_NUMBER || !sql_is(sum, SQL_BINARY) ||
        (sum->op != SQL_OP_ADD && sum->op != SQL_OP_SUBTRACT))
        return node;
    struct sql_constant a = sql_constant_of(sum->child[SQL_LEFT]);
    struct sql_constant b = sql_constant_of(sum->child[SQL_RIGHT]);
    enum sql_op op = (enum sql_op)node->op;
    bool done;
    if (a.kind == SQL_CONSTANT_NONE && b.kind == SQL_CONSTANT_NUMBER) {
        operand = sum->child[SQL_LEFT];
        done = sql_constant_arithmetic(sum->op == SQL_OP_ADD ? SQL_OP_SUBTRACT : SQL_OP_ADD, &right,
                                       &b, &moved);
    } else if (a.kind == SQL_CONSTANT_NUMBER && b.kind == SQL_CONSTANT_NONE) {
        operand = sum->child[SQL_RIGHT];
        done = sum->op == SQL_OP_ADD ? sql_constant_arithmetic(SQL_OP_SUBTRACT, &right, &a, &moved)
                                     : sql_constant_arithmetic(SQL_OP_SUBTRACT, &a, &right, &moved);
        op = sum->op == SQL_OP_ADD ? op : simplify_turned(op);
    } else {
        return node;
    }
    if (!done || !simplify_is_exact(s, operand) || is_unsigned(operand))
        return node;
    return simplify_replaced(
        s, node,
        simplify_pair(s, SQL_BINARY, op, operand, simplify_constant(s, moved, node->span)));
}

/* COALESCE(x, 1) = 1 is x = 1 OR x IS NULL, COALESCE(x, 1) = 2 is x IS NOT NULL AND x = 2: either
 * is TRUE or FALSE, as the comparison was. */
struct sql_node *simplify_coalesced(struct simplifier *s, struct sql_node *node, unsigned context)
{
    (void)context;
    if (!simplify_is_comparison(node) || !simplify_is_call(node->child[SQL_LEFT], "coalesce") ||
        simplify_plain_args(node->child[SQL_LEFT]) != 2)
        return node;
    const struct sql_node *args = node->child[SQL_LEFT]->child[SQL_CALL_ARGS];
    struct sql_node *operand = args->child[0];
    struct sql_constant fallback = sql_constant_of(args->child[1]);
    struct sql_constant right = sql_constant_of(node->child[SQL_RIGHT]);
    enum sql_op op = (enum sql_op)node->op;
    bool equality = op == SQL_OP_EQ || op == SQL_OP_NE;
    if (!sql_constant_comparable(&fallback, &right) ||
        sql_constant_of(operand).kind != SQL_CONSTANT_NONE || !simplify_is_repeatable(s, operand) ||
        !simplify_compares(s, operand, &fallback, equality) ||
        !simplify_compares(s, operand, &right, equality))
        return node;
    bool holds = sql_order_decides(op, sql_constant_compare(&fallback, &right));
    struct sql_node *known = simplify_is_null(s, simplify_copy(s, operand), !holds);
    struct sql_node *compared = simplify_pair(s, SQL_BINARY, op, operand, node->child[SQL_RIGHT]);
    return simplify_replaced(s, node,
                             holds ? simplify_pair(s, SQL_OR, SQL_OP_NONE, compared, known)
                                   : simplify_pair(s, SQL_AND, SQL_OP_NONE, known, compared));
}
