/* Asking rg_sql in tests: one line a question. */
#ifndef TESTS_SQL_SQL_ASK_H
#define TESTS_SQL_SQL_ASK_H

#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "relgraph/relgraph.h"

/* Tables of the questions. */
#define ASK_SCHEMA                                                                                 \
    "{\"x\": {\"a\": \"INTEGER\", \"b\": \"INTEGER\", \"s\": \"VARCHAR\", \"l\": \"INTEGER[]\"},"  \
    " \"y\": {\"b\": \"INTEGER\", \"c\": \"INTEGER\", \"t\": \"VARCHAR\"},"                        \
    " \"z\": {\"b\": \"INTEGER\", \"c\": \"INTEGER\"}}"

/* The answer as JSON, with a text at "sql"; an error as {"error": "code: message"}. */
static json_t *ask_full(const char *op, const char *sql, const char *schema, const char *options,
                        const char *other)
{
    struct rg_sql_request request = {.struct_size = sizeof request,
                                     .op = op,
                                     .sql = sql,
                                     .schema = schema,
                                     .options = options,
                                     .others = &other,
                                     .n_others = other ? 1 : 0};
    struct rg_sql_result result = {0};
    struct rg_error err = {0};
    if (rg_sql(&request, &result, &err) != RG_OK)
        return json_pack("{s:o, s:s, s:i, s:i}", "error",
                         json_sprintf("%s: %s", rg_status_name(err.status), err.message), "hint",
                         err.hint, "line", (int)err.line, "column", (int)err.column);
    json_t *answer = result.json ? json_loads(result.json, 0, NULL) : json_object();
    if (result.sql)
        json_object_set_new(answer, "sql", json_string(result.sql));
    rg_sql_result_fini(&result);
    return answer;
}

static inline json_t *ask(const char *op, const char *sql)
{
    return ask_full(op, sql, ASK_SCHEMA, NULL, NULL);
}

#endif
