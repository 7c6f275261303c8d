/* A set of node ids in which each has a place: a number below the capacity, for bits beside it. */
#ifndef RUN_ID_TABLE_H
#define RUN_ID_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Open addressing with linear probing; a probe of random ids costs one miss of the cache, so that
 * callers ask for many ids at once and prefetch. Zero is an empty table. */
struct id_table {
    int64_t *ids;    /* 0: free, because the id 0 has a place of its own */
    size_t capacity; /* a power of two; the id 0 is at `capacity` */
    unsigned shift;
    bool has_zero;
};

#define ID_NONE SIZE_MAX

/* Room for n ids. False when memory is out. */
bool id_table_init(struct id_table *table, size_t n);
void id_table_fini(struct id_table *table);
/* Places are below this. */
static inline size_t id_table_places(const struct id_table *table)
{
    return table->capacity + 1;
}

static inline size_t id_table_home(const struct id_table *table, int64_t id)
{
    /* Ids are hashes, but a test's or a stranger's need not be: Fibonacci hashing (Knuth, 6.4). */
    return (size_t)(((uint64_t)id * UINT64_C(0x9E3779B97F4A7C15)) >> table->shift);
}

static inline void id_table_prefetch(const struct id_table *table, int64_t id)
{
    __builtin_prefetch(&table->ids[id_table_home(table, id)]);
}

/* Adds an id that was given room for; false where it was there already. */
bool id_table_add(struct id_table *table, int64_t id);
/* The place of an id, or ID_NONE. */
size_t id_table_find(const struct id_table *table, int64_t id);

#endif
