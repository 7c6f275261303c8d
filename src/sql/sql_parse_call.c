/* Function calls: arguments, the forms with words among them, lambdas, and the clauses behind. */
#include "sql/sql_parser.h"

/* --- Lambdas --- */

/* TRUE -> x is no lambda. */
static bool is_parameter_name(const struct sql_token *token)
{
    return token->kind == SQL_TOKEN_NAME ||
           (token->kind == SQL_TOKEN_WORD &&
            !(sql_word_flags((enum sql_word)token->id) & SQL_RESERVED_QUOTE));
}

/* Behind (a, b, c) at the current token; NULL where there is no list of plain names. */
static const struct sql_token *behind_names(const struct sql_parser *p)
{
    const struct sql_token *token = p->at + 1;
    for (;; token++) {
        if (!is_parameter_name(token))
            return NULL;
        token++;
        if (sql_token_is_symbol(token, ')'))
            return token + 1;
        if (!sql_token_is_symbol(token, ','))
            return NULL;
    }
}

static bool at_lambda_word(const struct sql_parser *p)
{
    const struct sql_token *next = sql_peek(p, 1);
    return sql_at_word(p, SQL_WORD_LAMBDA) &&
           (next->kind == SQL_TOKEN_WORD || next->kind == SQL_TOKEN_NAME);
}

/* x -> '$.a' is the operator of JSON: behind the arrow of a lambda stands more than a literal. */
static bool at_arrow_lambda(const struct sql_parser *p)
{
    const struct sql_token *arrow = NULL;
    if (sql_at_symbol(p, '('))
        arrow = behind_names(p);
    else if (is_parameter_name(p->at))
        arrow = sql_peek(p, 1);
    if (!arrow || !sql_token_is_symbol(arrow, SQL_SYMBOL_ARROW))
        return false;
    return sql_at_symbol(p, '(') ||
           (arrow[1].kind != SQL_TOKEN_STRING && arrow[1].kind != SQL_TOKEN_NUMBER);
}

struct sql_node *sql_parse_lambda(struct sql_parser *p)
{
    bool word = at_lambda_word(p);
    if ((!word && !at_arrow_lambda(p)) || !sql_enter(p))
        return NULL;
    uint32_t start = sql_start(p);
    if (word)
        sql_skip(p);
    uint32_t first = sql_start(p);
    struct sql_node *params;
    if (!word && sql_at_symbol(p, '(')) {
        params = sql_parse_name_list(p, "a parameter");
    } else {
        size_t mark = sql_list_begin(p);
        do
            sql_push(p, sql_parse_named(p, SQL_IDENT, "a parameter"));
        while (word && sql_accept_symbol(p, ','));
        params = sql_list_end(p, mark, SQL_LIST, first);
    }
    if (word)
        sql_expect_symbol(p, ':');
    else
        sql_skip(p);
    struct sql_node *body = sql_parse_lambda(p);
    if (!body)
        body = sql_parse_expression(p);
    sql_leave(p);
    struct sql_node *lambda = sql_make_2(p, SQL_LAMBDA, start, params, body);
    if (lambda && !word)
        lambda->flags = SQL_FLAG_ARROW;
    return lambda;
}

/* --- Arguments --- */

static struct sql_node *named_arg(struct sql_parser *p, uint32_t start, struct str name,
                                  bool quoted, struct sql_node *value)
{
    struct sql_node *node = sql_make_1(p, SQL_NAMED_ARG, start, value);
    if (node) {
        node->text = name;
        node->flags = quoted ? SQL_FLAG_QUOTED : 0;
    }
    return node;
}

static struct sql_node *parse_value(struct sql_parser *p)
{
    struct sql_node *lambda = sql_parse_lambda(p);
    return lambda || p->status ? lambda : sql_parse_expression(p);
}

static bool at_named_argument(const struct sql_parser *p)
{
    const struct sql_token *next = sql_peek(p, 1);
    return sql_at_name(p) && (sql_token_is_symbol(next, SQL_SYMBOL_ASSIGN) ||
                              sql_token_is_symbol(next, SQL_SYMBOL_FAT_ARROW));
}

/* value, name := value, name => value, value AS name. */
static struct sql_node *parse_argument(struct sql_parser *p)
{
    uint32_t start = sql_start(p);
    bool quoted;
    if (at_named_argument(p)) {
        struct str name = sql_take_name(p, "a name", &quoted);
        sql_skip(p);
        return named_arg(p, start, name, quoted, parse_value(p));
    }
    if (sql_at_query(p)) {
        struct sql_node *query = sql_parse_query(p);
        return sql_make_1(p, SQL_SUBQUERY, start, query);
    }
    struct sql_node *value = parse_value(p);
    if (sql_accept_word(p, SQL_WORD_AS)) {
        struct str name = sql_take_name(p, "a name", &quoted);
        return named_arg(p, start, name, quoted, value);
    }
    return value;
}

static struct sql_node *make_text(struct sql_parser *p, struct str text, uint32_t start)
{
    struct sql_node *node = sql_make(p, SQL_LITERAL, start);
    if (node) {
        node->op = SQL_OP_STRING;
        node->text = text;
    }
    return node;
}

