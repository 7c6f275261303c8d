/* Text to tree. The subset is in docs/sql.md. */
#ifndef SQL_SQL_PARSE_H
#define SQL_SQL_PARSE_H

#include "relgraph/relgraph.h"
#include "sql/sql_dialect.h"
#include "sql/sql_tree.h"

struct sql_comment {
    struct sql_span span; /* with its marks */
    bool own_line;        /* nothing but blanks before it on its line */
};

struct sql_text {
    struct str text;       /* what was parsed; nodes lend from it */
    struct sql_node *root; /* a QUERY, or an expression */
    struct sql_comment *comments;
    size_t n_comments; /* in the order of the text */
};

enum sql_parse_what {
    SQL_PARSE_QUERY,      /* exactly one query, a final semicolon allowed */
    SQL_PARSE_EXPRESSION, /* exactly one expression */
    SQL_PARSE_EITHER      /* what begins as a query is one, else an expression */
};

/* Everything lives in the arena, texts in `text`. Status RG_ERR_SUBSET where the text is of a
 * kind that the subset leaves out (the hint says what), RG_ERR_PARSE where it is no SQL; both with
 * line and column of the text. */
RG_MUST_CHECK enum rg_status sql_parse(struct str text, enum sql_dialect dialect,
                                       enum sql_parse_what what, struct arena *arena,
                                       struct sql_text *out_text, struct rg_error *err);

/* Line and column, from 1 and in characters, of a byte of the text. */
void sql_place(struct str text, uint32_t byte, uint32_t *out_line, uint32_t *out_column);
/* An error at a span of the text. */
RG_PRINTF(5, 6)
enum rg_status sql_fail(struct rg_error *err, enum rg_status status, struct str text,
                        struct sql_span span, const char *format, ...);
/* "  SELECT x FORM t\n           ^~~~": the line of an error with a caret line below. */
void sql_print_caret(struct str text, uint32_t line, uint32_t column, uint32_t width,
                     struct buffer *out);

#endif
