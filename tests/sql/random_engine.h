/* The random tables on an engine, the catalog that describes them, and rows as one number. For one
 * test program each: the fixture is static. */
#ifndef TESTS_SQL_RANDOM_ENGINE_H
#define TESTS_SQL_RANDOM_ENGINE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "engine/store.h"
#include "sql/random_query.h"

static struct rg_session *session;
static struct store *store;
static struct sql_relation relations[RANDOM_TABLES + 1]; /* the last: what is fused */

static inline int setup(void **state)
{
    struct rg_error err = {0};
    struct buffer sql = {0};
    (void)state;
    struct rg_session_options options = {.struct_size = sizeof options, .threads = 1};
    if (rg_session_open(&options, &session, &err) != RG_OK ||
        store_open(session, &(struct store_options){0}, &store, &err) != RG_OK)
        fail_msg("%s", err.message);
    random_schema(1, &sql);
    if (store_exec(store, buffer_view(&sql), &err) != RG_OK)
        fail_msg("%s", err.message);
    buffer_fini(&sql);
    return 0;
}

static inline int teardown(void **state)
{
    (void)state;
    store_close(store);
    rg_session_close(session);
    return 0;
}

/* --- The catalog: the random tables, and the functions that rules may call ----------------------
 */

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
    buffer_printf(&query,
                  "SELECT CAST(count(*) + coalesce(sum(hash(CAST(row_of AS VARCHAR)) %% "
                  "1000000007), 0) * 4096 AS BIGINT) FROM (" STR_FMT ") AS row_of",
                  STR_ARG(sql));
    enum rg_status status = store_int64(store, buffer_view(&query), out, err);
    buffer_fini(&query);
    return status;
}

#endif
