/* Rules: files with a header and one SELECT, loaded, understood, and put in order. Links no engine:
 * what a SELECT reads comes from its tree, what it returns from our binder. Only an opaque rule,
 * one beyond the SQL that we understand (docs/sql.md), needs an oracle. */
#ifndef COMPILE_RULES_H
#define COMPILE_RULES_H

#include "compile/contract.h"
#include "sql/sql_analysis.h"

struct rule_column {
    struct str name, type;
};

/* The engine's word on opaque rules, over the facts and the relations declared so far. */
struct rule_oracle {
    void *context;
    /* The columns of a SELECT, without running it. Places in errors are lines and columns of `sql`.
     */
    enum rg_status (*describe)(void *context, struct str sql, struct arena *arena,
                               struct rule_column **out_columns, size_t *out_n_columns,
                               struct rg_error *err);
    /* From now on `name` is a relation with these columns (types of the engine or of datasets.sql).
     */
    enum rg_status (*declare)(void *context, struct str name, const struct rule_column *columns,
                              size_t n_columns, struct rg_error *err);
};

/* A way in which a rule of a fixpoint finds new rows: one of its reads of the group's relations is
 * of the rows that the round before found (under its name with RULE_NEW_PREFIX), the others of all.
 */
struct rule_step {
    struct str reads_new; /* relation; ptr NULL: reads no new rows, all of it is run again */
    struct str sql;
    bool linear; /* it reads the group once, in the FROM of its SELECT */
};
#define RULE_RESERVED_PREFIX                                                                       \
    "fixpoint_" /* no relation and no CTE of a fixpoint has such a name                            \
                 */
#define RULE_NEW_PREFIX RULE_RESERVED_PREFIX "new_"

/* A column that a rule needs of what it reads. */
struct rule_required {
    struct str relation, column; /* column "*": all, as far as is known */
};

struct rule {
    struct str name; /* file name without .sql */
    struct str file; /* for messages */
    struct str text; /* of the whole file */
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
    struct str *tags;
    size_t n_tags;
    bool unique; /* header `unique: yes`: no two rows share the dataset's key, of kinds that choose
                  * one target no two rows a source (audited) */
    bool unique_in_kind; /* header `unique: kind`: nor with a row of another rule for the same kind
                          */
    bool witness;        /* header `witness: yes`: what it finds rests on another source than what
                          * rules without it find, so neither beats the other */
    struct str fixpoint; /* header: the group of rules with which it recurs; ptr NULL: none */
    bool opaque;         /* beyond the SQL that we understand: no tree, no lineage */
    bool broken;         /* of a set that keeps going: an error was told of it */
    struct rg_error *opaque_why; /* what is beyond; NULL for others */
    struct sql_text parsed;      /* of `sql`; root NULL where opaque */
    struct str audit;            /* of audits: what the rows it returns break; ptr NULL for rules */
    struct str
        proof; /* of audits: a SELECT of one truth value; where it is true the audit need not run */
    /* filled by rule_set_resolve */
    struct rule_column *columns;
    size_t n_columns;
    struct str *reads;
    size_t n_reads;    /* facts, intermediates, edges_call, nodes_method, …; sorted */
    bool *reads_twice; /* of each: the SELECT names it more than once */
    bool needed;       /* its rows reach the product, itself or through who reads them */
    const struct dataset *dataset;    /* NULL for intermediates */
    char sha256[65];                  /* of the file's text */
    const struct sql_column *outputs; /* as bound; NULL where opaque */
    /* filled by rule_set_analyse; empty where opaque */
    struct sql_lineage lineage;     /* of the columns, in their order */
    struct rule_required *required; /* sorted, without duplicates */
    size_t n_required;
    struct sql_node *canonical;           /* what fingerprints are of; NULL where opaque */
    char fingerprint[65];                 /* of the meaning; of the text where opaque */
    struct sql_fingerprints fingerprints; /* of rows and columns; empty where opaque */
    struct sql_node *qualified; /* left by the analysis, taken by rule_set_compile; or NULL */
    /* filled by rule_set_compile */
    enum rg_tier tier;          /* that its rows must keep: the strictest of those who read them */
    struct sql_node *rewritten; /* bound; NULL where opaque */
    struct str compiled;        /* the SELECT for the engine, printed from it */
    const struct rule *fused_into; /* the rule whose SELECT holds this one; or NULL */
    struct rule_required *scans;   /* columns of relations that it names; empty where opaque */
    size_t n_scans;
    struct str start;        /* of a fixpoint: the part that reads none of its relations, or NULL */
    struct rule_step *steps; /* of a fixpoint: what finds new rows */
    size_t n_steps;
};

/* A relation that rules read: (dataset, kind), or an intermediate. */
struct relation {
    struct str name;          /* edges_call, nodes_method, module, … */
    struct str dataset, kind; /* kind ptr NULL for intermediates and datasets without kinds */
    uint32_t *rules;          /* indexes of the rules that emit it */
    size_t n_rules;
    uint32_t *readers; /* indexes of the rules that read it */
    size_t n_readers;
    int group;                   /* its fixpoint, a place in groups; -1: none */
    struct rule_column *columns; /* that readers see */
    size_t n_columns;
};

/* Rules that recur through each other: evaluated together until no new row appears. */
struct rule_group {
    struct str name;
    uint32_t *rules;
    size_t n_rules;
    uint32_t first_relation; /* its relations stand side by side */
    uint32_t n_relations;
};

