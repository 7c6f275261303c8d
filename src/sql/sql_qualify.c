/* Qualification: a bound tree is rewritten so that nothing is left to guess, and bound again.
 * Queries from the inside out; in each FROM first, then the SELECT list, whose expressions take the
 * place of their aliases elsewhere. sql_qualify_from.c does FROM. */
#include "sql/sql_qualify_inside.h"

#include "base/limits.h"

enum rg_status qualify_no_memory(struct qualifier *q)
{
    return error_no_memory(q->b.err, SQL_LAYER);
}

static uint32_t quoting(struct str name)
{
    return sql_must_quote(name, SQL_DUCKDB) ? SQL_FLAG_QUOTED : 0;
}

struct sql_node *qualify_ident(struct qualifier *q, struct sql_span span, struct str name)
{
    struct sql_node *ident = sql_node_new(q->b.arena, SQL_IDENT, span);
    if (ident) {
        ident->text = name;
        ident->flags = quoting(name);
    }
    return ident;
}

struct sql_node *qualify_column(struct qualifier *q, struct sql_span span,
                                const struct sql_source *source, uint32_t column)
{
    struct sql_node *parts[2] = {
        source->name.ptr ? qualify_ident(q, span, source->name) : NULL,
        qualify_ident(q, span, source->columns[column].name),
    };
    if (!parts[1] || (source->name.ptr && !parts[0]))
        return NULL;
    return source->name.ptr ? sql_node_with(q->b.arena, SQL_COLUMN, span, parts, 2)
                            : sql_node_with(q->b.arena, SQL_COLUMN, span, parts + 1, 1);
}

static bool among(const struct leaves *leaves, const struct sql_source *source)
{
    if (!leaves)
        return true;
    for (uint32_t i = 0; i < leaves->n; i++)
        if (leaves->sources[i] == source)
            return true;
    return false;
}

static bool same_type(const struct sql_member_of *a, const struct sql_member_of *b)
{
    return sql_type_equal(a->source->columns[a->column].type, b->source->columns[b->column].type);
}

struct sql_node *qualify_merged(struct qualifier *q, struct sql_span span,
                                const struct sql_merged *merged, const struct leaves *leaves)
{
    struct sql_node *call = sql_node_new(q->b.arena, SQL_CALL, span);
    struct sql_node *args = sql_node_new(q->b.arena, SQL_LIST, span);
    if (!call || !args)
        return NULL;
    for (uint32_t i = 0; i < merged->n_members; i++) {
        /* COALESCE would be of the wider type. */
        if (args->n_child && !merged->outer && !same_type(&merged->members[0], &merged->members[i]))
            continue;
        const struct sql_member_of *member = &merged->members[i];
        if (!among(leaves, member->source))
            continue;
        struct sql_node *column = qualify_column(q, span, member->source, member->column);
        if (!column || !sql_node_append(q->b.arena, args, column))
            return NULL;
    }
    if (args->n_child == 1)
        return args->child[0];
    call->text = STR("COALESCE");
    call->child[SQL_CALL_ARGS] = args;
    sql_node_refresh(call);
    return call;
}

/* The columns that USING made one of which this is the first, where it is named alone. */
static const struct sql_merged *merged_by(const struct sql_node *column)
{
    const struct sql_scope *scope = column->source->scope;
    for (uint32_t i = 0; column->n_child == 1 && i < scope->n_merged; i++) {
        const struct sql_merged *merged = &scope->merged[i];
        if (merged->n_members && merged->members[0].source == column->source &&
            merged->members[0].column == column->column)
            return merged;
    }
    return NULL;
}

/* --- Columns and aliases -------------------------------------------------------------------- */

static uint64_t count_nodes(const struct sql_node *node, uint64_t most)
{
    uint64_t n = 1;
    for (uint32_t i = 0; i < node->n_child && n <= most; i++)
        if (node->child[i])
            n += count_nodes(node->child[i], most - n);
    return n;
}

static enum rg_status fail_growth(struct qualifier *q, const struct sql_node *node)
{
    enum rg_status status =
        sql_fail(q->b.err, RG_ERR_LIMIT, q->b.text, node->span,
                 "written out, the aliases of this query are longer than is allowed");
    error_hint(q->b.err, "a subquery or a CTE between the aliases needs no writing out");
    return status;
}

