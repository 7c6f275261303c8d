/* Text for people and for JSON: a growing buffer, and how wide, how long and how big things are. */
#ifndef CLI_DISPLAY_TEXT_H
#define CLI_DISPLAY_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Zero is a valid empty text. A failed append sets `failed` and drops what follows: check once at
 * the end. `data` has a NUL behind it as soon as something was appended. Free with text_fini. */
struct text {
    char *data;
    size_t len, capacity;
    bool failed;
};

void text_append(struct text *text, const void *bytes, size_t count);
void text_cstr(struct text *text, const char *string);
void text_char(struct text *text, char c, size_t times);
__attribute__((format(printf, 2, 3))) void text_printf(struct text *text, const char *format, ...);
void text_clear(struct text *text);
void text_fini(struct text *text);

/* A JSON string with its quotes; bytes that are not UTF-8 become U+FFFD. */
void text_json(struct text *text, const char *bytes, size_t count);
/* The bytes as they may go to a terminal or into one table cell: control characters (which could
 * steer a terminal) as \n, \t or \x1b, bytes that are not UTF-8 as \xff. */
void text_printable(struct text *text, const char *bytes, size_t count);
/* The same of a C string. */
void text_shown(struct text *text, const char *string);
/* The same of a text of several lines, whose ends and tabs stay: SQL, a plan. */
void text_lines(struct text *text, const char *string);

/* 1234567 as 1,234,567. */
void text_count(struct text *text, uint64_t value);
/* 23456789 as "23.5 MB": powers of 1000. */
void text_bytes(struct text *text, uint64_t bytes);
/* Seconds with as many digits as mean something: 0.014, 2.31, 184. */
void text_seconds(struct text *text, double seconds);

/* Columns that printable UTF-8 takes on a terminal. Needs LC_CTYPE to be a UTF-8 locale. */
size_t text_width(const char *bytes, size_t count);
/* How many of the bytes fit into `width` columns, cut between characters. */
size_t text_fit(const char *bytes, size_t count, size_t width);
/* Appends the bytes, padded or cut (in the middle, with an ellipsis) to exactly `width` columns. */
void text_cell(struct text *text, const char *bytes, size_t count, size_t width, bool right);
/* A C string, whatever is in it, as the cell of a column that begins on the left. */
void text_shown_cell(struct text *text, const char *string, size_t width);

/* Distance of two words in edits (insert, delete, replace, swap), for "did you mean". */
size_t text_distance(const char *a, const char *b);

#endif
