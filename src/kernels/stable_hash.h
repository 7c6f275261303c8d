/* Hashes that are the same on every machine and in every engine that knows xxHash64 and MD5. */
#ifndef KERNELS_STABLE_HASH_H
#define KERNELS_STABLE_HASH_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Into the caller: most of what is hashed is 8 bytes, and a call costs as much as the hash. */
#ifndef __clang_analyzer__ /* which would judge the library's code as ours */
#define XXH_INLINE_ALL
#else
#define XXH_STATIC_LINKING_ONLY /* the size of a state */
#endif
#include <xxhash.h>

/* stable_hash64(v1, v2, …): XXH64 (Yann Collet, xxHash specification 0.1.1) of each argument's
 * bytes with the result before it as the seed, from seed 42. Texts are UTF-8 bytes, integers 8
 * bytes in little-endian order. The same as xxhash64 of Spark SQL. */
#define STABLE_HASH_SEED UINT64_C(42)

static inline uint64_t stable_hash_text(uint64_t seed, const void *text, size_t size)
{
    return XXH64(text, size, seed);
}

static inline uint64_t stable_hash_int(uint64_t seed, int64_t value)
{
    unsigned char bytes[8];
    for (int i = 0; i < 8; i++)
        bytes[i] = (unsigned char)((uint64_t)value >> (8 * i));
    return XXH64(bytes, sizeof bytes, seed);
}

/* The id of a product node that shares its syntax node with others, or has none:
 * stable_hash64(owner, kind, name), see docs/schema.md. */
static inline int64_t stable_hash_product(int64_t owner, const char *kind, const void *name,
                                          size_t name_size)
{
    uint64_t hash = stable_hash_int(STABLE_HASH_SEED, owner);
    hash = stable_hash_text(hash, kind, strlen(kind));
    return (int64_t)stable_hash_text(hash, name, name_size);
}

#endif
