/* Positions are counted from the end, which does not move when the buffer grows. */
#include "engine/flatbuffer.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/limits.h"

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "values are written as they are");

static uint8_t *head(const struct flatbuffer *fb)
{
    return fb->data + fb->capacity - fb->used;
}

static bool reserve(struct flatbuffer *fb, size_t bytes)
{
    if (fb->failed)
        return false;
    if (bytes <= fb->capacity - fb->used)
        return true;
    size_t capacity = fb->capacity ? fb->capacity : 1024;
    while (capacity - fb->used < bytes && capacity <= LIMIT_FLATBUFFER_BYTES)
        capacity *= 2;
    uint8_t *data = capacity <= LIMIT_FLATBUFFER_BYTES ? malloc(capacity) : NULL;
    if (!data) {
        fb->failed = true;
        return false;
    }
    if (fb->used)
        memcpy(data + capacity - fb->used, head(fb), fb->used);
    free(fb->data);
    fb->data = data;
    fb->capacity = capacity;
    return true;
}

/* Puts bytes before what is there. */
static void push(struct flatbuffer *fb, const void *bytes, size_t count)
{
    if (!reserve(fb, count))
        return;
    fb->used += count;
    if (count)
        memcpy(head(fb), bytes, count);
}

/* Pads so that what is pushed is aligned once `behind` more bytes are. */
static void align_to(struct flatbuffer *fb, size_t align, size_t behind)
{
    static const uint8_t zeros[8];
    RG_ASSERT(align <= sizeof zeros);
    if (fb->align < align)
        fb->align = align;
    push(fb, zeros, -(fb->used + behind) & (align - 1));
}

static flatbuffer_ref here(const struct flatbuffer *fb)
{
    return (flatbuffer_ref)fb->used;
}

static void push_ref(struct flatbuffer *fb, flatbuffer_ref ref)
{
    align_to(fb, 4, 0);
    uint32_t distance = (uint32_t)(fb->used + 4 - ref);
    push(fb, &distance, sizeof distance);
}

static flatbuffer_ref push_count(struct flatbuffer *fb, size_t count)
{
    uint32_t number = (uint32_t)count;
    push(fb, &number, sizeof number);
    return here(fb);
}

flatbuffer_ref flatbuffer_string(struct flatbuffer *fb, struct str text)
{
    if (text.len > LIMIT_FLATBUFFER_BYTES) {
        fb->failed = true;
        return 0;
    }
    align_to(fb, 4, text.len + 1);
    push(fb, "", 1);
    push(fb, text.ptr, text.len);
    return push_count(fb, text.len);
}

flatbuffer_ref flatbuffer_refs(struct flatbuffer *fb, const flatbuffer_ref *refs, size_t count)
{
    align_to(fb, 4, 0);
    for (size_t i = count; i > 0; i--)
        push_ref(fb, refs[i - 1]);
    return push_count(fb, count);
}

static flatbuffer_ref push_vector(struct flatbuffer *fb, const void *values, size_t size,
                                  size_t align, size_t count)
{
    if (count > LIMIT_FLATBUFFER_BYTES / size) {
        fb->failed = true;
        return 0;
    }
    align_to(fb, 4, size * count);
    align_to(fb, align, size * count);
    push(fb, values, size * count);
    return push_count(fb, count);
}

flatbuffer_ref flatbuffer_structs(struct flatbuffer *fb, const void *structs, size_t size,
                                  size_t count)
{
    return push_vector(fb, structs, size, 8, count);
}

flatbuffer_ref flatbuffer_ints(struct flatbuffer *fb, const int32_t *values, size_t count)
{
    return push_vector(fb, values, sizeof *values, 4, count);
}

/* --- Tables --------------------------------------------------------------------------------- */

void flatbuffer_table_begin(struct flatbuffer *fb)
{
    memset(fb->slots, 0, sizeof fb->slots);
    fb->table_start = fb->used;
}

static void push_field(struct flatbuffer *fb, unsigned slot, const void *value, size_t size)
{
    RG_ASSERT(slot < FLATBUFFER_SLOTS_MAX && !fb->slots[slot]);
    align_to(fb, size, 0);
    push(fb, value, size);
    fb->slots[slot] = here(fb);
}

void flatbuffer_u8(struct flatbuffer *fb, unsigned slot, uint8_t value, uint8_t standard)
{
    if (value != standard)
        push_field(fb, slot, &value, sizeof value);
}

void flatbuffer_i16(struct flatbuffer *fb, unsigned slot, int16_t value, int16_t standard)
{
    if (value != standard)
        push_field(fb, slot, &value, sizeof value);
}

void flatbuffer_i32(struct flatbuffer *fb, unsigned slot, int32_t value, int32_t standard)
{
    if (value != standard)
        push_field(fb, slot, &value, sizeof value);
}

void flatbuffer_i64(struct flatbuffer *fb, unsigned slot, int64_t value, int64_t standard)
{
    if (value != standard)
        push_field(fb, slot, &value, sizeof value);
}

void flatbuffer_ref_to(struct flatbuffer *fb, unsigned slot, flatbuffer_ref ref)
{
    RG_ASSERT(slot < FLATBUFFER_SLOTS_MAX && !fb->slots[slot]);
    if (!ref)
        return;
    push_ref(fb, ref);
    fb->slots[slot] = here(fb);
}

/* The table begins with the distance to its vtable, which lies right before it. */
flatbuffer_ref flatbuffer_table_end(struct flatbuffer *fb)
{
    int32_t to_vtable = 0;
    align_to(fb, 4, 0);
    push(fb, &to_vtable, sizeof to_vtable);
    flatbuffer_ref table = here(fb);
    unsigned n = FLATBUFFER_SLOTS_MAX;
    while (n && !fb->slots[n - 1])
        n--;
    for (unsigned i = n; i > 0; i--) {
        uint16_t place = fb->slots[i - 1] ? (uint16_t)(table - fb->slots[i - 1]) : 0;
        push(fb, &place, sizeof place);
    }
    uint16_t sizes[] = {(uint16_t)(4 + 2 * n), (uint16_t)(table - fb->table_start)};
    push(fb, sizes, sizeof sizes);
    if (fb->failed)
        return 0;
    to_vtable = (int32_t)(here(fb) - table);
    memcpy(fb->data + fb->capacity - table, &to_vtable, sizeof to_vtable);
    return table;
}

struct str flatbuffer_finish(struct flatbuffer *fb, flatbuffer_ref root)
{
    align_to(fb, 8, 4);
    push_ref(fb, root);
    if (fb->failed)
        return STR("");
    return (struct str){(const char *)head(fb), fb->used};
}

void flatbuffer_clear(struct flatbuffer *fb)
{
    fb->used = 0;
    fb->align = 0;
    fb->failed = false;
}

void flatbuffer_fini(struct flatbuffer *fb)
{
    free(fb->data);
    *fb = (struct flatbuffer){0};
}
