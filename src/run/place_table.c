/* The table of place_table.h. */
#include "run/place_table.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/error.h"

/* A probe of a random place misses the processor's table of pages too, unless pages are huge: a
 * third of the whole check. */
enum { HUGE_PAGE_BYTES = 2 << 20 };

static size_t round_up(size_t bytes)
{
    return (bytes + HUGE_PAGE_BYTES - 1) / HUGE_PAGE_BYTES * HUGE_PAGE_BYTES;
}

/* At most three quarters full: longer runs cost more than the memory. */
static unsigned bits_for(size_t n)
{
    unsigned bits = 10;
    while (bits < 31 && ((size_t)1 << bits) / 4 * 3 < n)
        bits++;
    return bits;
}

size_t place_table_bytes(size_t n)
{
    return ((size_t)1 << bits_for(n)) * sizeof(struct place);
}

bool place_table_init(struct place_table *table, size_t n)
{
    unsigned bits = bits_for(n);
    RG_ASSERT(n <= ((size_t)1 << bits) / 4 * 3);
    *table = (struct place_table){.capacity = UINT32_C(1) << bits, .shift = 64 - bits};
    size_t bytes = table->capacity * sizeof *table->places;
    table->places = aligned_alloc(HUGE_PAGE_BYTES, round_up(bytes));
    if (!table->places) {
        table->capacity = 0;
        return false;
    }
    /* Only advice: a failure costs time. */
    (void)madvise(table->places, round_up(bytes), MADV_HUGEPAGE);
    memset(table->places, 0, bytes);
    return true;
}

void place_table_fini(struct place_table *table)
{
    free(table->places);
    *table = (struct place_table){.capacity = 0};
}

struct place *place_add(struct place_table *table, int64_t id)
{
    uint32_t at = place_home(table, id), mask = table->capacity - 1;
    RG_ASSERT(id != 0 && table->capacity);
    while (table->places[at].id && table->places[at].id != id)
        at = (at + 1) & mask;
    if (table->places[at].id == id)
        return NULL;
    table->places[at].id = id;
    return &table->places[at];
}

uint32_t place_find(const struct place_table *table, int64_t id)
{
    uint32_t at = place_home(table, id), mask = table->capacity - 1;
    if (id == 0)
        return PLACE_NONE;
    while (table->places[at].id && table->places[at].id != id)
        at = (at + 1) & mask;
    return table->places[at].id ? at : PLACE_NONE;
}