static bool name_is(struct str name, const char *wanted)
{
    size_t length = strlen(wanted), same = 0;
    while (same < length && same < name.len && (name.ptr[same] & ~32) == wanted[same])
        same++;
    return same == length && name.len == length;
}

/* EXTRACT(unit FROM x): date_part('unit', x). At FROM, behind the unit. */
static struct str parse_extract(struct sql_parser *p, size_t mark, uint32_t start)
{
    struct sql_node *unit = p->n_stack > mark ? p->stack[mark] : NULL;
    struct str name = {NULL, 0};
    if (sql_is(unit, SQL_COLUMN) && unit->n_child == 1)
        name = unit->child[0]->text;
    else if (sql_is(unit, SQL_LITERAL) && unit->op == SQL_OP_STRING)
        name = unit->text;
    else
        sql_unexpected(p, "one unit before FROM");
    p->n_stack = mark;
    char *lower = name.len ? arena_alloc(p->arena, name.len) : NULL;
    for (size_t i = 0; lower && i < name.len; i++)
        lower[i] =
            (char)(name.ptr[i] >= 'A' && name.ptr[i] <= 'Z' ? name.ptr[i] + 32 : name.ptr[i]);
    sql_push(p, make_text(p, (struct str){lower ? lower : name.ptr, name.len}, start));
    sql_skip(p);
    sql_push(p, sql_parse_expression(p));
    return STR("date_part");
}

/* SUBSTRING(x FROM a FOR b): at FROM or FOR. */
static void parse_substring(struct sql_parser *p)
{
    uint32_t start = sql_start(p);
    if (sql_accept_word(p, SQL_WORD_FROM)) {
        sql_push(p, sql_parse_expression(p));
    } else {
        struct sql_node *one = sql_make(p, SQL_LITERAL, start);
        if (one) {
            one->op = SQL_OP_NUMBER;
            one->text = STR("1");
        }
        sql_push(p, one);
    }
    if (sql_accept_word(p, SQL_WORD_FOR))
        sql_push(p, sql_parse_expression(p));
}

/* POSITION(a IN b): strpos(b, a). At the first argument. */
static struct str parse_position(struct sql_parser *p)
{
    struct sql_node *needle = sql_parse_operand(p, SQL_PRECEDENCE_LIKE + 1);
    if (sql_accept_word(p, SQL_WORD_IN)) {
        sql_push(p, sql_parse_expression(p));
        sql_push(p, needle);
        return STR("strpos");
    }
    sql_push(p, sql_parse_operators(p, needle, 0));
    return (struct str){NULL, 0};
}

/* TRIM([BOTH | LEADING | TRAILING] [what] FROM x): trim, ltrim or rtrim(x, what). At the first
 * argument. */
static struct str parse_trim(struct sql_parser *p)
{
    static const struct {
        enum sql_word word;
        const char *function;
    } sides[] = {
        {SQL_WORD_BOTH, "trim"}, {SQL_WORD_LEADING, "ltrim"}, {SQL_WORD_TRAILING, "rtrim"}};
    struct str name = {NULL, 0};
    const struct sql_token *next = sql_peek(p, 1);
    bool is_name = sql_token_is_symbol(next, ')') || sql_token_is_symbol(next, ',') ||
                   sql_token_is_symbol(next, '.');
    for (size_t i = 0; i < 3 && !is_name; i++)
        if (sql_at_word(p, sides[i].word))
            name = str_of(sides[i].function);
    if (name.ptr)
        sql_skip(p);
    struct sql_node *what = sql_at_word(p, SQL_WORD_FROM) ? NULL : sql_parse_expression(p);
    if (sql_accept_word(p, SQL_WORD_FROM)) {
        sql_push(p, sql_parse_expression(p));
        if (!name.ptr)
            name = STR("trim");
    }
    if (what || !name.ptr)
        sql_push(p, what);
    return name;
}

/* The first argument where a form with words may begin; the name of the function that it is. */
static struct str parse_worded(struct sql_parser *p, struct str name, uint32_t start)
{
    size_t mark = sql_list_begin(p);
    bool plain = at_named_argument(p) || at_lambda_word(p) || at_arrow_lambda(p);
    if (!plain && name_is(name, "POSITION"))
        return parse_position(p);
    if (!plain && name_is(name, "TRIM"))
        return parse_trim(p);
    sql_push(p, parse_argument(p));
    if (name_is(name, "EXTRACT") && sql_at_word(p, SQL_WORD_FROM))
        return parse_extract(p, mark, start);
    bool substring = name_is(name, "SUBSTRING") || name_is(name, "SUBSTR");
    if (substring && (sql_at_word(p, SQL_WORD_FROM) || sql_at_word(p, SQL_WORD_FOR)))
        parse_substring(p);
    if (name_is(name, "OVERLAY") && p->at->kind == SQL_TOKEN_WORD)
        sql_outside(p, "OVERLAY … PLACING");
    return (struct str){NULL, 0};
}

/* --- Clauses --- */

