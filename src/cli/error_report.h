/* What went wrong, said once on stderr: for people with place, caret line and hint; under --json as
 * one JSON object a line. Each function returns the exit code that fits. */
#ifndef CLI_ERROR_REPORT_H
#define CLI_ERROR_REPORT_H

#include <stdbool.h>

#include "relgraph/relgraph.h"

/* An error of the library. `sql` is the text that err's line and column point into, or NULL. */
int report_error(const struct rg_error *err, const char *sql, bool json);
/* A wrong command line; the hint may be NULL or empty. */
int report_usage(const char *message, const char *hint, bool json);
struct command;
/* Of a group (NULL: of all commands). */
int report_unknown_command(const struct command *group, const char *name, bool json);
/* The outcome of sink_finish: 0 is fine. */
int report_output(int error_number, bool json);
/* One line for a person, such as "3 of more rows shown"; nothing when quiet. */
void report_note(const char *text, bool json, bool quiet);

#endif
