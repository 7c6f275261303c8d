/* Queries in dialects that lack a construct: each becomes a plainer one around it. */
#include "sql/sql_say.h"

#include <strings.h>

#include "sql/sql_sayer.h"

#define KEEP "keep"

static struct sql_node *make_item(struct sayer *say, struct sql_node *expression, struct str alias)
{
    struct sql_node *item = say_node(
        say, SQL_ITEM, expression ? expression->span : (struct sql_span){0, 0}, &expression, 1);
    if (item)
        item->text = alias;
    return item;
}

static void append(struct sayer *say, struct sql_node *list, struct sql_node *child)
{
    if (say->status == RG_OK && !sql_node_append(say->arena, list, child))
        say->status = RG_ERR_MEMORY;
}

/* The name of an output: of qualified trees every item has one. */
static struct str item_name(struct sayer *say, const struct sql_node *item)
{
    if (item->text.ptr)
        return item->text;
    const struct sql_node *expression = item->child[SQL_OPERAND];
    if (sql_is(expression, SQL_COLUMN))
        return expression->child[expression->n_child - 1]->text;
    say_fail(say, item, "an output column without a name cannot be moved");
    return STR("");
}

/* (body) AS name */
static struct sql_node *make_derived(struct sayer *say, struct sql_node *body, struct str name)
{
    struct sql_node *query = say_node(say, SQL_QUERY, body->span, NULL, 0);
    struct sql_node *alias = say_node(say, SQL_ALIAS, body->span, NULL, 0);
    struct sql_node *derived = say_node(say, SQL_DERIVED, body->span, NULL, 0);
    if (say->status != RG_OK)
        return NULL;
    query->child[SQL_QUERY_BODY] = body;
    sql_node_refresh(query);
    alias->text = name;
    derived->child[SQL_DERIVED_ALIAS] = alias;
    derived->child[SQL_DERIVED_QUERY] = query;
    sql_node_refresh(derived);
    return derived;
}

/* --- QUALIFY and DISTINCT ON --------------------------------------------------------------- */

/* SELECT its outputs FROM (select) AS name: the select becomes the inner one, and the node the
 * outer one. What an ORDER BY behind it says of columns that are no outputs becomes hidden ones. */
static struct sql_node *wrap_select(struct sayer *say, struct sql_node *select,
                                    struct sql_node *order_by, struct str *out_name)
{
    struct str name = say_made_name(say, "said");
    struct sql_node *inner = say_node(say, SQL_SELECT, select->span, NULL, 0);
    struct sql_node *outer_items = say_node(say, SQL_LIST, select->span, NULL, 0);
    if (say->status != RG_OK)
        return NULL;
    memcpy(inner->child, select->child, sizeof(*inner->child) * inner->n_child);
    struct sql_node *items = inner->child[SQL_SELECT_ITEMS];
    uint32_t n = items->n_child;
    for (uint32_t i = 0; i < n && say->status == RG_OK; i++) {
        struct str output = item_name(say, items->child[i]);
        items->child[i]->text = output;
        struct sql_node *column = say_column(say, name, output, items->child[i]->span);
        if (column)
            column->type = items->child[i]->child[SQL_OPERAND]->type;
        append(say, outer_items, make_item(say, column, output));
    }
    for (uint32_t o = 0; o < sql_list_count(order_by) && say->status == RG_OK; o++) {
        struct sql_node **key = &order_by->child[o]->child[SQL_OPERAND];
        struct str output = STR("");
        for (uint32_t i = 0; i < n; i++) {
            bool by_name = sql_is(*key, SQL_COLUMN) && (*key)->n_child == 1 &&
                           str_eq((*key)->child[0]->text, items->child[i]->text);
            if (by_name || sql_equal(*key, items->child[i]->child[SQL_OPERAND]))
                output = items->child[i]->text;
        }
        const struct sql_type *type = (*key)->type;
        if (output.len == 0) {
            output = say_made_name(say, "key");
            append(say, items, make_item(say, *key, output));
        }
        *key = say_column(say, name, output, select->span);
        if (*key)
            (*key)->type = type;
        sql_node_refresh(order_by->child[o]);
    }
    if (say->status != RG_OK)
        return NULL;
    for (uint32_t i = 0; i < select->n_child; i++)
        select->child[i] = NULL;
    select->child[SQL_SELECT_ITEMS] = outer_items;
    select->child[SQL_SELECT_FROM] = make_derived(say, inner, name);
    *out_name = name;
    return inner;
}

