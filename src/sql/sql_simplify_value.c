/* Rules of values: arithmetic, texts, CASE, COALESCE, casts; and the clauses that a constant
 * condition takes away. */
#include "sql/sql_simplify.h"

/* --- Numbers -------------------------------------------------------------------------------- */

struct sql_node *simplify_sign(struct simplifier *s, struct sql_node *node, unsigned context)
{
    struct sql_node *operand = node->child[SQL_OPERAND];
    (void)context;
    if (node->op != SQL_OP_NEGATE && node->op != SQL_OP_PLUS)
        return node;
    struct sql_constant value = sql_constant_of(node);
    if (value.kind != SQL_CONSTANT_NUMBER)
        return node;
    /* -1 is that already */
    if (node->op == SQL_OP_NEGATE && sql_is(operand, SQL_LITERAL) && value.number != 0)
        return node;
    return simplify_replaced(s, node, simplify_constant(s, value, node->span));
}

/* The constant stays of the type that the sum has: where types are known, what fits the operand's
 * own width; the sum itself then has the same type as before. */
static bool keeps_type(const struct simplifier *s, const struct sql_node *node,
                       const struct sql_node *operand, const struct sql_constant *constant)
{
    if (!s->options->typed)
        return true;
    if (!node->type || !operand->type || constant->scale > 0 || constant->number > INT8_MAX ||
        constant->number < INT8_MIN)
        return false;
    return sql_type_is_integer(operand->type) &&
           !(operand->type->kind >= SQL_T_UTINYINT && operand->type->kind <= SQL_T_UBIGINT);
}

/* (x + 1) + 2 is x + 3, (x * 2) * 4 is x * 8: exact numbers only. */
static struct sql_node *gathered(struct simplifier *s, struct sql_node *node,
                                 const struct sql_constant *right)
{
    struct sql_node *inner = node->child[SQL_LEFT];
    enum sql_op op = (enum sql_op)node->op;
    if (!sql_is(inner, SQL_BINARY) || inner->op != op ||
        (op != SQL_OP_ADD && op != SQL_OP_MULTIPLY))
        return NULL;
    struct sql_constant a = sql_constant_of(inner->child[SQL_LEFT]), sum;
    struct sql_constant b = sql_constant_of(inner->child[SQL_RIGHT]);
    bool first = a.kind == SQL_CONSTANT_NUMBER && b.kind == SQL_CONSTANT_NONE;
    if (!first && (b.kind != SQL_CONSTANT_NUMBER || a.kind != SQL_CONSTANT_NONE))
        return NULL;
    struct sql_node *operand = inner->child[first ? SQL_RIGHT : SQL_LEFT];
    if (!simplify_is_exact(s, operand) ||
        !sql_constant_arithmetic(op, first ? &a : &b, right, &sum) ||
        !keeps_type(s, node, operand, &sum))
        return NULL;
    struct sql_node *new =
        simplify_pair(s, SQL_BINARY, op, operand, simplify_constant(s, sum, node->span));
    if (new)
        new->type = node->type;
    return new;
}

struct sql_node *simplify_arithmetic(struct simplifier *s, struct sql_node *node, unsigned context)
{
    struct sql_constant a = sql_constant_of(node->child[SQL_LEFT]), result;
    struct sql_constant b = sql_constant_of(node->child[SQL_RIGHT]);
    (void)context;
    if (b.kind == SQL_CONSTANT_NUMBER &&
        sql_constant_arithmetic((enum sql_op)node->op, &a, &b, &result)) {
        struct sql_node *new = simplify_constant(s, result, node->span);
        if (new)
            new->type = node->type;
        return simplify_replaced(s, node, new);
    }
    if (b.kind == SQL_CONSTANT_NUMBER)
        return simplify_replaced(s, node, gathered(s, node, &b));
    return node;
}

/* --- Texts ---------------------------------------------------------------------------------- */

/* Longer texts are not made: a chain of joins would copy them again and again. */
#define TEXT_MAX 65536

