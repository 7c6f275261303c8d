/* What sql_say.c and sql_say_query.c share. Failure is sticky. */
#ifndef SQL_SQL_SAYER_H
#define SQL_SQL_SAYER_H

#include "sql/sql_scope.h"

struct sayer {
    enum sql_dialect dialect;
    struct str text;
    const struct sql_catalog *catalog;
    struct arena *arena;
    struct rg_error *err;
    enum rg_status status;
    unsigned n_names; /* made so far */
};

void say_fail(struct sayer *say, const struct sql_node *node, const char *message);
/* NULL after a failure, as all of these. */
struct sql_node *say_node(struct sayer *say, enum sql_kind kind, struct sql_span span,
                          struct sql_node *const *children, uint32_t n);
struct sql_node *say_name(struct sayer *say, struct str name, struct sql_span span);
struct sql_node *say_column(struct sayer *say, struct str table, struct str name,
                            struct sql_span span);
struct sql_node *say_number(struct sayer *say, const char *digits, struct sql_span span);
struct str say_made_name(struct sayer *say, const char *stem);
/* Where NULLs go, and the collation where it may stand. */
void say_order(struct sayer *say, struct sql_node *list, bool may_collate);

/* sql_say_query.c: a QUERY whose parts have been said. */
void say_query(struct sayer *say, struct sql_node *query);
/* What the rows of an EXISTS hold does not matter: columns that only they name are gone. */
void say_exists(struct sayer *say, struct sql_node *exists);

#endif
