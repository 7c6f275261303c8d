/* A hash map from 64-bit keys to 32-bit values: open addressing, for ids and packed pairs. */
#ifndef BASE_INTMAP_H
#define BASE_INTMAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Zero is a valid empty map. */
struct intmap {
    uint64_t *keys;
    uint32_t *values; /* 0 marks a free slot: values are stored plus one */
    size_t capacity;  /* a power of two, or 0 */
    size_t count;
};

#define INTMAP_NONE UINT32_MAX /* no value; cannot be stored */

/* The value of a key or INTMAP_NONE. */
uint32_t intmap_get(const struct intmap *map, uint64_t key);
/* Sets or replaces. False when memory is out (the map is as before). */
bool intmap_put(struct intmap *map, uint64_t key, uint32_t value);
/* A slot for the key, made with `fresh` where it is missing; NULL when memory is out. The slot
 * holds the value plus one and is valid until the next change. */
uint32_t *intmap_slot(struct intmap *map, uint64_t key, uint32_t fresh);
/* Forgets all, keeps the memory. */
void intmap_clear(struct intmap *map);
void intmap_fini(struct intmap *map);

#endif
