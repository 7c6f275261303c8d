/* Makes the n-th allocation of a test fail. For programs named *_memory, which CMake links with
 * --wrap for malloc, calloc and realloc: what our own code asks for goes through here. */
#ifndef TESTS_FAILING_MALLOC_H
#define TESTS_FAILING_MALLOC_H

#include <stdbool.h>
#include <stdlib.h>

/* Allocations until the one that fails; below 0: none does. Of this thread alone. */
static _Thread_local long fails_after = -1;

static bool fails(void)
{
    return fails_after >= 0 && fails_after-- == 0;
}

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);

void *__wrap_malloc(size_t size)
{
    return fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    return fails() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *old, size_t size)
{
    return fails() ? NULL : __real_realloc(old, size);
}

#endif
