/* The table of words and a binary search in it. */
#include "sql/sql_keyword.h"

#include <stdint.h>

enum {
    Q = SQL_RESERVED_QUOTE,
    E = SQL_RESERVED_END,
    N = SQL_RESERVED_NEVER,
    C = SQL_RESERVED_CALL,
    P = SQL_RESERVED_POSTGRES
};

static const struct {
    const char *text;
    uint8_t length, flags;
} words[SQL_WORD_COUNT] = {[SQL_WORD_OTHER] = {"", 0, 0},
#define X(word, flags) [SQL_WORD_##word] = {#word, sizeof #word - 1, flags},
                           SQL_WORDS(X)
#undef X
};

enum { WORD_LENGTH_MAX = 17 };

enum sql_word sql_word_find(struct str text)
{
    if (text.len < 2 || text.len > WORD_LENGTH_MAX)
        return SQL_WORD_OTHER;
    char upper[WORD_LENGTH_MAX];
    for (size_t i = 0; i < text.len; i++)
        upper[i] = (char)(text.ptr[i] >= 'a' && text.ptr[i] <= 'z' ? text.ptr[i] - 'a' + 'A'
                                                                   : text.ptr[i]);
    struct str wanted = {upper, text.len};
    unsigned low = 1, high = SQL_WORD_COUNT;
    while (low < high) {
        unsigned middle = (low + high) / 2;
        int order = str_cmp((struct str){words[middle].text, words[middle].length}, wanted);
        if (order == 0)
            return (enum sql_word)middle;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return SQL_WORD_OTHER;
}

const char *sql_word_text(enum sql_word word)
{
    return words[word].text;
}

unsigned sql_word_flags(enum sql_word word)
{
    return words[word].flags;
}
