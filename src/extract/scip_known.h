/* The symbols that one part of a SCIP index names, each once; inside of scip_document.c. */
#ifndef EXTRACT_SCIP_KNOWN_H
#define EXTRACT_SCIP_KNOWN_H

#include "extract/scip_decode.h"
#include "extract/scip_document.h"
#include "extract/scip_symbol.h"

struct scip_known {
    struct str text;
    int64_t id;
    struct scip_symbol symbol;
    const char *problem; /* not NULL: it is no symbol, and that was told */
    bool told;           /* has a row already */
};

/* The number of a symbol among those of the part; -1 when memory is out. */
int64_t scip_known_number(struct scip_worker *worker, const struct scip_document *document,
                          struct str text);
/* The same, lent until the next call. NULL where it is no symbol, or when memory is out, which
 * sets worker->arena.failed. */
struct scip_known *scip_known_of(struct scip_worker *worker, const struct scip_document *document,
                                 struct str text);
/* Forgets all, for the next part. */
void scip_known_clear(struct scip_worker *worker);
/* The name by which the text at an occurrence can be checked; ptr NULL where there is none. */
struct str scip_known_name(const struct scip_known *known);

/* Valid UTF-8 for a column that may be NULL: an empty text is; what is not UTF-8 is replaced, which
 * is told. */
struct str scip_text(struct scip_worker *worker, const struct scip_document *document,
                     const char *what, struct str text);
/* Parts with an empty line between; ptr NULL where there is none. */
struct str scip_join(struct scip_worker *worker, const struct scip_document *document,
                     const char *what, const ProtobufCBinaryData *parts, size_t n);
/* The row of a symbol and of its relationships; `information` may be NULL. */
void scip_symbol_rows(struct scip_worker *worker, const struct scip_document *document,
                      struct scip_known *known, const Scip__SymbolInformation *information);
/* What a document or an external symbol says of a symbol. */
void scip_information_rows(struct scip_worker *worker, const struct scip_document *document,
                           const Scip__SymbolInformation *information);
/* Rows of the symbols that were mentioned and have none yet. */
void scip_mentioned_rows(struct scip_worker *worker, const struct scip_document *document);

#endif
