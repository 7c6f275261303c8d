/* Queries: WITH, SELECT and its clauses, set operations, VALUES, ORDER BY, LIMIT, windows. */
#include "sql/sql_parser.h"

#include <stdio.h>

#include "base/error.h"
#include "base/limits.h"

bool sql_at_query(const struct sql_parser *p)
{
    const struct sql_token *next = sql_peek(p, 1);
    if (sql_at_word(p, SQL_WORD_SELECT) || sql_at_word(p, SQL_WORD_WITH))
        return true;
    if (sql_at_word(p, SQL_WORD_FROM)) /* outside the subset, said where the query is read */
        return next->kind == SQL_TOKEN_WORD || next->kind == SQL_TOKEN_NAME;
    return sql_at_word(p, SQL_WORD_VALUES) && sql_token_is_symbol(next, '(');
}

static bool at_set_operation(const struct sql_parser *p)
{
    return sql_at_word(p, SQL_WORD_UNION) || sql_at_word(p, SQL_WORD_INTERSECT) ||
           sql_at_word(p, SQL_WORD_EXCEPT);
}

bool sql_at_query_rest(const struct sql_parser *p)
{
    return at_set_operation(p) || sql_at_word(p, SQL_WORD_ORDER) ||
           sql_at_word(p, SQL_WORD_LIMIT) || sql_at_word(p, SQL_WORD_OFFSET) ||
           sql_at_word(p, SQL_WORD_FETCH);
}

/* --- SELECT --- */

/* A name behind an expression, with AS or without; as the text of the node. */
static void parse_alias_of(struct sql_parser *p, struct sql_node *node)
{
    bool as = sql_accept_word(p, SQL_WORD_AS);
    if (!as) {
        bool word = p->at->kind == SQL_TOKEN_WORD &&
                    !(sql_word_flags((enum sql_word)p->at->id) & SQL_RESERVED_END);
        if (!word && p->at->kind != SQL_TOKEN_NAME)
            return;
    }
    if (as && (sql_at_symbol(p, '?') || p->at->kind == SQL_TOKEN_PARAMETER))
        sql_outside(p, "a parameter as an alias");
    if (as && p->at->kind == SQL_TOKEN_STRING)
        sql_outside(p, "a string as an alias");
    if (as && sql_at_symbol(p, '('))
        sql_outside(p, "several aliases of one expression");
    bool quoted;
    struct str name = sql_take_name(p, "an alias", &quoted);
    if (!node)
        return;
    node->text = name;
    node->flags |= quoted ? SQL_FLAG_QUOTED : 0;
    node->span.end = sql_behind(p);
}

static struct sql_node *parse_item(struct sql_parser *p)
{
    uint32_t start = sql_start(p);
    const struct sql_token *next = sql_peek(p, 1);
    bool word = p->at->kind == SQL_TOKEN_WORD &&
                !(sql_word_flags((enum sql_word)p->at->id) & SQL_RESERVED_QUOTE);
    if ((word || p->at->kind == SQL_TOKEN_NAME) && sql_token_is_symbol(next, ':')) {
        p->at = next;
        sql_outside(p, "an alias before its expression");
    }
    struct sql_node *item = sql_make_1(p, SQL_ITEM, start, sql_parse_expression(p));
    parse_alias_of(p, item);
    return item;
}

static void fail_columns(struct sql_parser *p)
{
    char message[80];
    snprintf(message, sizeof message, "a SELECT list may have %d columns", LIMIT_SQL_COLUMNS);
    sql_parser_fail(p, RG_ERR_LIMIT, (struct sql_span){p->at->start, p->at->end}, message);
}

static struct sql_node *parse_items(struct sql_parser *p)
{
    uint32_t start = sql_start(p);
    size_t mark = sql_list_begin(p);
    do {
        if (p->n_stack > mark && (sql_at_word(p, SQL_WORD_FROM) || p->at->kind == SQL_TOKEN_END))
            break; /* a comma behind the last item */
        if (p->n_stack - mark == LIMIT_SQL_COLUMNS)
            fail_columns(p);
        sql_push(p, parse_item(p));
    } while (sql_accept_symbol(p, ','));
    return sql_list_end(p, mark, SQL_LIST, start);
}

/* GROUPING SETS (…), ROLLUP (…), CUBE (…). */
static struct sql_node *parse_grouping(struct sql_parser *p);

