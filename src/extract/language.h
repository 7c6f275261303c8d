/* A language: a grammar, file patterns, and the role table compiled from its query file. */
#ifndef EXTRACT_LANGUAGE_H
#define EXTRACT_LANGUAGE_H

#include <tree_sitter/api.h>

#include "base/arena.h"
#include "base/str.h"
#include "engine/batch.h"
#include "relgraph/relgraph.h"

struct role_table; /* see roles.h */

struct language {
    const char *name;            /* python */
    const char *const *patterns; /* file name endings (".py") or whole names, NULL-terminated */
    const char *const *shebangs; /* interpreters: "python" (a version may follow) */
    const TSLanguage *(*grammar)(void);
    const char *query_file; /* embedded: "python/python.scm" */
    const char *grammar_version;
    bool pep263;      /* a coding comment may declare the encoding */
    bool joins_lines; /* a line end inside brackets means nothing, see join_lines.h */
};

extern const struct language languages[];
extern const size_t languages_count;

/* By file name; NULL where none fits. */
const struct language *language_of_name(struct str file_name);
/* By the first line of a file without a telling name; NULL where it is no known shebang. */
const struct language *language_of_shebang(struct str first_line);

/* The two vocabularies that grammars fill, over all languages, sorted by name: node kinds (and
 * "ERROR") and field names. They live in the arena; `name` is that of the enum type. */
RG_MUST_CHECK enum rg_status language_kinds(struct arena *arena, struct vocabulary *out_kinds,
                                            struct rg_error *err);
RG_MUST_CHECK enum rg_status language_fields(struct arena *arena, struct vocabulary *out_fields,
                                             struct rg_error *err);
/* Number of a text in a sorted vocabulary, NULL_ENUM where it is not in it. */
uint16_t language_number(const struct vocabulary *vocabulary, const char *text);

#endif
