/* What `relgraph sql` and rg_sql do: one operation on one text, answered as JSON. */
#ifndef COMPILE_SQL_SERVICE_H
#define COMPILE_SQL_SERVICE_H

#include <jansson.h>

#include "base/str.h"
#include "relgraph/relgraph.h"

struct sql_question {
    struct str op, sql;
    struct str dialect; /* ptr NULL: the default one */
    json_t *schema;     /* as sql_schema_read takes it; may be NULL */
    json_t *options;    /* an object or NULL */
    const struct str *others;
    size_t n_others;
    size_t memory_max; /* bytes that answering may take; 0: LIMIT_SQL_ARENA_BYTES */
};

/* The answer is an object with the members "sql" (text, of rewrites), "result" (of analyses) or
 * both; the caller owns it. Options that an operation does not know are ignored. */
RG_MUST_CHECK enum rg_status sql_answer(const struct sql_question *question, json_t **out_answer,
                                        struct rg_error *err);

#endif
