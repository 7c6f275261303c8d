/* Levenshtein's distance, where two neighbours that changed places are one error, the most common
 * in typing. Names longer than the rows are never near. */
#include "base/suggest.h"

#include <ctype.h>

enum { NAME_MAX_BYTES = 64 };

static unsigned least(unsigned a, unsigned b, unsigned c)
{
    unsigned ab = a < b ? a : b;
    return ab < c ? ab : c;
}

static bool same(char a, char b)
{
    return tolower((unsigned char)a) == tolower((unsigned char)b);
}

/* Who types the beginning of a name means it, or one like it. */
static bool begins(struct str name, struct str candidate)
{
    enum { LETTERS_MIN = 3 };
    if (name.len < LETTERS_MIN || candidate.len <= name.len)
        return false;
    for (size_t i = 0; i < name.len; i++)
        if (!same(name.ptr[i], candidate.ptr[i]))
            return false;
    return true;
}

/* One row further: the distances of the first i + 1 bytes of a to every start of b; `last` is the
 * row before, `before` the one before that. */
static void next_row(unsigned *row, const unsigned *last, const unsigned *before, size_t i,
                     struct str a, struct str b)
{
    row[0] = (unsigned)i + 1;
    for (size_t j = 0; j < b.len; j++) {
        row[j + 1] = least(last[j] + !same(a.ptr[i], b.ptr[j]), row[j] + 1, last[j + 1] + 1);
        bool swapped = i && j && same(a.ptr[i], b.ptr[j - 1]) && same(a.ptr[i - 1], b.ptr[j]);
        if (swapped && before[j - 1] + 1 < row[j + 1])
            row[j + 1] = before[j - 1] + 1;
    }
}

unsigned suggest_distance(struct str a, struct str b, unsigned bound)
{
    size_t apart = a.len > b.len ? a.len - b.len : b.len - a.len;
    if (a.len > NAME_MAX_BYTES || b.len > NAME_MAX_BYTES || apart > bound)
        return bound + 1;
    unsigned rows[3][NAME_MAX_BYTES + 1] = {{0}};
    for (size_t j = 0; j <= b.len; j++)
        rows[0][j] = (unsigned)j;
    for (size_t i = 0; i < a.len; i++)
        next_row(rows[(i + 1) % 3], rows[i % 3], rows[(i + 2) % 3], i, a, b);
    unsigned distance = rows[a.len % 3][b.len];
    return distance > bound ? bound + 1 : distance;
}

void suggest_offer(struct suggestion *suggestion, struct str candidate)
{
    /* A third of the name may be wrong: more is another name. */
    unsigned bound = suggestion->name.len < 4 ? 1 : (unsigned)(suggestion->name.len + 2) / 3;
    unsigned distance = suggest_distance(suggestion->name, candidate, bound);
    if ((distance > bound && !begins(suggestion->name, candidate)) ||
        (suggestion->best.ptr && distance >= suggestion->distance))
        return;
    suggestion->best = candidate;
    suggestion->distance = distance;
}
