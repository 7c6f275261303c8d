/* Joins Arrow arrays of one schema: the engine gives 2,048 rows at a time, readers want more. Works
 * on the layouts of the Arrow columnar format that the engine produces, nested ones included. */
#ifndef ENGINE_ARROW_CONCAT_H
#define ENGINE_ARROW_CONCAT_H

#include <stdbool.h>

#include "relgraph/relgraph.h"

struct arrow_node;

/* A schema's types, flattened in pre-order. Zero is valid and empty. */
struct arrow_shape {
    struct arrow_node *nodes;
    size_t n_nodes;
};

/* UNSUPPORTED types are no error of the caller: such arrays cannot be joined, only passed on. */
enum arrow_result { ARROW_DONE, ARROW_UNSUPPORTED, ARROW_TOO_LARGE, ARROW_NO_MEMORY };

/* Nothing of the schema is kept. Free with arrow_shape_fini, also after failure. */
enum arrow_result arrow_shape_init(struct arrow_shape *shape, const struct ArrowSchema *schema);
void arrow_shape_fini(struct arrow_shape *shape);

/* A new array with the first `rows` rows of all arrays one behind the other; the arrays stay as
 * they are. TOO_LARGE: a column would need offsets of more than 31 bits. On failure *out is
 * released. */
enum arrow_result arrow_concat(const struct arrow_shape *shape, const struct ArrowArray *arrays,
                               size_t n_arrays, int64_t rows, struct ArrowArray *out);

#endif
