/* Positions in the text of a line: bytes on one side, columns in the units of some encoding on the
 * other. Both count from 0, and both may stand at the end of the line, behind its last character.
 */
#ifndef KERNELS_TEXT_POSITIONS_H
#define KERNELS_TEXT_POSITIONS_H

#include <stddef.h>
#include <stdint.h>

/* What a column counts. A character is a code point here: a combining mark is one of its own, a tab
 * is one unit wide. Beyond U+FFFF a character is two units of UTF-16. */
enum position_encoding {
    POSITION_UTF8,  /* bytes */
    POSITION_UTF16, /* units of 16 bits: LSP's default */
    POSITION_UTF32, /* code points */
    POSITION_UNKNOWN
};

enum position_status {
    POSITION_OK,
    POSITION_BEYOND, /* negative, or behind the end of the line */
    POSITION_INSIDE  /* inside a character */
};

/* Any usual name: utf-8, UTF8, utf_16 …; the names of SCIP's PositionEncoding and their numbers 1
 * to 3. Blanks around it, case, '-' and '_' do not matter. */
enum position_encoding position_encoding_parse(const char *name, size_t len);
/* "utf-8", "utf-16", "utf-32"; NULL for POSITION_UNKNOWN. Static. */
const char *position_encoding_name(enum position_encoding encoding);

/* The line is any bytes; it ends before the first \n or \r, whether or not they are there. A byte
 * that is not UTF-8 counts as one character, as its replacement U+FFFD would. The encoding is a
 * known one. The output is set for POSITION_OK only. */
enum position_status position_to_byte(const char *line, size_t len, int64_t column,
                                      enum position_encoding encoding, int64_t *out_byte);
enum position_status position_to_column(const char *line, size_t len, int64_t byte,
                                        enum position_encoding encoding, int64_t *out_column);

#endif