/* An element of GROUPING SETS and its like: (a, b), (), a, CUBE (…). */
static struct sql_node *parse_group_element(struct sql_parser *p)
{
    uint32_t start = sql_start(p);
    if (sql_at_symbol(p, '(') && sql_token_is_symbol(sql_peek(p, 1), ')')) {
        sql_skip(p);
        sql_skip(p);
        return sql_make(p, SQL_LIST, start);
    }
    struct sql_node *grouping = parse_grouping(p);
    if (grouping || p->status)
        return grouping;
    bool bracket = sql_at_symbol(p, '(');
    struct sql_node *element = sql_parse_expression(p);
    if (bracket && sql_is(element, SQL_ROW) && element->span.start == start)
        element = sql_make_with(p, SQL_LIST, start, element->child, element->n_child);
    return element;
}

static struct sql_node *parse_grouping(struct sql_parser *p)
{
    const struct sql_token *next = sql_peek(p, 1);
    bool open = sql_token_is_symbol(next, '(');
    enum sql_op op = SQL_OP_NONE;
    if (sql_at_word(p, SQL_WORD_GROUPING) && sql_token_is_word(next, SQL_WORD_SETS))
        op = SQL_OP_GROUPING_SETS;
    else if (open && sql_at_word(p, SQL_WORD_ROLLUP))
        op = SQL_OP_ROLLUP;
    else if (open && sql_at_word(p, SQL_WORD_CUBE))
        op = SQL_OP_CUBE;
    if (op == SQL_OP_NONE || !sql_enter(p))
        return NULL;
    uint32_t start = sql_start(p);
    sql_skip(p);
    if (op == SQL_OP_GROUPING_SETS)
        sql_skip(p);
    size_t mark = sql_list_begin(p);
    sql_expect_symbol(p, '(');
    do
        sql_push(p, parse_group_element(p));
    while (sql_accept_symbol(p, ','));
    sql_expect_symbol(p, ')');
    sql_leave(p);
    struct sql_node *grouping = sql_list_end(p, mark, SQL_GROUPING, start);
    if (grouping)
        grouping->op = (uint8_t)op;
    return grouping;
}

static struct sql_node *parse_all(struct sql_parser *p)
{
    uint32_t start = sql_start(p);
    sql_skip(p);
    return sql_make(p, SQL_ALL_COLUMNS, start);
}

static struct sql_node *parse_group_by(struct sql_parser *p)
{
    sql_expect_word(p, SQL_WORD_BY);
    uint32_t start = sql_start(p);
    if (sql_at_word(p, SQL_WORD_ALL)) {
        struct sql_node *all = parse_all(p);
        if (sql_at_name(p) && !(sql_word_flags((enum sql_word)p->at->id) & SQL_RESERVED_END))
            sql_outside(p, "GROUP BY ALL with an expression");
        return all;
    }
    size_t mark = sql_list_begin(p);
    do {
        struct sql_node *grouping = parse_grouping(p);
        bool empty = sql_at_symbol(p, '(') && sql_token_is_symbol(sql_peek(p, 1), ')');
        if (!grouping)
            grouping = empty ? parse_group_element(p) : sql_parse_expression(p);
        sql_push(p, grouping);
    } while (sql_accept_symbol(p, ','));
    return sql_list_end(p, mark, SQL_LIST, start);
}

static struct sql_node *parse_window_definitions(struct sql_parser *p)
{
    uint32_t start = sql_start(p);
    size_t mark = sql_list_begin(p);
    do {
        struct sql_node *definition = sql_parse_named(p, SQL_WINDOW_DEF, "a window's name");
        sql_expect_word(p, SQL_WORD_AS);
        struct sql_node *window = sql_parse_window(p);
        if (definition && window) {
            definition->child[SQL_OPERAND] = window;
            definition->span.end = sql_behind(p);
            sql_node_refresh(definition);
        }
        sql_push(p, definition);
    } while (sql_accept_symbol(p, ','));
    return sql_list_end(p, mark, SQL_LIST, start);
}

static struct sql_node *parse_distinct_on(struct sql_parser *p)
{
    uint32_t start = sql_start(p);
    size_t mark = sql_list_begin(p);
    sql_expect_symbol(p, '(');
    do
        sql_push(p, sql_parse_expression(p));
    while (sql_accept_symbol(p, ','));
    sql_expect_symbol(p, ')');
    return sql_list_end(p, mark, SQL_LIST, start);
}

