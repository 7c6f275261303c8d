/* Fields of an encoded protobuf message, one after the other: a key of number and wire type, and a
 * value behind it. By the published encoding; groups, which proto3 does not have, are none. */
#ifndef EXTRACT_SCIP_WIRE_H
#define EXTRACT_SCIP_WIRE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

enum scip_wire { SCIP_WIRE_VARINT, SCIP_WIRE_64, SCIP_WIRE_BYTES, SCIP_WIRE_32 = 5 };

struct scip_field {
    uint64_t number;
    enum scip_wire wire;
    uint64_t value;   /* of a varint */
    struct str bytes; /* of all others; lent */
};

enum scip_found { SCIP_FOUND, SCIP_FOUND_END, SCIP_FOUND_BROKEN };

/* False where it does not end, or is longer than 64 bits can be. */
static inline bool scip_take_varint(struct str message, size_t *at, uint64_t *out_value)
{
    uint64_t value = 0;
    if (*at < message.len && !(message.ptr[*at] & 0x80)) { /* nearly all are below 128 */
        *out_value = (unsigned char)message.ptr[(*at)++];
        return true;
    }
    for (unsigned shift = 0; shift < 64 && *at < message.len; shift += 7) {
        unsigned char byte = (unsigned char)message.ptr[(*at)++];
        value |= (uint64_t)(byte & 0x7F) << shift;
        if (!(byte & 0x80)) {
            *out_value = value;
            return true;
        }
    }
    return false;
}

/* The field at *at, which moves behind it. */
static inline enum scip_found scip_next_field(struct str message, size_t *at,
                                              struct scip_field *out_field)
{
    uint64_t key, size;
    if (*at >= message.len)
        return SCIP_FOUND_END;
    if (!scip_take_varint(message, at, &key) || !(key >> 3))
        return SCIP_FOUND_BROKEN;
    *out_field = (struct scip_field){.number = key >> 3, .wire = (enum scip_wire)(key & 7)};
    switch (out_field->wire) {
    case SCIP_WIRE_VARINT:
        return scip_take_varint(message, at, &out_field->value) ? SCIP_FOUND : SCIP_FOUND_BROKEN;
    case SCIP_WIRE_BYTES:
        if (!scip_take_varint(message, at, &size))
            return SCIP_FOUND_BROKEN;
        break;
    case SCIP_WIRE_64:
    case SCIP_WIRE_32:
        size = out_field->wire == SCIP_WIRE_64 ? 8 : 4;
        break;
    default:
        return SCIP_FOUND_BROKEN;
    }
    if (size > message.len - *at)
        return SCIP_FOUND_BROKEN;
    out_field->bytes = (struct str){message.ptr + *at, (size_t)size};
    *at += (size_t)size;
    return SCIP_FOUND;
}

/* The value of the last field of that number whose values are bytes; ptr NULL where there is none,
 * or the message is broken before it ends. */
static inline struct str scip_find_bytes(struct str message, unsigned number)
{
    struct str found = {NULL, 0};
    struct scip_field field;
    enum scip_found next;
    for (size_t at = 0; (next = scip_next_field(message, &at, &field)) == SCIP_FOUND;)
        if (field.number == number && field.wire == SCIP_WIRE_BYTES)
            found = field.bytes;
    return next == SCIP_FOUND_END ? found : (struct str){NULL, 0};
}

#endif
