/* Rules of truth values: NOT, AND, OR, IS. All of them hold in the logic of three values; what only
 * holds for two asks simplify_is_two_valued, what only holds in a filter asks the context. */
#include <stdlib.h>

#include "base/error.h"
#include "sql/sql_simplify.h"

/* So many children are looked at in pairs, and so many of each. */
#define PAIRS_MAX    128
#define OPERANDS_MAX 16

/* --- NOT ------------------------------------------------------------------------------------ */

static struct sql_node *flipped(struct simplifier *s, struct sql_node *node)
{
    struct sql_node *copy = ARENA_NEW(s->arena, struct sql_node);
    if (!copy) {
        s->failed = true;
        return NULL;
    }
    *copy = *node; /* the children go over: the old one is dropped */
    copy->flags ^= SQL_FLAG_NOT;
    return copy;
}

/* NOT (a AND b) is NOT a OR NOT b, and the other way round. */
static struct sql_node *de_morgan(struct simplifier *s, struct sql_node *junction)
{
    enum sql_kind kind = junction->kind == SQL_AND ? SQL_OR : SQL_AND;
    struct sql_node **children = ARENA_ARRAY(s->arena, junction->n_child, struct sql_node *);
    if (!children) {
        s->failed = true;
        return NULL;
    }
    for (uint32_t i = 0; i < junction->n_child; i++) {
        children[i] = simplify_negated(s, junction->child[i]);
        if (!children[i])
            return NULL;
    }
    struct sql_node *node =
        sql_node_with(s->arena, kind, junction->span, children, junction->n_child);
    if (!node)
        s->failed = true;
    return node;
}

static bool has_fields(const struct sql_node *node)
{
    if (node->type)
        return node->type->kind >= SQL_T_LIST;
    return node->kind == SQL_ROW || node->kind == SQL_STRUCT || node->kind == SQL_ARRAY ||
           node->kind == SQL_MAP;
}

static struct sql_node *not_comparison(struct simplifier *s, struct sql_node *node)
{
    if (has_fields(node->child[SQL_LEFT]) || has_fields(node->child[SQL_RIGHT]))
        return NULL;
    return simplify_pair(s, SQL_BINARY, simplify_inverse((enum sql_op)node->op),
                         node->child[SQL_LEFT], node->child[SQL_RIGHT]);
}

static struct sql_node *not_constant(struct simplifier *s, struct sql_node *operand,
                                     unsigned context)
{
    int truth = simplify_truth_of(operand);
    if (truth >= 0)
        return simplify_truth(s, !truth, operand->span);
    if (truth == -2)
        return NULL;
    if (context & SQL_CONTEXT_BOOLEAN)
        return operand;
    return simplify_pair(s, SQL_AND, SQL_OP_NONE, operand, simplify_truth(s, true, operand->span));
}

struct sql_node *simplify_not(struct simplifier *s, struct sql_node *node, unsigned context)
{
    if (node->op != SQL_OP_NOT)
        return node;
    struct sql_node *operand = node->child[SQL_OPERAND], *new = NULL;
    switch (operand->kind) {
    case SQL_LITERAL:
        new = not_constant(s, operand, context);
        break;
    case SQL_UNARY:
        if (operand->op == SQL_OP_NOT &&
            ((context & SQL_CONTEXT_BOOLEAN) || simplify_is_boolean(operand->child[SQL_OPERAND])))
            new = operand->child[SQL_OPERAND];
        break;
    case SQL_AND:
        /* x AND TRUE is how a truth value is made of anything else */
        if (operand->n_child == 2 && simplify_truth_of(operand->child[1]) == 1)
            new = simplify_negated(s, operand->child[0]);
        else
            new = de_morgan(s, operand);
        break;
    case SQL_OR:
        new = de_morgan(s, operand);
        break;
    case SQL_BINARY:
        if (simplify_is_comparison(operand))
            new = not_comparison(s, operand);
        else if (operand->op == SQL_OP_DISTINCT_FROM || operand->op == SQL_OP_NOT_DISTINCT_FROM)
            new = simplify_pair(s, SQL_BINARY,
                                operand->op == SQL_OP_DISTINCT_FROM ? SQL_OP_NOT_DISTINCT_FROM
                                                                    : SQL_OP_DISTINCT_FROM,
                                operand->child[SQL_LEFT], operand->child[SQL_RIGHT]);
        break;
    case SQL_IS:
        if (operand->op == SQL_OP_NULL && s->options->dialect == SQL_POSTGRES &&
            !operand->child[SQL_OPERAND]->type)
            break; /* might be a row */
        new = flipped(s, operand);
        break;
    case SQL_LIKE:
    case SQL_IN:
    case SQL_BETWEEN:
        new = flipped(s, operand);
        break;
    default:
        break;
    }
    return simplify_replaced(s, node, new);
}