static struct sql_node *parse_select(struct sql_parser *p)
{
    uint32_t start = sql_start(p), flags = 0;
    struct sql_node *children[8] = {NULL};
    sql_expect_word(p, SQL_WORD_SELECT);
    if (sql_accept_word(p, SQL_WORD_DISTINCT)) {
        flags = SQL_FLAG_DISTINCT;
        if (sql_accept_word(p, SQL_WORD_ON))
            children[SQL_SELECT_DISTINCT_ON] = parse_distinct_on(p);
    } else {
        (void)sql_accept_word(p, SQL_WORD_ALL);
    }
    children[SQL_SELECT_ITEMS] = parse_items(p);
    if (sql_at_word(p, SQL_WORD_INTO))
        sql_outside(p, "SELECT INTO");
    if (sql_accept_word(p, SQL_WORD_FROM))
        children[SQL_SELECT_FROM] = sql_parse_from(p);
    if (sql_accept_word(p, SQL_WORD_WHERE))
        children[SQL_SELECT_WHERE] = sql_parse_expression(p);
    if (sql_accept_word(p, SQL_WORD_GROUP))
        children[SQL_SELECT_GROUP_BY] = parse_group_by(p);
    if (sql_accept_word(p, SQL_WORD_HAVING))
        children[SQL_SELECT_HAVING] = sql_parse_expression(p);
    if (sql_accept_word(p, SQL_WORD_WINDOW))
        children[SQL_SELECT_WINDOWS] = parse_window_definitions(p);
    if (sql_accept_word(p, SQL_WORD_QUALIFY))
        children[SQL_SELECT_QUALIFY] = sql_parse_expression(p);
    struct sql_node *select = sql_make_with(p, SQL_SELECT, start, children, 8);
    if (select)
        select->flags = flags;
    return select;
}

static struct sql_node *parse_values(struct sql_parser *p)
{
    uint32_t start = sql_start(p);
    size_t mark = sql_list_begin(p);
    sql_skip(p);
    do {
        uint32_t row = sql_start(p);
        size_t in_row = sql_list_begin(p);
        sql_expect_symbol(p, '(');
        do
            sql_push(p, sql_parse_expression(p));
        while (sql_accept_symbol(p, ','));
        sql_expect_symbol(p, ')');
        sql_push(p, sql_list_end(p, in_row, SQL_ROW, row));
    } while (sql_accept_symbol(p, ','));
    return sql_list_end(p, mark, SQL_VALUES, start);
}

/* --- Set operations --- */

static struct sql_node *parse_set_operand(struct sql_parser *p)
{
    if (sql_at_word(p, SQL_WORD_VALUES))
        return parse_values(p);
    if (!sql_at_symbol(p, '(')) {
        if (sql_at_word(p, SQL_WORD_FROM))
            sql_outside(p, "FROM before SELECT");
        return parse_select(p);
    }
    struct sql_node *inside = sql_parse_parenthesis(p, SQL_ROW);
    if (inside && inside->kind != SQL_QUERY)
        sql_unexpected(p, "a query in the parentheses");
    return inside;
}

static bool at_operator(const struct sql_parser *p, unsigned precedence)
{
    return precedence == 0 ? at_set_operation(p) : sql_at_word(p, SQL_WORD_INTERSECT);
}

/* From the left; INTERSECT (1) binds tighter than UNION and EXCEPT (0). */
static struct sql_node *parse_set_operations(struct sql_parser *p, struct sql_node *left,
                                             unsigned precedence)
{
    while (!p->status && at_operator(p, precedence)) {
        uint32_t start = left ? left->span.start : 0, flags = 0;
        enum sql_op op = sql_at_word(p, SQL_WORD_UNION)       ? SQL_OP_UNION
                         : sql_at_word(p, SQL_WORD_INTERSECT) ? SQL_OP_INTERSECT
                                                              : SQL_OP_EXCEPT;
        sql_skip(p);
        if (sql_accept_word(p, SQL_WORD_ALL))
            flags |= SQL_FLAG_ALL;
        else
            (void)sql_accept_word(p, SQL_WORD_DISTINCT);
        if (sql_at_word(p, SQL_WORD_BY)) {
            sql_skip(p);
            sql_expect_word(p, SQL_WORD_NAME);
            flags |= SQL_FLAG_BY_NAME;
        }
        struct sql_node *right = parse_set_operand(p);
        if (op != SQL_OP_INTERSECT)
            right = parse_set_operations(p, right, 1);
        left = sql_make_2(p, SQL_SET_OPERATION, start, left, right);
        if (left) {
            left->op = (uint8_t)op;
            left->flags = flags;
        }
    }
    return left;
}

/* --- The query around it --- */

