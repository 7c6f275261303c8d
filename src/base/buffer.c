/* A growing buffer: doubling, with a bound and a sticky failure. */
#include "base/buffer.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/utf8.h"

/* Room for `count` more bytes and a NUL; NULL (and failed) where there is none. */
static char *buffer_reserve(struct buffer *buffer, size_t count)
{
    if (buffer->failed)
        return NULL;
    size_t limit = buffer->bytes_max ? buffer->bytes_max : LIMIT_BUFFER_BYTES;
    if (count >= limit || buffer->len >= limit - count) {
        buffer->failed = true;
        return NULL;
    }
    size_t need = buffer->len + count + 1;
    if (need > buffer->capacity) {
        size_t capacity = buffer->capacity ? buffer->capacity : 128;
        while (capacity < need)
            capacity *= 2;
        char *grown = realloc(buffer->data, capacity);
        if (!grown) {
            buffer->failed = true;
            return NULL;
        }
        buffer->data = grown;
        buffer->capacity = capacity;
    }
    return buffer->data + buffer->len;
}

void buffer_append(struct buffer *buffer, const void *bytes, size_t count)
{
    char *room = buffer_reserve(buffer, count);
    if (!room)
        return;
    if (count)
        memcpy(room, bytes, count);
    room[count] = '\0';
    buffer->len += count;
}

void buffer_str(struct buffer *buffer, struct str text)
{
    buffer_append(buffer, text.ptr, text.len);
}

void buffer_text(struct buffer *buffer, const char *text)
{
    buffer_append(buffer, text, strlen(text));
}

void buffer_char(struct buffer *buffer, char c)
{
    buffer_append(buffer, &c, 1);
}

void buffer_printf(struct buffer *buffer, const char *format, ...)
{
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int length = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (length < 0) {
        buffer->failed = true;
    } else {
        char *room = buffer_reserve(buffer, (size_t)length);
        if (room) {
            vsnprintf(room, (size_t)length + 1, format, again);
            buffer->len += (size_t)length;
        }
    }
    va_end(again);
}

static void buffer_quoted(struct buffer *buffer, struct str text, char quote)
{
    buffer_char(buffer, quote);
    const char *found;
    while (text.len && (found = memchr(text.ptr, quote, text.len))) {
        size_t length = (size_t)(found - text.ptr) + 1;
        buffer_append(buffer, text.ptr, length);
        buffer_char(buffer, quote);
        text = (struct str){text.ptr + length, text.len - length};
    }
    buffer_str(buffer, text);
    buffer_char(buffer, quote);
}

void buffer_sql_text(struct buffer *buffer, struct str text)
{
    buffer_quoted(buffer, text, '\'');
}

void buffer_sql_path(struct buffer *buffer, struct str path)
{
    struct buffer pattern = {0};
    for (size_t i = 0; i < path.len; i++) {
        bool special = path.ptr[i] == '*' || path.ptr[i] == '?' || path.ptr[i] == '[';
        buffer_text(&pattern, special ? "[" : "");
        buffer_char(&pattern, path.ptr[i]);
        buffer_text(&pattern, special ? "]" : "");
    }
    buffer->failed = buffer->failed || pattern.failed;
    buffer_sql_text(buffer, buffer_view(&pattern));
    buffer_fini(&pattern);
}

void buffer_sql_name(struct buffer *buffer, struct str name)
{
    buffer_quoted(buffer, name, '"');
}

/* Most of any text: ASCII that stands for itself. */
static bool is_plain_in_json(char c)
{
    return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
}

void buffer_json_text(struct buffer *buffer, struct str text)
{
    static const char escaped[] = "\"\\\b\f\n\r\t", written[] = "\"\\bfnrt";
    buffer_char(buffer, '"');
    for (size_t i = 0; i < text.len;) {
        size_t plain = i;
        while (plain < text.len && is_plain_in_json(text.ptr[plain]))
            plain++;
        if (plain > i) {
            buffer_append(buffer, text.ptr + i, plain - i);
            i = plain;
            continue;
        }
        unsigned char c = (unsigned char)text.ptr[i];
        const char *name = c ? strchr(escaped, c) : NULL;
        if (name) {
            buffer_printf(buffer, "\\%c", written[name - escaped]);
            i++;
        } else if (c < 0x20) {
            buffer_printf(buffer, "\\u%04X", c);
            i++;
        } else {
            size_t length = utf8_sequence(text.ptr + i, text.len - i);
            if (length)
                buffer_append(buffer, text.ptr + i, length);
            else
                buffer_text(buffer, UTF8_REPLACEMENT);
            i += length ? length : 1;
        }
    }
    buffer_char(buffer, '"');
}

char *buffer_take(struct buffer *buffer)
{
    char *data = buffer->failed ? NULL : buffer->data;
    if (!data)
        free(buffer->data);
    *buffer = (struct buffer){.bytes_max = buffer->bytes_max};
    return data;
}

void buffer_clear(struct buffer *buffer)
{
    buffer->len = 0;
    buffer->failed = false;
    if (buffer->data)
        buffer->data[0] = '\0';
}

void buffer_fini(struct buffer *buffer)
{
    free(buffer->data);
    *buffer = (struct buffer){.bytes_max = buffer->bytes_max};
}
