/* UTF-8 checks and the two ways to make any bytes valid. */
#include "base/utf8.h"

#include <ctype.h>
#include <stdint.h>
#include <string.h>

#include "base/buffer.h"

size_t utf8_sequence(const char *text, size_t len)
{
    const unsigned char *s = (const unsigned char *)text;
    if (len == 0)
        return 0;
    if (s[0] < 0x80)
        return 1;
    size_t need = s[0] >= 0xC2 && s[0] <= 0xDF   ? 2
                  : (s[0] & 0xF0) == 0xE0        ? 3
                  : s[0] >= 0xF0 && s[0] <= 0xF4 ? 4
                                                 : 0;
    if (need == 0 || need > len)
        return 0;
    for (size_t i = 1; i < need; i++)
        if ((s[i] & 0xC0) != 0x80)
            return 0;
    bool overlong = (s[0] == 0xE0 && s[1] < 0xA0) || (s[0] == 0xF0 && s[1] < 0x90);
    bool surrogate = s[0] == 0xED && s[1] > 0x9F;
    bool beyond = s[0] == 0xF4 && s[1] > 0x8F;
    return overlong || surrogate || beyond ? 0 : need;
}

bool utf8_valid(const char *text, size_t len)
{
    size_t i = 0;
    for (uint64_t words[4]; len - i >= sizeof words; i += sizeof words) { /* most is ASCII */
        memcpy(words, text + i, sizeof words);
        if ((words[0] | words[1] | words[2] | words[3]) & UINT64_C(0x8080808080808080))
            break;
    }
    while (i < len) {
        uint64_t word;
        if (len - i >= sizeof word) { /* eight ASCII bytes at a time */
            memcpy(&word, text + i, sizeof word);
            if ((word & UINT64_C(0x8080808080808080)) == 0) {
                i += sizeof word;
                continue;
            }
        }
        if (!(text[i] & 0x80)) {
            i++;
            continue;
        }
        size_t length = utf8_sequence(text + i, len - i);
        if (length == 0)
            return false;
        i += length;
    }
    return true;
}

void utf8_replace(struct buffer *out, const char *text, size_t len)
{
    for (size_t i = 0; i < len;) {
        size_t length = utf8_sequence(text + i, len - i);
        if (length)
            buffer_append(out, text + i, length);
        else
            buffer_text(out, UTF8_REPLACEMENT);
        i += length ? length : 1;
    }
}

void utf8_percent(struct buffer *out, const char *text, size_t len)
{
    for (size_t i = 0; i < len;) {
        size_t length = utf8_sequence(text + i, len - i);
        bool escape_like = text[i] == '%' && len - i >= 3 && isxdigit((unsigned char)text[i + 1]) &&
                           isxdigit((unsigned char)text[i + 2]);
        if (length && !escape_like)
            buffer_append(out, text + i, length);
        else
            buffer_printf(out, "%%%02X", (unsigned char)text[i]);
        i += length ? length : 1;
    }
}

size_t utf8_encode(unsigned code, char out[4])
{
    if (code < 0x80) {
        out[0] = (char)code;
        return 1;
    }
    if (code < 0x800) {
        out[0] = (char)(0xC0 | code >> 6);
        out[1] = (char)(0x80 | (code & 0x3F));
        return 2;
    }
    if (code < 0x10000) {
        out[0] = (char)(0xE0 | code >> 12);
        out[1] = (char)(0x80 | (code >> 6 & 0x3F));
        out[2] = (char)(0x80 | (code & 0x3F));
        return 3;
    }
    out[0] = (char)(0xF0 | code >> 18);
    out[1] = (char)(0x80 | (code >> 12 & 0x3F));
    out[2] = (char)(0x80 | (code >> 6 & 0x3F));
    out[3] = (char)(0x80 | (code & 0x3F));
    return 4;
}
