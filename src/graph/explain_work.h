/* What the files behind rg_explain share: explain.c finds the run and opens its diagnostics, each
 * of the others answers one question. */
#ifndef GRAPH_EXPLAIN_WORK_H
#define GRAPH_EXPLAIN_WORK_H

#include "base/buffer.h"
#include "base/json_build.h"
#include "engine/store.h"
#include "graph/graph_folder.h"

#define EXPLAIN_LAYER "explain"

struct explain_work {
    struct rg_session *session;
    const struct rg_explain_request *request; /* whole */
    struct arena arena;
    char *root; /* real path of the graph */
    char run[BUILD_ID_BYTES];
    char *run_folder;    /* runs/<id> */
    struct store *store; /* with a view for each table of the run's diagnostics */
    json_t *result;      /* of the question; NULL when memory is out, or with a text */
    struct buffer text;  /* DOT or SVG */
};

RG_MUST_CHECK enum rg_status explain_run(struct explain_work *work, struct rg_error *err);
RG_MUST_CHECK enum rg_status explain_rule(struct explain_work *work, struct rg_error *err);
RG_MUST_CHECK enum rg_status explain_edge(struct explain_work *work, struct rg_error *err);
RG_MUST_CHECK enum rg_status explain_rules(struct explain_work *work, struct rg_error *err);

/* The rows of a query as an array of objects. Of `types` each letter stands for a column: t text, i
 * integer, d id (a string, since 64 bits do not survive JavaScript), r real, b truth, j a JSON
 * value. NULLs are left out. */
RG_MUST_CHECK enum rg_status explain_rows(struct explain_work *work, struct store *store,
                                          struct str sql, const char *types, json_t **out_rows,
                                          struct rg_error *err);
/* The rule's row of `rules`, or an error that names the nearest one. */
RG_MUST_CHECK enum rg_status explain_find_rule(struct explain_work *work, const char *name,
                                               json_t **out_rule, struct rg_error *err);

#endif