/* The item's expression, in the place of its alias. */
static enum rg_status replace_alias(struct qualifier *q, struct sql_node **slot,
                                    const struct sql_node *item)
{
    const struct sql_node *expression = item->child[SQL_OPERAND];
    uint64_t n = count_nodes(expression, q->nodes_left);
    if (n > q->nodes_left)
        return fail_growth(q, *slot);
    q->nodes_left -= n;
    struct sql_node *copy = sql_clone(q->b.arena, expression);
    if (!copy)
        return qualify_no_memory(q);
    *slot = copy;
    return RG_OK;
}

static bool has_subquery(const struct sql_node *node)
{
    if (node->kind == SQL_QUERY)
        return true;
    for (uint32_t i = 0; i < node->n_child; i++)
        if (node->child[i] && has_subquery(node->child[i]))
            return true;
    return false;
}

static enum rg_status rename_output(struct qualifier *q, struct sql_node *column, struct str name)
{
    struct sql_node *ident = qualify_ident(q, column->span, name);
    if (!ident)
        return qualify_no_memory(q);
    column->child[0] = ident;
    return RG_OK;
}

/* A COLUMN that names an output. ORDER BY keeps the name; a constant keeps it in HAVING and
 * QUALIFY, where every dialect would take the number for what it is not. */
static enum rg_status qualify_output(struct qualifier *q, struct sql_node **slot)
{
    struct sql_node *node = *slot;
    const struct bound_scope *scope = (const struct bound_scope *)node->scope;
    struct sql_node *item = scope->item_of ? scope->item_of[node->column] : NULL;
    bool constant = item && sql_is(item->child[SQL_OPERAND], SQL_LITERAL);
    if (!item)
        return RG_OK;
    if ((q->clause == CLAUSE_ORDER_BY && q->whole) ||
        (constant && (q->clause == CLAUSE_HAVING || q->clause == CLAUSE_QUALIFY)))
        return rename_output(q, node, item->text);
    return replace_alias(q, slot, item);
}

/* It is written as qualifying writes it: a text of many columns needs no second tree of them. */
static bool is_qualified(const struct sql_node *column)
{
    return column->n_child == 2 && str_eq(column->child[0]->text, column->source->name) &&
           str_eq(column->child[1]->text, column->source->columns[column->column].name);
}

static enum rg_status qualify_named(struct qualifier *q, struct sql_node **slot)
{
    struct sql_node *node = *slot;
    if (node->scope)
        return qualify_output(q, slot);
    if (!node->source)
        return RG_OK;
    if (is_qualified(node)) {
        for (uint32_t i = 0; i < node->n_child; i++)
            node->child[i]->flags = quoting(node->child[i]->text);
        return RG_OK;
    }
    const struct sql_merged *merged = merged_by(node);
    *slot = merged ? qualify_merged(q, node->span, merged, q->leaves)
                   : qualify_column(q, node->span, node->source, node->column);
    return *slot ? RG_OK : qualify_no_memory(q);
}

/* --- Expressions ---------------------------------------------------------------------------- */

enum rg_status qualify_expression(struct qualifier *q, struct sql_node **slot)
{
    struct sql_node *node = *slot;
    enum rg_status status = RG_OK;
    if (!node || node->kind == SQL_TYPE)
        return RG_OK;
    if (node->kind == SQL_COLUMN)
        return qualify_named(q, slot);
    if (node->kind == SQL_QUERY) {
        const struct leaves *leaves = q->leaves;
        enum sql_clause clause = q->clause;
        q->leaves = NULL;
        status = qualify_query(q, node, NULL);
        q->leaves = leaves;
        q->clause = clause;
        return status;
    }
    bool whole = q->whole;
    q->whole = false;
    for (uint32_t i = 0; i < node->n_child && !status; i++)
        status = qualify_expression(q, &node->child[i]);
    q->whole = whole;
    sql_node_refresh(node);
    if (!status && node->depth > LIMIT_SQL_DEPTH)
        return fail_growth(q, node);
    return status;
}

/* --- The SELECT list ------------------------------------------------------------------------ */

