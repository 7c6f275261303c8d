/* Tree to text. The printer is the only place where SQL text is built from a tree; it quotes. */
#ifndef SQL_SQL_PRINT_H
#define SQL_SQL_PRINT_H

#include "base/buffer.h"
#include "relgraph/relgraph.h"
#include "sql/sql_parse.h"

struct sql_print_options {
    enum sql_dialect dialect;
    bool pretty;    /* lines and indentation; else one line */
    bool quote_all; /* every identifier in quotes */
    bool pin;       /* spell out what dialects disagree on: NULL order, integer division, list
                       base, collation, function names; needs a tree that sql_say made */
    bool builtin;   /* with pin, for duckdb: without relgraph's own functions */
    const struct sql_text *comments; /* with pretty: keeps the comments of this text; else NULL */
};

/* What parses again to the same tree (sql_equal) in the same dialect. RG_ERR_SUBSET where the
 * dialect cannot say it: the message names the construct, the place is the node's. Appends nothing
 * on failure. */
RG_MUST_CHECK enum rg_status sql_print(const struct sql_node *node,
                                       const struct sql_print_options *options, struct buffer *out,
                                       struct rg_error *err);
/* True where the dialect must quote the identifier. */
bool sql_must_quote(struct str name, enum sql_dialect dialect);

#endif
