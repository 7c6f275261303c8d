/* Random trees of the whole subset: of every kind, with every operator and flag that the parser
 * makes, in the shapes that it makes. Names mean nothing: such a tree prints and parses, it does
 * not bind. */
#ifndef TESTS_RANDOM_TREE_H
#define TESTS_RANDOM_TREE_H

#include "sql/sql_tree.h"

struct random_tree {
    uint64_t state; /* of the generator: any number but 0 */
    struct arena *arena;
};

static inline uint32_t random_below(struct random_tree *r, uint32_t n)
{
    r->state ^= r->state >> 12;
    r->state ^= r->state << 25;
    r->state ^= r->state >> 27;
    return (uint32_t)((r->state * 0x2545F4914F6CDD1Du) >> 33) % n;
}

static inline bool random_one_in(struct random_tree *r, uint32_t n)
{
    return random_below(r, n) == 0;
}

#define RANDOM_OF(r, array) ((array)[random_below((r), sizeof(array) / sizeof *(array))])

static inline struct sql_node *random_node(struct random_tree *r, enum sql_kind kind,
                                           enum sql_op op, const char *text)
{
    struct sql_node *node = sql_node_new(r->arena, kind, (struct sql_span){0, 0});
    node->op = (uint8_t)op;
    node->text = str_of(text);
    return node;
}

static inline struct sql_node *random_set(struct sql_node *node, uint32_t slot,
                                          struct sql_node *child)
{
    node->child[slot] = child;
    sql_node_refresh(node);
    return node;
}

static inline struct sql_node *random_add(struct random_tree *r, struct sql_node *node,
                                          struct sql_node *child)
{
    (void)sql_node_append(r->arena, node, child);
    return node;
}

static inline void random_flag(struct random_tree *r, struct sql_node *node, uint32_t flag)
{
    if (random_one_in(r, 3))
        node->flags |= flag;
}

static inline struct sql_node *random_expression(struct random_tree *r, unsigned depth);
static inline struct sql_node *random_query(struct random_tree *r, unsigned depth);

/* --- Names and literals --- */

/* A name as text of a node of that kind: plain ones, words of SQL, ones that need quotes. */
static inline struct sql_node *random_name(struct random_tree *r, enum sql_kind kind)
{
    static const char *const plain[] = {"a",     "b",    "c",      "x_1",  "Camel", "name", "kind",
                                        "index", "rows", "filter", "date", "value", "row",  "at"};
    static const char *const words[] = {"select", "end",     "left",      "Table",  "interval",
                                        "array",  "current", "unbounded", "nulls",  "recursive",
                                        "cube",   "exists",  "lambda",    "values", "map"};
    static const char *const odd[] = {"two words", "Upper",      "quote\"d",
                                      "1st",       "semi;colon", "größe"};
    if (random_one_in(r, 6)) {
        struct sql_node *node = random_node(r, kind, SQL_OP_NONE, RANDOM_OF(r, odd));
        node->flags |= SQL_FLAG_QUOTED;
        return node;
    }
    return random_node(r, kind, SQL_OP_NONE,
                       random_one_in(r, 4) ? RANDOM_OF(r, words) : RANDOM_OF(r, plain));
}

static inline struct sql_node *random_names(struct random_tree *r)
{
    struct sql_node *list = random_node(r, SQL_LIST, SQL_OP_NONE, NULL);
    for (uint32_t n = 1 + random_below(r, 3); n; n--)
        random_add(r, list, random_name(r, SQL_IDENT));
    return list;
}

static inline struct sql_node *random_column(struct random_tree *r)
{
    struct sql_node *column = random_node(r, SQL_COLUMN, SQL_OP_NONE, NULL);
    for (uint32_t n = 1 + random_below(r, 3); n; n--)
        random_add(r, column, random_name(r, SQL_IDENT));
    return column;
}

