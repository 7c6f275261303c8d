/* What can be written in several ways is written in one. Each rewrite keeps the meaning by itself,
 * looks at one node, and leaves a tree that is still annotated. */
#include "base/buffer.h"
#include "sql/sql_canonical.h"
#include "sql/sql_types.h"

struct shape {
    struct arena *arena;
    bool failed;
};

static struct sql_node *new_node(struct shape *shape, enum sql_kind kind, struct sql_span span)
{
    struct sql_node *node = sql_node_new(shape->arena, kind, span);
    shape->failed = shape->failed || !node;
    return node;
}

static void copy_annotations(struct sql_node *to, const struct sql_node *from)
{
    to->type = from->type;
    to->source = from->source;
    to->column = from->column;
    to->scope = from->scope;
    to->function = from->function;
    for (uint32_t i = 0; i < from->n_child; i++)
        if (from->child[i])
            copy_annotations(to->child[i], from->child[i]);
}

static struct sql_node *clone(struct shape *shape, const struct sql_node *node)
{
    struct sql_node *copy = sql_clone(shape->arena, node);
    if (copy)
        copy_annotations(copy, node);
    else
        shape->failed = true;
    return copy;
}

/* --- Windows -------------------------------------------------------------------------------- */

static void inherit(struct shape *shape, struct sql_node *window, const struct sql_node *base)
{
    for (uint32_t i = 0; i < window->n_child; i++)
        if (!window->child[i] && base->child[i])
            window->child[i] = clone(shape, base->child[i]);
    window->text = (struct str){NULL, 0};
    window->flags &= ~(uint32_t)SQL_FLAG_NAME_ONLY;
    if (!shape->failed)
        sql_node_refresh(window);
}

/* OVER w becomes OVER (…). Definitions come in the order of the text, so that one that builds on
 * another finds it resolved. */
static void resolve_windows(struct shape *shape, const struct sql_node *select,
                            struct sql_node *node)
{
    if (!node || shape->failed || node->kind == SQL_QUERY)
        return;
    for (uint32_t i = 0; i < node->n_child; i++)
        resolve_windows(shape, select, node->child[i]);
    const struct sql_node *base = node->kind == SQL_WINDOW ? sql_window_base(select, node) : NULL;
    if (base && base != node)
        inherit(shape, node, base);
    sql_node_refresh(node);
}

static void shape_frame(struct shape *shape, struct sql_node *frame)
{
    if (frame->op2 == SQL_OP_EXCLUDE_NO_OTHERS)
        frame->op2 = SQL_OP_NONE;
    if (frame->child[SQL_FRAME_END])
        return;
    struct sql_node *end = new_node(shape, SQL_BOUND, frame->span);
    if (!end)
        return;
    end->op = SQL_OP_CURRENT_ROW;
    frame->child[SQL_FRAME_END] = end;
    sql_node_refresh(frame);
}

/* --- Queries -------------------------------------------------------------------------------- */

/* A query that is nothing but its body. */
static bool is_plain(const struct sql_node *query)
{
    return query->kind == SQL_QUERY && !query->child[SQL_QUERY_WITH] &&
           !query->child[SQL_QUERY_ORDER_BY] && !query->child[SQL_QUERY_LIMIT] &&
           !query->child[SQL_QUERY_OFFSET];
}

static struct sql_node *unwrap(struct sql_node *body)
{
    while (sql_is(body, SQL_QUERY) && is_plain(body))
        body = body->child[SQL_QUERY_BODY];
    return body;
}

/* ORDER BY 2, of an output that has no other name that lasts. */
static void order_by_place(struct shape *shape, struct sql_node *key)
{
    const struct sql_node *name = key->child[SQL_OPERAND];
    struct sql_node *ordinal = new_node(shape, SQL_LITERAL, name->span);
    const char *text = arena_printf(shape->arena, "%u", name->column + 1);
    if (!ordinal || !text) {
        shape->failed = true;
        return;
    }
    ordinal->op = SQL_OP_NUMBER;
    ordinal->text = str_of(text);
    key->child[SQL_OPERAND] = ordinal;
    sql_node_refresh(key);
}

/* An engine would take it for an ordinal. */
static bool is_constant(const struct sql_node *expression)
{
    while (sql_is(expression, SQL_UNARY))
        expression = expression->child[SQL_OPERAND];
    return sql_is(expression, SQL_LITERAL);
}

/* ORDER BY alias: of a SELECT the expression, of a set operation the ordinal. */
static void order_by_alias(struct shape *shape, struct sql_node *key, const struct sql_node *body)
{
    const struct sql_node *name = key->child[SQL_OPERAND];
    const struct sql_node *items = sql_is(body, SQL_SELECT) ? body->child[SQL_SELECT_ITEMS] : NULL;
    if (!sql_is(name, SQL_COLUMN) || !name->scope)
        return;
    if (!items) {
        order_by_place(shape, key);
        return;
    }
    const struct sql_node *item = name->column < items->n_child ? items->child[name->column] : NULL;
    if (!sql_is(item, SQL_ITEM) || sql_is(item->child[SQL_OPERAND], SQL_STAR))
        return; /* behind a star over an unknown table, which keeps its names */
    if (is_constant(item->child[SQL_OPERAND]))
        order_by_place(shape, key);
    else
        key->child[SQL_OPERAND] = clone(shape, item->child[SQL_OPERAND]);
    if (!shape->failed)
        sql_node_refresh(key);
}

