/* An engine instance with everything loadable off: the ground of stores and sandboxes. */
#ifndef ENGINE_DUCKDB_INSTANCE_H
#define ENGINE_DUCKDB_INSTANCE_H

#include <duckdb.h>

#include "engine/duckdb/execute.h"
#include "engine/session.h"

struct instance_options {
    const struct settings *settings;
    const char *temp_directory; /* NULL: nothing is spilled */
    bool keep_order;
    bool scratch;    /* what is stored is read soon and dropped: quick to write beats small */
    bool no_threads; /* of the engine's own, until instance_free_threads */
};

/* Opens an instance in memory, with our functions, and a first connection to it. It may still reach
 * files: attach and set up what is needed, then lock. */
RG_MUST_CHECK enum rg_status instance_open(const struct instance_options *options,
                                           duckdb_database *out_database,
                                           duckdb_connection *out_connection, struct rg_error *err);
/* Gives the engine its threads; before the settings are locked. */
RG_MUST_CHECK enum rg_status instance_free_threads(const struct runner *runner,
                                                   struct rg_error *err);
/* From now on the instance reads and writes below allowed_directory (NULL: nowhere), another one
 * (NULL: none) and its temp directory. There is no way back. */
RG_MUST_CHECK enum rg_status instance_shut_files(const struct runner *runner,
                                                 const char *allowed_directory,
                                                 const char *another_directory,
                                                 struct rg_error *err);
/* The same, and no setting can be changed. */
RG_MUST_CHECK enum rg_status instance_lock(const struct runner *runner,
                                           const char *allowed_directory,
                                           const char *another_directory, struct rg_error *err);

#endif
