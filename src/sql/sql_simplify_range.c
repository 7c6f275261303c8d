/* Comparisons of one operand with constants, beside each other in an AND or OR: what follows from
 * the others goes, what contradicts decides. And operands that an equality makes constants. */
#include <stdlib.h>

#include "base/error.h"
#include "sql/sql_simplify.h"

/* --- Ranges --------------------------------------------------------------------------------- */

struct bound {
    uint64_t hash; /* of the operand */
    uint32_t place;
    enum sql_op op;
    struct sql_constant value;
    const struct sql_node *operand;
};

static int by_operand(const void *a, const void *b)
{
    const struct bound *x = a, *y = b;
    if (x->hash != y->hash)
        return x->hash < y->hash ? -1 : 1;
    return (x->place > y->place) - (x->place < y->place);
}

static bool is_lower(enum sql_op op)
{
    return op == SQL_OP_GT || op == SQL_OP_GE;
}

static bool is_upper(enum sql_op op)
{
    return op == SQL_OP_LT || op == SQL_OP_LE;
}

/* A bound on a child of the junction, if it is one. */
static bool bound_of(const struct simplifier *s, const struct sql_node *child, uint32_t place,
                     struct bound *out)
{
    if (!simplify_is_comparison(child))
        return false;
    *out = (struct bound){.place = place,
                          .op = (enum sql_op)child->op,
                          .value = sql_constant_of(child->child[SQL_RIGHT]),
                          .operand = child->child[SQL_LEFT]};
    bool equality = out->op == SQL_OP_EQ || out->op == SQL_OP_NE;
    /* Two texts may be one date: of unknown type they are not compared. */
    if (out->value.kind <= SQL_CONSTANT_BOOLEAN ||
        (out->value.kind == SQL_CONSTANT_TEXT && !s->options->typed) ||
        !simplify_compares(s, out->operand, &out->value, equality))
        return false;
    out->hash = sql_hash(out->operand);
    return true;
}

/* Which of two lower bounds (or two upper ones) lets less through: below 0 the first. */
static int narrower(const struct bound *a, const struct bound *b)
{
    int order = sql_constant_compare(&a->value, &b->value);
    if (is_lower(a->op))
        order = -order;
    if (order)
        return order;
    bool strict_a = a->op == SQL_OP_LT || a->op == SQL_OP_GT;
    bool strict_b = b->op == SQL_OP_LT || b->op == SQL_OP_GT;
    return strict_a == strict_b ? 0 : strict_a ? -1 : 1;
}

static bool lets_through(const struct bound *bound, const struct sql_constant *value)
{
    return sql_order_decides(bound->op, sql_constant_compare(value, &bound->value));
}

struct group {
    const struct bound *bounds;
    size_t n;
    const struct bound *equal, *low, *high; /* that count */
    bool contradicts;
};

static void gather(struct group *group, bool narrow)
{
    for (size_t i = 0; i < group->n; i++) {
        const struct bound *bound = &group->bounds[i], **best;
        if (bound->op == SQL_OP_EQ) {
            group->contradicts |=
                group->equal && sql_constant_compare(&group->equal->value, &bound->value) != 0;
            if (!group->equal)
                group->equal = bound;
            continue;
        }
        if (bound->op == SQL_OP_NE)
            continue;
        best = is_lower(bound->op) ? &group->low : &group->high;
        int order = *best ? narrower(bound, *best) : 0;
        if (!*best || (narrow ? order < 0 : order > 0))
            *best = bound;
    }
}

/* No value is let through by both. */
static bool is_empty(const struct bound *low, const struct bound *high)
{
    int order = sql_constant_compare(&low->value, &high->value);
    return order > 0 || (order == 0 && (low->op == SQL_OP_GT || high->op == SQL_OP_LT));
}

/* In an AND: one equality that the rest lets through says all; else the narrowest bounds. False:
 * nothing is let through. */
