/* The bundle of a run, runs/<id>: all that it takes to understand a run and to run it again
 * elsewhere (docs/runs.md). bundle.json names its files with their hashes and is sealed by a hash
 * of itself: a changed bundle is told, a forged one is not, so that nothing in it is trusted beyond
 * what a rule may do. Neighbours: bundle_write.c, bundle_read.c; run_record.c writes run.json. */
#ifndef GRAPH_BUNDLE_H
#define GRAPH_BUNDLE_H

#include <jansson.h>

#include "graph/build_state.h"

enum { BUNDLE_FORMAT = 1 };

/* Fills the staged bundle of a run that succeeded (`failure` NULL) or failed. What others have put
 * there before (diagnostics) becomes part of it. */
RG_MUST_CHECK enum rg_status bundle_write(const struct build *build, const struct rg_error *failure,
                                          struct rg_error *err);

/* A hash of a file's content that is as fast as reading it (XXH3 of its pieces): it tells facts
 * that were changed, and does not pretend to withstand an attacker. */
enum { FACTS_HASH_BYTES = 33 };
RG_MUST_CHECK enum rg_status facts_hash(const char *path, unsigned threads,
                                        char out_hex[FACTS_HASH_BYTES], struct rg_error *err);

/* --- Reading -------------------------------------------------------------------------------- */

/* What a run's bundle says of itself. */
struct bundle {
    struct arena arena;
    json_t *index; /* bundle.json */
    const char *folder;
    const char *run, *result, *tier; /* of the index */
};
/* Opens a bundle and checks its seal and the hash of each of its files. Errors: NOT_FOUND, CORRUPT.
 * Free with bundle_fini, also after failure. */
RG_MUST_CHECK enum rg_status bundle_open(const char *folder, struct bundle *out_bundle,
                                         struct rg_error *err);
void bundle_fini(struct bundle *bundle);
/* The seal alone, without a look at the files: for lists. The caller frees the object. */
RG_MUST_CHECK enum rg_status bundle_index(const char *folder, json_t **out_index,
                                          struct rg_error *err);
/* The hash that seals an index: over all of it but the seal. False when memory is out. */
bool bundle_seal(const json_t *index, char out_hex[65]);

/* The steps of a bundle; texts live in its arena. Errors: CORRUPT. */
RG_MUST_CHECK enum rg_status bundle_steps(struct bundle *bundle, struct run_step **out_steps,
                                          size_t *out_n, struct rg_error *err);

#endif
