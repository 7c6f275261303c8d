/* Contracts: what rules/datasets.sql declares, and the tables of kinds and resolutions. */
#ifndef COMPILE_CONTRACT_H
#define COMPILE_CONTRACT_H

#include "base/arena.h"
#include "base/str.h"
#include "relgraph/relgraph.h"

enum dataset_layer { DATASET_FACT, DATASET_PRODUCT };
enum dataset_dedupe { DEDUPE_BEST, DEDUPE_ALL };

struct dataset_column {
    struct str name;
    struct str type; /* SQL type, or the name of an enum type */
    bool not_null;
    struct str default_value; /* SQL text or ptr NULL */
    struct str what;          /* its documentation */
};

/* In a sort: the owner column, which not every dataset has among its columns. */
#define DATASET_OWNER UINT32_MAX
/* The dataset that the gate fills by itself: every finding for kinds that several rules feed. */
#define DATASET_EVIDENCE "edge_evidence"

struct dataset_order {
    uint32_t column; /* index, or DATASET_OWNER */
    bool descending;
};

struct dataset {
    struct str name;
    struct str what;
    enum dataset_layer layer;
    enum dataset_dedupe dedupe;
    struct dataset_column *columns;
    size_t n_columns;
    uint32_t *key;
    size_t n_key;
    struct dataset_order *sort;
    size_t n_sort;
    struct str owner; /* column that names the file of a row; ptr NULL for facts */
    bool has_kind;    /* a product with a column `kind`, whose words the rules' headers name */
    bool optional;    /* a product that is made only where somebody asks for it */
    bool needs_index; /* comes with a SCIP index: facts that it fills, or what rests on them */
};

struct enum_type {
    struct str name;
    struct str *values;
    size_t n_values;
};

struct contracts {
    struct dataset *datasets;
    size_t n_datasets; /* in the order of the file */
    struct str *left_out;
    size_t n_left_out; /* names of optional datasets that are not among them */
    struct enum_type *types;
    size_t n_types;
};

/* Parses the text of datasets.sql; everything lives in the arena. Errors carry line and column. */
RG_MUST_CHECK enum rg_status contracts_parse(struct str text, struct arena *arena,
                                             struct contracts *out_contracts, struct rg_error *err);
const struct dataset *contracts_find(const struct contracts *contracts, struct str name);
/* An optional dataset that was left out (rule_set_leave_out): known, but not made. */
bool contracts_left_out(const struct contracts *contracts, struct str name);
/* Index of a column, or -1. */
int dataset_column_index(const struct dataset *dataset, struct str name);
/* SHA-256 over names, types and not-null of the columns: files with one fingerprint have one
 * schema. */
void dataset_fingerprint(const struct dataset *dataset, char out_hex[65]);
const struct enum_type *contracts_type(const struct contracts *contracts, struct str name);

/* Node and edge kinds: one table, from which documentation, `relgraph schema` and checks come. */
struct kind_spec {
    const char *dataset; /* nodes or edges */
    const char *name;
    const char *what;
    bool chooses_one; /* of edges: one target per source; several are an ambiguity */
    bool ours;        /* not in the published specification */
};
extern const struct kind_spec kind_specs[];
extern const size_t kind_specs_count;
const struct kind_spec *kind_find(const char *dataset, struct str name);

/* Resolutions from best to worst; rank is the place in the table. */
struct resolution_spec {
    const char *name;
    const char *what;
    double confidence; /* where a rule does not say */
};
extern const struct resolution_spec resolution_specs[];
extern const size_t resolution_specs_count;
int resolution_rank(struct str name); /* -1: unknown */

#endif