/* The texts of constants, one behind the other; NULL where one is no text, or all are too long. */
static struct sql_node *joined(struct simplifier *s, struct sql_node *const *parts, uint32_t n,
                               struct str between)
{
    size_t size = 0, at = 0;
    for (uint32_t i = 0; i < n; i++) {
        struct sql_constant part = sql_constant_of(parts[i]);
        if (part.kind != SQL_CONSTANT_TEXT)
            return NULL;
        size += part.text.len + (i ? between.len : 0);
        if (size > TEXT_MAX)
            return NULL;
    }
    char *text = arena_alloc(s->arena, size + 1);
    if (!text) {
        s->failed = true;
        return NULL;
    }
    for (uint32_t i = 0; i < n; i++) {
        struct str part = sql_constant_of(parts[i]).text;
        if (i && between.len)
            memcpy(text + at, between.ptr, between.len), at += between.len;
        if (part.len)
            memcpy(text + at, part.ptr, part.len), at += part.len;
    }
    struct sql_node *node = simplify_constant(
        s, (struct sql_constant){.kind = SQL_CONSTANT_TEXT, .text = {text, size}}, parts[0]->span);
    if (node)
        node->type = sql_type_of(SQL_T_VARCHAR);
    return node;
}

/* 'a' || 'b' is 'ab'; (x || 'a') || 'b' is x || 'ab' of texts. */
struct sql_node *simplify_concat_operator(struct simplifier *s, struct sql_node *node,
                                          unsigned context)
{
    (void)context;
    if (node->op != SQL_OP_CONCAT)
        return node;
    struct sql_node *left = node->child[SQL_LEFT], *right = node->child[SQL_RIGHT];
    if (sql_constant_of(right).kind != SQL_CONSTANT_TEXT)
        return node;
    if (sql_constant_of(left).kind == SQL_CONSTANT_TEXT)
        return simplify_replaced(s, node, joined(s, node->child, 2, STR("")));
    if (!sql_is(left, SQL_BINARY) || left->op != SQL_OP_CONCAT ||
        (left->type && left->type->kind != SQL_T_VARCHAR) || (s->options->typed && !left->type))
        return node;
    struct sql_node *const parts[] = {left->child[SQL_RIGHT], right};
    struct sql_node *new = simplify_pair(s, SQL_BINARY, SQL_OP_CONCAT, left->child[SQL_LEFT],
                                         joined(s, parts, 2, STR("")));
    if (new)
        new->type = node->type;
    return simplify_replaced(s, node, new);
}

static struct sql_node *with_args(struct simplifier *s, struct sql_node *call,
                                  struct sql_node **args, uint32_t n)
{
    struct sql_node *list =
        sql_node_with(s->arena, SQL_LIST, call->child[SQL_CALL_ARGS]->span, args, n);
    if (!list) {
        s->failed = true;
        return call;
    }
    call->child[SQL_CALL_ARGS] = list;
    sql_node_refresh(call);
    s->changed = true;
    return call;
}

/* Texts beside each other become one; concat passes over NULL, so nothing else is needed. */
static struct sql_node *concat(struct simplifier *s, struct sql_node *call)
{
    const struct sql_node *list = call->child[SQL_CALL_ARGS];
    struct sql_node **args = ARENA_ARRAY(s->arena, list->n_child, struct sql_node *);
    uint32_t n = 0;
    if (!args) {
        s->failed = true;
        return call;
    }
    for (uint32_t i = 0, end; i < list->n_child && !s->failed; i = end) {
        end = i + 1;
        while (end < list->n_child && sql_constant_of(list->child[i]).kind == SQL_CONSTANT_TEXT &&
               sql_constant_of(list->child[end]).kind == SQL_CONSTANT_TEXT)
            end++;
        struct sql_node *one = end - i > 1 ? joined(s, list->child + i, end - i, STR("")) : NULL;
        if (one)
            args[n++] = one;
        for (uint32_t k = i; k < end && !one; k++)
            args[n++] = list->child[k];
    }
    if (s->failed || n == list->n_child)
        return call;
    if (n == 1 && sql_constant_of(args[0]).kind == SQL_CONSTANT_TEXT)
        return simplify_replaced(s, call, args[0]);
    return with_args(s, call, args, n);
}

static struct sql_node *concat_ws(struct simplifier *s, struct sql_node *call)
{
    const struct sql_node *list = call->child[SQL_CALL_ARGS];
    struct sql_constant separator = sql_constant_of(list->child[0]);
    if (separator.kind != SQL_CONSTANT_TEXT || list->n_child < 2)
        return call;
    return simplify_replaced(s, call,
                             joined(s, list->child + 1, list->n_child - 1, separator.text));
}

static struct sql_node *starts_with(struct simplifier *s, struct sql_node *call)
{
    const struct sql_node *list = call->child[SQL_CALL_ARGS];
    struct sql_constant text = sql_constant_of(list->child[0]);
    struct sql_constant prefix = sql_constant_of(list->child[1]);
    if (text.kind != SQL_CONSTANT_TEXT || prefix.kind != SQL_CONSTANT_TEXT)
        return call;
    return simplify_replaced(s, call,
                             simplify_truth(s, str_starts(text.text, prefix.text), call->span));
}

