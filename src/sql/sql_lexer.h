/* Text to tokens, all at once, so that the parser may look ahead as far as it wants. */
#ifndef SQL_SQL_LEXER_H
#define SQL_SQL_LEXER_H

#include "sql/sql_keyword.h"
#include "sql/sql_parse.h"

enum sql_token_kind {
    SQL_TOKEN_END,
    SQL_TOKEN_WORD,      /* id: enum sql_word */
    SQL_TOKEN_NAME,      /* in quotes */
    SQL_TOKEN_STRING,    /* '…', E'…', X'…', $$…$$ */
    SQL_TOKEN_NUMBER,    /* */
    SQL_TOKEN_PARAMETER, /* ?, $1, $name */
    SQL_TOKEN_SYMBOL,    /* id: enum sql_symbol, or its character */
    SQL_TOKEN_BAD        /* id: enum sql_bad; nothing follows but the end */
};

/* Symbols of more than one character; the rest are their character. */
enum sql_symbol {
    SQL_SYMBOL_NE = 256,       /* <> and != */
    SQL_SYMBOL_LE,             /* <= */
    SQL_SYMBOL_GE,             /* >= */
    SQL_SYMBOL_EQ2,            /* == */
    SQL_SYMBOL_CONCAT,         /* || */
    SQL_SYMBOL_CAST,           /* :: */
    SQL_SYMBOL_ASSIGN,         /* := */
    SQL_SYMBOL_FAT_ARROW,      /* => */
    SQL_SYMBOL_ARROW,          /* -> */
    SQL_SYMBOL_DOUBLE_ARROW,   /* ->> */
    SQL_SYMBOL_SHIFT_LEFT,     /* << */
    SQL_SYMBOL_SHIFT_RIGHT,    /* >> */
    SQL_SYMBOL_INTEGER_DIVIDE, /* two slashes */
    SQL_SYMBOL_POWER,          /* ** */
    SQL_SYMBOL_CONTAINS,       /* @> */
    SQL_SYMBOL_CONTAINED,      /* <@ */
    SQL_SYMBOL_OVERLAPS,       /* && */
    SQL_SYMBOL_STARTS,         /* ^@ */
    SQL_SYMBOL_LIKE,           /* ~~ */
    SQL_SYMBOL_NOT_LIKE,       /* !~~ */
    SQL_SYMBOL_ILIKE,          /* ~~* */
    SQL_SYMBOL_NOT_ILIKE,      /* !~~* */
    SQL_SYMBOL_GLOB,           /* ~~~ */
    SQL_SYMBOL_NOT_MATCH,      /* !~ */
    SQL_SYMBOL_NULL_SAFE_EQ,   /* <=> */
    SQL_SYMBOL_FOREIGN         /* an operator of some dialect that the subset leaves out */
};

enum sql_bad {
    SQL_BAD_STRING,  /* a quote that does not end */
    SQL_BAD_NAME,    /* a quoted name that does not end */
    SQL_BAD_EMPTY,   /* a quoted name without a character */
    SQL_BAD_COMMENT, /* a comment that does not end */
    SQL_BAD_NUMBER,  /* 12abc */
    SQL_BAD_BYTE     /* a byte that no token begins with */
};

struct sql_token {
    uint32_t start, end;
    uint8_t kind; /* enum sql_token_kind */
    uint16_t id;
};

struct sql_tokens {
    struct sql_token *tokens; /* the last one is SQL_TOKEN_END */
    size_t n;
    struct sql_comment *comments; /* in the arena */
    size_t n_comments;
};

/* Tokens are on the heap (free), comments in the arena. Fails only when memory is out: what is no
 * token is one of kind BAD. The text is at most UINT32_MAX long. */
RG_MUST_CHECK enum rg_status sql_tokenize(struct str text, enum sql_dialect dialect,
                                          struct arena *arena, struct sql_tokens *out_tokens,
                                          struct rg_error *err);

/* The value of a NAME or STRING token: without quotes, escapes resolved; lent from the text where
 * nothing had to be resolved, else in the arena. ptr NULL when memory is out. *out_blob: X'…', the
 * value is its hex digits. */
struct str sql_token_value(struct str text, const struct sql_token *token, enum sql_dialect dialect,
                           struct arena *arena, bool *out_blob);

#endif