static struct sql_node *parse_cte(struct sql_parser *p)
{
    uint32_t start = sql_start(p);
    struct sql_node *columns = NULL;
    bool quoted;
    struct str name = sql_take_name(p, "a name", &quoted);
    uint32_t flags = quoted ? SQL_FLAG_QUOTED : 0;
    if (sql_at_symbol(p, '('))
        columns = sql_parse_name_list(p, "a column");
    if (sql_at_word(p, SQL_WORD_USING))
        sql_outside(p, "USING KEY");
    sql_expect_word(p, SQL_WORD_AS);
    if (sql_accept_word(p, SQL_WORD_NOT)) {
        sql_expect_word(p, SQL_WORD_MATERIALIZED);
        flags |= SQL_FLAG_NOT_MATERIALIZED;
    } else if (sql_accept_word(p, SQL_WORD_MATERIALIZED)) {
        flags |= SQL_FLAG_MATERIALIZED;
    }
    struct sql_node *query = sql_at_symbol(p, '(') ? sql_parse_parenthesis(p, SQL_ROW) : NULL;
    if (!sql_is(query, SQL_QUERY))
        sql_unexpected(p, "a query in parentheses");
    struct sql_node *cte = sql_make_2(p, SQL_CTE, start, columns, query);
    if (cte) {
        cte->text = name;
        cte->flags = flags;
    }
    return cte;
}

static struct sql_node *parse_with(struct sql_parser *p)
{
    uint32_t start = sql_start(p);
    sql_skip(p);
    bool recursive = sql_at_word(p, SQL_WORD_RECURSIVE) &&
                     !sql_token_is_word(sql_peek(p, 1), SQL_WORD_AS) &&
                     sql_accept_word(p, SQL_WORD_RECURSIVE);
    size_t mark = sql_list_begin(p);
    do
        sql_push(p, parse_cte(p));
    while (sql_accept_symbol(p, ','));
    struct sql_node *with = sql_list_end(p, mark, SQL_WITH, start);
    if (with && recursive)
        with->flags = SQL_FLAG_RECURSIVE;
    return with;
}

static struct sql_node *parse_order_item(struct sql_parser *p)
{
    uint32_t start = sql_start(p), flags = 0;
    struct sql_node *key = sql_at_word(p, SQL_WORD_ALL) ? parse_all(p) : sql_parse_expression(p);
    if (sql_accept_word(p, SQL_WORD_DESC))
        flags = SQL_FLAG_DESC;
    else
        (void)sql_accept_word(p, SQL_WORD_ASC);
    if (sql_at_word(p, SQL_WORD_USING))
        sql_outside(p, "ORDER BY … USING");
    if (sql_accept_word(p, SQL_WORD_NULLS)) {
        if (sql_accept_word(p, SQL_WORD_FIRST))
            flags |= SQL_FLAG_NULLS_FIRST;
        else if (sql_accept_word(p, SQL_WORD_LAST))
            flags |= SQL_FLAG_NULLS_LAST;
        else
            sql_unexpected(p, "FIRST or LAST");
    }
    struct sql_node *item = sql_make_1(p, SQL_ORDER_ITEM, start, key);
    if (item)
        item->flags = flags;
    return item;
}

struct sql_node *sql_parse_order_by(struct sql_parser *p)
{
    sql_expect_word(p, SQL_WORD_ORDER);
    sql_expect_word(p, SQL_WORD_BY);
    uint32_t start = sql_start(p);
    size_t mark = sql_list_begin(p);
    do
        sql_push(p, parse_order_item(p));
    while (sql_accept_symbol(p, ','));
    return sql_list_end(p, mark, SQL_LIST, start);
}

static bool accept_rows(struct sql_parser *p)
{
    if (sql_accept_word(p, SQL_WORD_ROWS))
        return true;
    return sql_accept_word(p, SQL_WORD_ROW);
}

/* LIMIT n, behind the word. */
static struct sql_node *parse_limit(struct sql_parser *p, uint32_t *flags)
{
    if (sql_accept_word(p, SQL_WORD_ALL))
        return NULL;
    const struct sql_token *next = sql_peek(p, 2);
    bool sign = p->at->kind == SQL_TOKEN_NUMBER && sql_token_is_symbol(sql_peek(p, 1), '%') &&
                (next->kind == SQL_TOKEN_END || sql_token_is_symbol(next, ')') ||
                 sql_token_is_symbol(next, ';') || sql_token_is_word(next, SQL_WORD_OFFSET));
    struct sql_node *limit =
        sign ? sql_parse_primary(p) : sql_parse_operand(p, SQL_PRECEDENCE_OTHER);
    if (sign ? sql_accept_symbol(p, '%') : sql_accept_word(p, SQL_WORD_PERCENT))
        *flags |= SQL_FLAG_PERCENT;
    if (sql_at_symbol(p, ','))
        sql_outside(p, "LIMIT of two numbers");
    return limit;
}

