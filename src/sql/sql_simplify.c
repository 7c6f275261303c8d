/* The simplifier's driver: which rules look at which kind of node, in which context each child
 * stands, and the rounds until nothing changes. The rules are in sql_simplify_*.c. */
#include "sql/sql_simplify.h"

#include <strings.h>

#include "base/error.h"
#include "base/limits.h"

/* A round goes over the whole tree. Each rule makes the tree smaller or brings it nearer to one
 * shape, so that few rounds suffice; the bound is for what nobody thought of. */
#define ROUNDS_MAX 12
#define TURNS_MAX  16

static const struct rule {
    uint8_t kind;
    simplify_rule *apply;
} rules[] = {
    {SQL_UNARY, simplify_not},
    {SQL_UNARY, simplify_sign},
    {SQL_AND, simplify_junction},
    {SQL_OR, simplify_junction},
    {SQL_IS, simplify_is},
    {SQL_BETWEEN, simplify_between},
    {SQL_IN, simplify_truncated_in},
    {SQL_IN, simplify_in},
    {SQL_BINARY, simplify_arithmetic},
    {SQL_BINARY, simplify_moment},
    {SQL_BINARY, simplify_concat_operator},
    {SQL_BINARY, simplify_comparison},
    {SQL_BINARY, simplify_distinct_from},
    {SQL_BINARY, simplify_moved_comparison},
    {SQL_BINARY, simplify_coalesced},
    {SQL_BINARY, simplify_truncated},
    {SQL_CALL, simplify_call},
    {SQL_CASE, simplify_case},
    {SQL_CAST, simplify_cast},
    {SQL_SELECT, simplify_select},
    {SQL_JOIN, simplify_join},
};

/* In which context a child stands. */
static unsigned child_context(const struct sql_node *node, uint32_t slot, unsigned context)
{
    const unsigned filter = SQL_CONTEXT_BOOLEAN | SQL_CONTEXT_FILTER;
    switch (node->kind) {
    case SQL_SELECT:
        if (slot == SQL_SELECT_WHERE || slot == SQL_SELECT_HAVING || slot == SQL_SELECT_QUALIFY)
            return filter;
        return slot == SQL_SELECT_GROUP_BY || slot == SQL_SELECT_DISTINCT_ON ? SQL_CONTEXT_KEY : 0;
    case SQL_QUERY:
        return slot == SQL_QUERY_ORDER_BY ? SQL_CONTEXT_KEY : 0;
    case SQL_JOIN:
        return slot == SQL_JOIN_ON ? filter | SQL_CONTEXT_ON : 0;
    case SQL_CALL:
        return slot == SQL_CALL_FILTER ? filter : 0;
    case SQL_CASE:
        return slot == SQL_CASE_WHENS && !node->child[SQL_CASE_OPERAND] ? SQL_CONTEXT_WHENS : 0;
    case SQL_WHEN:
        return slot == SQL_WHEN_CONDITION && (context & SQL_CONTEXT_WHENS) ? filter : 0;
    case SQL_LIST:
        return context & (SQL_CONTEXT_WHENS | SQL_CONTEXT_KEY);
    case SQL_ORDER_ITEM:
    case SQL_GROUPING:
        return context & SQL_CONTEXT_KEY;
    case SQL_AND:
    case SQL_OR:
        return SQL_CONTEXT_BOOLEAN | (context & (SQL_CONTEXT_FILTER | SQL_CONTEXT_ON));
    case SQL_UNARY:
        return node->op == SQL_OP_NOT ? SQL_CONTEXT_BOOLEAN : 0;
    case SQL_IS:
        return node->op == SQL_OP_NULL ? 0 : SQL_CONTEXT_BOOLEAN;
    default:
        return 0;
    }
}

/* Keys that are no plain columns: what equals such a key may be written beside aggregates, and
 * would not be found again once rewritten. */
static bool has_computed_keys(const struct sql_node *select)
{
    const struct sql_node *keys = select->child[SQL_SELECT_GROUP_BY];
    if (!keys)
        return false;
    if (keys->kind != SQL_LIST)
        return true;
    for (uint32_t i = 0; i < keys->n_child; i++)
        if (!sql_is(keys->child[i], SQL_COLUMN))
            return true;
    return false;
}

