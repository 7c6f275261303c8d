/* What a build did, for people (at most SUMMARY_WIDTH columns) and as JSON. */
#ifndef CLI_BUILD_SUMMARY_H
#define CLI_BUILD_SUMMARY_H

#include "cli/display_text.h"
#include "relgraph/relgraph.h"

enum { SUMMARY_WIDTH = 100 };

void summary_text(struct text *out, const struct rg_build_request *request,
                  const struct rg_build_result *result);
void summary_json(struct text *out, const struct rg_build_request *request,
                  const struct rg_build_result *result);

#endif
