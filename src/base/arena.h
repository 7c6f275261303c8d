/* Arena: many small allocations with one life. Not thread-safe; poisoned under ASan. */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "relgraph/relgraph.h"

struct arena_block;

/* Zero is a valid empty arena with the default maximum. */
struct arena {
    struct arena_block *head; /* newest block */
    char *next, *end;         /* free room in it */
    size_t bytes;             /* of all blocks */
    size_t bytes_max;         /* 0: LIMIT_ARENA_BYTES */
    bool failed; /* an allocation got NULL: for who cannot tell it from "there is none" */
    bool full;   /* one of them because of the maximum: memory was not out */
};

struct arena_mark {
    struct arena_block *head;
    char *next;
};

/* Zeroed memory aligned for any type, or NULL when memory is out or the maximum reached. */
void *arena_alloc(struct arena *arena, size_t size);
/* The same, not zeroed: for bytes that are written at once. */
char *arena_room(struct arena *arena, size_t size);
/* count * size with overflow check. */
void *arena_array(struct arena *arena, size_t count, size_t size);
/* Grows an array of the arena: copies `used` elements; the old one stays behind. */
void *arena_grow(struct arena *arena, const void *old, size_t used, size_t count, size_t size);
/* A copy with a NUL behind it; ptr is NULL when memory is out. */
struct str arena_str(struct arena *arena, struct str text);
char *arena_cstr(struct arena *arena, struct str text);
RG_PRINTF(2, 3)
char *arena_printf(struct arena *arena, const char *format, ...);

/* Everything allocated after a mark is given back by arena_rewind. */
struct arena_mark arena_mark(const struct arena *arena);
void arena_rewind(struct arena *arena, struct arena_mark mark);
/* Empties the arena; one block is kept for reuse. */
void arena_clear(struct arena *arena);
void arena_fini(struct arena *arena);

#define ARENA_NEW(arena, type)          ((type *)arena_alloc((arena), sizeof(type)))
#define ARENA_ARRAY(arena, count, type) ((type *)arena_array((arena), (count), sizeof(type)))

#endif
