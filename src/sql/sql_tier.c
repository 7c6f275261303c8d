/* Findings about determinism; see sql_tier.h. One walk over the bound tree, with the SELECT around
 * at hand: what a window leaves open shows only in what else is read of the row. */
#include "sql/sql_tier.h"

#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include "base/error.h"

static const struct {
    const char *reason, *hint;
} texts[SQL_FINDING_COUNT] = {
    [SQL_FINDING_VOLATILE] = {"gives another value for each row and run",
                              "stable_hash64 of the row's key gives numbers that stay"},
    [SQL_FINDING_PER_QUERY] = {"gives another value for each run",
                               "write the moment that is meant as a constant"},
    [SQL_FINDING_ROUNDING] = {"of floats rounds in the order the rows come",
                              "cast the argument to DECIMAL"},
    [SQL_FINDING_AGGREGATE] = {"takes the rows in the order they come",
                               "add an ORDER BY that ends with the argument itself"},
    [SQL_FINDING_CHOICE] = {"takes any of the rows that share the key",
                            "make the key unique, or order by a row: arg_max(a, (b, a))"},
    [SQL_FINDING_WINDOW] = {"depends on the order of rows with equal keys",
                            "add to ORDER BY what makes its keys unique, or use rank()"},
    [SQL_FINDING_LIMIT] = {"keeps any of the rows that ORDER BY does not tell apart",
                           "order by every output column"},
    [SQL_FINDING_DISTINCT_ON] = {"keeps any of the rows that ORDER BY does not tell apart",
                                 "order by every output column"},
};

struct search {
    struct arena *arena;
    bool failed;
    struct sql_findings *out;
    size_t capacity;
    const struct sql_node *select; /* around */
};

static void found(struct search *s, enum sql_finding_kind kind, struct sql_node *node,
                  struct sql_span span, struct str what, bool fixable)
{
    if (s->out->n == s->capacity) {
        size_t capacity = s->capacity ? s->capacity * 2 : 8;
        struct sql_finding *grown =
            arena_grow(s->arena, s->out->findings, s->out->n, capacity, sizeof *grown);
        if (!grown) {
            s->failed = true;
            return;
        }
        s->out->findings = grown;
        s->capacity = capacity;
    }
    s->out->findings[s->out->n++] = (struct sql_finding){
        kind, span, what, texts[kind].reason, texts[kind].hint, fixable, node, s->select};
}

/* --- Keys ----------------------------------------------------------------------------------- */

static bool is_constant(const struct sql_node *node)
{
    if (node->kind == SQL_COLUMN || node->kind == SQL_QUERY || node->kind == SQL_CALL)
        return false;
    for (uint32_t i = 0; i < node->n_child; i++)
        if (node->child[i] && !is_constant(node->child[i]))
            return false;
    return true;
}

static const struct sql_node *key_of(const struct sql_node *item)
{
    return item->kind == SQL_ORDER_ITEM ? item->child[SQL_OPERAND] : item;
}

static bool list_has(const struct sql_node *list, const struct sql_node *expression)
{
    for (uint32_t i = 0; list && i < list->n_child; i++)
        if (sql_same_meaning(key_of(list->child[i]), expression))
            return true;
    return false;
}

/* What an expression reads of the row is among the keys: rows with equal keys give it one value. */
static bool follows(const struct sql_node *expression, const struct sql_node *a,
                    const struct sql_node *b)
{
    if (list_has(a, expression) || list_has(b, expression) || is_constant(expression))
        return true;
    if (expression->kind == SQL_COLUMN || expression->kind == SQL_QUERY ||
        expression->kind == SQL_STAR)
        return false;
    if (expression->kind == SQL_CALL && expression->child[SQL_CALL_OVER])
        return true; /* a window of its own: judged by itself */
    for (uint32_t i = 0; i < expression->n_child; i++)
        if (expression->child[i] && !follows(expression->child[i], a, b))
            return false;
    return true;
}

static bool append_key(struct arena *arena, struct sql_node **list, struct sql_node *key)
{
    struct sql_node *item = key ? sql_node_with(arena, SQL_ORDER_ITEM, key->span, &key, 1) : NULL;
    if (!*list && key)
        *list = sql_node_new(arena, SQL_LIST, key->span);
    if (!item || !*list)
        return false;
    item->flags = SQL_FLAG_NULLS_LAST;
    return sql_node_append(arena, *list, item);
}

