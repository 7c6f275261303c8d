/* A stream of the C data interface as one Parquet file, by the engine's writer: an instance of its
 * own reads the stream as a relation and may write into the file's folder alone. The file gets its
 * name when it is whole. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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

/* duckdb_arrow_scan takes no number but its own for a failure: after another one it goes on with a
 * schema that is none. */
static int tap_schema(struct ArrowArrayStream *stream, struct ArrowSchema *out)
{
    struct tap *tap = stream->private_data;
    tap->error_number = tap->from->get_schema(tap->from, out);
    return tap->error_number ? DuckDBError : DuckDBSuccess;
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
    buffer_text(&sql, " (FORMAT parquet, USE_TMP_FILE false)");
    if (status == RG_OK)
        status = sql.failed ? error_no_memory(err, "engine")
                            : runner_exec(&runner, buffer_view(&sql), NULL, err);
    buffer_fini(&sql);
    store_release(store, &runner);
    return status;
}

/* Where the file is made, and where it is to be, both to be freed. */
static enum rg_status paths_of(const char *given, const char *folder, char **out_path,
                               char **out_part, struct rg_error *err)
{
    const char *slash = strrchr(given, '/');
    *out_path = path_join(folder, slash ? slash + 1 : given);
    if (!*out_path || asprintf(out_part, "%s.part", *out_path) < 0) {
        *out_part = NULL;
        return error_no_memory(err, "engine");
    }
    return RG_OK;
}

/* Writes `part` and gives it its name; after a failure it is gone. */
static enum rg_status write_part(struct rg_session *session, struct tap *tap, const char *folder,
                                 const char *part, const char *path, struct rg_error *err)
{
    struct store *store = NULL;
    const struct store_options options = {.allowed_directory = folder, .keep_order = true};
    enum rg_status status = store_open(session, &options, &store, err);
    if (status == RG_OK)
        status = copy_tap(store, tap, part, err);
    store_close(store);
    if (status != RG_OK && tap->error_number)
        status = arrow_stream_error(tap->from, tap->error_number, err);
    tap->written.bytes = file_size(part);
    if (status == RG_OK && rename(part, path) != 0)
        status = error_errno(err, "engine", errno, "cannot write", path);
    if (status != RG_OK && unlink(part) != 0)
        RG_ASSERT(errno); /* it was not made, or the first failure is the one to tell */
    return status;
}

enum rg_status rg_parquet_write(struct rg_session *session, struct ArrowArrayStream *stream,
                                const struct rg_parquet_write_request *given,
                                struct rg_arrow_written *out_written, struct rg_error *err)
{
    struct rg_parquet_write_request request;
    char *folder = NULL, *path = NULL, *part = NULL;
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
    status = folder_of(request.path, &folder, err);
    if (status == RG_OK)
        status = paths_of(request.path, folder, &path, &part, err);
    if (status == RG_OK)
        status = write_part(session, &tap, folder, part, path, err);
    if (status == RG_OK && out_written)
        *out_written = tap.written;
    free(part);
    free(path);
    free(folder);
    return status;
}
