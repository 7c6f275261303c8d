/* Reads the cells of Arrow arrays (the published C data interface) as text and as JSON. */
#ifndef CLI_ARROW_VIEW_H
#define CLI_ARROW_VIEW_H

#include <stdbool.h>

#include "cli/display_text.h"
#include "relgraph/relgraph.h"

enum arrow_kind {
    ARROW_NULL,
    ARROW_BOOL,
    ARROW_INT,
    ARROW_FLOAT,
    ARROW_DECIMAL,
    ARROW_TEXT,
    ARROW_BINARY,
    ARROW_FIXED_BINARY,
    ARROW_DATE,
    ARROW_TIME,
    ARROW_TIMESTAMP,
    ARROW_DURATION,
    ARROW_INTERVAL, /* months, days, nanoseconds */
    ARROW_LIST,
    ARROW_FIXED_LIST,
    ARROW_STRUCT,
    ARROW_MAP
};

/* How variable-length values are found in the buffers. */
enum arrow_layout { LAYOUT_32, LAYOUT_64, LAYOUT_VIEW };

/* What a schema says of a column, understood once. Its name is borrowed from the schema. */
struct arrow_type {
    const char *name;
    enum arrow_kind kind;
    enum arrow_layout layout;
    unsigned width;  /* bytes of one value of a fixed-width type, values of a fixed list */
    unsigned digits; /* of the fraction: decimals, and times (0 s, 3 ms, 6 us, 9 ns) */
    bool is_signed;
    bool has_zone; /* a timestamp in UTC */
    bool is_id;    /* a 64-bit identifier: a string in JSON, since it does not fit a double */
    struct arrow_type *children;
    size_t n_children;
    struct arrow_type *dictionary; /* the type of the values that the numbers stand for */
};

/* Understands a schema. On failure `message` says which format is not supported and the type is
 * empty. Free with arrow_type_fini, also after failure. The schema must outlive the type. */
bool arrow_type_init(struct arrow_type *type, const struct ArrowSchema *schema,
                     struct text *message);
void arrow_type_fini(struct arrow_type *type);

/* Numbers stand at the right of a table's column. */
bool arrow_is_number(const struct arrow_type *type);

bool arrow_is_null(const struct arrow_type *type, const struct ArrowArray *array, int64_t row);
/* The cell as plain text: text as it is, nested values as JSON; nothing for NULL. */
void arrow_plain(const struct arrow_type *type, const struct ArrowArray *array, int64_t row,
                 struct text *out);
/* The cell as one JSON value. Integers and decimals that a double does not hold exactly, and all
 * identifiers, are strings; floats that are no numbers are "NaN", "Infinity" and "-Infinity". */
void arrow_json(const struct arrow_type *type, const struct ArrowArray *array, int64_t row,
                struct text *out);

#endif
