/* The command line sees the public header only, so it has its own small buffer. Widths come from
 * wcwidth under C.UTF-8, which main.c sets. */
#include "cli/display_text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

enum {
    TEXT_BYTES_MIN = 256,
    WORD_MAX = 64 /* longer words have no suggestion */
};
#define TEXT_BYTES_MAX ((size_t)1 << 30) /* a query whose cells need more is not for this door */

static bool text_reserve(struct text *text, size_t more)
{
    if (text->failed)
        return false;
    if (more >= TEXT_BYTES_MAX - text->len) {
        text->failed = true;
        return false;
    }
    size_t need = text->len + more + 1;
    if (need <= text->capacity)
        return true;
    size_t capacity = text->capacity ? text->capacity : TEXT_BYTES_MIN;
    while (capacity < need)
        capacity *= 2;
    char *data = realloc(text->data, capacity);
    if (!data) {
        text->failed = true;
        return false;
    }
    text->data = data;
    text->capacity = capacity;
    return true;
}

void text_append(struct text *text, const void *bytes, size_t count)
{
    if (!text_reserve(text, count))
        return;
    if (count)
        memcpy(text->data + text->len, bytes, count);
    text->len += count;
    text->data[text->len] = '\0';
}

void text_cstr(struct text *text, const char *string)
{
    text_append(text, string, strlen(string));
}

void text_char(struct text *text, char c, size_t times)
{
    if (!text_reserve(text, times))
        return;
    memset(text->data + text->len, c, times);
    text->len += times;
    text->data[text->len] = '\0';
}

void text_printf(struct text *text, const char *format, ...)
{
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int length = vsnprintf(NULL, 0, format, args);
    if (length < 0)
        text->failed = true;
    else if (text_reserve(text, (size_t)length)) {
        vsnprintf(text->data + text->len, (size_t)length + 1, format, again);
        text->len += (size_t)length;
    }
    va_end(again);
    va_end(args);
}

void text_clear(struct text *text)
{
    text->len = 0;
    text->failed = false;
    if (text->data)
        text->data[0] = '\0';
}

void text_fini(struct text *text)
{
    free(text->data);
    *text = (struct text){0};
}

/* Bytes of the valid UTF-8 sequence that starts here (its code point in *out_code), or 0. */
static size_t sequence(const char *bytes, size_t count, uint32_t *out_code)
{
    const unsigned char *b = (const unsigned char *)bytes;
    if (count == 0)
        return 0;
    if (b[0] < 0x80) {
        *out_code = b[0];
        return 1;
    }
    size_t length = b[0] >= 0xF0 ? 4 : b[0] >= 0xE0 ? 3 : b[0] >= 0xC2 ? 2 : 0;
    if (length == 0 || b[0] > 0xF4 || count < length)
        return 0;
    uint32_t code = b[0] & (0x7Fu >> length);
    for (size_t i = 1; i < length; i++) {
        if ((b[i] & 0xC0) != 0x80)
            return 0;
        code = code << 6 | (b[i] & 0x3Fu);
    }
    static const uint32_t least[5] = {0, 0, 0x80, 0x800, 0x10000};
    if (code < least[length] || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF))
        return 0;
    *out_code = code;
    return length;
}

void text_json(struct text *text, const char *bytes, size_t count)
{
    text_char(text, '"', 1);
    size_t run = 0; /* bytes before `at` that need no escape and are not yet appended */
    for (size_t at = 0; at < count;) {
        uint32_t code = 0;
        size_t length = sequence(bytes + at, count - at, &code);
        if (length && code >= 0x20 && code != '"' && code != '\\' && code != 0x7F) {
            at += length;
            run += length;
            continue;
        }
        text_append(text, bytes + at - run, run);
        run = 0;
        if (length == 0)
            text_cstr(text, "\xEF\xBF\xBD");
        else if (code == '"' || code == '\\')
            text_printf(text, "\\%c", (char)code);
        else if (code == '\n')
            text_cstr(text, "\\n");
        else if (code == '\t')
            text_cstr(text, "\\t");
        else if (code == '\r')
            text_cstr(text, "\\r");
        else
            text_printf(text, "\\u%04x", code);
        at += length ? length : 1;
    }
    text_append(text, bytes + count - run, run);
    text_char(text, '"', 1);
}

void text_printable(struct text *text, const char *bytes, size_t count)
{
    for (size_t at = 0; at < count;) {
        uint32_t code = 0;
        size_t length = sequence(bytes + at, count - at, &code);
        if (code == '\n')
            text_cstr(text, "\\n");
        else if (code == '\t')
            text_cstr(text, "\\t");
        else if (code == '\r')
            text_cstr(text, "\\r");
        else if (length == 0 || code < 0x20 || code == 0x7F)
            text_printf(text, "\\x%02x", (unsigned char)bytes[at]);
        else if (code >= 0x80 && code < 0xA0) /* the C1 controls steer terminals too */
            text_printf(text, "\\x%02x", code);
        else
            text_append(text, bytes + at, length);
        at += length ? length : 1;
    }
}

