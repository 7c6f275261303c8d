/* An option of languages where a line end inside brackets is a blank (Python): the text with blanks
 * there. */
#ifndef EXTRACT_JOIN_LINES_H
#define EXTRACT_JOIN_LINES_H

#include <stdbool.h>
#include <stddef.h>

/* Copies the text with the same length; line ends inside brackets become spaces, but behind a
 * comment they stay. Strings and comments are told apart as Python does. False where nothing
 * changed. */
bool join_lines(const char *text, size_t size, char *out);

#endif
