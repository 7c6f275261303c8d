/* What a part of an index says, decoded: nothing is checked but the encoding. */
#ifndef EXTRACT_SCIP_DECODE_H
#define EXTRACT_SCIP_DECODE_H

#include <scip.pb-c.h>

#include "base/arena.h"
#include "extract/scip_spans.h"

static inline struct str str_of_bytes(ProtobufCBinaryData bytes)
{
    return (struct str){bytes.data ? (const char *)bytes.data : "", bytes.len};
}

/* A range that can be read has no reason (SPAN_REASON_COUNT). */
struct scip_told_range {
    struct scip_range range;
    enum span_reason reason;
};

struct scip_told {
    struct str symbol; /* lent from the part */
    int32_t roles;
    struct scip_told_range range, enclosing;
    const Scip__Occurrence *rest; /* what few have, documentation and diagnostics; or NULL */
};

struct scip_message {
    struct str text, language;
    int32_t encoding;
    struct scip_told *told;
    size_t n_told;
    const Scip__SymbolInformation **symbols;
    size_t n_symbols;
};

enum scip_decoded {
    SCIP_DECODED,
    SCIP_DECODED_CORRUPT,
    SCIP_DECODED_TOO_LARGE, /* the arena's maximum was reached */
    SCIP_DECODED_NO_MEMORY
};

/* A document. What it points to lives in the arena, or in `bytes`. */
RG_MUST_CHECK enum scip_decoded scip_decode_document(struct str bytes, struct arena *arena,
                                                     struct scip_message *out_message);
/* A symbol outside of documents. The same. */
RG_MUST_CHECK enum scip_decoded scip_decode_symbol(struct str bytes, struct arena *arena,
                                                   const Scip__SymbolInformation **out_symbol);

#endif
