/* Running statements on one connection: parse, prepare, run under the watch, errors in our terms.
 */
#ifndef ENGINE_DUCKDB_EXECUTE_H
#define ENGINE_DUCKDB_EXECUTE_H

#include <duckdb.h>

#include "base/str.h"
#include "engine/duckdb/watch.h"

/* Where and how statements run. */
struct runner {
    duckdb_connection connection;
    struct watch *watch;
    double deadline;           /* on clock_seconds; 0: none */
    enum rg_status wrong_text; /* of an error in the text: RG_ERR_RULE or RG_ERR_PARSE */
};

/* Runs every statement of a text. out_rows (may be NULL) gets the rows that the last one changed.
 */
RG_MUST_CHECK enum rg_status runner_exec(const struct runner *runner, struct str sql,
                                         uint64_t *out_rows, struct rg_error *err);
/* Prepares a text that must be exactly one SELECT; destroy with duckdb_destroy_prepare. */
RG_MUST_CHECK enum rg_status runner_prepare_select(const struct runner *runner, struct str sql,
                                                   duckdb_prepared_statement *out_prepared,
                                                   struct rg_error *err);
/* The same for exactly one EXPLAIN. */
RG_MUST_CHECK enum rg_status runner_prepare_explain(const struct runner *runner, struct str sql,
                                                    duckdb_prepared_statement *out_prepared,
                                                    struct rg_error *err);
/* Runs a prepared statement; `sql` is its text, for messages. Destroy the result also after
 * failure. */
RG_MUST_CHECK enum rg_status runner_execute(const struct runner *runner,
                                            duckdb_prepared_statement prepared, bool streaming,
                                            struct str sql, duckdb_result *out_result,
                                            struct rg_error *err);
/* What is told where the engine stops by itself and does not say why. */
#define ENGINE_GAVE_UP "the engine gave up, because one of its threads failed, and does not say why"
/* The error of a statement that was interrupted, or that of the engine's text. */
enum rg_status runner_error(const struct runner *runner, enum watch_reason reason, const char *text,
                            struct str sql, struct rg_error *err);

#endif
