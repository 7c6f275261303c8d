/* Operands of expressions: literals, names, parentheses, CASE, CAST, arrays, structs, maps, and
 * what stands behind an operand. */
#include "sql/sql_parser.h"

static struct sql_node *with_text(struct sql_node *node, enum sql_op op, struct str text)
{
    if (node) {
        node->op = (uint8_t)op;
        node->text = text;
    }
    return node;
}

static struct sql_node *parse_literal_word(struct sql_parser *p, enum sql_op op)
{
    uint32_t start = sql_start(p);
    struct str none = {NULL, 0};
    sql_skip(p);
    return with_text(sql_make(p, SQL_LITERAL, start), op, none);
}

static struct sql_node *parse_number(struct sql_parser *p)
{
    uint32_t start = sql_start(p);
    struct str text = sql_token_text(p, p->at);
    sql_skip(p);
    return with_text(sql_make(p, SQL_LITERAL, start), SQL_OP_NUMBER, text);
}

static struct sql_node *parse_string(struct sql_parser *p)
{
    uint32_t start = sql_start(p);
    bool blob;
    char first = p->text.ptr[start];
    if ((first == 'x' || first == 'X') && p->dialect == SQL_DUCKDB)
        sql_outside(p, "X'…' (say '\\x00'::BLOB)");
    struct str value = sql_take_string(p, &blob);
    return with_text(sql_make(p, SQL_LITERAL, start), blob ? SQL_OP_BLOB : SQL_OP_STRING, value);
}

/* ?, $1, $name as one token; :name and @name as two that touch. */
static struct sql_node *parse_parameter(struct sql_parser *p)
{
    uint32_t start = sql_start(p);
    bool marked = !sql_at_symbol(p, '?') && p->at->kind == SQL_TOKEN_SYMBOL;
    sql_skip(p);
    bool numbered = !marked && p->tokens < p->at && p->text.ptr[start] == '?' &&
                    p->at->kind == SQL_TOKEN_NUMBER && p->at->start == start + 1;
    if (marked || numbered)
        sql_skip(p);
    struct str text = {p->text.ptr + start, sql_behind(p) - start};
    return with_text(sql_make(p, SQL_PARAMETER, start), SQL_OP_NONE, text);
}

static bool at_marked_parameter(const struct sql_parser *p)
{
    const struct sql_token *next = sql_peek(p, 1);
    return (sql_at_symbol(p, ':') || sql_at_symbol(p, '@')) && next->kind == SQL_TOKEN_WORD &&
           next->start == p->at->end;
}

/* --- CASE, CAST, INTERVAL --- */

static struct sql_node *parse_case(struct sql_parser *p)
{
    if (!sql_enter(p))
        return NULL;
    uint32_t start = sql_start(p);
    struct sql_node *children[3] = {NULL, NULL, NULL};
    sql_skip(p);
    if (!sql_at_word(p, SQL_WORD_WHEN))
        children[SQL_CASE_OPERAND] = sql_parse_expression(p);
    uint32_t whens = sql_start(p);
    size_t mark = sql_list_begin(p);
    do {
        uint32_t when = sql_start(p);
        sql_expect_word(p, SQL_WORD_WHEN);
        struct sql_node *condition = sql_parse_expression(p);
        sql_expect_word(p, SQL_WORD_THEN);
        struct sql_node *result = sql_parse_expression(p);
        sql_push(p, sql_make_2(p, SQL_WHEN, when, condition, result));
    } while (sql_at_word(p, SQL_WORD_WHEN));
    children[SQL_CASE_WHENS] = sql_list_end(p, mark, SQL_LIST, whens);
    if (sql_accept_word(p, SQL_WORD_ELSE))
        children[SQL_CASE_ELSE] = sql_parse_expression(p);
    sql_expect_word(p, SQL_WORD_END);
    sql_leave(p);
    return sql_make_with(p, SQL_CASE, start, children, 3);
}

