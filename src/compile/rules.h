/* Rules: files with a header and one SELECT, loaded, understood, and put in order. Links no engine:
 * what a SELECT reads and returns is asked of an oracle, today the engine, tomorrow our own binder.
 */
#ifndef COMPILE_RULES_H
#define COMPILE_RULES_H

#include "compile/contract.h"

struct rule_column {
    struct str name, type;
};

/* Answers for one SELECT, over the facts and the relations declared so far. What a SELECT reads is
 * found by ourselves (reads.c), because it must be known before the relations that it reads exist.
 */
struct rule_oracle {
    void *context;
    /* The columns of a SELECT, without running it, and the relations that it reads, as far as the
     * oracle knows (a second opinion). Places in errors are lines and columns of `sql`. */
    enum rg_status (*describe)(void *context, struct str sql, struct arena *arena,
                               struct rule_column **out_columns, size_t *out_n_columns,
                               struct str **out_relations, size_t *out_n_relations,
                               struct rg_error *err);
    /* From now on `name` is a relation with these columns (types of the engine or of datasets.sql).
     */
    enum rg_status (*declare)(void *context, struct str name, const struct rule_column *columns,
                              size_t n_columns, struct rg_error *err);
};

struct rule {
    struct str name; /* file name without .sql */
    struct str file; /* for messages */
    bool built_in;
    struct str sql;           /* the SELECT alone, without header and final semicolon */
    uint32_t sql_line;        /* of the file, where it starts */
    struct str emits_dataset; /* nodes, edges, props, unresolved, or an intermediate's name */
    struct str *emits_kinds;  /* of datasets with kinds: one, or several where the SELECT has a
                                 `kind` column */
    size_t n_emits_kinds;
    struct str resolution, layer, language, why;
    double confidence; /* < 0: from the table of resolutions, or a column of the SELECT */
    struct str confidence_column; /* header `confidence: name`; ptr NULL: the column `confidence`,
                                     where there is one */
    struct str params;            /* as written */
    struct str *tags;
    size_t n_tags;
    bool unique; /* header `unique: yes`: no two rows share the dataset's key, of kinds that choose
                  * one target no two rows a source (audited) */
    bool unique_in_kind; /* header `unique: kind`: nor with a row of another rule for the same kind
                          */
    struct str audit;    /* of audits: what the rows it returns break; ptr NULL for rules */
    struct str
        proof; /* of audits: a SELECT of one truth value; where it is true the audit need not run */
    /* filled by rule_set_resolve */
    struct rule_column *columns;
    size_t n_columns;
    struct str *reads;
    size_t n_reads;                /* facts, intermediates, edges_call, nodes_method, …; sorted */
    bool *reads_twice;             /* of each: the SELECT names it more than once */
    const struct dataset *dataset; /* NULL for intermediates */
    char sha256[65];               /* of the file's text */
};

/* A relation that rules read: (dataset, kind), or an intermediate. */
struct relation {
    struct str name;          /* edges_call, nodes_method, module, … */
    struct str dataset, kind; /* kind ptr NULL for intermediates and datasets without kinds */
    uint32_t *rules;          /* indexes of the rules that emit it */
    size_t n_rules;
    uint32_t *readers; /* indexes of the rules that read it */
    size_t n_readers;
};

struct rule_set {
    struct arena arena;
    struct contracts contracts;
    struct rule *rules;
    size_t n_rules; /* sorted by name */
    struct rule *audits;
    size_t n_audits; /* sorted by name */
    struct relation *relations;
    size_t n_relations; /* in an order in which each comes behind what it reads */
};

/* Loads the embedded datasets and rules and those of the given folders (added, never replacing: an
 * equal name is an error), checks headers. Errors carry rule, file, line, column. Free with
 * rule_set_fini, also after failure. */
RG_MUST_CHECK enum rg_status rule_set_load(const char *const *folders, size_t n_folders,
                                           struct rule_set *out_set, struct rg_error *err);
/* As above from texts, for tests. */
struct rule_text {
    struct str name, file, text;
    bool built_in;
};
RG_MUST_CHECK enum rg_status rule_set_parse(struct str datasets, const struct rule_text *texts,
                                            size_t n_texts, struct rule_set *out_set,
                                            struct rg_error *err);
/* Finds out what rules read and return, checks them against their contracts, and orders the
 * relations. A cycle is an error that names its members. */
RG_MUST_CHECK enum rg_status
rule_set_resolve(struct rule_set *set, const struct rule_oracle *oracle, struct rg_error *err);
/* The columns that readers of a product relation see: the contract's without path and language, and
 * the owner. They live in the set's arena. */
RG_MUST_CHECK enum rg_status rule_set_exposed(struct rule_set *set, const struct dataset *dataset,
                                              struct rule_column **out_columns,
                                              size_t *out_n_columns, struct rg_error *err);
const struct relation *rule_set_relation(const struct rule_set *set, struct str name);
void rule_set_fini(struct rule_set *set);

#endif