/* --- Aggregates and windows ------------------------------------------------------------------- */

/* The order of a list does not matter to what is made of it. */
static const char *const order_free_readers[] = {
    "list_sort",
    "array_sort",
    "list_reverse_sort",
    "array_reverse_sort",
    "len",
    "length",
    "array_length",
    "list_contains",
    "array_contains",
    "list_has",
    "array_has",
    "list_has_any",
    "list_has_all",
    "list_min",
    "list_max",
    "list_bool_and",
    "list_bool_or",
    "list_unique",
    "list_count",
    "list_any_value_count",
};

static bool named_among(struct str name, const char *const *names, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (strlen(names[i]) == name.len && strncasecmp(names[i], name.ptr, name.len) == 0)
            return true;
    return false;
}

static bool is_float(const struct sql_type *type)
{
    return !type || type->kind == SQL_T_FLOAT || type->kind == SQL_T_DOUBLE ||
           type->kind == SQL_T_UNKNOWN;
}

static bool rounds(const struct sql_node *call)
{
    const struct sql_node *args = call->child[SQL_CALL_ARGS];
    return call->function && call->function->order_rule == SQL_ORDER_ROUNDING &&
           sql_list_count(args) && is_float(args->child[0]->type);
}

static void check_aggregate(struct search *s, struct sql_node *call, bool order_free)
{
    const struct sql_node *args = call->child[SQL_CALL_ARGS];
    const struct sql_node *order_by = call->child[SQL_CALL_ORDER_BY];
    if (rounds(call)) {
        found(s, SQL_FINDING_ROUNDING, call, call->span, call->text, false);
        return;
    }
    if (call->function->order_rule != SQL_ORDER_NEEDED)
        return;
    if (order_free || sql_list_count(args) == 0)
        return;
    if (strncmp(call->function->name, "arg", 3) == 0 ||
        strcmp(call->function->name, "max_by") == 0 ||
        strcmp(call->function->name, "min_by") == 0) {
        struct sql_node by = {.kind = SQL_LIST};
        if (args->n_child > 1)
            by.child = args->child + 1, by.n_child = 1;
        if (!follows(args->child[0], &by, NULL))
            found(s, SQL_FINDING_CHOICE, call, call->span, call->text, false);
        return;
    }
    for (uint32_t i = 0; i < args->n_child; i++)
        if (!follows(args->child[i], order_by, NULL)) {
            found(s, SQL_FINDING_AGGREGATE, call, call->span, call->text,
                  !sql_flag(call, SQL_FLAG_WITHIN_GROUP));
            return;
        }
}

/* Everything else that the SELECT shows, or asks in QUALIFY, is the same for rows of equal keys:
 * then it does not matter which of them comes first. */
static bool rest_follows(const struct sql_node *select, const struct sql_node *a,
                         const struct sql_node *b)
{
    const struct sql_node *items = select ? select->child[SQL_SELECT_ITEMS] : NULL;
    for (uint32_t i = 0; items && i < items->n_child; i++)
        if (!follows(items->child[i]->kind == SQL_ITEM ? items->child[i]->child[SQL_OPERAND]
                                                       : items->child[i],
                     a, b))
            return false;
    const struct sql_node *qualify = select ? select->child[SQL_SELECT_QUALIFY] : NULL;
    return select && (!qualify || follows(qualify, a, b));
}

static const struct sql_node *named_window(const struct sql_node *select,
                                           const struct sql_node *window)
{
    const struct sql_node *defs = select ? select->child[SQL_SELECT_WINDOWS] : NULL;
    for (uint32_t i = 0; defs && i < defs->n_child; i++)
        if (window->text.len == defs->child[i]->text.len &&
            strncasecmp(window->text.ptr, defs->child[i]->text.ptr, window->text.len) == 0)
            return defs->child[i]->child[SQL_OPERAND];
    return window;
}

/* Functions that ask where a row stands among its peers. */
static const char *const place_readers[] = {"row_number",  "ntile",      "lag",       "lead",
                                            "first_value", "last_value", "nth_value", "first",
                                            "last",        "any_value"};