static struct sql_node *parse_cast(struct sql_parser *p, bool try)
{
    if (!sql_enter(p))
        return NULL;
    uint32_t start = sql_start(p);
    sql_skip(p);
    sql_expect_symbol(p, '(');
    struct sql_node *operand = sql_parse_expression(p);
    sql_expect_word(p, SQL_WORD_AS);
    struct sql_node *type = sql_parse_type(p);
    sql_expect_symbol(p, ')');
    sql_leave(p);
    struct sql_node *cast = sql_make_2(p, SQL_CAST, start, operand, type);
    if (cast && try)
        cast->flags = SQL_FLAG_TRY;
    return cast;
}

/* Units, in the singular. */
static const char *const units[] = {
    "YEAR",   "QUARTER", "MONTH",      "WEEK",        "DAY",   "HOUR",        "MINUTE",    "SECOND",
    "DECADE", "CENTURY", "MILLENNIUM", "MILLISECOND", "EPOCH", "MICROSECOND", "NANOSECOND"};

static struct str unit_at(const struct sql_parser *p)
{
    struct str word = sql_token_text(p, p->at);
    if (p->at->kind != SQL_TOKEN_WORD)
        return (struct str){NULL, 0};
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        size_t length = strlen(units[i]);
        if (word.len < length || word.len > length + 1)
            continue;
        size_t same = 0;
        while (same < length && (word.ptr[same] & ~32) == units[i][same])
            same++;
        if (same == length && (word.len == length || (word.ptr[length] & ~32) == 'S'))
            return str_of(units[i]);
    }
    return (struct str){NULL, 0};
}

/* INTERVAL begins one where an operand follows, and is a name otherwise. */
static bool at_interval(const struct sql_parser *p)
{
    const struct sql_token *next = sql_peek(p, 1);
    switch (next->kind) {
    case SQL_TOKEN_STRING:
    case SQL_TOKEN_NUMBER:
    case SQL_TOKEN_NAME:
    case SQL_TOKEN_PARAMETER:
        return true;
    case SQL_TOKEN_WORD:
        return !(sql_word_flags((enum sql_word)next->id) & SQL_RESERVED_END);
    default:
        return sql_token_is_symbol(next, '(') || sql_token_is_symbol(next, '?');
    }
}

static struct sql_node *parse_interval(struct sql_parser *p)
{
    if (!sql_enter(p))
        return NULL;
    uint32_t start = sql_start(p);
    sql_skip(p);
    struct sql_node *value = sql_parse_primary(p);
    struct str unit = unit_at(p);
    if (unit.ptr)
        sql_skip(p);
    if (unit.ptr && sql_at_word(p, SQL_WORD_TO))
        sql_outside(p, "INTERVAL from one unit TO another");
    sql_leave(p);
    return with_text(sql_make_1(p, SQL_INTERVAL, start, value), SQL_OP_NONE, unit);
}

/* --- Parentheses, arrays, structs, maps --- */

static struct sql_node *make_subquery(struct sql_parser *p, uint32_t start, struct sql_node *query)
{
    return sql_make_1(p, SQL_SUBQUERY, start, query);
}

/* Behind the "(": the first of the expressions, or a QUERY with *out_closed where it fills the
 * parentheses, which are then closed. */
static struct sql_node *parse_first_inside(struct sql_parser *p, bool *out_closed)
{
    *out_closed = true;
    if (sql_at_query(p)) {
        struct sql_node *query = sql_parse_query(p);
        sql_expect_symbol(p, ')');
        return query;
    }
    *out_closed = false;
    if (!sql_at_symbol(p, '('))
        return sql_parse_expression(p);
    uint32_t start = sql_start(p);
    struct sql_node *inner = sql_parse_parenthesis(p, SQL_ROW);
    if (sql_is(inner, SQL_QUERY)) {
        bool more = sql_at_query_rest(p);
        if (more || sql_at_symbol(p, ')')) {
            struct sql_node *query = more ? sql_parse_query_rest(p, inner) : inner;
            sql_expect_symbol(p, ')');
            *out_closed = true;
            return query;
        }
        inner = make_subquery(p, start, inner);
    }
    return sql_parse_operators(p, sql_parse_postfix(p, inner), 0);
}

