/* Extract: from a scanned repository to facts in the store, a file a task on all threads. */
#ifndef EXTRACT_EXTRACT_H
#define EXTRACT_EXTRACT_H

#include "engine/store.h"
#include "extract/fact_needs.h"
#include "extract/scan.h"

struct extract_result {
    uint64_t files_parsed, files_partial, files_skipped, files_unreadable;
    uint64_t lines, source_bytes;
    uint64_t rows;         /* of all fact tables */
    uint64_t ids_resalted; /* node ids that two files shared */
    double seconds_parse;  /* summed over threads: in the parser alone */
};

/* Creates the fact types and tables in the store; needs NULL: all of them. */
RG_MUST_CHECK enum rg_status
extract_create_tables(struct store *store, const struct fact_needs *needs, struct rg_error *err);
struct extract_request {
    struct rg_session *session;
    const struct scan *scan; /* its files get their fingerprints */
    struct store *store;
    /* Files whose ids share so many top bits lie together in the store, where nothing but the
     * haste of other threads comes between: who reads one shard reads a range of rows. */
    unsigned shard_bits;
    const struct fact_needs *needs; /* as given to extract_create_tables */
    const char *spill_folder; /* for what does not fit into memory beside the engine; NULL: none */
};

/* Fills them. Every file of the scan gets a `file` row, with a status and a reason. Afterwards no
 * two syntax nodes of the store share an id. Progress goes to the session's events (stage
 * "extract"). */
RG_MUST_CHECK enum rg_status extract_run(const struct extract_request *request,
                                         struct extract_result *out_result, struct rg_error *err);
/* name/version rows of the parser runtime and the grammars. */
size_t extract_components(struct rg_component *out_rows, size_t capacity);

#endif
