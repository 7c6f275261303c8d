/* graph.duckdb: the product as tables of one database file, with the views and macros. */
#ifndef GRAPH_DUCKDB_FILE_H
#define GRAPH_DUCKDB_FILE_H

#include "base/buffer.h"
#include "engine/session.h"
#include "graph/manifest.h"

/* Writes build_folder/graph.duckdb from the shards beside it; it is checkpointed and closed when
 * this returns. */
RG_MUST_CHECK enum rg_status duckdb_file_write(struct rg_session *session, const char *build_folder,
                                               const struct manifest_shard *shards, size_t n_shards,
                                               struct rg_error *err);

/* Appends what reads the files of one dataset, of which there is at least one: a table function
 * with their paths. */
void dataset_files_sql(struct buffer *out, const char *build_folder,
                       const struct manifest_shard *shards, size_t n_shards);

/* Appends one CREATE VIEW or CREATE TABLE a dataset over its shards, which are grouped by dataset.
 */
void datasets_sql(struct buffer *out, const char *build_folder, const struct manifest_shard *shards,
                  size_t n_shards, bool as_tables);

#endif