static bool may_descend(const struct sql_node *node, uint32_t slot)
{
    switch (node->kind) {
    case SQL_TYPE:
    case SQL_INTERVAL: /* '1' day: not every expression may stand there */
    case SQL_STAR:
        return false;
    case SQL_CAST:
        return slot != SQL_CAST_TYPE;
    case SQL_SELECT:
        return slot == SQL_SELECT_FROM || slot == SQL_SELECT_WHERE || !has_computed_keys(node);
    case SQL_QUERY: /* ORDER BY of such a SELECT repeats its keys */
        return slot != SQL_QUERY_ORDER_BY || !sql_is(node->child[SQL_QUERY_BODY], SQL_SELECT) ||
               !has_computed_keys(node->child[SQL_QUERY_BODY]);
    default:
        return true;
    }
}

static struct sql_node *apply_rules(struct simplifier *s, struct sql_node *node, unsigned context)
{
    for (int turn = 0; turn < TURNS_MAX; turn++) {
        const struct sql_node *before = node;
        for (size_t i = 0; i < sizeof rules / sizeof *rules && !s->failed; i++) {
            if (rules[i].kind != node->kind)
                continue;
            node = rules[i].apply(s, node, context);
            if (node != before)
                break;
        }
        if (node == before || s->failed)
            break;
    }
    return node;
}

static struct sql_node *simplify_node(struct simplifier *s, struct sql_node *node, unsigned context)
{
    RG_ASSERT(node);
    for (uint32_t i = 0; i < node->n_child && !s->failed; i++) {
        struct sql_node *child = node->child[i];
        if (!child || !may_descend(node, i))
            continue;
        unsigned within = child_context(node, i, context);
        struct sql_node *new = simplify_node(s, child, within);
        bool becomes_place = (within & SQL_CONTEXT_KEY) && sql_is(new, SQL_LITERAL) &&
                             !sql_is(child, SQL_LITERAL) && !sql_is(child, SQL_LIST);
        if (!becomes_place)
            node->child[i] = new;
    }
    sql_node_refresh(node);
    return s->failed ? node : apply_rules(s, node, context);
}

enum rg_status sql_simplify(struct sql_node **root, const struct sql_rewrite_options *options,
                            struct arena *arena, struct rg_error *err)
{
    struct simplifier s = {.arena = arena, .options = options};
    bool query = sql_is(*root, SQL_QUERY);
    unsigned context = query || options->value ? 0 : SQL_CONTEXT_FILTER;
    for (int round = 0; round < ROUNDS_MAX; round++) {
        s.changed = false;
        *root = simplify_node(&s, *root, context);
        if (s.failed)
            return error_no_memory(err, "sql");
        if (!s.changed)
            break;
    }
    return RG_OK;
}

/* --- Building ------------------------------------------------------------------------------- */

static struct sql_node *made(struct simplifier *s, struct sql_node *node)
{
    if (!node)
        s->failed = true;
    return node;
}

struct sql_node *simplify_replaced(struct simplifier *s, struct sql_node *old, struct sql_node *new)
{
    if (!new)
        return old;
    s->changed = true;
    return new;
}

struct sql_node *simplify_constant(struct simplifier *s, struct sql_constant value,
                                   struct sql_span span)
{
    return made(s, sql_constant_node(s->arena, &value, span));
}

struct sql_node *simplify_truth(struct simplifier *s, bool value, struct sql_span span)
{
    struct sql_node *node = simplify_constant(
        s, (struct sql_constant){.kind = SQL_CONSTANT_BOOLEAN, .boolean = value}, span);
    if (node)
        node->type = sql_type_of(SQL_T_BOOLEAN);
    return node;
}

static struct sql_span span_of_both(const struct sql_node *a, const struct sql_node *b)
{
    return (struct sql_span){a->span.start < b->span.start ? a->span.start : b->span.start,
                             a->span.end > b->span.end ? a->span.end : b->span.end};
}

struct sql_node *simplify_pair(struct simplifier *s, enum sql_kind kind, enum sql_op op,
                               struct sql_node *left, struct sql_node *right)
{
    if (!left || !right)
        return NULL;
    struct sql_node *children[] = {left, right};
    struct sql_node *node =
        made(s, sql_node_with(s->arena, kind, span_of_both(left, right), children, 2));
    if (node) {
        node->op = (uint8_t)op;
        if (simplify_is_boolean(node))
            node->type = sql_type_of(SQL_T_BOOLEAN);
    }
    return node;
}

struct sql_node *simplify_is_null(struct simplifier *s, struct sql_node *operand, bool negated)
{
    if (!operand)
        return NULL;
    struct sql_node *node = made(s, sql_node_with(s->arena, SQL_IS, operand->span, &operand, 1));
    if (node) {
        node->op = SQL_OP_NULL;
        node->flags = negated ? SQL_FLAG_NOT : 0;
        node->type = sql_type_of(SQL_T_BOOLEAN);
    }
    return node;
}

