/* Rules of dates: constants moved by intervals, intervals moved over a comparison, and date_trunc
 * of a column as a range of the column, which an engine can use to skip. */
#include <stdlib.h>

#include "sql/sql_simplify.h"

/* How functions that add to a date, or cut one, are called. Those with a unit as a third argument
 * are not the engine's, but those of others; without types nobody knows whose a text is. */
static const struct date_function {
    const char *name;
    enum { TRUNCATES, ADDS, SUBTRACTS } does;
    bool unit_last, foreign;
} date_functions[] = {
    {"date_trunc", TRUNCATES, false, false},
    {"datetrunc", TRUNCATES, false, false},
    {"timestamp_trunc", TRUNCATES, true, true},
    {"datetime_trunc", TRUNCATES, true, true},
    {"date_add", ADDS, true, true},
    {"datetime_add", ADDS, true, true},
    {"timestamp_add", ADDS, true, true},
    {"date_sub", SUBTRACTS, true, true},
    {"datetime_sub", SUBTRACTS, true, true},
    {"timestamp_sub", SUBTRACTS, true, true},
};

static bool is_moment(const struct sql_constant *value)
{
    return value->kind == SQL_CONSTANT_DATE || value->kind == SQL_CONSTANT_TIMESTAMP;
}

/* 'year', or YEAR where a function takes it bare. */
static enum sql_unit unit_of(const struct sql_node *node)
{
    if (sql_is(node, SQL_LITERAL) && node->op == SQL_OP_STRING)
        return sql_unit_find(node->text);
    if (sql_is(node, SQL_COLUMN) && node->n_child == 1)
        return sql_unit_find(node->child[0]->text);
    return SQL_UNIT_NONE;
}

static const struct date_function *date_function(const struct simplifier *s,
                                                 const struct sql_node *call)
{
    for (size_t i = 0; i < sizeof date_functions / sizeof *date_functions; i++)
        if (simplify_is_call(call, date_functions[i].name))
            return date_functions[i].foreign && s->options->typed ? NULL : &date_functions[i];
    return NULL;
}

/* Whether the engine answers a TIMESTAMP where a day or more is added to a DATE. */
static bool adds_to_timestamp(const struct simplifier *s)
{
    return s->options->dialect == SQL_DUCKDB || s->options->dialect == SQL_POSTGRES;
}

/* --- Moving by intervals -----------------------------------------------------------------------
 */

/* What is moved, and by how much: x + INTERVAL …, INTERVAL … + x, x - INTERVAL …, date_add(x, …).
 */
struct move {
    struct sql_node *operand;
    int64_t count;
    enum sql_unit unit;
    bool call; /* a function's result has the type of its argument */
};

static bool move_of_call(const struct simplifier *s, const struct sql_node *node, struct move *out)
{
    const struct date_function *function = date_function(s, node);
    if (!function || function->does == TRUNCATES || simplify_plain_args(node) != 3)
        return false;
    const struct sql_node *args = node->child[SQL_CALL_ARGS];
    struct sql_constant count = sql_constant_of(args->child[1]);
    *out = (struct move){.operand = args->child[0], .unit = unit_of(args->child[2]), .call = true};
    if (count.kind != SQL_CONSTANT_NUMBER || count.scale > 0 || out->unit == SQL_UNIT_NONE ||
        count.number > INT32_MAX || count.number < INT32_MIN)
        return false;
    out->count = (int64_t)(function->does == ADDS ? count.number : -count.number);
    return true;
}

static bool move_of(const struct simplifier *s, const struct sql_node *node, struct move *out)
{
    if (sql_is(node, SQL_CALL))
        return move_of_call(s, node, out);
    if (!sql_is(node, SQL_BINARY) || (node->op != SQL_OP_ADD && node->op != SQL_OP_SUBTRACT))
        return false;
    struct sql_node *left = node->child[SQL_LEFT], *right = node->child[SQL_RIGHT];
    *out = (struct move){0};
    if (sql_interval_of(right, &out->count, &out->unit)) {
        out->operand = left;
        if (node->op == SQL_OP_SUBTRACT)
            out->count = -out->count;
        return true;
    }
    out->operand = right;
    return node->op == SQL_OP_ADD && sql_interval_of(left, &out->count, &out->unit);
}

