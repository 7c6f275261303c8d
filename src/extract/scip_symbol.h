/* Symbol strings of SCIP, by the grammar of the published format:
 *
 *   symbol      scheme ' ' manager ' ' package ' ' version ' ' descriptor… | 'local ' id
 *   descriptor  name/ namespace   name# type   name. term   name(disambiguator). method
 *               name: meta   name! macro   [name] type parameter   (name) parameter
 *
 * A blank in the first four is written twice, an empty manager, package or version as a dot. A name
 * of other characters than ASCII letters, digits and _+-$ stands in backticks, a backtick in it
 * twice. */
#ifndef EXTRACT_SCIP_SYMBOL_H
#define EXTRACT_SCIP_SYMBOL_H

#include "base/arena.h"
#include "base/buffer.h"
#include "fact_tables.h"

struct scip_name {
    enum scip_descriptor kind;
    struct str name;          /* without escapes */
    struct str disambiguator; /* of a method; empty where it has none */
    size_t start, end;        /* bytes of the symbol's text; not read when it is written */
};

struct scip_symbol {
    /* All NULL for a local symbol, whose id is the name of its one descriptor. */
    struct str scheme, manager, package, version;
    struct scip_name *descriptors; /* at least one */
    size_t n_descriptors;
    bool is_local;
};

/* Takes a symbol apart. NULL where it is one, else what is wrong with it (static). Texts are lent
 * from `text`, or live in the arena; when memory is out, arena->failed is set. */
RG_MUST_CHECK const char *scip_symbol_parse(struct str text, struct arena *arena,
                                            struct scip_symbol *out_symbol);
/* The same, beside another global symbol and its text: what both begin with is not taken apart
 * again, but lent from there, descriptors that both have included. */
RG_MUST_CHECK const char *scip_symbol_parse_like(struct str text, struct str like_text,
                                                 const struct scip_symbol *like,
                                                 struct arena *arena,
                                                 struct scip_symbol *out_symbol);
/* Appends the one text of a symbol; NULL, or why it has none (static), and nothing is appended. */
RG_MUST_CHECK const char *scip_symbol_print(const struct scip_symbol *symbol, struct buffer *out);

#endif
