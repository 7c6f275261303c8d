/* Stores: an instance in memory, or one with a file attached, and a pool of connections to it. */
#include "engine/store.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/error.h"
#include "engine/duckdb/instance.h"
#include "engine/duckdb/ledger_scan.h"
#include "engine/duckdb/store_inside.h"

/* The name under which a file is attached. Names in views stay unqualified, so it is never seen. */
#define STORE_CATALOG "store"
#define FACTS_CATALOG "facts"

static enum rg_status connection_open(struct store *store, duckdb_connection *out_connection,
                                      struct rg_error *err)
{
    *out_connection = NULL;
    if (duckdb_connect(store->database, out_connection) != DuckDBSuccess)
        return error_set(err, RG_ERR_ENGINE, "engine", "cannot connect to the engine");
    struct runner runner = {*out_connection, store->watch, 0, RG_ERR_ENGINE};
    enum rg_status status = RG_OK;
    if (store->in_file)
        status = runner_exec(&runner, STR("USE " STORE_CATALOG), NULL, err);
    pthread_mutex_lock(&store->mutex);
    bool gently = store->gently || store->session->settings.spill_always;
    pthread_mutex_unlock(&store->mutex);
    if (status == RG_OK && gently)
        status = runner_exec(&runner, STR("SET debug_force_external = true"), NULL, err);
    if (status != RG_OK)
        duckdb_disconnect(out_connection);
    return status;
}

enum rg_status store_acquire(struct store *store, struct runner *out_runner, struct rg_error *err)
{
    *out_runner = (struct runner){.watch = store->watch, .wrong_text = RG_ERR_RULE};
    enum rg_status status = events_check(&store->session->events, err);
    if (status != RG_OK)
        return status;
    pthread_mutex_lock(&store->mutex);
    if (store->n_idle)
        out_runner->connection = store->idle[--store->n_idle];
    pthread_mutex_unlock(&store->mutex);
    if (out_runner->connection)
        return RG_OK;
    return connection_open(store, &out_runner->connection, err);
}

void store_release(struct store *store, struct runner *runner)
{
    if (!runner->connection)
        return;
    pthread_mutex_lock(&store->mutex);
    if (store->n_idle == store->idle_capacity) {
        size_t capacity = store->idle_capacity ? store->idle_capacity * 2 : 8;
        duckdb_connection *grown = realloc(store->idle, capacity * sizeof *grown);
        if (grown) {
            store->idle = grown;
            store->idle_capacity = capacity;
        }
    }
    if (store->n_idle < store->idle_capacity) {
        store->idle[store->n_idle++] = runner->connection;
        runner->connection = NULL;
    }
    pthread_mutex_unlock(&store->mutex);
    duckdb_disconnect(&runner->connection); /* where the pool could not grow */
}

enum rg_status store_checkpoint(struct store *store, struct rg_error *err)
{
    return store->in_file ? store_exec(store, STR("CHECKPOINT " STORE_CATALOG), err) : RG_OK;
}

enum rg_status store_run_alone(struct store *store, bool on, struct rg_error *err)
{
    unsigned threads = on ? 1 : store->session->settings.engine_threads;
    return store_execf(store, err, "SET threads = %u", threads ? threads : 1);
}

/* How to spill belongs to a connection: idle ones go, so that the next are opened anew. */
enum rg_status store_go_gently(struct store *store, bool on, struct rg_error *err)
{
    pthread_mutex_lock(&store->mutex);
    store->gently = on;
    while (store->n_idle)
        duckdb_disconnect(&store->idle[--store->n_idle]);
    pthread_mutex_unlock(&store->mutex);
    return store_run_alone(store, on, err);
}

enum rg_status store_show_ledger(struct store *store, struct rg_error *err)
{
    struct runner runner;
    enum rg_status status = store_acquire(store, &runner, err);
    if (status == RG_OK)
        status = ledger_scan_register(runner.connection, store->session->ledger, err);
    store_release(store, &runner);
    return status;
}

