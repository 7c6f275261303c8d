/* Options structs of the public header, whose first member is struct_size. */
#ifndef BASE_OPTIONS_READ_H
#define BASE_OPTIONS_READ_H

#include "relgraph/relgraph.h"

/* Reads a public options struct whose first member is struct_size into `out` of our own `size`:
 * what an older caller does not know is zero; what a newer one knows and we do not must be zero.
 * `in` may be NULL for all defaults. `what` names the struct in the message. */
RG_MUST_CHECK enum rg_status options_read(void *out, size_t size, const void *in, const char *what,
                                          struct rg_error *err);

#endif