/* --- IS ------------------------------------------------------------------------------------- */

struct sql_node *simplify_is(struct simplifier *s, struct sql_node *node, unsigned context)
{
    const struct sql_node *operand = node->child[SQL_OPERAND];
    bool negated = sql_flag(node, SQL_FLAG_NOT);
    struct sql_constant value = sql_constant_of(operand);
    (void)context;
    if (node->op == SQL_OP_NULL) {
        if (value.kind == SQL_CONSTANT_NULL)
            return simplify_replaced(s, node, simplify_truth(s, !negated, node->span));
        if (value.kind != SQL_CONSTANT_NONE || simplify_is_never_null(s, operand))
            return simplify_replaced(s, node, simplify_truth(s, negated, node->span));
        return node;
    }
    int truth = simplify_truth_of(operand);
    if (truth == -2)
        return node;
    bool is = node->op == SQL_OP_TRUE    ? truth == 1
              : node->op == SQL_OP_FALSE ? truth == 0
                                         : truth == -1;
    return simplify_replaced(s, node, simplify_truth(s, is != negated, node->span));
}

/* --- Sets of children ------------------------------------------------------------------------ */

/* Finds equal trees: an open table over hashes, for as many as one node has. */
struct tree_set {
    const struct sql_node **nodes;
    uint64_t *hashes;
    size_t capacity; /* a power of two */
};

static bool tree_set_init(struct simplifier *s, struct tree_set *set, size_t n)
{
    set->capacity = 8;
    while (set->capacity < n * 2)
        set->capacity *= 2;
    set->nodes = ARENA_ARRAY(s->arena, set->capacity, const struct sql_node *);
    set->hashes = ARENA_ARRAY(s->arena, set->capacity, uint64_t);
    if (!set->nodes || !set->hashes)
        s->failed = true;
    return !s->failed;
}

static const struct sql_node *tree_set_find(const struct tree_set *set, const struct sql_node *node,
                                            uint64_t hash, size_t *out_place)
{
    size_t at = (size_t)hash & (set->capacity - 1);
    while (set->nodes[at]) {
        if (set->hashes[at] == hash && sql_equal(set->nodes[at], node))
            break;
        at = (at + 1) & (set->capacity - 1);
    }
    *out_place = at;
    return set->nodes[at];
}

static bool tree_set_has(const struct tree_set *set, const struct sql_node *node)
{
    size_t place;
    return tree_set_find(set, node, sql_hash(node), &place);
}

/* False where an equal one is there. */
static bool tree_set_add(struct tree_set *set, const struct sql_node *node)
{
    size_t place;
    uint64_t hash = sql_hash(node);
    if (tree_set_find(set, node, hash, &place))
        return false;
    set->nodes[place] = node;
    set->hashes[place] = hash;
    return true;
}

/* --- AND, OR -------------------------------------------------------------------------------- */

struct junction {
    struct simplifier *s;
    enum sql_kind kind, other;
    unsigned context;
    struct sql_node **children; /* that are left */
    uint32_t n;
    bool decided; /* one constant decides it all */
};

static bool lift(struct junction *j, const struct sql_node *node)
{
    uint32_t n = 0, at = 0;
    for (uint32_t i = 0; i < node->n_child; i++)
        n += node->child[i]->kind == j->kind ? node->child[i]->n_child : 1;
    j->children = ARENA_ARRAY(j->s->arena, n, struct sql_node *);
    if (!j->children) {
        j->s->failed = true;
        return false;
    }
    for (uint32_t i = 0; i < node->n_child; i++) {
        struct sql_node *child = node->child[i];
        if (child->kind != j->kind) {
            j->children[at++] = child;
            continue;
        }
        for (uint32_t k = 0; k < child->n_child; k++)
            j->children[at++] = child->child[k];
    }
    j->n = at;
    return true;
}

/* TRUE in an AND goes, FALSE decides; the other way round in an OR; of several NULLs one stays. */
static void drop_constants(struct junction *j)
{
    uint32_t kept = 0;
    bool has_null = false;
    int neutral = j->kind == SQL_AND;
    for (uint32_t i = 0; i < j->n && !j->decided; i++) {
        int truth = simplify_truth_of(j->children[i]);
        j->decided = truth == !neutral;
        if (truth == neutral || (truth == -1 && has_null))
            continue;
        has_null |= truth == -1;
        j->children[kept++] = j->children[i];
    }
    j->n = kept;
}

