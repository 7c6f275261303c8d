/* relgraph explain …: the library's JSON as it is, or laid out for people. */
#include "cli/commands.h"

#include <string.h>

#include <jansson.h>

#include "cli/error_report.h"
#include "cli/explain_view.h"
#include "cli/stdout_sink.h"
#include "cli/session_open.h"
#include "relgraph/relgraph.h"

typedef void show_fn(struct text *out, const json_t *root);

static const struct explain_topic {
    const char *name;
    enum rg_explain_what what;
    size_t n_operands;
    const char *operands; /* what is missing */
    show_fn *show;
} topics[] = {
    {"run", RG_EXPLAIN_RUN, 0, "", explain_show_run},
    {"rule", RG_EXPLAIN_RULE, 1, "the name of a rule", explain_show_rule},
    {"edge", RG_EXPLAIN_EDGE, 3, "a kind, a source and a destination", explain_show_edge},
    {"rules", RG_EXPLAIN_RULES, 0, "", explain_show_rules},
};

static const struct explain_topic *find_topic(const char *name)
{
    for (size_t i = 0; i < sizeof topics / sizeof *topics; i++)
        if (strcmp(topics[i].name, name) == 0)
            return &topics[i];
    return NULL;
}

static int explain_topic(const struct arguments *arguments, const struct explain_topic *topic)
{
    struct rg_explain_request request = {
        .struct_size = sizeof request,
        .graph = arguments->operands[0],
        .what = topic->what,
        .operands = arguments->operands + 2,
        .n_operands = arguments->n_operands - 2,
        .run = arguments->run,
        .repository = arguments->repo,
        .format = arguments->picture,
    };
    struct rg_session *session = NULL;
    struct rg_error err = {0};
    struct sink sink = {0};
    char *text = NULL;
    int code = EXIT_OK;
    if (session_open(arguments, (struct rg_session_options){.on_event = NULL}, &session, &err) !=
            RG_OK ||
        rg_explain(session, &request, &text, &err) != RG_OK)
        code = report_error(&err, NULL, arguments->json);
    rg_session_close(session);
    if (code != EXIT_OK)
        return code;
    json_t *root = arguments->json || arguments->picture ? NULL : json_loads(text, 0, NULL);
    if (root)
        topic->show(&sink.text, root);
    else
        text_cstr(&sink.text, text);
    if (!root && !arguments->picture)
        text_char(&sink.text, '\n', 1);
    json_decref(root);
    rg_text_free(text);
    return report_output(sink_finish(&sink), arguments->json);
}

int command_explain(const struct arguments *arguments)
{
    const char *name = arguments->n_operands > 1 ? arguments->operands[1] : "run";
    const struct explain_topic *topic = find_topic(name);
    /* Without a word behind the folder it is the run. */
    size_t given = arguments->n_operands > 1 ? arguments->n_operands - 2 : 0;
    if (topic && (arguments->n_operands <= 1 || given == topic->n_operands)) {
        struct arguments whole = *arguments;
        whole.n_operands = given + 2;
        return explain_topic(&whole, topic);
    }
    struct text message = {0};
    if (!topic)
        text_printf(&message, "relgraph cannot explain \"%s\"", name);
    else
        text_printf(&message, "explain %s needs %s behind it", name,
                    topic->n_operands ? topic->operands : "nothing");
    int code =
        report_usage(message.data, "one of: run, rule NAME, edge KIND SOURCE DESTINATION, rules",
                     arguments->json);
    text_fini(&message);
    return code;
}
