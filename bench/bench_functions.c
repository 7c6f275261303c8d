/* relgraph's own functions, native against their spelling by duckdb's builtins: nanoseconds a row.
 *   bench_functions [ROWS] */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/buffer.h"
#include "compile/functions.h"
#include "engine/store.h"
#include "sql/sql_parse.h"
#include "sql/sql_print.h"
#include "sql/sql_say.h"
#include "sql/sql_spell.h"

static const struct {
    const char *name, *call; /* over lines(text, n, unit) */
    unsigned share;          /* of the rows for the portable spelling: one in so many */
} cases[] = {
    {"stable_hash64(n)", "stable_hash64(l.n)", 100},
    {"stable_hash64(text)", "stable_hash64(l.text)", 100},
    {"stable_hash64(n, text)", "stable_hash64(l.n, l.text)", 100},
    {"stable_hash128(text)", "strlen(stable_hash128(l.text))", 1},
    {"position_encoding_norm", "strlen(position_encoding_norm(l.unit))", 1},
    {"col_to_byte, utf-8", "col_to_byte(l.text, 30, 'utf-8')", 100},
    {"col_to_byte, utf-16", "col_to_byte(l.text, 30, 'utf-16')", 100},
    {"col_to_byte, utf-32", "col_to_byte(l.text, 30, 'utf-32')", 100},
    {"byte_to_col, utf-16", "byte_to_col(l.text, 32, 'utf-16')", 100},
};

static const struct sql_column columns[] = {
    {{"text", 4}, NULL, true}, {{"n", 1}, NULL, true}, {{"unit", 4}, NULL, true}};

static const struct sql_relation *find_relation(void *context, struct str name)
{
    return str_is(name, "lines") ? context : NULL;
}

static enum rg_status say(const char *sql, bool builtin, struct arena *arena, struct buffer *out,
                          struct rg_error *err)
{
    struct sql_column typed[3];
    memcpy(typed, columns, sizeof typed);
    typed[0].type = typed[2].type = sql_type_of(SQL_T_VARCHAR);
    typed[1].type = sql_type_of(SQL_T_BIGINT);
    struct sql_relation lines = {STR("lines"), typed, 3};
    struct sql_catalog catalog = {.context = &lines,
                                  .relation = find_relation,
                                  .functions = functions_table,
                                  .n_functions = functions_table_count};
    struct sql_text text;
    enum rg_status status = sql_parse(str_of(sql), SQL_DUCKDB, SQL_PARSE_QUERY, arena, &text, err);
    if (status == RG_OK)
        status = sql_bind(text.root, str_of(sql), &catalog, arena, err);
    if (status == RG_OK)
        status = sql_say(text.root, str_of(sql), SQL_DUCKDB, &catalog, arena, err);
    struct sql_print_options options = {.pin = true, .builtin = builtin};
    return status == RG_OK ? sql_print(text.root, &options, out, err) : status;
}

/* Of the whole process: the time of a machine that others use, too, tells nothing. */
static double cpu_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* Seconds of the best of three runs; < 0 after a failure. */
static double measure(struct store *store, const char *call, bool builtin, unsigned rows)
{
    struct arena arena = {0};
    struct buffer sql = {0};
    struct rg_error err = {0};
    char query[512];
    /* The sum keeps the engine from leaving out the work. */
    snprintf(query, sizeof query, "SELECT sum(%s) AS s FROM lines AS l WHERE l.n < %u", call, rows);
    if (builtin)
        buffer_text(&sql, sql_dialect_prelude(SQL_DUCKDB));
    enum rg_status status = say(query, builtin, &arena, &sql, &err);
    double best = 1e9;
    for (int i = 0; i < 3 && status == RG_OK; i++) {
        double began = cpu_seconds();
        status = store_exec(store, buffer_view(&sql), &err);
        double seconds = cpu_seconds() - began;
        best = seconds < best ? seconds : best;
    }
    if (status != RG_OK)
        fprintf(stderr, "bench_functions: %s: %s\n", call, err.message);
    buffer_fini(&sql);
    arena_fini(&arena);
    return status == RG_OK ? best : -1;
}

/* Nanoseconds a row, without what planning the query takes. */
static double row_time(struct store *store, const char *call, bool builtin, unsigned rows)
{
    double all = measure(store, call, builtin, rows);
    double plan = measure(store, call, builtin, 0);
    return all > plan && plan >= 0 ? (all - plan) / rows * 1e9 : 0;
}

int main(int argc, char **argv)
{
    unsigned rows = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 1000000;
    struct rg_session_options options = {.struct_size = sizeof options, .threads = 1};
    struct rg_session *session = NULL;
    struct store *store = NULL;
    struct rg_error err = {0};
    enum rg_status status = rg_session_open(&options, &session, &err);
    if (status == RG_OK)
        status = store_open(session, &(struct store_options){0}, &store, &err);
    if (status == RG_OK)
        status =
            store_execf(store, &err,
                        "CREATE TABLE lines AS SELECT '    result_' || range || "
                        "' = caf\xC3\xA9.update(values, key=''\xF0\x9F\x98\x80'') # ' || range "
                        "AS text, range AS n, CASE range %% 3 WHEN 0 THEN 'utf-8' WHEN 1 THEN "
                        "'UTF16CodeUnitOffsetFromLineStart' ELSE '3' END AS unit "
                        "FROM range(%u)",
                        rows);
    if (status == RG_OK)
        printf("%-26s %12s %12s %8s\n", "processor time, ns a row", "native", "portable", "times");
    for (size_t i = 0; i < sizeof cases / sizeof *cases && status == RG_OK; i++) {
        double native = row_time(store, cases[i].call, false, rows);
        double portable = row_time(store, cases[i].call, true, rows / cases[i].share);
        printf("%-26s %12.0f %12.0f %8.1f\n", cases[i].name, native, portable, portable / native);
    }
    if (status != RG_OK)
        fprintf(stderr, "bench_functions: %s\n", err.message);
    store_close(store);
    rg_session_close(session);
    return status != RG_OK;
}
