/* Places in a text, and errors at them. */
#include "sql/sql_parse.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/buffer.h"
#include "base/error.h"

static bool is_continuation(char c)
{
    return ((unsigned char)c & 0xC0) == 0x80;
}

void sql_place(struct str text, uint32_t byte, uint32_t *out_line, uint32_t *out_column)
{
    uint32_t line = 1, column = 1;
    size_t end = byte < text.len ? byte : text.len;
    for (size_t i = 0; i < end; i++) {
        if (text.ptr[i] == '\n') {
            line++;
            column = 1;
        } else if (!is_continuation(text.ptr[i])) {
            column++;
        }
    }
    *out_line = line;
    *out_column = column;
}

enum rg_status sql_fail(struct rg_error *err, enum rg_status status, struct str text,
                        struct sql_span span, const char *format, ...)
{
    if (!err)
        return status;
    char message[sizeof err->message];
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    uint32_t line, column;
    sql_place(text, span.start, &line, &column);
    (void)error_set(err, status, "sql", "%s", message);
    error_place(err, NULL, line, column);
    return status;
}

/* The line-th line of the text, without its end. */
static struct str line_of(struct str text, uint32_t line)
{
    struct str rest = text, found = {NULL, 0};
    for (uint32_t i = 0; i < line; i++) {
        if (!rest.ptr)
            return rest;
        found = str_split(&rest, '\n');
    }
    if (found.len && found.ptr[found.len - 1] == '\r')
        found.len--;
    return found;
}

/* As many columns of a line as fit beside each other; the error stands a third from the left. */
enum { CARET_COLUMNS_MAX = 100 };

void sql_print_caret(struct str text, uint32_t line, uint32_t column, uint32_t width,
                     struct buffer *out)
{
    struct str shown = line_of(text, line);
    if (!shown.ptr || column == 0)
        return;
    uint32_t skipped = 0;
    if (column > CARET_COLUMNS_MAX * 2 / 3)
        skipped = column - CARET_COLUMNS_MAX / 3;
    buffer_text(out, "  ");
    uint32_t at = 0;
    for (size_t i = 0; i < shown.len; i++) {
        char c = shown.ptr[i];
        at += !is_continuation(c);
        if (at <= skipped || at > skipped + CARET_COLUMNS_MAX)
            continue;
        buffer_char(out, (unsigned char)c < ' ' ? ' ' : c);
    }
    buffer_printf(out, "\n  %*s^", (int)(column - skipped - 1), "");
    uint32_t room = skipped + CARET_COLUMNS_MAX - column;
    for (uint32_t i = 1; i < width && i <= room && column + i <= at; i++)
        buffer_char(out, '~');
    buffer_char(out, '\n');
}