/* The same condition in other words: what it would be negated. NULL where that needs a NOT. */
static bool negation(const struct sql_node *node, struct sql_node *out)
{
    *out = *node;
    if (node->kind == SQL_IS || node->kind == SQL_LIKE || node->kind == SQL_IN) {
        out->flags ^= SQL_FLAG_NOT;
        return true;
    }
    if (simplify_is_comparison(node)) {
        out->op = (uint8_t)simplify_inverse((enum sql_op)node->op);
        return true;
    }
    if (node->kind == SQL_BINARY &&
        (node->op == SQL_OP_DISTINCT_FROM || node->op == SQL_OP_NOT_DISTINCT_FROM)) {
        out->op =
            node->op == SQL_OP_DISTINCT_FROM ? SQL_OP_NOT_DISTINCT_FROM : SQL_OP_DISTINCT_FROM;
        return true;
    }
    if (node->kind == SQL_UNARY && node->op == SQL_OP_NOT) {
        *out = *node->child[SQL_OPERAND];
        return true;
    }
    return false;
}

/* A condition that is TRUE or FALSE, and whose negation says the opposite. */
static bool is_sharp(const struct simplifier *s, const struct sql_node *node)
{
    if (node->kind == SQL_UNARY && node->op == SQL_OP_NOT)
        node = node->child[SQL_OPERAND];
    if (node->kind == SQL_IS && node->op == SQL_OP_NULL && s->options->dialect == SQL_POSTGRES &&
        !node->child[SQL_OPERAND]->type)
        return false; /* a row with some NULLs is neither NULL nor NOT NULL there */
    return simplify_is_two_valued(s, node) && simplify_is_pure(s, node);
}

static bool set_has_negation(const struct tree_set *set, const struct sql_node *node)
{
    struct sql_node other;
    return negation(node, &other) && tree_set_has(set, &other);
}

/* Equal children once; x and NOT x of what is never NULL decides. */
static void drop_equal(struct junction *j, struct tree_set *set)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < j->n && !j->decided; i++) {
        struct sql_node *child = j->children[i];
        bool fresh = tree_set_add(set, child);
        if (!fresh && simplify_is_pure(j->s, child))
            continue;
        if (set_has_negation(set, child) && is_sharp(j->s, child))
            j->decided = true;
        j->children[kept++] = child;
    }
    j->n = kept;
}

/* a AND (a OR b) is a. a AND (NOT a OR b) is a AND b where a is never NULL. In an OR likewise. */
static void absorb(struct junction *j, const struct tree_set *set)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < j->n; i++) {
        struct sql_node *child = j->children[i];
        bool absorbed = false;
        uint32_t left = 0;
        if (child->kind != j->other) {
            j->children[kept++] = child;
            continue;
        }
        for (uint32_t k = 0; k < child->n_child && !absorbed; k++)
            absorbed =
                tree_set_has(set, child->child[k]) && simplify_is_pure(j->s, child->child[k]);
        if (absorbed)
            continue;
        for (uint32_t k = 0; k < child->n_child; k++)
            if (!set_has_negation(set, child->child[k]) || !is_sharp(j->s, child->child[k]))
                child->child[left++] = child->child[k];
        if (left < child->n_child) {
            j->s->changed = true;
            if (left == 0) { /* NOT a OR NOT b beside a, b: nothing is left of it */
                j->decided = true;
                return;
            }
            child->n_child = left;
            sql_node_refresh(child);
            if (left == 1)
                child = child->child[0];
        }
        j->children[kept++] = child;
    }
    j->n = kept;
}

/* The one child by which two differ, where they differ in one and that is a and NOT a: its place in
 * the first; else -1. */
static int64_t differing(const struct simplifier *s, const struct sql_node *a,
                         const struct sql_node *b)
{
    int64_t place = -1;
    if (a->n_child != b->n_child || a->n_child > OPERANDS_MAX)
        return -1;
    for (uint32_t i = 0; i < a->n_child; i++) {
        bool found = false;
        for (uint32_t k = 0; k < b->n_child && !found; k++)
            found = sql_equal(a->child[i], b->child[k]);
        if (found)
            continue;
        if (place >= 0)
            return -1;
        place = i;
    }
    struct sql_node other;
    if (place < 0 || !is_sharp(s, a->child[place]) || !negation(a->child[place], &other))
        return -1;
    for (uint32_t k = 0; k < b->n_child; k++)
        if (sql_equal(b->child[k], &other))
            return place;
    return -1;
}

/* Every child of a is one of b. */
static bool is_within(const struct sql_node *a, const struct sql_node *b)
{
    if (a->n_child > b->n_child || b->n_child > OPERANDS_MAX)
        return false;
    for (uint32_t i = 0; i < a->n_child; i++) {
        bool found = false;
        for (uint32_t k = 0; k < b->n_child && !found; k++)
            found = sql_equal(a->child[i], b->child[k]);
        if (!found)
            return false;
    }
    return true;
}

