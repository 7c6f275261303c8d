/* Places are offsets from the first byte; a sum is only made of what was checked before. */
#include "engine/flatbuffer_read.h"

#include <string.h>

/* `bytes` little-endian bytes at a place, as a signed number; 0 where they are not inside. */
static int64_t read_at(struct flatbuffer_view *view, size_t at, unsigned bytes)
{
    int8_t one;
    int16_t two;
    int32_t four;
    int64_t eight;
    if (at > view->size || bytes > view->size - at) {
        view->bad = true;
        return 0;
    }
    const uint8_t *from = view->data + at;
    switch (bytes) {
    case 1:
        memcpy(&one, from, 1);
        return one;
    case 2:
        memcpy(&two, from, 2);
        return two;
    case 4:
        memcpy(&four, from, 4);
        return four;
    default:
        memcpy(&eight, from, 8);
        return eight;
    }
}

static size_t unsigned_at(struct flatbuffer_view *view, size_t at)
{
    return (uint32_t)read_at(view, at, 4);
}

/* Where an offset that lies at a place leads. */
static size_t follow(struct flatbuffer_view *view, size_t at)
{
    size_t distance = unsigned_at(view, at);
    if (view->bad || distance == 0 || distance > view->size - at) {
        view->bad = true;
        return 0;
    }
    return at + distance;
}

flatbuffer_table flatbuffer_root(struct flatbuffer_view *view)
{
    return follow(view, 0);
}

/* The place of a field; 0: it is not there. */
static size_t field_at(struct flatbuffer_view *view, flatbuffer_table table, unsigned slot)
{
    if (!table || view->bad)
        return 0;
    int64_t vtable = (int64_t)table - read_at(view, table, 4);
    if (view->bad || vtable < 0 || vtable > (int64_t)view->size) {
        view->bad = true;
        return 0;
    }
    size_t size = (uint16_t)read_at(view, (size_t)vtable, 2), place = 4 + 2 * (size_t)slot;
    if (view->bad || place + 2 > size)
        return 0;
    size_t distance = (uint16_t)read_at(view, (size_t)vtable + place, 2);
    return view->bad || !distance ? 0 : table + distance;
}

int64_t flatbuffer_get(struct flatbuffer_view *view, flatbuffer_table table, unsigned slot,
                       unsigned bytes, int64_t standard)
{
    size_t at = field_at(view, table, slot);
    return at ? read_at(view, at, bytes) : standard;
}

flatbuffer_table flatbuffer_get_table(struct flatbuffer_view *view, flatbuffer_table table,
                                      unsigned slot)
{
    size_t at = field_at(view, table, slot);
    return at ? follow(view, at) : 0;
}

size_t flatbuffer_get_vector(struct flatbuffer_view *view, flatbuffer_table table, unsigned slot,
                             size_t element_size, const uint8_t **out_first)
{
    size_t at = field_at(view, table, slot);
    *out_first = NULL;
    at = at ? follow(view, at) : 0;
    if (!at)
        return 0;
    size_t count = unsigned_at(view, at);
    if (view->bad || count > (view->size - at - 4) / element_size) {
        view->bad = true;
        return 0;
    }
    *out_first = view->data + at + 4;
    return count;
}

struct str flatbuffer_get_string(struct flatbuffer_view *view, flatbuffer_table table,
                                 unsigned slot)
{
    const uint8_t *first;
    size_t count = flatbuffer_get_vector(view, table, slot, 1, &first);
    return (struct str){first ? (const char *)first : "", count};
}

flatbuffer_table flatbuffer_element(struct flatbuffer_view *view, const uint8_t *first, size_t i)
{
    return follow(view, (size_t)(first - view->data) + 4 * i);
}