/* A constant moved: in place of the sum, with the sum's type. */
struct sql_node *simplify_moment(struct simplifier *s, struct sql_node *node, unsigned context)
{
    struct move move;
    struct sql_constant moved;
    (void)context;
    if (!move_of(s, node, &move))
        return node;
    struct sql_constant value = sql_constant_of(move.operand);
    if (!is_moment(&value) || !sql_constant_move(&value, move.count, move.unit,
                                                 !move.call && adds_to_timestamp(s), &moved))
        return node;
    return simplify_replaced(s, node, simplify_constant(s, moved, node->span));
}

/* A column that is a moment, or may be one where nothing is known. */
static bool may_be_moment(const struct simplifier *s, const struct sql_node *node)
{
    struct sql_constant date = {.kind = SQL_CONSTANT_DATE};
    return sql_constant_of(node).kind == SQL_CONSTANT_NONE &&
           simplify_compares(s, node, &date, false);
}

/* x - INTERVAL 1 DAY = d is x = d + 1 day, for units of one length. */
static struct sql_node *moved_interval(struct simplifier *s, struct sql_node *node,
                                       const struct sql_constant *right)
{
    struct move move;
    struct sql_constant moved;
    if (!move_of(s, node->child[SQL_LEFT], &move) || !sql_unit_micros(move.unit) ||
        !may_be_moment(s, move.operand) ||
        !sql_constant_move(right, -move.count, move.unit, false, &moved))
        return NULL;
    return simplify_pair(s, SQL_BINARY, (enum sql_op)node->op, move.operand,
                         simplify_constant(s, moved, node->span));
}

/* --- date_trunc --------------------------------------------------------------------------------
 */

struct truncation {
    struct sql_node *operand;
    enum sql_unit unit;
};

static bool truncation_of(const struct simplifier *s, const struct sql_node *node,
                          struct truncation *out)
{
    const struct date_function *function = date_function(s, node);
    if (!function || function->does != TRUNCATES || simplify_plain_args(node) != 2)
        return false;
    struct sql_node *const *args = node->child[SQL_CALL_ARGS]->child;
    *out = (struct truncation){args[function->unit_last ? 0 : 1],
                               unit_of(args[function->unit_last ? 1 : 0])};
    return out->unit != SQL_UNIT_NONE;
}

static struct sql_node *bounded(struct simplifier *s, enum sql_op op, struct sql_node *operand,
                                const struct sql_constant *value, struct sql_span span)
{
    return simplify_pair(s, SQL_BINARY, op, operand, simplify_constant(s, *value, span));
}

/* low <= x AND x < high, or its opposite. */
static struct sql_node *range(struct simplifier *s, struct sql_node *operand,
                              const struct sql_constant *low, const struct sql_constant *high,
                              bool outside, struct sql_span span)
{
    return simplify_pair(
        s, outside ? SQL_OR : SQL_AND, SQL_OP_NONE,
        bounded(s, outside ? SQL_OP_LT : SQL_OP_GE, operand, low, span),
        bounded(s, outside ? SQL_OP_GE : SQL_OP_LT, simplify_copy(s, operand), high, span));
}

/* The truncated values lie on a grid: what compares with a value compares with the point of the
 * grid at or below it. */
static struct sql_node *truncated(struct simplifier *s, struct sql_node *node,
                                  const struct truncation *cut, const struct sql_constant *right)
{
    struct sql_constant low = sql_constant_floor(right, cut->unit), high;
    bool on_grid = sql_constant_compare(&low, right) == 0;
    if (!sql_constant_move(&low, 1, cut->unit, false, &high))
        return NULL;
    switch (node->op) {
    case SQL_OP_LT:
        return bounded(s, SQL_OP_LT, cut->operand, on_grid ? &low : &high, node->span);
    case SQL_OP_LE:
        return bounded(s, SQL_OP_LT, cut->operand, &high, node->span);
    case SQL_OP_GT:
        return bounded(s, SQL_OP_GE, cut->operand, &high, node->span);
    case SQL_OP_GE:
        return bounded(s, SQL_OP_GE, cut->operand, on_grid ? &low : &high, node->span);
    default:
        if (!on_grid || !simplify_is_repeatable(s, cut->operand))
            return NULL;
        return range(s, cut->operand, &low, &high, node->op == SQL_OP_NE, node->span);
    }
}

