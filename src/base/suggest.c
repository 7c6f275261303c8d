/* Levenshtein's distance over two rows; names longer than the rows are never near. */
#include "base/suggest.h"

#include <ctype.h>

enum { NAME_MAX_BYTES = 64 };

static unsigned least(unsigned a, unsigned b, unsigned c)
{
    unsigned ab = a < b ? a : b;
    return ab < c ? ab : c;
}

/* One row further: the distances of the first i + 1 bytes of a to every start of b. */
static void next_row(unsigned *row, size_t i, char byte, struct str b)
{
    unsigned diagonal = row[0];
    row[0] = (unsigned)i + 1;
    for (size_t j = 0; j < b.len; j++) {
        bool differs = tolower((unsigned char)byte) != tolower((unsigned char)b.ptr[j]);
        unsigned best = least(diagonal + differs, row[j] + 1, row[j + 1] + 1);
        diagonal = row[j + 1];
        row[j + 1] = best;
    }
}

unsigned suggest_distance(struct str a, struct str b, unsigned bound)
{
    size_t apart = a.len > b.len ? a.len - b.len : b.len - a.len;
    if (a.len > NAME_MAX_BYTES || b.len > NAME_MAX_BYTES || apart > bound)
        return bound + 1;
    unsigned row[NAME_MAX_BYTES + 1];
    for (size_t j = 0; j <= b.len; j++)
        row[j] = (unsigned)j;
    for (size_t i = 0; i < a.len; i++)
        next_row(row, i, a.ptr[i], b);
    return row[b.len] > bound ? bound + 1 : row[b.len];
}

void suggest_offer(struct suggestion *suggestion, struct str candidate)
{
    /* A third of the name may be wrong: more is another name. */
    unsigned bound = suggestion->name.len < 4 ? 1 : (unsigned)(suggestion->name.len + 2) / 3;
    unsigned distance = suggest_distance(suggestion->name, candidate, bound);
    if (distance > bound || (suggestion->best.ptr && distance >= suggestion->distance))
        return;
    suggestion->best = candidate;
    suggestion->distance = distance;
}