static void say_qualify(struct sayer *say, struct sql_node *select, struct sql_node *order_by)
{
    struct sql_node *condition = select->child[SQL_SELECT_QUALIFY];
    bool has = say->dialect == SQL_CLICKHOUSE;
    if (!condition || has)
        return;
    select->child[SQL_SELECT_QUALIFY] = NULL;
    struct str name;
    struct sql_node *inner = wrap_select(say, select, order_by, &name);
    if (!inner)
        return;
    append(say, inner->child[SQL_SELECT_ITEMS], make_item(say, condition, STR(KEEP)));
    select->child[SQL_SELECT_WHERE] = say_column(say, name, STR(KEEP), condition->span);
}

static const struct sql_node *item_named(struct sayer *say, const struct sql_node *items,
                                         struct str name)
{
    for (uint32_t i = 0; i < items->n_child; i++) {
        struct str other = item_name(say, items->child[i]);
        if (other.len == name.len && strncasecmp(other.ptr, name.ptr, name.len) == 0)
            return items->child[i];
    }
    return NULL;
}

/* Keys that name an output become its expression. */
static void keys_by_expression(struct sayer *say, struct sql_node *order_by,
                               const struct sql_node *items)
{
    for (uint32_t i = 0; i < sql_list_count(order_by) && say->status == RG_OK; i++) {
        struct sql_node **key = &order_by->child[i]->child[SQL_OPERAND];
        if (!sql_is(*key, SQL_COLUMN) || (*key)->n_child != 1)
            continue;
        const struct sql_node *item = item_named(say, items, (*key)->child[0]->text);
        const struct sql_type *type = (*key)->type;
        if (item)
            *key = item->child[SQL_OPERAND];
        if (item && !(*key)->type)
            (*key)->type = type;
    }
}

/* The same order for another place: the expressions are shared. */
static struct sql_node *copy_order(struct sayer *say, const struct sql_node *order_by)
{
    struct sql_node *copy = say_node(say, SQL_LIST, order_by->span, NULL, 0);
    for (uint32_t i = 0; i < order_by->n_child && say->status == RG_OK; i++) {
        const struct sql_node *from = order_by->child[i];
        struct sql_node *item =
            say_node(say, SQL_ORDER_ITEM, from->span, from->child, from->n_child);
        if (item)
            item->flags = from->flags;
        append(say, copy, item);
    }
    return copy;
}

