/* A result as an ArrowArrayStream: read from the engine while it runs, joined to larger batches. */
#ifndef ENGINE_DUCKDB_ARROW_STREAM_H
#define ENGINE_DUCKDB_ARROW_STREAM_H

#include "engine/duckdb/execute.h"

/* Rows that a batch has where there are enough. */
#define STREAM_BATCH_ROWS 32768

struct stream_options {
    struct runner runner;               /* for this stream alone until it is released */
    duckdb_prepared_statement prepared; /* taken, also on failure */
    struct str sql;                     /* for messages while opening */
    uint64_t rows_max;                  /* 0: none */
    double seconds_max;                 /* of work in the engine from now on; 0: none */
    /* Gives back what the runner uses; called once, at release. Not called on failure. */
    void (*close)(void *owner, struct runner *runner);
    void *owner;
};

/* Starts executing. While reading, get_next gives ECANCELED where the session was cancelled,
 * ETIMEDOUT when the time is over, EOVERFLOW behind the last of rows_max rows where there are more,
 * ENOMEM, ENOSPC, and EIO for the rest; get_last_error says it in words. */
RG_MUST_CHECK enum rg_status arrow_stream_open(const struct stream_options *options,
                                               struct ArrowArrayStream *out_stream,
                                               struct rg_error *err);

#endif
