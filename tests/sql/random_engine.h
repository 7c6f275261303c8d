/* The random tables on an engine, the catalog that describes them, and rows as one number. For one
 * test program each: the fixture is static. */
#ifndef TESTS_SQL_RANDOM_ENGINE_H
#define TESTS_SQL_RANDOM_ENGINE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include <duckdb.h>

#include "base/error.h"
#include "sql/random_query.h"

static duckdb_database database;
static duckdb_connection connection;
static struct sql_relation relations[RANDOM_TABLES + 1]; /* the last: what is fused */

#ifdef __SANITIZE_ADDRESS__
/* The engine allocates a lot to plan a query: short stacks of allocations, and little kept. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
    return "malloc_context_size=1:quarantine_size_mb=8";
}
#endif

static inline enum rg_status engine_run(const char *sql, struct rg_error *err)
{
    duckdb_result result;
    enum rg_status status = RG_OK;
    if (duckdb_query(connection, sql, &result) != DuckDBSuccess)
        status = error_set(err, RG_ERR_ENGINE, "test", "%s", duckdb_result_error(&result));
    duckdb_destroy_result(&result);
    return status;
}

static inline int setup(void **state)
{
    struct buffer sql = {0};
    struct rg_error err = {0};
    (void)state;
    assert_int_equal(duckdb_open(NULL, &database), DuckDBSuccess);
    assert_int_equal(duckdb_connect(database, &connection), DuckDBSuccess);
    buffer_text(&sql, "SET threads = 1; ");
    random_schema(1, &sql);
    if (engine_run(sql.data, &err) != RG_OK)
        fail_msg("%s", err.message);
    buffer_fini(&sql);
    return 0;
}

static inline int teardown(void **state)
{
    (void)state;
    duckdb_disconnect(&connection);
    duckdb_close(&database);
    return 0;
}

/* --- The catalog: the random tables, and the functions that rules may call ---------------- */

static inline void fill_relations(struct arena *arena)
{
    for (size_t t = 0; t < RANDOM_TABLES; t++) {
        struct sql_column *columns = ARENA_ARRAY(arena, RANDOM_COLUMNS, struct sql_column);
        assert_non_null(columns);
        uint32_t n = 0;
        for (; n < RANDOM_COLUMNS && random_tables[t].columns[n].name; n++)
            columns[n] = (struct sql_column){
                .name = str_of(random_tables[t].columns[n].name),
                .type = sql_type_parse(arena, str_of(random_tables[t].columns[n].sql_type)),
                .not_null = random_tables[t].columns[n].not_null};
        relations[t] = (struct sql_relation){
            .name = str_of(random_tables[t].name), .columns = columns, .n_columns = n};
    }
}

static inline const struct sql_relation *find_relation(void *context, struct str name)
{
    (void)context;
    for (size_t t = 0; t <= RANDOM_TABLES; t++)
        if (str_eq(relations[t].name, name))
            return &relations[t];
    return NULL;
}

/* Rows as a multiset: their number and the sum of their hashes; names and types are not part of
 * it, except as far as values show them. */
static inline enum rg_status digest_of(struct str sql, int64_t *out, struct rg_error *err)
{
    struct buffer query = {0};
    enum rg_status status = RG_OK;
    duckdb_result result;
    buffer_printf(&query,
                  "SELECT CAST(count(*) + coalesce(sum(hash(CAST(row_of AS VARCHAR)) %% "
                  "1000000007), 0) * 4096 AS BIGINT) FROM (" STR_FMT ") AS row_of",
                  STR_ARG(sql));
    if (duckdb_query(connection, query.data, &result) != DuckDBSuccess) {
        status = error_set(err, RG_ERR_ENGINE, "test", "%s", duckdb_result_error(&result));
    } else {
        duckdb_data_chunk chunk = duckdb_fetch_chunk(result);
        *out = *(int64_t *)duckdb_vector_get_data(duckdb_data_chunk_get_vector(chunk, 0));
        duckdb_destroy_data_chunk(&chunk);
    }
    duckdb_destroy_result(&result);
    buffer_fini(&query);
    return status;
}

#endif
