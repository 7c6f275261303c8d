/* Lineage, fingerprints and differences as lines. */
#include "cli/sql_view.h"

#include <string.h>

/* "x.a, x.b", or what stands for none. */
static void put_list(struct text *out, const json_t *list, const char *none)
{
    size_t index;
    json_t *item;
    if (json_array_size(list) == 0)
        text_cstr(out, none);
    json_array_foreach(list, index, item)
        text_printf(out, "%s%s", index ? ", " : "", json_string_value(item));
    text_cstr(out, "\n");
}

static void put_left(struct text *out, const char *name, size_t width)
{
    size_t taken = text_width(name, strlen(name));
    text_cstr(out, name);
    text_char(out, ' ', width > taken ? width - taken : 0);
}

void sql_view_lineage(struct text *out, const json_t *answer)
{
    const json_t *result = json_object_get(answer, "result");
    json_t *values = json_object_get(result, "value");
    size_t width = strlen("rows");
    const char *name;
    json_t *origins, *output;
    size_t index;
    json_object_foreach(values, name, origins)
    {
        size_t own = text_width(name, strlen(name));
        width = own > width ? own : width;
    }
    json_object_foreach(values, name, origins)
    {
        put_left(out, name, width);
        text_cstr(out, " <- ");
        put_list(out, origins, "(no column)");
    }
    json_array_foreach(json_object_get(result, "repeated"), index, output)
    {
        put_left(out, json_string_value(json_object_get(output, "name")), width);
        text_cstr(out, " <- ");
        put_list(out, json_object_get(output, "value"), "(no column)");
    }
    put_left(out, "rows", width);
    text_cstr(out, " <- ");
    put_list(out, json_object_get(result, "control"), "(every row)");
}

void sql_view_fingerprint(struct text *out, const json_t *answer)
{
    const json_t *parts = json_object_get(answer, "parts");
    const json_t *columns = json_object_get(parts, "columns");
    size_t index;
    json_t *item;
    text_printf(out, "%s\n", json_string_value(json_object_get(answer, "result")));
    json_array_foreach(json_object_get(answer, "others"), index, item)
        text_printf(out, "%s\n", json_string_value(item));
    if (!parts)
        return;
    text_printf(out, "  %s rows\n", json_string_value(json_object_get(parts, "rows")));
    json_array_foreach(columns, index, item) text_printf(
        out, "  %s column %s\n", json_string_value(json_object_get(item, "fingerprint")),
        json_string_value(json_object_get(item, "name")));
}

static const struct {
    const char *change, *what;
} changes[] = {
    {"unchanged", "unchanged"},
    {"documentation", "documentation only: the comments differ, the meaning does not"},
    {"columns added", "columns added; the others and the rows are as they were"},
    {"columns", "columns changed; the rows are as they were"},
    {"column order", "the columns stand in another order"},
    {"rows", "the row set changed"},
};

void sql_view_diff(struct text *out, const json_t *answer)
{
    const json_t *result = json_object_get(answer, "result");
    const char *change = json_string_value(json_object_get(result, "change"));
    size_t index;
    json_t *column;
    for (size_t i = 0; change && i < sizeof changes / sizeof *changes; i++)
        if (strcmp(changes[i].change, change) == 0)
            text_printf(out, "%s\n", changes[i].what);
    json_array_foreach(json_object_get(result, "columns"), index, column)
    {
        const char *how = json_string_value(json_object_get(column, "change"));
        if (how && strcmp(how, "unchanged") != 0)
            text_printf(out, "  %s %s\n", how, json_string_value(json_object_get(column, "name")));
    }
}