/* What an expression reads of a row beyond the keys, as items of `list` (NULL: only asked whether
 * it can be named); false where a part of it cannot be a key, or memory is out. */
static bool open_parts(struct sql_node *expression, const struct sql_node *window,
                       struct arena *arena, struct sql_node **list)
{
    const struct sql_node *keys = window->child[SQL_WINDOW_PARTITION_BY];
    const struct sql_node *order_by = window->child[SQL_WINDOW_ORDER_BY];
    if (follows(expression, keys, order_by) || list_has(list ? *list : NULL, expression))
        return true;
    bool aggregate = expression->kind == SQL_CALL && expression->function &&
                     expression->function->class == SQL_AGGREGATE;
    if (expression->kind == SQL_COLUMN || aggregate)
        return !list || append_key(arena, list, expression);
    if (expression->kind == SQL_QUERY || expression->kind == SQL_STAR)
        return false;
    for (uint32_t i = 0; i < expression->n_child; i++)
        if (expression->child[i] && !open_parts(expression->child[i], window, arena, list))
            return false;
    return true;
}

/* The same of all that the SELECT shows or asks, and of the arguments. */
static bool open_parts_of_window(const struct sql_node *call, const struct sql_node *select,
                                 struct arena *arena, struct sql_node **list)
{
    struct sql_node *parts[] = {select->child[SQL_SELECT_ITEMS], select->child[SQL_SELECT_QUALIFY],
                                call->child[SQL_CALL_ARGS]};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (parts[i] && !open_parts(parts[i], call->child[SQL_CALL_OVER], arena, list))
            return false;
    return true;
}

/* More keys change nothing but the order of ties: not where peers are taken together. */
static bool window_is_fixable(const struct search *s, const struct sql_node *call, bool by_rows)
{
    static const char *const peerless[] = {"row_number", "ntile", "lag", "lead", "first_value"};
    const struct sql_node *window = call->child[SQL_CALL_OVER];
    bool by_place = !window->child[SQL_WINDOW_FRAME] &&
                    named_among(call->text, peerless, sizeof peerless / sizeof *peerless);
    return !window->text.ptr && s->select && (by_rows || by_place) &&
           open_parts_of_window(call, s->select, s->arena, NULL);
}

static void check_window(struct search *s, struct sql_node *call)
{
    const struct sql_node *window = call->child[SQL_CALL_OVER];
    if (window->text.ptr && sql_flag(window, SQL_FLAG_NAME_ONLY))
        window = named_window(s->select, window);
    const struct sql_node *order_by = window->child[SQL_WINDOW_ORDER_BY];
    const struct sql_node *keys = window->child[SQL_WINDOW_PARTITION_BY];
    const struct sql_node *frame = window->child[SQL_WINDOW_FRAME];
    if (rounds(call)) {
        found(s, SQL_FINDING_ROUNDING, call, call->span, call->text, false);
        return;
    }
    bool by_rows = frame && frame->op == SQL_OP_ROWS &&
                   !(frame->child[SQL_FRAME_START]->op == SQL_OP_UNBOUNDED_PRECEDING &&
                     frame->child[SQL_FRAME_END] &&
                     frame->child[SQL_FRAME_END]->op == SQL_OP_UNBOUNDED_FOLLOWING);
    bool by_order = call->function && call->function->class == SQL_AGGREGATE &&
                    call->function->order_rule == SQL_ORDER_NEEDED;
    if (!by_rows && !by_order &&
        !named_among(call->text, place_readers, sizeof place_readers / sizeof *place_readers))
        return;
    if (!rest_follows(s->select, keys, order_by) ||
        (call->child[SQL_CALL_ARGS] && !follows(call->child[SQL_CALL_ARGS], keys, order_by)))
        found(s, SQL_FINDING_WINDOW, call, call->span, call->text,
              window_is_fixable(s, call, by_rows));
}

static void check_call(struct search *s, struct sql_node *call, bool order_free)
{
    if (call->function && call->function->volatility == SQL_VOLATILE)
        found(s, SQL_FINDING_VOLATILE, call, call->span, call->text, false);
    else if (call->function && call->function->volatility == SQL_PER_QUERY)
        found(s, SQL_FINDING_PER_QUERY, call, call->span, call->text, false);
    else if (call->child[SQL_CALL_OVER])
        check_window(s, call);
    else if (call->function && call->function->class == SQL_AGGREGATE)
        check_aggregate(s, call, order_free);
}

