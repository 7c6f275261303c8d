/* relgraph export DIR */
#include "cli/commands.h"

#include <inttypes.h>
#include <unistd.h>

#include "cli/error_report.h"
#include "cli/query_arrow.h"
#include "cli/session_open.h"
#include "cli/stdout_sink.h"
#include "relgraph/relgraph.h"

static int put_bytes(void *user, const void *bytes, size_t count)
{
    struct sink *sink = user;
    text_append(&sink->text, bytes, count);
    return sink_flush(sink) ? 0 : sink->error_number;
}

static void report_exported(const struct arguments *arguments, const struct rg_exported *exported)
{
    struct text text = {0};
    text_printf(&text,
                "%" PRIu64 " documents, %" PRIu64 " symbols, %" PRIu64 " occurrences, %" PRIu64
                " bytes",
                exported->documents, exported->symbols, exported->occurrences, exported->bytes);
    report_note(text.data ? text.data : "", arguments->json, arguments->quiet);
    text_fini(&text);
}

static int export_to(const struct arguments *arguments, struct rg_session *session,
                     struct result_file *file)
{
    struct rg_error err = {0};
    struct rg_exported exported;
    struct sink sink = {.fd = file->fd};
    struct rg_export_request request = {
        .struct_size = sizeof request,
        .graph = arguments->operands[0],
        .format = RG_EXPORT_SCIP,
        .project_name = arguments->project_name,
        .project_version = arguments->project_version,
        .write = put_bytes,
        .user = &sink,
    };
    enum rg_status status = rg_export(session, &request, &exported, &err);
    bool failed_here = sink.error_number != 0; /* told by the sink, which knows a closed pipe */
    int code = report_output(sink_finish(&sink), arguments->json);
    if (status != RG_OK && !failed_here)
        code = report_error(&err, NULL, arguments->json);
    if (code == EXIT_OK)
        report_exported(arguments, &exported);
    return code;
}

int command_export(const struct arguments *arguments)
{
    struct rg_session *session = NULL;
    struct rg_error err = {0};
    struct result_file file;
    if (!arguments->output && isatty(STDOUT_FILENO))
        return report_usage("an index is not for a terminal: name a file with --output",
                            "relgraph export DIR --output index.scip", arguments->json);
    if (session_open(arguments, (struct rg_session_options){0}, &session, &err) != RG_OK)
        return report_error(&err, NULL, arguments->json);
    int code = result_file_open(&file, arguments->output, arguments->json);
    if (code == EXIT_OK) {
        code = export_to(arguments, session, &file);
        code = result_file_close(&file, code, arguments->json);
    }
    rg_session_close(session);
    return code;
}