static bool narrow_group(struct group *group, struct sql_node **children)
{
    gather(group, true);
    if (group->contradicts || (group->low && group->high && is_empty(group->low, group->high)))
        return false;
    for (size_t i = 0; i < group->n && group->equal; i++)
        if (!lets_through(&group->bounds[i], &group->equal->value))
            return false;
    for (size_t i = 0; i < group->n; i++) {
        const struct bound *bound = &group->bounds[i];
        RG_ASSERT(bound);
        bool keep = bound == group->equal;
        if (!group->equal && bound->op == SQL_OP_NE)
            keep = (!group->low || lets_through(group->low, &bound->value)) &&
                   (!group->high || lets_through(group->high, &bound->value));
        else if (!group->equal)
            keep = bound == group->low || bound == group->high;
        if (!keep)
            children[bound->place] = NULL;
    }
    return true;
}

/* In an OR: the widest bounds, and the equalities that these do not let through. */
static void widen_group(struct group *group, struct sql_node **children)
{
    gather(group, false);
    for (size_t i = 0; i < group->n; i++) {
        const struct bound *bound = &group->bounds[i];
        bool drop = (is_lower(bound->op) && bound != group->low) ||
                    (is_upper(bound->op) && bound != group->high);
        if (bound->op == SQL_OP_EQ)
            drop = (group->low && lets_through(group->low, &bound->value)) ||
                   (group->high && lets_through(group->high, &bound->value));
        if (drop)
            children[bound->place] = NULL;
    }
}

/* One operand's bounds: those behind `first` that are about the same and can be compared. */
static size_t group_end(const struct bound *bounds, size_t n, size_t first)
{
    size_t end = first + 1;
    while (end < n && bounds[end].hash == bounds[first].hash &&
           sql_equal(bounds[end].operand, bounds[first].operand) &&
           sql_constant_comparable(&bounds[end].value, &bounds[first].value))
        end++;
    return end;
}

uint32_t simplify_ranges(struct simplifier *s, enum sql_kind junction, struct sql_node **children,
                         uint32_t n, unsigned context)
{
    struct bound *bounds = ARENA_ARRAY(s->arena, n, struct bound);
    size_t n_bounds = 0;
    uint32_t kept = 0;
    if (!bounds) {
        s->failed = true;
        return n;
    }
    for (uint32_t i = 0; i < n; i++)
        n_bounds += bound_of(s, children[i], i, &bounds[n_bounds]);
    if (n_bounds < 2)
        return n;
    qsort(bounds, n_bounds, sizeof *bounds, by_operand);
    for (size_t first = 0, end; first < n_bounds; first = end) {
        end = group_end(bounds, n_bounds, first);
        struct group group = {.bounds = bounds + first, .n = end - first};
        if (group.n < 2 || !simplify_is_pure(s, group.bounds->operand))
            continue;
        if (junction == SQL_OR)
            widen_group(&group, children);
        else if (!narrow_group(&group, children) &&
                 ((context & SQL_CONTEXT_FILTER) ||
                  simplify_is_never_null(s, group.bounds->operand)))
            return 0;
    }
    for (uint32_t i = 0; i < n; i++)
        if (children[i])
            children[kept++] = children[i];
    return kept;
}

/* --- Equalities ------------------------------------------------------------------------------ */

struct known {
    struct simplifier *s;
    const struct sql_node **equalities; /* column = constant, sorted by the column's hash */
    uint64_t *hashes;
    size_t n;
    unsigned context;
};

static bool is_equality(const struct simplifier *s, const struct sql_node *node)
{
    if (!sql_is(node, SQL_BINARY) || node->op != SQL_OP_EQ ||
        !sql_is(node->child[SQL_LEFT], SQL_COLUMN))
        return false;
    struct sql_constant value = sql_constant_of(node->child[SQL_RIGHT]);
    return value.kind > SQL_CONSTANT_BOOLEAN &&
           simplify_compares(s, node->child[SQL_LEFT], &value, true);
}

