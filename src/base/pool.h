/* A parallel loop over tasks with per-worker state: as many threads as asked for, the caller's own
 * among them. Tasks are handed out in order. */
#ifndef BASE_POOL_H
#define BASE_POOL_H

#include <stddef.h>

#include "relgraph/relgraph.h"

struct pool_job {
    unsigned threads; /* at least 1 */
    size_t tasks;
    void *context;
    /* Does task number `task` on worker number `worker` (below threads). A failure stops the
     * handing out; the first error (by time) is returned. */
    enum rg_status (*run)(void *context, unsigned worker, size_t task, struct rg_error *err);
};

/* Returns when all tasks have ended. Fewer threads are used where some cannot be started. */
RG_MUST_CHECK enum rg_status pool_run(const struct pool_job *job, struct rg_error *err);

/* Processors this process may use; at least 1. */
unsigned pool_processors(void);

#endif
