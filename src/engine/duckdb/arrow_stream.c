/* Streams: chunks of the engine are converted by the engine, joined by arrow_concat. */
#include "engine/duckdb/arrow_stream.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "engine/arrow_concat.h"
#include "engine/duckdb/store_inside.h"

#define CHUNKS_MAX 64 /* joined at a time: filtered chunks may be small */

struct stream {
    struct stream_options options;
    duckdb_result result;
    duckdb_arrow_options arrow_options;
    duckdb_logical_type *types;
    const char **names;
    idx_t n_columns;
    struct arrow_shape shape;              /* empty: batches are passed on as they come */
    struct ArrowArray waiting[CHUNKS_MAX]; /* converted, not yet given */
    size_t n_waiting;
    uint64_t rows;  /* given so far */
    double seconds; /* spent in the engine */
    bool ended;     /* the engine has no more */
    bool cut;       /* rows were dropped: there are more than rows_max */
    int failure;    /* sticky */
    struct rg_error error;
};

static int error_number(enum rg_status status)
{
    switch (status) {
    case RG_OK:
        return 0;
    case RG_ERR_CANCELLED:
        return ECANCELED;
    case RG_ERR_MEMORY:
        return ENOMEM;
    case RG_ERR_DISK_FULL:
        return ENOSPC;
    default:
        return EIO;
    }
}

/* Takes over the engine's error data. */
static enum rg_status arrow_error(duckdb_error_data data, struct rg_error *err)
{
    enum rg_status status = RG_OK;
    if (data && duckdb_error_data_has_error(data))
        status = error_set(err, RG_ERR_ENGINE, "engine", "cannot convert to Arrow: %s",
                           duckdb_error_data_message(data));
    if (data)
        duckdb_destroy_error_data(&data);
    return status;
}

static void stream_free(struct stream *stream)
{
    for (size_t i = 0; i < stream->n_waiting; i++)
        stream->waiting[i].release(&stream->waiting[i]);
    arrow_shape_fini(&stream->shape);
    for (idx_t i = 0; stream->types && i < stream->n_columns; i++)
        duckdb_destroy_logical_type(&stream->types[i]);
    free(stream->types);
    free(stream->names);
    duckdb_destroy_arrow_options(&stream->arrow_options);
    duckdb_destroy_result(&stream->result);
    duckdb_destroy_prepare(&stream->options.prepared);
    free(stream);
}

static void stream_release(struct ArrowArrayStream *handle)
{
    struct stream *stream = handle->private_data;
    struct stream_options options = stream->options;
    stream_free(stream);
    if (options.close)
        options.close(options.owner, &options.runner);
    handle->release = NULL;
    handle->private_data = NULL;
}

static enum rg_status stream_schema(struct stream *stream, struct ArrowSchema *out,
                                    struct rg_error *err)
{
    *out = (struct ArrowSchema){0};
    return arrow_error(duckdb_to_arrow_schema(stream->arrow_options, stream->types, stream->names,
                                              stream->n_columns, out),
                       err);
}

static int stream_get_schema(struct ArrowArrayStream *handle, struct ArrowSchema *out)
{
    struct stream *stream = handle->private_data;
    return error_number(stream_schema(stream, out, &stream->error));
}

static const char *stream_get_last_error(struct ArrowArrayStream *handle)
{
    struct stream *stream = handle->private_data;
    return *stream->error.message ? stream->error.message : NULL;
}

/* The next chunk into `waiting`, or the end. */
static enum rg_status stream_fetch(struct stream *stream)
{
    struct watch_guard guard;
    const struct runner *runner = &stream->options.runner;
    double began = clock_seconds(), limit = stream->options.seconds_max;
    watch_enter(runner->watch, &guard, runner->connection,
                limit > 0 ? began + (limit - stream->seconds) : 0);
    duckdb_data_chunk chunk = duckdb_fetch_chunk(stream->result);
    enum watch_reason reason = watch_leave(runner->watch, &guard);
    stream->seconds += clock_seconds() - began;
    if (!chunk || reason != WATCH_NOTHING) {
        const char *text = duckdb_result_error(&stream->result);
        if (chunk)
            duckdb_destroy_data_chunk(&chunk);
        stream->ended = true;
        if (reason == WATCH_NOTHING && !(text && *text))
            return RG_OK;
        return runner_error(runner, reason, text, (struct str){0}, &stream->error);
    }
    enum rg_status status = RG_OK;
    idx_t rows = duckdb_data_chunk_get_size(chunk);
    if (!rows) {
        stream->ended = true;
    } else {
        struct ArrowArray *array = &stream->waiting[stream->n_waiting];
        memset(array, 0, sizeof *array);
        status = arrow_error(duckdb_data_chunk_to_arrow(stream->arrow_options, chunk, array),
                             &stream->error);
        if (status == RG_OK)
            stream->n_waiting++;
    }
    duckdb_destroy_data_chunk(&chunk);
    return status;
}

/* Gives the first waiting array as it is. */
static void stream_pass_on(struct stream *stream, struct ArrowArray *out)
{
    *out = stream->waiting[0];
    stream->n_waiting--;
    memmove(stream->waiting, stream->waiting + 1, stream->n_waiting * sizeof *stream->waiting);
}