/* The first row of each group by row_number. */
static void say_distinct_on(struct sayer *say, struct sql_node *query, struct sql_node *select)
{
    struct sql_node *keys = select->child[SQL_SELECT_DISTINCT_ON];
    if (!keys || say->dialect == SQL_POSTGRES)
        return;
    select->child[SQL_SELECT_DISTINCT_ON] = NULL;
    struct sql_node *order_by = query->child[SQL_QUERY_ORDER_BY];
    if (!order_by) {
        say_fail(say, keys, "DISTINCT ON without ORDER BY leaves the row to chance");
        return;
    }
    keys_by_expression(say, order_by, select->child[SQL_SELECT_ITEMS]);
    struct sql_node *inner_order = copy_order(say, order_by);
    say_order(say, inner_order, false);
    select->flags &= ~(uint32_t)SQL_FLAG_DISTINCT;
    struct str name;
    struct sql_node *inner = wrap_select(say, select, order_by, &name);
    struct sql_node *window = say_node(say, SQL_WINDOW, keys->span, NULL, 0);
    struct sql_node *call = say_node(say, SQL_CALL, keys->span, NULL, 0);
    struct sql_node *none = say_node(say, SQL_LIST, keys->span, NULL, 0);
    if (say->status != RG_OK)
        return;
    window->child[SQL_WINDOW_PARTITION_BY] = keys;
    window->child[SQL_WINDOW_ORDER_BY] = inner_order;
    sql_node_refresh(window);
    call->text = STR("row_number");
    call->child[SQL_CALL_ARGS] = none;
    call->child[SQL_CALL_OVER] = window;
    sql_node_refresh(call);
    append(say, inner->child[SQL_SELECT_ITEMS], make_item(say, call, STR(KEEP)));
    struct sql_node *sides[2] = {say_column(say, name, STR(KEEP), keys->span),
                                 say_number(say, "1", keys->span)};
    struct sql_node *first = say_node(say, SQL_BINARY, keys->span, sides, 2);
    if (first)
        first->op = SQL_OP_EQ;
    select->child[SQL_SELECT_WHERE] = first;
}

/* --- SEMI and ANTI joins -------------------------------------------------------------------- */

static struct sql_node *make_exists(struct sayer *say, struct sql_node *join)
{
    struct sql_node *select = say_node(say, SQL_SELECT, join->span, NULL, 0);
    struct sql_node *items = say_node(say, SQL_LIST, join->span, NULL, 0);
    struct sql_node *query = say_node(say, SQL_QUERY, join->span, NULL, 0);
    struct sql_node *one = say_number(say, "1", join->span);
    if (say->status != RG_OK)
        return NULL;
    append(say, items, make_item(say, one, (struct str){NULL, 0}));
    select->child[SQL_SELECT_ITEMS] = items;
    select->child[SQL_SELECT_FROM] = join->child[SQL_RIGHT];
    select->child[SQL_SELECT_WHERE] = join->child[SQL_JOIN_ON];
    sql_node_refresh(select);
    query->child[SQL_QUERY_BODY] = select;
    sql_node_refresh(query);
    struct sql_node *exists = say_node(say, SQL_EXISTS, join->span, &query, 1);
    if (join->op == SQL_OP_ANTI && exists) {
        exists = say_node(say, SQL_UNARY, join->span, &exists, 1);
        if (exists)
            exists->op = SQL_OP_NOT;
    }
    return exists;
}

static void add_condition(struct sayer *say, struct sql_node *select, struct sql_node *condition)
{
    struct sql_node *where = select->child[SQL_SELECT_WHERE];
    if (!condition || say->status != RG_OK)
        return;
    if (!where) {
        select->child[SQL_SELECT_WHERE] = condition;
    } else if (where->kind == SQL_AND) {
        append(say, where, condition);
    } else {
        struct sql_node *both[2] = {where, condition};
        select->child[SQL_SELECT_WHERE] = say_node(say, SQL_AND, where->span, both, 2);
    }
}

static bool has_filtering_join(const struct sql_node *from)
{
    if (!sql_is(from, SQL_JOIN))
        return false;
    return from->op == SQL_OP_SEMI || from->op == SQL_OP_ANTI ||
           has_filtering_join(from->child[SQL_LEFT]) || has_filtering_join(from->child[SQL_RIGHT]);
}

/* What filters the rows of the left side may as well filter them behind joins that keep those rows
 * apart: only a left side of inner, cross, left, semi and anti joins is looked at. */
