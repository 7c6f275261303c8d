/* Syntax: one file's tree, walked once with the role table, turned into rows. */
#ifndef EXTRACT_SYNTAX_H
#define EXTRACT_SYNTAX_H

#include <stdatomic.h>

#include "base/id_lists.h"
#include "extract/language.h"
#include "extract/source.h"
#include "fact_tables.h"

/* What a worker thread keeps from file to file. */
struct syntax_worker;

/* parse_seconds_max: of the processor, for one file. */
RG_MUST_CHECK enum rg_status syntax_worker_new(double parse_seconds_max,
                                               struct syntax_worker **out_worker,
                                               struct rg_error *err);
void syntax_worker_free(struct syntax_worker *worker);
/* Seconds that this worker has spent in the parser alone. */
double syntax_worker_parse_seconds(const struct syntax_worker *worker);

/* What extracting one file came to. */
struct syntax_outcome {
    enum file_status status; /* parsed, partial, skipped */
    const char *reason; /* of skipped: too_deep, parse_timeout, …; else NULL or pass_through_cut */
    uint64_t rows;
};

/* Where rows go: one batch a fact table, in the order of enum fact_table; NULL batches drop rows.
 */
struct fact_sink {
    struct batch *batches[FACT_COUNT];
    struct id_lists *ids; /* gets the id of every syntax node and variable; may be NULL */
};

/* Parses the source and appends every fact of the file but its `file` row. `cancelled` (may be
 * NULL) is polled. Errors are memory, cancellation and the sink's; what is wrong with the text is
 * an outcome, and a skipped file appends no syntax. */
RG_MUST_CHECK enum rg_status
syntax_extract(struct syntax_worker *worker, const struct scan_file *file,
               const struct source *source, struct fact_sink *sink, atomic_bool *cancelled,
               struct syntax_outcome *out_outcome, struct rg_error *err);

#endif
