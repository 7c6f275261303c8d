/* Paths of an index, in terms of the repository. */
#ifndef EXTRACT_SCIP_PATHS_H
#define EXTRACT_SCIP_PATHS_H

#include "base/arena.h"

/* Paths of an index are relative to its project's root, ours to the repository's, and an indexer
 * may have run above it (scip-python has to, to understand a package) or below. Texts live in the
 * arena. */
struct scip_paths {
    struct str strip; /* what the index's paths have before ours: "django/"; or */
    struct str add;   /* what ours have before the index's */
    bool is_guess;    /* of strip: the two roots have nothing to do with each other */
};

/* root_path is that of the repository; project_root is a URI, as the index has it, or empty. False
 * when memory is out. */
bool scip_paths_init(struct scip_paths *paths, const char *root_path, struct str project_root,
                     struct arena *arena);

enum { SCIP_PATHS_MAX = 2 };
enum scip_path { SCIP_PATH_GOOD, SCIP_PATH_BAD, SCIP_PATH_NO_MEMORY };
/* What a path may be in the repository, the likelier one first; none for one outside of it. Lent
 * from the path or from scratch. BAD: it is none as the format has them. */
enum scip_path scip_paths_candidates(const struct scip_paths *paths, struct str path,
                                     struct arena *scratch, struct str out_paths[SCIP_PATHS_MAX],
                                     size_t *out_n);

#endif
