/* Looking up functions by name. The data are in functions_table.c. */
#include "compile/functions.h"

#include <strings.h>

static int name_compare(struct str name, const char *other)
{
    size_t len = strlen(other);
    int order = strncasecmp(name.ptr, other, name.len < len ? name.len : len);
    return order ? order : (name.len > len) - (name.len < len);
}

const struct sql_function *functions_find(struct str name)
{
    size_t low = 0, high = functions_table_count;
    while (low < high) { /* the first that is not below */
        size_t middle = low + (high - low) / 2;
        if (name_compare(name, functions_table[middle].name) > 0)
            low = middle + 1;
        else
            high = middle;
    }
    bool found = low < functions_table_count && name_compare(name, functions_table[low].name) == 0;
    return found ? &functions_table[low] : NULL;
}
