/* relgraph rules …: the library's JSON as it is, or laid out for people. */
#include "cli/commands.h"

#include <string.h>
#include <unistd.h>

#include <jansson.h>

#include "cli/error_report.h"
#include "cli/json_field.h"
#include "cli/session_open.h"
#include "cli/stdout_sink.h"
#include "cli/tier_options.h"
#include "relgraph/relgraph.h"

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
        .since = arguments->since,
        .dialect = arguments->dialect,
        .output = arguments->output,
    };
}

/* Asks the library; the result's text is to be freed by rg_text_free. */
static int rules_ask(const struct arguments *arguments, const struct rg_rules_request *request,
                     char **out_text)
{
    struct rg_session *session = NULL;
    struct rg_error err = {0};
    int code = EXIT_OK;
    if (session_open(arguments, (struct rg_session_options){0}, &session, &err) != RG_OK ||
        rg_rules(session, request, out_text, &err) != RG_OK)
        code = report_error(&err, NULL, arguments->json);
    rg_session_close(session);
    return code;
}

/* Shows the text itself under --json, else what `show` makes of it. */
static int rules_show(const struct arguments *arguments, const char *text,
                      void (*show)(struct text *out, const json_t *root,
                                   const struct arguments *arguments))
{
    struct sink sink = {0};
    json_t *root = arguments->json ? NULL : json_loads(text, 0, NULL);
    if (root) {
        show(&sink.text, root, arguments);
    } else {
        text_cstr(&sink.text, text);
        text_char(&sink.text, '\n', 1);
    }
    json_decref(root);
    return report_output(sink_finish(&sink), arguments->json);
}

/* Whether a member of the result holds anything: errors, failed tests. */
static bool has_any(const char *text, const char *member)
{
    json_t *root = json_loads(text, 0, NULL);
    const json_t *value = json_object_get(root, member);
    bool any = json_array_size(value) > 0 || json_integer_value(value) > 0;
    json_decref(root);
    return any;
}

typedef void show_fn(struct text *out, const json_t *root, const struct arguments *arguments);

/* Asks and shows; fails where the member named (NULL: none) holds anything. */
static int rules_run(const struct arguments *arguments, enum rg_rules_action action, show_fn *show,
                     const char *failure)
{
    struct rg_rules_request request = request_of(arguments, action);
    struct tier_choice tiers;
    char *text = NULL;
    if (!tiers_read(arguments, &tiers))
        return EXIT_USAGE;
    request.tier = tiers.tier;
    request.dataset_tiers = tiers.datasets;
    request.n_dataset_tiers = tiers.n_datasets;
    int code = rules_ask(arguments, &request, &text);
    if (code == EXIT_OK)
        code = rules_show(arguments, text, show);
    if (code == EXIT_OK && failure && has_any(text, failure))
        code = EXIT_FAILED;
    rg_text_free(text);
    return code;
}

/* Texts of an array, divided by commas. */
static void put_joined(struct text *out, const json_t *array)
{
    size_t index;
    json_t *item;
    json_array_foreach(array, index, item)
        text_printf(out, "%s%s", index ? ", " : "", json_string_value(item));
}

/* --- list ----------------------------------------------------------------------------------- */

static void show_list(struct text *out, const json_t *root, const struct arguments *arguments)
{
    const json_t *rules = json_object_get(root, "rules");
    size_t name_width = 0, emits_width = 0, index;
    json_t *rule;
    (void)arguments;
    json_array_foreach(rules, index, rule)
    {
        size_t name = strlen(json_field(rule, "name")), emits = strlen(json_field(rule, "emits"));
        name_width = name > name_width ? name : name_width;
        emits_width = emits > emits_width && emits <= 40 ? emits : emits_width;
    }
    json_array_foreach(rules, index, rule)
    {
        const char *name = json_field(rule, "name"), *emits = json_field(rule, "emits");
        text_cell(out, name, strlen(name), name_width, false);
        text_cstr(out, "  ");
        text_cell(out, emits, strlen(emits), emits_width, false);
        json_print(out, rule, "  {why}\n");
    }
}

