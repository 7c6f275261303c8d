/* Whether the files that a replay wrote are those of the run. */
#ifndef GRAPH_REPLAY_COMPARE_H
#define GRAPH_REPLAY_COMPARE_H

#include "engine/store.h"
#include "graph/manifest.h"
#include "run/run.h"

struct compare_request {
    struct store *store;       /* may read both folders */
    const char *build_folder;  /* the run's own files; NULL: they are gone */
    const char *replay_folder; /* those of the replay */
    bool other_engine;         /* bytes mean nothing then */
};

/* Compares the file that the manifest tells of (NULL: it tells of none) with that of the replay
 * (NULL: it wrote none). Texts of the output live in the arena. */
RG_MUST_CHECK enum rg_status compare_file(const struct compare_request *request,
                                          const struct manifest_shard *expected,
                                          const struct run_shard *found, enum rg_tier tier,
                                          struct arena *arena, struct rg_replay_output *out_output,
                                          struct rg_error *err);

#endif
