/* The outer message of a SCIP index, read from a file part by part: nothing grows with the index.
 * The parts are decoded elsewhere (scip_document.c). */
#ifndef EXTRACT_SCIP_READER_H
#define EXTRACT_SCIP_READER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"
#include "relgraph/relgraph.h"

struct scip_reader;

enum scip_part_kind {
    SCIP_PART_END,
    SCIP_PART_METADATA,
    SCIP_PART_DOCUMENT,
    SCIP_PART_EXTERNAL /* a symbol that is defined in no document */
};

/* The bytes of one part: kept by their holder from part to part. Zero is a valid empty one. */
struct scip_part {
    enum scip_part_kind kind;
    char *bytes; /* malloc'ed */
    size_t size, capacity;
    uint64_t size_told; /* larger than size: too large to be taken in, and passed over */
};
void scip_part_fini(struct scip_part *part);

/* Errors: NOT_FOUND, USAGE (a folder), IO, MEMORY. */
RG_MUST_CHECK enum rg_status scip_reader_open(const char *path, struct scip_reader **out_reader,
                                              struct rg_error *err);
/* The next part; fields that are none are passed over. Errors: CORRUPT for what is no whole SCIP
 * index, IO, MEMORY. */
RG_MUST_CHECK enum rg_status scip_reader_next(struct scip_reader *reader, struct scip_part *part,
                                              struct rg_error *err);
/* Hashes what was read and is not hashed yet. May be called beside scip_reader_next, by any thread;
 * where nobody does, the reading does it as it goes. */
void scip_reader_hash(struct scip_reader *reader);
/* Bytes of the file, and how many of them were read. */
uint64_t scip_reader_size(const struct scip_reader *reader);
uint64_t scip_reader_done(const struct scip_reader *reader);
/* Of all that was read; after SCIP_PART_END only, once, and when no thread hashes any more. */
void scip_reader_sha256(struct scip_reader *reader, char out_hex[65]);
void scip_reader_close(struct scip_reader *reader); /* accepts NULL */

#endif