static const struct sql_node *constant_of_column(const struct known *known,
                                                 const struct sql_node *column)
{
    uint64_t hash = sql_hash(column);
    size_t low = 0, high = known->n;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (known->hashes[middle] < hash)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < known->n && known->hashes[low] == hash; low++)
        if (sql_equal(known->equalities[low]->child[SQL_LEFT], column))
            return known->equalities[low]->child[SQL_RIGHT];
    return NULL;
}

/* Replaces columns that are known below a node; not inside of subqueries and lambdas, whose names
 * are their own, nor of windows, which see the rows that the filter takes away. */
static void replace_below(const struct known *known, struct sql_node *node)
{
    if (node->kind == SQL_QUERY || node->kind == SQL_LAMBDA || node->kind == SQL_AND ||
        node->kind == SQL_OR || (node->kind == SQL_CALL && node->child[SQL_CALL_OVER]))
        return;
    for (uint32_t i = 0; i < node->n_child && !known->s->failed; i++) {
        struct sql_node *child = node->child[i];
        if (!child)
            continue;
        const struct sql_node *constant =
            child->kind == SQL_COLUMN ? constant_of_column(known, child) : NULL;
        if (constant && node->kind != SQL_IS) {
            node->child[i] = simplify_copy(known->s, constant);
            known->s->changed = true;
        } else {
            replace_below(known, child);
        }
    }
    if (!known->s->failed)
        sql_node_refresh(node);
}

/* y = x, with x known and y of its type: comparing y with the constant is the same. Not where that
 * would take the equality out of a join. */
static void replace_typed(const struct known *known, struct sql_node *node)
{
    if (!simplify_is_comparison(node) || (known->context & SQL_CONTEXT_ON))
        return;
    for (int side = SQL_LEFT; side <= SQL_RIGHT; side++) {
        struct sql_node *column = node->child[side], *other = node->child[1 - side];
        if (!sql_is(column, SQL_COLUMN) || !column->type || !other->type ||
            !sql_type_equal(column->type, other->type) || !sql_is(other, SQL_COLUMN) ||
            column->source != other->source)
            continue;
        const struct sql_node *constant = constant_of_column(known, column);
        if (!constant)
            continue;
        node->child[side] = simplify_copy(known->s, constant);
        if (!known->s->failed)
            sql_node_refresh(node);
        known->s->changed = true;
        return;
    }
}

static int by_hash(const void *a, const void *b)
{
    uint64_t x = sql_hash((*(const struct sql_node *const *)a)->child[SQL_LEFT]);
    uint64_t y = sql_hash((*(const struct sql_node *const *)b)->child[SQL_LEFT]);
    return (x > y) - (x < y);
}

void simplify_equalities(struct simplifier *s, struct sql_node **children, uint32_t n,
                         unsigned context)
{
    struct known known = {.s = s, .context = context};
    for (uint32_t i = 0; i < n; i++)
        known.n += is_equality(s, children[i]);
    if (known.n == 0 || n < 2)
        return;
    known.equalities = ARENA_ARRAY(s->arena, known.n, const struct sql_node *);
    known.hashes = ARENA_ARRAY(s->arena, known.n, uint64_t);
    if (!known.equalities || !known.hashes) {
        s->failed = true;
        return;
    }
    known.n = 0;
    for (uint32_t i = 0; i < n; i++)
        if (is_equality(s, children[i]))
            known.equalities[known.n++] = children[i];
    qsort(known.equalities, known.n, sizeof *known.equalities, by_hash);
    for (size_t i = 0; i < known.n; i++)
        known.hashes[i] = sql_hash(known.equalities[i]->child[SQL_LEFT]);
    for (uint32_t i = 0; i < n && !s->failed; i++) {
        if (is_equality(s, children[i]))
            continue;
        if (s->options->typed)
            replace_typed(&known, children[i]);
        else
            replace_below(&known, children[i]);
    }
}
