/* Whole texts from files and from standard input. */
#ifndef CLI_READ_TEXT_H
#define CLI_READ_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/* The text of a file, or of standard input where the path is "-", to be freed by the caller; NULL
 * after a report, with the exit code. `what` names the text in it: "the SQL". A NUL byte is
 * refused. */
char *read_text(const char *path, size_t bytes_max, const char *what, bool json, int *out_code);

#endif
