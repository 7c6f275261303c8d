/* One part of a SCIP index, a document or an external symbol, from its encoded bytes to rows. */
#ifndef EXTRACT_SCIP_DOCUMENT_H
#define EXTRACT_SCIP_DOCUMENT_H

#include "base/intmap.h"
#include "extract/source.h"
#include "fact_tables.h"
#include "kernels/text_positions.h"

struct scip_known;

struct scip_owner {
    struct str text;
    int64_t id;
};

enum { SCIP_RECENT = 1024 }; /* a power of two */

/* What a thread keeps from part to part. Zero is a valid one; batches as in fact_sink. */
struct scip_worker {
    struct batch *batches[FACT_COUNT];
    struct arena decoded; /* of the part: what protobuf-c makes */
    struct arena arena;   /* of the part: everything else */
    struct intmap ids;    /* number of a symbol below, by its id */
    struct intmap relations;
    struct scip_known *known; /* symbols of the part */
    size_t n_known, known_capacity;
    uint32_t recent[SCIP_RECENT]; /* number of a symbol of the part, plus one; see scip_known.c */
    struct scip_owner owner;      /* the one that was asked for last */
    size_t last_global; /* number of the last of them that is not local, plus one; 0: none */
};
void scip_worker_fini(struct scip_worker *worker);

/* What is known of a document before it is decoded. */
struct scip_document {
    int32_t index, document;
    struct str path;         /* as the index writes it, any bytes */
    int64_t file_id;         /* NULL_INT64: no file of the repository */
    enum scip_status status; /* READ, or why it is not read: then there is one row and a problem */
    const struct source *source;        /* of the file; for READ */
    enum position_encoding tool_counts; /* in what the index's tool counts, where it is known */
    /* Filled: */
    uint64_t occurrences, placed;
};

/* Appends the rows of a document, and sets its status where it turns out not to be what it seems.
 * Errors are memory only; what the batches say is for the caller to look at. */
RG_MUST_CHECK enum rg_status scip_document_rows(struct scip_worker *worker,
                                                struct scip_document *document, struct str bytes,
                                                struct rg_error *err);
/* Appends the rows of an external symbol; `document` is its negative number. */
RG_MUST_CHECK enum rg_status scip_external_rows(struct scip_worker *worker, int32_t index,
                                                int32_t document, struct str bytes,
                                                struct rg_error *err);

/* What an index says of itself. Texts are valid UTF-8 in the arena. */
struct scip_metadata {
    struct str tool, tool_version, project_root;
};
RG_MUST_CHECK enum rg_status scip_metadata_read(struct str bytes, struct arena *arena,
                                                struct scip_metadata *out_metadata,
                                                struct rg_error *err);

/* Appends a row of scip_problem; texts may be any bytes. */
void scip_problem(struct scip_worker *worker, const struct scip_document *document,
                  const char *what, struct str detail);

#endif
