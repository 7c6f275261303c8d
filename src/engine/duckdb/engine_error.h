/* The engine's errors in our terms. Instances are opened with errors_as_json, so that kind,
 * position and candidates arrive as data. */
#ifndef ENGINE_DUCKDB_ENGINE_ERROR_H
#define ENGINE_DUCKDB_ENGINE_ERROR_H

#include "base/error.h"
#include "base/str.h"

/* Fills err from the engine's text (may be NULL) and returns the status. `sql` is what ran, for
 * line and column (ptr NULL: unknown); `wrong_text` is the status of text that is at fault:
 * RG_ERR_RULE for rules, RG_ERR_PARSE for queries of a user. */
enum rg_status engine_error(struct rg_error *err, const char *engine_text, struct str sql,
                            enum rg_status wrong_text);

/* The line and column (1-based, in characters) of a byte of a text. */
void text_place(struct str text, size_t byte, uint32_t *out_line, uint32_t *out_column);

#endif
