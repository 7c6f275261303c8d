/* From the default dialect's constructs to those of others: the walk over a tree, arguments by
 * name, and what concerns expressions. Queries are in sql_say_query.c. */
#include "sql/sql_say.h"

#include <strings.h>

#include "base/error.h"
#include "sql/sql_sayer.h"

/* --- Making nodes -------------------------------------------------------------------------- */

void say_fail(struct sayer *say, const struct sql_node *node, const char *message)
{
    if (say->status == RG_OK)
        say->status = sql_fail(say->err, RG_ERR_SUBSET, say->text, node->span, "%s", message);
}

struct sql_node *say_node(struct sayer *say, enum sql_kind kind, struct sql_span span,
                          struct sql_node *const *children, uint32_t n)
{
    struct sql_node *node =
        say->status == RG_OK ? sql_node_with(say->arena, kind, span, children, n) : NULL;
    if (!node && say->status == RG_OK)
        say->status = error_no_memory(say->err, "sql");
    return node;
}

struct sql_node *say_name(struct sayer *say, struct str name, struct sql_span span)
{
    struct sql_node *ident = say_node(say, SQL_IDENT, span, NULL, 0);
    if (ident)
        ident->text = name;
    return ident;
}

struct sql_node *say_column(struct sayer *say, struct str table, struct str name,
                            struct sql_span span)
{
    struct sql_node *parts[2] = {say_name(say, table, span), say_name(say, name, span)};
    return say->status == RG_OK ? say_node(say, SQL_COLUMN, span, parts, 2) : NULL;
}

struct sql_node *say_number(struct sayer *say, const char *digits, struct sql_span span)
{
    struct sql_node *literal = say_node(say, SQL_LITERAL, span, NULL, 0);
    if (literal) {
        literal->op = SQL_OP_NUMBER;
        literal->text = str_of(digits);
        literal->type = sql_type_of(SQL_T_INTEGER);
    }
    return literal;
}

struct str say_made_name(struct sayer *say, const char *stem)
{
    char *name = arena_printf(say->arena, "%s_%u", stem, ++say->n_names);
    if (!name && say->status == RG_OK)
        say->status = error_no_memory(say->err, "sql");
    return str_of(name ? name : "");
}

/* --- Arguments by name --------------------------------------------------------------------- */

static bool same_name(struct str a, const char *b)
{
    return b && a.len == strlen(b) && strncasecmp(a.ptr, b, a.len) == 0;
}

static int parameter_of(const struct sql_function *function, struct str name)
{
    for (int i = 0; i < SQL_PARAMETERS_MAX && function->parameters[i].name; i++) {
        if (same_name(name, function->parameters[i].name))
            return i;
    }
    return -1;
}

static enum rg_status place_arguments(struct sql_node *call, struct str text, struct arena *arena,
                                      struct rg_error *err)
{
    struct sql_node *args = call->child[SQL_CALL_ARGS];
    const struct sql_function *function = call->function;
    struct sql_node *placed[SQL_PARAMETERS_MAX] = {NULL};
    if (args->n_child > SQL_PARAMETERS_MAX)
        return sql_fail(err, RG_ERR_BIND, text, call->span,
                        "%s takes no argument by name behind so many by place", function->name);
    for (uint32_t i = 0; i < args->n_child; i++) {
        struct sql_node *arg = args->child[i];
        bool named = sql_is(arg, SQL_NAMED_ARG);
        int place = named ? parameter_of(function, arg->text) : (int)i;
        if (place < 0)
            return sql_fail(err, RG_ERR_BIND, text, arg->span, "%s has no parameter " STR_FMT,
                            function->name, STR_ARG(arg->text));
        if (placed[place])
            return sql_fail(err, RG_ERR_BIND, text, arg->span, "%s: %s is given twice",
                            function->name, function->parameters[place].name);
        placed[place] = named ? arg->child[SQL_OPERAND] : arg;
    }
    for (uint32_t i = 0; i < args->n_child; i++) {
        if (!placed[i])
            return sql_fail(err, RG_ERR_BIND, text, call->span, "%s: %s is missing", function->name,
                            function->parameters[i].name);
    }
    struct sql_node *list = sql_node_with(arena, SQL_LIST, args->span, placed, args->n_child);
    if (!list)
        return error_no_memory(err, "sql");
    call->child[SQL_CALL_ARGS] = list;
    return RG_OK;
}

struct placer {
    struct str text;
    struct arena *arena;
    struct rg_error *err;
    enum rg_status status;
};

static bool place_visit(void *context, struct sql_node *node)
{
    struct placer *placer = context;
    if (placer->status != RG_OK)
        return false;
    if (node->kind != SQL_CALL || !node->function ||
        node->function->result_rule == SQL_RESULT_STRUCT)
        return true;
    const struct sql_node *args = node->child[SQL_CALL_ARGS];
    bool named = false;
    for (uint32_t i = 0; i < sql_list_count(args); i++)
        named = named || sql_is(args->child[i], SQL_NAMED_ARG);
    if (named)
        placer->status = place_arguments(node, placer->text, placer->arena, placer->err);
    return placer->status == RG_OK;
}

