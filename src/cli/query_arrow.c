/* The encoders are the library's; here is where their bytes go. */
#include "cli/query_arrow.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/error_report.h"
#include "cli/stdout_sink.h"

/* --- Files ----------------------------------------------------------------------------------- */

static int report_file(const struct result_file *file, const char *what, int error_number,
                       bool json)
{
    struct rg_error err = {
        .status = error_number == ENOSPC || error_number == EDQUOT ? RG_ERR_DISK_FULL : RG_ERR_IO};
    snprintf(err.message, sizeof err.message, "%s %s: %s", what, file->path,
             strerror(error_number));
    return report_error(&err, NULL, json);
}

int result_file_open(struct result_file *file, const char *path, bool json)
{
    *file = (struct result_file){.path = path};
    if (!path)
        return EXIT_OK;
    int length =
        snprintf(file->temporary, sizeof file->temporary, "%s.tmp-%ld", path, (long)getpid());
    if (length < 0 || (size_t)length >= sizeof file->temporary)
        return report_file(file, "cannot write", ENAMETOOLONG, json);
    file->fd = open(file->temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (file->fd > 0)
        return EXIT_OK;
    file->fd = 0;
    return report_file(file, "cannot write", errno, json);
}

int result_file_close(struct result_file *file, int code, bool json)
{
    if (!file->fd)
        return code;
    if (close(file->fd) != 0 && code == EXIT_OK)
        code = report_file(file, "cannot write", errno, json);
    if (code == EXIT_OK && rename(file->temporary, file->path) != 0)
        code = report_file(file, "cannot write", errno, json);
    if (code != EXIT_OK)
        unlink(file->temporary);
    file->fd = 0;
    return code;
}

/* --- Arrow ----------------------------------------------------------------------------------- */

static int put_bytes(void *user, const void *bytes, size_t count)
{
    struct sink *sink = user;
    text_append(&sink->text, bytes, count);
    return sink_flush(sink) ? 0 : sink->error_number;
}

int show_arrow(struct ArrowArrayStream *stream, const struct arguments *arguments,
               const struct result_file *file, bool *out_more)
{
    struct rg_error err = {0};
    struct sink sink = {.fd = file->fd};
    struct rg_arrow_written written;
    struct rg_arrow_write_request request = {
        .struct_size = sizeof request,
        .format = arguments->format == FORMAT_ARROW_FILE ? RG_ARROW_FILE : RG_ARROW_STREAM,
        .write = put_bytes,
        .user = &sink,
        .limited = arguments->limited,
        .rows_max = arguments->limit,
    };
    enum rg_status status = rg_arrow_write(stream, &request, &written, &err);
    *out_more = written.more;
    bool failed_here = sink.error_number != 0; /* told by the sink, which knows a closed pipe */
    int code = report_output(sink_finish(&sink), arguments->json);
    if (status != RG_OK && !failed_here)
        code = report_error(&err, NULL, arguments->json);
    return code;
}

/* --- Parquet --------------------------------------------------------------------------------- */

int show_parquet(struct rg_session *session, struct ArrowArrayStream *stream,
                 const struct arguments *arguments, const struct result_file *file, bool *out_more)
{
    struct rg_error err = {0};
    struct rg_arrow_written written;
    struct rg_parquet_write_request request = {
        .struct_size = sizeof request,
        .path = file->temporary,
        .limited = arguments->limited,
        .rows_max = arguments->limit,
    };
    enum rg_status status = rg_parquet_write(session, stream, &request, &written, &err);
    *out_more = written.more;
    return status == RG_OK ? EXIT_OK : report_error(&err, NULL, arguments->json);
}
