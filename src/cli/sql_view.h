/* What rg_sql found, laid out for people. */
#ifndef CLI_SQL_VIEW_H
#define CLI_SQL_VIEW_H

#include <jansson.h>

#include "cli/display_text.h"

/* Each takes the object that rg_sql gives as JSON. */
void sql_view_lineage(struct text *out, const json_t *answer);
void sql_view_fingerprint(struct text *out, const json_t *answer);
void sql_view_diff(struct text *out, const json_t *answer);

#endif
