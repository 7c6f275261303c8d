/* relgraph runs DIR: what the bundles of a graph say of its runs. */
#include "cli/commands.h"

#include <string.h>

#include <jansson.h>

#include "cli/error_report.h"
#include "cli/json_field.h"
#include "cli/stdout_sink.h"
#include "relgraph/relgraph.h"

static void put_cell(struct text *out, const char *text, size_t width)
{
    text_shown_cell(out, text, width);
    text_char(out, ' ', 2);
}

/* "2026-11-23 00:40:07": the time of a run without the letters that only programs need. */
static void put_time(struct text *out, const char *ended)
{
    struct text time = {0};
    text_printf(&time, "%.10s %.8s", ended, strlen(ended) > 11 ? ended + 11 : "");
    put_cell(out, *ended && time.data ? time.data : "", 19);
    text_fini(&time);
}

static void put_seconds(struct text *out, const json_t *run)
{
    struct text seconds = {0};
    const json_t *value = json_object_get(run, "seconds");
    if (json_is_number(value))
        text_seconds(&seconds, json_number_value(value));
    text_cell(out, seconds.data ? seconds.data : "", seconds.len, 8, true);
    text_char(out, ' ', 2);
    text_fini(&seconds);
}

/* What a run came to: the mark of the current build, or its error on one line. */
static void put_remark(struct text *out, const json_t *run)
{
    const json_t *error = json_object_get(run, "error");
    const char *message = json_field(error, "message");
    if (json_is_true(json_object_get(run, "current")))
        text_cstr(out, "the current build");
    else if (*message)
        text_printable(out, message, strcspn(message, "\n"));
    if (json_is_true(json_object_get(run, "replayable")) &&
        !json_is_true(json_object_get(run, "current")))
        text_cstr(out, "facts are kept");
}

static void put_runs(struct text *out, const json_t *root)
{
    const json_t *runs = json_object_get(root, "runs");
    size_t index;
    json_t *run;
    if (json_array_size(runs) == 0) {
        text_cstr(out, "no runs\n");
        return;
    }
    text_cstr(out,
              "RUN                       ENDED (UTC)          RESULT       TIER       PROFILE   "
              "    SECONDS\n");
    json_array_foreach(runs, index, run)
    {
        put_cell(out, json_field(run, "run"), 24);
        put_time(out, json_field(run, "ended"));
        put_cell(out, json_field(run, "result"), 11);
        put_cell(out, json_field(run, "tier"), 9);
        put_cell(out, json_field(run, "profile"), 12);
        put_seconds(out, run);
        put_remark(out, run);
        while (out->len && out->data[out->len - 1] == ' ')
            out->len--;
        text_char(out, '\n', 1);
    }
}

int command_runs(const struct arguments *arguments)
{
    struct rg_error err = {0};
    struct sink sink = {0};
    char *text = NULL;
    if (rg_runs(arguments->operands[0], &text, &err) != RG_OK)
        return report_error(&err, NULL, arguments->json);
    json_t *root = arguments->json ? NULL : json_loads(text, 0, NULL);
    if (root) {
        put_runs(&sink.text, root);
    } else {
        text_cstr(&sink.text, text);
        text_char(&sink.text, '\n', 1);
    }
    json_decref(root);
    rg_text_free(text);
    return report_output(sink_finish(&sink), arguments->json);
}