static void say_filtering_joins(struct sayer *say, struct sql_node *select, struct sql_node **at)
{
    struct sql_node *join = *at;
    if (!sql_is(join, SQL_JOIN) || say->status != RG_OK)
        return;
    if (has_filtering_join(join->child[SQL_RIGHT]) ||
        ((join->op == SQL_OP_RIGHT || join->op == SQL_OP_FULL) &&
         has_filtering_join(join->child[SQL_LEFT]))) {
        say_fail(say, join,
                 "a SEMI or ANTI join inside of another join's outer side cannot be "
                 "said in this dialect");
        return;
    }
    say_filtering_joins(say, select, &join->child[SQL_LEFT]);
    sql_node_refresh(join);
    if (join->op != SQL_OP_SEMI && join->op != SQL_OP_ANTI)
        return;
    add_condition(say, select, make_exists(say, join));
    *at = join->child[SQL_LEFT];
}

/* --- GROUP BY ALL, BY NAME ------------------------------------------------------------------ */

static bool holds_aggregate(const struct sql_node *node)
{
    if (!node || node->kind == SQL_SUBQUERY || node->kind == SQL_EXISTS)
        return false;
    bool is_call = node->kind == SQL_CALL && node->function;
    if (is_call && node->function->class == SQL_AGGREGATE && !node->child[SQL_CALL_OVER])
        return true;
    for (uint32_t i = 0; i < node->n_child; i++) {
        if (holds_aggregate(node->child[i]))
            return true;
    }
    return false;
}

static void say_group_by_all(struct sayer *say, struct sql_node *select)
{
    const struct sql_node *group_by = select->child[SQL_SELECT_GROUP_BY];
    if (!sql_is(group_by, SQL_ALL_COLUMNS))
        return;
    const struct sql_node *items = select->child[SQL_SELECT_ITEMS];
    struct sql_node *list = say_node(say, SQL_LIST, group_by->span, NULL, 0);
    for (uint32_t i = 0; i < items->n_child && say->status == RG_OK; i++) {
        struct sql_node *expression = items->child[i]->child[SQL_OPERAND];
        if (!holds_aggregate(expression))
            append(say, list, expression);
    }
    select->child[SQL_SELECT_GROUP_BY] = sql_list_count(list) ? list : NULL;
}

/* The items of the first SELECT of a body: they name its outputs. NULL: it has none. */
static struct sql_node *body_items(struct sql_node *body)
{
    while (body && body->kind != SQL_SELECT) {
        if (body->kind == SQL_SET_OPERATION)
            body = body->child[SQL_LEFT];
        else if (body->kind == SQL_QUERY)
            body = body->child[SQL_QUERY_BODY];
        else
            return NULL;
    }
    return body ? body->child[SQL_SELECT_ITEMS] : NULL;
}

/* SELECT these columns, NULL where it has none, FROM (body). */
static struct sql_node *align(struct sayer *say, struct sql_node *body,
                              const struct sql_node *items, const struct sql_node *wanted,
                              uint32_t n, const struct sql_node *more)
{
    struct str name = say_made_name(say, "side");
    struct sql_node *select = say_node(say, SQL_SELECT, body->span, NULL, 0);
    struct sql_node *list = say_node(say, SQL_LIST, body->span, NULL, 0);
    uint32_t n_more = more->n_child;
    for (uint32_t i = 0; i < n + n_more && say->status == RG_OK; i++) {
        const struct sql_node *source = i < n ? wanted->child[i] : more->child[i - n];
        struct str output = item_name(say, source);
        if (i >= n && item_named(say, wanted, output))
            continue;
        struct sql_node *value = NULL;
        if (item_named(say, items, output)) {
            value = say_column(say, name, output, body->span);
        } else {
            value = say_node(say, SQL_LITERAL, body->span, NULL, 0);
            if (value)
                value->op = SQL_OP_NULL;
        }
        append(say, list, make_item(say, value, output));
    }
    if (say->status != RG_OK)
        return body;
    select->child[SQL_SELECT_ITEMS] = list;
    select->child[SQL_SELECT_FROM] = make_derived(say, body, name);
    sql_node_refresh(select);
    return select;
}