static enum rg_status stream_join(struct stream *stream, int64_t rows, struct ArrowArray *out)
{
    int64_t first = stream->waiting[0].length;
    bool whole = stream->n_waiting == 1 && rows == first;
    enum arrow_result result =
        whole ? ARROW_UNSUPPORTED
              : arrow_concat(&stream->shape, stream->waiting, stream->n_waiting, rows, out);
    switch (result) {
    case ARROW_DONE:
        for (size_t i = 0; i < stream->n_waiting; i++)
            stream->waiting[i].release(&stream->waiting[i]);
        stream->n_waiting = 0;
        return RG_OK;
    case ARROW_NO_MEMORY:
        return error_no_memory(&stream->error, "engine");
    case ARROW_UNSUPPORTED:
    case ARROW_TOO_LARGE:
        break;
    }
    stream_pass_on(stream, out);
    if (out->length > rows) /* cut by the row limit: the rest of the array is not seen */
        out->length = rows;
    return RG_OK;
}

/* Fetches until there is a batch's worth; gives the number of rows waiting. */
static enum rg_status stream_gather(struct stream *stream, int64_t *out_rows)
{
    int64_t rows = 0;
    for (size_t i = 0; i < stream->n_waiting; i++)
        rows += stream->waiting[i].length;
    while (!stream->ended && rows < STREAM_BATCH_ROWS && stream->n_waiting < CHUNKS_MAX) {
        size_t before = stream->n_waiting;
        enum rg_status status = stream_fetch(stream);
        if (status != RG_OK)
            return status;
        if (stream->n_waiting > before)
            rows += stream->waiting[before].length;
    }
    *out_rows = rows;
    return RG_OK;
}

static int stream_next(struct stream *stream, struct ArrowArray *out)
{
    int64_t rows = 0;
    enum rg_status status = stream_gather(stream, &rows);
    if (status == RG_ERR_LIMIT)
        return ETIMEDOUT;
    if (status != RG_OK)
        return error_number(status);
    uint64_t limit = stream->options.rows_max;
    if (limit && (uint64_t)rows > limit - stream->rows) {
        rows = (int64_t)(limit - stream->rows);
        stream->cut = true;
    }
    if (rows == 0 && stream->cut) {
        error_set(&stream->error, RG_ERR_LIMIT, "engine", "the result has more than %llu rows",
                  (unsigned long long)limit);
        return EOVERFLOW;
    }
    if (rows == 0)
        return 0; /* the end: out is released */
    status = stream_join(stream, rows, out);
    stream->rows += (uint64_t)out->length;
    return error_number(status);
}

static int stream_get_next(struct ArrowArrayStream *handle, struct ArrowArray *out)
{
    struct stream *stream = handle->private_data;
    *out = (struct ArrowArray){0};
    if (!stream->failure)
        stream->failure = stream_next(stream, out);
    return stream->failure;
}

static enum rg_status stream_columns(struct stream *stream, struct rg_error *err)
{
    stream->n_columns = duckdb_column_count(&stream->result);
    stream->types = calloc(stream->n_columns, sizeof *stream->types);
    stream->names = calloc(stream->n_columns, sizeof *stream->names);
    stream->arrow_options = duckdb_result_get_arrow_options(&stream->result);
    if (!stream->types || !stream->names || !stream->arrow_options)
        return error_no_memory(err, "engine");
    for (idx_t i = 0; i < stream->n_columns; i++) {
        stream->types[i] = duckdb_column_logical_type(&stream->result, i);
        stream->names[i] = duckdb_column_name(&stream->result, i);
    }
    struct ArrowSchema schema;
    enum rg_status status = stream_schema(stream, &schema, err);
    if (status != RG_OK)
        return status;
    enum arrow_result result = arrow_shape_init(&stream->shape, &schema);
    if (result != ARROW_DONE)
        arrow_shape_fini(&stream->shape);
    schema.release(&schema);
    return result == ARROW_NO_MEMORY ? error_no_memory(err, "engine") : RG_OK;
}

enum rg_status arrow_stream_open(const struct stream_options *options,
                                 struct ArrowArrayStream *out_stream, struct rg_error *err)
{
    *out_stream = (struct ArrowArrayStream){0};
    struct stream_options taken = *options;
    struct stream *stream = calloc(1, sizeof *stream);
    if (!stream) {
        duckdb_destroy_prepare(&taken.prepared);
        return error_no_memory(err, "engine");
    }
    stream->options = taken;
    double began = clock_seconds();
    if (taken.seconds_max > 0)
        stream->options.runner.deadline = began + taken.seconds_max;
    enum rg_status status = runner_execute(&stream->options.runner, stream->options.prepared, true,
                                           taken.sql, &stream->result, err);
    stream->seconds = clock_seconds() - began;
    if (status == RG_OK)
        status = stream_columns(stream, err);
    if (status != RG_OK) {
        stream_free(stream);
        return status;
    }
    *out_stream = (struct ArrowArrayStream){stream_get_schema, stream_get_next,
                                            stream_get_last_error, stream_release, stream};
    return RG_OK;
}

static void store_stream_close(void *owner, struct runner *runner)
{
    store_release(owner, runner);
}

enum rg_status store_stream(struct store *store, struct str sql,
                            struct ArrowArrayStream *out_stream, struct rg_error *err)
{
    *out_stream = (struct ArrowArrayStream){0};
    struct stream_options options = {.sql = sql, .close = store_stream_close, .owner = store};
    enum rg_status status = store_acquire(store, &options.runner, err);
    if (status == RG_OK)
        status = runner_prepare_select(&options.runner, sql, &options.prepared, err);
    if (status == RG_OK)
        status = arrow_stream_open(&options, out_stream, err);
    if (status != RG_OK)
        store_release(store, &options.runner);
    return status;
}
