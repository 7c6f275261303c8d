/* The parser's entry, and what its files share: tokens, nodes, lists, names, errors. */
#include "sql/sql_parser.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/limits.h"
#include "base/suggest.h"

/* --- Tokens --- */

bool sql_token_is_word(const struct sql_token *token, enum sql_word word)
{
    return token->kind == SQL_TOKEN_WORD && token->id == word;
}

bool sql_token_is_symbol(const struct sql_token *token, unsigned symbol)
{
    return token->kind == SQL_TOKEN_SYMBOL && token->id == symbol;
}

bool sql_at_word(const struct sql_parser *p, enum sql_word word)
{
    return sql_token_is_word(p->at, word);
}

bool sql_at_symbol(const struct sql_parser *p, unsigned symbol)
{
    return sql_token_is_symbol(p->at, symbol);
}

const struct sql_token *sql_peek(const struct sql_parser *p, size_t offset)
{
    const struct sql_token *token = p->at;
    while (offset-- && token->kind != SQL_TOKEN_END)
        token++;
    return token;
}

void sql_skip(struct sql_parser *p)
{
    if (p->at->kind != SQL_TOKEN_END)
        p->at++;
}

bool sql_accept_word(struct sql_parser *p, enum sql_word word)
{
    bool is = sql_at_word(p, word);
    if (is)
        p->at++;
    return is;
}

bool sql_accept_symbol(struct sql_parser *p, unsigned symbol)
{
    bool is = sql_at_symbol(p, symbol);
    if (is)
        p->at++;
    return is;
}

struct str sql_token_text(const struct sql_parser *p, const struct sql_token *token)
{
    return (struct str){p->text.ptr + token->start, token->end - token->start};
}

uint32_t sql_start(const struct sql_parser *p)
{
    return p->at->start;
}

uint32_t sql_behind(const struct sql_parser *p)
{
    return p->at > p->tokens ? p->at[-1].end : 0;
}

/* --- Errors --- */

void sql_parser_fail(struct sql_parser *p, enum rg_status status, struct sql_span span,
                     const char *message)
{
    if (p->status)
        return;
    p->status = sql_fail(p->err, status, p->text, span, "%s", message);
    while (p->at->kind != SQL_TOKEN_END)
        p->at++;
}

static const char *bad_message(enum sql_bad bad)
{
    switch (bad) {
    case SQL_BAD_STRING:
        return "a string that does not end";
    case SQL_BAD_NAME:
        return "a quoted name that does not end";
    case SQL_BAD_EMPTY:
        return "a quoted name is empty";
    case SQL_BAD_COMMENT:
        return "a comment that does not end";
    case SQL_BAD_NUMBER:
        return "a number runs into a name";
    case SQL_BAD_BYTE:
        break;
    }
    return "a byte that no SQL begins with";
}

/* What is SQL somewhere, but not here: the word or symbol that it is known by. */
static const struct {
    enum sql_word word, next; /* next: SQL_WORD_OTHER where any */
    const char *construct;
} outside_words[] = {
    {SQL_WORD_PIVOT, SQL_WORD_OTHER, "PIVOT"},
    {SQL_WORD_PIVOT_LONGER, SQL_WORD_OTHER, "PIVOT_LONGER"},
    {SQL_WORD_PIVOT_WIDER, SQL_WORD_OTHER, "PIVOT_WIDER"},
    {SQL_WORD_UNPIVOT, SQL_WORD_OTHER, "UNPIVOT"},
    {SQL_WORD_TABLESAMPLE, SQL_WORD_OTHER, "TABLESAMPLE"},
    {SQL_WORD_USING, SQL_WORD_SAMPLE, "USING SAMPLE"},
    {SQL_WORD_MATCH_RECOGNIZE, SQL_WORD_OTHER, "MATCH_RECOGNIZE"},
    {SQL_WORD_STRAIGHT_JOIN, SQL_WORD_OTHER, "STRAIGHT_JOIN"},
    {SQL_WORD_ASOF, SQL_WORD_OTHER, "ASOF JOIN"},
    {SQL_WORD_POSITIONAL, SQL_WORD_OTHER, "POSITIONAL JOIN"},
    {SQL_WORD_LATERAL, SQL_WORD_OTHER, "LATERAL VIEW"},
    {SQL_WORD_AGAINST, SQL_WORD_OTHER, "MATCH … AGAINST"},
    {SQL_WORD_OVERLAPS, SQL_WORD_OTHER, "OVERLAPS"},
    {SQL_WORD_OVER, SQL_WORD_OTHER, "OVER behind anything but a function call"},
    {SQL_WORD_INTO, SQL_WORD_OTHER, "INTO"},
    {SQL_WORD_FOR, SQL_WORD_OTHER, "FOR"},
    {SQL_WORD_RLIKE, SQL_WORD_OTHER, "RLIKE"},
    {SQL_WORD_REGEXP, SQL_WORD_OTHER, "REGEXP"},
    {SQL_WORD_WITH, SQL_WORD_ROLLUP, "WITH ROLLUP"},
    {SQL_WORD_WITH, SQL_WORD_CUBE, "WITH CUBE"},
    {SQL_WORD_WITH, SQL_WORD_TIES, "WITH TIES"},
};

