/* write(2) instead of stdio: stdio forgets why a write failed. */
#include "cli/stdout_sink.h"

#include <errno.h>
#include <unistd.h>

enum { SINK_BYTES = 64 << 10 };

static void sink_write(struct sink *sink)
{
    size_t at = 0;
    int fd = sink->fd ? sink->fd : STDOUT_FILENO;
    if (sink->text.failed && !sink->error_number)
        sink->error_number = ENOMEM;
    while (at < sink->text.len && !sink->error_number) {
        ssize_t n = write(fd, sink->text.data + at, sink->text.len - at);
        if (n >= 0)
            at += (size_t)n;
        else if (errno != EINTR)
            sink->error_number = errno;
    }
    text_clear(&sink->text);
}

bool sink_flush(struct sink *sink)
{
    if (sink->text.len >= SINK_BYTES || sink->text.failed)
        sink_write(sink);
    return sink->error_number == 0;
}

int sink_finish(struct sink *sink)
{
    sink_write(sink);
    text_fini(&sink->text);
    return sink->error_number == EPIPE ? 0 : sink->error_number;
}
