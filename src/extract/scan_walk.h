/* The walk over folders behind scan.c. */
#ifndef EXTRACT_SCAN_WALK_H
#define EXTRACT_SCAN_WALK_H

#include "extract/scan.h"
#include "extract/scan_git.h"

/* Files found, in no order, without ids; texts live in the scan's arena. */
struct scan_found {
    struct scan_file *files; /* malloc'ed */
    size_t count, capacity;
};

/* Walks everything beneath scan->root_fd; git may be NULL. */
RG_MUST_CHECK enum rg_status scan_walk(struct events *events, struct scan *scan,
                                       struct scan_git *git, struct scan_git_folder root_folder,
                                       struct scan_found *found, struct rg_error *err);

#endif