/* The construct that the current token begins, where it is one outside of the subset. */
static const char *outside_construct(const struct sql_parser *p)
{
    if (sql_at_symbol(p, SQL_SYMBOL_FOREIGN))
        return "this operator";
    if (p->at->kind != SQL_TOKEN_WORD)
        return NULL;
    const struct sql_token *next = sql_peek(p, 1);
    for (size_t i = 0; i < sizeof outside_words / sizeof *outside_words; i++)
        if (p->at->id == outside_words[i].word && (outside_words[i].next == SQL_WORD_OTHER ||
                                                   sql_token_is_word(next, outside_words[i].next)))
            return outside_words[i].construct;
    return NULL;
}

void sql_outside(struct sql_parser *p, const char *construct)
{
    char message[256];
    snprintf(message, sizeof message, "%s is outside the subset", construct);
    sql_parser_fail(p, RG_ERR_SUBSET, (struct sql_span){p->at->start, p->at->end}, message);
}

/* Of an error: bytes that are no text are left out, and long ones cut. */
static void describe_token(const struct sql_parser *p, char *out, size_t room)
{
    enum { SHOWN_MAX = 40 };
    struct str text = sql_token_text(p, p->at);
    size_t shown = text.len < SHOWN_MAX ? text.len : SHOWN_MAX;
    while (shown < text.len && shown && ((unsigned char)text.ptr[shown] & 0xC0) == 0x80)
        shown--;
    snprintf(out, room, "\"%.*s%s\"", (int)shown, text.ptr, shown < text.len ? "…" : "");
}

/* A keyword that the misspelt word was likely meant to be. */
static const char *meant_word(const struct sql_parser *p)
{
    static const enum sql_word clauses[] = {
        SQL_WORD_SELECT,   SQL_WORD_FROM,   SQL_WORD_WHERE,     SQL_WORD_GROUP,  SQL_WORD_HAVING,
        SQL_WORD_QUALIFY,  SQL_WORD_WINDOW, SQL_WORD_ORDER,     SQL_WORD_LIMIT,  SQL_WORD_OFFSET,
        SQL_WORD_UNION,    SQL_WORD_EXCEPT, SQL_WORD_INTERSECT, SQL_WORD_INNER,  SQL_WORD_LEFT,
        SQL_WORD_RIGHT,    SQL_WORD_FULL,   SQL_WORD_CROSS,     SQL_WORD_JOIN,   SQL_WORD_USING,
        SQL_WORD_DISTINCT, SQL_WORD_WITH,   SQL_WORD_VALUES,    SQL_WORD_LATERAL};
    const struct sql_token *candidates[] = {p->at, p->at > p->tokens ? p->at - 1 : p->at};
    for (size_t i = 0; i < 2; i++) {
        if (candidates[i]->kind != SQL_TOKEN_WORD || candidates[i]->id != SQL_WORD_OTHER)
            continue;
        struct suggestion near = {.name = sql_token_text(p, candidates[i])};
        for (size_t k = 0; k < sizeof clauses / sizeof *clauses; k++)
            suggest_offer(&near, str_of(sql_word_text(clauses[k])));
        if (near.best.ptr)
            return near.best.ptr;
    }
    return NULL;
}

void sql_unexpected(struct sql_parser *p, const char *expected)
{
    if (p->status)
        return;
    char message[256], found[64];
    struct sql_span span = {p->at->start, p->at->end};
    const char *construct = outside_construct(p);
    if (construct) {
        sql_outside(p, construct);
        return;
    }
    if (p->at->kind == SQL_TOKEN_BAD) {
        sql_parser_fail(p, RG_ERR_PARSE, span, bad_message((enum sql_bad)p->at->id));
        return;
    }
    const char *meant = meant_word(p);
    if (p->at->kind == SQL_TOKEN_END)
        snprintf(found, sizeof found, "the end");
    else
        describe_token(p, found, sizeof found);
    snprintf(message, sizeof message, "expected %s, found %s", expected, found);
    sql_parser_fail(p, RG_ERR_PARSE, span, message);
    if (meant)
        error_hint(p->err, "did you mean %s?", meant);
}