static void quote_item(struct sql_node *item)
{
    item->flags &= ~(uint32_t)SQL_FLAG_QUOTED;
    item->flags |= sql_must_quote(item->text, SQL_DUCKDB) ? SQL_FLAG_QUOTED : 0;
}

static enum rg_status add_item(struct qualifier *q, struct bound_scope *scope,
                               struct sql_node *list, struct sql_node *item, uint32_t output,
                               const struct sql_node *renames)
{
    if (output < sql_list_count(renames))
        item->text = renames->child[output]->text;
    else if (!item->text.ptr)
        item->text = scope->scope.outputs[output].name;
    RG_ASSERT(item->text.ptr);
    quote_item(item);
    sql_node_refresh(item);
    scope->item_of[output] = item;
    return sql_node_append(q->b.arena, list, item) ? RG_OK : qualify_no_memory(q);
}

/* A star becomes its columns, unless it brings some that nobody knows, or two of one name. */
static bool keeps_star(const struct bound_scope *scope, const struct sql_node *star)
{
    const struct sql_node *qualifier = star->child[SQL_STAR_QUALIFIER];
    for (uint32_t i = 0; i < scope->scope.n_sources; i++) {
        const struct sql_source *source = scope->scope.sources[i];
        bool meant =
            !source->hidden &&
            (!qualifier ||
             (source->name.ptr &&
              sql_name_equal(source->name, qualifier->child[qualifier->n_child - 1]->text)));
        if (meant && (source->open || source->repeats))
            return true;
    }
    return false;
}

static struct sql_node *star_column(struct qualifier *q, const struct sql_node *star,
                                    const struct output_from *from)
{
    if (from->expression)
        return from->expression;
    return from->merged ? qualify_merged(q, star->span, from->merged, NULL)
                        : qualify_column(q, star->span, from->source, from->column);
}

static enum rg_status expand_star(struct qualifier *q, struct bound_scope *scope,
                                  struct sql_node *list, struct sql_node *star, uint32_t first,
                                  uint32_t end, const struct sql_node *renames)
{
    enum rg_status status = RG_OK;
    for (uint32_t output = first; output < end && !status; output++) {
        const struct output_from *from = &scope->from[output];
        struct sql_node *item = sql_node_new(q->b.arena, SQL_ITEM, star->span);
        if (!item || !(item->child[SQL_OPERAND] = star_column(q, star, from)))
            return qualify_no_memory(q);
        if (from->expression)
            status = qualify_expression(q, &item->child[SQL_OPERAND]);
        if (!status)
            status = add_item(q, scope, list, item, output, renames);
    }
    return status;
}

static enum rg_status qualify_items(struct qualifier *q, struct bound_scope *scope,
                                    struct sql_node *select, const struct sql_node *renames)
{
    struct sql_node *items = select->child[SQL_SELECT_ITEMS];
    struct sql_node *list = sql_node_new(q->b.arena, SQL_LIST, items->span);
    scope->item_of = ARENA_ARRAY(q->b.arena, scope->scope.n_outputs + 1, struct sql_node *);
    if (!list || !scope->item_of)
        return qualify_no_memory(q);
    enum rg_status status = RG_OK;
    q->clause = CLAUSE_ITEMS;
    for (uint32_t i = 0; i < items->n_child && !status; i++) {
        struct sql_node *item = items->child[i], *expression = item->child[SQL_OPERAND];
        uint32_t first = scope->first_output[i];
        uint32_t end = i + 1 < items->n_child ? scope->first_output[i + 1] : scope->scope.n_outputs;
        if (!sql_is(expression, SQL_STAR)) {
            status = qualify_expression(q, &item->child[SQL_OPERAND]);
            if (!status)
                status = add_item(q, scope, list, item, first, renames);
        } else if (!keeps_star(scope, expression)) {
            status = expand_star(q, scope, list, expression, first, end, renames);
        } else {
            status = qualify_expression(q, &expression->child[SQL_STAR_REPLACE]);
            if (!status && !sql_node_append(q->b.arena, list, item))
                status = qualify_no_memory(q);
        }
    }
    select->child[SQL_SELECT_ITEMS] = list;
    return status;
}

