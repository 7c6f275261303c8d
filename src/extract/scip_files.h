/* The files that documents of indexes speak of: those that were parsed, and those of languages that
 * relgraph has no grammar for. Of the latter an index is all that is known. */
#ifndef EXTRACT_SCIP_FILES_H
#define EXTRACT_SCIP_FILES_H

#include "base/intmap.h"
#include "extract/scip_paths.h"
#include "extract/source_rows.h"

/* A file that only indexes know. It stays where it is while others are added. */
struct scip_named {
    struct scan_file file;
    int32_t claimed_by; /* number of the last index with a document of it, plus one */
};

struct scip_files {
    const struct scan *scan;
    uint64_t *claimed; /* a bit a file of the scan that has a document in this index */
    struct scip_named **named;
    size_t n_named, capacity;
    struct intmap ids; /* of all files: number in the scan, or behind that in `named` */
    struct arena arena;
};

/* What a document's path is. */
struct scip_file {
    const struct scan_file *file; /* NULL: the repository has none */
    struct scip_named *named;     /* NULL: it is one of the scan's */
    bool is_claimed;              /* by an earlier document of the index */
    uint64_t fingerprint;         /* as it was parsed, or read for another index; 0: it was not */
};

/* Zero is ready to be opened. `scan`, whose files were extracted, must outlive it. */
RG_MUST_CHECK enum rg_status scip_files_open(struct scip_files *files, const struct scan *scan,
                                             struct rg_error *err);
/* The documents that follow are another index's. */
void scip_files_next_index(struct scip_files *files);
/* Finds the file of a document of an index and claims it. A file on disk of no language that we
 * parse is taken in, with an id and an ordinal of its own, in the order of the calls. */
RG_MUST_CHECK enum rg_status scip_files_claim(struct scip_files *files, int32_t index,
                                              const struct str *paths, size_t n_paths,
                                              struct arena *scratch, struct scip_file *out_file,
                                              struct rg_error *err);
void scip_files_close(struct scip_files *files);

/* Appends the rows of a named file that was not read before. `language` as the index writes it.
 * lines NULL: not wanted. */
void scip_named_rows(struct scip_named *named, struct source *source, struct str language,
                     struct arena *scratch, struct batch *files, struct batch *lines);

#endif