int command_rules_list(const struct arguments *arguments)
{
    return rules_run(arguments, RG_RULES_LIST, show_list, NULL);
}

/* --- check ---------------------------------------------------------------------------------- */

static void put_lines(struct text *out, const char *lines)
{
    while (*lines) {
        size_t length = strcspn(lines, "\n");
        text_printable(out, lines, length);
        text_char(out, '\n', 1);
        lines += length + (lines[length] == '\n');
    }
}

static void put_finding(struct text *out, const json_t *finding, const char *what)
{
    const char *lint = json_field(finding, "lint");
    json_int_t line = json_integer_value(json_object_get(finding, "line"));
    json_int_t column = json_integer_value(json_object_get(finding, "column"));
    json_print(out, finding, "{file}");
    if (line)
        text_printf(out, ":%lld", (long long)line);
    if (line && column)
        text_printf(out, ":%lld", (long long)column);
    text_printf(out, ": %s: ", what);
    json_print(out, finding, "{message}");
    text_printf(out, "%s%s%s\n", lint[0] ? " [" : "", lint, lint[0] ? "]" : "");
    put_lines(out, json_field(finding, "excerpt"));
    if (json_field(finding, "hint")[0])
        json_print(out, finding, "hint: {hint}\n");
}

static size_t put_findings(struct text *out, const json_t *root, const char *member,
                           const char *what, bool shown)
{
    const json_t *list = json_object_get(root, member);
    size_t index;
    json_t *finding;
    json_array_foreach(list, index, finding) if (shown) put_finding(out, finding, what);
    return json_array_size(list);
}

static void put_number(struct text *out, size_t n, const char *what)
{
    text_printf(out, "%zu %s%s", n, what, n == 1 ? "" : "s");
}

static void show_check(struct text *out, const json_t *root, const struct arguments *arguments)
{
    size_t rules = (size_t)json_integer_value(json_object_get(root, "rules"));
    bool named = arguments->n_operands > 0;
    size_t errors = put_findings(out, root, "errors", "error", true);
    size_t warnings = put_findings(out, root, "warnings", "warning", true);
    size_t notes = put_findings(out, root, "notes", "note", named);
    put_number(out, rules, "rule");
    text_cstr(out, ": ");
    put_number(out, errors, "error");
    text_cstr(out, ", ");
    put_number(out, warnings, "warning");
    text_cstr(out, ", ");
    put_number(out, notes, "note");
    text_cstr(out, notes && !named ? " (shown for the rules that you name)\n" : "\n");
}

int command_rules_check(const struct arguments *arguments)
{
    return rules_run(arguments, RG_RULES_CHECK, show_check, "errors");
}

/* --- compile -------------------------------------------------------------------------------- */

static void show_compile(struct text *out, const json_t *root, const struct arguments *arguments)
{
    const json_t *rules = json_object_get(root, "rules");
    size_t index;
    json_t *rule;
    (void)arguments;
    json_array_foreach(rules, index, rule)
    {
        const json_t *error = json_object_get(rule, "error");
        text_printf(out, "%s-- %s: %s\n", index ? "\n" : "", json_field(rule, "rule"),
                    json_field(rule, "emits"));
        if (error)
            json_print(out, error, "-- error: {message}\n");
        else
            text_printf(out, "%s;\n", json_field(rule, "sql"));
    }
    if (rules)
        return;
    size_t errors = put_findings(out, root, "errors", "error", true);
    put_number(out, json_array_size(json_object_get(root, "files")), "script");
    json_print(out, root, " of {dialect} in ");
    json_print(out, root, "{output}");
    if (errors) {
        text_cstr(out, ", ");
        put_number(out, errors, "relation");
        text_cstr(out, " left out");
    }
    text_char(out, '\n', 1);
}

int command_rules_compile(const struct arguments *arguments)
{
    return rules_run(arguments, RG_RULES_COMPILE, show_compile, "errors");
}