static inline struct sql_node *random_literal(struct random_tree *r)
{
    static const char *const numbers[] = {"0", "1", "42", "1.5", ".5", "1e10", "2.5E-3", "1_000"};
    static const char *const strings[] = {
        "", "text", "it's", "two\nlines", "back\\slash", "$.a", "-- no comment", "größe"};
    switch (random_below(r, 7)) {
    case 0:
        return random_node(r, SQL_LITERAL, SQL_OP_NULL, NULL);
    case 1:
        return random_node(r, SQL_LITERAL, SQL_OP_TRUE, NULL);
    case 2:
        return random_node(r, SQL_LITERAL, SQL_OP_FALSE, NULL);
    case 3:
    case 4:
        return random_node(r, SQL_LITERAL, SQL_OP_STRING, RANDOM_OF(r, strings));
    default:
        return random_node(r, SQL_LITERAL, SQL_OP_NUMBER, RANDOM_OF(r, numbers));
    }
}

static inline struct sql_node *random_leaf(struct random_tree *r)
{
    static const char *const parameters[] = {"?", "?1", "$1", "$name", ":name", "@name"};
    static const char *const bare_calls[] = {"current_date", "CURRENT_TIMESTAMP"};
    switch (random_below(r, 10)) {
    case 0:
        return random_node(r, SQL_PARAMETER, SQL_OP_NONE, RANDOM_OF(r, parameters));
    case 1:
        return random_one_in(r, 3) ? random_node(r, SQL_CALL, SQL_OP_NONE, RANDOM_OF(r, bare_calls))
                                   : random_literal(r);
    case 2:
    case 3:
    case 4:
        return random_literal(r);
    default:
        return random_column(r);
    }
}

/* --- Expressions --- */

/* `least` expressions or more, as children of a node that takes any number. */
static inline struct sql_node *random_children(struct random_tree *r, enum sql_kind kind,
                                               uint32_t least, unsigned depth)
{
    struct sql_node *node = random_node(r, kind, SQL_OP_NONE, NULL);
    for (uint32_t n = least + random_below(r, 3); n; n--)
        random_add(r, node, random_expression(r, depth));
    return node;
}

static inline struct sql_node *random_order_by(struct random_tree *r, unsigned depth)
{
    struct sql_node *list = random_node(r, SQL_LIST, SQL_OP_NONE, NULL);
    bool all = random_one_in(r, 8);
    for (uint32_t n = all ? 1 : 1 + random_below(r, 2); n; n--) {
        struct sql_node *item = random_node(r, SQL_ORDER_ITEM, SQL_OP_NONE, NULL);
        random_set(item, SQL_OPERAND,
                   all ? random_node(r, SQL_ALL_COLUMNS, SQL_OP_NONE, NULL)
                       : random_expression(r, depth));
        random_flag(r, item, SQL_FLAG_DESC);
        random_flag(r, item, random_one_in(r, 2) ? SQL_FLAG_NULLS_FIRST : SQL_FLAG_NULLS_LAST);
        random_add(r, list, item);
    }
    return list;
}

static inline struct sql_node *random_bound(struct random_tree *r, unsigned depth)
{
    static const enum sql_op ops[] = {SQL_OP_UNBOUNDED_PRECEDING, SQL_OP_PRECEDING,
                                      SQL_OP_CURRENT_ROW, SQL_OP_FOLLOWING,
                                      SQL_OP_UNBOUNDED_FOLLOWING};
    struct sql_node *bound = random_node(r, SQL_BOUND, RANDOM_OF(r, ops), NULL);
    if (bound->op == SQL_OP_PRECEDING || bound->op == SQL_OP_FOLLOWING)
        random_set(bound, SQL_OPERAND, random_expression(r, depth));
    return bound;
}

static inline struct sql_node *random_frame(struct random_tree *r, unsigned depth)
{
    static const enum sql_op ops[] = {SQL_OP_ROWS, SQL_OP_RANGE, SQL_OP_GROUPS};
    static const enum sql_op exclusions[] = {SQL_OP_NONE, SQL_OP_EXCLUDE_CURRENT_ROW,
                                             SQL_OP_EXCLUDE_GROUP, SQL_OP_EXCLUDE_TIES,
                                             SQL_OP_EXCLUDE_NO_OTHERS};
    struct sql_node *frame = random_node(r, SQL_FRAME, RANDOM_OF(r, ops), NULL);
    frame->op2 = (uint8_t)RANDOM_OF(r, exclusions);
    random_set(frame, SQL_FRAME_START, random_bound(r, depth));
    if (random_one_in(r, 2))
        random_set(frame, SQL_FRAME_END, random_bound(r, depth));
    return frame;
}

