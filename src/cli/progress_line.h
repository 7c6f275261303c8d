/* What a build is doing, on stderr: one line that is redrawn on a terminal, a line a stage
 * elsewhere, JSON lines under --json. */
#ifndef CLI_PROGRESS_LINE_H
#define CLI_PROGRESS_LINE_H

#include <stdbool.h>

#include "relgraph/relgraph.h"

enum progress_mode {
    PROGRESS_QUIET, /* warnings only */
    PROGRESS_PLAIN,
    PROGRESS_TERMINAL,
    PROGRESS_JSON
};

struct progress {
    enum progress_mode mode;
    char stage[32];
    double stage_began; /* seconds since the build began */
    double drawn_at;
    bool line_open; /* a line without an end stands on the terminal */
};

void progress_init(struct progress *progress, bool json, bool quiet);
/* The on_event of a session; user is the struct progress. */
void progress_event(void *user, const struct rg_event *event);
/* Clears the line. */
void progress_end(struct progress *progress);

/* One drawn line for an event, at most `width` columns: for progress_event and for tests. */
struct text;
void progress_draw(struct text *out, const struct rg_event *event, double stage_seconds,
                   size_t width);

#endif
