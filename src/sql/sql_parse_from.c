/* FROM: tables, derived tables, table functions, joins. */
#include "sql/sql_parser.h"

/* [AS] name [(a, b)]; NULL where there is none. */
static struct sql_node *parse_alias(struct sql_parser *p)
{
    bool as = sql_accept_word(p, SQL_WORD_AS);
    if (!as) {
        bool word = p->at->kind == SQL_TOKEN_WORD &&
                    !(sql_word_flags((enum sql_word)p->at->id) & SQL_RESERVED_END);
        /* AT (VERSION …) is no alias */
        if (sql_at_word(p, SQL_WORD_AT) && sql_token_is_symbol(sql_peek(p, 1), '('))
            sql_outside(p, "AT (…), a version of a table,");
        if (!word && p->at->kind != SQL_TOKEN_NAME)
            return NULL;
    }
    uint32_t start = sql_start(p);
    if (as && sql_at_symbol(p, '('))
        sql_outside(p, "an alias of columns alone");
    struct sql_node *alias = sql_parse_named(p, SQL_ALIAS, "an alias");
    if (!sql_at_symbol(p, '('))
        return alias;
    struct sql_node *columns = sql_parse_name_list(p, "a column");
    struct sql_node *full = sql_make_1(p, SQL_ALIAS, start, columns);
    if (full && alias) {
        full->text = alias->text;
        full->flags = alias->flags;
    }
    return full;
}

static struct sql_node *parse_joins(struct sql_parser *p, struct sql_node *left);

static struct sql_node *parse_comma_joins(struct sql_parser *p, struct sql_node *left)
{
    left = parse_joins(p, left);
    while (!p->status && sql_at_symbol(p, ',')) {
        uint32_t start = left ? left->span.start : 0;
        sql_skip(p);
        struct sql_node *right = sql_parse_table(p);
        left = sql_make_2(p, SQL_JOIN, start, left, parse_joins(p, right));
        if (left)
            left->op = SQL_OP_COMMA;
    }
    return left;
}

struct sql_node *sql_parse_from(struct sql_parser *p)
{
    return parse_comma_joins(p, sql_parse_table(p));
}

static struct sql_node *make_derived(struct sql_parser *p, uint32_t start, struct sql_node *query,
                                     uint32_t flags)
{
    struct sql_node *alias = parse_alias(p);
    struct sql_node *derived = sql_make_2(p, SQL_DERIVED, start, alias, query);
    if (derived)
        derived->flags = flags;
    return derived;
}

/* At the "(": a QUERY, or tables and joins. */
static struct sql_node *parse_table_parenthesis(struct sql_parser *p)
{
    if (!sql_enter(p))
        return NULL;
    sql_skip(p);
    struct sql_node *inside;
    if (sql_at_query(p)) {
        inside = sql_parse_query(p);
    } else if (sql_at_symbol(p, '(')) {
        uint32_t start = sql_start(p);
        inside = parse_table_parenthesis(p);
        if (sql_is(inside, SQL_QUERY)) {
            if (sql_at_query_rest(p))
                inside = sql_parse_query_rest(p, inside);
            else if (!sql_at_symbol(p, ')'))
                inside = parse_comma_joins(p, make_derived(p, start, inside, 0));
        } else {
            inside = parse_comma_joins(p, inside);
        }
    } else {
        inside = sql_parse_from(p);
    }
    if (inside && inside->kind != SQL_QUERY && sql_at_query_rest(p))
        sql_outside(p, "a set operation of tables");
    sql_expect_symbol(p, ')');
    sql_leave(p);
    return inside;
}

/* Behind the parentheses of a join there is no alias in the subset. */
static void refuse_alias(struct sql_parser *p)
{
    bool word = p->at->kind == SQL_TOKEN_WORD &&
                !(sql_word_flags((enum sql_word)p->at->id) & SQL_RESERVED_END);
    if (word || p->at->kind == SQL_TOKEN_NAME || sql_at_word(p, SQL_WORD_AS))
        sql_outside(p, "an alias of tables in parentheses");
}

