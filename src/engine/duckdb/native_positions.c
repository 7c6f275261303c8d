/* Positions in lines over the rows of a chunk. The kernel is kernels/text_positions.h; here are
 * types and NULLs: what is no position is NULL, and position_error says why. */
#include "engine/duckdb/native_functions.h"

#include <string.h>

#include "kernels/text_positions.h"

static enum position_encoding encoding_of(duckdb_string_t *name)
{
    return position_encoding_parse(duckdb_string_t_data(name), duckdb_string_t_length(*name));
}

void native_position_encoding_norm(duckdb_function_info info, duckdb_data_chunk input,
                                   duckdb_vector output)
{
    (void)info;
    idx_t rows = duckdb_data_chunk_get_size(input);
    duckdb_vector vector = duckdb_data_chunk_get_vector(input, 0);
    duckdb_string_t *names = duckdb_vector_get_data(vector);
    const uint64_t *validity = duckdb_vector_get_validity(vector);
    for (idx_t i = 0; i < rows; i++) {
        const char *name =
            native_is_valid(validity, i) ? position_encoding_name(encoding_of(&names[i])) : NULL;
        if (name)
            duckdb_vector_assign_string_element_len(output, i, name, strlen(name));
        else
            native_set_null(output, i);
    }
}

/* The three arguments of a chunk, row by row. Most rows name one encoding: it is parsed where it
 * changes. */
struct positions {
    idx_t rows;
    duckdb_string_t *lines, *encodings;
    const int64_t *offsets;
    const uint64_t *validity[3];
    enum position_encoding encoding;
    char seen[12]; /* the name that `encoding` is of; it fits into the string_t */
    uint32_t seen_len;
};

static void positions_init(struct positions *p, duckdb_data_chunk input)
{
    *p = (struct positions){.rows = duckdb_data_chunk_get_size(input), .seen_len = UINT32_MAX};
    duckdb_vector columns[3];
    for (idx_t c = 0; c < 3; c++) {
        columns[c] = duckdb_data_chunk_get_vector(input, c);
        p->validity[c] = duckdb_vector_get_validity(columns[c]);
    }
    p->lines = duckdb_vector_get_data(columns[0]);
    p->offsets = duckdb_vector_get_data(columns[1]);
    p->encodings = duckdb_vector_get_data(columns[2]);
}

static enum position_encoding row_encoding(struct positions *p, idx_t row)
{
    duckdb_string_t *name = &p->encodings[row];
    uint32_t len = duckdb_string_t_length(*name);
    const char *text = duckdb_string_t_data(name);
    if (len != p->seen_len || memcmp(text, p->seen, len) != 0) {
        p->encoding = position_encoding_parse(text, len);
        p->seen_len = len <= sizeof p->seen ? len : UINT32_MAX;
        if (len <= sizeof p->seen)
            memcpy(p->seen, text, len);
    }
    return p->encoding;
}

static bool row_is_null(const struct positions *p, idx_t row)
{
    return !native_is_valid(p->validity[0], row) || !native_is_valid(p->validity[1], row) ||
           !native_is_valid(p->validity[2], row);
}

typedef enum position_status convert_fn(const char *line, size_t len, int64_t offset,
                                        enum position_encoding encoding, int64_t *out);

static void convert(duckdb_data_chunk input, duckdb_vector output, convert_fn *kernel)
{
    struct positions p;
    positions_init(&p, input);
    int64_t *results = duckdb_vector_get_data(output);
    for (idx_t i = 0; i < p.rows; i++) {
        enum position_encoding encoding =
            row_is_null(&p, i) ? POSITION_UNKNOWN : row_encoding(&p, i);
        if (encoding == POSITION_UNKNOWN ||
            kernel(duckdb_string_t_data(&p.lines[i]), duckdb_string_t_length(p.lines[i]),
                   p.offsets[i], encoding, &results[i]) != POSITION_OK)
            native_set_null(output, i);
    }
}

void native_col_to_byte(duckdb_function_info info, duckdb_data_chunk input, duckdb_vector output)
{
    (void)info;
    convert(input, output, position_to_byte);
}

void native_byte_to_col(duckdb_function_info info, duckdb_data_chunk input, duckdb_vector output)
{
    (void)info;
    convert(input, output, position_to_column);
}

/* Why col_to_byte gives NULL for arguments that are not: static, or NULL where it does not. */
static const char *row_error(struct positions *p, idx_t row)
{
    enum position_encoding encoding = row_encoding(p, row);
    if (encoding == POSITION_UNKNOWN)
        return "encoding";
    int64_t byte;
    switch (position_to_byte(duckdb_string_t_data(&p->lines[row]),
                             duckdb_string_t_length(p->lines[row]), p->offsets[row], encoding,
                             &byte)) {
    case POSITION_BEYOND:
        return "beyond";
    case POSITION_INSIDE:
        return "inside";
    default:
        return NULL;
    }
}

void native_position_error(duckdb_function_info info, duckdb_data_chunk input, duckdb_vector output)
{
    (void)info;
    struct positions p;
    positions_init(&p, input);
    for (idx_t i = 0; i < p.rows; i++) {
        const char *what = row_is_null(&p, i) ? NULL : row_error(&p, i);
        if (what)
            duckdb_vector_assign_string_element_len(output, i, what, strlen(what));
        else
            native_set_null(output, i);
    }
}