/* Behind the "(" that stands at `start`, up to its ")". */
static struct sql_node *parse_inside(struct sql_parser *p, uint32_t start, enum sql_kind wanted)
{
    bool closed;
    struct sql_node *first = parse_first_inside(p, &closed);
    if (closed)
        return first;
    if (sql_at_word(p, SQL_WORD_AS)) {
        sql_outside(p, "an alias inside of an expression");
        return NULL;
    }
    if (wanted == SQL_ROW && sql_accept_symbol(p, ')'))
        return first;
    size_t mark = sql_list_begin(p);
    sql_push(p, first);
    while (sql_accept_symbol(p, ','))
        sql_push(p, sql_parse_expression(p));
    sql_expect_symbol(p, ')');
    return sql_list_end(p, mark, wanted, start);
}

struct sql_node *sql_parse_parenthesis(struct sql_parser *p, enum sql_kind wanted)
{
    if (!sql_enter(p))
        return NULL;
    uint32_t start = sql_start(p);
    bool outer = p->in_arguments;
    p->in_arguments = false;
    sql_expect_symbol(p, '(');
    struct sql_node *inside = parse_inside(p, start, wanted);
    p->in_arguments = outer;
    sql_leave(p);
    return inside;
}

/* a, b, c up to `close`, which is skipped. */
static struct sql_node *parse_elements(struct sql_parser *p, enum sql_kind kind, uint32_t start,
                                       char close)
{
    if (!sql_enter(p))
        return NULL;
    size_t mark = sql_list_begin(p);
    bool outer = p->in_arguments;
    p->in_arguments = false;
    if (!sql_at_symbol(p, (unsigned char)close))
        do
            sql_push(p, sql_parse_expression(p));
        while (sql_accept_symbol(p, ','));
    p->in_arguments = outer;
    if (kind == SQL_ARRAY && sql_at_word(p, SQL_WORD_FOR))
        sql_outside(p, "a list comprehension");
    sql_expect_symbol(p, close);
    sql_leave(p);
    return sql_list_end(p, mark, kind, start);
}

static struct sql_node *parse_array(struct sql_parser *p, uint32_t start)
{
    sql_expect_symbol(p, '[');
    return parse_elements(p, SQL_ARRAY, start, ']');
}

static struct sql_node *parse_field(struct sql_parser *p)
{
    uint32_t start = sql_start(p);
    struct str name;
    bool quoted = true;
    if (p->at->kind == SQL_TOKEN_STRING) {
        bool blob;
        name = sql_take_string(p, &blob);
    } else {
        name = sql_take_name(p, "a field's name", &quoted);
    }
    sql_expect_symbol(p, ':');
    struct sql_node *field = sql_make_1(p, SQL_FIELD, start, sql_parse_expression(p));
    if (field) {
        field->text = name;
        field->flags = quoted ? SQL_FLAG_QUOTED : 0;
    }
    return field;
}

static struct sql_node *parse_struct(struct sql_parser *p)
{
    if (!sql_enter(p))
        return NULL;
    uint32_t start = sql_start(p);
    size_t mark = sql_list_begin(p);
    sql_expect_symbol(p, '{');
    do
        sql_push(p, parse_field(p));
    while (sql_accept_symbol(p, ','));
    sql_expect_symbol(p, '}');
    sql_leave(p);
    return sql_list_end(p, mark, SQL_STRUCT, start);
}

static struct sql_node *parse_map(struct sql_parser *p)
{
    if (!sql_enter(p))
        return NULL;
    uint32_t start = sql_start(p);
    size_t mark = sql_list_begin(p);
    sql_skip(p);
    sql_expect_symbol(p, '{');
    if (!sql_at_symbol(p, '}'))
        do {
            sql_push(p, sql_parse_expression(p));
            sql_expect_symbol(p, ':');
            sql_push(p, sql_parse_expression(p));
        } while (sql_accept_symbol(p, ','));
    sql_expect_symbol(p, '}');
    sql_leave(p);
    return sql_list_end(p, mark, SQL_MAP, start);
}

/* --- Names --- */