void sql_expect_word(struct sql_parser *p, enum sql_word word)
{
    if (!sql_accept_word(p, word))
        sql_unexpected(p, sql_word_text(word));
}

void sql_expect_symbol(struct sql_parser *p, char symbol)
{
    char expected[] = {'"', symbol, '"', '\0'};
    if (!sql_accept_symbol(p, (unsigned char)symbol))
        sql_unexpected(p, expected);
}

bool sql_enter(struct sql_parser *p)
{
    if (p->nesting >= LIMIT_SQL_NESTING) {
        char message[80];
        snprintf(message, sizeof message, "nested deeper than %d levels", LIMIT_SQL_NESTING);
        sql_parser_fail(p, RG_ERR_LIMIT, (struct sql_span){p->at->start, p->at->end}, message);
        return false;
    }
    p->nesting++;
    return true;
}

void sql_leave(struct sql_parser *p)
{
    RG_ASSERT(p->nesting > 0);
    p->nesting--;
}

/* --- Nodes --- */

static void no_memory(struct sql_parser *p)
{
    sql_parser_fail(p, RG_ERR_MEMORY, (struct sql_span){p->at->start, p->at->end},
                    "out of memory, or the text is too long to be understood");
}

struct sql_node *sql_make_with(struct sql_parser *p, enum sql_kind kind, uint32_t start,
                               struct sql_node *const *children, uint32_t n)
{
    if (p->status)
        return NULL;
    struct sql_span span = {start, sql_behind(p)};
    struct sql_node *node = sql_node_with(p->arena, kind, span, children, n);
    if (!node) {
        no_memory(p);
    } else if (node->depth > LIMIT_SQL_DEPTH) {
        char message[80];
        snprintf(message, sizeof message, "a tree of more than %d levels", LIMIT_SQL_DEPTH);
        sql_parser_fail(p, RG_ERR_LIMIT, span, message);
        return NULL;
    }
    return node;
}

struct sql_node *sql_make(struct sql_parser *p, enum sql_kind kind, uint32_t start)
{
    return sql_make_with(p, kind, start, NULL, 0);
}

struct sql_node *sql_make_1(struct sql_parser *p, enum sql_kind kind, uint32_t start,
                            struct sql_node *a)
{
    return sql_make_with(p, kind, start, &a, 1);
}

struct sql_node *sql_make_2(struct sql_parser *p, enum sql_kind kind, uint32_t start,
                            struct sql_node *a, struct sql_node *b)
{
    struct sql_node *children[] = {a, b};
    return sql_make_with(p, kind, start, children, 2);
}

size_t sql_list_begin(const struct sql_parser *p)
{
    return p->n_stack;
}

void sql_push(struct sql_parser *p, struct sql_node *node)
{
    if (p->status)
        return;
    if (p->n_stack == p->stack_room) {
        size_t room = p->stack_room ? p->stack_room * 2 : 64;
        struct sql_node **grown = realloc(p->stack, room * sizeof(struct sql_node *));
        if (!grown) {
            no_memory(p);
            return;
        }
        p->stack = grown;
        p->stack_room = room;
    }
    p->stack[p->n_stack++] = node;
}

struct sql_node *sql_list_end(struct sql_parser *p, size_t mark, enum sql_kind kind, uint32_t start)
{
    RG_ASSERT(p->n_stack >= mark);
    struct sql_node *const *first = p->stack ? p->stack + mark : NULL;
    struct sql_node *list = sql_make_with(p, kind, start, first, (uint32_t)(p->n_stack - mark));
    p->n_stack = mark;
    return list;
}

/* --- Names --- */

static bool token_is_name(const struct sql_token *token)
{
    if (token->kind == SQL_TOKEN_NAME)
        return true;
    return token->kind == SQL_TOKEN_WORD &&
           !(sql_word_flags((enum sql_word)token->id) & SQL_RESERVED_NEVER);
}

bool sql_at_name(const struct sql_parser *p)
{
    return token_is_name(p->at);
}

struct str sql_take_string(struct sql_parser *p, bool *out_blob)
{
    *out_blob = false;
    if (p->status) /* the current token is the end */
        return STR("");
    RG_ASSERT(p->at->kind == SQL_TOKEN_STRING || p->at->kind == SQL_TOKEN_NAME);
    struct str value = sql_token_value(p->text, p->at, p->dialect, p->arena, out_blob);
    if (!value.ptr)
        no_memory(p);
    sql_skip(p);
    return value;
}

struct str sql_take_name(struct sql_parser *p, const char *what, bool *out_quoted)
{
    *out_quoted = p->at->kind == SQL_TOKEN_NAME;
    if (!sql_at_name(p)) {
        sql_unexpected(p, what);
        return STR("");
    }
    if (*out_quoted) {
        bool blob;
        return sql_take_string(p, &blob);
    }
    struct str text = sql_token_text(p, p->at);
    sql_skip(p);
    return text;
}