static void say_by_name(struct sayer *say, struct sql_node *operation)
{
    if (!sql_flag(operation, SQL_FLAG_BY_NAME))
        return;
    struct sql_node *left = operation->child[SQL_LEFT], *right = operation->child[SQL_RIGHT];
    const struct sql_node *left_items = body_items(left), *right_items = body_items(right);
    if (!left_items || !right_items) {
        say_fail(say, operation, "BY NAME over VALUES cannot be said in this dialect");
        return;
    }
    operation->child[SQL_LEFT] =
        align(say, left, left_items, left_items, left_items->n_child, right_items);
    operation->child[SQL_RIGHT] =
        align(say, right, right_items, left_items, left_items->n_child, right_items);
    operation->flags &= ~(uint32_t)SQL_FLAG_BY_NAME;
}

/* --- Orders by output columns ---------------------------------------------------------------- */

static bool is_text(const struct sql_node *node)
{
    return node->type && node->type->kind == SQL_T_VARCHAR;
}

static bool is_constant(const struct sql_node *node)
{
    if (node->kind == SQL_UNARY || node->kind == SQL_CAST)
        return is_constant(node->child[SQL_OPERAND]);
    return node->kind == SQL_LITERAL;
}

/* A constant orders nothing, and is no place of a column: postgres takes neither. */
static void drop_constant_keys(struct sayer *say, struct sql_node **order_by)
{
    struct sql_node *kept = say_node(say, SQL_LIST, (*order_by)->span, NULL, 0);
    for (uint32_t i = 0; i < (*order_by)->n_child && say->status == RG_OK; i++) {
        if (!is_constant((*order_by)->child[i]->child[SQL_OPERAND]))
            append(say, kept, (*order_by)->child[i]);
    }
    if (say->status == RG_OK)
        *order_by = kept->n_child ? kept : NULL;
}

/* In postgres an output column has its name in ORDER BY only where it stands alone, without a
 * collation; in clickhouse a column of FROM comes before it. Its expression takes its place, or, in
 * postgres, where the order has to be by outputs, the body becomes a derived table. */
static void say_order_by_outputs(struct sayer *say, struct sql_node *query)
{
    bool postgres = say->dialect == SQL_POSTGRES, any_text = false;
    struct sql_node **order_by = &query->child[SQL_QUERY_ORDER_BY];
    struct sql_node **body = &query->child[SQL_QUERY_BODY];
    struct sql_node *items = body_items(*body);
    if (!items || !sql_is(*order_by, SQL_LIST))
        return;
    bool plain = (*body)->kind == SQL_SELECT && !sql_flag(*body, SQL_FLAG_DISTINCT) &&
                 !(*body)->child[SQL_SELECT_DISTINCT_ON];
    if (postgres)
        drop_constant_keys(say, order_by);
    for (uint32_t i = 0; i < sql_list_count(*order_by); i++)
        any_text = any_text || is_text((*order_by)->child[i]->child[SQL_OPERAND]);
    if (postgres && any_text && !plain) {
        struct sql_node *none = say_node(say, SQL_LIST, query->span, NULL, 0);
        if (none)
            *body = align(say, *body, items, items, items->n_child, none);
        plain = true;
    }
    if (plain && (any_text || !postgres))
        keys_by_expression(say, *order_by, body_items(*body));
    if (postgres && say->status == RG_OK && *order_by)
        drop_constant_keys(say, order_by);
}

/* clickhouse orders and limits the last branch of a UNION alone, unless all stand in brackets. */
static void say_order_of_all(struct sayer *say, struct sql_node *query)
{
    struct sql_node **body = &query->child[SQL_QUERY_BODY];
    struct sql_node *items = body_items(*body);
    bool ends = query->child[SQL_QUERY_ORDER_BY] || query->child[SQL_QUERY_LIMIT] ||
                query->child[SQL_QUERY_OFFSET];
    if (!ends || !items || !sql_is(*body, SQL_SET_OPERATION))
        return;
    struct sql_node *none = say_node(say, SQL_LIST, query->span, NULL, 0);
    if (none)
        *body = align(say, *body, items, items, items->n_child, none);
}