static inline struct sql_node *random_window(struct random_tree *r, unsigned depth, bool may_name)
{
    if (may_name && random_one_in(r, 3)) {
        struct sql_node *named = random_name(r, SQL_WINDOW);
        named->flags |= SQL_FLAG_NAME_ONLY;
        return named;
    }
    struct sql_node *window = random_one_in(r, 4) ? random_name(r, SQL_WINDOW)
                                                  : random_node(r, SQL_WINDOW, SQL_OP_NONE, NULL);
    if (random_one_in(r, 2))
        random_set(window, SQL_WINDOW_PARTITION_BY, random_children(r, SQL_LIST, 1, depth));
    if (random_one_in(r, 2))
        random_set(window, SQL_WINDOW_ORDER_BY, random_order_by(r, depth));
    if (random_one_in(r, 3))
        random_set(window, SQL_WINDOW_FRAME, random_frame(r, depth));
    return window;
}

static inline struct sql_node *random_lambda(struct random_tree *r, unsigned depth)
{
    struct sql_node *lambda = random_node(r, SQL_LAMBDA, SQL_OP_NONE, NULL);
    random_flag(r, lambda, SQL_FLAG_ARROW);
    random_set(lambda, SQL_LAMBDA_PARAMS, random_names(r));
    return random_set(lambda, SQL_LAMBDA_BODY, random_expression(r, depth));
}

static inline struct sql_node *random_star(struct random_tree *r, unsigned depth)
{
    struct sql_node *star = random_node(r, SQL_STAR, SQL_OP_NONE, NULL);
    if (random_one_in(r, 2))
        random_set(star, SQL_STAR_QUALIFIER, random_names(r));
    if (random_one_in(r, 3))
        random_set(star, SQL_STAR_EXCLUDE,
                   random_add(r, random_node(r, SQL_LIST, SQL_OP_NONE, NULL), random_column(r)));
    if (random_one_in(r, 4)) {
        struct sql_node *item = random_name(r, SQL_ITEM);
        random_set(item, SQL_OPERAND, random_expression(r, depth));
        random_set(star, SQL_STAR_REPLACE,
                   random_add(r, random_node(r, SQL_LIST, SQL_OP_NONE, NULL), item));
    }
    if (random_one_in(r, 4)) {
        struct sql_node *item = random_name(r, SQL_ITEM);
        struct sql_node *column = random_node(r, SQL_COLUMN, SQL_OP_NONE, NULL);
        random_set(item, SQL_OPERAND, random_add(r, column, random_name(r, SQL_IDENT)));
        random_set(star, SQL_STAR_RENAME,
                   random_add(r, random_node(r, SQL_LIST, SQL_OP_NONE, NULL), item));
    }
    return star;
}

static inline struct sql_node *random_argument(struct random_tree *r, unsigned depth)
{
    switch (random_below(r, 8)) {
    case 0:
        return random_lambda(r, depth);
    case 1:
        return random_set(random_name(r, SQL_NAMED_ARG), SQL_OPERAND,
                          random_one_in(r, 4) ? random_lambda(r, depth)
                                              : random_expression(r, depth));
    case 2:
        return random_star(r, depth);
    default:
        return random_expression(r, depth);
    }
}

static inline struct sql_node *random_call(struct random_tree *r, unsigned depth, bool plain)
{
    static const char *const names[] = {"f",     "count",    "list_transform", "left",     "Sum",
                                        "array", "position", "cube",           "coalesce", "row",
                                        "trim",  "replace",  "odd name",       "cast"};
    struct sql_node *call = random_node(r, SQL_CALL, SQL_OP_NONE, RANDOM_OF(r, names));
    struct sql_node *args = random_node(r, SQL_LIST, SQL_OP_NONE, NULL);
    for (uint32_t n = random_below(r, 4); n; n--)
        random_add(r, args, random_argument(r, depth));
    random_set(call, SQL_CALL_ARGS, args);
    if (plain)
        return call;
    random_flag(r, call, SQL_FLAG_DISTINCT);
    if (random_one_in(r, 4)) {
        random_set(call, SQL_CALL_ORDER_BY, random_order_by(r, depth));
        random_flag(r, call, SQL_FLAG_WITHIN_GROUP);
    }
    if (random_one_in(r, 4))
        random_set(call, SQL_CALL_FILTER, random_expression(r, depth));
    if (args->n_child && random_one_in(r, 6))
        call->flags |= random_one_in(r, 2) ? SQL_FLAG_IGNORE_NULLS : SQL_FLAG_RESPECT_NULLS;
    if (random_one_in(r, 3))
        random_set(call, SQL_CALL_OVER, random_window(r, depth, true));
    return call;
}

