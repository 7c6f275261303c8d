/* The folder of a graph on disk (docs/on_disk.md): its names, its lock, what killed builds left
 * behind, and the steps that make a build the current one. Neighbours: build.c fills the staging
 * folder, query.c reads what `current` points to. */
#ifndef GRAPH_GRAPH_FOLDER_H
#define GRAPH_GRAPH_FOLDER_H

#include "base/arena.h"
#include "base/events.h"
#include "base/str.h"
#include "relgraph/relgraph.h"

enum { BUILD_ID_BYTES = 25 }; /* 20261122T181500-3fa9c1d2 and a NUL */

/* An output folder that this process has locked. */
struct graph_folder {
    char *root; /* real path */
    int lock;   /* file descriptor, -1: none */
};

/* Paths of one build, all owned. */
struct build_paths {
    char id[BUILD_ID_BYTES];
    char *staging; /* builds/.staging-<id> */
    char *build;   /* builds/<id> */
    char *bundle;  /* runs/.staging-<id>: what becomes the run's bundle */
    char *run;     /* runs/<id> */
    char *facts;   /* state/facts-<id>.duckdb */
    char *spill;   /* state/spill-<id> */
};

/* Makes the folder where it is missing, refuses what is not a graph's, takes the lock and removes
 * what killed builds left. Errors: USAGE for a file or a foreign folder, BUSY, IO, DISK_FULL. */
RG_MUST_CHECK enum rg_status graph_folder_open(const char *output, struct graph_folder *out_folder,
                                               struct rg_error *err);
/* Takes the lock of a graph that is there and leaves everything as it is. Errors: BUSY, IO. */
RG_MUST_CHECK enum rg_status graph_folder_lock(const char *root, struct graph_folder *out_folder,
                                               struct rg_error *err);
void graph_folder_close(struct graph_folder *folder); /* unlocks; accepts a zeroed or failed one */

/* A new id and its paths; the folders above them exist afterwards. Free with build_paths_fini. */
RG_MUST_CHECK enum rg_status build_paths_new(const struct graph_folder *folder,
                                             struct build_paths *out_paths, struct rg_error *err);
void build_paths_fini(struct build_paths *paths);

/* Makes the staged build the current one: syncs it, renames it and the bundle of its run, flips
 * `current`, and removes the builds before it and the oldest bundles. Before each step a progress
 * event of stage "publish" is sent, and a cancellation obeyed until the flip. On failure the graph
 * before is still current and build_discard cleans up; after the flip nothing fails any more. */
RG_MUST_CHECK enum rg_status build_publish(const struct graph_folder *folder,
                                           const struct build_paths *paths, unsigned bundles_kept,
                                           struct events *events, struct rg_error *err);
/* Removes everything of a build that was not published but its staged bundle, as far as that is
 * possible. */
void build_discard(const struct build_paths *paths);
/* The staged bundle of a run that published nothing takes its place among the others. */
RG_MUST_CHECK enum rg_status bundle_keep(const struct graph_folder *folder,
                                         const struct build_paths *paths, unsigned bundles_kept,
                                         struct rg_error *err);

/* The ids of the runs whose bundles a graph holds, newest first, in the arena. */
RG_MUST_CHECK enum rg_status graph_runs(const char *root, struct arena *arena, struct str **out_ids,
                                        size_t *out_n, struct rg_error *err);
/* The id of the build that `current` names; empty where there is none. */
void graph_current_id(const char *root, char out_id[BUILD_ID_BYTES]);
/* True for the name of a run and its build, such as 20261122T181500-3fa9c1d2. */
bool is_build_id(struct str name);

/* The real path of the build that a graph's folder offers to readers, owned by the caller. A
 * build's own folder is taken as it is. Errors: NOT_FOUND, CORRUPT. */
RG_MUST_CHECK enum rg_status graph_current(const char *graph, char **out_build,
                                           struct rg_error *err);

#endif
