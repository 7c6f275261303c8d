/* Where a row of a rule comes from: the rule is run again for that row against the stored facts,
 * its SELECT returning the rows that it joined beside what it returns. */
#ifndef GRAPH_EXPLAIN_ORIGIN_H
#define GRAPH_EXPLAIN_ORIGIN_H

#include "compile/rules.h"
#include "graph/explain_work.h"
#include "graph/manifest.h"

/* The facts of a run, its rules, and the relations in between as far as they were needed. */
struct explain_facts {
    struct explain_work *work; /* its store has the product's datasets as views, too */
    struct store *store;       /* facts as views, in memory */
    struct rule_set set;
    struct manifest manifest;
    char *build;      /* builds/<id> */
    char *repository; /* NULL: nobody knows where the sources are */
    bool *made;       /* one a relation: the store has it */
    /* The file that was read last, and why none could be. */
    char *file_path, *file_text;
    char why_no_text[256];
    bool cut; /* there are more rows than were given */
};

/* Errors: NOT_FOUND where the facts were not kept. Free with explain_facts_close, also after
 * failure. */
RG_MUST_CHECK enum rg_status explain_facts_open(struct explain_work *work, const char *build,
                                                struct explain_facts *out_facts,
                                                struct rg_error *err);
void explain_facts_close(struct explain_facts *facts);

/* The rows of the rule that the condition (over `r`) holds of, each as the array of the rows that
 * it was joined from: {relation, as, row, span, made_by}. Where that cannot be said, *out_rows is
 * NULL and out_note says why. */
RG_MUST_CHECK enum rg_status explain_origins(struct explain_facts *facts, const struct rule *rule,
                                             struct str condition, json_t **out_rows,
                                             char out_note[256], struct rg_error *err);

/* {path, start_byte, end_byte}, and where the file is at hand and unchanged {start_line, column,
 * text}: text is the line of the source, of a long one the part about the span. NULL when memory is
 * out. */
json_t *explain_span(struct explain_facts *facts, struct str path, int64_t start_byte,
                     int64_t end_byte);

#endif
