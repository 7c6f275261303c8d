/* The lexer of sql_token.h: a scan from token to token without memory of its own. */
#include "compile/sql_token.h"

#include <ctype.h>

void sql_lexer_init(struct sql_lexer *lexer, struct str text)
{
    *lexer = (struct sql_lexer){text.ptr, text.ptr + text.len, 1, 1};
}

static void lexer_step(struct sql_lexer *lexer, size_t count)
{
    for (size_t i = 0; i < count; i++, lexer->next++) {
        if (*lexer->next == '\n') {
            lexer->line++;
            lexer->column = 1;
        } else {
            lexer->column++;
        }
    }
}

static size_t lexer_left(const struct sql_lexer *lexer)
{
    return (size_t)(lexer->end - lexer->next);
}

static bool lexer_at(const struct sql_lexer *lexer, size_t offset, char c)
{
    return offset < lexer_left(lexer) && lexer->next[offset] == c;
}

static bool is_word_start(char c)
{
    return isalpha((unsigned char)c) || c == '_' || (unsigned char)c >= 0x80;
}

static bool is_word(char c)
{
    return is_word_start(c) || isdigit((unsigned char)c) || c == '$';
}

/* Length of what a quote opens at `from`, its end included; 0 where it does not end. */
static size_t quoted_length(const struct sql_lexer *lexer, size_t from, char quote, bool backslash)
{
    size_t left = lexer_left(lexer);
    for (size_t i = from + 1; i < left; i++) {
        if (backslash && lexer->next[i] == '\\')
            i++;
        else if (lexer->next[i] == quote && lexer_at(lexer, i + 1, quote))
            i++;
        else if (lexer->next[i] == quote)
            return i + 1;
    }
    return 0;
}

/* Length of $tag$ … $tag$ at the lexer; 0 where none starts or it does not end. */
static size_t dollar_length(const struct sql_lexer *lexer, bool *out_starts)
{
    size_t left = lexer_left(lexer), tag = 1;
    while (tag < left && is_word(lexer->next[tag]) && lexer->next[tag] != '$')
        tag++;
    *out_starts =
        lexer_at(lexer, tag, '$') && (tag == 1 || !isdigit((unsigned char)lexer->next[1]));
    if (!*out_starts)
        return 0;
    tag++;
    for (size_t i = tag; i + tag <= left; i++)
        if (memcmp(lexer->next + i, lexer->next, tag) == 0)
            return i + tag;
    return 0;
}

/* Block comments nest, as they do in the engine. */
static size_t block_comment_length(const struct sql_lexer *lexer)
{
    size_t left = lexer_left(lexer), depth = 0;
    for (size_t i = 0; i + 1 < left; i++) {
        if (lexer->next[i] == '/' && lexer->next[i + 1] == '*') {
            depth++;
            i++;
        } else if (lexer->next[i] == '*' && lexer->next[i + 1] == '/') {
            i++;
            if (--depth == 0)
                return i + 1;
        }
    }
    return 0;
}

static size_t line_comment_length(const struct sql_lexer *lexer)
{
    const char *line_end = memchr(lexer->next, '\n', lexer_left(lexer));
    return line_end ? (size_t)(line_end - lexer->next) : lexer_left(lexer);
}

static size_t word_length(const struct sql_lexer *lexer)
{
    size_t length = 1, left = lexer_left(lexer);
    while (length < left && is_word(lexer->next[length]))
        length++;
    return length;
}

static size_t number_length(const struct sql_lexer *lexer)
{
    size_t length = 1, left = lexer_left(lexer);
    while (length < left) {
        char c = lexer->next[length], before = lexer->next[length - 1];
        bool exponent_sign = (c == '+' || c == '-') && (before == 'e' || before == 'E');
        if (!isalnum((unsigned char)c) && c != '.' && c != '_' && !exponent_sign)
            break;
        length++;
    }
    return length;
}

struct sql_token sql_lexer_next(struct sql_lexer *lexer)
{
    while (lexer->next < lexer->end && isspace((unsigned char)*lexer->next))
        lexer_step(lexer, 1);
    struct sql_token token = {SQL_END, {lexer->next, 0}, lexer->line, lexer->column};
    if (lexer->next == lexer->end)
        return token;
    char c = *lexer->next;
    bool dollar = false;
    size_t length = 1;
    token.kind = SQL_SYMBOL;
    if ((c == 'e' || c == 'E') && lexer_at(lexer, 1, '\'')) {
        length = quoted_length(lexer, 1, '\'', true);
        token.kind = SQL_TEXT;
    } else if (is_word_start(c)) {
        length = word_length(lexer);
        token.kind = SQL_WORD;
    } else if (isdigit((unsigned char)c)) {
        length = number_length(lexer);
        token.kind = SQL_NUMBER;
    } else if (c == '\'' || c == '"') {
        length = quoted_length(lexer, 0, c, false);
        token.kind = c == '"' ? SQL_NAME : SQL_TEXT;
    } else if (c == '-' && lexer_at(lexer, 1, '-')) {
        length = line_comment_length(lexer);
        token.kind = SQL_COMMENT;
    } else if (c == '/' && lexer_at(lexer, 1, '*')) {
        length = block_comment_length(lexer);
        token.kind = SQL_COMMENT;
    } else if (c == '$') {
        length = dollar_length(lexer, &dollar);
        token.kind = dollar ? SQL_TEXT : SQL_SYMBOL;
        length = dollar ? length : 1;
    }
    if (length == 0) {
        token.kind = SQL_BAD;
        length = lexer_left(lexer);
    }
    token.text.len = length;
    lexer_step(lexer, length);
    if (token.kind == SQL_NAME)
        token.text = (struct str){token.text.ptr + 1, length - 2};
    return token;
}

struct sql_token sql_lexer_next_code(struct sql_lexer *lexer)
{
    struct sql_token token = sql_lexer_next(lexer);
    while (token.kind == SQL_COMMENT)
        token = sql_lexer_next(lexer);
    return token;
}

bool sql_token_is(const struct sql_token *token, const char *keyword)
{
    if (token->kind != SQL_WORD || token->text.len != strlen(keyword))
        return false;
    for (size_t i = 0; i < token->text.len; i++)
        if (toupper((unsigned char)token->text.ptr[i]) != keyword[i])
            return false;
    return true;
}
