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
};
extern const struct diagnostic_spec diagnostic_specs[];
extern const size_t diagnostic_specs_count;

/* Writes all of them below build_folder; out_shards[diagnostic_specs_count] lives in the arena. */
RG_MUST_CHECK enum rg_status diagnostics_write(struct store *store, const char *build_folder,
                                               struct arena *arena,
                                               struct manifest_shard *out_shards,
                                               struct rg_error *err);

#endif
