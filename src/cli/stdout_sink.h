/* Results on standard output, or in a file: buffered, every failure noticed. */
#ifndef CLI_STDOUT_SINK_H
#define CLI_STDOUT_SINK_H

#include <stdbool.h>

#include "cli/display_text.h"

/* Append to `text`, call sink_flush now and then (it writes only what is worth a write), and
 * sink_finish at the end. */
struct sink {
    struct text text;
    int fd;           /* 0: standard output */
    int error_number; /* of the first write that failed; nothing is written after it */
};

/* Writes when a good deal has gathered. False when output has failed or nobody reads it: stop. */
bool sink_flush(struct sink *sink);
/* Writes the rest and frees the buffer. Returns 0, or the errno of the first failure; a reader that
 * has had enough (EPIPE) is no failure. */
int sink_finish(struct sink *sink);

#endif
