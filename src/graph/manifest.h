/* manifest.json: what a build was made from and what it holds, without a time or an absolute path,
 * so that two builds of the same inputs have the same manifest. What differs from run to run is in
 * runs/<id>/run.json. Both are written and read here. */
#ifndef GRAPH_MANIFEST_H
#define GRAPH_MANIFEST_H

#include <jansson.h>

#include "base/arena.h"
#include "base/str.h"
#include "relgraph/relgraph.h"
#include "run/run.h"

enum {
    MANIFEST_FORMAT = 1,
    MANIFEST_BYTES_MAX = 64 << 20 /* 256 shards a dataset need some 100 KB */
};

/* One file of a dataset. */
struct manifest_shard {
    struct str dataset;
    struct str path; /* relative to the build's folder */
    uint64_t rows, bytes;
    char sha256[65];
    enum dataset_writer writer;
    const struct run_column *columns; /* NULL: no statistics; not read back */
    size_t n_columns;
};

/* What is written; see build.c for where it comes from. Everything is borrowed. */
struct manifest_input {
    const struct rg_build_request *request;
    const struct rg_build_result *result;
    const char *settings_sha256;   /* of the settings that change results */
    struct manifest_shard *shards; /* sorted by the writer */
    size_t n_shards;
    const struct rule_set *rules;
    const struct run_result *run; /* what was promised of datasets */
    enum rg_tier tier;            /* of those that nobody named */
    bool tier_forced;             /* whatever the request said */
    char inputs_sha256[65];       /* over every (path, content hash) */
};

/* The JSON text of a manifest, malloc'ed. */
RG_MUST_CHECK enum rg_status manifest_text(const struct manifest_input *input, char **out_text,
                                           struct rg_error *err);

/* A path stays inside the folder that it is relative to, whoever wrote it. */
bool path_is_inside(const char *path);
/* Versions of what is linked in, by name; NULL when memory is out. */
json_t *components_json(void);

/* A manifest that was read and checked: its shards exist and have the sizes it tells. */
struct manifest {
    struct arena arena;
    struct manifest_shard *shards; /* grouped by dataset */
    size_t n_shards;
};
/* Errors: CORRUPT for what is no manifest, is of a later format, or does not fit its folder. Free
 * with manifest_fini, also after failure. */
RG_MUST_CHECK enum rg_status manifest_open(const char *build_folder, struct manifest *out_manifest,
                                           struct rg_error *err);
/* The same for a copy of a manifest, beside which there are no files. */
RG_MUST_CHECK enum rg_status manifest_read(const char *folder, struct manifest *out_manifest,
                                           struct rg_error *err);
void manifest_fini(struct manifest *manifest);

#endif
