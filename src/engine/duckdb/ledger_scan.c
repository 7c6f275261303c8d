/* The table function relgraph_ledger(n): the rows of a table of the ledger, in their order, which
 * is why one thread reads them. They go from the ledger's arena into the engine's vectors as they
 * are: no text of them is made and parsed. */
#include "engine/duckdb/ledger_scan.h"

#include <stdlib.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/utf8.h"
#include "engine/duckdb/engine_newer.h"

static const char function_name[] = "relgraph_ledger";

static const duckdb_type column_types[] = {
    [LEDGER_TEXT] = DUCKDB_TYPE_VARCHAR,
    [LEDGER_INT] = DUCKDB_TYPE_BIGINT,
    [LEDGER_REAL] = DUCKDB_TYPE_DOUBLE,
    [LEDGER_BOOL] = DUCKDB_TYPE_BOOLEAN,
};

/* Made when a query is bound; a query reads its table once. */
struct ledger_scan {
    const struct ledger *ledger;
    enum ledger_table_id table;
    size_t next; /* row */
};

static void ledger_bind(duckdb_bind_info info)
{
    duckdb_value value = duckdb_bind_get_parameter(info, 0);
    int64_t number = duckdb_get_int64(value);
    duckdb_destroy_value(&value);
    if (number < 0 || number >= LEDGER_TABLES) {
        duckdb_bind_set_error(info, "the ledger has no table of this number");
        return;
    }
    struct ledger_scan *scan = malloc(sizeof *scan);
    if (!scan) {
        duckdb_bind_set_error(info, "out of memory");
        return;
    }
    *scan = (struct ledger_scan){duckdb_bind_get_extra_info(info), (enum ledger_table_id)number, 0};
    const struct ledger_table *table = &ledger_tables[number];
    for (size_t i = 0; i < table->n_columns; i++) {
        duckdb_logical_type type = duckdb_create_logical_type(column_types[table->columns[i].type]);
        duckdb_bind_add_result_column(info, table->columns[i].name, type);
        duckdb_destroy_logical_type(&type);
    }
    duckdb_bind_set_cardinality(info, ledger_rows(scan->ledger, scan->table), true);
    duckdb_bind_set_bind_data(info, scan, free);
}

static void ledger_init(duckdb_init_info info)
{
    duckdb_init_set_max_threads(info, 1);
}

/* Texts may quote anything: a byte that is not UTF-8 becomes U+FFFD. False: memory is out. */
static bool give_text(duckdb_vector out, idx_t row, struct str text)
{
    struct buffer repaired = {0};
    if (!utf8_valid(text.ptr, text.len)) {
        utf8_replace(&repaired, text.ptr, text.len);
        text = buffer_view(&repaired);
    }
    bool good = !repaired.failed;
    if (good)
        duckdb_unsafe_vector_assign_string_element_len(out, row, text.ptr, text.len);
    buffer_fini(&repaired);
    return good;
}

static bool give_value(duckdb_vector out, idx_t row, enum ledger_type type,
                       const struct ledger_value *value)
{
    void *values = duckdb_vector_get_data(out);
    if (value->is_null) {
        duckdb_vector_ensure_validity_writable(out);
        duckdb_validity_set_row_invalid(duckdb_vector_get_validity(out), row);
        return true;
    }
    switch (type) {
    case LEDGER_TEXT:
        return give_text(out, row, value->text);
    case LEDGER_INT:
        ((int64_t *)values)[row] = value->integer;
        break;
    case LEDGER_REAL:
        ((double *)values)[row] = value->real;
        break;
    case LEDGER_BOOL:
        ((bool *)values)[row] = value->integer != 0;
        break;
    }
    return true;
}

static void ledger_next(duckdb_function_info info, duckdb_data_chunk output)
{
    struct ledger_scan *scan = duckdb_function_get_bind_data(info);
    const struct ledger_table *table = &ledger_tables[scan->table];
    size_t left = ledger_rows(scan->ledger, scan->table) - scan->next;
    size_t rows = left < duckdb_vector_size() ? left : duckdb_vector_size();
    bool good = true;
    for (size_t column = 0; column < table->n_columns; column++) {
        duckdb_vector out = duckdb_data_chunk_get_vector(output, column);
        for (size_t row = 0; row < rows && good; row++)
            good = give_value(out, row, table->columns[column].type,
                              &ledger_row(scan->ledger, scan->table, scan->next + row)[column]);
    }
    if (!good) {
        duckdb_function_set_error(info, "out of memory");
        return;
    }
    scan->next += rows;
    duckdb_data_chunk_set_size(output, rows);
}

enum rg_status ledger_scan_register(duckdb_connection connection, struct ledger *ledger,
                                    struct rg_error *err)
{
    duckdb_table_function function = duckdb_create_table_function();
    duckdb_logical_type number = duckdb_create_logical_type(DUCKDB_TYPE_BIGINT);
    duckdb_table_function_set_name(function, function_name);
    duckdb_table_function_add_parameter(function, number);
    duckdb_table_function_set_extra_info(function, ledger, NULL);
    duckdb_table_function_set_bind(function, ledger_bind);
    duckdb_table_function_set_init(function, ledger_init);
    duckdb_table_function_set_function(function, ledger_next);
    duckdb_state state = duckdb_register_table_function(connection, function);
    duckdb_destroy_table_function(&function);
    duckdb_destroy_logical_type(&number);
    if (state != DuckDBSuccess)
        return error_set(err, RG_ERR_ENGINE, "engine", "cannot register the function %s",
                         function_name);
    return RG_OK;
}