/* --- GROUP BY and ORDER BY ------------------------------------------------------------------ */

static struct sql_node *ordinal_of(struct qualifier *q, struct sql_span span, uint32_t output)
{
    struct sql_node *literal = sql_node_new(q->b.arena, SQL_LITERAL, span);
    char *text = arena_printf(q->b.arena, "%u", (unsigned)output + 1);
    if (!literal || !text)
        return NULL;
    literal->op = SQL_OP_NUMBER;
    literal->text = str_of(text);
    return literal;
}

/* The key that output stands for. A constant stays an ordinal, because a number there is one; so
 * does a subquery, which engines do not find equal to itself. */
static enum rg_status group_by_output(struct qualifier *q, const struct bound_scope *scope,
                                      struct sql_node **slot, uint32_t output)
{
    const struct sql_node *item = scope->item_of[output];
    const struct sql_node *expression = item ? item->child[SQL_OPERAND] : NULL;
    if (expression && q->b.open_columns && bind_has_aggregate(expression))
        return RG_OK;
    if (expression && !sql_is(expression, SQL_LITERAL) && !has_subquery(expression))
        return replace_alias(q, slot, item);
    *slot = ordinal_of(q, (*slot)->span, output);
    return *slot ? RG_OK : qualify_no_memory(q);
}

static enum rg_status qualify_key(struct qualifier *q, const struct bound_scope *scope,
                                  struct sql_node **slot)
{
    struct sql_node *node = *slot;
    uint32_t output;
    enum rg_status status = RG_OK;
    if (!node || node->kind == SQL_ALL_COLUMNS)
        return RG_OK;
    if (node->kind == SQL_GROUPING || node->kind == SQL_LIST || node->kind == SQL_ROW) {
        for (uint32_t i = 0; i < node->n_child && !status; i++)
            status = qualify_key(q, scope, &node->child[i]);
        sql_node_refresh(node);
        return status;
    }
    if (sql_is(node, SQL_COLUMN) && node->scope == &scope->scope)
        return group_by_output(q, scope, slot, node->column);
    status = bind_ordinal(&q->b, &scope->scope, node, "GROUP BY", &output);
    if (status || output == NAME_NONE)
        return status ? status : qualify_expression(q, slot);
    return group_by_output(q, scope, slot, output);
}

static bool name_repeats(const struct sql_scope *scope, uint32_t output)
{
    struct str name = scope->outputs[output].name;
    for (uint32_t i = 0; i < scope->n_outputs; i++)
        if (i != output && scope->outputs[i].name.ptr &&
            sql_name_equal(scope->outputs[i].name, name))
            return true;
    return false;
}

/* The name of an output in ORDER BY: of its item, or of the leftmost side of a set operation. */
static struct str output_name(const struct sql_scope *scope, uint32_t output)
{
    const struct sql_node *node = scope->node;
    while (sql_is(node, SQL_SET_OPERATION) || sql_is(node, SQL_QUERY)) {
        if (sql_flag(node, SQL_FLAG_BY_NAME))
            return scope->outputs[output].name;
        node = node->child[sql_is(node, SQL_QUERY) ? SQL_QUERY_BODY : SQL_LEFT];
    }
    if (!sql_is(node, SQL_SELECT))
        return scope->outputs[output].name;
    const struct bound_scope *bound = (const struct bound_scope *)node->scope;
    struct sql_node *item =
        bound->item_of && output < bound->scope.n_outputs ? bound->item_of[output] : NULL;
    return item ? item->text : (struct str){NULL, 0};
}

static enum rg_status qualify_order_item(struct qualifier *q, const struct sql_scope *scope,
                                         struct sql_node *item)
{
    struct sql_node **slot = &item->child[SQL_OPERAND];
    uint32_t output;
    RG_ASSERT(*slot);
    enum rg_status status = bind_ordinal(&q->b, scope, *slot, "ORDER BY", &output);
    if (status)
        return status;
    bool named = sql_is(*slot, SQL_COLUMN) && (*slot)->scope == scope;
    if (named)
        output = (*slot)->column;
    if (output == NAME_NONE)
        return qualify_expression(q, slot);
    struct str name = output_name(scope, output);
    if (!name.ptr || (!named && name_repeats(scope, output)))
        return RG_OK;
    struct sql_node *ident = qualify_ident(q, (*slot)->span, name);
    struct sql_node *column =
        ident ? sql_node_with(q->b.arena, SQL_COLUMN, ident->span, &ident, 1) : NULL;
    if (!column)
        return qualify_no_memory(q);
    *slot = column;
    return RG_OK;
}