struct sql_node *simplify_truncated(struct simplifier *s, struct sql_node *node, unsigned context)
{
    struct truncation cut;
    (void)context;
    if (!simplify_is_comparison(node))
        return node;
    struct sql_constant right = sql_constant_of(node->child[SQL_RIGHT]);
    if (!is_moment(&right))
        return node;
    struct sql_node *new = NULL;
    if (!truncation_of(s, node->child[SQL_LEFT], &cut))
        new = moved_interval(s, node, &right);
    else if (may_be_moment(s, cut.operand))
        new = truncated(s, node, &cut, &right);
    return simplify_replaced(s, node, new);
}

/* --- date_trunc IN ------------------------------------------------------------------------------
 */

struct span_of_time {
    struct sql_constant low, high;
};

static int by_low(const void *a, const void *b)
{
    return sql_constant_compare(&((const struct span_of_time *)a)->low,
                                &((const struct span_of_time *)b)->low);
}

/* The ranges that the elements stand for, those that touch made one; 0 where an element is no point
 * of the grid. */
static uint32_t ranges_of(const struct sql_node *list, enum sql_unit unit,
                          struct span_of_time *ranges)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < list->n_child; i++) {
        struct sql_constant value = sql_constant_of(list->child[i]);
        if (!is_moment(&value))
            return 0;
        ranges[i].low = sql_constant_floor(&value, unit);
        if (sql_constant_compare(&ranges[i].low, &value) != 0 ||
            !sql_constant_move(&value, 1, unit, false, &ranges[i].high))
            return 0;
    }
    qsort(ranges, list->n_child, sizeof *ranges, by_low);
    for (uint32_t i = 0; i < list->n_child; i++) {
        if (n > 0 && sql_constant_compare(&ranges[i].low, &ranges[n - 1].high) <= 0)
            ranges[n - 1].high = ranges[i].high;
        else
            ranges[n++] = ranges[i];
    }
    return n;
}

struct sql_node *simplify_truncated_in(struct simplifier *s, struct sql_node *node,
                                       unsigned context)
{
    enum { RANGES_MAX = 8 }; /* beyond it, a list is shorter */
    struct truncation cut;
    struct span_of_time ranges[RANGES_MAX];
    struct sql_node *parts[RANGES_MAX], *list = node->child[SQL_IN_LIST];
    bool outside = sql_flag(node, SQL_FLAG_NOT);
    (void)context;
    if (!sql_is(list, SQL_LIST) || list->n_child > RANGES_MAX || node->child[SQL_IN_QUERY] ||
        !truncation_of(s, node->child[SQL_OPERAND], &cut) || !may_be_moment(s, cut.operand) ||
        !simplify_is_repeatable(s, cut.operand))
        return node;
    uint32_t n = ranges_of(list, cut.unit, ranges);
    for (uint32_t i = 0; i < n; i++) {
        parts[i] = range(s, i ? simplify_copy(s, cut.operand) : cut.operand, &ranges[i].low,
                         &ranges[i].high, outside, node->span);
        if (!parts[i])
            return node;
    }
    if (n <= 1)
        return n ? simplify_replaced(s, node, parts[0]) : node;
    struct sql_node *new =
        sql_node_with(s->arena, outside ? SQL_AND : SQL_OR, node->span, parts, n);
    if (!new)
        s->failed = true;
    return simplify_replaced(s, node, new);
}

/* A constant truncated: date_trunc answers a TIMESTAMP for a DATE too. */
struct sql_node *simplify_date_call(struct simplifier *s, struct sql_node *node, unsigned context)
{
    struct truncation cut;
    if (!truncation_of(s, node, &cut))
        return simplify_moment(s, node, context);
    struct sql_constant value = sql_constant_of(cut.operand);
    if (!is_moment(&value))
        return node;
    if (adds_to_timestamp(s))
        value = value.kind == SQL_CONSTANT_DATE ? sql_constant_timestamp(&value) : value;
    value = sql_constant_floor(&value, cut.unit);
    return simplify_replaced(s, node, simplify_constant(s, value, node->span));
}