static inline struct sql_node *random_type(struct random_tree *r, unsigned depth)
{
    static const char *const names[] = {
        "INTEGER", "VARCHAR", "BIGINT", "DOUBLE", "TIMESTAMP WITH TIME ZONE", "MY_ENUM"};
    struct sql_node *type;
    switch (depth ? random_below(r, 8) : 0) {
    case 1:
        type = random_node(r, SQL_TYPE, SQL_OP_NONE, "DECIMAL");
        random_add(r, type, random_node(r, SQL_LITERAL, SQL_OP_NUMBER, "9"));
        return random_add(r, type, random_node(r, SQL_LITERAL, SQL_OP_NUMBER, "2"));
    case 2:
        type = random_node(r, SQL_TYPE, SQL_OP_NONE, "STRUCT");
        for (uint32_t n = 1 + random_below(r, 2); n; n--)
            random_add(
                r, type,
                random_set(random_name(r, SQL_FIELD), SQL_OPERAND, random_type(r, depth - 1)));
        return type;
    case 3:
        type = random_node(r, SQL_TYPE, SQL_OP_NONE, "LIST");
        return random_add(r, type, random_type(r, depth - 1));
    case 4:
        type = random_node(r, SQL_TYPE, SQL_OP_NONE, "ARRAY");
        random_add(r, type, random_type(r, depth - 1));
        return random_add(r, type, random_node(r, SQL_LITERAL, SQL_OP_NUMBER, "3"));
    case 5:
        type = random_node(r, SQL_TYPE, SQL_OP_NONE, "MAP");
        random_add(r, type, random_type(r, depth - 1));
        return random_add(r, type, random_type(r, depth - 1));
    default:
        return random_node(r, SQL_TYPE, SQL_OP_NONE, RANDOM_OF(r, names));
    }
}

static inline struct sql_node *random_binary(struct random_tree *r, unsigned depth)
{
    struct sql_node *node;
    do
        node = random_node(r, SQL_BINARY, (enum sql_op)(1 + random_below(r, SQL_OP_AT_TIME_ZONE)),
                           NULL);
    while (node->op == SQL_OP_BIT_XOR); /* no operator of duckdb */
    random_set(node, SQL_LEFT, random_expression(r, depth));
    return random_set(node, SQL_RIGHT,
                      node->op == SQL_OP_COLLATE ? random_name(r, SQL_IDENT)
                                                 : random_expression(r, depth));
}

static inline struct sql_node *random_logic(struct random_tree *r, unsigned depth)
{
    enum sql_kind kind = random_one_in(r, 2) ? SQL_AND : SQL_OR;
    struct sql_node *node = random_node(r, kind, SQL_OP_NONE, NULL);
    for (uint32_t n = 2 + random_below(r, 2); n;) {
        struct sql_node *term = random_expression(r, depth);
        if (term->kind == kind)
            continue;
        random_add(r, node, term);
        n--;
    }
    return node;
}

