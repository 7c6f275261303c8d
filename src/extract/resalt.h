/* Node ids that two files share (by chance, or made by hand) become different ones. */
#ifndef EXTRACT_RESALT_H
#define EXTRACT_RESALT_H

#include "engine/store.h"

/* Gives every syntax node and every variable of the store an id of its own: the later of two (by
 * file, then place) is hashed again, and every column that holds node ids follows. Relies on the
 * ids of one file's nodes being different already (syntax.c sees to that). *out_count: ids that
 * were changed. `tables`: the fact tables as they are stored. */
RG_MUST_CHECK enum rg_status resalt_ids(struct store *store, const struct table_spec *tables,
                                        uint64_t *out_count, struct rg_error *err);

#endif
