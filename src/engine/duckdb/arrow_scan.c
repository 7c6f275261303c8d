/* The table function relgraph_arrow(files): the rows of Arrow IPC files of one schema, one file
 * behind the other and in their order, which is why one thread reads them. It is for our own views;
 * the text of a user is refused where it names it (parse_tree.c). Files are open one at a time. */
#include "engine/duckdb/arrow_scan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "engine/arrow_ipc_read.h"
#include "engine/duckdb/engine_newer.h"

/* --- What is read: made when a query is bound ---------------------------------------------------
 */

struct scan_bind {
    char **paths;
    size_t n_paths;
    struct arrow_file *shape; /* the first file, for its columns */
};

static void scan_bind_free(void *data)
{
    struct scan_bind *bind = data;
    if (!bind)
        return;
    for (size_t i = 0; bind->paths && i < bind->n_paths; i++)
        duckdb_free(bind->paths[i]);
    free(bind->paths);
    arrow_file_close(bind->shape);
    free(bind);
}

static duckdb_type column_type(const struct arrow_column *column)
{
    static const duckdb_type integers[4][2] = {
        {DUCKDB_TYPE_UTINYINT, DUCKDB_TYPE_TINYINT},
        {DUCKDB_TYPE_USMALLINT, DUCKDB_TYPE_SMALLINT},
        {DUCKDB_TYPE_UINTEGER, DUCKDB_TYPE_INTEGER},
        {DUCKDB_TYPE_UBIGINT, DUCKDB_TYPE_BIGINT},
    };
    switch (column->value) {
    case ARROW_VALUE_BOOL:
        return DUCKDB_TYPE_BOOLEAN;
    case ARROW_VALUE_FLOAT:
        return column->bits == 32 ? DUCKDB_TYPE_FLOAT : DUCKDB_TYPE_DOUBLE;
    case ARROW_VALUE_TEXT:
        return DUCKDB_TYPE_VARCHAR;
    case ARROW_VALUE_INT:
        break;
    }
    return integers[__builtin_ctz(column->bits / 8)][column->is_signed];
}

/* Whether the columns of a file are those of the first one. */
static bool same_columns(const struct arrow_file *a, const struct arrow_file *b)
{
    const struct arrow_column *x, *y;
    size_t n = arrow_file_columns(a, &x);
    if (arrow_file_columns(b, &y) != n)
        return false;
    for (size_t i = 0; i < n; i++)
        if (!str_eq(x[i].name, y[i].name) || column_type(&x[i]) != column_type(&y[i]))
            return false;
    return true;
}

/* Opens each once: its rows are counted, and a damaged one is found before anything is read. */
static enum rg_status bind_files(struct scan_bind *bind, uint64_t *out_rows, struct rg_error *err)
{
    enum rg_status status = RG_OK;
    *out_rows = 0;
    for (size_t i = 0; i < bind->n_paths && !status; i++) {
        struct arrow_file *file;
        status = arrow_file_open(bind->paths[i], &file, err);
        if (status)
            break;
        *out_rows += arrow_file_rows(file);
        if (!bind->shape) {
            bind->shape = file;
            continue;
        }
        if (!same_columns(bind->shape, file))
            status = error_set(err, RG_ERR_CORRUPT, "engine", "%s has other columns than %s",
                               bind->paths[i], bind->paths[0]);
        arrow_file_close(file);
    }
    return status;
}

static enum rg_status bind_paths(duckdb_bind_info info, struct scan_bind *bind,
                                 struct rg_error *err)
{
    duckdb_value list = duckdb_bind_get_parameter(info, 0);
    size_t n = duckdb_get_list_size(list);
    enum rg_status status = RG_OK;
    bind->paths = calloc(n + 1, sizeof *bind->paths);
    if (!bind->paths)
        status = error_no_memory(err, "engine");
    for (size_t i = 0; i < n && !status; i++) {
        duckdb_value path = duckdb_get_list_child(list, i);
        bind->paths[i] = duckdb_get_varchar(path);
        bind->n_paths = i + 1;
        duckdb_destroy_value(&path);
    }
    duckdb_destroy_value(&list);
    if (!status && n == 0)
        status = error_set(err, RG_ERR_USAGE, "engine", "relgraph_arrow needs a file");
    return status;
}

static enum rg_status bind_columns(duckdb_bind_info info, const struct scan_bind *bind,
                                   struct rg_error *err)
{
    const struct arrow_column *columns;
    size_t n = arrow_file_columns(bind->shape, &columns);
    for (size_t i = 0; i < n; i++) {
        char *name = strndup(columns[i].name.ptr, columns[i].name.len);
        if (!name)
            return error_no_memory(err, "engine");
        duckdb_logical_type type = duckdb_create_logical_type(column_type(&columns[i]));
        duckdb_bind_add_result_column(info, name, type);
        duckdb_destroy_logical_type(&type);
        free(name);
    }
    return RG_OK;
}