static struct sql_node *parse_star_list(struct sql_parser *p, bool renames)
{
    uint32_t start = sql_start(p);
    size_t mark = sql_list_begin(p);
    bool many = sql_accept_symbol(p, '(');
    do {
        uint32_t item = sql_start(p);
        struct sql_node *value =
            renames ? sql_make_1(p, SQL_COLUMN, item, sql_parse_named(p, SQL_IDENT, "a column"))
                    : sql_parse_expression(p);
        sql_expect_word(p, SQL_WORD_AS);
        bool quoted;
        struct str name = sql_take_name(p, "a name", &quoted);
        struct sql_node *node = with_text(sql_make_1(p, SQL_ITEM, item, value), SQL_OP_NONE, name);
        if (node && quoted)
            node->flags |= SQL_FLAG_QUOTED;
        sql_push(p, node);
    } while (many && sql_accept_symbol(p, ','));
    if (many)
        sql_expect_symbol(p, ')');
    return sql_list_end(p, mark, SQL_LIST, start);
}

static struct sql_node *parse_column_path(struct sql_parser *p)
{
    uint32_t start = sql_start(p);
    size_t mark = sql_list_begin(p);
    do
        sql_push(p, sql_parse_named(p, SQL_IDENT, "a column"));
    while (sql_accept_symbol(p, '.'));
    return sql_list_end(p, mark, SQL_COLUMN, start);
}

static struct sql_node *parse_exclude(struct sql_parser *p)
{
    uint32_t start = sql_start(p);
    size_t mark = sql_list_begin(p);
    bool many = sql_accept_symbol(p, '(');
    do
        sql_push(p, parse_column_path(p));
    while (many && sql_accept_symbol(p, ','));
    if (many)
        sql_expect_symbol(p, ')');
    return sql_list_end(p, mark, SQL_LIST, start);
}

/* EXCEPT behind a star leaves columns out, unless it is the set operation. */
static bool at_exclude(const struct sql_parser *p)
{
    if (sql_at_word(p, SQL_WORD_EXCLUDE))
        return true;
    if (!sql_at_word(p, SQL_WORD_EXCEPT) || !sql_token_is_symbol(sql_peek(p, 1), '('))
        return false;
    struct sql_parser inside = *p;
    inside.at = sql_peek(p, 2);
    return !sql_at_symbol(&inside, '(') && !sql_at_query(&inside);
}

struct sql_node *sql_parse_star(struct sql_parser *p, uint32_t start, struct sql_node *qualifier)
{
    struct sql_node *children[4] = {qualifier, NULL, NULL, NULL};
    sql_skip(p);
    if (at_exclude(p)) {
        sql_skip(p);
        children[SQL_STAR_EXCLUDE] = parse_exclude(p);
    }
    if (sql_accept_word(p, SQL_WORD_REPLACE))
        children[SQL_STAR_REPLACE] = parse_star_list(p, false);
    if (sql_accept_word(p, SQL_WORD_RENAME))
        children[SQL_STAR_RENAME] = parse_star_list(p, true);
    return sql_make_with(p, SQL_STAR, start, children, 4);
}

/* Behind a dot every word is a name. */
static struct sql_node *parse_ident_behind_dot(struct sql_parser *p)
{
    if (p->at->kind != SQL_TOKEN_WORD)
        return sql_parse_named(p, SQL_IDENT, "a name");
    uint32_t start = sql_start(p);
    struct str text = sql_token_text(p, p->at);
    sql_skip(p);
    return with_text(sql_make(p, SQL_IDENT, start), SQL_OP_NONE, text);
}

/* a, a.b.c, a.*, f(…). */
static struct sql_node *parse_name(struct sql_parser *p)
{
    uint32_t start = sql_start(p);
    const struct sql_token *first = p->at;
    size_t mark = sql_list_begin(p);
    sql_push(p, sql_parse_named(p, SQL_IDENT, "an expression"));
    if (sql_at_symbol(p, '(')) {
        p->n_stack = mark;
        return sql_parse_call(p, first);
    }
    while (sql_at_symbol(p, '.')) {
        sql_skip(p);
        if (sql_at_symbol(p, '*'))
            return sql_parse_star(p, start, sql_list_end(p, mark, SQL_LIST, start));
        sql_push(p, parse_ident_behind_dot(p));
        if (sql_at_symbol(p, '(')) {
            p->at = first;
            sql_outside(p, "a function behind a dot");
        }
    }
    return sql_list_end(p, mark, SQL_COLUMN, start);
}