struct sql_node *simplify_negated(struct simplifier *s, struct sql_node *operand)
{
    if (!operand)
        return NULL;
    struct sql_node *node = made(s, sql_node_with(s->arena, SQL_UNARY, operand->span, &operand, 1));
    if (node) {
        node->op = SQL_OP_NOT;
        node->type = sql_type_of(SQL_T_BOOLEAN);
    }
    return node;
}

struct sql_node *simplify_copy(struct simplifier *s, const struct sql_node *node)
{
    struct sql_node *copy = made(s, ARENA_NEW(s->arena, struct sql_node));
    if (!copy)
        return NULL;
    *copy = *node;
    copy->child = ARENA_ARRAY(s->arena, node->n_child + 1, struct sql_node *);
    copy->child_max = node->n_child;
    if (!copy->child) {
        s->failed = true;
        return NULL;
    }
    for (uint32_t i = 0; i < node->n_child; i++) {
        copy->child[i] = node->child[i] ? simplify_copy(s, node->child[i]) : NULL;
        if (s->failed)
            return NULL;
    }
    return copy;
}

/* --- Asking --------------------------------------------------------------------------------- */

/* Of functions that nobody declared. */
static const char *const volatile_names[] = {
    "random", "rand",    "randn",   "uuid",    "gen_random_uuid", "uuidv4",
    "uuidv7", "newid",   "nextval", "setseed", "generateuuidv4",  "rand64",
    "now64",  "shuffle", "unnest",  "explode", "posexplode",
};

static bool name_is(struct str text, const char *name)
{
    return strlen(name) == text.len && strncasecmp(name, text.ptr, text.len) == 0;
}

static bool is_volatile(const struct simplifier *s, const struct sql_node *call)
{
    if (call->function)
        return call->function->volatility == SQL_VOLATILE ||
               call->function->class == SQL_TABLE_FUNCTION;
    if (s->options->typed)
        return true;
    for (size_t i = 0; i < sizeof volatile_names / sizeof *volatile_names; i++)
        if (name_is(call->text, volatile_names[i]))
            return true;
    return false;
}

bool simplify_is_pure(const struct simplifier *s, const struct sql_node *node)
{
    if (node->kind == SQL_CALL && is_volatile(s, node))
        return false;
    for (uint32_t i = 0; i < node->n_child; i++)
        if (node->child[i] && !simplify_is_pure(s, node->child[i]))
            return false;
    return true;
}

/* A path, or casts and signs over one: nothing is computed twice that costs. */
bool simplify_is_repeatable(const struct simplifier *s, const struct sql_node *node)
{
    while (node->kind == SQL_CAST || node->kind == SQL_MEMBER ||
           (node->kind == SQL_UNARY && node->op != SQL_OP_NOT))
        node = node->child[SQL_OPERAND];
    if (node->kind == SQL_CALL)
        return simplify_is_pure(s, node) && node->depth <= 4;
    return node->kind == SQL_COLUMN || node->kind == SQL_PARAMETER || node->kind == SQL_LITERAL;
}

bool simplify_is_boolean(const struct sql_node *node)
{
    switch (node->kind) {
    case SQL_AND:
    case SQL_OR:
    case SQL_IS:
    case SQL_IN:
    case SQL_LIKE:
    case SQL_BETWEEN:
    case SQL_EXISTS:
    case SQL_QUANTIFIED:
        return true;
    case SQL_BINARY:
        return simplify_is_comparison(node) || node->op == SQL_OP_DISTINCT_FROM ||
               node->op == SQL_OP_NOT_DISTINCT_FROM;
    case SQL_UNARY:
        return node->op == SQL_OP_NOT;
    case SQL_LITERAL:
        return node->op == SQL_OP_TRUE || node->op == SQL_OP_FALSE;
    default:
        return node->type && node->type->kind == SQL_T_BOOLEAN;
    }
}