/* name, schema.name, name(…). */
static struct sql_node *parse_named_table(struct sql_parser *p, uint32_t flags)
{
    uint32_t start = sql_start(p);
    if (sql_at_name(p) && sql_token_is_symbol(sql_peek(p, 1), '(')) {
        const struct sql_token *name = p->at;
        sql_skip(p);
        struct sql_node *call = sql_parse_call(p, name);
        if (sql_at_word(p, SQL_WORD_WITH) &&
            sql_token_is_word(sql_peek(p, 1), SQL_WORD_ORDINALITY)) {
            sql_skip(p);
            sql_skip(p);
            flags |= SQL_FLAG_ORDINALITY;
        }
        struct sql_node *alias = parse_alias(p);
        struct sql_node *table = sql_make_2(p, SQL_TABLE_CALL, start, alias, call);
        if (table)
            table->flags = flags;
        return table;
    }
    if (p->at->kind == SQL_TOKEN_STRING)
        sql_outside(p, "a file as a table");
    if (flags)
        sql_unexpected(p, "a query or a function call behind LATERAL");
    size_t mark = sql_list_begin(p);
    sql_push(p, NULL); /* the alias, not yet known */
    const struct sql_token *first = p->at;
    sql_push(p, sql_parse_named(p, SQL_IDENT, "a table"));
    while (sql_accept_symbol(p, '.')) {
        sql_push(p, sql_parse_named(p, SQL_IDENT, "a table"));
        if (sql_at_symbol(p, '(')) {
            p->at = first;
            sql_outside(p, "a function behind a dot");
        }
    }
    struct sql_node *alias = parse_alias(p);
    if (!p->status)
        p->stack[mark] = alias;
    return sql_list_end(p, mark, SQL_TABLE, start);
}

/* LATERAL VIEW is no LATERAL. */
static bool at_lateral(const struct sql_parser *p)
{
    const struct sql_token *next = sql_peek(p, 1);
    return sql_at_word(p, SQL_WORD_LATERAL) &&
           (sql_token_is_symbol(next, '(') || sql_token_is_symbol(sql_peek(p, 2), '('));
}

struct sql_node *sql_parse_table(struct sql_parser *p)
{
    uint32_t start = sql_start(p), flags = 0;
    if (at_lateral(p)) {
        sql_skip(p);
        flags = SQL_FLAG_LATERAL;
    }
    if (sql_at_word(p, SQL_WORD_VALUES) && sql_token_is_symbol(sql_peek(p, 1), '('))
        sql_outside(p, "VALUES in FROM without parentheses");
    if (sql_at_word(p, SQL_WORD_ROWS) && sql_token_is_word(sql_peek(p, 1), SQL_WORD_FROM) &&
        sql_token_is_symbol(sql_peek(p, 2), '('))
        sql_outside(p, "ROWS FROM");
    if (!sql_at_symbol(p, '('))
        return parse_named_table(p, flags);
    struct sql_node *inside = parse_table_parenthesis(p);
    if (sql_is(inside, SQL_QUERY))
        return make_derived(p, start, inside, flags);
    refuse_alias(p);
    return inside;
}

/* --- Joins --- */

struct join_words {
    enum sql_op op;
    unsigned tokens; /* 0: no join begins here */
    bool natural, conditional;
};