static void scan_bind(duckdb_bind_info info)
{
    struct rg_error err = {0};
    uint64_t rows = 0;
    struct scan_bind *bind = calloc(1, sizeof *bind);
    enum rg_status status = bind ? bind_paths(info, bind, &err) : error_no_memory(&err, "engine");
    if (!status)
        status = bind_files(bind, &rows, &err);
    if (!status)
        status = bind_columns(info, bind, &err);
    if (status) {
        duckdb_bind_set_error(info, err.message);
        scan_bind_free(bind);
        return;
    }
    duckdb_bind_set_cardinality(info, rows, true);
    duckdb_bind_set_bind_data(info, bind, scan_bind_free);
}

/* --- Reading: the state of one scan -------------------------------------------------------------
 */

struct scan_column {
    size_t number; /* in the file */
    struct arrow_slice slice;
    /* of one with codes: its texts as a vector, with NULL behind them, of the file that is open */
    duckdb_vector texts;
    int64_t n_texts;
};

struct scan_state {
    const struct scan_bind *bind;
    struct arrow_file *file;
    size_t next_path, batch;
    int64_t row, rows; /* of the batch that is loaded */
    struct scan_column *columns;
    size_t n_columns;
};

static void scan_close_file(struct scan_state *state)
{
    for (size_t i = 0; i < state->n_columns; i++) {
        struct scan_column *column = &state->columns[i];
        arrow_slice_fini(&column->slice);
        if (column->texts)
            duckdb_destroy_vector(&column->texts);
        column->texts = NULL;
    }
    arrow_file_close(state->file);
    state->file = NULL;
}

static void scan_state_free(void *data)
{
    struct scan_state *state = data;
    if (!state)
        return;
    scan_close_file(state);
    free(state->columns);
    free(state);
}

static void scan_init(duckdb_init_info info)
{
    struct scan_state *state = calloc(1, sizeof *state);
    size_t n = duckdb_init_get_column_count(info);
    if (state) {
        state->bind = duckdb_init_get_bind_data(info);
        state->columns = calloc(n + 1, sizeof *state->columns);
    }
    if (!state || !state->columns) {
        scan_state_free(state);
        duckdb_init_set_error(info, "out of memory");
        return;
    }
    state->n_columns = n;
    for (size_t i = 0; i < n; i++)
        state->columns[i].number = duckdb_init_get_column_index(info, i);
    duckdb_init_set_max_threads(info, 1);
    duckdb_init_set_init_data(info, state, scan_state_free);
}

/* A column that is not of the file: the engine asks for one when it only counts rows. */
static const struct arrow_column *file_column(const struct scan_state *state, size_t i)
{
    const struct arrow_column *columns;
    size_t n = arrow_file_columns(state->file, &columns);
    size_t number = state->columns[i].number;
    return number < n ? &columns[number] : NULL;
}

/* The texts of a dictionary as a vector, and a NULL behind them. */
static enum rg_status load_texts(struct scan_state *state, size_t i, bool wide,
                                 struct rg_error *err)
{
    struct scan_column *column = &state->columns[i];
    struct arrow_slice slice;
    enum rg_status status = arrow_file_dictionary(state->file, column->number, &slice, err);
    if (status)
        return status;
    duckdb_logical_type type = duckdb_create_logical_type(DUCKDB_TYPE_VARCHAR);
    column->texts = duckdb_create_vector(type, (idx_t)slice.rows + 1);
    duckdb_destroy_logical_type(&type);
    column->n_texts = slice.rows;
    duckdb_vector_ensure_validity_writable(column->texts);
    uint64_t *validity = duckdb_vector_get_validity(column->texts);
    for (int64_t row = 0; row <= slice.rows; row++) {
        if (row == slice.rows || arrow_slice_is_null(&slice, row)) {
            duckdb_validity_set_row_invalid(validity, (idx_t)row);
            continue;
        }
        struct str text = arrow_slice_text(&slice, wide, row);
        duckdb_unsafe_vector_assign_string_element_len(column->texts, (idx_t)row, text.ptr,
                                                       text.len);
    }
    arrow_slice_fini(&slice);
    return RG_OK;
}

static enum rg_status open_next(struct scan_state *state, struct rg_error *err)
{
    scan_close_file(state);
    enum rg_status status =
        arrow_file_open(state->bind->paths[state->next_path++], &state->file, err);
    if (status)
        return status;
    state->batch = 0;
    if (!same_columns(state->bind->shape, state->file))
        return error_set(err, RG_ERR_CORRUPT, "engine",
                         "an Arrow file was changed while it is read");
    for (size_t i = 0; i < state->n_columns && !status; i++) {
        const struct arrow_column *column = file_column(state, i);
        if (column && column->has_codes)
            status = load_texts(state, i, column->wide, err);
    }
    return status;
}

