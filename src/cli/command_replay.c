/* relgraph replay DIR/runs/ID: whether a run's statements give its outputs again. */
#include "cli/commands.h"

#include <inttypes.h>
#include <string.h>

#include "cli/error_report.h"
#include "cli/interrupt.h"
#include "cli/progress_line.h"
#include "cli/session_open.h"
#include "cli/stdout_sink.h"
#include "relgraph/relgraph.h"

static const char *const verdicts[] = {
    [RG_REPLAY_SAME_BYTES] = "same bytes",
    [RG_REPLAY_SAME_ROWS] = "same rows",
    [RG_REPLAY_DIFFERENT] = "different",
    [RG_REPLAY_UNKNOWN] = "unknown",
};

static void put_json_text(struct text *out, const char *key, const char *value)
{
    text_printf(out, "\"%s\":", key);
    text_json(out, value, strlen(value));
}

static void result_json(struct text *out, const struct rg_replay_result *result)
{
    text_char(out, '{', 1);
    put_json_text(out, "run", result->run);
    text_printf(out, ",\"matches\":%s,\"steps\":%zu,\"seconds\":%.6f,",
                result->matches ? "true" : "false", result->n_steps, result->seconds);
    put_json_text(out, "facts_of", result->facts_of);
    text_cstr(out, ",\"notes\":[");
    for (size_t i = 0; i < result->n_notes; i++) {
        text_cstr(out, i ? "," : "");
        text_json(out, result->notes[i], strlen(result->notes[i]));
    }
    text_cstr(out, "],\"outputs\":[");
    for (size_t i = 0; i < result->n_outputs; i++) {
        const struct rg_replay_output *output = &result->outputs[i];
        text_cstr(out, i ? ",{" : "{");
        put_json_text(out, "dataset", output->dataset);
        text_char(out, ',', 1);
        put_json_text(out, "path", output->path);
        text_char(out, ',', 1);
        put_json_text(out, "tier", output->tier);
        text_printf(out, ",\"rows_expected\":%" PRIu64 ",\"rows_found\":%" PRIu64 ",",
                    output->rows_expected, output->rows_found);
        put_json_text(out, "verdict", verdicts[output->verdict]);
        text_char(out, ',', 1);
        put_json_text(out, "difference", output->difference);
        text_char(out, '}', 1);
    }
    text_cstr(out, "]}\n");
}

static void put_output(struct text *out, const struct rg_replay_output *output)
{
    struct text rows = {0};
    text_count(&rows, output->rows_found);
    text_cstr(out, "  ");
    text_shown_cell(out, output->path, 36); /* the bundle's, which may be anybody's */
    text_char(out, ' ', 2);
    text_cell(out, rows.data ? rows.data : "", rows.len, 12, true);
    text_printf(out, " rows  %-9s  %s", output->tier, verdicts[output->verdict]);
    if (output->difference[0]) {
        text_cstr(out, ": ");
        text_shown(out, output->difference);
    }
    text_char(out, '\n', 1);
    text_fini(&rows);
}

static void result_text(struct text *out, const struct rg_replay_result *result, bool quiet)
{
    size_t fine = 0;
    for (size_t i = 0; i < result->n_outputs; i++) {
        const struct rg_replay_output *output = &result->outputs[i];
        bool matches =
            output->verdict == RG_REPLAY_SAME_BYTES || output->verdict == RG_REPLAY_SAME_ROWS;
        fine += matches;
        if (!quiet || !matches)
            put_output(out, output);
    }
    for (size_t i = 0; i < result->n_notes; i++) {
        text_cstr(out, "note: ");
        text_shown(out, result->notes[i]);
        text_char(out, '\n', 1);
    }
    if (quiet && result->matches)
        return;
    text_printf(out, "%s %s: %zu of %zu files match, %zu statements in ",
                result->matches ? "reproduced" : "NOT reproduced", result->run, fine,
                result->n_outputs, result->n_steps);
    text_seconds(out, result->seconds);
    text_cstr(out, " s\n");
}

static int show_result(const struct arguments *arguments, const struct rg_replay_result *result)
{
    struct sink sink = {0};
    if (arguments->json)
        result_json(&sink.text, result);
    else
        result_text(&sink.text, result, arguments->quiet);
    int code = report_output(sink_finish(&sink), arguments->json);
    return code == EXIT_OK && !result->matches ? EXIT_FAILED : code;
}

int command_replay(const struct arguments *arguments)
{
    struct progress progress;
    struct rg_session_options options = {
        .on_event = progress_event,
        .user = &progress,
    };
    struct rg_replay_request request = {
        .struct_size = sizeof request,
        .bundle = arguments->operands[0],
        .scratch = arguments->scratch,
    };
    struct rg_session *session = NULL;
    struct rg_replay_result *result = NULL;
    struct rg_error err = {0};
    progress_init(&progress, arguments->json, arguments->quiet);
    if (session_open(arguments, options, &session, &err) != RG_OK)
        return report_error(&err, NULL, arguments->json);
    interrupt_watch(session);
    enum rg_status status = rg_replay(session, &request, &result, &err);
    interrupt_forget();
    progress_end(&progress);
    int code = status == RG_OK ? show_result(arguments, result)
                               : report_error(&err, NULL, arguments->json);
    rg_replay_result_free(result);
    rg_session_close(session);
    return code;
}
