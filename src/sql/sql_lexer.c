/* The lexer: one scan over the text. */
#include "sql/sql_lexer.h"

#include <stdlib.h>

#include "base/error.h"

struct lexer {
    struct str text;
    size_t at;
    const struct sql_dialect_info *dialect;
    struct arena *arena;
    struct sql_tokens *out;
    size_t token_room, comment_room;
    bool bad; /* the last token is SQL_TOKEN_BAD */
};

/* Longest first among those that begin alike. */
static const struct {
    const char *text;
    uint16_t id;
} symbols[] = {
    {"->>", SQL_SYMBOL_DOUBLE_ARROW},
    {"->", SQL_SYMBOL_ARROW},
    {"-|-", SQL_SYMBOL_FOREIGN},
    {"<=>", SQL_SYMBOL_NULL_SAFE_EQ},
    {"<->", SQL_SYMBOL_FOREIGN},
    {"<=", SQL_SYMBOL_LE},
    {"<>", SQL_SYMBOL_NE},
    {"<<", SQL_SYMBOL_SHIFT_LEFT},
    {"<@", SQL_SYMBOL_CONTAINED},
    {">=", SQL_SYMBOL_GE},
    {">>", SQL_SYMBOL_SHIFT_RIGHT},
    {"==", SQL_SYMBOL_EQ2},
    {"=>", SQL_SYMBOL_FAT_ARROW},
    {"!=", SQL_SYMBOL_NE},
    {"!~~*", SQL_SYMBOL_NOT_ILIKE},
    {"!~~", SQL_SYMBOL_NOT_LIKE},
    {"!~*", SQL_SYMBOL_FOREIGN},
    {"!~", SQL_SYMBOL_NOT_MATCH},
    {"~~~", SQL_SYMBOL_GLOB},
    {"~~*", SQL_SYMBOL_ILIKE},
    {"~~", SQL_SYMBOL_LIKE},
    {"~*", SQL_SYMBOL_FOREIGN},
    {"||/", SQL_SYMBOL_FOREIGN},
    {"||", SQL_SYMBOL_CONCAT},
    {"|/", SQL_SYMBOL_FOREIGN},
    {"&&", SQL_SYMBOL_OVERLAPS},
    {"&<", SQL_SYMBOL_FOREIGN},
    {"&>", SQL_SYMBOL_FOREIGN},
    {"::", SQL_SYMBOL_CAST},
    {":=", SQL_SYMBOL_ASSIGN},
    {"//", SQL_SYMBOL_INTEGER_DIVIDE},
    {"**", SQL_SYMBOL_POWER},
    {"@>", SQL_SYMBOL_CONTAINS},
    {"@@", SQL_SYMBOL_FOREIGN},
    {"^@", SQL_SYMBOL_STARTS},
    {"#>>", SQL_SYMBOL_FOREIGN},
    {"#>", SQL_SYMBOL_FOREIGN},
    {"#-", SQL_SYMBOL_FOREIGN},
    {"?|", SQL_SYMBOL_FOREIGN},
    {"?&", SQL_SYMBOL_FOREIGN},
};