static void shape_query(struct shape *shape, struct sql_node *query)
{
    struct sql_node *body = unwrap(query->child[SQL_QUERY_BODY]);
    query->child[SQL_QUERY_BODY] = body;
    const struct sql_node *keys = query->child[SQL_QUERY_ORDER_BY];
    for (uint32_t i = 0; i < sql_list_count(keys); i++) {
        struct sql_node *key = keys->child[i];
        if (key->kind == SQL_ORDER_ITEM)
            order_by_alias(shape, key, body);
    }
    if (keys)
        sql_node_refresh(query->child[SQL_QUERY_ORDER_BY]);
    sql_node_refresh(query);
}

/* GROUP BY ALL: whatever of the outputs is no aggregate. */
static void spell_group_all(struct shape *shape, struct sql_node *select)
{
    const struct sql_node *items = select->child[SQL_SELECT_ITEMS];
    struct sql_node *list = new_node(shape, SQL_LIST, select->child[SQL_SELECT_GROUP_BY]->span);
    for (uint32_t i = 0; list && i < sql_list_count(items); i++) {
        const struct sql_node *expression = items->child[i]->child[SQL_OPERAND];
        if (items->child[i]->kind != SQL_ITEM || sql_is(expression, SQL_STAR))
            return; /* not to be told */
        if (sql_is(expression, SQL_LITERAL) || sql_has_aggregate(expression))
            continue;
        struct sql_node *copy = clone(shape, expression);
        if (!copy || !sql_node_append(shape->arena, list, copy)) {
            shape->failed = true;
            return;
        }
    }
    if (list && list->n_child)
        select->child[SQL_SELECT_GROUP_BY] = list;
}

static void shape_select(struct shape *shape, struct sql_node *select)
{
    for (uint32_t i = 0; i < select->n_child; i++)
        resolve_windows(shape, select, select->child[i]);
    select->child[SQL_SELECT_WINDOWS] = NULL;
    if (sql_is(select->child[SQL_SELECT_GROUP_BY], SQL_ALL_COLUMNS))
        spell_group_all(shape, select);
    sql_node_refresh(select);
}

static void shape_join(struct sql_node *join)
{
    if (join->op == SQL_OP_RIGHT) {
        struct sql_node *left = join->child[SQL_LEFT];
        join->child[SQL_LEFT] = join->child[SQL_RIGHT];
        join->child[SQL_RIGHT] = left;
        join->op = SQL_OP_LEFT;
    }
    const struct sql_node *on = join->child[SQL_JOIN_ON];
    if (sql_is(on, SQL_LITERAL) && on->op == SQL_OP_TRUE && join->op == SQL_OP_INNER)
        join->child[SQL_JOIN_ON] = NULL;
    bool bare = !join->child[SQL_JOIN_ON] && !join->child[SQL_JOIN_USING] &&
                !sql_flag(join, SQL_FLAG_NATURAL);
    if (join->op == SQL_OP_COMMA || (join->op == SQL_OP_INNER && bare))
        join->op = SQL_OP_CROSS;
}

/* What an EXISTS selects does not matter, but for an aggregate, which always gives a row. */
static void shape_exists(struct shape *shape, const struct sql_node *exists)
{
    const struct sql_node *query = exists->child[0];
    struct sql_node *select = sql_is(query, SQL_QUERY) ? query->child[SQL_QUERY_BODY] : NULL;
    if (!sql_is(select, SQL_SELECT) || !is_plain(query) || !select->scope ||
        select->scope->aggregates || select->child[SQL_SELECT_DISTINCT_ON] ||
        select->child[SQL_SELECT_QUALIFY])
        return;
    struct sql_node *one = new_node(shape, SQL_LITERAL, exists->span);
    struct sql_node *item =
        one ? sql_node_with(shape->arena, SQL_ITEM, exists->span, &one, 1) : NULL;
    struct sql_node *list =
        item ? sql_node_with(shape->arena, SQL_LIST, exists->span, &item, 1) : NULL;
    if (!list) {
        shape->failed = true;
        return;
    }
    one->op = SQL_OP_NUMBER;
    one->text = STR("1");
    select->child[SQL_SELECT_ITEMS] = list;
    select->flags &= ~(uint32_t)SQL_FLAG_DISTINCT;
}

/* --- Expressions ---------------------------------------------------------------------------- */

static void lower_case(struct shape *shape, struct str *name)
{
    bool upper = false;
    for (size_t i = 0; i < name->len; i++)
        upper = upper || (name->ptr[i] >= 'A' && name->ptr[i] <= 'Z');
    if (!upper)
        return;
    char *copy = arena_cstr(shape->arena, *name);
    for (size_t i = 0; copy && i < name->len; i++)
        if (copy[i] >= 'A' && copy[i] <= 'Z')
            copy[i] = (char)(copy[i] + ('a' - 'A'));
    shape->failed = shape->failed || !copy;
    name->ptr = copy;
}