/* --- lineage -------------------------------------------------------------------------------- */

static void put_origins(struct text *out, const char *label, const json_t *origins)
{
    if (!json_array_size(origins))
        return;
    text_printf(out, "  %-12s", label);
    put_joined(out, origins);
    text_char(out, '\n', 1);
}

/* Steps through values; those that only decide which rows there are would be most of the rules. */
static void put_steps(struct text *out, const json_t *steps)
{
    size_t index, width = 0;
    json_t *step;
    json_array_foreach(steps, index, step)
    {
        size_t length = strlen(json_field(step, "rule"));
        if (!json_is_true(json_object_get(step, "by_control")))
            width = length > width ? length : width;
    }
    json_array_foreach(steps, index, step)
    {
        const char *rule = json_field(step, "rule");
        if (json_is_true(json_object_get(step, "by_control")))
            continue;
        text_cstr(out, "    ");
        text_cell(out, rule, strlen(rule), width, false);
        json_print(out, step, "  {column} = ");
        if (json_array_size(json_object_get(step, "value")))
            put_joined(out, json_object_get(step, "value"));
        else
            text_cstr(out, "a constant");
        text_char(out, '\n', 1);
    }
}

static void show_lineage(struct text *out, const json_t *root, const struct arguments *arguments)
{
    size_t index;
    json_t *column;
    (void)arguments;
    json_array_foreach(json_object_get(root, "columns"), index, column)
    {
        const json_t *from = json_object_get(column, "from"), *to = json_object_get(column, "to");
        text_printf(out, "%s%s\n", index ? "\n" : "", json_field(column, "column"));
        put_origins(out, "comes from", json_object_get(from, "value"));
        put_steps(out, json_object_get(from, "steps"));
        put_origins(out, "rows by", json_object_get(from, "control"));
        put_origins(out, "becomes", json_object_get(to, "value"));
        put_steps(out, json_object_get(to, "steps"));
        put_origins(out, "decides", json_object_get(to, "control"));
    }
}

static void dot_edges(struct text *out, const json_t *step, const char *member, const char *style)
{
    size_t index;
    json_t *origin;
    json_array_foreach(json_object_get(step, member), index, origin)
        text_printf(out, "  \"%s\" -> \"%s\" [label=\"%s\"%s];\n", json_string_value(origin),
                    json_field(step, "column"), json_field(step, "rule"), style);
}

static void show_dot(struct text *out, const json_t *root, const struct arguments *arguments)
{
    static const char *const directions[] = {"from", "to"};
    size_t index, step_index;
    json_t *column, *step;
    (void)arguments;
    text_cstr(out, "digraph lineage {\n  rankdir=LR;\n  node [shape=box];\n");
    json_array_foreach(json_object_get(root, "columns"), index, column) for (size_t d = 0; d < 2;
                                                                             d++)
    {
        const json_t *steps = json_object_get(json_object_get(column, directions[d]), "steps");
        json_array_foreach(steps, step_index, step)
        {
            if (json_is_true(json_object_get(step, "by_control")))
                continue;
            dot_edges(out, step, "value", "");
            dot_edges(out, step, "control", " style=dashed");
        }
    }
    text_cstr(out, "}\n");
}

int command_rules_lineage(const struct arguments *arguments)
{
    return rules_run(arguments, RG_RULES_LINEAGE, arguments->dot ? show_dot : show_lineage, NULL);
}

/* --- diff ----------------------------------------------------------------------------------- */

static void put_difference(struct text *out, const json_t *rule)
{
    size_t index;
    json_t *column;
    json_print(out, rule, "{rule}: {change}\n");
    if (strcmp(json_field(rule, "change"), "changed") != 0)
        return;
    if (json_is_true(json_object_get(rule, "opaque")))
        text_cstr(out, "  opaque: anything may have changed\n");
    if (json_is_true(json_object_get(rule, "header_changed")))
        text_cstr(out, "  header changed\n");
    if (json_is_true(json_object_get(rule, "rows_changed")))
        text_cstr(out, "  row set changed\n");
    json_array_foreach(json_object_get(rule, "columns"), index, column)
        json_print(out, column, "  column {name} {change}\n");
}

