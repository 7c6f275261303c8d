/* A SCIP index, a document at a time. The format is published as scip.proto
 * (github.com/sourcegraph/scip); what we know of it is in extract/scip.proto. */
#ifndef GRAPH_EXPORT_SCIP_H
#define GRAPH_EXPORT_SCIP_H

#include "base/arena.h"
#include "base/buffer.h"
#include "relgraph/relgraph.h"

/* Where symbols are unique: `relgraph python NAME VERSION ` before their descriptors. */
struct scip_project {
    const char *name, *version; /* NULL: not told */
};

struct scip_writer;

RG_MUST_CHECK enum rg_status scip_writer_open(const struct scip_project *project,
                                              struct scip_writer **out_writer,
                                              struct rg_error *err);
void scip_writer_close(struct scip_writer *writer);

/* The message that an index begins with, appended to `out`. */
RG_MUST_CHECK enum rg_status scip_write_metadata(const char *project_root, struct buffer *out,
                                                 struct rg_error *err);

/* A document: begin, its lines, its symbols by text with the relationships of each behind it, its
 * occurrences by place; end appends it to `out`. Texts need live no longer than the call. */
RG_MUST_CHECK enum rg_status scip_document_begin(struct scip_writer *writer, struct str path,
                                                 struct str language, struct rg_error *err);
RG_MUST_CHECK enum rg_status scip_document_line(struct scip_writer *writer, uint32_t start_byte,
                                                struct rg_error *err);
/* `what` is a word of the column symbols.what; owner and signature may be without text. */
RG_MUST_CHECK enum rg_status scip_document_symbol(struct scip_writer *writer, struct str symbol,
                                                  struct str what, struct str name,
                                                  struct str owner, struct str signature,
                                                  struct rg_error *err);
RG_MUST_CHECK enum rg_status scip_document_implements(struct scip_writer *writer, struct str symbol,
                                                      struct str target, struct rg_error *err);
/* `role` is a word of the column occurrences.role; enclosing: empty where start is not before end.
 */
RG_MUST_CHECK enum rg_status scip_document_occurrence(struct scip_writer *writer, struct str symbol,
                                                      struct str role, const uint32_t span[2],
                                                      const uint32_t enclosing[2],
                                                      struct rg_error *err);
RG_MUST_CHECK enum rg_status scip_document_end(struct scip_writer *writer, struct buffer *out,
                                               struct rg_error *err);
/* What was written so far. */
void scip_writer_counts(const struct scip_writer *writer, struct rg_exported *out_counts);

#endif
