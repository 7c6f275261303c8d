/* PEP 263 as CPython's tokenizer reads it, and decoding through iconv. */
#include "extract/encoding.h"

#include <ctype.h>
#include <errno.h>
#include <iconv.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/utf8.h"

enum { NAME_BYTES = 32, CHARACTER_BYTES_MAX = 8 };

struct encoding {
    iconv_t decoder;
    char name[NAME_BYTES];
    bool single_byte;
    bool valid[256]; /* of a single-byte encoding: what the byte means something in */
};

/* Names by which Python knows an encoding and the C library does not, or knows another one. */
static const struct alias {
    const char *python;
    const char *canonical;
    const char *library;
} aliases[] = {
    {"latin-1", "latin-1", "ISO-8859-1"},
    {"latin1", "latin-1", "ISO-8859-1"},
    {"latin", "latin-1", "ISO-8859-1"},
    {"l1", "latin-1", "ISO-8859-1"},
    {"iso-8859-1", "latin-1", "ISO-8859-1"},
    {"iso8859-1", "latin-1", "ISO-8859-1"},
    {"iso-latin-1", "latin-1", "ISO-8859-1"},
    {"8859", "latin-1", "ISO-8859-1"},
    {"cp819", "latin-1", "ISO-8859-1"},
    {"ascii", "ascii", "ASCII"},
    {"us-ascii", "ascii", "ASCII"},
    {"646", "ascii", "ASCII"},
    {"mac-roman", "mac-roman", "MACINTOSH"},
    {"macroman", "mac-roman", "MACINTOSH"},
    {"mac-cyrillic", "mac-cyrillic", "MAC-CYRILLIC"},
    {"shift-jis", "shift-jis", "CP932"},
    {"shiftjis", "shift-jis", "CP932"},
    {"sjis", "shift-jis", "CP932"},
    {"s-jis", "shift-jis", "CP932"},
    {"ms932", "cp932", "CP932"},
    {"ms-kanji", "cp932", "CP932"},
    {"eucjp", "euc-jp", "EUC-JP"},
    {"ujis", "euc-jp", "EUC-JP"},
    {"euckr", "euc-kr", "EUC-KR"},
    {"korean", "euc-kr", "EUC-KR"},
    {"uhc", "cp949", "CP949"},
    {"ms949", "cp949", "CP949"},
    {"chinese", "gb2312", "GB2312"},
    {"euc-cn", "gb2312", "GB2312"},
    {"936", "gbk", "GBK"},
    {"cp936", "gbk", "GBK"},
    {"latin-9", "iso-8859-15", "ISO-8859-15"},
    {"latin9", "iso-8859-15", "ISO-8859-15"},
    {"latin2", "iso-8859-2", "ISO-8859-2"},
    {"cyrillic", "iso-8859-5", "ISO-8859-5"},
};

/* --- What a file declares
 * ------------------------------------------------------------------------------- */

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\f';
}

/* The name behind "coding:" or "coding=" in a comment, as get_coding_spec of CPython finds it. */
static struct str coding_name(struct str comment)
{
    static const char word[] = "coding";
    enum { WORD = sizeof word - 1 };
    for (size_t i = 0; i + WORD < comment.len; i++) {
        if (memcmp(comment.ptr + i, word, WORD) != 0)
            continue;
        size_t at = i + WORD;
        if (comment.ptr[at] != ':' && comment.ptr[at] != '=')
            continue;
        at++;
        while (at < comment.len && (comment.ptr[at] == ' ' || comment.ptr[at] == '\t'))
            at++;
        size_t start = at;
        while (at < comment.len && (isalnum((unsigned char)comment.ptr[at]) ||
                                    memchr("-_.", comment.ptr[at], 3) != NULL))
            at++;
        if (at > start)
            return (struct str){comment.ptr + start, at - start};
    }
    return (struct str){NULL, 0};
}

static struct str next_line(struct str *rest)
{
    struct str line = {rest->ptr, 0};
    while (line.len < rest->len && line.ptr[line.len] != '\n' && line.ptr[line.len] != '\r')
        line.len++;
    size_t end = line.len;
    if (end < rest->len)
        end += end + 1 < rest->len && line.ptr[end] == '\r' && line.ptr[end + 1] == '\n' ? 2 : 1;
    *rest = (struct str){rest->ptr + end, rest->len - end};
    return line;
}

struct encoding_declared encoding_declared(struct str bytes, bool pep263)
{
    struct encoding_declared declared = {0};
    if (str_starts(bytes, STR("\xEF\xBB\xBF")))
        declared.bom_bytes = 3;
    declared.is_wide = str_starts(bytes, STR("\xFF\xFE")) || str_starts(bytes, STR("\xFE\xFF")) ||
                       (bytes.len >= 4 && memcmp(bytes.ptr, "\0\0\xFE\xFF", 4) == 0);
    if (!pep263 || declared.is_wide)
        return declared;
    struct str rest = {bytes.ptr + declared.bom_bytes, bytes.len - declared.bom_bytes};
    for (int i = 0; i < 2 && !declared.name.ptr; i++) {
        struct str line = next_line(&rest);
        while (line.len && is_blank(line.ptr[0]))
            line.ptr++, line.len--;
        if (line.len && line.ptr[0] != '#')
            break; /* code: what follows is no declaration */
        declared.name = coding_name(line);
    }
    return declared;
}

/* Lower case, '_' as '-', cut where it is too long for any encoding. */
static void normal_name(struct str name, char out[NAME_BYTES])
{
    size_t length = name.len < NAME_BYTES - 1 ? name.len : NAME_BYTES - 1;
    for (size_t i = 0; i < length; i++)
        out[i] = name.ptr[i] == '_' ? '-' : (char)tolower((unsigned char)name.ptr[i]);
    out[length] = '\0';
}

