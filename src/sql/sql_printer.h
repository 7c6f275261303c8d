/* What the files of the printer share.
 *
 * Failure is sticky, as in the parser. Layout: a group is written flat, on the line it is on, where
 * it fits and holds no comment; otherwise its breaks become line ends. */
#ifndef SQL_SQL_PRINTER_H
#define SQL_SQL_PRINTER_H

#include "sql/sql_parser.h"
#include "sql/sql_print.h"

struct sql_printer {
    const struct sql_print_options *options;
    const struct sql_dialect_info *dialect;
    struct buffer out;
    enum rg_status status;
    struct rg_error *err;
    size_t line_start; /* in out */
    unsigned indent;   /* blanks at the start of a line */
    bool flat;         /* inside of a group that is tried on one line, */
    size_t flat_end;   /* which may not be longer */
    bool waiting;      /* a line end is due before anything else, */
    unsigned waiting_indent;
    const struct sql_node *bare;     /* object of a member that goes without brackets */
    const struct sql_text *comments; /* NULL: none are kept */
    size_t next_comment;
    bool line_is_closed; /* nothing can stand behind the last comment of the line */
};

typedef void sql_print_fn(struct sql_printer *pr, const struct sql_node *node);

/* --- sql_print.c --- */
/* A name as text of a node: quoted where it must be or was. */
void sql_put_name(struct sql_printer *pr, struct str name, bool quoted);
/* In quotes, whether it needs them or not. */
void sql_put_in_quotes(struct sql_printer *pr, struct str name, bool quoted);
/* The same behind AS in a SELECT list and behind a dot, where more words are free. */
void sql_put_label(struct sql_printer *pr, struct str name, bool quoted);
/* The construct does not exist in the dialect. */
void sql_cannot_say(struct sql_printer *pr, const struct sql_node *node, const char *construct);

/* --- sql_print_layout.c --- */
void sql_layout_begin(struct sql_printer *pr);
void sql_layout_end(struct sql_printer *pr);
void sql_put(struct sql_printer *pr, const char *text);
void sql_put_str(struct sql_printer *pr, struct str text);
void sql_put_char(struct sql_printer *pr, char c);
/* The node is printed next: the comments before it are. */
void sql_at(struct sql_printer *pr, const struct sql_node *node);
void sql_indent(struct sql_printer *pr, int steps);
/* A line end in a broken group, a blank in a flat one; `next` (may be NULL) is printed behind it.
 */
void sql_break(struct sql_printer *pr, const struct sql_node *next);
/* The same, nothing in a flat group. */
void sql_soft_break(struct sql_printer *pr);
/* Before a closing bracket, behind `inside`. */
void sql_close_break(struct sql_printer *pr, const struct sql_node *inside, const char *flat);
void sql_group(struct sql_printer *pr, sql_print_fn *print, const struct sql_node *node);
/* Elements of a list, comma-separated; broken: one a line, indented. */
void sql_put_list(struct sql_printer *pr, const struct sql_node *list);
/* ( list ) */
void sql_put_bracketed(struct sql_printer *pr, const struct sql_node *list, const char *open,
                       const char *close);

/* --- sql_print_dialect.c: what is written otherwise than the other files would --- */
/* Writes the node as pr->options->dialect has it, pinned where the options say so; false where the
 * dialect differs in nothing. Asked before every node. */
bool sql_put_in_dialect(struct sql_printer *pr, const struct sql_node *node);
/* What stands behind UNION, INTERSECT, EXCEPT: " ALL", " DISTINCT" or nothing. */
const char *sql_put_set_words(struct sql_printer *pr, const struct sql_node *node);

/* --- sql_print_query.c --- */
void sql_put_query(struct sql_printer *pr, const struct sql_node *query);
/* In parentheses. */
void sql_put_subquery(struct sql_printer *pr, const struct sql_node *query);
void sql_put_order_by(struct sql_printer *pr, const struct sql_node *list);
void sql_put_window(struct sql_printer *pr, const struct sql_node *window);
void sql_put_clause(struct sql_printer *pr, const struct sql_node *node);

/* --- sql_print_from.c --- */
void sql_put_from(struct sql_printer *pr, const struct sql_node *from);

/* --- sql_print_expr.c --- */
/* Any node that is no query or clause; in parentheses where it binds less tightly. */
void sql_put_operand(struct sql_printer *pr, const struct sql_node *node, unsigned precedence);
void sql_put_expression(struct sql_printer *pr, const struct sql_node *node);
/* A condition; broken, its ANDs are on lines of their own, indented. */
void sql_put_terms(struct sql_printer *pr, const struct sql_node *node);
void sql_put_type(struct sql_printer *pr, const struct sql_node *type);
void sql_put_string(struct sql_printer *pr, struct str value);

/* As usual: FILTER and OVER. */
void sql_put_call_tail(struct sql_printer *pr, const struct sql_node *call);

#endif
