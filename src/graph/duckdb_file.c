/* Datasets as relations of an engine: views over their files for a query, tables for
 * graph.duckdb. */
#include "graph/duckdb_file.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/file.h"
#include "engine/store.h"
#include "graph/views.h"

static const char layer[] = "graph";

void dataset_files_sql(struct buffer *out, const char *build_folder,
                       const struct manifest_shard *shards, size_t n_shards)
{
    bool arrow = shards[0].writer == WRITER_ARROW;
    buffer_text(out, arrow ? "relgraph_arrow([" : "read_parquet([");
    for (size_t i = 0; i < n_shards; i++) {
        char *path = path_join(build_folder, shards[i].path.ptr);
        out->failed |= !path;
        buffer_text(out, i ? ", " : "");
        if (arrow)
            buffer_sql_text(out, str_of(path ? path : ""));
        else
            buffer_sql_path(out, str_of(path ? path : ""));
        free(path);
    }
    /* A folder named a=b above the graph is no column of it. */
    buffer_text(out, arrow ? "])" : "], hive_partitioning = false)");
}

void datasets_sql(struct buffer *out, const char *build_folder, const struct manifest_shard *shards,
                  size_t n_shards, bool as_tables)
{
    for (size_t from = 0, to; from < n_shards; from = to) {
        for (to = from; to < n_shards && str_eq(shards[to].dataset, shards[from].dataset);)
            to++;
        buffer_text(out, as_tables ? "CREATE TABLE " : "CREATE VIEW ");
        buffer_sql_name(out, shards[from].dataset);
        buffer_text(out, " AS SELECT * FROM ");
        dataset_files_sql(out, build_folder, shards + from, to - from);
        buffer_text(out, ";\n");
    }
}

enum rg_status duckdb_file_write(struct rg_session *session, const char *build_folder,
                                 const struct manifest_shard *shards, size_t n_shards,
                                 struct rg_error *err)
{
    enum rg_status status;
    struct store *store = NULL;
    struct buffer sql = {0};
    char *log = NULL;
    char *path = path_join(build_folder, "graph.duckdb");
    if (!path || asprintf(&log, "%s.wal", path) < 0) {
        log = NULL;
        status = error_no_memory(err, layer);
        goto out;
    }
    datasets_sql(&sql, build_folder, shards, n_shards, true);
    views_sql(&sql, shards, n_shards);
    buffer_text(&sql, "CHECKPOINT;\n");
    struct store_options options = {
        .path = path, .allowed_directory = build_folder, .keep_order = true};
    status = sql.failed ? error_no_memory(err, layer) : store_open(session, &options, &store, err);
    if (status == RG_OK)
        status = store_exec(store, buffer_view(&sql), err);
    store_close(store);
    /* A log beside the file would be replayed by whoever opens it next. */
    if (status == RG_OK && path_exists(log))
        status = error_set(err, RG_ERR_ENGINE, layer, "graph.duckdb was not written completely");
out:
    buffer_fini(&sql);
    free(path);
    free(log);
    return status;
}
