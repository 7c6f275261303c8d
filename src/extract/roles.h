/* Roles: a language's query file compiled into tables that the walk looks up by node kind, by
 * (parent kind, field) and by (parent kind, token). docs/languages.md describes the file. */
#ifndef EXTRACT_ROLES_H
#define EXTRACT_ROLES_H

#include <tree_sitter/api.h>

#include "base/str.h"
#include "extract/language.h"
#include "fact_tables.h"
#include "relgraph/relgraph.h"

/* What the engine does at a node, where its role alone does not say. */
enum role_form {
    FORM_NONE,
    FORM_TYPE_SCOPE,      /* type parameters of a definition */
    FORM_CLAUSE,          /* a `for` of a comprehension */
    FORM_WRAPPER,         /* around a definition, does not count for ids */
    FORM_DECORATOR,       /* applies its expression to the definition beside it */
    FORM_POSITIONAL_MARK, /* parameters before it are positional only */
    FORM_KEYWORD_MARK,    /* parameters behind it are keyword only */
    FORM_ASSIGN,          /* .target takes .value; variant is an enum assign_kind */
    FORM_AS,              /* .value goes to .target where it stands (with, except) */
    FORM_CAPTURE,         /* a name that a pattern binds, unless it is dotted */
    FORM_KEYWORD_ARGUMENT,
    FORM_TYPE_TOKEN, /* `type` where it opens an alias, or what was taken for one */
    FORM_IMPORT_FROM,
    FORM_IMPORT_MODULE,
    FORM_IMPORT_PREFIX,
    FORM_IMPORT_NAME,
    FORM_IMPORT_ALIAS,
    FORM_IMPORT_STAR,
    FORM_IMPORT_FUTURE,
    FORM_GLOBAL,
    FORM_NONLOCAL,
    FORM_TYPE_ALIAS,
    FORM_TOKEN, /* its inside has no rows */
    FORM_SKIP   /* it has no row itself, and nothing below it */
};

/* Flags of a node. The first ones come from rules, the others are the engine's own. */
enum role_flag {
    FLAG_PATTERN = 1u << 0,      /* children inherit its access: a, (b, c) = … */
    FLAG_STAR = 1u << 1,         /* takes or gives several: *a */
    FLAG_DOUBLE_STAR = 1u << 2,  /* **a */
    FLAG_OUTSIDE = 1u << 3,      /* evaluated where annotations are: around the scope above */
    FLAG_AROUND = 1u << 4,       /* evaluated where the scope above is written */
    FLAG_FIRST_AROUND = 1u << 5, /* the same, where the parent is the first clause */
    FLAG_EXPORT = 1u << 6,       /* the list of public names */
    FLAG_IMPLICIT = 1u << 7,     /* looks like a binding or operand, is none */
    FLAG_ASYNC = 1u << 8,

    FLAG_EXTRA = 1u << 9,      /* may stand anywhere: comments */
    FLAG_STATEMENT = 1u << 10, /* its id hangs from the enclosing definition */
    FLAG_ID_DONE = 1u << 11,
    FLAG_CONDITIONAL = 1u << 12, /* may not run */
    FLAG_CAPTURE = 1u << 13,     /* inside the pattern of a case */
    FLAG_CHAINED = 1u << 14,     /* right-hand side of another assignment */
    FLAG_FIRST = 1u << 15,       /* first clause of its comprehension */
    FLAG_OPERATOR_SEEN = 1u << 16,
    FLAG_BINDS = 1u << 17, /* marked ahead: a type parameter or the name of an alias */
    FLAG_SLOT_INHERITED = 1u << 18,
    FLAG_DECLARED = 1u << 19 /* annotated without a value */
};

enum { ROLE_UNSET = 0xFF, PLACE_ANY = -1 };

/* What one pattern says. Fields that are ROLE_UNSET, zero or PLACE_ANY say nothing. */
struct role_rule {
    uint8_t role, slot, access, form, variant;
    bool on_parent;                              /* says it of the parent of the child it matches */
    int16_t place;                               /* only for the n-th named child without a field */
    uint16_t child;                              /* only for a child of this symbol */
    uint16_t literal;                            /* only for this text */
    uint16_t operator_name, operator_many, name; /* texts, 0 for none */
    uint16_t attributes, n_attributes;           /* in the table's list */
    uint32_t flags;
    uint16_t next; /* rule that is tried next under the same key, 0 for none */
};

struct role_attribute {
    uint16_t key, value; /* texts */
};

/* Immutable once compiled; any thread may read it. */
struct role_table {
    const TSLanguage *grammar;
    uint32_t n_symbols, n_fields; /* fields without the 0 for "none" */
    struct role_rule *rules;      /* number 0 is no rule */
    uint16_t *base;               /* by symbol */
    uint16_t *any;                /* by parent symbol: children of any field */
    uint16_t *edges;              /* by parent symbol * (n_fields + 1) + field */
    uint16_t *token_rows;         /* by parent symbol: row in `tokens`, 0 for none */
    uint16_t *tokens;             /* by row * n_symbols + symbol */
    struct str *texts;            /* number 0 is no text */
    size_t n_texts;
    struct role_attribute *attributes;
    uint16_t *kinds;  /* by symbol: number in the vocabulary of kinds */
    uint16_t *fields; /* by field id; NULL_ENUM for 0 */
    uint16_t kind_of_error;
    bool *is_name;          /* by symbol: an identifier, whatever part it plays */
    uint16_t name_symbol;   /* of identifiers: a token that is made a node is one */
    uint64_t *name_hashes;  /* by symbol: stable hash of its name */
    uint64_t *place_hashes; /* by symbol (the last for ERROR) and field: of both their names */
};

/* Compiles the text of a query file for a grammar. `file` is for messages. Errors are RG_ERR_PARSE
 * with line and column, or memory. Free with role_table_free. */
RG_MUST_CHECK enum rg_status role_table_compile(const TSLanguage *grammar, const char *file,
                                                struct str text, struct role_table **out_table,
                                                struct rg_error *err);
void role_table_free(struct role_table *table);

/* A word behind an @: what it says is written into *rule. False where no such word exists. */
bool role_word(struct str word, struct role_rule *rule);
/* The name of a role, as in the vocabulary. */
const char *role_name(enum role role);

#endif
