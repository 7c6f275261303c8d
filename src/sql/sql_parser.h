/* What the files of the parser share. A recursive descent for clauses and a Pratt parser for
 * expressions.
 *
 * Failure is sticky: the first error is written, the current token becomes the end of the text, and
 * every function then returns quickly, with NULL or a half-made node that nobody sees. So nothing
 * needs to be checked but where a loop must end. */
#ifndef SQL_SQL_PARSER_H
#define SQL_SQL_PARSER_H

#include "sql/sql_lexer.h"

struct sql_parser {
    struct str text;
    enum sql_dialect dialect;
    struct arena *arena;
    const struct sql_token *at; /* the current token */
    struct sql_token *tokens;
    struct sql_node **stack; /* children of lists that are being read */
    size_t n_stack, stack_room;
    unsigned nesting;  /* brackets, subqueries and the like that are open */
    bool in_arguments; /* the innermost bracket is that of a call */
    struct rg_error *err;
    enum rg_status status;
};

/* --- sql_parse.c: tokens and nodes --- */
bool sql_at_word(const struct sql_parser *p, enum sql_word word);
bool sql_at_symbol(const struct sql_parser *p, unsigned symbol);
/* The token `offset` behind the current one; the end stays the end. */
const struct sql_token *sql_peek(const struct sql_parser *p, size_t offset);
bool sql_token_is_word(const struct sql_token *token, enum sql_word word);
bool sql_token_is_symbol(const struct sql_token *token, unsigned symbol);
void sql_skip(struct sql_parser *p);
/* Skips the token where it is that one. */
bool sql_accept_word(struct sql_parser *p, enum sql_word word);
bool sql_accept_symbol(struct sql_parser *p, unsigned symbol);
void sql_expect_word(struct sql_parser *p, enum sql_word word);
void sql_expect_symbol(struct sql_parser *p, char symbol);
/* Enters a bracket or the like; false (and an error) where the limit is reached. */
bool sql_enter(struct sql_parser *p);
void sql_leave(struct sql_parser *p);

/* "expected X": the current token is not what may stand here. */
void sql_unexpected(struct sql_parser *p, const char *expected);
/* "X is outside the subset" at the current token, or from `start` to it. */
void sql_outside(struct sql_parser *p, const char *construct);
void sql_parser_fail(struct sql_parser *p, enum rg_status status, struct sql_span span,
                     const char *message);

struct str sql_token_text(const struct sql_parser *p, const struct sql_token *token);
/* Of the current token. */
uint32_t sql_start(const struct sql_parser *p);
/* Where the token before the current one ends. */
uint32_t sql_behind(const struct sql_parser *p);

/* A node from `start` to the token before the current one. NULL after a failure. */
struct sql_node *sql_make(struct sql_parser *p, enum sql_kind kind, uint32_t start);
struct sql_node *sql_make_with(struct sql_parser *p, enum sql_kind kind, uint32_t start,
                               struct sql_node *const *children, uint32_t n);
struct sql_node *sql_make_1(struct sql_parser *p, enum sql_kind kind, uint32_t start,
                            struct sql_node *a);
struct sql_node *sql_make_2(struct sql_parser *p, enum sql_kind kind, uint32_t start,
                            struct sql_node *a, struct sql_node *b);

/* Lists: a mark, pushes, then a node of all above the mark. */
size_t sql_list_begin(const struct sql_parser *p);
void sql_push(struct sql_parser *p, struct sql_node *node);
struct sql_node *sql_list_end(struct sql_parser *p, size_t mark, enum sql_kind kind,
                              uint32_t start);

/* --- names --- */
/* The current token can be a name here. */
bool sql_at_name(const struct sql_parser *p);
/* The text of a name, and whether it was in quotes. Fails with "expected <what>". */
struct str sql_take_name(struct sql_parser *p, const char *what, bool *out_quoted);
/* As the text of a node of that kind. */
struct sql_node *sql_parse_named(struct sql_parser *p, enum sql_kind kind, const char *what);
/* (a, b, c): a LIST of IDENT. */
struct sql_node *sql_parse_name_list(struct sql_parser *p, const char *what);
/* The value of the current STRING token; skips it. */
struct str sql_take_string(struct sql_parser *p, bool *out_blob);

/* --- sql_parse_query.c --- */
/* The current token begins a query. */
bool sql_at_query(const struct sql_parser *p);
struct sql_node *sql_parse_query(struct sql_parser *p);
/* Whether what stands behind a parenthesised query continues it, and the query then. */
bool sql_at_query_rest(const struct sql_parser *p);
struct sql_node *sql_parse_query_rest(struct sql_parser *p, struct sql_node *first);
struct sql_node *sql_parse_order_by(struct sql_parser *p);
/* ( … ) of OVER and WINDOW. */
struct sql_node *sql_parse_window(struct sql_parser *p);

/* --- sql_parse_from.c --- */
struct sql_node *sql_parse_from(struct sql_parser *p);
/* One table, derived table, call or parenthesis. */
struct sql_node *sql_parse_table(struct sql_parser *p);

/* --- sql_parse_expr.c --- */
/* Binding powers beside those of sql_op_info. */
enum {
    SQL_PRECEDENCE_OR = 10,
    SQL_PRECEDENCE_AND = 20,
    SQL_PRECEDENCE_NOT = 30,
    SQL_PRECEDENCE_IS = 35,
    SQL_PRECEDENCE_COMPARE = 40,
    SQL_PRECEDENCE_LIKE = 43,
    SQL_PRECEDENCE_OTHER = 50,
    SQL_PRECEDENCE_SIGN = 100,
    SQL_PRECEDENCE_POSTFIX = 110,
    SQL_PRECEDENCE_PRIMARY = 120
};
struct sql_node *sql_parse_expression(struct sql_parser *p);
/* Operators that bind at least as tightly. */
struct sql_node *sql_parse_operand(struct sql_parser *p, unsigned precedence);
/* Continues an expression behind its first operand. */
struct sql_node *sql_parse_operators(struct sql_parser *p, struct sql_node *left,
                                     unsigned precedence);
/* Comma-separated, until what cannot continue: a LIST. */
struct sql_node *sql_parse_expressions(struct sql_parser *p);

/* --- sql_parse_primary.c --- */
struct sql_node *sql_parse_primary(struct sql_parser *p);
/* What stands behind an operand: .name, [index], ::type. */
struct sql_node *sql_parse_postfix(struct sql_parser *p, struct sql_node *left);
/* ( … ): a QUERY; or a LIST of one or more expressions where a LIST is wanted; else (SQL_ROW) an
 * expression, which is a ROW where there are several. */
struct sql_node *sql_parse_parenthesis(struct sql_parser *p, enum sql_kind wanted);
/* *, t.*, with EXCLUDE and the like; at the star. */
struct sql_node *sql_parse_star(struct sql_parser *p, uint32_t start, struct sql_node *qualifier);

/* --- sql_parse_call.c --- */
/* At the "(" behind a function's name; with FILTER, OVER and the like. */
struct sql_node *sql_parse_call(struct sql_parser *p, const struct sql_token *name);
/* x -> …, (x, y) -> … and lambda x: …; NULL where none is there. */
struct sql_node *sql_parse_lambda(struct sql_parser *p);

/* --- sql_parse_type.c --- */
struct sql_node *sql_parse_type(struct sql_parser *p);

#endif
