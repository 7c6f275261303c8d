/* relgraph query DIR SQL */
#include "cli/commands.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cli/error_report.h"
#include "cli/session_open.h"
#include "cli/interrupt.h"
#include "cli/query_arrow.h"
#include "cli/query_output.h"
#include "relgraph/relgraph.h"

enum { SQL_BYTES_MAX = 4 << 20 }; /* what the library takes is less, and it says so */

/* Statements from standard input, to be freed by the caller; NULL after a report. */
static char *read_sql(bool json, int *out_code)
{
    struct text text = {0};
    char bytes[4096];
    size_t n;
    text_cstr(&text, "");
    while ((n = fread(bytes, 1, sizeof bytes, stdin)) > 0 && text.len <= SQL_BYTES_MAX)
        text_append(&text, bytes, n);
    const char *wrong = NULL;
    if (ferror(stdin))
        wrong = "cannot read the SQL from standard input";
    else if (text.failed || text.len > SQL_BYTES_MAX)
        wrong = "the SQL on standard input is too long";
    else if (strlen(text.data) != text.len)
        wrong = "the SQL on standard input holds a NUL byte";
    if (!wrong)
        return text.data;
    text_fini(&text);
    *out_code = report_usage(wrong, NULL, json);
    return NULL;
}

static unsigned terminal_width(void)
{
    struct winsize size = {0};
    if (!isatty(STDOUT_FILENO))
        return 0;
    return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col ? size.ws_col : 80;
}

/* The stream's last failure as an error of ours. */
static enum rg_status stream_error(struct ArrowArrayStream *stream, int error_number,
                                   struct rg_error *err)
{
    const char *text = stream->get_last_error(stream);
    err->status = error_number == ECANCELED   ? RG_ERR_CANCELLED
                  : error_number == ENOMEM    ? RG_ERR_MEMORY
                  : error_number == ENOSPC    ? RG_ERR_DISK_FULL
                  : error_number == ETIMEDOUT ? RG_ERR_LIMIT
                                              : RG_ERR_ENGINE;
    snprintf(err->layer, sizeof err->layer, "engine");
    snprintf(err->message, sizeof err->message, "%s", text ? text : strerror(error_number));
    return err->status;
}

/* Reads batches until the end, the limit, an error, or until nobody wants more. */
static enum rg_status copy_rows(struct ArrowArrayStream *stream, struct query_output *output,
                                const struct arguments *arguments, bool *out_more,
                                struct rg_error *err)
{
    for (;;) {
        struct ArrowArray batch = {0};
        int error_number = stream->get_next(stream, &batch);
        if (error_number)
            return stream_error(stream, error_number, err);
        if (!batch.release)
            return RG_OK;
        uint64_t rows = (uint64_t)batch.length;
        if (arguments->limited && rows > arguments->limit - output->rows) {
            rows = arguments->limit - output->rows;
            *out_more = true;
        }
        bool go_on = query_output_batch(output, &batch, (int64_t)rows);
        batch.release(&batch);
        if (!go_on || *out_more)
            return RG_OK;
    }
}

static const char note_more[] = "there are more rows than --limit asked for";

/* What a reader of the result may wonder about. */
static void report_notes(const struct arguments *arguments, const struct query_output *output,
                         bool more)
{
    const struct arrow_type *type = output->type;
    bool json = arguments->json, quiet = arguments->quiet;
    if (more)
        report_note(note_more, json, quiet);
    if (output->format != FORMAT_TABLE)
        return;
    if (output->rows == 0)
        report_note("no rows", json, quiet);
    if (output->n_shown < type->n_children) {
        struct text text = {0};
        text_cstr(&text, "no room for ");
        for (size_t i = output->n_shown; i < type->n_children; i++)
            text_printf(&text, "%s%s", i > output->n_shown ? ", " : "", type->children[i].name);
        text_cstr(&text, "; other formats, and a pipe, get all columns");
        report_note(text.data ? text.data : "", json, quiet);
        text_fini(&text);
    }
}

/* Writes a stream as text, in the format asked for. */
static int show_rows(struct ArrowArrayStream *stream, const struct arguments *arguments,
                     const struct result_file *file)
{
    struct rg_error err = {0};
    struct ArrowSchema schema = {0};
    struct arrow_type type = {0};
    struct text message = {0};
    struct sink sink = {.fd = file->fd};
    struct query_output output = {
        .type = &type, .sink = &sink, .terminal_width = file->path ? 0 : terminal_width()};
    bool more = false;
    int code = EXIT_OK;
    int error_number = stream->get_schema(stream, &schema);
    output.format = arguments->json && arguments->format == FORMAT_TABLE
                        ? FORMAT_JSON
                        : (enum query_format)arguments->format;
    if (error_number) {
        stream_error(stream, error_number, &err);
    } else if (!arrow_type_init(&type, &schema, &message)) {
        err.status = RG_ERR_ENGINE;
        snprintf(err.message, sizeof err.message, "%s",
                 message.data ? message.data : "out of memory");
        snprintf(err.hint, sizeof err.hint, "cast it in the query: CAST(… AS VARCHAR)");
    } else {
        query_output_begin(&output);
        if (copy_rows(stream, &output, arguments, &more, &err) == RG_OK)
            query_output_end(&output);
        if (output.no_memory)
            code = report_output(ENOMEM, arguments->json);
    }
    int written = report_output(sink_finish(&sink), arguments->json);
    if (err.status != RG_OK)
        code = report_error(&err, NULL, arguments->json);
    else if (code == EXIT_OK)
        code = written;
    if (code == EXIT_OK)
        report_notes(arguments, &output, more);
    query_output_fini(&output);
    arrow_type_fini(&type);
    text_fini(&message);
    if (schema.release)
        schema.release(&schema);
    return code;
}

