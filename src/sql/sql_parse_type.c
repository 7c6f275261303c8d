/* Types: names of one or more words, parameters, nested ones, and [] behind. */
#include "sql/sql_parser.h"

/* Names of several words, and what they are called in one. The longest of one beginning first. */
static const struct {
    const char *words; /* behind the first */
    const char *first, *name;
} long_names[] = {
    {"PRECISION", "DOUBLE", "DOUBLE"},
    {"VARYING", "CHARACTER", "VARCHAR"},
    {"VARYING", "CHAR", "VARCHAR"},
    {"VARYING", "BIT", "BIT"},
    {"WITH TIME ZONE", "TIMESTAMP", "TIMESTAMP WITH TIME ZONE"},
    {"WITHOUT TIME ZONE", "TIMESTAMP", "TIMESTAMP"},
    {"WITH TIME ZONE", "TIME", "TIME WITH TIME ZONE"},
    {"WITHOUT TIME ZONE", "TIME", "TIME"},
};

static struct str to_upper(struct sql_parser *p, struct str text)
{
    bool upper = true;
    for (size_t i = 0; i < text.len && upper; i++)
        upper = text.ptr[i] < 'a' || text.ptr[i] > 'z';
    char *copy = upper ? NULL : arena_alloc(p->arena, text.len);
    if (!copy)
        return text;
    for (size_t i = 0; i < text.len; i++)
        copy[i] = (char)(text.ptr[i] >= 'a' && text.ptr[i] <= 'z' ? text.ptr[i] - 32 : text.ptr[i]);
    return (struct str){copy, text.len};
}

static bool token_is(const struct sql_parser *p, const struct sql_token *token, struct str upper)
{
    struct str text = sql_token_text(p, token);
    if (token->kind != SQL_TOKEN_WORD || text.len != upper.len)
        return false;
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] != upper.ptr[i] && (text.ptr[i] ^ 32) != upper.ptr[i])
            return false;
    return true;
}

/* Takes the words behind the first of a long name. */
static struct str parse_long_name(struct sql_parser *p, struct str name)
{
    for (size_t i = 0; i < sizeof long_names / sizeof *long_names; i++) {
        if (!str_is(name, long_names[i].first))
            continue;
        struct str all = str_of(long_names[i].words);
        const struct sql_token *token = p->at;
        bool matches = true;
        while (matches && all.ptr)
            matches = token_is(p, token, str_split(&all, ' ')) && token++;
        if (matches) {
            p->at = token;
            return str_of(long_names[i].name);
        }
    }
    return name;
}

/* One ">" of a ">>", so that nested <…> can be closed. */
static void expect_greater(struct sql_parser *p)
{
    if (sql_at_symbol(p, SQL_SYMBOL_SHIFT_RIGHT)) {
        struct sql_token *token = p->tokens + (p->at - p->tokens);
        token->id = '>';
        token->start++;
        return;
    }
    sql_expect_symbol(p, '>');
}

static void close_bracket(struct sql_parser *p, bool angle)
{
    if (angle)
        expect_greater(p);
    else
        sql_expect_symbol(p, ')');
}

/* name type or name: type. */
static struct sql_node *parse_type_field(struct sql_parser *p)
{
    uint32_t start = sql_start(p);
    bool quoted;
    struct str name = sql_take_name(p, "a field's name", &quoted);
    (void)sql_accept_symbol(p, ':');
    struct sql_node *field = sql_make_1(p, SQL_FIELD, start, sql_parse_type(p));
    if (field) {
        field->text = name;
        field->flags = quoted ? SQL_FLAG_QUOTED : 0;
    }
    return field;
}

static struct sql_node *parse_literal(struct sql_parser *p)
{
    uint32_t start = sql_start(p);
    enum sql_op op = p->at->kind == SQL_TOKEN_NUMBER ? SQL_OP_NUMBER : SQL_OP_STRING;
    struct str text = sql_token_text(p, p->at);
    bool blob;
    if (p->at->kind == SQL_TOKEN_STRING)
        text = sql_take_string(p, &blob);
    else if (p->at->kind == SQL_TOKEN_NUMBER)
        sql_skip(p);
    else
        sql_unexpected(p, "a number");
    struct sql_node *literal = sql_make(p, SQL_LITERAL, start);
    if (literal) {
        literal->op = (uint8_t)op;
        literal->text = text;
    }
    return literal;
}

/* What stands in the brackets behind the name. */
static void parse_parameters(struct sql_parser *p, struct str name)
{
    bool angle = sql_at_symbol(p, '<');
    bool fields = str_is(name, "STRUCT") || str_is(name, "ROW") || str_is(name, "UNION");
    bool types = str_is(name, "MAP") || str_is(name, "LIST") || str_is(name, "ARRAY");
    sql_skip(p);
    do
        sql_push(p, fields ? parse_type_field(p) : types ? sql_parse_type(p) : parse_literal(p));
    while (sql_accept_symbol(p, ','));
    close_bracket(p, angle);
}

static struct sql_node *make_type(struct sql_parser *p, uint32_t start, size_t mark,
                                  struct str name)
{
    struct sql_node *type = sql_list_end(p, mark, SQL_TYPE, start);
    if (type)
        type->text = name;
    return type;
}

/* [], [3] and the word ARRAY behind a type. */
static struct sql_node *parse_dimensions(struct sql_parser *p, struct sql_node *element)
{
    uint32_t start = element ? element->span.start : 0;
    while (!p->status && (sql_at_symbol(p, '[') || sql_at_word(p, SQL_WORD_ARRAY))) {
        size_t mark = sql_list_begin(p);
        bool bracket = sql_at_symbol(p, '[');
        sql_push(p, element);
        sql_skip(p);
        bool sized = bracket && !sql_at_symbol(p, ']');
        if (sized)
            sql_push(p, parse_literal(p));
        if (bracket)
            sql_expect_symbol(p, ']');
        element = make_type(p, start, mark, sized ? STR("ARRAY") : STR("LIST"));
    }
    return element;
}

struct sql_node *sql_parse_type(struct sql_parser *p)
{
    if (!sql_enter(p))
        return NULL;
    uint32_t start = sql_start(p);
    size_t mark = sql_list_begin(p);
    bool quoted;
    struct str name = sql_take_name(p, "a type", &quoted);
    if (!quoted)
        name = parse_long_name(p, to_upper(p, name));
    if (sql_at_symbol(p, '.'))
        sql_outside(p, "a type with a schema");
    bool nested = str_is(name, "STRUCT") || str_is(name, "ROW") || str_is(name, "MAP") ||
                  str_is(name, "LIST") || str_is(name, "ARRAY") || str_is(name, "UNION");
    if (sql_at_symbol(p, '(') || (nested && sql_at_symbol(p, '<')))
        parse_parameters(p, name);
    if (!quoted)
        name = parse_long_name(p, name);
    if (str_is(name, "ROW"))
        name = STR("STRUCT");
    if (str_is(name, "ARRAY") && p->n_stack == mark + 1)
        name = STR("LIST"); /* ARRAY<T> of other dialects has no length */
    struct sql_node *type = make_type(p, start, mark, name);
    if (type && quoted)
        type->flags = SQL_FLAG_QUOTED;
    type = parse_dimensions(p, type);
    sql_leave(p);
    return type;
}
