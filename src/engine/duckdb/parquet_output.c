/* A stream of the C data interface as one Parquet file, by the engine's writer: an instance of its
 * own reads the stream as a relation and may write into the file's folder alone. */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/options_read.h"
#include "engine/arrow_ipc_write.h"
#include "engine/duckdb/store_inside.h"

/* The caller's stream as the engine sees it: no more rows than asked for, and a failure is kept,
 * since the engine tells of one in its own words. */
struct tap {
    struct ArrowArrayStream *from;
    struct rg_arrow_written written;
    uint64_t rows_max;
    int error_number;
};

static int tap_schema(struct ArrowArrayStream *stream, struct ArrowSchema *out)
{
    struct tap *tap = stream->private_data;
    tap->error_number = tap->from->get_schema(tap->from, out);
    return tap->error_number;
}

static int tap_next(struct ArrowArrayStream *stream, struct ArrowArray *out)
{
    struct tap *tap = stream->private_data;
    *out = (struct ArrowArray){0};
    if (tap->written.more)
        return 0;
    tap->error_number = tap->from->get_next(tap->from, out);
    if (tap->error_number || !out->release)
        return tap->error_number;
    uint64_t left = tap->rows_max - tap->written.rows;
    if ((uint64_t)out->length > left) {
        out->length = (int64_t)left;
        for (int64_t i = 0; i < out->n_children; i++)
            out->children[i]->length = out->length;
        tap->written.more = true;
    }
    tap->written.rows += (uint64_t)out->length;
    tap->written.batches++;
    return 0;
}

static const char *tap_error(struct ArrowArrayStream *stream)
{
    struct tap *tap = stream->private_data;
    return tap->from->get_last_error(tap->from);
}

static void tap_release(struct ArrowArrayStream *stream)
{
    stream->release = NULL; /* what it reads stays the caller's */
}

/* The folder that the file is to be in, without links, to be freed. */
static enum rg_status folder_of(const char *path, char **out_folder, struct rg_error *err)
{
    const char *slash = strrchr(path, '/');
    char *folder = !slash          ? strdup(".")
                   : slash == path ? strdup("/")
                                   : strndup(path, (size_t)(slash - path));
    *out_folder = folder ? realpath(folder, NULL) : NULL;
    enum rg_status status = RG_OK;
    if (!*out_folder)
        status = folder ? error_errno(err, "engine", errno, "cannot write", path)
                        : error_no_memory(err, "engine");
    free(folder);
    return status;
}

static enum rg_status copy_tap(struct store *store, struct tap *tap, const char *path,
                               struct rg_error *err)
{
    struct ArrowArrayStream stream = {.get_schema = tap_schema,
                                      .get_next = tap_next,
                                      .get_last_error = tap_error,
                                      .release = tap_release,
                                      .private_data = tap};
    struct runner runner;
    struct buffer sql = {0};
    enum rg_status status = store_acquire(store, &runner, err);
    if (status == RG_OK && duckdb_arrow_scan(runner.connection, "result",
                                             (duckdb_arrow_stream)&stream) != DuckDBSuccess)
        status = error_set(err, RG_ERR_ENGINE, "engine",
                           "the columns of the result have no place in Parquet");
    buffer_text(&sql, "COPY (FROM result) TO ");
    buffer_sql_text(&sql, str_of(path));
    buffer_text(&sql, " (FORMAT parquet)");
    if (status == RG_OK)
        status = sql.failed ? error_no_memory(err, "engine")
                            : runner_exec(&runner, buffer_view(&sql), NULL, err);
    buffer_fini(&sql);
    store_release(store, &runner);
    return status;
}

enum rg_status rg_parquet_write(struct rg_session *session, struct ArrowArrayStream *stream,
                                const struct rg_parquet_write_request *given,
                                struct rg_arrow_written *out_written, struct rg_error *err)
{
    struct rg_parquet_write_request request;
    struct store *store = NULL;
    char *folder = NULL, *path = NULL;
    if (out_written)
        *out_written = (struct rg_arrow_written){0};
    enum rg_status status =
        options_read(&request, sizeof request, given, "rg_parquet_write_request", err);
    if (status != RG_OK)
        return status;
    if (!stream || !stream->release)
        return error_set(err, RG_ERR_USAGE, "engine", "there is no stream to write");
    if (!request.path || !*request.path)
        return error_set(err, RG_ERR_USAGE, "engine", "no file is named");
    struct tap tap = {.from = stream, .rows_max = request.limited ? request.rows_max : UINT64_MAX};
    const char *slash = strrchr(request.path, '/');
    status = folder_of(request.path, &folder, err);
    if (status == RG_OK && !(path = path_join(folder, slash ? slash + 1 : request.path)))
        status = error_no_memory(err, "engine");
    if (status == RG_OK)
        status = store_open(
            session, &(struct store_options){.allowed_directory = folder, .keep_order = true},
            &store, err);
    if (status == RG_OK)
        status = copy_tap(store, &tap, path, err);
    if (status != RG_OK && tap.error_number)
        status = arrow_stream_error(stream, tap.error_number, err);
    store_close(store);
    if (status == RG_OK && out_written) {
        tap.written.bytes = file_size(path);
        *out_written = tap.written;
    }
    free(path);
    free(folder);
    return status;
}