bool encoding_is_utf8(struct str name)
{
    static const char *const names[] = {"utf-8", "utf8", "u8", "utf", "cp65001"};
    char normal[NAME_BYTES];
    normal_name(name, normal);
    if (strncmp(normal, "utf-8-", 6) == 0)
        return true;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(normal, names[i]) == 0)
            return true;
    return false;
}

/* --- Decoding
 * --------------------------------------------------------------------------------------------- */

enum step { STEP_CHARACTER, STEP_INCOMPLETE, STEP_INVALID };

/* Decodes the `size` bytes at text as one character, from the initial state. */
static enum step decode_one(struct encoding *encoding, const char *text, size_t size, char out[8],
                            size_t *out_size)
{
    char copy[CHARACTER_BYTES_MAX];
    memcpy(copy, text, size);
    char *in = copy, *to = out;
    size_t in_left = size, out_left = 8;
    iconv(encoding->decoder, NULL, NULL, NULL, NULL);
    size_t result = iconv(encoding->decoder, &in, &in_left, &to, &out_left);
    *out_size = 8 - out_left;
    if (result == (size_t)-1)
        return errno == EINVAL ? STEP_INCOMPLETE : STEP_INVALID;
    return *out_size ? STEP_CHARACTER : STEP_INCOMPLETE;
}

/* Whether ASCII bytes stand for themselves. Some Japanese and Korean encodings read a currency sign
 * for the backslash and an overline for the tilde; Python does not. */
static bool keeps_ascii(struct encoding *encoding)
{
    for (int c = 0; c < 128; c++) {
        char in = (char)c, out[8];
        size_t size;
        enum step step = decode_one(encoding, &in, 1, out, &size);
        bool same = size == 1 && out[0] == in;
        if (step != STEP_CHARACTER || (!same && c != '\\' && c != '~'))
            return false;
    }
    return true;
}

static void look_at_high_bytes(struct encoding *encoding)
{
    encoding->single_byte = true;
    for (int c = 0; c < 256; c++) {
        char in = (char)c, out[8];
        size_t size;
        enum step step = decode_one(encoding, &in, 1, out, &size);
        encoding->valid[c] = step == STEP_CHARACTER;
        if (step == STEP_INCOMPLETE)
            encoding->single_byte = false;
    }
}

enum rg_status encoding_open(struct str name, struct encoding **out_encoding, struct rg_error *err)
{
    *out_encoding = NULL;
    struct encoding *encoding = calloc(1, sizeof *encoding);
    if (!encoding)
        return error_no_memory(err, "source");
    normal_name(name, encoding->name);
    const char *library = encoding->name;
    for (size_t i = 0; i < sizeof aliases / sizeof aliases[0]; i++) {
        if (strcmp(encoding->name, aliases[i].python) != 0)
            continue;
        strcpy(encoding->name, aliases[i].canonical);
        library = aliases[i].library;
    }
    encoding->decoder = iconv_open("UTF-8", library);
    if (encoding->decoder == (iconv_t)-1) {
        int number = errno;
        free(encoding);
        return number == ENOMEM ? error_no_memory(err, "source") : RG_OK;
    }
    if (!keeps_ascii(encoding)) {
        encoding_close(encoding);
        return RG_OK;
    }
    look_at_high_bytes(encoding);
    *out_encoding = encoding;
    return RG_OK;
}

void encoding_close(struct encoding *encoding)
{
    if (!encoding)
        return;
    iconv_close(encoding->decoder);
    free(encoding);
}

const char *encoding_name(const struct encoding *encoding)
{
    return encoding->name;
}

/* Bytes of the character that starts at text; *out_valid says whether they mean one. */
static size_t next_character(struct encoding *encoding, const char *text, size_t size, char out[8],
                             size_t *out_size, bool *out_valid)
{
    size_t most = size < CHARACTER_BYTES_MAX ? size : CHARACTER_BYTES_MAX;
    for (size_t length = 1; length <= most; length++) {
        enum step step = decode_one(encoding, text, length, out, out_size);
        if (step == STEP_INCOMPLETE)
            continue;
        *out_valid = step == STEP_CHARACTER;
        return step == STEP_CHARACTER ? length : 1;
    }
    *out_valid = false;
    return 1;
}

void encoding_decode(struct encoding *encoding, struct str text, struct buffer *out)
{
    for (size_t i = 0; i < text.len;) {
        if ((unsigned char)text.ptr[i] < 0x80) {
            buffer_char(out, text.ptr[i++]);
            continue;
        }
        char character[8];
        size_t size;
        bool valid;
        i += next_character(encoding, text.ptr + i, text.len - i, character, &size, &valid);
        if (valid)
            buffer_append(out, character, size);
        else
            buffer_text(out, UTF8_REPLACEMENT);
    }
}

bool encoding_mask(struct encoding *encoding, char *text, size_t size, char mask)
{
    bool all_valid = true;
    for (size_t i = 0; i < size;) {
        unsigned char byte = (unsigned char)text[i];
        if (byte < 0x80) {
            i++;
            continue;
        }
        size_t length = 1, unused;
        bool valid = encoding->valid[byte];
        char character[8];
        if (!encoding->single_byte)
            length = next_character(encoding, text + i, size - i, character, &unused, &valid);
        all_valid = all_valid && valid;
        memset(text + i, mask, length);
        i += length;
    }
    return all_valid;
}