/* FETCH NEXT n ROWS ONLY, behind the word. */
static struct sql_node *parse_fetch(struct sql_parser *p)
{
    uint32_t start = sql_start(p);
    sql_skip(p); /* FIRST or NEXT */
    struct sql_node *limit = NULL;
    if (sql_at_word(p, SQL_WORD_ROW) || sql_at_word(p, SQL_WORD_ROWS)) {
        limit = sql_make(p, SQL_LITERAL, start);
        if (limit) {
            limit->op = SQL_OP_NUMBER;
            limit->text = STR("1");
        }
    } else {
        limit = sql_parse_operand(p, SQL_PRECEDENCE_OTHER);
    }
    (void)accept_rows(p);
    if (sql_at_word(p, SQL_WORD_WITH) || sql_at_word(p, SQL_WORD_PERCENT))
        sql_outside(p, "FETCH … PERCENT or WITH TIES");
    sql_skip(p); /* ONLY */
    return limit;
}

static void parse_limits(struct sql_parser *p, struct sql_node **children, uint32_t *flags)
{
    for (int i = 0; i < 2; i++) {
        if (sql_accept_word(p, SQL_WORD_LIMIT)) {
            children[SQL_QUERY_LIMIT] = parse_limit(p, flags);
        } else if (sql_accept_word(p, SQL_WORD_OFFSET)) {
            children[SQL_QUERY_OFFSET] = sql_parse_operand(p, SQL_PRECEDENCE_OTHER);
            (void)accept_rows(p);
        } else if (sql_accept_word(p, SQL_WORD_FETCH)) {
            children[SQL_QUERY_LIMIT] = parse_fetch(p);
        }
    }
}

static struct sql_node *parse_rest(struct sql_parser *p, uint32_t start, struct sql_node *with,
                                   struct sql_node *first)
{
    struct sql_node *children[5] = {with, parse_set_operations(p, first, 0), NULL, NULL, NULL};
    uint32_t flags = 0;
    if (sql_at_word(p, SQL_WORD_ORDER))
        children[SQL_QUERY_ORDER_BY] = sql_parse_order_by(p);
    parse_limits(p, children, &flags);
    bool alone = !with && !children[SQL_QUERY_ORDER_BY] && !children[SQL_QUERY_LIMIT] &&
                 !children[SQL_QUERY_OFFSET];
    if (alone && sql_is(children[SQL_QUERY_BODY], SQL_QUERY))
        return children[SQL_QUERY_BODY]; /* parentheses around a whole query */
    struct sql_node *query = sql_make_with(p, SQL_QUERY, start, children, 5);
    if (query)
        query->flags = flags;
    return query;
}

struct sql_node *sql_parse_query_rest(struct sql_parser *p, struct sql_node *first)
{
    return parse_rest(p, first ? first->span.start : 0, NULL, first);
}

struct sql_node *sql_parse_query(struct sql_parser *p)
{
    if (!sql_enter(p))
        return NULL;
    uint32_t start = sql_start(p);
    bool outer = p->in_arguments;
    p->in_arguments = false;
    struct sql_node *with = sql_at_word(p, SQL_WORD_WITH) ? parse_with(p) : NULL;
    struct sql_node *query = parse_rest(p, start, with, parse_set_operand(p));
    p->in_arguments = outer;
    sql_leave(p);
    return query;
}

/* --- Windows --- */

