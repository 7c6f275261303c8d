/* Texts as JSON strings over the rows of a chunk. The writer is base/buffer.h; here are NULLs. */
#include "engine/duckdb/native_functions.h"

#include "base/buffer.h"

void native_json_text(duckdb_function_info info, duckdb_data_chunk input, duckdb_vector output)
{
    idx_t rows = duckdb_data_chunk_get_size(input);
    duckdb_vector vector = duckdb_data_chunk_get_vector(input, 0);
    duckdb_string_t *texts = duckdb_vector_get_data(vector);
    const uint64_t *validity = duckdb_vector_get_validity(vector);
    struct buffer json = {0};
    bool failed = false;
    for (idx_t i = 0; i < rows && !failed; i++) {
        if (!native_is_valid(validity, i)) {
            native_set_null(output, i);
            continue;
        }
        buffer_clear(&json);
        buffer_json_text(
            &json, (struct str){duckdb_string_t_data(&texts[i]), duckdb_string_t_length(texts[i])});
        failed = json.failed;
        if (!failed)
            duckdb_vector_assign_string_element_len(output, i, json.data, json.len);
    }
    if (failed)
        duckdb_scalar_function_set_error(info, "json_text: out of memory");
    buffer_fini(&json);
}