enum rg_status store_table_sizes(struct store *store, struct arena *arena,
                                 struct text_table *out_sizes, struct rg_error *err)
{
    enum { TABLES_MAX = 100000 };
    return store_table(store,
                       STR("SELECT regexp_replace(table_name, '" STORE_PACKED_SUFFIX "$', ''), "
                           "estimated_size FROM duckdb_tables() "
                           "WHERE schema_name = 'main' AND NOT internal"),
                       TABLES_MAX, arena, out_sizes, err);
}

/* Two settings stay free for statements of ours, see store_run_alone: only SELECTs come from
 * others. */
static enum rg_status store_lock(const struct runner *runner, struct rg_error *err)
{
    return runner_exec(runner,
                       STR("SET allowed_configs = ['debug_force_external', 'threads'];\n"
                           "SET lock_configuration = true"),
                       NULL, err);
}

/* A log that an older file of this name left would be replayed into the new one. */
static enum rg_status file_clear(const char *path, struct rg_error *err)
{
    struct buffer log = {0};
    buffer_printf(&log, "%s.wal", path);
    enum rg_status status = log.failed ? error_no_memory(err, "engine") : RG_OK;
    const char *files[] = {path, log.data};
    for (size_t i = 0; status == RG_OK && i < 2; i++) {
        if (unlink(files[i]) && errno != ENOENT)
            status = error_errno(err, "engine", errno, "cannot replace", files[i]);
    }
    buffer_fini(&log);
    return status;
}

/* A fresh file needs no log: it is whole after a checkpoint or worthless. */
static enum rg_status file_attach(const struct runner *runner, const struct store_options *options,
                                  struct rg_error *err)
{
    enum rg_status status = options->read_only ? RG_OK : file_clear(options->path, err);
    if (status != RG_OK)
        return status;
    struct buffer sql = {0};
    buffer_text(&sql, "ATTACH ");
    buffer_sql_text(&sql, str_of(options->path));
    buffer_text(&sql, " AS " STORE_CATALOG);
    buffer_text(&sql, options->read_only ? " (READ_ONLY)" : " (RECOVERY_MODE NO_WAL_WRITES)");
    status = sql.failed ? error_no_memory(err, "engine")
                        : runner_exec(runner, buffer_view(&sql), NULL, err);
    if (status != RG_OK)
        error_place(err, options->path, 0, 0);
    buffer_fini(&sql);
    return status;
}

/* The tables of another store's file become views of this one: rules name them as their own. A run
 * that kept what was between left views over its Parquet files, too, which may be anywhere now. */
static enum rg_status facts_attach(const struct runner *runner, const struct store_options *options,
                                   struct rg_error *err)
{
    struct arena arena = {0};
    struct buffer sql = {0};
    struct text_table tables = {.rows = 0};
    buffer_text(&sql, "ATTACH ");
    buffer_sql_text(&sql, str_of(options->facts));
    buffer_text(&sql, " AS " FACTS_CATALOG " (READ_ONLY)");
    enum rg_status status = sql.failed ? error_no_memory(err, "engine")
                                       : runner_exec(runner, buffer_view(&sql), NULL, err);
    buffer_clear(&sql);
    if (status == RG_OK)
        status = runner_table(runner,
                              STR("SELECT table_name FROM duckdb_tables() WHERE database_name = "
                                  "'" FACTS_CATALOG "' AND schema_name = 'main' UNION ALL SELECT "
                                  "view_name FROM duckdb_views() WHERE database_name = "
                                  "'" FACTS_CATALOG "' AND schema_name = 'main' AND NOT internal "
                                  "AND NOT contains(sql, 'read_parquet') ORDER BY 1"),
                              1000, &arena, &tables, err);
    for (size_t i = 0; i < tables.rows; i++) {
        buffer_text(&sql, options->path ? "CREATE VIEW " STORE_CATALOG ".main."
                                        : "CREATE VIEW memory.main.");
        buffer_sql_name(&sql, tables.cells[i]);
        buffer_text(&sql, " AS SELECT * FROM " FACTS_CATALOG ".main.");
        buffer_sql_name(&sql, tables.cells[i]);
        buffer_text(&sql, ";\n");
    }
    if (status == RG_OK)
        status = sql.failed ? error_no_memory(err, "engine")
                            : runner_exec(runner, buffer_view(&sql), NULL, err);
    if (status != RG_OK)
        error_place(err, options->facts, 0, 0);
    buffer_fini(&sql);
    arena_fini(&arena);
    return status;
}

