/* Reads Arrow IPC files as relgraph writes them: columns of numbers, booleans and texts, texts also
 * by way of one dictionary a column, nothing compressed. Whatever a file says is checked before it
 * is believed: a damaged file is an error, never a wrong access. */
#ifndef ENGINE_ARROW_IPC_READ_H
#define ENGINE_ARROW_IPC_READ_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "relgraph/relgraph.h"

enum arrow_value {
    ARROW_VALUE_BOOL,
    ARROW_VALUE_INT, /* of 8 to 64 bits */
    ARROW_VALUE_FLOAT,
    ARROW_VALUE_TEXT
};

struct arrow_column {
    struct str name;
    enum arrow_value value;
    unsigned bits;      /* of numbers */
    bool is_signed;     /* of integers */
    bool wide;          /* texts with offsets of 64 bits */
    bool has_codes;     /* texts in a dictionary */
    unsigned code_bits; /* of the codes */
    bool codes_signed;
    int64_t dictionary; /* its id */
};

/* The values of one column: of a batch, or of a dictionary. The memory is its own. */
struct arrow_slice {
    void *memory;
    int64_t rows;
    const uint8_t *validity; /* a bit a row; NULL: none is NULL */
    const uint8_t *values;   /* numbers, bits of booleans, codes; or the bytes of texts */
    const uint8_t *offsets;  /* of texts, rows + 1; NULL: not a column of plain texts */
};

struct arrow_file;

/* Opens a file and reads its footer and the metadata of its batches. Errors: IO, MEMORY, CORRUPT
 * for what is no such file or beyond what relgraph writes, LIMIT. Free with arrow_file_close, which
 * accepts NULL. */
RG_MUST_CHECK enum rg_status arrow_file_open(const char *path, struct arrow_file **out_file,
                                             struct rg_error *err);
void arrow_file_close(struct arrow_file *file);

size_t arrow_file_columns(const struct arrow_file *file, const struct arrow_column **out_columns);
size_t arrow_file_batches(const struct arrow_file *file);
int64_t arrow_file_batch_rows(const struct arrow_file *file, size_t batch);
uint64_t arrow_file_rows(const struct arrow_file *file);

/* Reads one column of one batch; of a column with codes these, each checked against the
 * dictionary's number of texts (`n_texts`). Texts are valid UTF-8. Free with arrow_slice_fini. */
RG_MUST_CHECK enum rg_status arrow_file_read(const struct arrow_file *file, size_t batch,
                                             size_t column, int64_t n_texts,
                                             struct arrow_slice *out_slice, struct rg_error *err);
/* Reads the dictionary of a column that has one. */
RG_MUST_CHECK enum rg_status arrow_file_dictionary(const struct arrow_file *file, size_t column,
                                                   struct arrow_slice *out_slice,
                                                   struct rg_error *err);
void arrow_slice_fini(struct arrow_slice *slice);

static inline bool arrow_slice_is_null(const struct arrow_slice *slice, int64_t row)
{
    return slice->validity && !(slice->validity[row / 8] >> (row % 8) & 1);
}
/* A text of a slice of plain texts. */
struct str arrow_slice_text(const struct arrow_slice *slice, bool wide, int64_t row);
/* The code of a row. */
int64_t arrow_slice_code(const struct arrow_slice *slice, const struct arrow_column *column,
                         int64_t row);

#endif
