/* Encodings of source text: which one a file is in, and its bytes as UTF-8. Neighbour: source.c. */
#ifndef EXTRACT_ENCODING_H
#define EXTRACT_ENCODING_H

#include <stdbool.h>

#include "base/buffer.h"
#include "base/str.h"
#include "relgraph/relgraph.h"

struct encoding;

/* What the first bytes say. */
struct encoding_declared {
    struct str name;    /* of a coding comment, as written; ptr NULL where there is none */
    unsigned bom_bytes; /* length of a UTF-8 byte order mark */
    bool is_wide;       /* UTF-16 or UTF-32, by its byte order mark: not text to us */
};
/* `pep263`: a comment in one of the first two lines may name the encoding, by CPython's own rules.
 */
struct encoding_declared encoding_declared(struct str bytes, bool pep263);

/* The canonical name of an encoding that is UTF-8 by any of Python's names ("utf-8"), else NULL. */
bool encoding_is_utf8(struct str name);

/* Opens a decoder for an encoding that keeps ASCII where it is (others give *out_encoding NULL, as
 * unknown names do). One thread at a time. Free with encoding_close, which accepts NULL. */
RG_MUST_CHECK enum rg_status encoding_open(struct str name, struct encoding **out_encoding,
                                           struct rg_error *err);
void encoding_close(struct encoding *encoding);
/* latin-1, cp1252, …: lower case, hyphens; lives as long as the encoding. */
const char *encoding_name(const struct encoding *encoding);
/* Appends text as UTF-8; bytes that mean nothing become U+FFFD. */
void encoding_decode(struct encoding *encoding, struct str text, struct buffer *out);
/* Replaces every byte of every character beyond ASCII by `mask`. False where some bytes mean
 * nothing. */
bool encoding_mask(struct encoding *encoding, char *text, size_t size, char mask);

#endif
