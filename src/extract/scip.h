/* SCIP indexes into the fact tables: what compilers know of names, in bytes of the files at hand.
 *
 *   scip_reader     the index as a stream of parts
 *   scip_document   a part into rows; scip_known its symbols, scip_spans its places
 *   scip_symbol     symbol strings, read and written
 */
#ifndef EXTRACT_SCIP_H
#define EXTRACT_SCIP_H

#include "engine/store.h"
#include "extract/fact_needs.h"
#include "extract/scan.h"

/* What an index came to. Texts live in the arena that was given. */
struct scip_tally {
    struct str name; /* of the file, without its folder */
    char sha256[65];
    uint64_t size_bytes;
    struct str tool, tool_version; /* empty where it does not say */
    struct str prefix;             /* what its paths have before the repository's own */
    uint64_t documents, documents_read;
    uint64_t occurrences, placed; /* of the documents that were read */
};

struct scip_request {
    struct rg_session *session;
    const struct scan *scan;
    struct store *store; /* with the facts of the files, but those that are re-salted may follow */
    const struct fact_needs *needs;
    const char *const *paths; /* of the indexes */
    size_t n_paths;
};

/* What of an index the diagnostics tell, beside what rules read. */
void scip_needs_told(struct fact_needs *needs);

struct scip_result {
    uint64_t rows;          /* of all fact tables */
    uint64_t files_indexed; /* of languages that are not parsed: they have their rows from here */
};

/* Reads the indexes one after the other, each on all threads of extraction. out_tallies has n_paths
 * of them. What is wrong with a document is a row of scip_problem; errors are CORRUPT for a file
 * that is no whole index, NOT_FOUND, USAGE, IO, MEMORY, CANCELLED and the store's. */
RG_MUST_CHECK enum rg_status scip_run(const struct scip_request *request, struct arena *arena,
                                      struct scip_tally *out_tallies,
                                      struct scip_result *out_result, struct rg_error *err);

#endif
