/* Queries: one SELECT in an engine instance of its own, in memory, that can read one build's folder
 * and nothing else, under limits, with its configuration locked. */
#ifndef ENGINE_SANDBOX_H
#define ENGINE_SANDBOX_H

#include "base/str.h"
#include "engine/session.h"

struct sandbox_request {
    const char *build_folder; /* real path of builds/<id> */
    struct str setup;         /* our CREATE VIEW and CREATE MACRO statements; run before locking */
    struct str tables; /* our CREATE TABLE statements of files that the caller opens; likewise */
    struct str sql;    /* the user's; must be exactly one SELECT */
    const struct rg_param *params;
    size_t n_params;
    uint64_t rows_max;   /* 0: none */
    unsigned timeout_ms; /* 0: none */
};

/* Reading ends with EOVERFLOW behind rows_max rows where there are more, with ETIMEDOUT when the
 * engine has worked timeout_ms, with ECANCELED when the session is cancelled, even when that
 * session is closed by then. Opening fails with PARSE (the text is wrong), FORBIDDEN (not exactly
 * one SELECT, or a function that reaches outside), LIMIT (too long, too deep, out of time), CORRUPT
 * (the build), MEMORY. Not bounded by the memory limit are single texts (up to 4 GB each: the
 * engine's). The stream owns the instance: releasing it closes everything. */
RG_MUST_CHECK enum rg_status sandbox_query(struct rg_session *session,
                                           const struct sandbox_request *request,
                                           struct ArrowArrayStream *out_stream,
                                           struct rg_error *err);

#endif
