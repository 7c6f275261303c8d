/* Ids on their way to one question: does any come twice? Each thread adds to lists of its own, cut
 * into parts by the ids' top bits; a part of all threads' lists fits a processor's cache, so the
 * answer costs a few nanoseconds an id. */
#ifndef BASE_ID_LISTS_H
#define BASE_ID_LISTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "relgraph/relgraph.h"

enum { ID_PARTS = 64 };

struct id_block;

/* Zero is a valid empty one. 8 bytes an id. */
struct id_lists {
    struct id_block *parts[ID_PARTS]; /* newest block first */
    size_t counts[ID_PARTS];
    size_t count;
    size_t count_max; /* 0: no bound */
    bool failed;      /* memory was out, or the bound reached: the ids that are here are not all */
};

void id_lists_add(struct id_lists *lists, int64_t id);
/* True where an id was added twice, to the same lists or to different ones; `threads` work on it.
 * None of the lists may have failed. */
RG_MUST_CHECK enum rg_status id_lists_any_twice(const struct id_lists *const *lists, size_t n_lists,
                                                unsigned threads, bool *out_twice,
                                                struct rg_error *err);
void id_lists_fini(struct id_lists *lists);

#endif