enum rg_status store_open(struct rg_session *session, const struct store_options *options,
                          struct store **out_store, struct rg_error *err)
{
    *out_store = NULL;
    struct store *store = calloc(1, sizeof *store);
    if (!store)
        return error_no_memory(err, "engine");
    store->session = session;
    pthread_mutex_init(&store->mutex, NULL);
    struct runner runner = {.wrong_text = RG_ERR_ENGINE};
    const char *temp =
        options->temp_directory ? options->temp_directory : session->settings.temp_directory;
    enum rg_status status = instance_open(
        &(struct instance_options){
            .settings = &session->settings,
            .temp_directory = temp ? temp : options->allowed_directory,
            .keep_order = options->keep_order,
            .scratch = options->scratch,
            .no_threads = options->filling,
        },
        &store->database, &runner.connection, err);
    if (status == RG_OK)
        status = watch_open(&session->events.cancelled, &store->watch, err);
    runner.watch = store->watch;
    if (status == RG_OK && options->path)
        status = file_attach(&runner, options, err);
    if (status == RG_OK && options->facts)
        status = facts_attach(&runner, options, err);
    if (status == RG_OK)
        status = instance_shut_files(&runner, options->allowed_directory,
                                     options->compared_directory, err);
    if (status == RG_OK && !options->filling)
        status = store_lock(&runner, err);
    duckdb_disconnect(&runner.connection);
    store->in_file = options->path != NULL;
    if (status != RG_OK) {
        store_close(store);
        return status;
    }
    *out_store = store;
    return RG_OK;
}

void store_close(struct store *store)
{
    if (!store)
        return;
    for (size_t i = 0; i < store->n_idle; i++)
        duckdb_disconnect(&store->idle[i]);
    free(store->idle);
    watch_close(store->watch);
    duckdb_close(&store->database);
    pthread_mutex_destroy(&store->mutex);
    free(store);
}

enum rg_status store_exec_count(struct store *store, struct str sql, uint64_t *out_rows,
                                struct rg_error *err)
{
    struct runner runner;
    enum rg_status status = store_acquire(store, &runner, err);
    if (status == RG_OK)
        status = runner_exec(&runner, sql, out_rows, err);
    else if (out_rows)
        *out_rows = 0;
    store_release(store, &runner);
    return status;
}

enum rg_status store_exec(struct store *store, struct str sql, struct rg_error *err)
{
    return store_exec_count(store, sql, NULL, err);
}

enum rg_status store_execf(struct store *store, struct rg_error *err, const char *format, ...)
{
    va_list args;
    char *text = NULL;
    va_start(args, format);
    int length = vasprintf(&text, format, args);
    va_end(args);
    if (length < 0)
        return error_no_memory(err, "engine");
    enum rg_status status = store_exec(store, (struct str){text, (size_t)length}, err);
    free(text);
    return status;
}

static void vocabulary_print(struct buffer *sql, const struct vocabulary *type)
{
    buffer_text(sql, "CREATE TYPE ");
    buffer_sql_name(sql, str_of(type->name));
    buffer_text(sql, " AS ENUM (");
    for (unsigned i = 0; i < type->count; i++) {
        if (i)
            buffer_text(sql, ", ");
        buffer_sql_text(sql, str_of(type->values[i]));
    }
    buffer_text(sql, ");\n");
}

/* "name TYPE, …" of the columns in a set. */
static void columns_print(struct buffer *sql, const struct table_spec *table, uint64_t set,
                          bool constraints)
{
    bool first = true;
    for (unsigned i = 0; i < table->n_columns; i++) {
        const struct column_spec *column = &table->columns[i];
        if (!(set >> i & 1))
            continue;
        buffer_text(sql, first ? "" : ", ");
        first = false;
        buffer_sql_name(sql, str_of(column->name));
        buffer_char(sql, ' ');
        if (column->type == COLUMN_ENUM)
            buffer_sql_name(sql, str_of(column->type_name));
        else
            buffer_text(sql, column->type_name);
        if (column->not_null && constraints)
            buffer_text(sql, " NOT NULL");
    }
}

