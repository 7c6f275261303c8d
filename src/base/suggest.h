/* "Did you mean …?": the nearest of some names to one that is unknown. */
#ifndef BASE_SUGGEST_H
#define BASE_SUGGEST_H

#include "base/str.h"

/* Edits (insert, delete, replace a byte, swap two neighbours) between two names, ignoring case; at
 * most `bound` + 1. */
unsigned suggest_distance(struct str a, struct str b, unsigned bound);

/* Keeps the best of the candidates that are offered one by one. Zero but for `name` at the start.
 */
struct suggestion {
    struct str name;
    struct str best; /* ptr NULL: none is near */
    unsigned distance;
};
void suggest_offer(struct suggestion *suggestion, struct str candidate);

#endif
