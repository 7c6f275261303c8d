/* The nodes of one shard by id, each with what the check of the tree asks of it. */
#ifndef RUN_PLACE_TABLE_H
#define RUN_PLACE_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PLACE_NONE UINT32_MAX

struct place {
    int64_t id;
    int32_t start, end;
    uint32_t file;   /* a number that tells files apart */
    uint32_t parent; /* place of the node above, or PLACE_NONE */
};

/* Places lie in the order in which they came, which for nodes is file by file: what an edge joins
 * lies near, and the last one's neighbours are in the processor's cache. Only the slots, open
 * addressing with linear probing, are asked at random; they are a sixth of the bytes. Zero is an
 * empty table. */
struct place_table {
    struct place *places;
    uint32_t *slots; /* number of a place plus one; 0: free */
    uint32_t count, room;
    uint32_t capacity; /* of slots, a power of two */
    unsigned shift;
};

/* Bytes of a table for n nodes. */
size_t place_table_bytes(size_t n);
/* Empties the table and makes room for n nodes, with the memory it has where that is enough; false
 * when memory is out. */
bool place_table_clear(struct place_table *table, size_t n);
void place_table_fini(struct place_table *table);

static inline uint32_t place_home(const struct place_table *table, int64_t id)
{
    /* Ids are hashes, but a test's or a stranger's need not be: Fibonacci hashing (Knuth, 6.4). */
    return (uint32_t)(((uint64_t)id * UINT64_C(0x9E3779B97F4A7C15)) >> table->shift);
}

static inline void place_prefetch(const struct place_table *table, int64_t id)
{
    __builtin_prefetch(&table->slots[place_home(table, id)]);
}

/* A new place for an id that was given room for; NULL where it has one. */
struct place *place_add(struct place_table *table, int64_t id);

/* The place of an id, or PLACE_NONE. */
static inline uint32_t place_find(const struct place_table *table, int64_t id)
{
    for (uint32_t at = place_home(table, id);; at = (at + 1) & (table->capacity - 1)) {
        uint32_t slot = table->slots[at];
        if (!slot)
            return PLACE_NONE;
        if (table->places[slot - 1].id == id)
            return slot - 1;
    }
}

#endif
