/* Streams of the C data interface on their way out: into a file, or to a caller's function. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/options_read.h"
#include "engine/arrow_ipc_write.h"
#include "engine/session.h"

/* Of what batches consist of: thousands of small pieces are one write. */
enum { STAGE_BYTES = 256 << 10 };

enum rg_status arrow_stream_error(struct ArrowArrayStream *stream, int error_number,
                                  struct rg_error *err)
{
    const char *text = stream->get_last_error(stream);
    enum rg_status status = error_number == ECANCELED   ? RG_ERR_CANCELLED
                            : error_number == ENOMEM    ? RG_ERR_MEMORY
                            : error_number == ENOSPC    ? RG_ERR_DISK_FULL
                            : error_number == ETIMEDOUT ? RG_ERR_LIMIT
                            : error_number == EOVERFLOW ? RG_ERR_LIMIT
                                                        : RG_ERR_ENGINE;
    error_set(err, status, "engine", "%s", text ? text : strerror(error_number));
    if (status == RG_ERR_MEMORY)
        error_hint(err, "%s", SESSION_MEMORY_HINT);
    return status;
}

/* --- Copying --------------------------------------------------------------------------------- */

/* Batches from the stream until its end, or until there are rows_max rows. */
static enum rg_status copy_batches(struct ArrowArrayStream *stream, struct arrow_ipc_writer *writer,
                                   uint64_t rows_max, struct rg_arrow_written *written,
                                   struct rg_error *err)
{
    enum rg_status status = RG_OK;
    while (!status && !written->more) {
        struct ArrowArray batch = {0};
        int error_number = stream->get_next(stream, &batch);
        if (error_number)
            return arrow_stream_error(stream, error_number, err);
        if (!batch.release)
            return RG_OK;
        uint64_t rows = (uint64_t)batch.length;
        if (rows > rows_max - written->rows) {
            rows = rows_max - written->rows;
            written->more = true;
        }
        if (rows || !written->more) {
            status = arrow_ipc_writer_batch(writer, &batch, (int64_t)rows, err);
            written->rows += rows;
            written->batches++;
        }
        batch.release(&batch);
    }
    return status;
}

static enum rg_status copy_stream(struct ArrowArrayStream *stream,
                                  const struct arrow_ipc_options *options, uint64_t rows_max,
                                  struct rg_arrow_written *written, struct rg_error *err)
{
    struct ArrowSchema schema = {0};
    struct arrow_ipc_writer *writer = NULL;
    int error_number = stream->get_schema(stream, &schema);
    if (error_number)
        return arrow_stream_error(stream, error_number, err);
    enum rg_status status = arrow_ipc_writer_new(options, &schema, &writer, err);
    if (!status)
        status = copy_batches(stream, writer, rows_max, written, err);
    if (!status)
        status = arrow_ipc_writer_finish(writer, err);
    if (!status)
        written->bytes = arrow_ipc_writer_bytes(writer);
    arrow_ipc_writer_free(writer);
    schema.release(&schema);
    return status;
}

/* --- Files ----------------------------------------------------------------------------------- */

struct stage {
    int fd, error_number; /* of the first write that failed */
    size_t used;
    char bytes[STAGE_BYTES];
};

static int write_whole(struct stage *stage, const char *bytes, size_t count)
{
    while (count) {
        ssize_t n = write(stage->fd, bytes, count);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return stage->error_number = errno;
        bytes += n;
        count -= (size_t)n;
    }
    return 0;
}

static int stage_flush(struct stage *stage)
{
    size_t used = stage->used;
    stage->used = 0;
    return write_whole(stage, stage->bytes, used);
}

static int stage_put(void *user, const void *bytes, size_t count)
{
    struct stage *stage = user;
    if (count > STAGE_BYTES - stage->used) {
        int error_number = stage_flush(stage);
        if (error_number)
            return error_number;
    }
    if (count > STAGE_BYTES)
        return write_whole(stage, bytes, count);
    memcpy(stage->bytes + stage->used, bytes, count);
    stage->used += count;
    return 0;
}

enum rg_status arrow_ipc_write_file(struct ArrowArrayStream *stream,
                                    const struct arrow_ipc_file_options *options,
                                    uint64_t *out_rows, struct rg_error *err)
{
    struct rg_arrow_written written = {0};
    struct stage *stage = calloc(1, sizeof *stage);
    *out_rows = 0;
    if (!stage)
        return error_no_memory(err, ARROW_LAYER);
    enum rg_status status = RG_OK;
    stage->fd = open(options->path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (stage->fd < 0) {
        status = error_errno(err, ARROW_LAYER, errno, "cannot create", options->path);
        goto out;
    }
    struct arrow_ipc_options ipc = {
        .as_file = true,
        .dictionary_columns = options->dictionary_columns,
        .n_dictionary_columns = options->n_dictionary_columns,
        .metadata = options->metadata,
        .n_metadata = options->n_metadata,
        .put = stage_put,
        .user = stage,
    };
    status = copy_stream(stream, &ipc, UINT64_MAX, &written, err);
    if ((!status && stage_flush(stage)) || stage->error_number)
        status = error_errno(err, ARROW_LAYER, stage->error_number, "cannot write", options->path);
    if (close(stage->fd) != 0 && !status)
        status = error_errno(err, ARROW_LAYER, errno, "cannot close", options->path);
    if (status) {
        error_place(err, options->path, 0, 0);
        unlink(options->path);
    } else {
        *out_rows = written.rows;
    }
out:
    free(stage);
    return status;
}

/* --- The public function --------------------------------------------------------------------- */

enum rg_status rg_arrow_write(struct ArrowArrayStream *stream,
                              const struct rg_arrow_write_request *given,
                              struct rg_arrow_written *out_written, struct rg_error *err)
{
    struct rg_arrow_write_request request;
    struct rg_arrow_written written = {0};
    if (out_written)
        *out_written = written;
    enum rg_status status =
        options_read(&request, sizeof request, given, "rg_arrow_write_request", err);
    if (status)
        return status;
    if (!stream || !stream->release)
        return error_set(err, RG_ERR_USAGE, ARROW_LAYER, "there is no stream to write");
    if (!request.write)
        return error_set(err, RG_ERR_USAGE, ARROW_LAYER, "there is no function to write with");
    if (request.format != RG_ARROW_STREAM && request.format != RG_ARROW_FILE)
        return error_set(err, RG_ERR_USAGE, ARROW_LAYER, "there is no Arrow format number %d",
                         (int)request.format);
    if (request.n_dictionary_columns && !request.dictionary_columns)
        return error_set(err, RG_ERR_USAGE, ARROW_LAYER, "the list of columns is missing");
    struct arrow_ipc_options options = {
        .as_file = request.format == RG_ARROW_FILE,
        .dictionary_columns = request.dictionary_columns,
        .n_dictionary_columns = request.n_dictionary_columns,
        .put = request.write,
        .user = request.user,
    };
    status = copy_stream(stream, &options, request.limited ? request.rows_max : UINT64_MAX,
                         &written, err);
    if (!status && out_written)
        *out_written = written;
    return status;
}
