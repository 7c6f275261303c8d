/* Linear probing over a multiplicatively mixed key, at most 60% full. */
#include "base/intmap.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"

enum { CAPACITY_MIN = 64 };

static size_t intmap_start(const struct intmap *map, uint64_t key)
{
    key ^= key >> 32;
    key *= UINT64_C(0x9E3779B97F4A7C15);
    return (size_t)(key >> 20) & (map->capacity - 1);
}

static size_t intmap_find(const struct intmap *map, uint64_t key)
{
    size_t i = intmap_start(map, key);
    while (map->values[i] && map->keys[i] != key)
        i = (i + 1) & (map->capacity - 1);
    return i;
}

uint32_t intmap_get(const struct intmap *map, uint64_t key)
{
    if (map->count == 0)
        return INTMAP_NONE;
    return map->values[intmap_find(map, key)] - 1;
}

static bool intmap_resize(struct intmap *map, size_t capacity)
{
    struct intmap grown = {
        .keys = malloc(capacity * sizeof *grown.keys),
        .values = calloc(capacity, sizeof *grown.values),
        .capacity = capacity,
        .count = map->count,
    };
    if (!grown.keys || !grown.values) {
        intmap_fini(&grown);
        return false;
    }
    for (size_t i = 0; i < map->capacity; i++) {
        if (map->values[i] == 0)
            continue;
        size_t at = intmap_find(&grown, map->keys[i]);
        grown.keys[at] = map->keys[i];
        grown.values[at] = map->values[i];
    }
    struct intmap old = *map;
    *map = grown;
    intmap_fini(&old);
    return true;
}

uint32_t *intmap_slot(struct intmap *map, uint64_t key, uint32_t fresh)
{
    RG_ASSERT(fresh != INTMAP_NONE);
    if ((map->count + 1) * 5 > map->capacity * 3 &&
        !intmap_resize(map, map->capacity ? map->capacity * 2 : CAPACITY_MIN))
        return NULL;
    size_t i = intmap_find(map, key);
    if (map->values[i] == 0) {
        map->keys[i] = key;
        map->values[i] = fresh + 1;
        map->count++;
    }
    return &map->values[i];
}

bool intmap_put(struct intmap *map, uint64_t key, uint32_t value)
{
    uint32_t *slot = intmap_slot(map, key, value);
    if (slot)
        *slot = value + 1;
    return slot != NULL;
}

void intmap_clear(struct intmap *map)
{
    if (map->count)
        memset(map->values, 0, map->capacity * sizeof *map->values);
    if (map->capacity > CAPACITY_MIN && map->count * 8 < map->capacity)
        map->capacity /= 2; /* what was large once is not swept for ever; its room is kept */
    map->count = 0;
}

void intmap_fini(struct intmap *map)
{
    free(map->keys);
    free(map->values);
    *map = (struct intmap){0};
}
