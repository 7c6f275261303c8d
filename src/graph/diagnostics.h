/* Datasets about the build itself: which files were read and how that went. Written from the facts,
 * below diagnostics/, beside what the rules produce. */
#ifndef GRAPH_DIAGNOSTICS_H
#define GRAPH_DIAGNOSTICS_H

#include "engine/store.h"
#include "graph/manifest.h"

struct diagnostic_column {
    const char *name, *type, *what;
};

struct diagnostic_spec {
    const char *name; /* diagnostics/<name>.parquet, and the view's name */
    const char *what;
    const struct diagnostic_column *columns;
    size_t n_columns;
    const char *sql; /* over facts, in a total order */
    bool of_scip;    /* only of builds that read a SCIP index */
};
extern const struct diagnostic_spec diagnostic_specs[];
extern const size_t diagnostic_specs_count;

/* How many of them a build writes; those of SCIP indexes come last. */
size_t diagnostics_written(bool with_scip);
/* Writes as many below build_folder; out_shards has room for them, their texts are the arena's. */
RG_MUST_CHECK enum rg_status diagnostics_write(struct store *store, bool with_scip,
                                               const char *build_folder, struct arena *arena,
                                               struct manifest_shard *out_shards,
                                               struct rg_error *err);

#endif
