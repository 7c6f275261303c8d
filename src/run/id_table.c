/* The table of id_table.h. */
#include "run/id_table.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"

bool id_table_init(struct id_table *table, size_t n)
{
    unsigned bits = 10;
    /* At most three quarters full: longer runs cost more than the memory. */
    while (bits < 40 && ((size_t)1 << bits) / 4 * 3 < n)
        bits++;
    *table = (struct id_table){.capacity = (size_t)1 << bits, .shift = 64 - bits};
    table->ids = calloc(table->capacity, sizeof *table->ids);
    if (!table->ids)
        table->capacity = 0;
    return table->ids != NULL;
}

void id_table_fini(struct id_table *table)
{
    free(table->ids);
    *table = (struct id_table){.capacity = 0};
}

bool id_table_add(struct id_table *table, int64_t id)
{
    if (id == 0) {
        bool fresh = !table->has_zero;
        table->has_zero = true;
        return fresh;
    }
    size_t at = id_table_home(table, id), mask = table->capacity - 1;
    while (table->ids[at] && table->ids[at] != id)
        at = (at + 1) & mask;
    if (table->ids[at] == id)
        return false;
    table->ids[at] = id;
    return true;
}

size_t id_table_find(const struct id_table *table, int64_t id)
{
    RG_ASSERT(table->capacity);
    if (id == 0)
        return table->has_zero ? table->capacity : ID_NONE;
    size_t at = id_table_home(table, id), mask = table->capacity - 1;
    while (table->ids[at] && table->ids[at] != id)
        at = (at + 1) & mask;
    return table->ids[at] ? at : ID_NONE;
}
