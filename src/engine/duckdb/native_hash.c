/* stable_hash64 and stable_hash128 over the rows of a chunk, a column at a time. The kernel is
 * kernels/stable_hash.h; here are types and NULLs. */
#include "engine/duckdb/native_functions.h"

#include "base/digest.h"
#include "kernels/stable_hash.h"

/* Folds one integer column into the hashes of the rows. */
#define HASH_INTEGERS(type)                                                                        \
    for (idx_t i = 0; i < rows; i++)                                                               \
    hashes[i] = stable_hash_int(hashes[i], (int64_t)((const type *)data)[i])

static bool hash_column(uint64_t *hashes, idx_t rows, duckdb_type type, void *data)
{
    switch (type) {
    case DUCKDB_TYPE_BIGINT:
        HASH_INTEGERS(int64_t);
        return true;
    case DUCKDB_TYPE_INTEGER:
        HASH_INTEGERS(int32_t);
        return true;
    case DUCKDB_TYPE_SMALLINT:
        HASH_INTEGERS(int16_t);
        return true;
    case DUCKDB_TYPE_TINYINT:
        HASH_INTEGERS(int8_t);
        return true;
    case DUCKDB_TYPE_UINTEGER:
        HASH_INTEGERS(uint32_t);
        return true;
    case DUCKDB_TYPE_USMALLINT:
        HASH_INTEGERS(uint16_t);
        return true;
    case DUCKDB_TYPE_UTINYINT:
        HASH_INTEGERS(uint8_t);
        return true;
    case DUCKDB_TYPE_VARCHAR: {
        duckdb_string_t *texts = data;
        for (idx_t i = 0; i < rows; i++)
            hashes[i] = stable_hash_text(hashes[i], duckdb_string_t_data(&texts[i]),
                                         duckdb_string_t_length(texts[i]));
        return true;
    }
    default:
        return false;
    }
}

static duckdb_type vector_type(duckdb_vector vector)
{
    duckdb_logical_type logical = duckdb_vector_get_column_type(vector);
    duckdb_type type = duckdb_get_type_id(logical);
    duckdb_destroy_logical_type(&logical);
    return type;
}

static bool has_null(duckdb_vector vector, idx_t rows)
{
    uint64_t *validity = duckdb_vector_get_validity(vector);
    if (!validity)
        return false;
    for (idx_t i = 0; i < rows; i++) {
        if (!duckdb_validity_row_is_valid(validity, i))
            return true;
    }
    return false;
}

static const char *const argument_help = "stable_hash64 takes VARCHAR and integers up to 64 bits; "
                                         "cast other types, enums among them, to VARCHAR";

/* An argument of the wrong type is found when a rule is compiled, not while it runs. */
void native_stable_hash64_bind(duckdb_bind_info info)
{
    idx_t count = duckdb_scalar_function_bind_get_argument_count(info);
    if (count == 0)
        duckdb_scalar_function_bind_set_error(info, "stable_hash64 needs at least one argument");
    for (idx_t i = 0; i < count; i++) {
        duckdb_expression argument = duckdb_scalar_function_bind_get_argument(info, i);
        duckdb_logical_type logical = duckdb_expression_return_type(argument);
        bool known = hash_column(NULL, 0, duckdb_get_type_id(logical), NULL);
        duckdb_destroy_logical_type(&logical);
        duckdb_destroy_expression(&argument);
        if (!known) {
            duckdb_scalar_function_bind_set_error(info, argument_help);
            return;
        }
    }
}

void native_stable_hash64(duckdb_function_info info, duckdb_data_chunk input, duckdb_vector output)
{
    idx_t rows = duckdb_data_chunk_get_size(input);
    idx_t columns = duckdb_data_chunk_get_column_count(input);
    uint64_t *hashes = duckdb_vector_get_data(output);
    for (idx_t i = 0; i < rows; i++)
        hashes[i] = STABLE_HASH_SEED;
    for (idx_t c = 0; c < columns; c++) {
        duckdb_vector vector = duckdb_data_chunk_get_vector(input, c);
        if (has_null(vector, rows)) {
            duckdb_scalar_function_set_error(info, "stable_hash64: an argument is NULL; "
                                                   "filter such rows, or give a value for them");
            return;
        }
        if (!hash_column(hashes, rows, vector_type(vector), duckdb_vector_get_data(vector))) {
            duckdb_scalar_function_set_error(info, argument_help);
            return;
        }
    }
}

void native_stable_hash128(duckdb_function_info info, duckdb_data_chunk input, duckdb_vector output)
{
    idx_t rows = duckdb_data_chunk_get_size(input);
    duckdb_vector vector = duckdb_data_chunk_get_vector(input, 0);
    if (has_null(vector, rows)) {
        duckdb_scalar_function_set_error(info, "stable_hash128: the argument is NULL");
        return;
    }
    struct md5 *md5 = md5_new();
    if (!md5) {
        duckdb_scalar_function_set_error(info, "stable_hash128: out of memory");
        return;
    }
    duckdb_string_t *texts = duckdb_vector_get_data(vector);
    for (idx_t i = 0; i < rows; i++) {
        char hex[33];
        md5_hex(md5, duckdb_string_t_data(&texts[i]), duckdb_string_t_length(texts[i]), hex);
        duckdb_vector_assign_string_element_len(output, i, hex, 32);
    }
    md5_free(md5);
}