static enum rg_status qualify_order_by(struct qualifier *q, const struct sql_scope *scope,
                                       struct sql_node *list)
{
    enum rg_status status = RG_OK;
    if (!sql_is(list, SQL_LIST))
        return RG_OK;
    q->clause = CLAUSE_ORDER_BY;
    for (uint32_t i = 0; i < list->n_child && !status; i++) {
        status = qualify_order_item(q, scope, list->child[i]);
        sql_node_refresh(list->child[i]);
    }
    sql_node_refresh(list);
    return status;
}

/* --- Queries -------------------------------------------------------------------------------- */

static enum rg_status qualify_clause(struct qualifier *q, struct sql_node *select, uint32_t slot,
                                     enum sql_clause clause)
{
    q->clause = clause;
    return qualify_expression(q, &select->child[slot]);
}

static enum rg_status qualify_select(struct qualifier *q, struct sql_node *select,
                                     const struct sql_node *renames)
{
    struct bound_scope *scope = (struct bound_scope *)select->scope;
    enum rg_status status = qualify_from(q, select->child[SQL_SELECT_FROM]);
    if (!status)
        status = qualify_items(q, scope, select, renames);
    if (!status)
        status = qualify_clause(q, select, SQL_SELECT_DISTINCT_ON, CLAUSE_ITEMS);
    if (!status)
        status = qualify_clause(q, select, SQL_SELECT_WHERE, CLAUSE_WHERE);
    q->clause = CLAUSE_GROUP_BY;
    if (!status)
        status = qualify_key(q, scope, &select->child[SQL_SELECT_GROUP_BY]);
    if (!status)
        status = qualify_clause(q, select, SQL_SELECT_HAVING, CLAUSE_HAVING);
    if (!status)
        status = qualify_clause(q, select, SQL_SELECT_WINDOWS, CLAUSE_ITEMS);
    if (!status)
        status = qualify_clause(q, select, SQL_SELECT_QUALIFY, CLAUSE_QUALIFY);
    sql_node_refresh(select);
    return status;
}

static enum rg_status qualify_body(struct qualifier *q, struct sql_node *body,
                                   const struct sql_node *renames)
{
    enum rg_status status = RG_OK;
    switch (body->kind) {
    case SQL_SELECT:
        return qualify_select(q, body, renames);
    case SQL_QUERY:
        return qualify_query(q, body, renames);
    case SQL_SET_OPERATION:
        status = qualify_body(q, body->child[SQL_LEFT], renames);
        if (!status)
            status = qualify_body(q, body->child[SQL_RIGHT], NULL);
        sql_node_refresh(body);
        return status;
    default: /* VALUES */
        q->clause = CLAUSE_NONE;
        for (uint32_t i = 0; i < body->n_child && !status; i++)
            status = qualify_expression(q, &body->child[i]);
        sql_node_refresh(body);
        return status;
    }
}

bool qualify_takes_names(const struct sql_node *query)
{
    const struct sql_node *node = query;
    while (!sql_is(node, SQL_SELECT)) {
        if (sql_is(node, SQL_VALUES) || sql_flag(node, SQL_FLAG_BY_NAME))
            return false;
        node = node->child[sql_is(node, SQL_QUERY) ? SQL_QUERY_BODY : SQL_LEFT];
    }
    const struct bound_scope *scope = (const struct bound_scope *)node->scope;
    for (uint32_t i = 0; i < scope->items->n_child; i++) {
        const struct sql_node *expression = scope->items->child[i]->child[SQL_OPERAND];
        if (sql_is(expression, SQL_STAR) && keeps_star(scope, expression))
            return false;
    }
    return true;
}

/* The names given to a CTE's columns go to where the columns are made; a recursive one keeps them,
 * since its own text may use them before. */
