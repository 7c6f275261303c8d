/* relgraph rules …: the library's JSON as it is, or laid out for people. */
#include "cli/commands.h"

#include <string.h>
#include <unistd.h>

#include <jansson.h>

#include "cli/error_report.h"
#include "cli/stdout_sink.h"
#include "relgraph/relgraph.h"

static const char *field(const json_t *object, const char *name)
{
    const char *value = json_string_value(json_object_get(object, name));
    return value ? value : "";
}

static struct rg_rules_request request_of(const struct arguments *arguments,
                                          enum rg_rules_action action)
{
    return (struct rg_rules_request){
        .struct_size = sizeof(struct rg_rules_request),
        .action = action,
        .rule_folders = arguments->rules.items,
        .n_rule_folders = arguments->rules.count,
        .operands = arguments->operands,
        .n_operands = arguments->n_operands,
    };
}

/* Asks the library; the result's text is to be freed by rg_text_free. */
static int rules_ask(const struct arguments *arguments, const struct rg_rules_request *request,
                     char **out_text)
{
    struct rg_session_options options = {.struct_size = sizeof options};
    struct rg_session *session = NULL;
    struct rg_error err = {0};
    int code = EXIT_OK;
    if (rg_session_open(&options, &session, &err) != RG_OK ||
        rg_rules(session, request, out_text, &err) != RG_OK)
        code = report_error(&err, NULL, arguments->json);
    rg_session_close(session);
    return code;
}

/* Shows the text itself under --json, else what `show` makes of it. */
static int rules_show(const struct arguments *arguments, const char *text,
                      void (*show)(struct text *out, const json_t *root))
{
    struct sink sink = {0};
    json_t *root = arguments->json ? NULL : json_loads(text, 0, NULL);
    if (root) {
        show(&sink.text, root);
    } else {
        text_cstr(&sink.text, text);
        text_char(&sink.text, '\n', 1);
    }
    json_decref(root);
    return report_output(sink_finish(&sink), arguments->json);
}

/* --- list ----------------------------------------------------------------------------------- */

static void show_list(struct text *out, const json_t *root)
{
    const json_t *rules = json_object_get(root, "rules");
    size_t name_width = 0, emits_width = 0, index;
    json_t *rule;
    json_array_foreach(rules, index, rule)
    {
        size_t name = strlen(field(rule, "name")), emits = strlen(field(rule, "emits"));
        name_width = name > name_width ? name : name_width;
        emits_width = emits > emits_width && emits <= 40 ? emits : emits_width;
    }
    json_array_foreach(rules, index, rule)
    {
        const char *name = field(rule, "name"), *emits = field(rule, "emits");
        text_cell(out, name, strlen(name), name_width, false);
        text_cstr(out, "  ");
        text_cell(out, emits, strlen(emits), emits_width, false);
        text_printf(out, "  %s\n", field(rule, "why"));
    }
}

int command_rules_list(const struct arguments *arguments)
{
    struct rg_rules_request request = request_of(arguments, RG_RULES_LIST);
    char *text = NULL;
    int code = rules_ask(arguments, &request, &text);
    if (code == EXIT_OK)
        code = rules_show(arguments, text, show_list);
    rg_text_free(text);
    return code;
}
