/* Charts of a run and the story of a rule. */
#include "cli/explain_view.h"

#include <string.h>

#include "cli/json_field.h"

enum { BAR_WIDTH = 40, RULES_SHOWN = 12, OPERATORS_SHOWN = 3, NAME_WIDTH = 24 };

static double number(const json_t *object, const char *name)
{
    return json_number_value(json_object_get(object, name));
}

/* A bar of eighths of a block. */
static void put_bar(struct text *out, double part, double whole)
{
    static const char *const eighths[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
    double share = whole > 0 && part > 0 ? part / whole : 0; /* of figures that may be anybody's */
    int n = (int)((share < 1 ? share : 1) * BAR_WIDTH * 8 + 0.5);
    for (int i = 0; i < n / 8; i++)
        text_cstr(out, "█");
    text_cstr(out, eighths[n % 8]);
}

/* A figure in a column of its own, or (width 0) as wide as it is; empty where it is not known. */
static void put_figure(struct text *out, struct text *figure, size_t width)
{
    const char *text = figure->data ? figure->data : "";
    text_cell(out, text, figure->len, width ? width : text_width(text, figure->len), true);
    out->failed = out->failed || figure->failed;
    text_fini(figure);
}

static void put_seconds(struct text *out, const json_t *object, const char *name)
{
    struct text figure = {0};
    if (json_object_get(object, name))
        text_seconds(&figure, number(object, name));
    put_figure(out, &figure, 9);
}

/* A member as a count or a size: what `show` makes of it. */
static void put_integer(struct text *out, const json_t *object, const char *name, size_t width,
                        void (*show)(struct text *text, uint64_t value))
{
    struct text figure = {0};
    if (json_object_get(object, name))
        show(&figure, (uint64_t)json_integer_value(json_object_get(object, name)));
    put_figure(out, &figure, width);
}

/* --- run ------------------------------------------------------------------------------------- */

static void show_stages(struct text *out, const json_t *root)
{
    double whole = number(root, "seconds"), known = 0;
    size_t i;
    json_t *stage;
    json_array_foreach(json_object_get(root, "stages"), i, stage) known +=
        strcmp(json_field(stage, "outcome"), "done") == 0 ? number(stage, "seconds") : 0;
    whole = whole > known ? whole : known;
    text_cstr(out, "stages                      seconds\n");
    json_array_foreach(json_object_get(root, "stages"), i, stage)
    {
        if (strcmp(json_field(stage, "outcome"), "done") != 0)
            continue;
        text_cstr(out, "  ");
        text_shown_cell(out, json_field(stage, "stage"), NAME_WIDTH);
        put_seconds(out, stage, "seconds");
        text_cstr(out, "  ");
        put_bar(out, number(stage, "seconds"), whole);
        text_char(out, '\n', 1);
    }
    json_t *rest = json_pack("{s:f}", "seconds", whole - known);
    text_cstr(out, "  ");
    text_shown_cell(out, "all else", NAME_WIDTH);
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
        if (strcmp(json_field(stage, "outcome"), "failed") != 0)
            continue;
        json_print(out, stage, "\nThe run failed ({status})");
        if (*json_field(stage, "rule"))
            json_print(out, stage, " in rule {rule}");
        json_print(out, stage, ": {error}\n");
        if (*json_field(stage, "hint"))
            json_print(out, stage, "  hint: {hint}\n");
    }
}

/* The operators that took most of a rule, where they were measured. */
static void show_operators_of(struct text *out, const json_t *root, const char *of)
{
    size_t i, shown = 0;
    json_t *row;
    json_array_foreach(json_object_get(root, "operators"), i, row)
    {
        if (strcmp(json_field(row, "of"), of) != 0 || shown == OPERATORS_SHOWN)
            continue;
        text_cstr(out, shown++ ? ", " : "      ");
        json_print(out, row, "{name}");
        text_printf(out, " %.0f%%", 100 * number(row, "share"));
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
        text_shown_cell(out, json_field(rule, "rule"), NAME_WIDTH);
        put_seconds(out, rule, "seconds");
        put_integer(out, rule, "rows_in", 10, text_count);
        put_integer(out, rule, "rows_out", 10, text_count);
        text_cstr(out, "  ");
        put_bar(out, number(rule, "seconds") / 2, slowest);
        text_char(out, '\n', 1);
        show_operators_of(out, root, json_field(rule, "rule"));
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
        text_shown_cell(out, json_field(row, "dataset"), NAME_WIDTH);
        put_seconds(out, row, "seconds");
        put_integer(out, row, "rows", 10, text_count);
        put_integer(out, row, "bytes", 10, text_bytes);
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
                text_shown(out, json_field(row, *column));
        }
        text_char(out, '\n', 1);
    }
}