static enum rg_status qualify_cte(struct qualifier *q, const struct sql_node *with,
                                  struct sql_node *cte)
{
    const struct sql_node *names = cte->child[SQL_CTE_COLUMNS];
    struct sql_node *query = cte->child[SQL_CTE_QUERY];
    bool takes = names && qualify_takes_names(query);
    enum rg_status status = qualify_query(q, query, takes ? names : NULL);
    if (takes && !sql_flag(with, SQL_FLAG_RECURSIVE))
        cte->child[SQL_CTE_COLUMNS] = NULL;
    sql_node_refresh(cte);
    return status;
}

enum rg_status qualify_query(struct qualifier *q, struct sql_node *query,
                             const struct sql_node *renames)
{
    struct sql_node *with = query->child[SQL_QUERY_WITH], *body = query->child[SQL_QUERY_BODY];
    enum rg_status status = RG_OK;
    bool whole = q->whole;
    for (uint32_t i = 0; i < sql_list_count(with) && !status; i++)
        status = qualify_cte(q, with, with->child[i]);
    if (with)
        sql_node_refresh(with);
    if (!status)
        status = qualify_body(q, body, renames);
    if (!status) {
        q->whole = true;
        status = qualify_order_by(q, query->scope, query->child[SQL_QUERY_ORDER_BY]);
        q->whole = whole;
    }
    q->clause = CLAUSE_NONE;
    if (!status)
        status = qualify_expression(q, &query->child[SQL_QUERY_LIMIT]);
    if (!status)
        status = qualify_expression(q, &query->child[SQL_QUERY_OFFSET]);
    sql_node_refresh(query);
    if (!status && query->depth > LIMIT_SQL_DEPTH)
        return fail_growth(q, query);
    return status;
}

/* --- Names for what has none ---------------------------------------------------------------- */

/* Of a number or a text itself, else by its place: what is around names it so. */
static enum rg_status name_item(struct qualifier *q, struct sql_node *item, uint32_t place)
{
    const struct sql_node *expression = item->child[SQL_OPERAND];
    bool literal = sql_is(expression, SQL_LITERAL) && expression->text.len &&
                   (expression->op == SQL_OP_NUMBER || expression->op == SQL_OP_STRING);
    char *name = literal ? NULL : arena_printf(q->b.arena, "_col_%u", (unsigned)place);
    if (!literal && !name)
        return qualify_no_memory(q);
    item->text = literal ? expression->text : str_of(name);
    item->flags |= SQL_FLAG_ALIAS_MADE;
    quote_item(item);
    return RG_OK;
}

static enum rg_status name_items(struct qualifier *q, struct sql_node *node)
{
    enum rg_status status = RG_OK;
    const struct bound_scope *scope = (const struct bound_scope *)node->scope;
    for (uint32_t i = 0; sql_is(node, SQL_SELECT) && i < scope->items->n_child && !status; i++) {
        struct sql_node *item = scope->items->child[i];
        enum sql_kind kind = item->child[SQL_OPERAND]->kind;
        if (!item->text.ptr && kind != SQL_COLUMN && kind != SQL_MEMBER && kind != SQL_STAR)
            status = name_item(q, item, scope->first_output[i]);
    }
    for (uint32_t i = 0; i < node->n_child && !status; i++)
        if (node->child[i])
            status = name_items(q, node->child[i]);
    return status;
}

enum rg_status sql_qualify(struct sql_node *root, struct str text,
                           const struct sql_catalog *catalog, struct arena *arena,
                           struct rg_error *err)
{
    struct qualifier q = {
        .b = {.text = text,
              .catalog = catalog,
              .arena = arena,
              .err = err,
              .open_columns = catalog->open_columns},
        .nodes_left = LIMIT_SQL_ALIAS_NODES,
    };
    /* What its aliases mean is in the annotations: they must be those of this very tree. */
    enum rg_status status = sql_bind(root, text, catalog, arena, err);
    if (!status)
        status = name_items(&q, root);
    if (!status)
        status = sql_bind(root, text, catalog, arena, err);
    if (!status && sql_is(root, SQL_QUERY))
        status = qualify_query(&q, root, NULL);
    return status ? status : sql_bind(root, text, catalog, arena, err);
}
