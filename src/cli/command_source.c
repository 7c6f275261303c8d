/* relgraph source DIR NODE_ID */
#include "cli/commands.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/error_report.h"
#include "cli/session_open.h"
#include "cli/stdout_sink.h"
#include "relgraph/relgraph.h"

static bool parse_id(const char *text, int64_t *out_id)
{
    char *end = NULL;
    const char *digits = text + (text[0] == '-');
    if (digits[0] < '0' || digits[0] > '9')
        return false;
    errno = 0;
    *out_id = strtoll(text, &end, 10);
    return errno == 0 && *end == '\0';
}

static void source_json(struct text *out, int64_t node_id, const struct rg_source *source)
{
    text_printf(out, "{\"node_id\":\"%" PRId64 "\",\"path\":", node_id);
    text_json(out, source->path, strlen(source->path));
    text_printf(out,
                ",\"start_line\":%" PRIu32 ",\"end_line\":%" PRIu32 ",\"start_byte\":%" PRIu64
                ",\"end_byte\":%" PRIu64 ",\"text\":",
                source->start_line, source->end_line, source->start_byte, source->end_byte);
    text_json(out, source->text, source->size);
    text_cstr(out, "}\n");
}

/* A stranger's bytes: exact into a pipe, harmless on a terminal. */
static void source_text(struct text *out, const struct rg_source *source)
{
    if (!isatty(STDOUT_FILENO)) {
        text_append(out, source->text, source->size);
        return;
    }
    const char *at = source->text, *end = source->text + source->size;
    while (at < end) {
        const char *stop = at;
        while (stop < end && *stop != '\n' && *stop != '\t')
            stop++;
        text_printable(out, at, (size_t)(stop - at));
        if (stop < end)
            text_char(out, *stop++, 1);
        at = stop;
    }
    if (source->size == 0 || source->text[source->size - 1] != '\n')
        text_char(out, '\n', 1);
}

static int source_show(const struct arguments *arguments, int64_t node_id,
                       const struct rg_source *source)
{
    struct sink sink = {0};
    struct text place = {0};
    if (arguments->json) {
        source_json(&sink.text, node_id, source);
    } else {
        text_shown(&place, source->path);
        text_printf(&place, ":%" PRIu32 "-%" PRIu32, source->start_line, source->end_line);
        report_note(place.data ? place.data : "", false, arguments->quiet);
        source_text(&sink.text, source);
    }
    text_fini(&place);
    return report_output(sink_finish(&sink), arguments->json);
}

int command_source(const struct arguments *arguments)
{
    struct rg_session *session = NULL;
    struct rg_source source = {0};
    struct rg_error err = {0};
    struct rg_source_request request = {
        .struct_size = sizeof request,
        .graph = arguments->operands[0],
        .repository = arguments->repo,
    };
    if (!parse_id(arguments->operands[1], &request.node_id))
        return report_usage("NODE_ID must be a 64-bit number, as in the column node_id",
                            "relgraph query DIR \"SELECT node_id, name FROM nodes LIMIT 5\"",
                            arguments->json);
    int code = EXIT_OK;
    if (session_open(arguments, (struct rg_session_options){0}, &session, &err) != RG_OK ||
        rg_source_read(session, &request, &source, &err) != RG_OK)
        code = report_error(&err, NULL, arguments->json);
    else
        code = source_show(arguments, request.node_id, &source);
    rg_source_fini(&source);
    rg_session_close(session);
    return code;
}