void text_shown(struct text *text, const char *string)
{
    text_printable(text, string, strlen(string));
}

void text_lines(struct text *text, const char *string)
{
    while (*string) {
        size_t length = strcspn(string, "\n\t");
        text_printable(text, string, length);
        string += length;
        if (*string)
            text_char(text, *string++, 1);
    }
}

void text_count(struct text *text, uint64_t value)
{
    char digits[24];
    int n = snprintf(digits, sizeof digits, "%llu", (unsigned long long)value);
    for (int i = 0; i < n; i++) {
        if (i > 0 && (n - i) % 3 == 0)
            text_char(text, ',', 1);
        text_char(text, digits[i], 1);
    }
}

void text_bytes(struct text *text, uint64_t bytes)
{
    static const char *const units[] = {"B", "kB", "MB", "GB", "TB"};
    double value = (double)bytes;
    size_t unit = 0;
    while (value >= 999.5 && unit + 1 < sizeof units / sizeof units[0]) {
        value /= 1000;
        unit++;
    }
    text_printf(text, unit == 0 || value >= 99.95 ? "%.0f %s" : "%.1f %s", value, units[unit]);
}

void text_seconds(struct text *text, double seconds)
{
    text_printf(text, seconds < 0.0995 ? "%.3f" : seconds < 99.5 ? "%.2f" : "%.0f", seconds);
}

static size_t character_width(uint32_t code)
{
    int width = code < 0x80 ? 1 : wcwidth((wchar_t)code);
    return width < 0 ? 1 : (size_t)width;
}

size_t text_width(const char *bytes, size_t count)
{
    size_t width = 0;
    for (size_t at = 0; at < count;) {
        uint32_t code = '?';
        size_t length = sequence(bytes + at, count - at, &code);
        width += character_width(code);
        at += length ? length : 1;
    }
    return width;
}

size_t text_fit(const char *bytes, size_t count, size_t width)
{
    size_t at = 0;
    while (at < count) {
        uint32_t code = '?';
        size_t length = sequence(bytes + at, count - at, &code);
        size_t one = character_width(code);
        if (one > width)
            break;
        width -= one;
        at += length ? length : 1;
    }
    return at;
}

/* Appends `width` columns of what has more: a third from the front, an ellipsis, the rest from the
 * back, which tells more of a path or a qualified name. */
static void text_middle(struct text *text, const char *bytes, size_t count, size_t have,
                        size_t width)
{
    size_t head = text_fit(bytes, count, width / 3);
    size_t head_width = text_width(bytes, head);
    size_t allowed = width - 1 - head_width, at = head, rest = have - head_width;
    while (rest > allowed) {
        uint32_t code = '?';
        size_t length = sequence(bytes + at, count - at, &code);
        rest -= character_width(code);
        at += length ? length : 1;
    }
    text_append(text, bytes, head);
    text_cstr(text, "…");
    text_append(text, bytes + at, count - at);
    text_char(text, ' ', allowed - rest);
}

void text_cell(struct text *text, const char *bytes, size_t count, size_t width, bool right)
{
    size_t have = text_width(bytes, count);
    if (have > width) {
        if (width > 0)
            text_middle(text, bytes, count, have, width);
        return;
    }
    if (right)
        text_char(text, ' ', width - have);
    text_append(text, bytes, count);
    if (!right)
        text_char(text, ' ', width - have);
}

void text_shown_cell(struct text *text, const char *string, size_t width)
{
    struct text shown = {0};
    text_shown(&shown, string);
    text_cell(text, shown.data ? shown.data : "", shown.len, width, false);
    text->failed = text->failed || shown.failed;
    text_fini(&shown);
}

size_t text_distance(const char *a, const char *b)
{
    size_t n = strlen(a), m = strlen(b);
    if (n > WORD_MAX || m > WORD_MAX)
        return SIZE_MAX;
    size_t rows[3][WORD_MAX + 1];
    size_t *before = rows[0], *last = rows[1], *row = rows[2];
    for (size_t j = 0; j <= m; j++)
        last[j] = j;
    for (size_t i = 1; i <= n; i++) {
        row[0] = i;
        for (size_t j = 1; j <= m; j++) {
            size_t best = last[j - 1] + (a[i - 1] != b[j - 1]);
            if (last[j] + 1 < best)
                best = last[j] + 1;
            if (row[j - 1] + 1 < best)
                best = row[j - 1] + 1;
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
                before[j - 2] + 1 < best)
                best = before[j - 2] + 1;
            row[j] = best;
        }
        size_t *free_row = before;
        before = last;
        last = row;
        row = free_row;
    }
    return last[m];
}