enum rg_status sql_arguments_by_place(struct sql_node *root, struct str text, struct arena *arena,
                                      struct rg_error *err)
{
    struct placer placer = {.text = text, .arena = arena, .err = err};
    sql_walk(root, place_visit, NULL, &placer);
    return placer.status;
}

/* --- Expressions --------------------------------------------------------------------------- */

static const struct sql_function *function_named(const struct sayer *say, const char *name,
                                                 uint32_t n_arguments)
{
    const struct sql_catalog *catalog = say->catalog;
    for (size_t i = 0; catalog && i < catalog->n_functions; i++) {
        const struct sql_function *f = &catalog->functions[i];
        if (strcmp(f->name, name) == 0 && f->n_min <= n_arguments && n_arguments <= f->n_max)
            return f;
    }
    return NULL;
}

/* Turns the node into a call of the functions table, in place. */
static void become_call(struct sayer *say, struct sql_node *node, const char *name,
                        struct sql_node *const *arguments, uint32_t n)
{
    struct sql_node *call = say_node(say, SQL_CALL, node->span, NULL, 0);
    struct sql_node *list = say_node(say, SQL_LIST, node->span, arguments, n);
    if (say->status != RG_OK)
        return;
    call->child[SQL_CALL_ARGS] = list;
    call->text = str_of(name);
    call->function = function_named(say, name, n);
    call->type = node->type;
    sql_node_refresh(call);
    *node = *call;
}

static bool is_kind(const struct sql_node *node, enum sql_type_kind kind)
{
    return node && node->type && node->type->kind == kind;
}

static void say_index(struct sayer *say, struct sql_node *node)
{
    struct sql_node *object = node->child[SQL_INDEX_OBJECT];
    if (is_kind(object, SQL_T_MAP) && say->dialect == SQL_SPARK)
        return;
    if (is_kind(object, SQL_T_MAP) || is_kind(object, SQL_T_STRUCT) || is_kind(object, SQL_T_JSON))
        say_fail(say, node, "an element of a map or struct by [ ] cannot be said in this dialect");
    else if (is_kind(object, SQL_T_VARCHAR))
        become_call(say, node, "substr",
                    (struct sql_node *[]){object, node->child[SQL_INDEX_INDEX],
                                          say_number(say, "1", node->span)},
                    3);
    else
        become_call(say, node, "list_extract",
                    (struct sql_node *[]){object, node->child[SQL_INDEX_INDEX]}, 2);
}

static void say_slice(struct sayer *say, struct sql_node *node)
{
    struct sql_node *const *child = node->child;
    if (!child[SQL_SLICE_FROM] || !child[SQL_SLICE_TO] || child[SQL_SLICE_STEP] ||
        is_kind(child[SQL_SLICE_OBJECT], SQL_T_VARCHAR))
        say_fail(say, node,
                 "a slice without both ends, with a step, or of a text cannot be said "
                 "in this dialect");
    else
        become_call(say, node, "list_slice",
                    (struct sql_node *[]){child[SQL_SLICE_OBJECT], child[SQL_SLICE_FROM],
                                          child[SQL_SLICE_TO]},
                    3);
}

static void say_operator(struct sayer *say, struct sql_node *node)
{
    struct sql_node *sides[2] = {node->child[SQL_LEFT], node->child[SQL_RIGHT]};
    switch (node->op) {
    case SQL_OP_MATCH:
        become_call(say, node, "regexp_full_match", sides, 2);
        break;
    case SQL_OP_STARTS:
        become_call(say, node, "starts_with", sides, 2);
        break;
    case SQL_OP_POWER:
        become_call(say, node, "power", sides, 2);
        break;
    case SQL_OP_OVERLAPS:
        become_call(say, node, "list_has_any", sides, 2);
        break;
    case SQL_OP_CONTAINS:
        become_call(say, node, "list_has_all", sides, 2);
        break;
    case SQL_OP_CONTAINED:
        become_call(say, node, "list_has_all", (struct sql_node *[]){sides[1], sides[0]}, 2);
        break;
    case SQL_OP_CONCAT:
        if (is_kind(sides[0], SQL_T_LIST) || is_kind(sides[1], SQL_T_LIST))
            become_call(say, node, "list_concat", sides, 2);
        break;
    case SQL_OP_ARROW:
    case SQL_OP_DOUBLE_ARROW:
    case SQL_OP_HAS_KEY:
    case SQL_OP_AT_TIME_ZONE:
        say_fail(say, node, "this operator cannot be said in this dialect");
        break;
    default:
        break;
    }
}

/* postgres orders text by the database's collation, unless told otherwise. */
static void collate(struct sayer *say, struct sql_node **at)
{
    struct sql_node *node = *at;
    if (!node || say->dialect != SQL_POSTGRES ||
        !(is_kind(node, SQL_T_VARCHAR) || is_kind(node, SQL_T_ENUM)))
        return;
    if (node->kind == SQL_LITERAL)
        return;
    struct sql_node *name = say_name(say, STR("C"), node->span);
    if (name)
        name->flags |= SQL_FLAG_QUOTED;
    struct sql_node *made =
        say_node(say, SQL_BINARY, node->span, (struct sql_node *[]){node, name}, 2);
    if (!made)
        return;
    made->op = SQL_OP_COLLATE;
    made->type = node->type;
    *at = made;
}

