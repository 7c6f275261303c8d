/* Columns and bytes of a line: cases that are easy to get wrong, and random lines against a twin
 * that lists every boundary. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/utf8.h"
#include "kernels/text_positions.h"

#define INSIDE (-1)
#define BEYOND (-2)

static int64_t to_byte(const char *line, int64_t column, enum position_encoding encoding)
{
    int64_t byte = -9;
    switch (position_to_byte(line, strlen(line), column, encoding, &byte)) {
    case POSITION_OK:
        return byte;
    case POSITION_INSIDE:
        assert_int_equal(byte, -9);
        return INSIDE;
    default:
        assert_int_equal(byte, -9);
        return BEYOND;
    }
}

static int64_t to_column(const char *line, int64_t byte, enum position_encoding encoding)
{
    int64_t column = -9;
    switch (position_to_column(line, strlen(line), byte, encoding, &column)) {
    case POSITION_OK:
        return column;
    case POSITION_INSIDE:
        assert_int_equal(column, -9);
        return INSIDE;
    default:
        assert_int_equal(column, -9);
        return BEYOND;
    }
}

static void test_names(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        enum position_encoding encoding;
    } cases[] = {
        {"utf-8", POSITION_UTF8},
        {"UTF8", POSITION_UTF8},
        {"utf_16", POSITION_UTF16},
        {" UTF-32 ", POSITION_UTF32},
        {"1", POSITION_UTF8},
        {"2", POSITION_UTF16},
        {"3", POSITION_UTF32},
        {"UTF8CodeUnitOffsetFromLineStart", POSITION_UTF8},
        {"UTF16CodeUnitOffsetFromLineStart", POSITION_UTF16},
        {"UTF32CodeUnitOffsetFromLineStart", POSITION_UTF32},
        {"0", POSITION_UNKNOWN},
        {"", POSITION_UNKNOWN},
        {"4", POSITION_UNKNOWN},
        {"latin-1", POSITION_UNKNOWN},
        {"UnspecifiedPositionEncoding", POSITION_UNKNOWN},
        {"utf-16le", POSITION_UNKNOWN},
        {"utf8codeunitoffsetfromlinestartandmuchmorethanthat", POSITION_UNKNOWN},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        if (position_encoding_parse(cases[i].name, strlen(cases[i].name)) != cases[i].encoding)
            fail_msg("%s", cases[i].name);
    }
    assert_int_equal(position_encoding_parse("utf8\0", 5), POSITION_UNKNOWN);
    assert_string_equal(position_encoding_name(POSITION_UTF8), "utf-8");
    assert_string_equal(position_encoding_name(POSITION_UTF16), "utf-16");
    assert_string_equal(position_encoding_name(POSITION_UTF32), "utf-32");
    assert_null(position_encoding_name(POSITION_UNKNOWN));
}

/* a, é (2 bytes), € (3 bytes), 😀 (4 bytes, a pair of surrogates), b. */
static void test_widths(void **state)
{
    (void)state;
    static const char line[] = "a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80"
                               "b";
    static const int64_t utf16[] = {0, 1, 3, 6, INSIDE, 10, 11, BEYOND};
    static const int64_t utf32[] = {0, 1, 3, 6, 10, 11, BEYOND};
    static const int64_t utf8[] = {0,      1,      INSIDE, 3,  INSIDE, INSIDE, 6,
                                   INSIDE, INSIDE, INSIDE, 10, 11,     BEYOND};
    for (int64_t c = 0; c < 8; c++)
        assert_int_equal(to_byte(line, c, POSITION_UTF16), utf16[c]);
    for (int64_t c = 0; c < 7; c++)
        assert_int_equal(to_byte(line, c, POSITION_UTF32), utf32[c]);
    for (int64_t c = 0; c < 13; c++)
        assert_int_equal(to_byte(line, c, POSITION_UTF8), utf8[c]);
    assert_int_equal(to_column(line, 6, POSITION_UTF16), 3);
    assert_int_equal(to_column(line, 10, POSITION_UTF16), 5);
    assert_int_equal(to_column(line, 11, POSITION_UTF32), 5);
    assert_int_equal(to_column(line, 8, POSITION_UTF16), INSIDE);
    assert_int_equal(to_column(line, 12, POSITION_UTF8), BEYOND);
    assert_int_equal(to_byte(line, -1, POSITION_UTF8), BEYOND);
    assert_int_equal(to_column(line, -1, POSITION_UTF32), BEYOND);
    assert_int_equal(to_byte(line, INT64_MAX, POSITION_UTF16), BEYOND);
    assert_int_equal(to_column(line, INT64_MIN, POSITION_UTF16), BEYOND);
}

/* A combining mark is a character of its own, a tab is one, form feed, U+2028 and a byte order mark
 * are characters like others. */
static void test_characters(void **state)
{
    (void)state;
    assert_int_equal(to_byte("e\xCC\x81x", 1, POSITION_UTF32), 1);
    assert_int_equal(to_byte("e\xCC\x81x", 2, POSITION_UTF32), 3);
    assert_int_equal(to_byte("e\xCC\x81x", 2, POSITION_UTF16), 3);
    assert_int_equal(to_byte("\t\tx", 2, POSITION_UTF16), 2);
    assert_int_equal(to_byte("\fx", 1, POSITION_UTF32), 1);
    assert_int_equal(to_byte("\xE2\x80\xA8x", 1, POSITION_UTF16), 3);
    assert_int_equal(to_byte("\xEF\xBB\xBFx", 1, POSITION_UTF16), 3);
    assert_int_equal(to_byte("", 0, POSITION_UTF16), 0);
    assert_int_equal(to_byte("", 1, POSITION_UTF16), BEYOND);
}

