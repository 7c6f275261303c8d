/* A builder of FlatBuffers, as far as the metadata of Arrow IPC needs it: tables, strings, vectors
 * of tables and of structs. The format is published (flatbuffers.dev, "Internals"); it is written
 * from its end to its beginning, so what is referred to comes before what refers to it. */
#ifndef ENGINE_FLATBUFFER_H
#define ENGINE_FLATBUFFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

enum { FLATBUFFER_SLOTS_MAX = 8 };

/* Where something lies, counted from the end of the buffer; 0: nowhere. */
typedef uint32_t flatbuffer_ref;

/* Zero is a valid empty builder. A failed append sets `failed`, and the rest does nothing: check
 * once at the end. */
struct flatbuffer {
    uint8_t *data;
    size_t capacity, used; /* what is used lies at the end of data */
    size_t align;          /* the largest so far */
    bool failed;           /* memory is out, or LIMIT_FLATBUFFER_BYTES reached */
    /* of the table being written */
    uint32_t slots[FLATBUFFER_SLOTS_MAX];
    size_t table_start;
};

flatbuffer_ref flatbuffer_string(struct flatbuffer *fb, struct str text);
flatbuffer_ref flatbuffer_refs(struct flatbuffer *fb, const flatbuffer_ref *refs, size_t count);
/* `count` structs of `size` bytes as they are in memory: little-endian, aligned to 8. */
flatbuffer_ref flatbuffer_structs(struct flatbuffer *fb, const void *structs, size_t size,
                                  size_t count);
flatbuffer_ref flatbuffer_ints(struct flatbuffer *fb, const int32_t *values, size_t count);

/* Between begin and end only the fields of that table. A value that is the default is left out. */
void flatbuffer_table_begin(struct flatbuffer *fb);
void flatbuffer_u8(struct flatbuffer *fb, unsigned slot, uint8_t value, uint8_t standard);
void flatbuffer_i16(struct flatbuffer *fb, unsigned slot, int16_t value, int16_t standard);
void flatbuffer_i32(struct flatbuffer *fb, unsigned slot, int32_t value, int32_t standard);
void flatbuffer_i64(struct flatbuffer *fb, unsigned slot, int64_t value, int64_t standard);
void flatbuffer_ref_to(struct flatbuffer *fb, unsigned slot, flatbuffer_ref ref); /* 0: left out */
flatbuffer_ref flatbuffer_table_end(struct flatbuffer *fb);

/* The bytes with that table as the root, a multiple of 8; they live until the builder changes.
 * Empty where it failed. */
struct str flatbuffer_finish(struct flatbuffer *fb, flatbuffer_ref root);
void flatbuffer_clear(struct flatbuffer *fb); /* empties it for reuse */
void flatbuffer_fini(struct flatbuffer *fb);

#endif
