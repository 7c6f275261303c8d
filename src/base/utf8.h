/* UTF-8: validity by the Unicode standard (table 3-7: no surrogates, no overlong forms). */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>

#define UTF8_REPLACEMENT "\xEF\xBF\xBD"

struct buffer;
struct str;

/* Bytes of the valid sequence that starts at text, or 0. */
size_t utf8_sequence(const char *text, size_t len);
bool utf8_valid(const char *text, size_t len);
/* Appends text with every byte that is not UTF-8 as U+FFFD. */
void utf8_replace(struct buffer *out, const char *text, size_t len);
/* Appends text with every byte that is not UTF-8, and every '%' before two hex digits, as %XX. */
void utf8_percent(struct buffer *out, const char *text, size_t len);
/* Writes the sequence of a code point (at most 0x10FFFF, no surrogate) and returns its length. */
size_t utf8_encode(unsigned code, char out[4]);

#endif