/* --- What an engine lacks -------------------------------------------------------------------- */

struct mention {
    struct str name;
    bool found;
};

static bool find_mention(void *context, struct sql_node *node)
{
    struct mention *mention = context;
    if (node->kind == SQL_TABLE && node->n_child == SQL_TABLE_NAME + 1 &&
        str_eq(node->child[SQL_TABLE_NAME]->text, mention->name))
        mention->found = true;
    return !mention->found;
}

/* clickhouse repeats the rows of a recursion. */
static void check_recursion(struct sayer *say, struct sql_node *with)
{
    for (uint32_t i = 0; with && i < with->n_child; i++) {
        struct sql_node *cte = with->child[i];
        struct sql_node *body = cte->child[SQL_CTE_QUERY]->child[SQL_QUERY_BODY];
        struct mention mention = {.name = cte->text};
        sql_walk(cte->child[SQL_CTE_QUERY], find_mention, NULL, &mention);
        if (mention.found && sql_is(body, SQL_SET_OPERATION) && !sql_flag(body, SQL_FLAG_ALL))
            say_fail(say, cte,
                     "WITH RECURSIVE by UNION, without ALL, cannot be said in "
                     "clickhouse");
    }
}

static bool is_equality(const struct sql_node *node)
{
    return node->kind == SQL_BINARY &&
           (node->op == SQL_OP_EQ || node->op == SQL_OP_NOT_DISTINCT_FROM);
}

/* postgres joins FULL by equalities alone. */
static void check_full_joins(struct sayer *say, const struct sql_node *from)
{
    if (!sql_is(from, SQL_JOIN))
        return;
    check_full_joins(say, from->child[SQL_LEFT]);
    check_full_joins(say, from->child[SQL_RIGHT]);
    const struct sql_node *on = from->child[SQL_JOIN_ON];
    if (from->op != SQL_OP_FULL || !on)
        return;
    bool fits = on->kind == SQL_AND || is_equality(on);
    for (uint32_t i = 0; on->kind == SQL_AND && i < on->n_child; i++)
        fits = fits && is_equality(on->child[i]);
    if (!fits)
        say_fail(say, from, "a FULL JOIN on more than equalities cannot be said in postgres");
}

/* The item of FROM that the first column in an expression belongs to. */
static bool find_source(void *context, struct sql_node *node)
{
    const struct sql_source **source = context;
    if (node->kind == SQL_COLUMN && !*source)
        *source = node->source;
    return !*source && node->kind != SQL_QUERY;
}

static bool is_join_key(struct sql_node *condition)
{
    const struct sql_source *left = NULL, *right = NULL;
    if (!is_equality(condition))
        return false;
    sql_walk(condition->child[SQL_LEFT], find_source, NULL, &left);
    sql_walk(condition->child[SQL_RIGHT], find_source, NULL, &right);
    return left && right && left != right;
}

/* Of a condition without columns clickhouse makes another join, but of TRUE. */
static bool is_fixed(struct sql_node *condition)
{
    const struct sql_source *source = NULL;
    bool is_true = condition->kind == SQL_LITERAL && condition->op == SQL_OP_TRUE;
    sql_walk(condition, find_source, NULL, &source);
    return !source && !is_true;
}

/* clickhouse joins by a key of both sides. Without one, an inner join is a product with a
 * condition, where no outer join around it (`free`) is in between. */
