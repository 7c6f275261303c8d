/* Tokens of SQL text, as far as declarations and the reads of a rule need them. */
#ifndef COMPILE_SQL_TOKEN_H
#define COMPILE_SQL_TOKEN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

enum sql_token_kind {
    SQL_END,
    SQL_WORD, /* a bare word: keyword or identifier */
    SQL_NAME, /* "quoted"; text is without the quotes, inner ones still doubled */
    SQL_TEXT, /* 'text', E'text' or $$text$$; text is with the quotes */
    SQL_NUMBER,
    SQL_COMMENT, /* -- to the end of the line, or a block; text is with the marks */
    SQL_SYMBOL,  /* one character of anything else */
    SQL_BAD      /* a quote or a comment that does not end; text is what it starts with */
};

struct sql_token {
    enum sql_token_kind kind;
    struct str text;
    uint32_t line, column; /* of its first byte, from 1 */
};

struct sql_lexer {
    const char *next, *end;
    uint32_t line, column;
};

void sql_lexer_init(struct sql_lexer *lexer, struct str text);
/* The next token; SQL_END again and again at the end. Tokens lend the text that was given. */
struct sql_token sql_lexer_next(struct sql_lexer *lexer);
/* As above, comments skipped. */
struct sql_token sql_lexer_next_code(struct sql_lexer *lexer);
/* The token is this keyword (upper case), in any case. */
bool sql_token_is(const struct sql_token *token, const char *keyword);
static inline bool sql_token_symbol(const struct sql_token *token, char symbol)
{
    return token->kind == SQL_SYMBOL && token->text.ptr[0] == symbol;
}

#endif
