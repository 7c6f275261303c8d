/* Ids on their way to one question: does any come twice, and are others among them? Each thread
 * adds to lists of its own, cut into parts by the ids' top bits; a part of all threads' lists fits
 * a processor's cache, so the answer costs a few nanoseconds an id. Beyond a bound they go to a
 * file without a name, which ends with the process, however that ends. */
#ifndef BASE_ID_LISTS_H
#define BASE_ID_LISTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "relgraph/relgraph.h"

enum { ID_PARTS = 64 };

struct id_block;
struct id_spill;

/* Zero is a valid empty one. 8 bytes an id. */
struct id_lists {
    struct id_block *parts[ID_PARTS]; /* newest block first */
    size_t counts[ID_PARTS];
    size_t count;
    size_t held;              /* room for ids in memory */
    size_t held_max;          /* 0: no bound */
    const char *spill_folder; /* for what is beyond; lives as long as the lists; NULL: none */
    struct id_spill *spill;   /* what is there */
    bool failed; /* memory or disk were out, or the bound reached: the ids here are not all */
};

void id_lists_add(struct id_lists *lists, int64_t id);

/* The question, about n lists of each sort; none of them may have failed. */
struct id_search {
    const struct id_lists *const *lists;
    const struct id_lists *const *wanted; /* ids that must be in one of the lists; may be NULL */
    size_t n;
    unsigned threads; /* that work on it */
};
/* *out_twice: an id was added twice, to one of the lists or to two of them. *out_missing: a wanted
 * id is in none (only meaningful where no id is there twice). */
RG_MUST_CHECK enum rg_status id_lists_search(const struct id_search *search, bool *out_twice,
                                             bool *out_missing, struct rg_error *err);
void id_lists_fini(struct id_lists *lists);

#endif
