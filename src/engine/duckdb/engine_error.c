/* Maps the engine's kinds of errors to statuses: one table. */
#include "engine/duckdb/engine_error.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "engine/session.h"

/* RG_OK stands for "the text is at fault": the caller says which status that is. */
static const struct error_kind {
    const char *name; /* exception_type of the engine */
    enum rg_status status;
} error_kinds[] = {
    {"Parser", RG_OK},
    {"Syntax", RG_OK},
    {"Binder", RG_OK},
    {"Catalog", RG_OK},
    {"Conversion", RG_OK},
    {"Out of Range", RG_OK},
    {"Mismatch Type", RG_OK},
    {"Divide by Zero", RG_OK},
    {"Invalid Input", RG_OK},
    {"Invalid type", RG_OK},
    {"Unknown Type", RG_OK},
    {"Decimal", RG_OK},
    {"Expression", RG_OK},
    {"Constraint", RG_OK},
    {"Not implemented", RG_OK},
    {"Parameter Not Resolved", RG_OK},
    {"Parameter Not Allowed", RG_OK},
    {"Out of Memory", RG_ERR_MEMORY},
    {"Object Size", RG_ERR_LIMIT},
    {"Permission", RG_ERR_FORBIDDEN},
    {"Invalid Configuration", RG_ERR_FORBIDDEN},
    {"Missing Extension", RG_ERR_FORBIDDEN},
    {"Extension Autoloading", RG_ERR_FORBIDDEN},
    {"HTTP", RG_ERR_FORBIDDEN},
    {"IO", RG_ERR_IO},
    {"INTERRUPT", RG_ERR_CANCELLED},
};

static enum rg_status kind_status(const char *kind)
{
    for (size_t i = 0; kind && i < sizeof error_kinds / sizeof *error_kinds; i++) {
        if (!strcasecmp(error_kinds[i].name, kind))
            return error_kinds[i].status;
    }
    return RG_ERR_ENGINE;
}

#define SPILL_LIMIT "max_temp_directory_size"

/* The engine reports a full disk as IO or, while spilling, as memory. */
static bool says_disk_full(const char *text)
{
    static const char *const signs[] = {"No space left", "Disk quota exceeded", SPILL_LIMIT};
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++) {
        if (strstr(text, signs[i]))
            return true;
    }
    return false;
}

void text_place(struct str text, size_t byte, uint32_t *out_line, uint32_t *out_column)
{
    uint32_t line = 1, column = 1;
    for (size_t i = 0; i < byte && i < text.len; i++) {
        if (text.ptr[i] == '\n')
            line++, column = 1;
        else if (((unsigned char)text.ptr[i] & 0xC0) != 0x80)
            column++;
    }
    *out_line = line;
    *out_column = column;
}

/* Tables of the engine's own, which nobody here may read. */
static bool is_catalog(struct str name)
{
    return str_starts(name, STR("pg_")) || str_starts(name, STR("duckdb_")) ||
           str_starts(name, STR("sqlite_"));
}

/* The engine's candidates, nearest first and separated by commas; more than two help nobody. */
static void hint_candidates(struct rg_error *err, const char *candidates)
{
    struct str rest = str_of(candidates);
    struct str first = str_trim(str_split(&rest, ','));
    struct str second = rest.ptr ? str_trim(str_split(&rest, ',')) : (struct str){0};
    if (is_catalog(first))
        return;
    if (second.len)
        error_hint(err, "did you mean " STR_FMT " or " STR_FMT "?", STR_ARG(first),
                   STR_ARG(second));
    else if (first.len)
        error_hint(err, "did you mean " STR_FMT "?", STR_ARG(first));
}

static void hint_for(struct rg_error *err, enum rg_status status, const char *message,
                     const char *candidates)
{
    switch (status) {
    case RG_ERR_MEMORY:
        error_hint(err, "%s", SESSION_MEMORY_HINT);
        break;
    case RG_ERR_DISK_FULL:
        error_hint(err, "%s",
                   strstr(message, SPILL_LIMIT)
                       ? "raise the setting engine.temp_limit"
                       : "free some space, or write to another file system");
        break;
    case RG_ERR_FORBIDDEN:
        if (strstr(message, "Cannot access file"))
            error_hint(err, "nothing is read but the graph and what `relgraph query --table "
                            "NAME=FILE` opens");
        break;
    default:
        if (candidates)
            hint_candidates(err, candidates);
    }
}

/* The engine's message without its advice: settings that nobody can change here, and candidates,
 * which become the hint. */
static int message_length(const char *message)
{
    static const char *const advice[] = {"\nCandidate bindings",
                                         "\nDid you mean",
                                         "\nDatabase is launched",
                                         "\nUnused blocks",
                                         "\nThis limit was set by",
                                         "\n\nPossible solutions",
                                         ". Use \"SET ",
                                         "\n\nLINE "};
    size_t length = strlen(message);
    for (size_t i = 0; i < sizeof advice / sizeof *advice; i++) {
        const char *at = memmem(message, length, advice[i], strlen(advice[i]));
        if (at)
            length = (size_t)(at - message);
    }
    return (int)length;
}

enum rg_status engine_error(struct rg_error *err, const char *engine_text, struct str sql,
                            enum rg_status wrong_text)
{
    const char *text = engine_text ? engine_text : "the engine gave no reason";
    const char *json = strchr(text, '{');
    json_t *root = json ? json_loads(json, JSON_DISABLE_EOF_CHECK, NULL) : NULL;
    const char *kind = json_string_value(json_object_get(root, "exception_type"));
    const char *message = json_string_value(json_object_get(root, "exception_message"));
    const char *position = json_string_value(json_object_get(root, "position"));
    const char *candidates = json_string_value(json_object_get(root, "candidates"));

    enum rg_status status = kind_status(kind);
    if (!message)
        message = text;
    if (says_disk_full(message))
        status = RG_ERR_DISK_FULL;
    else if (status == RG_OK)
        status = wrong_text;
    error_set(err, status, "engine", "%.*s", message_length(message), message);
    if (position && sql.ptr) {
        uint32_t line, column;
        text_place(sql, (size_t)strtoull(position, NULL, 10), &line, &column);
        error_place(err, NULL, line, column);
    }
    hint_for(err, status, message, candidates);
    json_decref(root);
    return status;
}
