/* relgraph schema: the library's JSON as it is, or laid out for people. */
#include "cli/commands.h"

#include <ctype.h>
#include <string.h>

#include <jansson.h>

#include "cli/error_report.h"
#include "cli/json_field.h"
#include "cli/stdout_sink.h"
#include "relgraph/relgraph.h"

enum { NAME_WIDTH_MAX = 32, PAGE_WIDTH = 100 };

/* Words, broken between columns `indent` and PAGE_WIDTH; `at` is where the line stands. */
static void put_words(struct text *out, const char *words, size_t at, size_t indent)
{
    bool first = true;
    while (*words) {
        size_t length = strcspn(words, " \n");
        size_t width = text_width(words, length);
        if (!first && at + 1 + width > PAGE_WIDTH) {
            text_char(out, '\n', 1);
            text_char(out, ' ', indent);
            at = indent;
        } else if (!first) {
            text_char(out, ' ', 1);
            at++;
        }
        text_append(out, words, length);
        at += width;
        words += length;
        words += strspn(words, " \n");
        first = false;
    }
    text_char(out, '\n', 1);
}

/* What stands at the left of an entry: the signature of a macro, else the name, and its type. */
static void entry_label(struct text *out, const json_t *entry)
{
    const char *signature = json_field(entry, "signature");
    text_cstr(out, signature[0] ? signature : json_field(entry, "name"));
    if (json_field(entry, "type")[0])
        text_printf(out, " %s%s", json_field(entry, "type"),
                    json_is_true(json_object_get(entry, "not_null")) ? "!" : "");
}

static void put_entries(struct text *out, const json_t *entries, size_t indent)
{
    struct text label = {0};
    size_t width = 0, index;
    json_t *entry;
    json_array_foreach(entries, index, entry)
    {
        text_clear(&label);
        entry_label(&label, entry);
        if (label.len > width && label.len <= NAME_WIDTH_MAX)
            width = label.len;
    }
    json_array_foreach(entries, index, entry)
    {
        text_clear(&label);
        entry_label(&label, entry);
        text_char(out, ' ', indent);
        text_append(out, label.data, label.len);
        size_t column = indent + width + 2;
        if (!json_field(entry, "what")[0]) {
            text_char(out, '\n', 1);
        } else {
            if (label.len > width) {
                text_char(out, '\n', 1);
                text_char(out, ' ', column);
            } else {
                text_char(out, ' ', width + 2 - label.len);
            }
            put_words(out, json_field(entry, "what"), column, column);
        }
    }
    text_fini(&label);
}

/* Columns without types (those of views and macros) as one list of names. */
static void put_names(struct text *out, const json_t *columns)
{
    struct text names = {0};
    size_t index;
    json_t *column;
    json_array_foreach(columns, index, column)
        text_printf(&names, "%s%s", index ? ", " : "", json_field(column, "name"));
    if (names.len) {
        text_cstr(out, "  -> ");
        put_words(out, names.data, 5, 5);
    }
    text_fini(&names);
}

static void put_table(struct text *out, const json_t *table)
{
    const json_t *columns = json_object_get(table, "columns");
    size_t start = out->len + 1;
    json_print(out, table, "\n{name}");
    if (json_field(table, "parameters")[0])
        json_print(out, table, "({parameters})");
    text_cstr(out, ": ");
    put_words(out, json_field(table, "what"), out->len - start, 4);
    if (json_field(json_array_get(columns, 0), "type")[0])
        put_entries(out, columns, 2);
    else
        put_names(out, columns);
    if (json_field(table, "example")[0])
        json_print(out, table, "  {example}\n");
}

static void put_title(struct text *out, const char *key)
{
    for (; *key; key++)
        text_char(out, *key == '_' ? ' ' : (char)toupper((unsigned char)*key), 1);
    text_char(out, '\n', 1);
}

/* Every array of the object is a section; one whose entries have columns is a list of tables. */
static void put_schema(struct text *out, json_t *root)
{
    const char *key;
    json_t *section;
    bool first = true;
    json_object_foreach(root, key, section)
    {
        size_t index;
        json_t *entry;
        if (json_array_size(section) == 0)
            continue;
        text_cstr(out, first ? "" : "\n");
        first = false;
        put_title(out, key);
        if (!json_object_get(json_array_get(section, 0), "columns"))
            put_entries(out, section, 2);
        else
            json_array_foreach(section, index, entry) put_table(out, entry);
    }
    text_cstr(
        out, "\nA type with a ! is never NULL. relgraph schema --json says more of each column.\n");
}

int command_schema(const struct arguments *arguments)
{
    struct rg_error err = {0};
    char *text = NULL;
    if (rg_schema_json(&text, &err) != RG_OK)
        return report_error(&err, NULL, arguments->json);
    struct sink sink = {0};
    json_t *root = arguments->json ? NULL : json_loads(text, 0, NULL);
    if (root) {
        put_schema(&sink.text, root);
    } else {
        text_cstr(&sink.text, text);
        text_char(&sink.text, '\n', sink.text.len && sink.text.data[sink.text.len - 1] != '\n');
    }
    json_decref(root);
    rg_text_free(text);
    return report_output(sink_finish(&sink), arguments->json);
}
