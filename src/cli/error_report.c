/* Errors are composed whole and written at once, so that lines of two processes do not mix. */
#include "cli/error_report.h"

#include <stdio.h>
#include <string.h>

#include "cli/options.h"

enum { CARET_BYTES_BEFORE = 60, CARET_BYTES_AFTER = 30 };

static void emit(struct text *text)
{
    if (text->data)
        fwrite(text->data, 1, text->len, stderr);
    text_fini(text);
}

static void json_field(struct text *out, const char *name, const char *value)
{
    if (!value || !value[0])
        return;
    text_printf(out, ",\"%s\":", name);
    text_json(out, value, strlen(value));
}

static void error_json(struct text *out, const struct rg_error *err)
{
    text_cstr(out, "{\"error\":{\"status\":");
    text_json(out, rg_status_name(err->status), strlen(rg_status_name(err->status)));
    json_field(out, "message", err->message);
    json_field(out, "hint", err->hint);
    json_field(out, "excerpt", err->excerpt);
    json_field(out, "layer", err->layer);
    json_field(out, "rule", err->rule);
    json_field(out, "file", err->file);
    if (err->line)
        text_printf(out, ",\"line\":%u", err->line);
    if (err->column)
        text_printf(out, ",\"column\":%u", err->column);
    text_cstr(out, "}}\n");
}

/* Columns of our own compiler count characters, those of the engine bytes. */
static size_t column_byte(const char *line, size_t length, const struct rg_error *err)
{
    size_t byte = 0;
    if (strcmp(err->layer, "sql") != 0)
        return err->column - 1;
    for (uint32_t column = 1; column < err->column && byte <= length; column++) {
        byte++;
        while (byte < length && ((unsigned char)line[byte] & 0xC0) == 0x80)
            byte++;
    }
    return byte;
}

/* The line of the SQL and a caret below the column, cut where the line is very long. */
static void error_caret(struct text *out, const char *sql, const struct rg_error *err)
{
    uint32_t line = err->line;
    for (uint32_t at = 1; at < line; at++) {
        const char *end = strchr(sql, '\n');
        if (!end)
            return;
        sql = end + 1;
    }
    size_t length = strcspn(sql, "\n");
    size_t caret = err->column ? column_byte(sql, length, err) : length + 1;
    if (caret > length)
        return;
    size_t from = caret > CARET_BYTES_BEFORE + 10 ? caret - CARET_BYTES_BEFORE : 0;
    while (from > 0 && ((unsigned char)sql[from] & 0xC0) == 0x80)
        from--;
    size_t to = length > caret + CARET_BYTES_AFTER + 10 ? caret + CARET_BYTES_AFTER : length;
    while (to < length && ((unsigned char)sql[to] & 0xC0) == 0x80)
        to++;
    struct text before = {0};
    if (from > 0)
        text_cstr(&before, "…");
    text_printable(&before, sql + from, caret - from);
    char number[16];
    int digits = snprintf(number, sizeof number, "%u", line);
    text_printf(out, "  %s | ", number);
    text_append(out, before.data, before.len);
    text_printable(out, sql + caret, to - caret);
    text_cstr(out, to < length ? "…\n" : "\n");
    text_printf(out, "  %*s | ", digits, "");
    text_char(out, ' ', before.data ? text_width(before.data, before.len) : 0);
    text_cstr(out, "^\n");
    text_fini(&before);
}

/* Keeps the lines of a message, makes everything else in it harmless to a terminal. */
static void message_lines(struct text *out, const char *message)
{
    for (;;) {
        size_t length = strcspn(message, "\n");
        text_printable(out, message, length);
        text_char(out, '\n', 1);
        if (message[length] == '\0' || message[length + 1] == '\0')
            return;
        message += length + 1;
    }
}

static void error_place_line(struct text *out, const struct rg_error *err)
{
    const char *what = err->file[0] ? err->file : err->rule;
    bool said = !err->line && strstr(err->message, what); /* as in "cannot open FILE: …" */
    if (!what[0] || said)
        return;
    text_cstr(out, err->file[0] ? "  in " : "  in rule ");
    text_shown(out, what);
    if (err->line)
        text_printf(out, ":%u", err->line);
    if (err->line && err->column)
        text_printf(out, ":%u", err->column);
    text_char(out, '\n', 1);
}

int report_error(const struct rg_error *err, const char *sql, bool json)
{
    struct text out = {0};
    if (json) {
        error_json(&out, err);
    } else {
        text_cstr(&out, "relgraph: error: ");
        message_lines(&out, err->message[0] ? err->message : rg_status_name(err->status));
        error_place_line(&out, err);
        if (err->excerpt[0])
            message_lines(&out, err->excerpt);
        else if (sql && err->line)
            error_caret(&out, sql, err);
        if (err->hint[0]) {
            text_cstr(&out, "hint: ");
            message_lines(&out, err->hint);
        }
    }
    emit(&out);
    if (err->status == RG_ERR_CONTRACT)
        return EXIT_WITH_ERRORS;
    return err->status == RG_ERR_USAGE ? EXIT_USAGE : EXIT_FAILED;
}

static int report_text(enum rg_status status, const char *message, const char *hint, bool json)
{
    struct rg_error err = {.status = status};
    snprintf(err.message, sizeof err.message, "%s", message);
    snprintf(err.hint, sizeof err.hint, "%s", hint ? hint : "");
    return report_error(&err, NULL, json);
}

int report_usage(const char *message, const char *hint, bool json)
{
    return report_text(RG_ERR_USAGE, message, hint, json);
}

int report_unknown_command(const struct command *group, const char *name, bool json)
{
    struct text message = {0}, hint = {0};
    text_printf(&message, "there is no command \"%s%s", group ? group->name : "", group ? " " : "");
    text_shown(&message, name);
    text_cstr(&message, "\"");
    const char *meant = command_suggest(group, name);
    if (meant)
        text_printf(&hint, "did you mean %s?", meant);
    else
        text_printf(&hint, "relgraph help%s%s lists the commands", group ? " " : "",
                    group ? group->name : "");
    int code = report_usage(message.data ? message.data : "", hint.data, json);
    text_fini(&message);
    text_fini(&hint);
    return code;
}

int report_output(int error_number, bool json)
{
    if (error_number == 0)
        return EXIT_OK;
    char message[256];
    snprintf(message, sizeof message, "cannot write the result: %s", strerror(error_number));
    return report_text(RG_ERR_IO, message, NULL, json);
}

void report_note(const char *text, bool json, bool quiet)
{
    if (quiet)
        return;
    struct text out = {0};
    if (json) {
        text_cstr(&out, "{\"note\":");
        text_json(&out, text, strlen(text));
        text_cstr(&out, "}\n");
    } else {
        text_cstr(&out, "relgraph: ");
        message_lines(&out, text);
    }
    emit(&out);
}
