/* Columns to bytes and back. Lines are mostly ASCII, so both walks skip eight such bytes at a time;
 * counting in UTF-8 needs no walk at all. */
#include "kernels/text_positions.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#include "base/utf8.h"

static const struct {
    const char *name; /* as names are compared: without case, blanks, '-' and '_' */
    enum position_encoding encoding;
} encoding_names[] = {
    {"utf8", POSITION_UTF8},
    {"utf16", POSITION_UTF16},
    {"utf32", POSITION_UTF32},
    {"1", POSITION_UTF8},
    {"2", POSITION_UTF16},
    {"3", POSITION_UTF32},
    {"utf8codeunitoffsetfromlinestart", POSITION_UTF8},
    {"utf16codeunitoffsetfromlinestart", POSITION_UTF16},
    {"utf32codeunitoffsetfromlinestart", POSITION_UTF32},
};

enum position_encoding position_encoding_parse(const char *name, size_t len)
{
    char plain[40];
    size_t n = 0;
    for (size_t i = 0; i < len; i++) {
        if (strchr("-_ ", name[i]) && name[i])
            continue;
        if (n == sizeof plain - 1)
            return POSITION_UNKNOWN;
        plain[n++] = (char)tolower((unsigned char)name[i]);
    }
    plain[n] = '\0';
    for (size_t i = 0; i < sizeof encoding_names / sizeof *encoding_names; i++) {
        if (strlen(encoding_names[i].name) == n && memcmp(encoding_names[i].name, plain, n) == 0)
            return encoding_names[i].encoding;
    }
    return POSITION_UNKNOWN;
}

const char *position_encoding_name(enum position_encoding encoding)
{
    switch (encoding) {
    case POSITION_UTF8:
        return "utf-8";
    case POSITION_UTF16:
        return "utf-16";
    case POSITION_UTF32:
        return "utf-32";
    default:
        return NULL;
    }
}

static size_t line_length(const char *line, size_t len)
{
    const char *end = memchr(line, '\n', len);
    if (end)
        len = (size_t)(end - line);
    end = memchr(line, '\r', len);
    return end ? (size_t)(end - line) : len;
}

static bool eight_ascii(const char *text)
{
    uint64_t word;
    memcpy(&word, text, sizeof word);
    return (word & UINT64_C(0x8080808080808080)) == 0;
}

/* Bytes of the character at the start of a text that is not empty. */
static size_t character(const char *text, size_t len)
{
    size_t bytes = utf8_sequence(text, len);
    return bytes ? bytes : 1;
}

static int64_t units(size_t bytes, enum position_encoding encoding)
{
    return encoding == POSITION_UTF16 && bytes == 4 ? 2 : 1;
}

/* A lead byte is never part of another character, so looking back at the three bytes before is
 * enough, even where the text is not UTF-8. */
static bool inside_character(const char *line, size_t len, size_t byte)
{
    if (byte >= len || ((unsigned char)line[byte] & 0xC0) != 0x80)
        return false;
    for (size_t back = 1; back <= 3 && back <= byte; back++) {
        if (utf8_sequence(line + byte - back, len - (byte - back)) > back)
            return true;
    }
    return false;
}

enum position_status position_to_byte(const char *line, size_t len, int64_t column,
                                      enum position_encoding encoding, int64_t *out_byte)
{
    len = line_length(line, len);
    if (column < 0 || (uint64_t)column > len) /* no unit is less than a byte */
        return POSITION_BEYOND;
    if (encoding == POSITION_UTF8) {
        if (inside_character(line, len, (size_t)column))
            return POSITION_INSIDE;
        *out_byte = column;
        return POSITION_OK;
    }
    size_t byte = 0;
    int64_t left = column;
    while (left > 0) {
        if (left >= 8 && len - byte >= 8 && eight_ascii(line + byte)) {
            byte += 8;
            left -= 8;
            continue;
        }
        if (byte == len)
            return POSITION_BEYOND;
        size_t bytes = character(line + byte, len - byte);
        left -= units(bytes, encoding);
        byte += bytes;
    }
    if (left < 0)
        return POSITION_INSIDE;
    *out_byte = (int64_t)byte;
    return POSITION_OK;
}

enum position_status position_to_column(const char *line, size_t len, int64_t byte,
                                        enum position_encoding encoding, int64_t *out_column)
{
    len = line_length(line, len);
    if (byte < 0 || (uint64_t)byte > len)
        return POSITION_BEYOND;
    size_t end = (size_t)byte;
    if (inside_character(line, len, end))
        return POSITION_INSIDE;
    if (encoding == POSITION_UTF8) {
        *out_column = byte;
        return POSITION_OK;
    }
    int64_t column = 0;
    for (size_t at = 0; at < end;) {
        if (end - at >= 8 && eight_ascii(line + at)) {
            at += 8;
            column += 8;
            continue;
        }
        size_t bytes = character(line + at, len - at);
        column += units(bytes, encoding);
        at += bytes;
    }
    *out_column = column;
    return POSITION_OK;
}
