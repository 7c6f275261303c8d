/* As much of Python's lexer as it takes to know brackets from strings and comments. */
#include "extract/join_lines.h"

#include <string.h>

/* Behind the string that starts with the quote at `at`. */
static size_t skip_string(const char *text, size_t size, size_t at)
{
    char quote = text[at];
    bool is_long = size - at >= 3 && text[at + 1] == quote && text[at + 2] == quote;
    at += is_long ? 3 : 1;
    while (at < size) {
        if (text[at] == '\\') {
            at += 2;
        } else if (is_long) {
            if (text[at] == quote && size - at >= 3 && text[at + 1] == quote &&
                text[at + 2] == quote)
                return at + 3;
            at++;
        } else if (text[at] == quote || text[at] == '\n') {
            return at + 1;
        } else {
            at++;
        }
    }
    return size;
}

bool join_lines(const char *text, size_t size, char *out)
{
    memcpy(out, text, size);
    bool changed = false;
    size_t depth = 0, at = 0;
    while (at < size) {
        switch (text[at]) {
        case '(':
        case '[':
        case '{':
            depth++;
            at++;
            break;
        case ')':
        case ']':
        case '}':
            depth -= depth > 0;
            at++;
            break;
        case '"':
        case '\'':
            at = skip_string(text, size, at);
            break;
        case '#':
            while (at < size && text[at] != '\n')
                at++;
            at += at < size;
            break;
        case '\n':
        case '\r':
            if (depth > 0) {
                out[at] = ' ';
                changed = true;
            }
            at++;
            break;
        default:
            at++;
        }
    }
    return changed;
}
