/* runs/<id>/run.json: when, where and how fast a build ran; what must not be in the manifest. */
#ifndef GRAPH_RUN_RECORD_H
#define GRAPH_RUN_RECORD_H

#include "engine/session.h"
#include "run/run.h"

struct run_record {
    const struct rg_session *session;
    const char *run_id;
    const char *outcome;            /* built, failed, cancelled */
    const struct rg_error *failure; /* NULL: it succeeded */
    const struct rg_build_request *request;
    const struct rg_build_result *result;
    const struct run_result *run;
    const char *repository; /* as bytes; the real path where the run came to read it */
    double seconds;         /* until now */
};

/* The JSON text, malloc'ed. */
RG_MUST_CHECK enum rg_status run_record_text(const struct run_record *record, char **out_text,
                                             struct rg_error *err);

/* The repository that a build was made from, as bytes, malloc'ed. build_folder is the real path of
 * builds/<id>. NOT_FOUND where the run bundle is gone, as in a build that was moved elsewhere. */
RG_MUST_CHECK enum rg_status run_record_repository(const char *build_folder, char **out_repository,
                                                   struct rg_error *err);

/* The bytes of a percent-escaped path (see utf8_percent), malloc'ed; NULL when memory is out. */
char *path_unescape(struct str text);

#endif
