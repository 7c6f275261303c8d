/* Which file of the repository a document of an index speaks of. */
#ifndef EXTRACT_SCIP_PATHS_H
#define EXTRACT_SCIP_PATHS_H

#include "base/arena.h"
#include "extract/scan.h"

/* Paths of an index are relative to its project's root, ours to the repository's, and an indexer
 * may have run above it (scip-python has to, to understand a package) or below. Texts live in the
 * arena. */
struct scip_paths {
    const struct scan *scan;
    struct str strip; /* what the index's paths have before ours: "django/"; or */
    struct str add;   /* what ours have before the index's */
    bool is_guess;    /* of strip: the two roots have nothing to do with each other */
};

/* project_root is a URI, as the index has it, or empty. False when memory is out. */
bool scip_paths_init(struct scip_paths *paths, const struct scan *scan, struct str project_root,
                     struct arena *arena);
/* Number of the file in the scan, or one of these. */
enum { SCIP_PATH_MISSING = -1, SCIP_PATH_BAD = -2, SCIP_PATH_NO_MEMORY = -3 };
int64_t scip_paths_find(const struct scip_paths *paths, struct str path, struct arena *scratch);

#endif