void explain_show_run(struct text *out, const json_t *root)
{
    json_print(out, root, "run {run}");
    if (*json_field(root, "ended"))
        json_print(out, root, ", ended {ended}");
    if (json_object_get(root, "seconds")) {
        text_cstr(out, ", ");
        text_seconds(out, number(root, "seconds"));
        text_cstr(out, " seconds");
    }
    text_cstr(out, "\n");
    if (*json_field(root, "last_run"))
        json_print(out, root, "A later run, {last_run}, left no build: --run last\n");
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
    {
        text_cstr(out, i ? ", " : "");
        text_shown(out, json_is_string(item) ? json_string_value(item) : "");
    }
}

static void show_events(struct text *out, const json_t *root)
{
    static const struct {
        const char *member, *behind;
        bool quiet_zero;
    } figures[] = {{"rows_in", " rows in", false},
                   {"rows_out", " rows out", false},
                   {"rows_rejected", " rejected", true}};
    size_t i;
    json_t *event;
    json_array_foreach(json_object_get(root, "events"), i, event)
    {
        json_print(out, event, "\nran       {mode}, {outcome}");
        for (size_t f = 0; f < sizeof figures / sizeof *figures; f++) {
            const json_t *value = json_object_get(event, figures[f].member);
            if (!value || (figures[f].quiet_zero && !json_integer_value(value)))
                continue;
            text_cstr(out, ", ");
            put_integer(out, event, figures[f].member, 0, text_count);
            text_cstr(out, figures[f].behind);
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
            put_integer(out, event, "peak_memory_bytes", 0, text_bytes);
        }
        text_char(out, '\n', 1);
        if (*json_field(event, "error"))
            json_print(out, event, "error     {error}\n");
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
        const char *table = json_field(details, "Table");
        if (statement != last)
            json_print(out, row, "  {step}\n");
        last = statement;
        text_cstr(out, "  ");
        put_seconds(out, row, "seconds");
        put_integer(out, row, "rows", 10, text_count);
        text_cstr(out, "  ");
        text_char(out, ' ', 2 * depth_of(operators, i));
        json_print(out, row, "{name}");
        if (*table) {
            text_char(out, ' ', 1);
            text_shown(out, strrchr(table, '.') ? strrchr(table, '.') + 1 : table);
        }
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
        json_print(out, row, "  {relation}: ");
        show_texts(out, json_object_get(row, "columns"));
        text_char(out, '\n', 1);
    }
    text_cstr(out, "\ncolumns come from\n");
    json_array_foreach(json_object_get(root, "lineage"), i, row)
    {
        if (strcmp(json_field(row, "role"), "value") != 0)
            continue;
        json_print(out, row, "  {column_name}: ");
        show_texts(out, json_object_get(row, "from"));
        text_char(out, '\n', 1);
    }
}

void explain_show_rule(struct text *out, const json_t *root)
{
    size_t i;
    json_t *row;
    const json_t *readers = json_object_get(root, "read_by");
    json_print(out, root, "{rule}  emits {emits}\nwhy       {why}\nfile      {file}\n");
    if (json_array_size(readers))
        text_cstr(out, "read by   ");
    json_array_foreach(readers, i, row) json_print(out, row, i ? ", {rule}" : "{rule}");
    if (json_array_size(readers))
        text_char(out, '\n', 1);
    show_events(out, root);
    show_columns(out, root);
    text_cstr(out, "\nas the engine got it\n");
    text_lines(out, json_field(root, "sql"));
    text_char(out, '\n', 1);
    show_operators(out, root);
    json_array_foreach(json_object_get(root, "plans"), i, row)
    {
        if (!*json_field(row, "plan"))
            continue;
        json_print(out, row, "\nplan of {step}\n");
        text_lines(out, json_field(row, "plan"));
        text_char(out, '\n', 1);
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
        text_shown_cell(out, json_field(rule, "rule"), NAME_WIDTH);
        json_print(out, rule, "  emits {emits}");
        json_array_foreach(edges, k, edge)
        {
            if (strcmp(json_field(edge, "to"), json_field(rule, "rule")) != 0)
                continue;
            json_print(out, edge, any ? ", {from}" : "; reads {from}");
            any = true;
        }
        text_char(out, '\n', 1);
    }
    text_cstr(out, "\n--format svg and --format dot draw it\n");
}
