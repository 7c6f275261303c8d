/* The answers of rg_explain for people; what stands in the JSON says docs/diagnostics.md. */
#ifndef CLI_EXPLAIN_VIEW_H
#define CLI_EXPLAIN_VIEW_H

#include <jansson.h>

#include "cli/display_text.h"

void explain_show_run(struct text *out, const json_t *root);
void explain_show_rule(struct text *out, const json_t *root);
void explain_show_edge(struct text *out, const json_t *root);
void explain_show_rules(struct text *out, const json_t *root);

#endif