bool simplify_is_never_null(const struct simplifier *s, const struct sql_node *node)
{
    switch (node->kind) {
    case SQL_LITERAL:
        return node->op != SQL_OP_NULL;
    case SQL_EXISTS:
        return true;
    case SQL_IS:
        /* A row of PostgreSQL is neither NULL nor NOT NULL where some of its fields are. */
        return true;
    case SQL_COLUMN:
        return s->options->typed && sql_not_null(node, false);
    case SQL_BINARY:
        if (node->op == SQL_OP_DISTINCT_FROM || node->op == SQL_OP_NOT_DISTINCT_FROM)
            return true;
        return simplify_is_comparison(node) && simplify_is_never_null(s, node->child[SQL_LEFT]) &&
               simplify_is_never_null(s, node->child[SQL_RIGHT]);
    case SQL_AND:
    case SQL_OR:
        for (uint32_t i = 0; i < node->n_child; i++)
            if (!simplify_is_never_null(s, node->child[i]))
                return false;
        return true;
    case SQL_UNARY:
        return node->op == SQL_OP_NOT && simplify_is_never_null(s, node->child[SQL_OPERAND]);
    default:
        return false;
    }
}

bool simplify_is_two_valued(const struct simplifier *s, const struct sql_node *node)
{
    return simplify_is_boolean(node) && simplify_is_never_null(s, node);
}

int simplify_truth_of(const struct sql_node *node)
{
    struct sql_constant value = sql_constant_of(node);
    if (value.kind == SQL_CONSTANT_NULL)
        return -1;
    if (value.kind == SQL_CONSTANT_BOOLEAN)
        return value.boolean;
    return value.kind == SQL_CONSTANT_NUMBER && value.scale == 0 ? value.number != 0 : -2;
}

static bool type_is_exact(const struct sql_type *type)
{
    return type && (sql_type_is_integer(type) || type->kind == SQL_T_DECIMAL);
}

bool simplify_is_exact(const struct simplifier *s, const struct sql_node *node)
{
    return s->options->typed ? type_is_exact(node->type) : true;
}

bool simplify_compares(const struct simplifier *s, const struct sql_node *node,
                       const struct sql_constant *constant, bool equality)
{
    bool moment = constant->kind == SQL_CONSTANT_DATE || constant->kind == SQL_CONSTANT_TIMESTAMP;
    if (!s->options->typed)
        return constant->kind == SQL_CONSTANT_NUMBER || moment ||
               (constant->kind == SQL_CONSTANT_TEXT && equality);
    if (!node->type)
        return false;
    switch (node->type->kind) {
    case SQL_T_VARCHAR:
        return constant->kind == SQL_CONSTANT_TEXT;
    case SQL_T_ENUM: /* ordered by their declaration, not by their text */
        return constant->kind == SQL_CONSTANT_TEXT && equality;
    case SQL_T_DATE:
    case SQL_T_TIMESTAMP:
        return moment;
    default:
        return constant->kind == SQL_CONSTANT_NUMBER && type_is_exact(node->type);
    }
}

bool simplify_is_call(const struct sql_node *node, const char *name)
{
    return sql_is(node, SQL_CALL) && name_is(node->text, name);
}

uint32_t simplify_plain_args(const struct sql_node *call)
{
    const struct sql_node *args = call->child[SQL_CALL_ARGS];
    if (call->flags & (SQL_FLAG_DISTINCT | SQL_FLAG_IGNORE_NULLS | SQL_FLAG_RESPECT_NULLS) ||
        call->child[SQL_CALL_ORDER_BY] || call->child[SQL_CALL_FILTER] ||
        call->child[SQL_CALL_OVER])
        return 0;
    for (uint32_t i = 0; i < sql_list_count(args); i++)
        if (args->child[i]->kind == SQL_NAMED_ARG || args->child[i]->kind == SQL_STAR)
            return 0;
    return sql_list_count(args);
}

static const struct turn {
    enum sql_op op, turned, inverse;
} turns[] = {
    {SQL_OP_EQ, SQL_OP_EQ, SQL_OP_NE}, {SQL_OP_NE, SQL_OP_NE, SQL_OP_EQ},
    {SQL_OP_LT, SQL_OP_GT, SQL_OP_GE}, {SQL_OP_LE, SQL_OP_GE, SQL_OP_GT},
    {SQL_OP_GT, SQL_OP_LT, SQL_OP_LE}, {SQL_OP_GE, SQL_OP_LE, SQL_OP_LT},
};

static const struct turn *turn_of(int op)
{
    for (size_t i = 0; i < sizeof turns / sizeof *turns; i++)
        if ((int)turns[i].op == op)
            return &turns[i];
    return NULL;
}

bool simplify_is_comparison(const struct sql_node *node)
{
    return sql_is(node, SQL_BINARY) && turn_of(node->op);
}

enum sql_op simplify_turned(enum sql_op op)
{
    return turn_of((int)op)->turned;
}

enum sql_op simplify_inverse(enum sql_op op)
{
    return turn_of((int)op)->inverse;
}