/* count(1) is count(*): no constant but NULL changes what is counted. */
static void shape_count(struct shape *shape, struct sql_node *call)
{
    struct sql_node *args = call->child[SQL_CALL_ARGS];
    const struct sql_node *arg = args && args->n_child == 1 ? args->child[0] : NULL;
    bool constant = sql_is(arg, SQL_LITERAL) && arg->op != SQL_OP_NULL;
    if (!str_is(call->text, "count") || sql_flag(call, SQL_FLAG_DISTINCT) ||
        (args && args->n_child > 0 && !constant))
        return;
    struct sql_node *star = new_node(shape, SQL_STAR, call->span);
    struct sql_node *list =
        star ? sql_node_with(shape->arena, SQL_LIST, call->span, &star, 1) : NULL;
    shape->failed = shape->failed || !list;
    call->child[SQL_CALL_ARGS] = list;
}

static void shape_call(struct shape *shape, struct sql_node *call)
{
    lower_case(shape, &call->text);
    call->flags &= ~(uint32_t)SQL_FLAG_RESPECT_NULLS;
    shape_count(shape, call);
    if (!shape->failed)
        sql_node_refresh(call);
}

/* INT and INTEGER are one type, as are all that the engine has several words for. */
static void shape_type(struct shape *shape, struct sql_node *type)
{
    if (type->n_child)
        return;
    const struct sql_type *known = sql_type_of_node(shape->arena, type);
    if (!known || known->n_members || known->width)
        return;
    struct buffer text = {0};
    sql_type_print(known, &text);
    struct str name =
        text.failed ? (struct str){NULL, 0} : arena_str(shape->arena, buffer_view(&text));
    buffer_fini(&text);
    shape->failed = shape->failed || !name.ptr;
    type->text = name;
}

/* NOT (x IN …) is x NOT IN …. */
static struct sql_node *shape_not(struct sql_node *node)
{
    struct sql_node *operand = node->child[SQL_OPERAND];
    if (node->op != SQL_OP_NOT || !operand)
        return node;
    if (operand->kind != SQL_LIKE && operand->kind != SQL_IS && operand->kind != SQL_IN &&
        operand->kind != SQL_BETWEEN)
        return node;
    operand->flags ^= SQL_FLAG_NOT;
    return operand;
}

static void shape_case(struct sql_node *node)
{
    const struct sql_node *other = node->child[SQL_CASE_ELSE];
    if (sql_is(other, SQL_LITERAL) && other->op == SQL_OP_NULL)
        node->child[SQL_CASE_ELSE] = NULL;
}

/* Where nothing is said NULLs come last, in both directions. */
static void shape_order_item(struct sql_node *item)
{
    if (!sql_flag(item, SQL_FLAG_NULLS_FIRST))
        item->flags |= SQL_FLAG_NULLS_LAST;
}

enum {
    FLAGS_WITHOUT_MEANING = SQL_FLAG_QUOTED | SQL_FLAG_MATERIALIZED | SQL_FLAG_NOT_MATERIALIZED |
                            SQL_FLAG_ARROW | SQL_FLAG_ALIAS_MADE
};

static struct sql_node *shape_node(struct shape *shape, struct sql_node *node)
{
    for (uint32_t i = 0; i < node->n_child && !shape->failed; i++)
        if (node->child[i])
            node->child[i] = shape_node(shape, node->child[i]);
    if (shape->failed)
        return node;
    node->flags &= ~(uint32_t)FLAGS_WITHOUT_MEANING;
    switch (node->kind) {
    case SQL_QUERY:
        shape_query(shape, node);
        break;
    case SQL_SELECT:
        shape_select(shape, node);
        break;
    case SQL_SET_OPERATION:
        node->child[SQL_LEFT] = unwrap(node->child[SQL_LEFT]);
        node->child[SQL_RIGHT] = unwrap(node->child[SQL_RIGHT]);
        break;
    case SQL_JOIN:
        shape_join(node);
        break;
    case SQL_EXISTS:
        shape_exists(shape, node);
        break;
    case SQL_CALL:
        shape_call(shape, node);
        break;
    case SQL_TYPE:
        shape_type(shape, node);
        break;
    case SQL_UNARY:
        node = shape_not(node);
        break;
    case SQL_CASE:
        shape_case(node);
        break;
    case SQL_FRAME:
        shape_frame(shape, node);
        break;
    case SQL_ORDER_ITEM:
        shape_order_item(node);
        break;
    default:
        break;
    }
    if (!shape->failed)
        sql_node_refresh(node);
    return node;
}

struct sql_node *sql_canonical_shape(struct sql_node *root, struct arena *arena)
{
    struct shape shape = {.arena = arena};
    struct sql_node *shaped = shape_node(&shape, root);
    return shape.failed ? NULL : shaped;
}