static inline struct sql_node *random_predicate(struct random_tree *r, unsigned depth)
{
    static const enum sql_op likes[] = {SQL_OP_LIKE, SQL_OP_ILIKE, SQL_OP_GLOB, SQL_OP_SIMILAR};
    static const enum sql_op values[] = {SQL_OP_NULL, SQL_OP_TRUE, SQL_OP_FALSE, SQL_OP_UNKNOWN};
    struct sql_node *node;
    switch (random_below(r, 4)) {
    case 0:
        node = random_node(r, SQL_LIKE, RANDOM_OF(r, likes), NULL);
        random_set(node, SQL_LIKE_PATTERN, random_expression(r, depth));
        if (random_one_in(r, 3))
            random_set(node, SQL_LIKE_ESCAPE, random_expression(r, depth));
        break;
    case 1:
        node = random_node(r, SQL_IS, RANDOM_OF(r, values), NULL);
        break;
    case 2:
        node = random_node(r, SQL_BETWEEN, SQL_OP_NONE, NULL);
        random_set(node, SQL_BETWEEN_LOW, random_expression(r, depth));
        random_set(node, SQL_BETWEEN_HIGH, random_expression(r, depth));
        random_flag(r, node, SQL_FLAG_SYMMETRIC);
        break;
    default:
        node = random_node(r, SQL_IN, SQL_OP_NONE, NULL);
        if (random_one_in(r, 3))
            random_set(node, SQL_IN_QUERY, random_query(r, depth));
        else if (random_one_in(r, 3))
            random_set(node, SQL_IN_LIST, random_column(r));
        else
            random_set(node, SQL_IN_LIST, random_children(r, SQL_LIST, 2, depth));
    }
    random_flag(r, node, SQL_FLAG_NOT);
    return random_set(node, SQL_OPERAND, random_expression(r, depth));
}

static inline struct sql_node *random_with_query(struct random_tree *r, unsigned depth)
{
    static const enum sql_op compare[] = {SQL_OP_EQ, SQL_OP_NE, SQL_OP_LT, SQL_OP_GE};
    struct sql_node *node;
    switch (random_below(r, 3)) {
    case 0:
        return random_set(random_node(r, SQL_EXISTS, SQL_OP_NONE, NULL), SQL_OPERAND,
                          random_query(r, depth));
    case 1:
        return random_set(random_node(r, SQL_SUBQUERY, SQL_OP_NONE, NULL), SQL_OPERAND,
                          random_query(r, depth));
    default:
        node = random_node(r, SQL_QUANTIFIED, RANDOM_OF(r, compare), NULL);
        random_flag(r, node, SQL_FLAG_ALL);
        random_set(node, SQL_OPERAND, random_expression(r, depth));
        return random_set(node, SQL_QUANTIFIED_QUERY,
                          random_one_in(r, 2) ? random_column(r) : random_query(r, depth));
    }
}

static inline struct sql_node *random_case(struct random_tree *r, unsigned depth)
{
    struct sql_node *node = random_node(r, SQL_CASE, SQL_OP_NONE, NULL);
    struct sql_node *whens = random_node(r, SQL_LIST, SQL_OP_NONE, NULL);
    for (uint32_t n = 1 + random_below(r, 2); n; n--) {
        struct sql_node *when = random_node(r, SQL_WHEN, SQL_OP_NONE, NULL);
        random_set(when, SQL_WHEN_CONDITION, random_expression(r, depth));
        random_add(r, whens, random_set(when, SQL_WHEN_RESULT, random_expression(r, depth)));
    }
    if (random_one_in(r, 2))
        random_set(node, SQL_CASE_OPERAND, random_expression(r, depth));
    if (random_one_in(r, 2))
        random_set(node, SQL_CASE_ELSE, random_expression(r, depth));
    return random_set(node, SQL_CASE_WHENS, whens);
}

static inline struct sql_node *random_postfix(struct random_tree *r, unsigned depth)
{
    struct sql_node *node;
    switch (random_below(r, 3)) {
    case 0:
        node = random_node(r, SQL_INDEX, SQL_OP_NONE, NULL);
        random_set(node, SQL_INDEX_INDEX, random_expression(r, depth));
        break;
    case 1:
        node = random_node(r, SQL_SLICE, SQL_OP_NONE, NULL);
        for (uint32_t slot = SQL_SLICE_FROM; slot <= SQL_SLICE_STEP; slot++)
            if (random_one_in(r, 2))
                random_set(node, slot, random_expression(r, depth));
        break;
    default:
        node = random_name(r, SQL_MEMBER);
    }
    return random_set(node, 0, random_expression(r, depth));
}