static void put_affected(struct text *out, const json_t *rule)
{
    bool rows = json_is_true(json_object_get(rule, "rows"));
    const json_t *columns = json_object_get(rule, "columns");
    json_print(out, rule, "  {rule}: ");
    text_cstr(out, rows ? "rows" : "");
    text_cstr(out, rows && json_array_size(columns) ? "; " : "");
    put_joined(out, columns);
    text_char(out, '\n', 1);
}

static void show_diff(struct text *out, const json_t *root, const struct arguments *arguments)
{
    const json_t *affected = json_object_get(root, "affected");
    size_t index;
    json_t *rule;
    (void)arguments;
    json_array_foreach(json_object_get(root, "rules"), index, rule) put_difference(out, rule);
    text_printf(out, "unchanged: %lld\n",
                (long long)json_integer_value(json_object_get(root, "unchanged")));
    if (json_array_size(affected))
        text_cstr(out, "affected:\n");
    json_array_foreach(affected, index, rule) put_affected(out, rule);
}

int command_rules_diff(const struct arguments *arguments)
{
    return rules_run(arguments, RG_RULES_DIFF, show_diff, NULL);
}

/* --- test ----------------------------------------------------------------------------------- */

static void put_rows(struct text *out, const json_t *test, const char *member)
{
    const json_t *columns = json_object_get(test, "columns");
    size_t r, c;
    json_t *row, *cell;
    json_array_foreach(json_object_get(test, member), r, row)
    {
        text_printf(out, "  %-10s", member);
        json_array_foreach(row, c, cell)
        {
            const char *text = json_string_value(cell);
            text_printf(out, "  %s ", json_string_value(json_array_get(columns, c)));
            text_shown(out, text ? text : "NULL");
        }
        text_char(out, '\n', 1);
    }
}

static void put_test(struct text *out, const json_t *test)
{
    const char *name = json_field(test, "name");
    json_print(out, test, "{file}");
    text_printf(out,
                ":%lld: failed: ", (long long)json_integer_value(json_object_get(test, "line")));
    text_shown(out, name);
    text_char(out, '\n', 1);
    if (json_field(test, "error")[0]) {
        text_cstr(out, "  ");
        put_lines(out, json_field(test, "error"));
    }
    put_rows(out, test, "missing");
    put_rows(out, test, "unexpected");
}

static void show_test(struct text *out, const json_t *root, const struct arguments *arguments)
{
    size_t index;
    json_t *test;
    (void)arguments;
    json_array_foreach(json_object_get(root, "tests"), index, test)
    {
        if (!json_is_true(json_object_get(test, "passed")))
            put_test(out, test);
    }
    text_printf(out, "%lld passed, %lld failed\n",
                (long long)json_integer_value(json_object_get(root, "passed")),
                (long long)json_integer_value(json_object_get(root, "failed")));
}

int command_rules_test(const struct arguments *arguments)
{
    return rules_run(arguments, RG_RULES_TEST, show_test, "failed");
}

/* --- new ------------------------------------------------------------------------------------ */

static void show_new(struct text *out, const json_t *root, const struct arguments *arguments)
{
    size_t index;
    json_t *file;
    const char *folder = arguments->output ? arguments->output : ".";
    json_array_foreach(json_object_get(root, "files"), index, file)
    {
        text_cstr(out, "wrote ");
        text_shown(out, json_string_value(file));
        text_char(out, '\n', 1);
    }
    text_cstr(out, "next: relgraph rules test --rules ");
    text_shown(out, folder);
    text_printf(out, " %s\n", arguments->operands[0]);
}

int command_rules_new(const struct arguments *arguments)
{
    return rules_run(arguments, RG_RULES_NEW, show_new, NULL);
}
