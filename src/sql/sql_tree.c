/* Nodes of the tree: making, copying, comparing, hashing and walking them, driven by the tables of
 * kinds and operators. Recursion is bounded: depth <= LIMIT_SQL_DEPTH. */
#include "sql/sql_tree.h"

#include "base/error.h"

const struct sql_kind_info sql_kind_info[SQL_KIND_COUNT] = {
#define X(kind, name, n_fixed, variadic, slots) [SQL_##kind] = {name, n_fixed, variadic, slots},
    SQL_KINDS(X)
#undef X
};

const struct sql_op_info sql_op_info[SQL_OP_COUNT] = {
#define X(op, text, precedence, commutative) [SQL_OP_##op] = {text, precedence, commutative},
    SQL_BINARY_OPS(X)
#undef X
};

/* Flags that say how a thing was written, not what it is. */
enum { FLAGS_OF_SPELLING = SQL_FLAG_QUOTED | SQL_FLAG_ARROW | SQL_FLAG_ALIAS_MADE };

/* What the text of a node is, for comparing. */
static bool text_is_identifier(const struct sql_node *node)
{
    switch (node->kind) {
    case SQL_IDENT:
    case SQL_ITEM:
    case SQL_ALIAS:
    case SQL_CTE:
    case SQL_FIELD:
    case SQL_NAMED_ARG:
    case SQL_WINDOW:
    case SQL_WINDOW_DEF:
    case SQL_MEMBER:
        return true;
    default:
        return false;
    }
}

/* Names of functions and types are always without case, identifiers where no quotes were. */
static bool text_folds(const struct sql_node *node)
{
    if (node->kind == SQL_CALL || node->kind == SQL_TYPE)
        return true;
    return text_is_identifier(node) && !sql_flag(node, SQL_FLAG_QUOTED);
}

static inline unsigned char fold(unsigned char c, bool folds)
{
    return folds && c >= 'A' && c <= 'Z' ? (unsigned char)(c + 'a' - 'A') : c;
}

struct sql_node *sql_node_with(struct arena *arena, enum sql_kind kind, struct sql_span span,
                               struct sql_node *const *children, uint32_t n)
{
    const struct sql_kind_info *info = &sql_kind_info[kind];
    RG_ASSERT(info->variadic || n <= info->n_fixed);
    uint32_t n_child = n > info->n_fixed ? n : info->n_fixed;
    struct sql_node *node =
        arena_alloc(arena, sizeof *node + (size_t)n_child * sizeof *node->child);
    if (!node)
        return NULL;
    node->kind = (uint8_t)kind;
    node->span = span;
    node->child = (struct sql_node **)(node + 1);
    node->n_child = node->child_max = n_child;
    if (n)
        memcpy(node->child, children, n * sizeof *children);
    sql_node_refresh(node);
    return node;
}

struct sql_node *sql_node_new(struct arena *arena, enum sql_kind kind, struct sql_span span)
{
    return sql_node_with(arena, kind, span, NULL, 0);
}

bool sql_node_append(struct arena *arena, struct sql_node *node, struct sql_node *child)
{
    RG_ASSERT(sql_kind_info[node->kind].variadic);
    if (node->n_child >= node->child_max) {
        uint32_t room = node->n_child < 4 ? 4 : node->n_child * 2;
        struct sql_node **grown =
            arena_grow(arena, node->child, node->n_child, room, sizeof(struct sql_node *));
        if (!grown)
            return false;
        node->child = grown;
        node->child_max = room;
    }
    node->child[node->n_child++] = child;
    if (child && child->depth >= node->depth)
        node->depth = (uint16_t)(child->depth + 1);
    return true;
}

void sql_node_refresh(struct sql_node *node)
{
    uint16_t deepest = 0;
    for (uint32_t i = 0; i < node->n_child; i++)
        if (node->child[i] && node->child[i]->depth > deepest)
            deepest = node->child[i]->depth;
    node->depth = (uint16_t)(deepest + 1);
}

struct sql_node *sql_clone(struct arena *arena, const struct sql_node *node)
{
    if (!node)
        return NULL;
    struct sql_node *copy =
        sql_node_with(arena, (enum sql_kind)node->kind, node->span, node->child, node->n_child);
    if (!copy)
        return NULL;
    copy->op = node->op;
    copy->op2 = node->op2;
    copy->flags = node->flags;
    copy->text = node->text;
    for (uint32_t i = 0; i < node->n_child; i++) {
        copy->child[i] = sql_clone(arena, node->child[i]);
        if (node->child[i] && !copy->child[i])
            return NULL;
    }
    return copy;
}

static int order_of(uint64_t a, uint64_t b)
{
    return (a > b) - (a < b);
}

static int text_compare(const struct sql_node *a, const struct sql_node *b)
{
    if (!a->text.ptr || !b->text.ptr)
        return order_of(a->text.ptr != NULL, b->text.ptr != NULL);
    bool fold_a = text_folds(a), fold_b = text_folds(b);
    size_t n = a->text.len < b->text.len ? a->text.len : b->text.len;
    for (size_t i = 0; i < n; i++) {
        unsigned char of_a = fold((unsigned char)a->text.ptr[i], fold_a);
        unsigned char of_b = fold((unsigned char)b->text.ptr[i], fold_b);
        if (of_a != of_b)
            return of_a < of_b ? -1 : 1;
    }
    return order_of(a->text.len, b->text.len);
}

int sql_compare(const struct sql_node *a, const struct sql_node *b)
{
    if (a == b)
        return 0;
    if (!a || !b)
        return a ? 1 : -1;
    int order = order_of(a->kind, b->kind);
    if (!order)
        order = order_of(a->op, b->op);
    if (!order)
        order = order_of(a->op2, b->op2);
    if (!order)
        order = order_of(a->flags & ~(uint32_t)FLAGS_OF_SPELLING,
                         b->flags & ~(uint32_t)FLAGS_OF_SPELLING);
    if (!order)
        order = order_of(a->n_child, b->n_child);
    if (!order)
        order = text_compare(a, b);
    for (uint32_t i = 0; !order && i < a->n_child; i++)
        order = sql_compare(a->child[i], b->child[i]);
    return order;
}

bool sql_equal(const struct sql_node *a, const struct sql_node *b)
{
    return sql_compare(a, b) == 0;
}

static uint64_t mix(uint64_t hash, uint64_t value)
{
    hash = (hash ^ value) * 0x9E3779B97F4A7C15u;
    return hash ^ (hash >> 29);
}

uint64_t sql_hash(const struct sql_node *node)
{
    if (!node)
        return 0x5157;
    uint64_t hash = mix(node->kind, (uint64_t)node->op << 8 | node->op2);
    hash = mix(hash, node->flags & ~(uint32_t)FLAGS_OF_SPELLING);
    hash = mix(hash, (uint64_t)node->n_child << 1 | (node->text.ptr != NULL));
    bool folds = text_folds(node);
    for (size_t i = 0; node->text.ptr && i < node->text.len; i++)
        hash = mix(hash, fold((unsigned char)node->text.ptr[i], folds));
    for (uint32_t i = 0; i < node->n_child; i++)
        hash = mix(hash, sql_hash(node->child[i]));
    return hash;
}

void sql_walk(struct sql_node *node, sql_visit_fn *before, sql_visit_fn *after, void *context)
{
    if (!node || (before && !before(context, node)))
        return;
    for (uint32_t i = 0; i < node->n_child; i++)
        sql_walk(node->child[i], before, after, context);
    if (after)
        (void)after(context, node);
}