struct sql_node *sql_parse_named(struct sql_parser *p, enum sql_kind kind, const char *what)
{
    uint32_t start = sql_start(p);
    bool quoted;
    struct str text = sql_take_name(p, what, &quoted);
    struct sql_node *node = sql_make(p, kind, start);
    if (node) {
        node->text = text;
        node->flags = quoted ? SQL_FLAG_QUOTED : 0;
    }
    return node;
}

struct sql_node *sql_parse_name_list(struct sql_parser *p, const char *what)
{
    uint32_t start = sql_start(p);
    size_t mark = sql_list_begin(p);
    sql_expect_symbol(p, '(');
    do
        sql_push(p, sql_parse_named(p, SQL_IDENT, what));
    while (sql_accept_symbol(p, ','));
    sql_expect_symbol(p, ')');
    return sql_list_end(p, mark, SQL_LIST, start);
}

/* --- Entry --- */

/* CREATE TABLE …, and every other statement that is no query. */
static void refuse_statement(struct sql_parser *p)
{
    static const char *const statements[] = {
        "ALTER",   "ANALYZE",  "ATTACH", "BEGIN",  "CALL",     "CHECKPOINT", "COMMENT",
        "COMMIT",  "COPY",     "CREATE", "DELETE", "DESCRIBE", "DETACH",     "DROP",
        "EXECUTE", "EXPLAIN",  "EXPORT", "GRANT",  "IMPORT",   "INSERT",     "INSTALL",
        "LOAD",    "MERGE",    "PIVOT",  "PRAGMA", "PREPARE",  "REPLACE",    "RESET",
        "REVOKE",  "ROLLBACK", "SET",    "SHOW",   "START",    "SUMMARIZE",  "TRUNCATE",
        "UNPIVOT", "UPDATE",   "USE",    "VACUUM"};
    const struct sql_token *next = sql_peek(p, 1);
    if (p->at->kind != SQL_TOKEN_WORD ||
        (next->kind != SQL_TOKEN_WORD && next->kind != SQL_TOKEN_STRING))
        return;
    struct str word = sql_token_text(p, p->at);
    for (size_t i = 0; i < sizeof statements / sizeof *statements; i++)
        if (suggest_distance(word, str_of(statements[i]), 0) == 0)
            sql_outside(p, statements[i]);
}

static struct sql_node *parse_whole(struct sql_parser *p, enum sql_parse_what what)
{
    if (what != SQL_PARSE_EXPRESSION)
        refuse_statement(p);
    bool query = what == SQL_PARSE_QUERY;
    if (what == SQL_PARSE_EITHER) {
        const struct sql_token *first = p->at;
        while (sql_token_is_symbol(first, '('))
            first++;
        struct sql_parser ahead = *p;
        ahead.at = first;
        query = sql_at_query(&ahead);
    }
    struct sql_node *root;
    if (query && what == SQL_PARSE_EITHER && sql_at_symbol(p, '('))
        root = sql_parse_expression(p); /* ((SELECT 1) + 1), or a query in parentheses */
    else
        root = query ? sql_parse_query(p) : sql_parse_expression(p);
    if (sql_is(root, SQL_SUBQUERY) && what == SQL_PARSE_EITHER) {
        root = root->child[SQL_OPERAND];
        if (sql_at_query_rest(p))
            root = sql_parse_query_rest(p, root);
    }
    if (query)
        while (sql_accept_symbol(p, ';'))
            ;
    if (p->at->kind != SQL_TOKEN_END)
        sql_unexpected(p, query ? "the end of the query" : "the end of the expression");
    return root;
}

enum rg_status sql_parse(struct str text, enum sql_dialect dialect, enum sql_parse_what what,
                         struct arena *arena, struct sql_text *out_text, struct rg_error *err)
{
    *out_text = (struct sql_text){.text = text};
    if (text.len >= UINT32_MAX)
        return error_set(err, RG_ERR_LIMIT, "sql", "a text of more than 4 GB");
    struct sql_tokens tokens;
    enum rg_status status = sql_tokenize(text, dialect, arena, &tokens, err);
    if (status)
        return status;
    struct sql_parser parser = {.text = text,
                                .dialect = dialect,
                                .arena = arena,
                                .at = tokens.tokens,
                                .tokens = tokens.tokens,
                                .err = err};
    struct sql_node *root = parse_whole(&parser, what);
    if (!parser.status) {
        out_text->root = root;
        out_text->comments = tokens.comments;
        out_text->n_comments = tokens.n_comments;
    }
    free(parser.stack);
    free(tokens.tokens);
    return parser.status;
}