static struct sql_node *parse_bound(struct sql_parser *p)
{
    uint32_t start = sql_start(p);
    const struct sql_token *next = sql_peek(p, 1);
    struct sql_node *offset = NULL;
    bool unbounded =
        sql_at_word(p, SQL_WORD_UNBOUNDED) && (sql_token_is_word(next, SQL_WORD_PRECEDING) ||
                                               sql_token_is_word(next, SQL_WORD_FOLLOWING));
    enum sql_op op = SQL_OP_CURRENT_ROW;
    if (sql_at_word(p, SQL_WORD_CURRENT) && sql_token_is_word(next, SQL_WORD_ROW)) {
        sql_skip(p);
        sql_skip(p);
    } else {
        if (sql_at_word(p, SQL_WORD_PRECEDING) || sql_at_word(p, SQL_WORD_FOLLOWING))
            sql_outside(p, "a bound of a frame without its offset");
        if (unbounded)
            sql_skip(p);
        else
            offset = sql_parse_operand(p, SQL_PRECEDENCE_OTHER);
        if (sql_accept_word(p, SQL_WORD_PRECEDING))
            op = unbounded ? SQL_OP_UNBOUNDED_PRECEDING : SQL_OP_PRECEDING;
        else if (sql_accept_word(p, SQL_WORD_FOLLOWING))
            op = unbounded ? SQL_OP_UNBOUNDED_FOLLOWING : SQL_OP_FOLLOWING;
        else
            sql_unexpected(p, "PRECEDING or FOLLOWING");
    }
    struct sql_node *bound = sql_make_1(p, SQL_BOUND, start, offset);
    if (bound)
        bound->op = (uint8_t)op;
    return bound;
}

static enum sql_op parse_exclusion(struct sql_parser *p)
{
    if (!sql_accept_word(p, SQL_WORD_EXCLUDE))
        return SQL_OP_NONE;
    if (sql_accept_word(p, SQL_WORD_CURRENT)) {
        sql_expect_word(p, SQL_WORD_ROW);
        return SQL_OP_EXCLUDE_CURRENT_ROW;
    }
    if (sql_accept_word(p, SQL_WORD_GROUP))
        return SQL_OP_EXCLUDE_GROUP;
    if (sql_accept_word(p, SQL_WORD_TIES))
        return SQL_OP_EXCLUDE_TIES;
    sql_skip(p); /* NO */
    sql_skip(p); /* OTHERS */
    return SQL_OP_EXCLUDE_NO_OTHERS;
}

static enum sql_op frame_op(const struct sql_parser *p)
{
    return sql_at_word(p, SQL_WORD_ROWS)     ? SQL_OP_ROWS
           : sql_at_word(p, SQL_WORD_RANGE)  ? SQL_OP_RANGE
           : sql_at_word(p, SQL_WORD_GROUPS) ? SQL_OP_GROUPS
                                             : SQL_OP_NONE;
}

static struct sql_node *parse_frame(struct sql_parser *p)
{
    uint32_t start = sql_start(p);
    enum sql_op op = frame_op(p);
    if (op == SQL_OP_NONE)
        return NULL;
    struct sql_node *end = NULL, *first;
    sql_skip(p);
    if (sql_accept_word(p, SQL_WORD_BETWEEN)) {
        first = parse_bound(p);
        sql_expect_word(p, SQL_WORD_AND);
        end = parse_bound(p);
    } else {
        first = parse_bound(p);
    }
    enum sql_op exclusion = parse_exclusion(p);
    struct sql_node *frame = sql_make_2(p, SQL_FRAME, start, first, end);
    if (frame) {
        frame->op = (uint8_t)op;
        frame->op2 = (uint8_t)exclusion;
    }
    return frame;
}

struct sql_node *sql_parse_window(struct sql_parser *p)
{
    if (!sql_enter(p))
        return NULL;
    uint32_t start = sql_start(p);
    struct sql_node *children[3] = {NULL, NULL, NULL};
    struct str base = {NULL, 0};
    bool quoted = false, outer = p->in_arguments;
    p->in_arguments = false;
    sql_expect_symbol(p, '(');
    const struct sql_token *next = sql_peek(p, 1);
    bool clause = sql_token_is_word(next, SQL_WORD_BY) ||
                  (frame_op(p) != SQL_OP_NONE && !sql_token_is_symbol(next, ')'));
    if (sql_at_name(p) && !clause)
        base = sql_take_name(p, "a window", &quoted);
    if (sql_accept_word(p, SQL_WORD_PARTITION)) {
        sql_expect_word(p, SQL_WORD_BY);
        children[SQL_WINDOW_PARTITION_BY] = sql_parse_expressions(p);
    }
    if (sql_at_word(p, SQL_WORD_ORDER))
        children[SQL_WINDOW_ORDER_BY] = sql_parse_order_by(p);
    children[SQL_WINDOW_FRAME] = parse_frame(p);
    sql_expect_symbol(p, ')');
    p->in_arguments = outer;
    sql_leave(p);
    struct sql_node *window = sql_make_with(p, SQL_WINDOW, start, children, 3);
    if (window) {
        window->text = base;
        window->flags = quoted ? SQL_FLAG_QUOTED : 0;
    }
    return window;
}
