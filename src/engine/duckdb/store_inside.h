/* The inside of a store, for the files of this folder: its instance and its pool of connections. */
#ifndef ENGINE_DUCKDB_STORE_INSIDE_H
#define ENGINE_DUCKDB_STORE_INSIDE_H

#include <pthread.h>

#include "base/buffer.h"
#include "engine/duckdb/execute.h"
#include "engine/store.h"

struct store {
    struct rg_session *session;
    duckdb_database database;
    struct watch *watch;
    bool in_file;
    bool gently;           /* new connections spill from the start; guarded by the mutex */
    pthread_mutex_t mutex; /* of the pool */
    duckdb_connection *idle;
    size_t n_idle, idle_capacity;
};

/* A connection for one use, from the pool or new. Give it back with store_release, which accepts a
 * runner that store_acquire did not fill. Fails with CANCELLED where the session is. */
RG_MUST_CHECK enum rg_status store_acquire(struct store *store, struct runner *out_runner,
                                           struct rg_error *err);
void store_release(struct store *store, struct runner *runner);

/* store_table on a given connection. */
RG_MUST_CHECK enum rg_status runner_table(const struct runner *runner, struct str sql,
                                          size_t rows_max, struct arena *arena,
                                          struct text_table *out_table, struct rg_error *err);

/* How packed tables are stored: see table_spec. */
#define STORE_PACKED_COLUMN "packed"
#define STORE_PACKED_SUFFIX "_packed"
/* The name of the table that holds the rows; needs no quotes. */
void table_print_stored(struct buffer *sql, const struct table_spec *table);

#endif
