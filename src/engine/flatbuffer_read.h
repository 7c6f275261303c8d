/* Reads FlatBuffers that may be anything: every place is checked to lie inside. What is missing, or
 * lies outside, reads as the default; `bad` says that something lay outside. */
#ifndef ENGINE_FLATBUFFER_READ_H
#define ENGINE_FLATBUFFER_READ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

struct flatbuffer_view {
    const uint8_t *data;
    size_t size;
    bool bad;
};

/* A table by its place; 0: there is none, and its fields are the defaults. */
typedef size_t flatbuffer_table;

flatbuffer_table flatbuffer_root(struct flatbuffer_view *view);
int64_t flatbuffer_get(struct flatbuffer_view *view, flatbuffer_table table, unsigned slot,
                       unsigned bytes, int64_t standard);
flatbuffer_table flatbuffer_get_table(struct flatbuffer_view *view, flatbuffer_table table,
                                      unsigned slot);
struct str flatbuffer_get_string(struct flatbuffer_view *view, flatbuffer_table table,
                                 unsigned slot);
/* The number of elements of a vector and, behind them, its first byte; all of them lie inside. */
size_t flatbuffer_get_vector(struct flatbuffer_view *view, flatbuffer_table table, unsigned slot,
                             size_t element_size, const uint8_t **out_first);
/* The i-th table of a vector of tables whose first element is there. */
flatbuffer_table flatbuffer_element(struct flatbuffer_view *view, const uint8_t *first, size_t i);

#endif