static inline struct sql_node *random_container(struct random_tree *r, unsigned depth)
{
    struct sql_node *node;
    switch (random_below(r, 4)) {
    case 0:
        return random_children(r, SQL_ROW, random_below(r, 2), depth);
    case 1:
        return random_children(r, SQL_ARRAY, 0, depth);
    case 2:
        node = random_node(r, SQL_STRUCT, SQL_OP_NONE, NULL);
        for (uint32_t n = 1 + random_below(r, 2); n; n--)
            random_add(
                r, node,
                random_set(random_name(r, SQL_FIELD), SQL_OPERAND, random_expression(r, depth)));
        return node;
    default:
        node = random_node(r, SQL_MAP, SQL_OP_NONE, NULL);
        for (uint32_t n = 2 * random_below(r, 3); n; n--)
            random_add(r, node, random_expression(r, depth));
        return node;
    }
}

static inline struct sql_node *random_unary(struct random_tree *r, unsigned depth)
{
    static const enum sql_op ops[] = {SQL_OP_NOT, SQL_OP_NEGATE, SQL_OP_PLUS, SQL_OP_BIT_NOT};
    static const char *const units[] = {NULL, "DAY", "MONTH", "SECOND"};
    struct sql_node *node = random_one_in(r, 5)
                                ? random_node(r, SQL_INTERVAL, SQL_OP_NONE, RANDOM_OF(r, units))
                                : random_node(r, SQL_UNARY, RANDOM_OF(r, ops), NULL);
    return random_set(node, SQL_OPERAND, random_expression(r, depth));
}

static inline struct sql_node *random_cast(struct random_tree *r, unsigned depth)
{
    struct sql_node *node = random_node(r, SQL_CAST, SQL_OP_NONE, NULL);
    random_flag(r, node, SQL_FLAG_TRY);
    random_set(node, SQL_CAST_TYPE, random_type(r, 3));
    return random_set(node, SQL_OPERAND, random_expression(r, depth));
}

static inline struct sql_node *random_expression(struct random_tree *r, unsigned depth)
{
    if (depth == 0 || random_one_in(r, 3))
        return random_leaf(r);
    depth--;
    switch (random_below(r, 12)) {
    case 0:
        return random_logic(r, depth);
    case 1:
        return random_predicate(r, depth);
    case 2:
        return random_with_query(r, depth);
    case 3:
        return random_case(r, depth);
    case 4:
        return random_cast(r, depth);
    case 5:
        return random_unary(r, depth);
    case 6:
        return random_postfix(r, depth);
    case 7:
        return random_container(r, depth);
    case 8:
    case 9:
        return random_call(r, depth, false);
    default:
        return random_binary(r, depth);
    }
}

/* --- FROM --- */

static inline struct sql_node *random_alias(struct random_tree *r)
{
    struct sql_node *alias = random_name(r, SQL_ALIAS);
    if (random_one_in(r, 3))
        random_set(alias, SQL_OPERAND, random_names(r));
    return alias;
}

static inline struct sql_node *random_table(struct random_tree *r, unsigned depth)
{
    struct sql_node *table;
    switch (depth ? random_below(r, 4) : 3) {
    case 0:
        table = random_node(r, SQL_DERIVED, SQL_OP_NONE, NULL);
        random_set(table, SQL_DERIVED_QUERY, random_query(r, depth - 1));
        random_flag(r, table, SQL_FLAG_LATERAL);
        break;
    case 1:
        table = random_node(r, SQL_TABLE_CALL, SQL_OP_NONE, NULL);
        random_set(table, SQL_TABLE_CALL_CALL, random_call(r, depth - 1, true));
        random_flag(r, table, SQL_FLAG_LATERAL);
        random_flag(r, table, SQL_FLAG_ORDINALITY);
        break;
    default:
        table = random_node(r, SQL_TABLE, SQL_OP_NONE, NULL);
        for (uint32_t n = 1 + random_below(r, 3); n; n--)
            random_add(r, table, random_name(r, SQL_IDENT));
    }
    if (random_one_in(r, 2))
        random_set(table, 0, random_alias(r));
    return table;
}