void table_print_stored(struct buffer *sql, const struct table_spec *table)
{
    buffer_printf(sql, "%s%s", table->name, table_packed(table) ? STORE_PACKED_SUFFIX : "");
}

/* The view of a packed table: its columns in their order. */
static void view_print(struct buffer *sql, const struct table_spec *table)
{
    bool first = true;
    buffer_text(sql, "CREATE VIEW ");
    buffer_sql_name(sql, str_of(table->name));
    for (unsigned i = 0; i < table->n_columns; i++) {
        if (table->left_out >> i & 1)
            continue;
        buffer_text(sql, first ? " AS SELECT " : ", ");
        first = false;
        if (table->packed >> i & 1)
            buffer_text(sql, STORE_PACKED_COLUMN ".");
        buffer_sql_name(sql, str_of(table->columns[i].name));
        if (table->packed >> i & 1) {
            buffer_text(sql, " AS ");
            buffer_sql_name(sql, str_of(table->columns[i].name));
        }
    }
    buffer_text(sql, " FROM ");
    table_print_stored(sql, table);
    buffer_text(sql, ";\n");
}

static void table_print(struct buffer *sql, const struct table_spec *table)
{
    uint64_t packed = table_packed(table), plain = ~packed & ~table->left_out;
    buffer_text(sql, "CREATE TABLE ");
    table_print_stored(sql, table);
    buffer_text(sql, " (");
    columns_print(sql, table, plain, true);
    if (packed) {
        buffer_text(sql, ", " STORE_PACKED_COLUMN " STRUCT(");
        columns_print(sql, table, packed, false);
        buffer_text(sql, ") NOT NULL");
    }
    buffer_text(sql, ");\n");
    if (packed)
        view_print(sql, table);
}

static bool column_is_packed(const struct table_spec *table, struct str column)
{
    for (unsigned i = 0; i < table->n_columns; i++)
        if (str_is(column, table->columns[i].name))
            return table_packed(table) >> i & 1;
    return false;
}

void table_print_column(struct buffer *sql, const struct table_spec *table, struct str column)
{
    buffer_text(sql, column_is_packed(table, column) ? "t." STORE_PACKED_COLUMN "." : "t.");
    buffer_sql_name(sql, column);
}

void table_print_update(struct buffer *sql, const struct table_spec *table, struct str column,
                        struct str value)
{
    bool packed = column_is_packed(table, column);
    buffer_text(sql, "UPDATE ");
    table_print_stored(sql, table);
    buffer_text(sql, packed ? " AS t SET " STORE_PACKED_COLUMN
                              " = struct_update(t." STORE_PACKED_COLUMN ", "
                            : " AS t SET ");
    buffer_sql_name(sql, column);
    buffer_text(sql, packed ? " := " : " = ");
    buffer_str(sql, value);
    buffer_text(sql, packed ? ")" : "");
}

enum rg_status store_filled(struct store *store, struct rg_error *err)
{
    struct runner runner;
    enum rg_status status = store_acquire(store, &runner, err);
    if (status == RG_OK)
        status = instance_free_threads(&runner, err);
    if (status == RG_OK)
        status = store_lock(&runner, err);
    store_release(store, &runner);
    return status;
}

enum rg_status store_create_tables(struct store *store, const struct vocabulary *types,
                                   const struct table_spec *tables, size_t n_tables,
                                   struct rg_error *err)
{
    struct buffer sql = {0};
    for (const struct vocabulary *type = types; type && type->name; type++)
        vocabulary_print(&sql, type);
    for (size_t i = 0; i < n_tables; i++)
        if (!table_is_left_out(&tables[i]))
            table_print(&sql, &tables[i]);
    enum rg_status status =
        sql.failed ? error_no_memory(err, "engine") : store_exec(store, buffer_view(&sql), err);
    buffer_fini(&sql);
    return status;
}