/* DATE '…' and the like. */
static bool at_typed_literal(const struct sql_parser *p)
{
    static const char *const types[] = {"DATE",     "TIME",        "TIMESTAMP",    "TIMESTAMPTZ",
                                        "DATETIME", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS",
                                        "UUID",     "JSON",        "BLOB"};
    if (p->at->kind != SQL_TOKEN_WORD || sql_peek(p, 1)->kind != SQL_TOKEN_STRING)
        return false;
    struct str word = sql_token_text(p, p->at);
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (word.len == strlen(types[i])) {
            size_t same = 0;
            while (same < word.len &&
                   (word.ptr[same] == types[i][same] || (word.ptr[same] ^ 32) == types[i][same]))
                same++;
            if (same == word.len)
                return true;
        }
    return false;
}

static struct sql_node *parse_typed_literal(struct sql_parser *p)
{
    uint32_t start = sql_start(p);
    struct sql_node *type = sql_parse_type(p);
    struct sql_node *value = parse_string(p);
    return sql_make_2(p, SQL_CAST, start, value, type);
}

/* CURRENT_DATE and its like are calls without parentheses. */
static struct sql_node *parse_bare_call(struct sql_parser *p)
{
    uint32_t start = sql_start(p);
    const struct sql_token *name = p->at;
    sql_skip(p);
    if (sql_at_symbol(p, '('))
        return sql_parse_call(p, name);
    return with_text(sql_make(p, SQL_CALL, start), SQL_OP_NONE, sql_token_text(p, name));
}

/* What a word begins, where it is more than a name; NULL where it is a name. */
static struct sql_node *parse_word(struct sql_parser *p)
{
    const struct sql_token *next = sql_peek(p, 1);
    bool call = sql_token_is_symbol(next, '(');
    uint32_t start = sql_start(p);
    switch ((enum sql_word)p->at->id) {
    case SQL_WORD_NULL:
        return parse_literal_word(p, SQL_OP_NULL);
    case SQL_WORD_TRUE:
        return parse_literal_word(p, SQL_OP_TRUE);
    case SQL_WORD_FALSE:
        return parse_literal_word(p, SQL_OP_FALSE);
    case SQL_WORD_CASE:
        return parse_case(p);
    case SQL_WORD_CAST:
    case SQL_WORD_TRY_CAST:
        return call ? parse_cast(p, sql_at_word(p, SQL_WORD_TRY_CAST)) : NULL;
    case SQL_WORD_INTERVAL:
        return at_interval(p) ? parse_interval(p) : NULL;
    case SQL_WORD_EXISTS:
        if (!call)
            return NULL;
        sql_skip(p);
        struct sql_node *query = sql_parse_parenthesis(p, SQL_ROW);
        if (query && query->kind != SQL_QUERY)
            sql_unexpected(p, "a query in EXISTS");
        return sql_make_1(p, SQL_EXISTS, start, query);
    case SQL_WORD_ROW:
        if (!call)
            return NULL;
        sql_skip(p);
        sql_skip(p);
        return parse_elements(p, SQL_ROW, start, ')');
    case SQL_WORD_ARRAY:
        if (!sql_token_is_symbol(next, '['))
            return NULL;
        sql_skip(p);
        return parse_array(p, start);
    case SQL_WORD_MAP:
        return sql_token_is_symbol(next, '{') ? parse_map(p) : NULL;
    case SQL_WORD_CURRENT_DATE:
    case SQL_WORD_CURRENT_TIME:
    case SQL_WORD_CURRENT_TIMESTAMP:
    case SQL_WORD_LOCALTIME:
    case SQL_WORD_LOCALTIMESTAMP:
        return sql_token_is_symbol(next, '.') ? NULL : parse_bare_call(p);
    default:
        return at_typed_literal(p) ? parse_typed_literal(p) : NULL;
    }
}

/* A star begins an element of a list. */
static bool star_may_stand(const struct sql_parser *p)
{
    const struct sql_token *before = p->at > p->tokens ? p->at - 1 : NULL;
    return before && (sql_token_is_word(before, SQL_WORD_SELECT) ||
                      sql_token_is_word(before, SQL_WORD_DISTINCT) ||
                      sql_token_is_word(before, SQL_WORD_ALL) || sql_token_is_symbol(before, ',') ||
                      sql_token_is_symbol(before, '(') || sql_token_is_symbol(before, ')'));
}

