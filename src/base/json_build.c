/* JSON as text, into a buffer of ours: json_dumps overlooks failed allocations in the middle of a
 * text. */
#include "base/json_build.h"

#include "base/buffer.h"

static int append_text(const char *text, size_t size, void *buffer)
{
    buffer_append(buffer, text, size);
    return ((struct buffer *)buffer)->failed ? -1 : 0;
}

char *json_take_text(json_t *json, size_t flags)
{
    struct buffer text = {0};
    bool whole = json && json_dump_callback(json, append_text, &text, flags) == 0 && !text.failed;
    json_decref(json);
    char *taken = whole ? buffer_take(&text) : NULL;
    buffer_fini(&text);
    return taken;
}