static inline struct sql_node *random_from(struct random_tree *r, unsigned depth)
{
    if (depth == 0 || random_one_in(r, 2))
        return random_table(r, depth);
    static const enum sql_op ops[] = {SQL_OP_COMMA, SQL_OP_CROSS, SQL_OP_INNER, SQL_OP_LEFT,
                                      SQL_OP_RIGHT, SQL_OP_FULL,  SQL_OP_SEMI,  SQL_OP_ANTI};
    struct sql_node *join = random_node(r, SQL_JOIN, RANDOM_OF(r, ops), NULL);
    random_set(join, SQL_LEFT, random_from(r, depth - 1));
    random_set(join, SQL_RIGHT, random_from(r, depth - 1));
    if (join->op == SQL_OP_COMMA || join->op == SQL_OP_CROSS)
        return join;
    if (random_one_in(r, 4))
        join->flags |= SQL_FLAG_NATURAL;
    else if (random_one_in(r, 3))
        random_set(join, SQL_JOIN_USING, random_names(r));
    else
        random_set(join, SQL_JOIN_ON, random_expression(r, depth - 1));
    return join;
}

/* --- Queries --- */

static inline struct sql_node *random_grouping(struct random_tree *r, unsigned depth)
{
    static const enum sql_op ops[] = {SQL_OP_GROUPING_SETS, SQL_OP_ROLLUP, SQL_OP_CUBE};
    struct sql_node *grouping = random_node(r, SQL_GROUPING, RANDOM_OF(r, ops), NULL);
    for (uint32_t n = 1 + random_below(r, 3); n; n--)
        switch (random_below(r, 4)) {
        case 0:
            random_add(r, grouping, random_node(r, SQL_LIST, SQL_OP_NONE, NULL));
            break;
        case 1:
            random_add(r, grouping, random_children(r, SQL_LIST, 2, depth));
            break;
        case 2:
            if (depth) {
                random_add(r, grouping, random_grouping(r, depth - 1));
                break;
            }
            /* fallthrough */
        default:
            random_add(r, grouping, random_expression(r, depth));
        }
    return grouping;
}

static inline struct sql_node *random_group_by(struct random_tree *r, unsigned depth)
{
    if (random_one_in(r, 5))
        return random_node(r, SQL_ALL_COLUMNS, SQL_OP_NONE, NULL);
    struct sql_node *list = random_node(r, SQL_LIST, SQL_OP_NONE, NULL);
    for (uint32_t n = 1 + random_below(r, 2); n; n--)
        random_add(r, list,
                   random_one_in(r, 4) ? random_grouping(r, depth) : random_expression(r, depth));
    return list;
}

static inline struct sql_node *random_select(struct random_tree *r, unsigned depth)
{
    struct sql_node *select = random_node(r, SQL_SELECT, SQL_OP_NONE, NULL);
    struct sql_node *items = random_node(r, SQL_LIST, SQL_OP_NONE, NULL);
    for (uint32_t n = 1 + random_below(r, 3); n; n--) {
        bool star = random_one_in(r, 6);
        struct sql_node *item = !star && random_one_in(r, 2)
                                    ? random_name(r, SQL_ITEM)
                                    : random_node(r, SQL_ITEM, SQL_OP_NONE, NULL);
        random_add(r, items,
                   random_set(item, SQL_OPERAND,
                              star ? random_star(r, depth) : random_expression(r, depth)));
    }
    random_set(select, SQL_SELECT_ITEMS, items);
    if (random_one_in(r, 5)) {
        select->flags |= SQL_FLAG_DISTINCT;
        if (random_one_in(r, 2))
            random_set(select, SQL_SELECT_DISTINCT_ON, random_children(r, SQL_LIST, 1, depth));
    }
    if (!random_one_in(r, 5))
        random_set(select, SQL_SELECT_FROM, random_from(r, depth));
    if (random_one_in(r, 2))
        random_set(select, SQL_SELECT_WHERE, random_expression(r, depth));
    if (random_one_in(r, 4))
        random_set(select, SQL_SELECT_GROUP_BY, random_group_by(r, depth));
    if (random_one_in(r, 6))
        random_set(select, SQL_SELECT_HAVING, random_expression(r, depth));
    if (random_one_in(r, 6)) {
        struct sql_node *windows = random_node(r, SQL_LIST, SQL_OP_NONE, NULL);
        random_add(r, windows,
                   random_set(random_name(r, SQL_WINDOW_DEF), SQL_OPERAND,
                              random_window(r, depth, false)));
        random_set(select, SQL_SELECT_WINDOWS, windows);
    }
    if (random_one_in(r, 6))
        random_set(select, SQL_SELECT_QUALIFY, random_expression(r, depth));
    return select;
}

