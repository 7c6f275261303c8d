/* Why an edge is there, as text: findings, and under each the rows that it was made from. */
#include "cli/explain_view.h"

#include <string.h>

#include "cli/json_field.h"

enum { DEPTH_MAX = 16, VALUES_SHOWN = 8 };

static void show_node(struct text *out, const char *title, const json_t *node)
{
    const char *name = json_field(node, "qualified_name");
    text_cstr(out, title);
    json_print(out, node, "{kind} ");
    text_shown(out, *name ? name : json_field(node, "name"));
    if (*json_field(node, "path")) {
        json_print(out, node, "  {path}");
        text_printf(out, ":%lld",
                    (long long)json_integer_value(json_object_get(node, "start_line")));
    }
    json_print(out, node, "  (id {node_id})\n");
}

static bool same_span(const json_t *a, const json_t *b)
{
    return strcmp(json_field(a, "path"), json_field(b, "path")) == 0 &&
           json_equal(json_object_get(a, "start_byte"), json_object_get(b, "start_byte")) &&
           json_equal(json_object_get(a, "end_byte"), json_object_get(b, "end_byte"));
}

/* "shop/cart.py:5, bytes 64 to 76" and the line of the source, where that is not what was shown
 * last: rows made from each other mostly are about one place. */
static void show_span(struct text *out, const json_t *span, const json_t **last, size_t indent)
{
    const json_t *line = json_object_get(span, "start_line");
    if (!span || (*last && same_span(span, *last)))
        return;
    *last = span;
    text_char(out, ' ', indent);
    json_print(out, span, "{path}");
    if (line)
        text_printf(out, ":%lld", (long long)json_integer_value(line));
    text_printf(out, ", bytes %lld to %lld\n",
                (long long)json_integer_value(json_object_get(span, "start_byte")),
                (long long)json_integer_value(json_object_get(span, "end_byte")));
    if (*json_field(span, "text")) {
        const char *text = json_field(span, "text");
        text_char(out, ' ', indent + 2);
        text_shown(out, text + strspn(text, " \t"));
        text_char(out, '\n', 1);
    }
}

/* Values that say something to people: no ids, no positions. */
static void show_values(struct text *out, const json_t *row)
{
    static const char *const quiet[] = {"start_byte", "end_byte", "start_line", "end_line",
                                        "src",        "dst",      "ordinal",    NULL};
    const char *key;
    json_t *value;
    size_t shown = 0;
    json_object_foreach((json_t *)(uintptr_t)row, key, value)
    {
        size_t n = strlen(key);
        bool hidden = n > 3 && strcmp(key + n - 3, "_id") == 0;
        for (const char *const *name = quiet; *name; name++)
            hidden = hidden || strcmp(*name, key) == 0;
        if (hidden || shown == VALUES_SHOWN)
            continue;
        text_cstr(out, shown++ ? ", " : " ");
        text_shown(out, key);
        text_char(out, '=', 1);
        if (json_is_string(value))
            text_shown(out, json_string_value(value));
        else if (json_is_integer(value))
            text_printf(out, "%lld", (long long)json_integer_value(value));
        else
            text_cstr(out, json_is_true(value) ? "true" : json_is_false(value) ? "false" : "…");
    }
}

/* Recursion is as deep as rules were made from rules, which the library bounds. */
static void show_rows(struct text *out, const json_t *rows, const json_t **last, size_t depth);

static void show_part(struct text *out, const json_t *part, const json_t **last, size_t depth)
{
    size_t i;
    json_t *maker;
    const char *relation = json_field(part, "relation");
    text_char(out, ' ', 2 * depth + 2);
    text_shown(out, *relation ? relation : "a subquery");
    show_values(out, json_object_get(part, "row"));
    text_char(out, '\n', 1);
    show_span(out, json_object_get(part, "span"), last, 2 * depth + 4);
    json_array_foreach(json_object_get(part, "made_by"), i, maker)
    {
        if (!*json_field(maker, "part")) {
            text_char(out, ' ', 2 * depth + 4);
            json_print(out, maker, "made by {rule}: {why}\n");
        }
        if (*json_field(maker, "note")) {
            text_char(out, ' ', 2 * depth + 6);
            json_print(out, maker, "its rows are not shown: {note}\n");
        }
        show_rows(out, json_object_get(maker, "rows"), last,
                  depth + (*json_field(maker, "part") ? 1 : 2));
    }
}

static void show_rows(struct text *out, const json_t *rows, const json_t **last, size_t depth)
{
    size_t i, k;
    json_t *row, *part;
    if (depth > DEPTH_MAX)
        return;
    json_array_foreach(rows, i, row)
    {
        if (json_array_size(rows) > 1) {
            text_char(out, ' ', 2 * depth);
            text_printf(out, "%zu.\n", i + 1);
        }
        json_array_foreach(row, k, part) show_part(out, part, last, depth);
    }
}

static void show_finding(struct text *out, const json_t *finding)
{
    json_print(out, finding, "\nfound by {rule}");
    if (*json_field(finding, "resolution"))
        json_print(out, finding, ", {resolution}");
    if (json_object_get(finding, "confidence"))
        text_printf(out, ", confidence %.2g",
                    json_number_value(json_object_get(finding, "confidence")));
    if (*json_field(finding, "label"))
        json_print(out, finding, ", label {label}");
    json_print(out, finding, "\n  because {why}\n");
    const json_t *last = NULL;
    show_span(out, json_object_get(finding, "span"), &last, 2);
    if (*json_field(finding, "note"))
        json_print(out, finding, "  The rows behind it are not shown: {note}.\n");
    if (json_array_size(json_object_get(finding, "rows")))
        text_cstr(out, "  from\n");
    show_rows(out, json_object_get(finding, "rows"), &last, 1);
}

void explain_show_edge(struct text *out, const json_t *root)
{
    const json_t *edges = json_object_get(root, "edges");
    const json_t *alternatives = json_object_get(root, "alternatives");
    size_t i;
    json_t *item;
    json_print(out, json_array_get(edges, 0), "{kind} edge\n");
    show_node(out, "  from  ", json_object_get(root, "src"));
    show_node(out, "  to    ", json_object_get(root, "dst"));
    json_array_foreach(edges, i, item)
    {
        if (json_array_size(json_object_get(root, "findings")) > json_array_size(edges))
            json_print(out, item, "  kept  the finding of {rule}\n");
    }
    if (json_array_size(alternatives))
        text_cstr(out, "  one of several that are possible; the others lead to\n");
    json_array_foreach(alternatives, i, item)
    {
        json_print(out, item, "    {node}\n");
    }
    json_array_foreach(json_object_get(root, "findings"), i, item) show_finding(out, item);
    if (json_is_true(json_object_get(root, "cut")))
        text_cstr(out, "\nThere is more than is shown.\n");
    if (*json_field(root, "facts_note"))
        json_print(out, root, "\nThe rows behind it cannot be shown: {facts_note}.\n");
    if (*json_field(root, "source_note"))
        json_print(out, root, "\nThere are no source lines: {source_note}\n");
}