static struct join_words join_at(const struct sql_parser *p)
{
    static const struct {
        enum sql_word word;
        enum sql_op op;
    } sides[] = {{SQL_WORD_INNER, SQL_OP_INNER}, {SQL_WORD_LEFT, SQL_OP_LEFT},
                 {SQL_WORD_RIGHT, SQL_OP_RIGHT}, {SQL_WORD_FULL, SQL_OP_FULL},
                 {SQL_WORD_SEMI, SQL_OP_SEMI},   {SQL_WORD_ANTI, SQL_OP_ANTI},
                 {SQL_WORD_CROSS, SQL_OP_CROSS}};
    struct join_words join = {SQL_OP_INNER, 0, false, true};
    unsigned n = 0;
    if (sql_at_word(p, SQL_WORD_NATURAL)) {
        join.natural = true;
        n++;
    }
    for (size_t i = 0; i < sizeof sides / sizeof *sides; i++)
        if (sql_token_is_word(sql_peek(p, n), sides[i].word)) {
            join.op = sides[i].op;
            n++;
            break;
        }
    bool left = join.op == SQL_OP_LEFT;
    bool outer = left || join.op == SQL_OP_RIGHT || join.op == SQL_OP_FULL;
    if (left && sql_token_is_word(sql_peek(p, n), SQL_WORD_SEMI)) {
        join.op = SQL_OP_SEMI; /* LEFT SEMI JOIN is SEMI JOIN */
        n++;
    } else if (left && sql_token_is_word(sql_peek(p, n), SQL_WORD_ANTI)) {
        join.op = SQL_OP_ANTI;
        n++;
    } else if (outer && sql_token_is_word(sql_peek(p, n), SQL_WORD_OUTER)) {
        n++;
    }
    if (!sql_token_is_word(sql_peek(p, n), SQL_WORD_JOIN))
        return join;
    join.tokens = n + 1;
    join.conditional = !join.natural && join.op != SQL_OP_CROSS;
    return join;
}

/* RIGHT ANTI JOIN, LEFT INNER JOIN and the like are nobody's in the subset. */
static void refuse_strange_join(struct sql_parser *p)
{
    bool side = sql_at_word(p, SQL_WORD_LEFT) || sql_at_word(p, SQL_WORD_RIGHT) ||
                sql_at_word(p, SQL_WORD_FULL) || sql_at_word(p, SQL_WORD_NATURAL) ||
                sql_at_word(p, SQL_WORD_CROSS) || sql_at_word(p, SQL_WORD_INNER);
    if (side && sql_token_is_word(sql_peek(p, 2), SQL_WORD_JOIN))
        sql_outside(p, "a join of this kind");
    if (sql_at_word(p, SQL_WORD_CROSS) || sql_at_word(p, SQL_WORD_OUTER))
        sql_outside(p, "APPLY");
}

static struct sql_node *parse_join(struct sql_parser *p, struct sql_node *left,
                                   struct join_words words)
{
    uint32_t start = left ? left->span.start : 0;
    for (unsigned i = 0; i < words.tokens; i++)
        sql_skip(p);
    struct sql_node *children[4] = {left, sql_parse_table(p), NULL, NULL};
    /* a JOIN b JOIN c ON … ON …: the inner join is the right operand */
    while (words.conditional && !p->status && !sql_at_word(p, SQL_WORD_ON) &&
           !sql_at_word(p, SQL_WORD_USING) && join_at(p).tokens) {
        if (!sql_enter(p))
            break;
        children[SQL_RIGHT] = parse_join(p, children[SQL_RIGHT], join_at(p));
        sql_leave(p);
    }
    if (words.conditional) {
        if (sql_accept_word(p, SQL_WORD_ON))
            children[SQL_JOIN_ON] = sql_parse_expression(p);
        else if (sql_at_word(p, SQL_WORD_USING) && sql_token_is_symbol(sql_peek(p, 1), '(')) {
            sql_skip(p);
            children[SQL_JOIN_USING] = sql_parse_name_list(p, "a column");
        } else {
            sql_unexpected(p, "ON or USING");
        }
    }
    struct sql_node *join = sql_make_with(p, SQL_JOIN, start, children, 4);
    if (join) {
        join->op = (uint8_t)words.op;
        join->flags = words.natural ? SQL_FLAG_NATURAL : 0;
    }
    return join;
}

static struct sql_node *parse_joins(struct sql_parser *p, struct sql_node *left)
{
    while (!p->status) {
        struct join_words words = join_at(p);
        if (words.tokens == 0)
            break;
        left = parse_join(p, left, words);
    }
    refuse_strange_join(p);
    return left;
}