/* --- Rows ------------------------------------------------------------------------------------- */

/* The output that an item of ORDER BY names, or -1. */
static int64_t ordered_output(const struct sql_node *query, const struct sql_node *key)
{
    const struct sql_scope *scope = sql_query_scope(query);
    const struct sql_node *body = query->child[SQL_QUERY_BODY];
    if (sql_is(key, SQL_LITERAL) && key->op == SQL_OP_NUMBER) {
        int64_t place = 0;
        for (size_t i = 0; i < key->text.len && i < 6; i++)
            place = place * 10 + (key->text.ptr[i] - '0');
        return place - 1;
    }
    if (sql_is(key, SQL_COLUMN) && !key->source && key->scope)
        return key->column;
    if (sql_is(body, SQL_SELECT))
        for (uint32_t i = 0; i < scope->n_outputs; i++) {
            struct sql_node *expression;
            if (sql_output_expressions(query, i, &expression, 1) == 1 &&
                sql_same_meaning(expression, key))
                return i;
        }
    return -1;
}

/* Which outputs ORDER BY does not tell apart, marked in `open`; false where memory is out. */
static bool open_outputs(const struct sql_node *query, struct arena *arena, bool **out_open,
                         uint32_t *out_n)
{
    const struct sql_scope *scope = sql_query_scope(query);
    const struct sql_node *order_by = query->child[SQL_QUERY_ORDER_BY];
    uint32_t n = scope ? scope->n_outputs : 0, left = 0;
    bool *open = ARENA_ARRAY(arena, n + 1, bool), all = false;
    if (!open)
        return false;
    for (uint32_t i = 0; i < n; i++)
        open[i] = true;
    for (uint32_t i = 0; i < sql_list_count(order_by); i++) {
        const struct sql_node *key = key_of(order_by->child[i]);
        all |= key->kind == SQL_ALL_COLUMNS;
        int64_t output = scope ? ordered_output(query, key) : -1;
        if (output >= 0 && output < n)
            open[output] = false;
    }
    for (uint32_t i = 0; i < n; i++) {
        struct sql_node *expression;
        /* constants are the same in every row */
        if (open[i] && (all || (sql_is(query->child[SQL_QUERY_BODY], SQL_SELECT) &&
                                sql_output_expressions(query, i, &expression, 1) == 1 &&
                                is_constant(expression))))
            open[i] = false;
        left += open[i];
    }
    *out_open = open;
    *out_n = scope ? left : 1;
    return true;
}

static bool is_one_row(const struct sql_node *query)
{
    const struct sql_node *body = query->child[SQL_QUERY_BODY];
    return sql_is(body, SQL_SELECT) && !body->child[SQL_SELECT_GROUP_BY] &&
           (!body->child[SQL_SELECT_FROM] || (body->scope && body->scope->aggregates));
}

static void check_query(struct search *s, struct sql_node *query)
{
    const struct sql_node *body = query->child[SQL_QUERY_BODY];
    const struct sql_node *limit = query->child[SQL_QUERY_LIMIT];
    const struct sql_node *offset = query->child[SQL_QUERY_OFFSET];
    bool on = sql_is(body, SQL_SELECT) && body->child[SQL_SELECT_DISTINCT_ON];
    bool zero = sql_is(limit, SQL_LITERAL) && (str_is(limit->text, "0") || !limit->text.ptr);
    uint32_t left;
    bool *open;
    if ((!(limit && !zero) && !offset && !on) || is_one_row(query))
        return;
    if (!open_outputs(query, s->arena, &open, &left)) {
        s->failed = true;
        return;
    }
    if (left == 0)
        return;
    bool fixable = sql_query_scope(query) && !sql_query_scope(query)->open;
    if (on)
        found(s, SQL_FINDING_DISTINCT_ON, query, body->child[SQL_SELECT_DISTINCT_ON]->span,
              STR("DISTINCT ON"), fixable);
    else
        found(s, SQL_FINDING_LIMIT, query, (limit ? limit : offset)->span,
              limit ? STR("LIMIT") : STR("OFFSET"), fixable);
}