static void say_joins_by_key(struct sayer *say, struct sql_node *select, struct sql_node *from,
                             bool free)
{
    if (!sql_is(from, SQL_JOIN) || say->status != RG_OK)
        return;
    bool inner = from->op == SQL_OP_INNER || from->op == SQL_OP_CROSS || from->op == SQL_OP_COMMA;
    bool keeps_left =
        inner || from->op == SQL_OP_LEFT || from->op == SQL_OP_SEMI || from->op == SQL_OP_ANTI;
    say_joins_by_key(say, select, from->child[SQL_LEFT], free && keeps_left);
    say_joins_by_key(say, select, from->child[SQL_RIGHT], free && inner);
    struct sql_node *on = from->child[SQL_JOIN_ON];
    bool unnests = sql_is(from->child[SQL_RIGHT], SQL_TABLE_CALL);
    if (!on || unnests)
        return;
    bool has_key = is_join_key(on), fixed = is_fixed(on);
    for (uint32_t i = 0; on->kind == SQL_AND && i < on->n_child; i++) {
        has_key = has_key || is_join_key(on->child[i]);
        fixed = fixed || is_fixed(on->child[i]);
    }
    if (!has_key && inner && free) {
        add_condition(say, select, on);
        from->op = SQL_OP_CROSS;
        from->child[SQL_JOIN_ON] = NULL;
    } else if (fixed) {
        say_fail(say, from, "a join on a condition without columns cannot be said in clickhouse");
    }
}

static const char *whole_type(const struct sql_type *type)
{
    switch (type ? type->kind : SQL_T_UNKNOWN) {
    case SQL_T_TINYINT:
        return "TINYINT";
    case SQL_T_SMALLINT:
        return "SMALLINT";
    case SQL_T_INTEGER:
        return "INTEGER";
    case SQL_T_BIGINT:
        return "BIGINT";
    default:
        return NULL;
    }
}

/* clickhouse gives numbers the narrowest type, and sums the next wider one, with or without a
 * sign: what a query gives has the type that it has in duckdb. */
static void pin_types(struct sayer *say, struct sql_node *select)
{
    struct sql_node *items = select->child[SQL_SELECT_ITEMS];
    for (uint32_t i = 0; i < items->n_child && say->status == RG_OK; i++) {
        struct sql_node *value = items->child[i]->child[SQL_OPERAND];
        const char *name = whole_type(value->type);
        bool is_call = value->kind == SQL_CALL && value->type->kind == SQL_T_BIGINT;
        if (!name || is_call || value->kind == SQL_COLUMN || value->kind == SQL_CAST)
            continue;
        struct sql_node *type = say_node(say, SQL_TYPE, value->span, NULL, 0);
        struct sql_node *cast =
            say_node(say, SQL_CAST, value->span, (struct sql_node *[]){value, type}, 2);
        if (say->status != RG_OK)
            return;
        type->text = str_of(name);
        cast->type = value->type;
        items->child[i]->child[SQL_OPERAND] = cast;
        sql_node_refresh(items->child[i]);
    }
    sql_node_refresh(items);
}

/* postgres takes a constant in GROUP BY for a place or for nothing. */
static void drop_constants(struct sayer *say, struct sql_node *select)
{
    struct sql_node *group_by = select->child[SQL_SELECT_GROUP_BY];
    if (!sql_is(group_by, SQL_LIST))
        return;
    struct sql_node *kept = say_node(say, SQL_LIST, group_by->span, NULL, 0);
    for (uint32_t i = 0; i < group_by->n_child && say->status == RG_OK; i++) {
        if (group_by->child[i]->kind != SQL_LITERAL)
            append(say, kept, group_by->child[i]);
    }
    if (say->status == RG_OK && kept->n_child == 0)
        say_fail(say, group_by, "GROUP BY constants alone cannot be said in postgres");
    select->child[SQL_SELECT_GROUP_BY] = kept;
}

/* clickhouse finds a name twice where the branches of a set operation differ in theirs. */
static void align_names(struct sayer *say, struct sql_node *operation)
{
    struct sql_node *left = body_items(operation->child[SQL_LEFT]);
    struct sql_node *right = body_items(operation->child[SQL_RIGHT]);
    for (uint32_t i = 0; left && right && i < left->n_child && i < right->n_child; i++) {
        struct str name = item_name(say, left->child[i]);
        right->child[i]->text = name;
        right->child[i]->flags &= ~(uint32_t)SQL_FLAG_QUOTED;
        right->child[i]->flags |= left->child[i]->flags & SQL_FLAG_QUOTED;
    }
}