static uint32_t parse_nulls(struct sql_parser *p)
{
    bool ignore = sql_at_word(p, SQL_WORD_IGNORE), respect = sql_at_word(p, SQL_WORD_RESPECT);
    if ((!ignore && !respect) || !sql_token_is_word(sql_peek(p, 1), SQL_WORD_NULLS))
        return 0;
    sql_skip(p);
    sql_skip(p);
    return ignore ? SQL_FLAG_IGNORE_NULLS : SQL_FLAG_RESPECT_NULLS;
}

/* f(g(x) IGNORE NULLS): what the closing bracket of f follows is f's. */
static bool at_nulls_of_outer_call(const struct sql_parser *p)
{
    return p->in_arguments && sql_token_is_symbol(sql_peek(p, 2), ')');
}

static struct sql_node *parse_over(struct sql_parser *p)
{
    if (sql_at_symbol(p, '('))
        return sql_parse_window(p);
    struct sql_node *window = sql_parse_named(p, SQL_WINDOW, "a window");
    if (window)
        window->flags |= SQL_FLAG_NAME_ONLY;
    return window;
}

/* [WITHIN GROUP (…)] [FILTER (…)] [IGNORE NULLS] [OVER …] */
static void parse_behind(struct sql_parser *p, struct sql_node **children, uint32_t *flags)
{
    const struct sql_token *next = sql_peek(p, 1);
    if (sql_at_word(p, SQL_WORD_WITHIN) && sql_token_is_word(next, SQL_WORD_GROUP)) {
        sql_skip(p);
        sql_skip(p);
        sql_expect_symbol(p, '(');
        if (children[SQL_CALL_ORDER_BY])
            sql_unexpected(p, "ORDER BY once");
        bool outer = p->in_arguments;
        p->in_arguments = false;
        children[SQL_CALL_ORDER_BY] = sql_parse_order_by(p);
        p->in_arguments = outer;
        sql_expect_symbol(p, ')');
        *flags |= SQL_FLAG_WITHIN_GROUP;
    }
    if (sql_at_word(p, SQL_WORD_FILTER) && sql_token_is_symbol(sql_peek(p, 1), '(')) {
        sql_skip(p);
        sql_skip(p);
        (void)sql_accept_word(p, SQL_WORD_WHERE);
        bool outer = p->in_arguments;
        p->in_arguments = false;
        children[SQL_CALL_FILTER] = sql_parse_expression(p);
        p->in_arguments = outer;
        sql_expect_symbol(p, ')');
    }
    if (!at_nulls_of_outer_call(p))
        *flags |= parse_nulls(p);
    if (sql_accept_word(p, SQL_WORD_OVER))
        children[SQL_CALL_OVER] = parse_over(p);
}

static struct sql_node *parse_arguments(struct sql_parser *p, struct str *name, uint32_t *flags,
                                        struct sql_node **order_by)
{
    uint32_t start = sql_start(p);
    size_t mark = sql_list_begin(p);
    bool outer = p->in_arguments;
    p->in_arguments = true;
    sql_expect_symbol(p, '(');
    if (sql_accept_word(p, SQL_WORD_DISTINCT))
        *flags |= SQL_FLAG_DISTINCT;
    else
        (void)sql_accept_word(p, SQL_WORD_ALL);
    if (!sql_at_symbol(p, ')') && !sql_at_word(p, SQL_WORD_ORDER)) {
        struct str meant = parse_worded(p, *name, start);
        if (meant.ptr)
            *name = meant;
        while (sql_accept_symbol(p, ','))
            sql_push(p, parse_argument(p));
    }
    struct sql_node *args = sql_list_end(p, mark, SQL_LIST, start);
    if (sql_at_word(p, SQL_WORD_ORDER))
        *order_by = sql_parse_order_by(p);
    *flags |= parse_nulls(p);
    if (sql_at_symbol(p, ':'))
        sql_outside(p, "an argument of the form key: value");
    sql_expect_symbol(p, ')');
    p->in_arguments = outer;
    return args;
}

struct sql_node *sql_parse_call(struct sql_parser *p, const struct sql_token *name)
{
    if (!sql_enter(p))
        return NULL;
    uint32_t flags = name->kind == SQL_TOKEN_NAME ? SQL_FLAG_QUOTED : 0;
    struct str text = sql_token_text(p, name);
    if (flags) {
        bool blob;
        text = sql_token_value(p->text, name, p->dialect, p->arena, &blob);
    }
    struct sql_node *children[4] = {NULL, NULL, NULL, NULL};
    children[SQL_CALL_ARGS] = parse_arguments(p, &text, &flags, &children[SQL_CALL_ORDER_BY]);
    parse_behind(p, children, &flags);
    uint32_t nulls = SQL_FLAG_IGNORE_NULLS | SQL_FLAG_RESPECT_NULLS;
    if ((flags & nulls) && sql_list_count(children[SQL_CALL_ARGS]) == 0)
        sql_outside(p, "IGNORE NULLS of a call without arguments");
    sql_leave(p);
    struct sql_node *call = sql_make_with(p, SQL_CALL, name->start, children, 4);
    if (call) {
        call->text = text;
        call->flags = flags;
    }
    return call;
}
