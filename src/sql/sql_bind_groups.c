/* Grouping: what GROUP BY names, and that the rest of the SELECT uses nothing else outside of
 * aggregates. */
#include "sql/sql_bind_inside.h"

bool sql_same_meaning(const struct sql_node *a, const struct sql_node *b)
{
    if (a == b)
        return true;
    if (!a || !b || a->kind != b->kind || a->op != b->op || a->op2 != b->op2)
        return false;
    if (a->kind == SQL_COLUMN && (a->source || b->source || a->scope || b->scope))
        return a->source == b->source && a->column == b->column && a->scope == b->scope;
    const uint32_t spelling = SQL_FLAG_QUOTED | SQL_FLAG_ALIAS_MADE | SQL_FLAG_ARROW;
    if ((a->flags & ~spelling) != (b->flags & ~spelling) || a->n_child != b->n_child)
        return false;
    bool exact = a->kind == SQL_LITERAL;
    if (exact ? !str_eq(a->text, b->text) : !sql_name_equal(a->text, b->text))
        return false;
    for (uint32_t i = 0; i < a->n_child; i++)
        if (!sql_same_meaning(a->child[i], b->child[i]))
            return false;
    return true;
}

/* --- Aggregates and windows ----------------------------------------------------------------- */

enum { HAS_AGGREGATE = 1, HAS_WINDOW = 2 };

/* Of the query's own, not of subqueries. */
static unsigned contents(const struct sql_node *node)
{
    unsigned found = 0;
    if (node->kind == SQL_QUERY)
        return 0;
    if (node->kind == SQL_CALL) {
        if (node->child[SQL_CALL_OVER])
            found |= HAS_WINDOW;
        else if (node->function && node->function->class == SQL_AGGREGATE)
            found |= HAS_AGGREGATE;
    }
    for (uint32_t i = 0; i < node->n_child && found != (HAS_AGGREGATE | HAS_WINDOW); i++)
        if (node->child[i])
            found |= contents(node->child[i]);
    return found;
}

bool bind_has_aggregate(const struct sql_node *expression)
{
    return (contents(expression) & HAS_AGGREGATE) != 0;
}

enum rg_status bind_check_alias(struct binder *b, const struct place *at,
                                const struct sql_node *node, const struct sql_node *item)
{
    if ((!at->no_aggregates && !at->no_windows) || b->open_columns)
        return RG_OK;
    unsigned found = contents(item);
    if (at->no_aggregates && (found & HAS_AGGREGATE))
        return bind_fail(b, node, "`" STR_FMT "` is an aggregate, which cannot stand in %s",
                         STR_ARG(node->child[0]->text), at->no_aggregates);
    if (at->no_windows && (found & HAS_WINDOW))
        return bind_fail(b, node, "`" STR_FMT "` is a window function, which cannot stand in %s",
                         STR_ARG(node->child[0]->text), at->no_windows);
    return RG_OK;
}

/* --- GROUP BY ------------------------------------------------------------------------------- */

static enum rg_status bind_key(struct binder *b, const struct place *at, struct sql_node *node)
{
    uint32_t output;
    enum rg_status status = RG_OK;
    if (node->kind == SQL_GROUPING || node->kind == SQL_LIST || node->kind == SQL_ROW) {
        for (uint32_t i = 0; i < node->n_child && !status; i++)
            status = bind_key(b, at, node->child[i]);
        return status;
    }
    status = bind_ordinal(b, at->scope, node, "GROUP BY", &output);
    if (status || output == NAME_NONE)
        return status ? status : bind_expression(b, at, node);
    const struct output_from *from = &((const struct bound_scope *)at->scope)->from[output];
    node->type = at->scope->outputs[output].type;
    if (from->expression && (contents(from->expression) & HAS_AGGREGATE) && !b->open_columns)
        return bind_fail(b, node, "GROUP BY " STR_FMT ": that column is an aggregate",
                         STR_ARG(node->text));
    return RG_OK;
}

