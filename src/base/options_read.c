/* Callers built against another version of the header: older ones know less, newer ones more. */
#include "base/options_read.h"

#include <string.h>

#include "base/error.h"

enum rg_status options_read(void *out, size_t size, const void *in, const char *what,
                            struct rg_error *err)
{
    memset(out, 0, size);
    size_t given = size;
    if (in)
        memcpy(&given, in, sizeof given);
    if (given < sizeof given)
        return error_set(err, RG_ERR_USAGE, "session", "%s: struct_size is not set", what);
    for (size_t i = size; i < given; i++) {
        if (((const char *)in)[i])
            return error_set(err, RG_ERR_USAGE, "session",
                             "%s: the caller was built for a newer relgraph and uses an option "
                             "that this one does not know",
                             what);
    }
    if (in)
        memcpy(out, in, given < size ? given : size);
    memcpy(out, &size, sizeof size);
    return RG_OK;
}