/* (a OR b) AND (a OR b OR c) is a OR b; with OR and AND likewise. */
static void absorb_wider(struct junction *j)
{
    uint32_t kept = 0;
    if (j->n > PAIRS_MAX)
        return;
    for (uint32_t i = 0; i < j->n; i++) {
        struct sql_node *wide = j->children[i];
        bool absorbed = false;
        RG_ASSERT(wide);
        for (uint32_t k = 0; k < j->n && wide->kind == j->other && !absorbed; k++) {
            const struct sql_node *narrow = k < i && k >= kept ? NULL : j->children[k];
            absorbed = narrow && k != i && narrow->kind == j->other &&
                       (narrow->n_child < wide->n_child || k < i) && is_within(narrow, wide) &&
                       simplify_is_pure(j->s, narrow);
        }
        if (!absorbed)
            j->children[kept++] = wide;
    }
    j->n = kept;
}

/* (a AND b) OR (a AND NOT b) is a where b is never NULL; with AND and OR likewise. */
static void eliminate(struct junction *j)
{
    for (uint32_t i = 0; i < j->n && j->n <= PAIRS_MAX; i++) {
        for (uint32_t k = i + 1; k < j->n; k++) {
            struct sql_node *a = j->children[i], *b = j->children[k];
            int64_t place = a->kind == j->other && b->kind == j->other ? differing(j->s, a, b) : -1;
            if (place < 0)
                continue;
            for (uint32_t m = (uint32_t)place; m + 1 < a->n_child; m++)
                a->child[m] = a->child[m + 1];
            a->n_child--;
            sql_node_refresh(a);
            if (a->n_child == 1)
                j->children[i] = a->child[0];
            for (uint32_t m = k; m + 1 < j->n; m++)
                j->children[m] = j->children[m + 1];
            j->n--;
            j->s->changed = true;
            break;
        }
    }
}

/* What is left of it. A single operand that is no truth value becomes one by AND TRUE, unless it is
 * read as one anyway. */
static struct sql_node *rebuilt(struct junction *j, struct sql_node *node)
{
    struct simplifier *s = j->s;
    bool neutral = j->kind == SQL_AND;
    if (j->decided)
        return simplify_truth(s, !neutral, node->span);
    if (j->n == 0)
        return simplify_truth(s, neutral, node->span);
    if (j->n == 1) {
        struct sql_node *only = j->children[0];
        if ((j->context & SQL_CONTEXT_BOOLEAN) || simplify_is_boolean(only))
            return only;
        if (node->kind == SQL_AND && node->n_child == 2 && node->child[0] == only &&
            sql_is(node->child[1], SQL_LITERAL) && node->child[1]->op == SQL_OP_TRUE)
            return node; /* it is just that */
        return simplify_pair(s, SQL_AND, SQL_OP_NONE, only, simplify_truth(s, true, only->span));
    }
    if (j->n == node->n_child) {
        bool same = true;
        for (uint32_t i = 0; i < j->n && same; i++)
            same = node->child[i] == j->children[i];
        if (same)
            return node;
    }
    struct sql_node *new = sql_node_with(s->arena, j->kind, node->span, j->children, j->n);
    if (!new)
        s->failed = true;
    else
        new->type = sql_type_of(SQL_T_BOOLEAN);
    return new;
}

struct sql_node *simplify_junction(struct simplifier *s, struct sql_node *node, unsigned context)
{
    struct junction j = {.s = s, .kind = node->kind, .context = context};
    struct tree_set set;
    j.other = j.kind == SQL_AND ? SQL_OR : SQL_AND;
    if (!lift(&j, node))
        return node;
    drop_constants(&j);
    if (!j.decided && j.n > 1 && tree_set_init(s, &set, j.n)) {
        drop_equal(&j, &set);
        if (!j.decided)
            absorb(&j, &set);
        if (!j.decided)
            absorb_wider(&j);
        if (!j.decided)
            eliminate(&j);
        if (!j.decided && j.n > 1) {
            uint32_t left = simplify_ranges(s, j.kind, j.children, j.n, context);
            if (left == 0)
                j.decided = true;
            else
                j.n = left;
        }
        if (!j.decided && j.kind == SQL_AND && (context & SQL_CONTEXT_FILTER))
            simplify_equalities(s, j.children, j.n, context);
    }
    if (s->failed)
        return node;
    struct sql_node *new = rebuilt(&j, node);
    return new == node ? node : simplify_replaced(s, node, new);
}