enum rg_status bind_group_by(struct binder *b, struct bound_scope *scope, struct sql_node *group_by)
{
    const struct place at = {.scope = &scope->scope,
                             .clause = CLAUSE_GROUP_BY,
                             .to = scope->scope.n_sources,
                             .no_aggregates = "GROUP BY",
                             .no_windows = "GROUP BY"};
    enum rg_status status = RG_OK;
    if (!group_by)
        return RG_OK;
    scope->group_by = group_by;
    scope->scope.aggregates = true;
    if (sql_is(group_by, SQL_LIST))
        status = bind_key(b, &at, group_by);
    return status;
}

/* --- What the rest may use ------------------------------------------------------------------ */

/* The keys: columns in a hash set, what is more than a column in a list. */
struct keys {
    struct binder *b;
    struct bound_scope *scope;
    struct sql_member_of *columns;
    uint32_t capacity, n_columns;
    const struct sql_node **expressions;
    uint32_t n_expressions, room;
};

static uint32_t column_slot(const struct keys *keys, const struct sql_source *source,
                            uint32_t column)
{
    uint64_t hash = ((uint64_t)(uintptr_t)source >> 4) * 0x9e3779b97f4a7c15u + column;
    hash *= 0x9e3779b97f4a7c15u;
    uint32_t slot = (uint32_t)(hash >> 32) & (keys->capacity - 1);
    while (keys->columns[slot].source &&
           (keys->columns[slot].source != source || keys->columns[slot].column != column))
        slot = (slot + 1) & (keys->capacity - 1);
    return slot;
}

static bool add_column(struct keys *keys, struct sql_source *source, uint32_t column)
{
    if (2 * (keys->n_columns + 1) > keys->capacity) {
        struct keys grown = *keys;
        grown.capacity = keys->capacity ? 2 * keys->capacity : 16;
        grown.columns = ARENA_ARRAY(keys->b->arena, grown.capacity, struct sql_member_of);
        if (!grown.columns)
            return false;
        for (uint32_t i = 0; i < keys->capacity; i++) {
            const struct sql_member_of *old = &keys->columns[i];
            if (old->source)
                grown.columns[column_slot(&grown, old->source, old->column)] = *old;
        }
        *keys = grown;
    }
    struct sql_member_of *slot = &keys->columns[column_slot(keys, source, column)];
    keys->n_columns += slot->source ? 0 : 1;
    *slot = (struct sql_member_of){source, column};
    return true;
}

static bool add_expression(struct keys *keys, const struct sql_node *node)
{
    while (sql_is(node, SQL_COLUMN) && node->scope == &keys->scope->scope) {
        const struct output_from *from = &keys->scope->from[node->column];
        if (!from->expression)
            return add_column(keys, from->source, from->column);
        node = from->expression;
    }
    if (sql_is(node, SQL_COLUMN) && node->source)
        return add_column(keys, node->source, node->column);
    if (keys->n_expressions == keys->room) {
        keys->room = keys->room ? 2 * keys->room : 8;
        keys->expressions = arena_grow(keys->b->arena, keys->expressions, keys->n_expressions,
                                       keys->room, sizeof *keys->expressions);
        if (!keys->expressions)
            return false;
    }
    keys->expressions[keys->n_expressions++] = node;
    return true;
}

static bool add_output(struct keys *keys, uint32_t output)
{
    const struct output_from *from = &keys->scope->from[output];
    return from->expression ? add_expression(keys, from->expression)
                            : add_column(keys, from->source, from->column);
}

static bool add_key(struct keys *keys, const struct sql_node *node)
{
    uint32_t output;
    if (node->kind == SQL_GROUPING || node->kind == SQL_LIST || node->kind == SQL_ROW) {
        for (uint32_t i = 0; i < node->n_child; i++)
            if (!add_key(keys, node->child[i]))
                return false;
        return true;
    }
    if (bind_ordinal(keys->b, &keys->scope->scope, node, "GROUP BY", &output))
        return false;
    return output == NAME_NONE ? add_expression(keys, node) : add_output(keys, output);
}

static bool add_keys(struct keys *keys, const struct sql_node *group_by)
{
    if (!sql_is(group_by, SQL_ALL_COLUMNS))
        return !group_by || add_key(keys, group_by);
    for (uint32_t i = 0; i < keys->scope->scope.n_outputs; i++) {
        const struct sql_node *expression = keys->scope->from[i].expression;
        if (!(expression && contents(expression)) && !add_output(keys, i))
            return false;
    }
    return true;
}

