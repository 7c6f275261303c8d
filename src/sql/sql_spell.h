/* How a dialect spells what the default dialect calls otherwise: calls by the functions table, and
 * types. The printer asks; sql_say has put the tree into a shape that the dialect has at all. */
#ifndef SQL_SQL_SPELL_H
#define SQL_SQL_SPELL_H

#include "base/buffer.h"
#include "relgraph/relgraph.h"
#include "sql/sql_functions.h"
#include "sql/sql_tree.h"

/* What the printer lends: where it writes, and itself for what stands inside. */
struct sql_spell {
    enum sql_dialect dialect;
    bool builtin; /* duckdb without our functions: by its builtins alone */
    struct buffer *out;
    void *context;
    /* An expression, without brackets around it. */
    enum rg_status (*print)(void *context, const struct sql_node *node);
    /* What follows the closing bracket of a call: FILTER and OVER; nothing where there is none. */
    enum rg_status (*print_tail)(void *context, const struct sql_node *call);
    struct rg_error *err;
};

/* *out_name: the call is spelled as usual, under that name (NULL: under its own); or it is written,
 * FILTER and OVER included, and *out_written is true. RG_ERR_SUBSET: the dialect cannot say it;
 * the message says why. */
RG_MUST_CHECK enum rg_status sql_spell_call(const struct sql_spell *spell,
                                            const struct sql_node *call, const char **out_name,
                                            bool *out_written);
/* A TYPE node in the dialect's words. `nullable`: where the dialect says so (clickhouse). */
RG_MUST_CHECK enum rg_status sql_spell_type(const struct sql_spell *spell,
                                            const struct sql_node *type, bool nullable);

/* The functions that spellings of the form @word name; NULL: there is none. */
typedef enum rg_status sql_spell_fn(const struct sql_spell *spell, const struct sql_node *call);
sql_spell_fn *sql_spell_special(const char *word);
/* For those: argument i, in brackets where it is not one word or call. */
RG_MUST_CHECK enum rg_status sql_spell_argument(const struct sql_spell *spell,
                                                const struct sql_node *call, uint32_t i);
/* A template of the functions table with the call's arguments. */
RG_MUST_CHECK enum rg_status sql_spell_template(const struct sql_spell *spell,
                                                const struct sql_node *call, const char *text);
RG_MUST_CHECK enum rg_status sql_spell_refuse(const struct sql_spell *spell, const char *why);

/* Functions that a dialect lacks and that can be defined there: what to run before a query whose
 * text says relgraph_…; empty where there is nothing to define. Settings that the printed text
 * relies on stand in front. Static. */
const char *sql_dialect_prelude(enum sql_dialect dialect);

#endif