static void search_node(struct search *s, struct sql_node *node, bool order_free)
{
    const struct sql_node *outer = s->select;
    if (s->failed)
        return;
    if (node->kind == SQL_SELECT)
        s->select = node;
    if (node->kind == SQL_QUERY)
        check_query(s, node);
    if (node->kind == SQL_CALL)
        check_call(s, node, order_free);
    for (uint32_t i = 0; i < node->n_child; i++) {
        if (!node->child[i])
            continue;
        bool is_args = node->kind == SQL_CALL && i == SQL_CALL_ARGS;
        bool within = is_args ? named_among(node->text, order_free_readers,
                                            sizeof order_free_readers / sizeof *order_free_readers)
                              : node->kind == SQL_LIST && order_free && i == 0;
        search_node(s, node->child[i], within);
    }
    s->select = outer;
}

static int by_span(const void *a, const void *b)
{
    const struct sql_finding *x = a, *y = b;
    return (x->span.start > y->span.start) - (x->span.start < y->span.start);
}

enum rg_status sql_tier_findings(struct sql_node *root, struct arena *arena,
                                 struct sql_findings *out, struct rg_error *err)
{
    struct search s = {.arena = arena, .out = out};
    *out = (struct sql_findings){0};
    search_node(&s, root, false);
    if (s.failed) {
        *out = (struct sql_findings){0};
        return error_no_memory(err, "sql");
    }
    if (out->n)
        qsort(out->findings, out->n, sizeof *out->findings, by_span);
    return RG_OK;
}

/* --- Mending ---------------------------------------------------------------------------------- */

static bool order_aggregate(const struct sql_finding *finding, struct arena *arena)
{
    struct sql_node *call = finding->node;
    const struct sql_node *args = call->child[SQL_CALL_ARGS];
    for (uint32_t i = 0; i < args->n_child; i++)
        if (!follows(args->child[i], call->child[SQL_CALL_ORDER_BY], NULL) &&
            !append_key(arena, &call->child[SQL_CALL_ORDER_BY], sql_clone(arena, args->child[i])))
            return false;
    sql_node_refresh(call);
    return true;
}

static bool order_window(const struct sql_finding *finding, struct arena *arena)
{
    struct sql_node *call = finding->node, *window = call->child[SQL_CALL_OVER];
    struct sql_node *more = NULL;
    if (!open_parts_of_window(call, finding->select, arena, &more) || !more)
        return false;
    for (uint32_t i = 0; i < more->n_child; i++) { /* found as they stand, added as copies */
        struct sql_node **key = &more->child[i]->child[SQL_OPERAND];
        *key = sql_clone(arena, *key);
        if (!*key)
            return false;
    }
    struct sql_node **order_by = &window->child[SQL_WINDOW_ORDER_BY];
    if (!*order_by)
        *order_by = more;
    for (uint32_t i = 0; *order_by != more && i < more->n_child; i++)
        if (!sql_node_append(arena, *order_by, more->child[i]))
            return false;
    sql_node_refresh(window);
    sql_node_refresh(call);
    return true;
}

static bool order_query(const struct sql_finding *finding, struct arena *arena)
{
    struct sql_node *query = finding->node;
    bool *open;
    uint32_t left;
    if (!open_outputs(query, arena, &open, &left))
        return false;
    for (uint32_t i = 0; i < sql_query_scope(query)->n_outputs; i++) {
        if (!open[i])
            continue;
        struct sql_node *place = sql_node_new(arena, SQL_LITERAL, query->span);
        if (!place)
            return false;
        place->op = SQL_OP_NUMBER;
        place->text = str_of(arena_printf(arena, "%u", i + 1));
        if (!place->text.ptr || !append_key(arena, &query->child[SQL_QUERY_ORDER_BY], place))
            return false;
    }
    sql_node_refresh(query);
    return true;
}

enum rg_status sql_tier_fix(const struct sql_finding *finding, struct arena *arena,
                            struct rg_error *err)
{
    RG_ASSERT(finding->fixable);
    bool done = finding->kind == SQL_FINDING_AGGREGATE ? order_aggregate(finding, arena)
                : finding->kind == SQL_FINDING_WINDOW  ? order_window(finding, arena)
                                                       : order_query(finding, arena);
    return done ? RG_OK : error_no_memory(err, "sql");
}