/* The next batch that has rows; none left: rows is 0. */
static enum rg_status load_batch(struct scan_state *state, struct rg_error *err)
{
    enum rg_status status = RG_OK;
    state->row = state->rows = 0;
    while (!status && !state->rows) {
        if (!state->file || state->batch == arrow_file_batches(state->file)) {
            if (state->next_path == state->bind->n_paths)
                return RG_OK;
            status = open_next(state, err);
            continue;
        }
        for (size_t i = 0; i < state->n_columns && !status; i++) {
            struct scan_column *column = &state->columns[i];
            arrow_slice_fini(&column->slice);
            if (file_column(state, i))
                status = arrow_file_read(state->file, state->batch, column->number, column->n_texts,
                                         &column->slice, err);
        }
        state->rows = arrow_file_batch_rows(state->file, state->batch++);
    }
    return status;
}

/* --- Rows into vectors --------------------------------------------------------------------------
 */

/* The engine keeps what it is given of the codes: each column and chunk has its own. */
static void give_codes(const struct scan_state *state, size_t i, const struct arrow_column *type,
                       int64_t rows, duckdb_vector out)
{
    const struct scan_column *column = &state->columns[i];
    duckdb_selection_vector selection = duckdb_create_selection_vector((idx_t)rows);
    uint32_t *codes = duckdb_selection_vector_get_data_ptr(selection);
    for (int64_t row = 0; row < rows; row++)
        codes[row] = (uint32_t)(arrow_slice_is_null(&column->slice, state->row + row)
                                    ? column->n_texts
                                    : arrow_slice_code(&column->slice, type, state->row + row));
    duckdb_vector_reference_vector(out, column->texts);
    duckdb_slice_vector(out, selection, (idx_t)rows);
    duckdb_destroy_selection_vector(selection);
}

static void give_nulls(const struct arrow_slice *slice, int64_t first, int64_t rows,
                       duckdb_vector out)
{
    if (!slice->validity)
        return;
    duckdb_vector_ensure_validity_writable(out);
    uint64_t *validity = duckdb_vector_get_validity(out);
    for (int64_t row = 0; row < rows; row++)
        if (arrow_slice_is_null(slice, first + row))
            duckdb_validity_set_row_invalid(validity, (idx_t)row);
}

static void give_column(const struct scan_state *state, size_t i, int64_t rows, duckdb_vector out)
{
    const struct arrow_column *type = file_column(state, i);
    const struct arrow_slice *slice = &state->columns[i].slice;
    if (!type)
        return;
    if (type->has_codes) {
        give_codes(state, i, type, rows, out);
        return;
    }
    give_nulls(slice, state->row, rows, out);
    if (type->value == ARROW_VALUE_TEXT) {
        for (int64_t row = 0; row < rows; row++) {
            if (arrow_slice_is_null(slice, state->row + row))
                continue;
            struct str text = arrow_slice_text(slice, type->wide, state->row + row);
            duckdb_unsafe_vector_assign_string_element_len(out, (idx_t)row, text.ptr, text.len);
        }
    } else if (type->value == ARROW_VALUE_BOOL) {
        bool *to = duckdb_vector_get_data(out);
        for (int64_t row = 0; row < rows; row++)
            to[row] = slice->values[(state->row + row) / 8] >> ((state->row + row) % 8) & 1;
    } else {
        size_t width = type->bits / 8;
        memcpy(duckdb_vector_get_data(out), slice->values + (size_t)state->row * width,
               (size_t)rows * width);
    }
}

static void scan_next(duckdb_function_info info, duckdb_data_chunk output)
{
    struct scan_state *state = duckdb_function_get_init_data(info);
    struct rg_error err = {0};
    int64_t most = (int64_t)duckdb_vector_size();
    if (state->row == state->rows && load_batch(state, &err) != RG_OK) {
        duckdb_function_set_error(info, err.message);
        return;
    }
    int64_t left = state->rows - state->row, rows = left < most ? left : most;
    for (size_t i = 0; i < state->n_columns && rows; i++)
        give_column(state, i, rows, duckdb_data_chunk_get_vector(output, i));
    state->row += rows;
    duckdb_data_chunk_set_size(output, (idx_t)rows);
}

enum rg_status arrow_scan_register(duckdb_connection connection, struct rg_error *err)
{
    duckdb_table_function function = duckdb_create_table_function();
    duckdb_logical_type text = duckdb_create_logical_type(DUCKDB_TYPE_VARCHAR);
    duckdb_logical_type list = duckdb_create_list_type(text);
    duckdb_table_function_set_name(function, "relgraph_arrow");
    duckdb_table_function_add_parameter(function, list);
    duckdb_table_function_set_bind(function, scan_bind);
    duckdb_table_function_set_init(function, scan_init);
    duckdb_table_function_set_function(function, scan_next);
    duckdb_table_function_supports_projection_pushdown(function, true);
    duckdb_state state = duckdb_register_table_function(connection, function);
    duckdb_destroy_table_function(&function);
    duckdb_destroy_logical_type(&list);
    duckdb_destroy_logical_type(&text);
    if (state != DuckDBSuccess)
        return error_set(err, RG_ERR_ENGINE, "engine", "cannot register the function %s",
                         "relgraph_arrow");
    return RG_OK;
}
