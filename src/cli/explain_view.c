/* Charts of a run and the story of a rule. */
#include "cli/explain_view.h"

#include <string.h>

enum { BAR_WIDTH = 40, RULES_SHOWN = 12, OPERATORS_SHOWN = 3, NAME_WIDTH = 24 };

static const char *field(const json_t *object, const char *name)
{
    const char *value = json_string_value(json_object_get(object, name));
    return value ? value : "";
}

static double number(const json_t *object, const char *name)
{
    return json_number_value(json_object_get(object, name));
}

static void put_printable(struct text *out, const char *value)
{
    text_printable(out, value, strlen(value));
}

/* A bar of eighths of a block. */
static void put_bar(struct text *out, double part, double whole)
{
    static const char *const eighths[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
    int n = whole > 0 ? (int)(part / whole * BAR_WIDTH * 8 + 0.5) : 0;
    for (int i = 0; i < n / 8; i++)
        text_cstr(out, "█");
    text_cstr(out, eighths[n % 8]);
}

static void put_name(struct text *out, const char *name, size_t width)
{
    struct text clean = {0};
    put_printable(&clean, name);
    text_cell(out, clean.data ? clean.data : "", clean.len, width, false);
    out->failed = out->failed || clean.failed;
    text_fini(&clean);
}

/* A figure in a column of its own, or (width 0) as wide as it is; empty where it is not known. */
static void put_figure(struct text *out, struct text *figure, size_t width)
{
    const char *text = figure->data ? figure->data : "";
    text_cell(out, text, figure->len, width ? width : text_width(text, figure->len), true);
    text_fini(figure);
}

static void put_seconds(struct text *out, const json_t *object, const char *name)
{
    struct text figure = {0};
    if (json_object_get(object, name))
        text_seconds(&figure, number(object, name));
    put_figure(out, &figure, 9);
}

static void put_count(struct text *out, const json_t *object, const char *name, size_t width)
{
    struct text figure = {0};
    if (json_object_get(object, name))
        text_count(&figure, (uint64_t)json_integer_value(json_object_get(object, name)));
    put_figure(out, &figure, width);
}

static void put_bytes(struct text *out, const json_t *object, const char *name, size_t width)
{
    struct text figure = {0};
    if (json_object_get(object, name))
        text_bytes(&figure, (uint64_t)json_integer_value(json_object_get(object, name)));
    put_figure(out, &figure, width);
}
/* --- run ------------------------------------------------------------------------------------- */

static void show_stages(struct text *out, const json_t *root)
{
    double whole = number(root, "seconds"), known = 0;
    size_t i;
    json_t *stage;
    json_array_foreach(json_object_get(root, "stages"), i, stage) known +=
        strcmp(field(stage, "outcome"), "done") == 0 ? number(stage, "seconds") : 0;
    whole = whole > known ? whole : known;
    text_cstr(out, "stages                      seconds\n");
    json_array_foreach(json_object_get(root, "stages"), i, stage)
    {
        if (strcmp(field(stage, "outcome"), "done") != 0)
            continue;
        text_cstr(out, "  ");
        put_name(out, field(stage, "stage"), NAME_WIDTH);
        put_seconds(out, stage, "seconds");
        text_cstr(out, "  ");
        put_bar(out, number(stage, "seconds"), whole);
        text_char(out, '\n', 1);
    }
    json_t *rest = json_pack("{s:f}", "seconds", whole - known);
    text_cstr(out, "  ");
    put_name(out, "all else", NAME_WIDTH);
    put_seconds(out, rest, "seconds");
    text_cstr(out, "  ");
    put_bar(out, whole - known, whole);
    text_char(out, '\n', 1);
    json_decref(rest);
}

static void show_failure(struct text *out, const json_t *root)
{
    size_t i;
    json_t *stage;
    json_array_foreach(json_object_get(root, "stages"), i, stage)
    {
        if (strcmp(field(stage, "outcome"), "failed") != 0)
            continue;
        text_printf(out, "\nThe run failed (%s)", field(stage, "status"));
        if (*field(stage, "rule"))
            text_printf(out, " in rule %s", field(stage, "rule"));
        text_cstr(out, ": ");
        put_printable(out, field(stage, "error"));
        if (*field(stage, "hint")) {
            text_cstr(out, "\n  hint: ");
            put_printable(out, field(stage, "hint"));
        }
        text_char(out, '\n', 1);
    }
}

/* The operators that took most of a rule, where they were measured. */
static void show_operators_of(struct text *out, const json_t *root, const char *of)
{
    size_t i, shown = 0;
    json_t *row;
    json_array_foreach(json_object_get(root, "operators"), i, row)
    {
        if (strcmp(field(row, "of"), of) != 0 || shown == OPERATORS_SHOWN)
            continue;
        text_printf(out, "%s%s %.0f%%", shown++ ? ", " : "      ", field(row, "name"),
                    100 * number(row, "share"));
    }
    if (shown)
        text_char(out, '\n', 1);
}

static void show_slowest(struct text *out, const json_t *root)
{
    const json_t *rules = json_object_get(root, "rules");
    double slowest = number(json_array_get(rules, 0), "seconds");
    size_t i, streamed = 0, shown = 0;
    json_t *rule;
    text_cstr(out, "\nslowest rules               seconds   rows in  rows out\n");
    json_array_foreach(rules, i, rule)
    {
        if (!json_object_get(rule, "seconds")) {
            streamed++;
            continue;
        }
        if (shown++ >= RULES_SHOWN)
            continue;
        text_cstr(out, "  ");
        put_name(out, field(rule, "rule"), NAME_WIDTH);
        put_seconds(out, rule, "seconds");
        put_count(out, rule, "rows_in", 10);
        put_count(out, rule, "rows_out", 10);
        text_cstr(out, "  ");
        put_bar(out, number(rule, "seconds") / 2, slowest);
        text_char(out, '\n', 1);
        show_operators_of(out, root, field(rule, "rule"));
    }
    if (shown > RULES_SHOWN)
        text_printf(out, "  and %zu more\n", shown - RULES_SHOWN);
    if (streamed)
        text_printf(out,
                    "  %zu rules ran as part of other queries: their time is in theirs, or in "
                    "what was written\n",
                    streamed);
}

static void show_written(struct text *out, const json_t *root)
{
    size_t i;
    json_t *row;
    double slowest = number(json_array_get(json_object_get(root, "written"), 0), "seconds");
    text_cstr(out, "\nwritten                     seconds      rows     bytes\n");
    json_array_foreach(json_object_get(root, "written"), i, row)
    {
        if (!json_integer_value(json_object_get(row, "rows")))
            continue;
        text_cstr(out, "  ");
        put_name(out, field(row, "dataset"), NAME_WIDTH);
        put_seconds(out, row, "seconds");
        put_count(out, row, "rows", 10);
        put_bytes(out, row, "bytes", 10);
        text_cstr(out, "  ");
        put_bar(out, number(row, "seconds") / 2, slowest);
        text_char(out, '\n', 1);
    }
}

/* A list of short lines under a heading; nothing where it is empty. */
static void show_list(struct text *out, const json_t *root, const char *member, const char *heading,
                      const char *const *columns)
{
    const json_t *rows = json_object_get(root, member);
    size_t i;
    json_t *row;
    if (!json_array_size(rows))
        return;
    text_printf(out, "\n%s\n", heading);
    json_array_foreach(rows, i, row)
    {
        bool first = true;
        text_cstr(out, "  ");
        for (const char *const *column = columns; *column; column++) {
            const json_t *value = json_object_get(row, *column);
            if (!value)
                continue;
            text_cstr(out, first ? "" : "  ");
            first = false;
            if (json_is_integer(value))
                text_count(out, (uint64_t)json_integer_value(value));
            else
                put_printable(out, field(row, *column));
        }
        text_char(out, '\n', 1);
    }
}

void explain_show_run(struct text *out, const json_t *root)
{
    text_printf(out, "run %s", field(root, "run"));
    if (*field(root, "ended"))
        text_printf(out, ", ended %s", field(root, "ended"));
    if (json_object_get(root, "seconds")) {
        text_cstr(out, ", ");
        text_seconds(out, number(root, "seconds"));
        text_cstr(out, " seconds");
    }
    text_cstr(out, "\n");
    if (*field(root, "last_run"))
        text_printf(out, "A later run, %s, left no build: --run last\n", field(root, "last_run"));
    show_failure(out, root);
    text_char(out, '\n', 1);
    show_stages(out, root);
    if (json_array_size(json_object_get(root, "rules")))
        show_slowest(out, root);
    if (json_array_size(json_object_get(root, "written")))
        show_written(out, root);
    show_list(out, root, "fallbacks", "fallbacks",
              (const char *const[]){"what", "rule", "dataset", "reason", "instead", NULL});
    show_list(out, root, "features_off", "features that are off",
              (const char *const[]){"feature", "source", "what", NULL});
    show_list(out, root, "rejected", "rejected rows",
              (const char *const[]){"rejected", "dataset", "code", NULL});
    show_list(out, root, "extract_errors", "files that were not read whole",
              (const char *const[]){"files", "code", "message", NULL});
}

/* --- rule ------------------------------------------------------------------------------------ */

static void show_texts(struct text *out, const json_t *texts)
{
    size_t i;
    json_t *item;
    json_array_foreach(texts, i, item)
        text_printf(out, "%s%s", i ? ", " : "", json_string_value(item));
}

static void show_events(struct text *out, const json_t *root)
{
    size_t i;
    json_t *event;
    json_array_foreach(json_object_get(root, "events"), i, event)
    {
        text_printf(out, "\nran       %s, %s", field(event, "mode"), field(event, "outcome"));
        if (json_object_get(event, "rows_in")) {
            text_cstr(out, ", ");
            put_count(out, event, "rows_in", 0);
            text_cstr(out, " rows in");
        }
        if (json_object_get(event, "rows_out")) {
            text_cstr(out, ", ");
            put_count(out, event, "rows_out", 0);
            text_cstr(out, " rows out");
        }
        if (json_integer_value(json_object_get(event, "rows_rejected"))) {
            text_cstr(out, ", ");
            put_count(out, event, "rows_rejected", 0);
            text_cstr(out, " rejected");
        }
        if (json_object_get(event, "seconds")) {
            text_cstr(out, ", ");
            text_seconds(out, number(event, "seconds"));
            text_cstr(out, " seconds");
        } else {
            text_cstr(out, ", seconds not known");
        }
        if (json_object_get(event, "peak_memory_bytes")) {
            text_cstr(out, ", engine's peak ");
            put_bytes(out, event, "peak_memory_bytes", 0);
        }
        text_char(out, '\n', 1);
        if (*field(event, "error")) {
            text_cstr(out, "error     ");
            put_printable(out, field(event, "error"));
            text_char(out, '\n', 1);
        }
    }
}

static size_t depth_of(const json_t *operators, size_t index)
{
    size_t depth = 0;
    const json_t *row = json_array_get(operators, index);
    while (json_object_get(row, "parent") && depth < 60) {
        json_int_t statement = json_integer_value(json_object_get(row, "statement"));
        json_int_t parent = json_integer_value(json_object_get(row, "parent"));
        const json_t *above = NULL;
        for (size_t i = index; i-- > 0 && !above;) {
            const json_t *other = json_array_get(operators, i);
            if (json_integer_value(json_object_get(other, "statement")) == statement &&
                json_integer_value(json_object_get(other, "operator")) == parent)
                above = other;
        }
        if (!above)
            break;
        row = above;
        depth++;
    }
    return depth;
}

static void show_operators(struct text *out, const json_t *root)
{
    const json_t *operators = json_object_get(root, "operators");
    size_t i;
    json_t *row;
    json_int_t last = 0;
    if (!json_array_size(operators))
        return;
    text_cstr(out, "\noperators   seconds of all threads      rows  (what gives rows stands below "
                   "what takes them)\n");
    json_array_foreach(operators, i, row)
    {
        json_int_t statement = json_integer_value(json_object_get(row, "statement"));
        const json_t *details = json_object_get(row, "details");
        const char *table = field(details, "Table");
        if (statement != last)
            text_printf(out, "  %s\n", field(row, "step"));
        last = statement;
        text_cstr(out, "  ");
        put_seconds(out, row, "seconds");
        put_count(out, row, "rows", 10);
        text_cstr(out, "  ");
        text_char(out, ' ', 2 * depth_of(operators, i));
        text_cstr(out, field(row, "name"));
        if (*table)
            text_printf(out, " %s", strrchr(table, '.') ? strrchr(table, '.') + 1 : table);
        text_char(out, '\n', 1);
    }
}

static void show_columns(struct text *out, const json_t *root)
{
    size_t i;
    json_t *row;
    text_cstr(out, "\nreads\n");
    json_array_foreach(json_object_get(root, "reads"), i, row)
    {
        text_printf(out, "  %s: ", field(row, "relation"));
        show_texts(out, json_object_get(row, "columns"));
        text_char(out, '\n', 1);
    }
    text_cstr(out, "\ncolumns come from\n");
    json_array_foreach(json_object_get(root, "lineage"), i, row)
    {
        if (strcmp(field(row, "role"), "value") != 0)
            continue;
        text_printf(out, "  %s: ", field(row, "column_name"));
        show_texts(out, json_object_get(row, "from"));
        text_char(out, '\n', 1);
    }
}

void explain_show_rule(struct text *out, const json_t *root)
{
    size_t i;
    json_t *row;
    const json_t *readers = json_object_get(root, "read_by");
    text_printf(out, "%s  emits %s\n", field(root, "rule"), field(root, "emits"));
    text_printf(out, "why       %s\nfile      ", field(root, "why"));
    put_printable(out, field(root, "file"));
    text_char(out, '\n', 1);
    if (json_array_size(readers))
        text_cstr(out, "read by   ");
    json_array_foreach(readers, i, row) text_printf(out, "%s%s", i ? ", " : "", field(row, "rule"));
    if (json_array_size(readers))
        text_char(out, '\n', 1);
    show_events(out, root);
    show_columns(out, root);
    text_printf(out, "\nas the engine got it\n%s\n", field(root, "sql"));
    show_operators(out, root);
    json_array_foreach(json_object_get(root, "plans"), i, row)
    {
        if (*field(row, "plan"))
            text_printf(out, "\nplan of %s\n%s\n", field(row, "step"), field(row, "plan"));
    }
    show_list(out, root, "fallbacks", "fallbacks",
              (const char *const[]){"what", "reason", "instead", NULL});
}

/* --- rules ----------------------------------------------------------------------------------- */

void explain_show_rules(struct text *out, const json_t *root)
{
    const json_t *rules = json_object_get(root, "rules"), *edges = json_object_get(root, "edges");
    size_t i, k;
    json_t *rule, *edge;
    json_array_foreach(rules, i, rule)
    {
        bool any = false;
        put_name(out, field(rule, "rule"), NAME_WIDTH);
        text_printf(out, "  emits %s", field(rule, "emits"));
        json_array_foreach(edges, k, edge)
        {
            if (strcmp(field(edge, "to"), field(rule, "rule")) != 0)
                continue;
            text_printf(out, "%s%s", any ? ", " : "; reads ", field(edge, "from"));
            any = true;
        }
        text_char(out, '\n', 1);
    }
    text_cstr(out, "\n--format svg and --format dot draw it\n");
}
