/* Under which dotted name the root of a repository is imported, where the root is itself a package.
 */
#ifndef GRAPH_MODULE_PREFIX_H
#define GRAPH_MODULE_PREFIX_H

#include "base/arena.h"
#include "engine/store.h"

struct module_prefix {
    const char *value;  /* "" where there is none; lives in the arena */
    const char *source; /* given, found, none; static */
};

/* True for a dotted name such as "django" or "company.product". */
bool module_prefix_valid(const char *text);

/* Decides the prefix, by `given` (may be NULL) or from the facts of a filled store, and writes it
 * into the `setting` facts. It is found where the root has an __init__.py: the prefix under which
 * most of the repository's absolute imports lead to a file of it, if those are more than without a
 * prefix. */
RG_MUST_CHECK enum rg_status module_prefix_decide(struct store *store, const char *given,
                                                  struct arena *arena,
                                                  struct module_prefix *out_prefix,
                                                  struct rg_error *err);

#endif