/* Writes a stream where it was asked for. */
static int show_stream(struct rg_session *session, struct ArrowArrayStream *stream,
                       const struct arguments *arguments)
{
    struct result_file file;
    bool is_arrow = arguments->format == FORMAT_ARROW || arguments->format == FORMAT_ARROW_FILE;
    bool more = false;
    int code = result_file_open(&file, arguments->output, arguments->json);
    if (code != EXIT_OK)
        return code;
    if (arguments->format == FORMAT_PARQUET)
        code = show_parquet(session, stream, arguments, &file, &more);
    else
        code = is_arrow ? show_arrow(stream, arguments, &file, &more)
                        : show_rows(stream, arguments, &file);
    code = result_file_close(&file, code, arguments->json);
    if (code == EXIT_OK && more)
        report_note(note_more, arguments->json, arguments->quiet);
    return code;
}

/* The tables of --table NAME=FILE. */
struct named_tables {
    struct rg_query_table items[REPEATS_MAX];
    char *names[REPEATS_MAX];
    size_t count;
};

static int named_tables_take(struct named_tables *tables, const struct arguments *arguments)
{
    for (size_t i = 0; i < arguments->tables.count; i++) {
        const char *given = arguments->tables.items[i], *equals = strchr(given, '=');
        if (!equals || equals == given || !equals[1])
            return report_usage("--table needs a name and a file",
                                "such as --table sinks=sinks.csv", arguments->json);
        char *name = strndup(given, (size_t)(equals - given));
        if (!name)
            return report_output(ENOMEM, arguments->json);
        tables->names[i] = name;
        tables->items[i] = (struct rg_query_table){name, equals + 1};
        tables->count++;
    }
    return EXIT_OK;
}

static void named_tables_fini(struct named_tables *tables)
{
    for (size_t i = 0; i < tables->count; i++)
        free(tables->names[i]);
}

static int query_run(struct rg_session *session, const struct arguments *arguments, const char *sql)
{
    struct rg_param params[REPEATS_MAX];
    for (size_t i = 0; i < arguments->params.count; i++)
        params[i] = (struct rg_param){.type = RG_PARAM_TEXT, .text = arguments->params.items[i]};
    struct named_tables tables = {.count = 0};
    int code = named_tables_take(&tables, arguments);
    struct rg_query_request request = {
        .struct_size = sizeof request,
        .graph = arguments->operands[0],
        .sql = sql,
        .tables = tables.items,
        .n_tables = tables.count,
        .params = params,
        .n_params = arguments->params.count,
        .timeout_ms = (unsigned)(arguments->timeout_seconds * 1000 + 0.999),
    };
    struct rg_error err = {0};
    struct ArrowArrayStream stream = {0};
    if (code == EXIT_OK && rg_query(session, &request, &stream, &err) != RG_OK)
        code = report_error(&err, sql, arguments->json);
    else if (code == EXIT_OK)
        code = show_stream(session, &stream, arguments);
    if (stream.release)
        stream.release(&stream);
    named_tables_fini(&tables);
    return code;
}

int command_query(const struct arguments *arguments)
{
    struct rg_session *session = NULL;
    struct rg_error err = {0};
    char *from_stdin = NULL;
    int code = EXIT_OK;
    bool binary = arguments->format == FORMAT_ARROW || arguments->format == FORMAT_ARROW_FILE;
    if (binary && !arguments->output && isatty(STDOUT_FILENO))
        return report_usage("Arrow data is not for a terminal",
                            "redirect it, or name a file: --output FILE", arguments->json);
    if (arguments->format == FORMAT_PARQUET && !arguments->output)
        return report_usage("Parquet goes into a file, which is not written from its beginning on",
                            "name it: --output FILE", arguments->json);
    if (strcmp(arguments->operands[1], "-") == 0) {
        from_stdin = read_sql(arguments->json, &code);
        if (!from_stdin)
            return code;
    }
    if (session_open(arguments, (struct rg_session_options){0}, &session, &err) != RG_OK) {
        code = report_error(&err, NULL, arguments->json);
    } else {
        interrupt_watch(session);
        code = query_run(session, arguments, from_stdin ? from_stdin : arguments->operands[1]);
        interrupt_forget();
        rg_session_close(session);
    }
    free(from_stdin);
    return code;
}
