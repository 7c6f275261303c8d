/* The nodes of one shard by id, each with what the check of the tree asks of it. */
#ifndef RUN_PLACE_TABLE_H
#define RUN_PLACE_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PLACE_NONE UINT32_MAX

struct place {
    int64_t id; /* 0: free */
    int32_t start, end;
    uint32_t file;   /* a number that tells files apart */
    uint32_t parent; /* place of the node above, or PLACE_NONE */
};

/* Open addressing with linear probing; a probe of random ids costs one miss of the cache, so that
 * callers ask for many ids at once and prefetch. Zero is an empty table. */
struct place_table {
    struct place *places;
    uint32_t capacity; /* a power of two */
    unsigned shift;
};

/* Bytes of a table for n nodes. */
size_t place_table_bytes(size_t n);
/* Room for n nodes; false when memory is out. */
bool place_table_init(struct place_table *table, size_t n);
void place_table_fini(struct place_table *table);

static inline uint32_t place_home(const struct place_table *table, int64_t id)
{
    /* Ids are hashes, but a test's or a stranger's need not be: Fibonacci hashing (Knuth, 6.4). */
    return (uint32_t)(((uint64_t)id * UINT64_C(0x9E3779B97F4A7C15)) >> table->shift);
}

static inline void place_prefetch(const struct place_table *table, int64_t id)
{
    __builtin_prefetch(&table->places[place_home(table, id)]);
}

/* A new place for an id that is not 0 and was given room for; NULL where it has one. */
struct place *place_add(struct place_table *table, int64_t id);
/* The place of an id, or PLACE_NONE. */
uint32_t place_find(const struct place_table *table, int64_t id);

#endif