static char peek(const struct lexer *lexer, size_t offset)
{
    return lexer->at + offset < lexer->text.len ? lexer->text.ptr[lexer->at + offset] : '\0';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_word_start(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (unsigned char)c >= 0x80;
}

static bool is_word(char c)
{
    return is_word_start(c) || is_digit(c) || c == '$';
}

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool add_token(struct lexer *lexer, enum sql_token_kind kind, unsigned id, size_t length)
{
    struct sql_tokens *out = lexer->out;
    if (out->n == lexer->token_room) {
        size_t room = lexer->token_room * 2;
        struct sql_token *grown = realloc(out->tokens, room * sizeof *grown);
        if (!grown)
            return false;
        out->tokens = grown;
        lexer->token_room = room;
    }
    out->tokens[out->n++] = (struct sql_token){.start = (uint32_t)lexer->at,
                                               .end = (uint32_t)(lexer->at + length),
                                               .kind = (uint8_t)kind,
                                               .id = (uint16_t)id};
    lexer->at += length;
    lexer->bad = kind == SQL_TOKEN_BAD;
    return true;
}

static bool add_comment(struct lexer *lexer, size_t length)
{
    struct sql_tokens *out = lexer->out;
    if (out->n_comments == lexer->comment_room) {
        size_t room = lexer->comment_room ? lexer->comment_room * 2 : 8;
        struct sql_comment *grown = arena_grow(lexer->arena, out->comments, out->n_comments, room,
                                               sizeof(struct sql_comment));
        if (!grown)
            return false;
        out->comments = grown;
        lexer->comment_room = room;
    }
    size_t before = lexer->at;
    while (before && lexer->text.ptr[before - 1] != '\n' && is_space(lexer->text.ptr[before - 1]))
        before--;
    out->comments[out->n_comments++] = (struct sql_comment){
        .span = {(uint32_t)lexer->at, (uint32_t)(lexer->at + length)},
        .own_line = before == 0 || lexer->text.ptr[before - 1] == '\n',
    };
    lexer->at += length;
    return true;
}

/* Length of what a quote opens at `from`, its end included; 0 where it does not end. */
static size_t quoted_length(const struct lexer *lexer, size_t from, bool backslash)
{
    const char *text = lexer->text.ptr + lexer->at;
    size_t left = lexer->text.len - lexer->at;
    char quote = text[from];
    for (size_t i = from + 1; i < left; i++) {
        if (backslash && text[i] == '\\')
            i++;
        else if (text[i] == quote && i + 1 < left && text[i + 1] == quote)
            i++;
        else if (text[i] == quote)
            return i + 1;
    }
    return 0;
}

/* Length of the tag $…$ that opens a string; 0 where there is none. */
static size_t dollar_tag(const char *text, size_t left)
{
    size_t tag = 1;
    while (tag < left && is_word(text[tag]) && text[tag] != '$')
        tag++;
    bool opens = tag < left && text[tag] == '$' && (tag == 1 || !is_digit(text[1]));
    return opens ? tag + 1 : 0;
}

static size_t dollar_length(const struct lexer *lexer, size_t tag)
{
    const char *text = lexer->text.ptr + lexer->at;
    size_t left = lexer->text.len - lexer->at;
    for (size_t i = tag; i + tag <= left;) {
        const char *next = memchr(text + i, '$', left - i - tag + 1);
        if (!next)
            return 0;
        i = (size_t)(next - text);
        if (memcmp(next, text, tag) == 0)
            return i + tag;
        i++;
    }
    return 0;
}

/* Block comments nest, as they do in the engine. */
static size_t block_comment_length(const struct lexer *lexer)
{
    const char *text = lexer->text.ptr + lexer->at;
    size_t left = lexer->text.len - lexer->at, depth = 0;
    for (size_t i = 0; i + 1 < left; i++) {
        if (text[i] == '/' && text[i + 1] == '*') {
            depth++;
            i++;
        } else if (text[i] == '*' && text[i + 1] == '/') {
            i++;
            if (--depth == 0)
                return i + 1;
        }
    }
    return 0;
}

static bool lex_comment(struct lexer *lexer)
{
    const char *text = lexer->text.ptr + lexer->at;
    size_t left = lexer->text.len - lexer->at;
    if (text[0] == '/') {
        size_t length = block_comment_length(lexer);
        return length ? add_comment(lexer, length)
                      : add_token(lexer, SQL_TOKEN_BAD, SQL_BAD_COMMENT, left);
    }
    const char *line_end = memchr(text, '\n', left);
    size_t length = line_end ? (size_t)(line_end - text) : left;
    if (length && text[length - 1] == '\r')
        length--;
    return add_comment(lexer, length);
}

/* Behind the digits from there on. */
static size_t digits(const struct lexer *lexer, size_t from)
{
    size_t at = from;
    while (is_digit(peek(lexer, at)) || (peek(lexer, at) == '_' && at > from))
        at++;
    return at;
}

static bool lex_number(struct lexer *lexer)
{
    size_t length = digits(lexer, 0);
    if (peek(lexer, length) == '.')
        length = digits(lexer, length + 1);
    if ((peek(lexer, length) | 32) == 'e') {
        char sign = peek(lexer, length + 1);
        size_t from = length + 1 + (sign == '+' || sign == '-');
        size_t end = digits(lexer, from);
        if (end > from)
            length = end;
    }
    bool ends = !is_word_start(peek(lexer, length)) && peek(lexer, length - 1) != '_';
    while (!ends && is_word(peek(lexer, length)))
        length++;
    return add_token(lexer, ends ? SQL_TOKEN_NUMBER : SQL_TOKEN_BAD, ends ? 0 : SQL_BAD_NUMBER,
                     length);
}

static bool lex_quoted(struct lexer *lexer, size_t from, enum sql_token_kind kind, bool backslash)
{
    size_t length = quoted_length(lexer, from, backslash);
    if (length == 0) {
        enum sql_bad bad = kind == SQL_TOKEN_NAME ? SQL_BAD_NAME : SQL_BAD_STRING;
        return add_token(lexer, SQL_TOKEN_BAD, bad, lexer->text.len - lexer->at);
    }
    if (kind == SQL_TOKEN_NAME && length == 2)
        return add_token(lexer, SQL_TOKEN_BAD, SQL_BAD_EMPTY, length);
    return add_token(lexer, kind, 0, length);
}

static bool lex_word(struct lexer *lexer)
{
    char c = peek(lexer, 0);
    if (peek(lexer, 1) == '\'' && ((c | 32) == 'e' || (c | 32) == 'x'))
        return lex_quoted(lexer, 1, SQL_TOKEN_STRING, (c | 32) == 'e');
    size_t length = 1;
    while (is_word(peek(lexer, length)))
        length++;
    struct str word = {lexer->text.ptr + lexer->at, length};
    return add_token(lexer, SQL_TOKEN_WORD, sql_word_find(word), length);
}

static bool lex_dollar(struct lexer *lexer)
{
    const char *text = lexer->text.ptr + lexer->at;
    size_t left = lexer->text.len - lexer->at;
    size_t tag = dollar_tag(text, left);
    if (tag) {
        size_t length = dollar_length(lexer, tag);
        return length ? add_token(lexer, SQL_TOKEN_STRING, 0, length)
                      : add_token(lexer, SQL_TOKEN_BAD, SQL_BAD_STRING, left);
    }
    size_t length = 1;
    while (is_word(peek(lexer, length)) && peek(lexer, length) != '$')
        length++;
    if (length > 1)
        return add_token(lexer, SQL_TOKEN_PARAMETER, 0, length);
    return add_token(lexer, SQL_TOKEN_BAD, SQL_BAD_BYTE, 1);
}

static bool lex_symbol(struct lexer *lexer)
{
    struct str rest = {lexer->text.ptr + lexer->at, lexer->text.len - lexer->at};
    for (size_t i = 0; i < sizeof symbols / sizeof *symbols; i++)
        if (symbols[i].text[0] == rest.ptr[0] && str_starts(rest, str_of(symbols[i].text)))
            return add_token(lexer, SQL_TOKEN_SYMBOL, symbols[i].id, strlen(symbols[i].text));
    char c = rest.ptr[0];
    if (c != '\0' && strchr("()[]{},;.:+-*/%<>=~|&^!@#?", c))
        return add_token(lexer, SQL_TOKEN_SYMBOL, (unsigned char)c, 1);
    return add_token(lexer, SQL_TOKEN_BAD, SQL_BAD_BYTE, 1);
}

static bool lex_one(struct lexer *lexer)
{
    char c = peek(lexer, 0), next = peek(lexer, 1);
    if ((c == '-' && next == '-') || (c == '/' && next == '*'))
        return lex_comment(lexer);
    if (is_word_start(c))
        return lex_word(lexer);
    if (is_digit(c) || (c == '.' && is_digit(next)))
        return lex_number(lexer);
    if (c == '\'')
        return lex_quoted(lexer, 0, SQL_TOKEN_STRING, lexer->dialect->backslash_escapes);
    if (c == '"' && lexer->dialect->quote != '"')
        return lex_quoted(lexer, 0, SQL_TOKEN_STRING, lexer->dialect->backslash_escapes);
    if (c == '"' || c == '`')
        return lex_quoted(lexer, 0, SQL_TOKEN_NAME, false);
    if (c == '$')
        return lex_dollar(lexer);
    return lex_symbol(lexer);
}

enum rg_status sql_tokenize(struct str text, enum sql_dialect dialect, struct arena *arena,
                            struct sql_tokens *out_tokens, struct rg_error *err)
{
    RG_ASSERT(text.len <= UINT32_MAX);
    *out_tokens = (struct sql_tokens){0};
    struct lexer lexer = {.text = text,
                          .dialect = &sql_dialect_info[dialect],
                          .arena = arena,
                          .out = out_tokens,
                          .token_room = text.len / 4 + 16};
    out_tokens->tokens = malloc(lexer.token_room * sizeof *out_tokens->tokens);
    bool ok = out_tokens->tokens != NULL;
    while (ok && !lexer.bad) {
        while (lexer.at < text.len && is_space(text.ptr[lexer.at]))
            lexer.at++;
        if (lexer.at == text.len)
            break;
        ok = lex_one(&lexer);
    }
    if (ok && add_token(&lexer, SQL_TOKEN_END, 0, 0))
        return RG_OK;
    free(out_tokens->tokens);
    *out_tokens = (struct sql_tokens){0};
    return error_no_memory(err, "sql");
}

static char unescape(char c)
{
    switch (c) {
    case 'n':
        return '\n';
    case 't':
        return '\t';
    case 'r':
        return '\r';
    case 'b':
        return '\b';
    case 'f':
        return '\f';
    default:
        return c;
    }
}

struct str sql_token_value(struct str text, const struct sql_token *token, enum sql_dialect dialect,
                           struct arena *arena, bool *out_blob)
{
    const char *from = text.ptr + token->start;
    size_t length = token->end - token->start;
    *out_blob = false;
    if (*from == '$') {
        size_t tag = dollar_tag(from, length);
        return (struct str){from + tag, length - 2 * tag};
    }
    bool backslash = token->kind == SQL_TOKEN_STRING && sql_dialect_info[dialect].backslash_escapes;
    if (*from == 'e' || *from == 'E' || *from == 'x' || *from == 'X') {
        *out_blob = (*from | 32) == 'x';
        backslash = !*out_blob;
        from++;
        length--;
    }
    char quote = *from;
    struct str raw = {from + 1, length - 2};
    if (!memchr(raw.ptr, quote, raw.len) && !(backslash && memchr(raw.ptr, '\\', raw.len)))
        return raw;
    char *value = arena_alloc(arena, raw.len + 1);
    if (!value)
        return (struct str){NULL, 0};
    size_t n = 0;
    for (size_t i = 0; i < raw.len; i++) {
        bool escaped = backslash && raw.ptr[i] == '\\' && i + 1 < raw.len;
        if (escaped || raw.ptr[i] == quote)
            i++;
        value[n++] = escaped ? unescape(raw.ptr[i]) : raw.ptr[i];
    }
    return (struct str){value, n};
}