static inline struct sql_node *random_body(struct random_tree *r, unsigned depth);

/* An operand of a set operation: what needs parentheses there is a QUERY. */
static inline struct sql_node *random_set_operand(struct random_tree *r, const struct sql_node *of,
                                                  bool right, unsigned depth)
{
    struct sql_node *operand = random_one_in(r, 4) ? random_query(r, depth) : random_body(r, depth);
    if (operand->kind != SQL_SET_OPERATION)
        return operand;
    bool tighter = operand->op == SQL_OP_INTERSECT, tight = of->op == SQL_OP_INTERSECT;
    bool fits = right ? tighter && !tight : tighter || !tight;
    if (fits)
        return operand;
    return random_set(random_node(r, SQL_QUERY, SQL_OP_NONE, NULL), SQL_QUERY_BODY, operand);
}

static inline struct sql_node *random_body(struct random_tree *r, unsigned depth)
{
    static const enum sql_op ops[] = {SQL_OP_UNION, SQL_OP_INTERSECT, SQL_OP_EXCEPT};
    if (depth == 0 || !random_one_in(r, 3))
        return random_select(r, depth);
    if (random_one_in(r, 3)) {
        struct sql_node *values = random_node(r, SQL_VALUES, SQL_OP_NONE, NULL);
        for (uint32_t n = 1 + random_below(r, 2); n; n--)
            random_add(r, values, random_children(r, SQL_ROW, 1, depth - 1));
        return values;
    }
    struct sql_node *node = random_node(r, SQL_SET_OPERATION, RANDOM_OF(r, ops), NULL);
    random_flag(r, node, SQL_FLAG_ALL);
    random_flag(r, node, SQL_FLAG_BY_NAME);
    random_set(node, SQL_LEFT, random_set_operand(r, node, false, depth - 1));
    return random_set(node, SQL_RIGHT, random_set_operand(r, node, true, depth - 1));
}

static inline struct sql_node *random_with(struct random_tree *r, unsigned depth)
{
    struct sql_node *with = random_node(r, SQL_WITH, SQL_OP_NONE, NULL);
    random_flag(r, with, SQL_FLAG_RECURSIVE);
    for (uint32_t n = 1 + random_below(r, 2); n; n--) {
        struct sql_node *cte = random_name(r, SQL_CTE);
        if (random_one_in(r, 3))
            random_set(cte, SQL_CTE_COLUMNS, random_names(r));
        random_flag(r, cte,
                    random_one_in(r, 2) ? SQL_FLAG_MATERIALIZED : SQL_FLAG_NOT_MATERIALIZED);
        random_add(r, with, random_set(cte, SQL_CTE_QUERY, random_query(r, depth)));
    }
    return with;
}

/* A whole query. */
static inline struct sql_node *random_query(struct random_tree *r, unsigned depth)
{
    struct sql_node *query = random_node(r, SQL_QUERY, SQL_OP_NONE, NULL);
    unsigned inner = depth ? depth - 1 : 0;
    if (depth && random_one_in(r, 5))
        random_set(query, SQL_QUERY_WITH, random_with(r, inner));
    if (random_one_in(r, 4))
        random_set(query, SQL_QUERY_ORDER_BY, random_order_by(r, inner));
    if (random_one_in(r, 4)) {
        random_set(query, SQL_QUERY_LIMIT, random_expression(r, inner));
        random_flag(r, query, SQL_FLAG_PERCENT);
    }
    if (random_one_in(r, 5))
        random_set(query, SQL_QUERY_OFFSET, random_expression(r, inner));
    bool clauses = query->child[SQL_QUERY_WITH] || query->child[SQL_QUERY_ORDER_BY] ||
                   query->child[SQL_QUERY_LIMIT] || query->child[SQL_QUERY_OFFSET];
    bool nested = depth && clauses && random_one_in(r, 8);
    return random_set(query, SQL_QUERY_BODY,
                      nested ? random_query(r, inner) : random_body(r, inner));
}

#endif