static struct sql_node *parse_symbol(struct sql_parser *p)
{
    uint32_t start = sql_start(p);
    switch (p->at->id) {
    case '(': {
        struct sql_node *inside = sql_parse_parenthesis(p, SQL_ROW);
        return sql_is(inside, SQL_QUERY) ? make_subquery(p, start, inside) : inside;
    }
    case '[':
        return parse_array(p, start);
    case '{':
        return parse_struct(p);
    case '*':
        if (star_may_stand(p))
            return sql_parse_star(p, start, NULL);
        sql_unexpected(p, "an expression");
        return NULL;
    case '?':
        return parse_parameter(p);
    case '#':
        sql_outside(p, "a column by its number (#1)");
        return NULL;
    default:
        if (at_marked_parameter(p))
            return parse_parameter(p);
        sql_unexpected(p, "an expression");
        return NULL;
    }
}

static struct sql_node *parse_operand_alone(struct sql_parser *p)
{
    struct sql_node *node = NULL;
    switch ((enum sql_token_kind)p->at->kind) {
    case SQL_TOKEN_WORD:
        node = parse_word(p);
        return node || p->status ? node : parse_name(p);
    case SQL_TOKEN_NAME:
        return parse_name(p);
    case SQL_TOKEN_STRING:
        return parse_string(p);
    case SQL_TOKEN_NUMBER:
        return parse_number(p);
    case SQL_TOKEN_PARAMETER:
        return parse_parameter(p);
    case SQL_TOKEN_SYMBOL:
        return parse_symbol(p);
    case SQL_TOKEN_END:
    case SQL_TOKEN_BAD:
        break;
    }
    sql_unexpected(p, "an expression");
    return NULL;
}

struct sql_node *sql_parse_primary(struct sql_parser *p)
{
    return sql_parse_postfix(p, parse_operand_alone(p));
}

/* --- Behind an operand --- */

/* [index], [from:to:step] with every part but the first colon optional. */
static struct sql_node *parse_index(struct sql_parser *p, struct sql_node *object)
{
    if (!sql_enter(p))
        return NULL;
    uint32_t start = object ? object->span.start : 0;
    struct sql_node *children[4] = {object, NULL, NULL, NULL};
    sql_skip(p);
    if (!sql_at_symbol(p, ':'))
        children[1] = sql_parse_expression(p);
    bool slice = sql_accept_symbol(p, ':');
    if (slice && sql_at_symbol(p, '-') && sql_token_is_symbol(sql_peek(p, 1), ':'))
        sql_skip(p); /* [from:-:step]: to the end */
    else if (slice && !sql_at_symbol(p, ']') && !sql_at_symbol(p, ':'))
        children[SQL_SLICE_TO] = sql_parse_expression(p);
    if (slice && sql_accept_symbol(p, ':'))
        children[SQL_SLICE_STEP] = sql_parse_expression(p);
    sql_expect_symbol(p, ']');
    sql_leave(p);
    return slice ? sql_make_with(p, SQL_SLICE, start, children, 4)
                 : sql_make_with(p, SQL_INDEX, start, children, 2);
}

struct sql_node *sql_parse_postfix(struct sql_parser *p, struct sql_node *left)
{
    while (!p->status) {
        uint32_t start = left ? left->span.start : 0;
        if (sql_at_symbol(p, '[')) {
            left = parse_index(p, left);
        } else if (sql_at_symbol(p, SQL_SYMBOL_CAST)) {
            sql_skip(p);
            left = sql_make_2(p, SQL_CAST, start, left, sql_parse_type(p));
        } else if (sql_at_symbol(p, '.')) {
            sql_skip(p);
            if (sql_at_symbol(p, '*'))
                sql_outside(p, "a star behind an expression");
            struct sql_node *name = parse_ident_behind_dot(p);
            if (sql_at_symbol(p, '('))
                sql_outside(p, "a function behind a dot");
            left = sql_make_1(p, SQL_MEMBER, start, left);
            if (left) {
                left->text = name->text;
                left->flags = name->flags;
            }
        } else {
            break;
        }
    }
    return left;
}