/* The line end is behind the line: its first unit is a position, what follows is not. */
static void test_line_ends(void **state)
{
    (void)state;
    static const char *const lines[] = {"ab", "ab\n", "ab\r\n", "ab\r", "ab\rcd", "ab\ncd"};
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        for (enum position_encoding e = POSITION_UTF8; e < POSITION_UNKNOWN; e++) {
            assert_int_equal(to_byte(lines[i], 2, e), 2);
            assert_int_equal(to_byte(lines[i], 3, e), BEYOND);
            assert_int_equal(to_column(lines[i], 2, e), 2);
            assert_int_equal(to_column(lines[i], 3, e), BEYOND);
        }
    }
}

/* A byte that is no UTF-8 is one character: a lone continuation, a cut sequence, a surrogate. */
static void test_not_utf8(void **state)
{
    (void)state;
    assert_int_equal(to_byte("\x80\x80x", 2, POSITION_UTF16), 2);
    assert_int_equal(to_byte("\xE2\x82x", 2, POSITION_UTF32), 2);
    assert_int_equal(to_byte("\xE2\x82x", 1, POSITION_UTF8), 1);
    assert_int_equal(to_byte("\xED\xA0\x80x", 3, POSITION_UTF16), 3);
    assert_int_equal(to_column("\xF0\x9F\x98", 3, POSITION_UTF16), 3);
    /* The line end cuts the sequence before it. */
    assert_int_equal(to_byte("\xE2\n\x82\xAC", 1, POSITION_UTF32), 1);
}

/* The twin: every boundary of the line, from its start. */
struct boundary {
    int64_t byte, column;
};
static size_t boundaries(const char *line, size_t len, enum position_encoding encoding,
                         struct boundary *out)
{
    size_t n = 0, i = 0;
    int64_t column = 0;
    for (;;) {
        out[n++] = (struct boundary){(int64_t)i, column};
        if (i == len || line[i] == '\n' || line[i] == '\r')
            return n;
        size_t end = i;
        while (end < len && line[end] != '\n' && line[end] != '\r')
            end++;
        size_t bytes = utf8_sequence(line + i, end - i);
        if (bytes == 0)
            bytes = 1;
        column += encoding == POSITION_UTF8    ? (int64_t)bytes
                  : encoding == POSITION_UTF32 ? 1
                                               : 1 + (bytes == 4);
        i += bytes;
    }
}

static uint32_t random_next(uint32_t *state)
{
    *state = *state * 1664525u + 1013904223u;
    return *state >> 8;
}

static size_t random_line(uint32_t *seed, char *line)
{
    static const char *const pieces[] = {"a",
                                         "eight or more of ASCII",
                                         "\xC3\xA9",
                                         "\xE2\x82\xAC",
                                         "\xF0\x9F\x98\x80",
                                         "\xCC\x81",
                                         "\x80",
                                         "\xE2\x82",
                                         "\xF0\x9F",
                                         "\t",
                                         "\xFF",
                                         "\n"};
    size_t len = 0, n = random_next(seed) % 12;
    for (size_t i = 0; i < n; i++) {
        size_t which = random_next(seed) % (sizeof pieces / sizeof *pieces);
        if (which == 11 && random_next(seed) % 8)
            which = 4;
        size_t size = strlen(pieces[which]);
        memcpy(line + len, pieces[which], size);
        len += size;
    }
    return len;
}

static void test_random(void **state)
{
    (void)state;
    uint32_t seed = 20;
    for (int round = 0; round < 20000; round++) {
        char text[300], *line;
        size_t len = random_line(&seed, text);
        line = malloc(len + 1); /* of its own, so that a read behind it is seen */
        assert_non_null(line);
        memcpy(line, text, len);
        for (enum position_encoding e = POSITION_UTF8; e < POSITION_UNKNOWN; e++) {
            struct boundary all[320];
            size_t n = boundaries(line, len, e, all);
            for (int64_t at = -1; at <= (int64_t)len + 1; at++) {
                int64_t byte = BEYOND, column = BEYOND, got = 0;
                if (at >= 0 && at <= all[n - 1].column)
                    byte = INSIDE;
                if (at >= 0 && at <= all[n - 1].byte)
                    column = INSIDE;
                for (size_t i = 0; i < n; i++) {
                    if (all[i].column == at)
                        byte = all[i].byte;
                    if (all[i].byte == at)
                        column = all[i].column;
                }
                enum position_status status = position_to_byte(line, len, at, e, &got);
                assert_int_equal(status == POSITION_OK       ? got
                                 : status == POSITION_INSIDE ? INSIDE
                                                             : BEYOND,
                                 byte);
                status = position_to_column(line, len, at, e, &got);
                assert_int_equal(status == POSITION_OK       ? got
                                 : status == POSITION_INSIDE ? INSIDE
                                                             : BEYOND,
                                 column);
            }
        }
        free(line);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names),      cmocka_unit_test(test_widths),
        cmocka_unit_test(test_characters), cmocka_unit_test(test_line_ends),
        cmocka_unit_test(test_not_utf8),   cmocka_unit_test(test_random),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