static bool is_key(const struct keys *keys, const struct sql_node *node)
{
    for (uint32_t i = 0; i < keys->n_expressions; i++)
        if (sql_same_meaning(keys->expressions[i], node))
            return true;
    return false;
}

static enum rg_status check_column(const struct keys *keys, const struct sql_node *node,
                                   const struct sql_source *source, uint32_t column)
{
    if (source->scope != &keys->scope->scope ||
        (keys->capacity && keys->columns[column_slot(keys, source, column)].source))
        return RG_OK;
    struct str name = source->columns[column].name;
    enum rg_status status = bind_fail(
        keys->b, node, "`" STR_FMT "` is neither in GROUP BY nor in an aggregate", STR_ARG(name));
    error_hint(keys->b->err, "add it to GROUP BY, or say which of its values: min, max, …");
    return status;
}

static bool is_grouping(const struct sql_node *call)
{
    return call->function && strcmp(call->function->name, "grouping") == 0;
}

/* The arguments of grouping() are keys, nothing made of them. */
static enum rg_status check_grouping(const struct keys *keys, const struct sql_node *call)
{
    const struct sql_node *args = call->child[SQL_CALL_ARGS];
    enum rg_status status = RG_OK;
    for (uint32_t i = 0; i < args->n_child && !status; i++) {
        const struct sql_node *key = args->child[i];
        if (key->kind == SQL_COLUMN && key->source)
            status = check_column(keys, key, key->source, key->column);
        else if (!is_key(keys, key))
            status = bind_fail(keys->b, key, "`grouping` takes keys of GROUP BY, and this is none");
    }
    return status;
}

static enum rg_status check_grouped(const struct keys *keys, const struct sql_node *node)
{
    enum rg_status status = RG_OK;
    if (!node)
        return RG_OK;
    if (node->kind == SQL_COLUMN)
        return node->source ? check_column(keys, node, node->source, node->column) : RG_OK;
    if (node->kind == SQL_CALL && node->scope == &keys->scope->scope) /* of this SELECT */
        return is_grouping(node) ? check_grouping(keys, node) : RG_OK;
    if (is_key(keys, node))
        return RG_OK;
    for (uint32_t i = 0; i < node->n_child && !status; i++)
        status = check_grouped(keys, node->child[i]);
    return status;
}

static enum rg_status check_outputs(const struct keys *keys)
{
    enum rg_status status = RG_OK;
    const struct bound_scope *scope = keys->scope;
    const struct sql_node *items = scope->items;
    for (uint32_t i = 0; i < items->n_child && !status; i++) {
        const struct sql_node *item = items->child[i]->child[SQL_OPERAND];
        uint32_t end = i + 1 < items->n_child ? scope->first_output[i + 1] : scope->scope.n_outputs;
        if (!sql_is(item, SQL_STAR))
            status = check_grouped(keys, item);
        for (uint32_t o = scope->first_output[i]; sql_is(item, SQL_STAR) && o < end && !status; o++)
            status = scope->from[o].expression
                         ? check_grouped(keys, scope->from[o].expression)
                         : check_column(keys, item, scope->from[o].source, scope->from[o].column);
    }
    return status;
}

enum rg_status bind_check_groups(struct binder *b, struct bound_scope *scope,
                                 struct sql_node *select, const struct sql_node *order_by)
{
    struct keys keys = {.b = b, .scope = scope};
    const struct sql_node *having = select->child[SQL_SELECT_HAVING];
    if ((!scope->scope.aggregates && !having) || b->open_columns)
        return RG_OK;
    if (!add_keys(&keys, scope->group_by))
        return bind_no_memory(b);
    enum rg_status status = check_outputs(&keys);
    if (!status)
        status = check_grouped(&keys, having);
    if (!status)
        status = check_grouped(&keys, select->child[SQL_SELECT_WINDOWS]);
    if (!status)
        status = check_grouped(&keys, select->child[SQL_SELECT_QUALIFY]);
    return status ? status : check_grouped(&keys, order_by);
}