/* --- Choices -------------------------------------------------------------------------------- */

/* May stand alone where it was one choice of several: of their common type. */
static bool has_type_of(const struct simplifier *s, const struct sql_node *choice,
                        const struct sql_node *whole)
{
    if (!s->options->typed)
        return true;
    return choice && choice->type && whole->type && sql_type_equal(choice->type, whole->type);
}

static bool same_kind(const struct sql_node *a, const struct sql_node *b)
{
    struct sql_constant x = sql_constant_of(a), y = sql_constant_of(b);
    return x.kind == y.kind && x.scale == y.scale;
}

/* Arguments behind one that is never NULL are never asked for. */
static struct sql_node *coalesce(struct simplifier *s, struct sql_node *call)
{
    const struct sql_node *list = call->child[SQL_CALL_ARGS];
    for (uint32_t i = 0; i < list->n_child; i++) {
        struct sql_node *arg = list->child[i];
        struct sql_constant value = sql_constant_of(arg);
        if (value.kind <= SQL_CONSTANT_NULL && !simplify_is_never_null(s, arg))
            continue;
        for (uint32_t k = i + 1; k < list->n_child; k++)
            if (s->options->typed ? !has_type_of(s, arg, call) : !same_kind(arg, list->child[k]))
                return call;
        if (i == 0)
            return has_type_of(s, arg, call) ? simplify_replaced(s, call, arg) : call;
        return i + 1 < list->n_child ? with_args(s, call, list->child, i + 1) : call;
    }
    if (list->n_child == 1)
        return simplify_replaced(s, call, list->child[0]);
    return call;
}

/* if(a, b, c) is CASE WHEN a THEN b ELSE c END. */
static struct sql_node *if_as_case(struct simplifier *s, struct sql_node *call)
{
    struct sql_node *const *args = call->child[SQL_CALL_ARGS]->child;
    struct sql_node *when = sql_node_with(s->arena, SQL_WHEN, call->span, args, 2);
    struct sql_node *whens = when ? sql_node_with(s->arena, SQL_LIST, call->span, &when, 1) : NULL;
    struct sql_node *parts[] = {NULL, whens,
                                call->child[SQL_CALL_ARGS]->n_child > 2 ? args[2] : NULL};
    struct sql_node *node = whens ? sql_node_with(s->arena, SQL_CASE, call->span, parts, 3) : NULL;
    if (!node)
        s->failed = true;
    else
        node->type = call->type;
    return simplify_replaced(s, call, node);
}

static const struct call_rule {
    const char *name;
    uint32_t n_min, n_max;
    struct sql_node *(*apply)(struct simplifier *s, struct sql_node *call);
} call_rules[] = {
    {"concat", 2, UINT32_MAX, concat},  {"concat_ws", 2, UINT32_MAX, concat_ws},
    {"starts_with", 2, 2, starts_with}, {"coalesce", 1, UINT32_MAX, coalesce},
    {"if", 2, 3, if_as_case},           {"iif", 3, 3, if_as_case},
};

struct sql_node *simplify_call(struct simplifier *s, struct sql_node *node, unsigned context)
{
    uint32_t n = simplify_plain_args(node);
    if (n == 0)
        return node;
    for (size_t i = 0; i < sizeof call_rules / sizeof *call_rules; i++)
        if (n >= call_rules[i].n_min && n <= call_rules[i].n_max &&
            simplify_is_call(node, call_rules[i].name))
            return call_rules[i].apply(s, node);
    return simplify_date_call(s, node, context);
}

/* Whether a branch is taken: 1 surely, 0 never, -1 not known. */
static int is_taken(const struct sql_node *when, const struct sql_constant *operand, bool simple)
{
    const struct sql_node *condition = when->child[SQL_WHEN_CONDITION];
    if (!simple) {
        int truth = simplify_truth_of(condition);
        return truth == -2 ? -1 : truth == 1;
    }
    struct sql_constant value = sql_constant_of(condition);
    if (operand->kind == SQL_CONSTANT_NULL || value.kind == SQL_CONSTANT_NULL)
        return 0;
    if (!sql_constant_comparable(operand, &value) || operand->kind != value.kind)
        return -1;
    return sql_constant_compare(operand, &value) == 0;
}

/* What is left of a CASE without branches. A bare NULL has no type: it may only stand where that is
 * no question. */