struct rule_set {
    struct arena arena;
    struct contracts contracts;
    struct rule *rules;
    size_t n_rules; /* sorted by name */
    struct rule *audits;
    size_t n_audits; /* sorted by name */
    struct relation *relations;
    size_t n_relations; /* in an order in which each comes behind what it reads, but for those of
                           its fixpoint */
    struct rule_group *groups;
    size_t n_groups;
    bool keep_going;           /* errors of single rules are kept, the rules marked broken */
    struct rg_error *problems; /* of a set that keeps going */
    size_t n_problems;
    struct str *aside; /* by rule_set_without_index */
    size_t n_aside;
    bool is_compiled; /* by rule_set_compile */
    /* Of rule_set_resolve: facts and relations; for audits facts and whole datasets. */
    const struct sql_catalog *catalog, *audit_catalog;
};

/* Loads the embedded datasets and rules and those of the given folders (added, never replacing: an
 * equal name is an error), checks headers. Errors carry rule, file, line, column and the line of
 * the file. Free with rule_set_fini, also after failure. */
RG_MUST_CHECK enum rg_status rule_set_load(const char *const *folders, size_t n_folders,
                                           struct rule_set *out_set, struct rg_error *err);
struct rule_load_options {
    const char *const *folders;
    size_t n_folders;
    /* Files (or folders of files) whose rules take the place of those of the same name: another
     * version of them. A folder with a datasets.sql of its own is the whole set. */
    const char *const *versions;
    size_t n_versions;
    bool keep_going; /* wrong rules are left out or marked broken, and told in set->problems */
};
RG_MUST_CHECK enum rg_status rule_set_load_with(const struct rule_load_options *options,
                                                struct rule_set *out_set, struct rg_error *err);
/* As above from texts, for tests. */
struct rule_text {
    struct str name, file, text;
    bool built_in;
};
RG_MUST_CHECK enum rg_status rule_set_parse(struct str datasets, const struct rule_text *texts,
                                            size_t n_texts, struct rule_set *out_set,
                                            struct rg_error *err);
/* Takes an optional dataset out of a set that is not resolved yet, with the rules that emit it: as
 * if they were not there, so that nothing that stays is run in another way for their sake. */
RG_MUST_CHECK enum rg_status rule_set_leave_out(struct rule_set *set, struct str dataset,
                                                struct rg_error *err);
/* For a build that reads no index: takes out the datasets that need one, and every rule that reads
 * such a table or what only such rules emit. Names of rules that are not built in are left in
 * set->aside. */
RG_MUST_CHECK enum rg_status rule_set_without_index(struct rule_set *set, struct rg_error *err);
/* Finds out what rules read and return, checks them against their contracts, and orders the
 * relations. A cycle is an error that names its members, unless they are a fixpoint, whose rules
 * must be monotone in each other. The oracle may be NULL where no rule is opaque. */
RG_MUST_CHECK enum rg_status
rule_set_resolve(struct rule_set *set, const struct rule_oracle *oracle, struct rg_error *err);
/* Of a resolved set: lineage, required columns and fingerprints of every rule and audit. */
RG_MUST_CHECK enum rg_status rule_set_analyse(struct rule_set *set, struct rg_error *err);
/* How rules become what the engine gets. */
struct rule_dataset_tier {
    struct str dataset;
    enum rg_tier tier;
};
struct rule_compile_options {
    enum rg_tier tier; /* of datasets that are not named */
    const struct rule_dataset_tier *dataset_tiers;
    size_t n_dataset_tiers;
    bool fuse;         /* intermediates with one reader become part of it */
    bool keep_columns; /* intermediates keep the columns that nobody reads */
    bool as_written;   /* no more than the tier demands is changed: to compare with */
};
/* Of a resolved set: rewrites every rule and prints it. What a rule's tier forbids is an error with
 * its place, or is given an order. May be called again with other options. */
RG_MUST_CHECK enum rg_status rule_set_compile(struct rule_set *set,
                                              const struct rule_compile_options *options,
                                              struct rg_error *err);
struct tier_spec {
    enum rg_tier tier;
    const char *name, *what;
};
extern const struct tier_spec tier_specs[]; /* from loose to strict */
extern const size_t tier_specs_count;
const char *tier_name(enum rg_tier tier); /* NULL: there is no such tier */
bool tier_find(struct str name, enum rg_tier *out_tier);
enum rg_tier tier_of_dataset(const struct rule_compile_options *options, struct str dataset);
/* Place of a rule by name, or -1. */
long rule_set_find(const struct rule_set *set, struct str name);
/* The columns that readers of a product relation see: the contract's without path and language, and
 * the owner. They live in the set's arena. */
RG_MUST_CHECK enum rg_status rule_set_exposed(struct rule_set *set, const struct dataset *dataset,
                                              struct rule_column **out_columns,
                                              size_t *out_n_columns, struct rg_error *err);
const struct relation *rule_set_relation(const struct rule_set *set, struct str name);
/* Edges that both a witness and other rules find: per source (and place, where a kind does not
 * choose one target) they are compared. What both found stays, and of the rest what the witness
 * found; where they have nothing in common, all of it, as one ambiguity. */
bool relation_is_compared(const struct rule_set *set, const struct relation *relation);
/* Of an analysed set: SHA-256 over the names and fingerprints of the rules that a product dataset
 * is made by, those included that they read. */
RG_MUST_CHECK enum rg_status rule_set_plan_sha256(const struct rule_set *set, struct str dataset,
                                                  char out_hex[65], struct rg_error *err);
void rule_set_fini(struct rule_set *set);

#endif
