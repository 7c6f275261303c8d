/* Arena: a list of blocks, doubling in size up to a bound. */
#include "base/arena.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/limits.h"

#if defined(__SANITIZE_ADDRESS__)
#define ARENA_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ARENA_ASAN 1
#endif
#endif

#ifdef ARENA_ASAN
#include <sanitizer/asan_interface.h>
#if defined(__GNUC__) && !defined(__clang__)
/* gcc takes poisoning for reading: the argument is a pointer to const. */
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif
#define POISON(p, n)   __asan_poison_memory_region((p), (n))
#define UNPOISON(p, n) __asan_unpoison_memory_region((p), (n))
enum { RED_ZONE = 16 };
#else
#define POISON(p, n)   ((void)(p), (void)(n))
#define UNPOISON(p, n) ((void)(p), (void)(n))
enum { RED_ZONE = 0 };
#endif

enum {
    BLOCK_MIN = 16 * 1024,
    BLOCK_DOUBLING_MAX = 1024 * 1024,
    BLOCK_KEPT_MAX = 4 * 1024 * 1024,
    ALIGN = 16
};

struct arena_block {
    struct arena_block *below;
    size_t size; /* of data */
    _Alignas(16) char data[];
};

static bool arena_add_block(struct arena *arena, size_t need)
{
    size_t size = arena->head ? arena->head->size * 2 : BLOCK_MIN;
    if (size > BLOCK_DOUBLING_MAX)
        size = BLOCK_DOUBLING_MAX;
    if (size < need)
        size = need;
    size_t limit = arena->bytes_max ? arena->bytes_max : LIMIT_ARENA_BYTES;
    if (need > limit || arena->bytes > limit - need) {
        arena->full = true;
        return false;
    }
    if (size > limit - arena->bytes)
        size = limit - arena->bytes; /* the last block takes what is left, at least `need` */
    struct arena_block *block = malloc(sizeof *block + size);
    if (!block)
        return false;
    block->below = arena->head;
    block->size = size;
    arena->head = block;
    arena->next = block->data;
    arena->end = block->data + size;
    arena->bytes += size;
    POISON(block->data, size);
    return true;
}

char *arena_room(struct arena *arena, size_t size)
{
    arena->failed |= size > SIZE_MAX / 2;
    if (size > SIZE_MAX / 2)
        return NULL;
    size_t rounded = (size + RED_ZONE + ALIGN - 1) & ~(size_t)(ALIGN - 1);
    if (rounded == 0)
        rounded = ALIGN;
    if ((size_t)(arena->end - arena->next) < rounded && !arena_add_block(arena, rounded)) {
        arena->failed = true;
        return NULL;
    }
    char *memory = arena->next;
    arena->next += rounded;
    UNPOISON(memory, size);
    return memory;
}

void *arena_alloc(struct arena *arena, size_t size)
{
    char *memory = arena_room(arena, size);
    return memory ? memset(memory, 0, size) : NULL;
}

void *arena_array(struct arena *arena, size_t count, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes))
        return NULL;
    return arena_alloc(arena, bytes);
}

void *arena_grow(struct arena *arena, const void *old, size_t used, size_t count, size_t size)
{
    RG_ASSERT(used <= count);
    void *grown = arena_array(arena, count, size);
    if (grown && used)
        memcpy(grown, old, used * size);
    return grown;
}

struct str arena_str(struct arena *arena, struct str text)
{
    char *copy = arena_cstr(arena, text);
    return (struct str){copy, copy ? text.len : 0};
}

char *arena_cstr(struct arena *arena, struct str text)
{
    char *copy = arena_room(arena, text.len + 1);
    if (copy) {
        if (text.len)
            memcpy(copy, text.ptr, text.len);
        copy[text.len] = '\0';
    }
    return copy;
}

char *arena_printf(struct arena *arena, const char *format, ...)
{
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int length = vsnprintf(NULL, 0, format, args);
    va_end(args);
    char *text = length < 0 ? NULL : arena_alloc(arena, (size_t)length + 1);
    if (text)
        vsnprintf(text, (size_t)length + 1, format, again);
    va_end(again);
    return text;
}

struct arena_mark arena_mark(const struct arena *arena)
{
    return (struct arena_mark){arena->head, arena->next};
}

static void arena_drop_block(struct arena *arena)
{
    struct arena_block *block = arena->head;
    arena->head = block->below;
    arena->bytes -= block->size;
    UNPOISON(block->data, block->size);
    free(block);
}

void arena_rewind(struct arena *arena, struct arena_mark mark)
{
    while (arena->head != mark.head)
        arena_drop_block(arena);
    arena->next = mark.next;
    arena->end = arena->head ? arena->head->data + arena->head->size : NULL;
    if (arena->head)
        POISON(arena->next, (size_t)(arena->end - arena->next));
}

void arena_clear(struct arena *arena)
{
    size_t used = arena->bytes;
    bool several = arena->head && arena->head->below;
    while (several && arena->head)
        arena_drop_block(arena);
    if (several) {
        /* What was needed once is needed again: room of that size in one block spares the kernel
         * from giving and taking the same pages for every file. Without memory for it, none is
         * kept. */
        arena->next = arena->end = NULL;
        (void)arena_add_block(arena, used < BLOCK_KEPT_MAX ? used : BLOCK_KEPT_MAX);
    } else if (arena->head) {
        arena_rewind(arena, (struct arena_mark){arena->head, arena->head->data});
    }
}

void arena_fini(struct arena *arena)
{
    while (arena->head)
        arena_drop_block(arena);
    *arena = (struct arena){.bytes_max = arena->bytes_max};
}