/* The values of an enumeration are in the order in which it declares them, as texts they are not.
 */
static void refuse_enum_order(struct sayer *say, const struct sql_node *node)
{
    if (is_kind(node, SQL_T_ENUM))
        say_fail(say, node,
                 "the order of an enumeration's values cannot be said in another "
                 "dialect: cast it to VARCHAR");
}

static void say_comparison(struct sayer *say, struct sql_node *node)
{
    bool ordered = node->op == SQL_OP_LT || node->op == SQL_OP_LE || node->op == SQL_OP_GT ||
                   node->op == SQL_OP_GE;
    if (ordered)
        refuse_enum_order(say, node->child[SQL_LEFT]);
    if (ordered)
        collate(say, &node->child[SQL_LEFT]);
}

void say_order(struct sayer *say, struct sql_node *list, bool may_collate)
{
    for (uint32_t i = 0; list && i < list->n_child && say->status == RG_OK; i++) {
        struct sql_node *item = list->child[i];
        if (item->kind != SQL_ORDER_ITEM)
            continue;
        if (!sql_flag(item, SQL_FLAG_NULLS_FIRST))
            item->flags |= SQL_FLAG_NULLS_LAST;
        refuse_enum_order(say, item->child[SQL_OPERAND]);
        if (may_collate && !sql_is(item->child[SQL_OPERAND], SQL_LITERAL))
            collate(say, &item->child[SQL_OPERAND]);
    }
}

static bool is_extreme(struct str name)
{
    return same_name(name, "min") || same_name(name, "max");
}

static void say_call(struct sayer *say, struct sql_node *call)
{
    struct sql_node *args = call->child[SQL_CALL_ARGS];
    bool distinct = sql_flag(call, SQL_FLAG_DISTINCT); /* then the order is by an argument */
    say_order(say, call->child[SQL_CALL_ORDER_BY], !distinct);
    if (is_extreme(call->text) && args && args->n_child == 1) {
        refuse_enum_order(say, args->child[0]);
        collate(say, &args->child[0]);
    }
    sql_node_refresh(call);
}

static void say_in(struct sayer *say, const struct sql_node *node)
{
    const struct sql_node *query = node->child[SQL_IN_QUERY];
    bool correlated = query && query->scope && query->scope->correlated;
    if (say->dialect == SQL_CLICKHOUSE && correlated)
        say_fail(say, query,
                 "IN with a query that names columns around it cannot be said in "
                 "clickhouse");
    const struct sql_node *list = node->child[SQL_IN_LIST];
    for (uint32_t i = 0; say->dialect == SQL_CLICKHOUSE && i < sql_list_count(list); i++) {
        const struct sql_node *item = list->child[i];
        while (item->kind == SQL_CAST)
            item = item->child[SQL_OPERAND];
        if (item->kind == SQL_LITERAL && item->op == SQL_OP_NULL)
            say_fail(say, item, "clickhouse passes over NULL in the list of IN: leave it out");
    }
}

static void say_expression(struct sayer *say, struct sql_node *node)
{
    switch (node->kind) {
    case SQL_INDEX:
        say_index(say, node);
        break;
    case SQL_SLICE:
        say_slice(say, node);
        break;
    case SQL_BINARY:
        say_comparison(say, node);
        say_operator(say, node);
        break;
    case SQL_BETWEEN:
        collate(say, &node->child[SQL_OPERAND]);
        break;
    case SQL_EXISTS:
        say_exists(say, node);
        break;
    case SQL_IN:
        say_in(say, node);
        break;
    case SQL_CALL:
        say_call(say, node);
        break;
    case SQL_WINDOW:
        say_order(say, node->child[SQL_WINDOW_ORDER_BY], true);
        break;
    default:
        break;
    }
}

/* Children first, so that what a query becomes is made of what was already said. */
static void say_tree(struct sayer *say, struct sql_node *node)
{
    for (uint32_t i = 0; i < node->n_child && say->status == RG_OK; i++) {
        if (node->child[i])
            say_tree(say, node->child[i]);
    }
    if (say->status != RG_OK)
        return;
    if (node->kind == SQL_QUERY)
        say_query(say, node);
    else
        say_expression(say, node);
    sql_node_refresh(node);
}

enum rg_status sql_say(struct sql_node *root, struct str text, enum sql_dialect dialect,
                       const struct sql_catalog *catalog, struct arena *arena, struct rg_error *err)
{
    enum rg_status status = sql_arguments_by_place(root, text, arena, err);
    if (status != RG_OK || dialect == SQL_DUCKDB)
        return status;
    struct sayer say = {
        .dialect = dialect, .text = text, .catalog = catalog, .arena = arena, .err = err};
    say_tree(&say, root);
    return say.status;
}
