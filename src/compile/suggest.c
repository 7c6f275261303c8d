/* Levenshtein's distance over two rows; names longer than the rows are never near. */
#include "compile/suggest.h"

#include <ctype.h>

enum { NAME_MAX_BYTES = 64 };

unsigned suggest_distance(struct str a, struct str b, unsigned bound)
{
    size_t apart = a.len > b.len ? a.len - b.len : b.len - a.len;
    if (a.len > NAME_MAX_BYTES || b.len > NAME_MAX_BYTES || apart > bound)
        return bound + 1;
    unsigned row[NAME_MAX_BYTES + 1];
    for (size_t j = 0; j <= b.len; j++)
        row[j] = (unsigned)j;
    for (size_t i = 0; i < a.len; i++) {
        unsigned diagonal = row[0];
        row[0] = (unsigned)i + 1;
        for (size_t j = 0; j < b.len; j++) {
            int differs = tolower((unsigned char)a.ptr[i]) != tolower((unsigned char)b.ptr[j]);
            unsigned best = diagonal + (unsigned)differs;
            if (row[j] + 1 < best)
                best = row[j] + 1;
            if (row[j + 1] + 1 < best)
                best = row[j + 1] + 1;
            diagonal = row[j + 1];
            row[j + 1] = best;
        }
    }
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