static struct sql_node *otherwise(struct simplifier *s, struct sql_node *node, unsigned context)
{
    if (node->child[SQL_CASE_ELSE])
        return node->child[SQL_CASE_ELSE];
    if (!(context & (SQL_CONTEXT_BOOLEAN | SQL_CONTEXT_FILTER)))
        return NULL;
    return simplify_constant(s, (struct sql_constant){.kind = SQL_CONSTANT_NULL}, node->span);
}

/* Where types are known, a branch goes only if what is left has the type of all. */
static bool branches_have_type(const struct simplifier *s, const struct sql_node *node)
{
    const struct sql_node *whens = node->child[SQL_CASE_WHENS], *rest = node->child[SQL_CASE_ELSE];
    for (uint32_t i = 0; i < whens->n_child; i++)
        if (!has_type_of(s, whens->child[i]->child[SQL_WHEN_RESULT], node))
            return false;
    return !s->options->typed || (rest && has_type_of(s, rest, node));
}

struct sql_node *simplify_case(struct simplifier *s, struct sql_node *node, unsigned context)
{
    const struct sql_node *whens = node->child[SQL_CASE_WHENS];
    struct sql_node *operand = node->child[SQL_CASE_OPERAND], *rest = node->child[SQL_CASE_ELSE];
    struct sql_constant value = operand ? sql_constant_of(operand) : (struct sql_constant){0};
    uint32_t kept = 0, taken = whens->n_child;
    if ((operand && value.kind == SQL_CONSTANT_NONE) || !branches_have_type(s, node))
        return node;
    struct sql_node **left = ARENA_ARRAY(s->arena, whens->n_child, struct sql_node *);
    if (!left) {
        s->failed = true;
        return node;
    }
    for (uint32_t i = 0; i < whens->n_child && taken == whens->n_child; i++) {
        int is = is_taken(whens->child[i], &value, operand != NULL);
        if (is == 1)
            taken = i;
        else if (is == -1)
            left[kept++] = whens->child[i];
    }
    if (taken < whens->n_child)
        rest = whens->child[taken]->child[SQL_WHEN_RESULT];
    if (kept == 0)
        return simplify_replaced(s, node, rest ? rest : otherwise(s, node, context));
    if (kept == whens->n_child)
        return node;
    struct sql_node *list = sql_node_with(s->arena, SQL_LIST, whens->span, left, kept);
    if (!list) {
        s->failed = true;
        return node;
    }
    node->child[SQL_CASE_WHENS] = list;
    node->child[SQL_CASE_ELSE] = rest;
    sql_node_refresh(node);
    s->changed = true;
    return node;
}

/* A cast to the type it has. A literal is left alone: its type bends to where it stands. */
struct sql_node *simplify_cast(struct simplifier *s, struct sql_node *node, unsigned context)
{
    struct sql_node *operand = node->child[SQL_OPERAND];
    (void)context;
    if (!s->options->typed || !node->type || !operand->type || node->type->kind == SQL_T_UNKNOWN ||
        node->type->kind == SQL_T_NULL || sql_constant_of(operand).kind != SQL_CONSTANT_NONE ||
        operand->kind == SQL_ARRAY || operand->kind == SQL_STRUCT || operand->kind == SQL_CASE ||
        !sql_type_equal(node->type, operand->type))
        return node;
    return simplify_replaced(s, node, operand);
}

/* --- Clauses -------------------------------------------------------------------------------- */

struct sql_node *simplify_select(struct simplifier *s, struct sql_node *node, unsigned context)
{
    struct sql_node **where = &node->child[SQL_SELECT_WHERE];
    (void)context;
    if (*where && simplify_truth_of(*where) == 1) {
        *where = NULL;
        s->changed = true;
    }
    /* Without GROUP BY it is HAVING that makes one row of all. */
    struct sql_node **having = &node->child[SQL_SELECT_HAVING];
    if (*having && node->child[SQL_SELECT_GROUP_BY] && simplify_truth_of(*having) == 1) {
        *having = NULL;
        s->changed = true;
    }
    return node;
}

/* ON TRUE of an inner join joins all with all. */
struct sql_node *simplify_join(struct simplifier *s, struct sql_node *node, unsigned context)
{
    (void)context;
    if (node->op == SQL_OP_INNER && node->child[SQL_JOIN_ON] && !sql_flag(node, SQL_FLAG_NATURAL) &&
        !node->child[SQL_JOIN_USING] && simplify_truth_of(node->child[SQL_JOIN_ON]) == 1) {
        node->child[SQL_JOIN_ON] = NULL;
        node->op = SQL_OP_CROSS;
        sql_node_refresh(node);
        s->changed = true;
    }
    return node;
}