void say_exists(struct sayer *say, struct sql_node *exists)
{
    struct sql_node *select = exists->child[SQL_OPERAND]->child[SQL_QUERY_BODY];
    if (select->kind != SQL_SELECT || select->child[SQL_SELECT_GROUP_BY] ||
        select->child[SQL_SELECT_HAVING] || sql_flag(select, SQL_FLAG_DISTINCT) ||
        holds_aggregate(select->child[SQL_SELECT_ITEMS]) ||
        exists->child[SQL_OPERAND]->child[SQL_QUERY_ORDER_BY])
        return;
    struct sql_node *items = say_node(say, SQL_LIST, exists->span, NULL, 0);
    append(say, items, make_item(say, say_number(say, "1", exists->span), (struct str){NULL, 0}));
    if (say->status == RG_OK)
        select->child[SQL_SELECT_ITEMS] = items;
    sql_node_refresh(select);
}

/* --- The query ------------------------------------------------------------------------------ */

static void say_select(struct sayer *say, struct sql_node *select, struct sql_node *query)
{
    struct sql_node *order_by = query ? query->child[SQL_QUERY_ORDER_BY] : NULL;
    if (sql_is(order_by, SQL_ALL_COLUMNS)) {
        say_fail(say, order_by, "ORDER BY ALL cannot be said in this dialect");
        return;
    }
    say_group_by_all(say, select);
    if (say->dialect == SQL_POSTGRES) {
        drop_constants(say, select);
        check_full_joins(say, select->child[SQL_SELECT_FROM]);
        if (select->child[SQL_SELECT_FROM])
            say_filtering_joins(say, select, &select->child[SQL_SELECT_FROM]);
    }
    if (say->dialect == SQL_CLICKHOUSE)
        say_joins_by_key(say, select, select->child[SQL_SELECT_FROM], true);
    say_qualify(say, select, order_by);
    if (query && say->status == RG_OK)
        say_distinct_on(say, query, select);
    if (say->dialect == SQL_CLICKHOUSE && say->status == RG_OK)
        pin_types(say, select);
    sql_node_refresh(select);
}

static void say_body(struct sayer *say, struct sql_node *body, struct sql_node *query)
{
    if (!body || say->status != RG_OK)
        return;
    if (body->kind == SQL_SELECT) {
        say_select(say, body, query);
    } else if (body->kind == SQL_SET_OPERATION) {
        say_body(say, body->child[SQL_LEFT], NULL);
        say_body(say, body->child[SQL_RIGHT], NULL);
        say_by_name(say, body);
        if (say->dialect == SQL_CLICKHOUSE)
            align_names(say, body);
        sql_node_refresh(body);
    }
}

void say_query(struct sayer *say, struct sql_node *query)
{
    struct sql_node *body = query->child[SQL_QUERY_BODY];
    if (say->dialect == SQL_CLICKHOUSE)
        check_recursion(say, query->child[SQL_QUERY_WITH]);
    say_body(say, body, query);
    if (say->dialect == SQL_CLICKHOUSE && say->status == RG_OK)
        say_order_of_all(say, query);
    if (say->dialect == SQL_POSTGRES || say->dialect == SQL_CLICKHOUSE)
        say_order_by_outputs(say, query);
    body = query->child[SQL_QUERY_BODY];
    /* An order by text may say its collation only where it need not be an output. */
    bool free_order = sql_is(body, SQL_SELECT) && !sql_flag(body, SQL_FLAG_DISTINCT) &&
                      !body->child[SQL_SELECT_DISTINCT_ON];
    say_order(say, query->child[SQL_QUERY_ORDER_BY], free_order);
    if (sql_flag(query, SQL_FLAG_PERCENT))
        say_fail(say, query, "LIMIT in percent cannot be said in this dialect");
}
