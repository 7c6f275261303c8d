/* The table of place_table.h. */
#include "run/place_table.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/error.h"

/* A probe of a random slot misses the processor's table of pages too, unless pages are huge. */
enum { HUGE_PAGE_BYTES = 2 << 20 };

static size_t round_up(size_t bytes)
{
    return (bytes + HUGE_PAGE_BYTES - 1) / HUGE_PAGE_BYTES * HUGE_PAGE_BYTES;
}

/* At most half full: each step of a longer run reads a place besides. */
static unsigned bits_for(size_t n)
{
    unsigned bits = 10;
    while (bits < 31 && ((size_t)1 << bits) / 2 < n)
        bits++;
    return bits;
}

size_t place_table_bytes(size_t n)
{
    return n * sizeof(struct place) + ((size_t)1 << bits_for(n)) * sizeof(uint32_t);
}

static void *huge_alloc(size_t bytes)
{
    void *memory = aligned_alloc(HUGE_PAGE_BYTES, round_up(bytes));
    /* Only advice: a failure costs time. */
    if (memory)
        (void)madvise(memory, round_up(bytes), MADV_HUGEPAGE);
    return memory;
}

bool place_table_clear(struct place_table *table, size_t n)
{
    unsigned bits = bits_for(n);
    RG_ASSERT(n <= ((size_t)1 << bits) / 2);
    if (n > table->room || !table->places || table->capacity < UINT32_C(1) << bits) {
        place_table_fini(table);
        table->room = (uint32_t)n;
        table->capacity = UINT32_C(1) << bits;
        table->places = huge_alloc(n * sizeof *table->places + 1);
        table->slots = huge_alloc(table->capacity * sizeof *table->slots);
        if (!table->places || !table->slots) {
            place_table_fini(table);
            return false;
        }
    }
    table->shift = (unsigned)__builtin_clzll(table->capacity) + 1;
    table->count = 0;
    memset(table->slots, 0, table->capacity * sizeof *table->slots);
    return true;
}

void place_table_fini(struct place_table *table)
{
    free(table->places);
    free(table->slots);
    *table = (struct place_table){.capacity = 0};
}

struct place *place_add(struct place_table *table, int64_t id)
{
    uint32_t at = place_home(table, id), mask = table->capacity - 1;
    RG_ASSERT(table->capacity);
    for (; table->slots[at]; at = (at + 1) & mask)
        if (table->places[table->slots[at] - 1].id == id)
            return NULL;
    RG_ASSERT(table->count < table->room);
    table->places[table->count].id = id;
    table->slots[at] = ++table->count;
    return &table->places[table->count - 1];
}
