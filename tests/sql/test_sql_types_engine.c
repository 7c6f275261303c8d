/* Our types against the engine's: of expressions of every kind, and of the outputs of every rule of
 * rules/, names included. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>
#include <duckdb.h>

#include "compile/rules.h"
#include "sql/bind_fixture.h"

struct engine {
    duckdb_database database;
    duckdb_connection connection;
};

static bool run(struct engine *engine, const char *sql, duckdb_result *out_result)
{
    if (duckdb_query(engine->connection, sql, out_result) == DuckDBSuccess)
        return true;
    print_message("%s\n  %s\n", sql, duckdb_result_error(out_result));
    return false;
}

static void must_run(struct engine *engine, const char *sql)
{
    duckdb_result result;
    assert_true(run(engine, sql, &result));
    duckdb_destroy_result(&result);
}

static void engine_open(struct engine *engine)
{
    assert_int_equal(duckdb_open(NULL, &engine->database), DuckDBSuccess);
    assert_int_equal(duckdb_connect(engine->database, &engine->connection), DuckDBSuccess);
    must_run(engine,
             "CREATE MACRO stable_hash64(a) AS 1::BIGINT, (a, b) AS 1::BIGINT, "
             "(a, b, c) AS 1::BIGINT, (a, b, c, d) AS 1::BIGINT; CREATE MACRO json_text(a) AS a");
}

static void engine_close(struct engine *engine)
{
    duckdb_disconnect(&engine->connection);
    duckdb_close(&engine->database);
}

/* A type as DESCRIBE prints it: "INTEGER", "ENUM('a', 'b')". */
static struct str type_in_engine(struct engine *engine, struct str type, struct arena *arena)
{
    duckdb_result result;
    char *sql =
        arena_printf(arena, "DESCRIBE SELECT CAST(NULL AS " STR_FMT ") AS k", STR_ARG(type));
    if (!run(engine, sql, &result))
        return STR("no type");
    char *text = duckdb_value_varchar(&result, 1, 0);
    struct str copy = arena_str(arena, str_of(text));
    duckdb_free(text);
    duckdb_destroy_result(&result);
    return copy;
}

/* Outputs of a query as both see them; the number of columns that differ. */
static unsigned compare(struct engine *engine, const char *what, const char *sql,
                        const struct sql_scope *scope, struct arena *arena, bool names)
{
    duckdb_result result;
    unsigned differ = 0;
    if (!run(engine, arena_printf(arena, "DESCRIBE %s", sql), &result))
        return 1;
    if (duckdb_row_count(&result) != scope->n_outputs) {
        print_message("%s: %u columns, the engine has %u\n", what, (unsigned)scope->n_outputs,
                      (unsigned)duckdb_row_count(&result));
        differ++;
    }
    for (uint32_t i = 0; i < scope->n_outputs && !differ; i++) {
        char *name = duckdb_value_varchar(&result, 0, i);
        char *type = duckdb_value_varchar(&result, 1, i);
        const struct sql_column *column = &scope->outputs[i];
        struct buffer text = {0};
        sql_type_print(column->type, &text);
        /* NULL alone is an INTEGER where it leaves the query. */
        struct str ours = buffer_view(&text);
        if (column->type->kind == SQL_T_NULL)
            ours = STR("INTEGER");
        else if (!str_is(ours, type)) /* a vocabulary by its name */
            ours = type_in_engine(engine, ours, arena);
        if (!str_is(ours, type) || (names && !str_is(column->name, name))) {
            print_message("%s: " STR_FMT " " STR_FMT ", the engine has %s %s\n", what,
                          STR_ARG(column->name), STR_ARG(ours), name, type);
            differ++;
        }
        buffer_fini(&text);
        duckdb_free(name);
        duckdb_free(type);
    }
    duckdb_destroy_result(&result);
    return differ;
}

static const char schema[] =
    "t(i INTEGER, b BIGINT, s SMALLINT, u UTINYINT, ui UINTEGER, d DOUBLE, f FLOAT, v VARCHAR, "
    "e color, e2 shape, n DECIMAL(9, 2), l INTEGER[], lv VARCHAR[], bo BOOLEAN, da DATE, "
    "ts TIMESTAMP, h HUGEINT, st STRUCT(a INTEGER, x STRUCT(y VARCHAR)), m MAP(VARCHAR, BIGINT))\n";

static const char *const expressions[] = {
    /* arithmetic */
    "i + i, i + b, s + s, s + 1, u + 1, u + s, ui + i, ui + s, u + u, i + 1.5, 1 + 1, i * "
    "3000000000",
    "i / 2, i // 2, i % 2, f / f, f / i, f // f, d // 2, n // 2, n / 2, n % 2, 5 % 2.5, 2 ** 3, i "
    "^ 2",
    "n + 1, n + n, n - 1.55, n * n, n * i, n * b, n * 1.5, n + b, n * d, n * f, -n, +n, n + h",
    "-i, -u, -1, s + -1, ~i, i & 1, i | b, 1 << 2, i >> 1, h + 1, i + h, d + i, f + d, f + i",
    "i + NULL, NULL + NULL, NULL = 1, NOT NULL, NULL AND true, NULL || v, -NULL",
    "da + 1, 1 + da, da - 1, da - da, ts - ts, ts - da, da + INTERVAL 1 DAY, ts + INTERVAL 1 DAY",
    "INTERVAL 1 DAY * 2, INTERVAL 1 DAY + INTERVAL 1 HOUR, -INTERVAL 1 DAY, INTERVAL (i) DAY",
    /* literals */
    "1, 3000000000, 2147483647, 2147483648, 9223372036854775807, 9223372036854775808, 1.5, .5, 1.",
    "1e3, 100000000000000000000, 0.001, 00012, 1234567.891, 'x', true, NULL",
    "DATE '2020-01-01', TIMESTAMP '2020-01-01', 1::DECIMAL, 1::DECIMAL(4), '1'::INT, 'a'::color",
    "CAST(i AS VARCHAR), TRY_CAST(v AS DOUBLE), CAST(NULL AS BIGINT), v::VARCHAR[], CAST(l AS "
    "BIGINT[])",
    /* text and comparison */
    "e || v, e || e, v || i, i || i, l || l, e || 'x', v || NULL, v || da",
    "i = 1, i = b, v = 'x', e = 'a', e = e2, da = '2020-01-01', i = 1.5, v LIKE 'a%', v IS NULL",
    "i IN (1, 2), e IN ('a', v), i BETWEEN 1 AND b, i = ANY (l), i IN (SELECT b FROM t)",
    "i IS DISTINCT FROM b, NOT bo, bo AND bo OR i = 1, EXISTS (SELECT 1), v ILIKE e, v ^@ 'a'",
    /* values that are joined */
    "CASE WHEN bo THEN e ELSE 'x' END, CASE WHEN bo THEN e END, CASE WHEN bo THEN e ELSE e2 END",
    "CASE WHEN bo THEN 1 ELSE b END, CASE WHEN bo THEN s ELSE 1 END, CASE WHEN bo THEN s ELSE "
    "100000 END",
    "CASE WHEN bo THEN -1 ELSE s END, CASE WHEN bo THEN 1 ELSE 1.5 END, CASE WHEN bo THEN n ELSE i "
    "END",
    "CASE WHEN bo THEN n ELSE b END, CASE WHEN bo THEN d ELSE n END, CASE WHEN bo THEN 'a' ELSE 1 "
    "END",
    "CASE WHEN bo THEN NULL ELSE i END, CASE i WHEN 1 THEN da ELSE '2020-01-01' END, CASE WHEN bo "
    "THEN NULL END",
    "coalesce(i, b), coalesce(e, 'z'), coalesce(v, e), coalesce(NULL, s, 1), coalesce(da, ts)",
    "ifnull(i, b), nullif(i, 1), nullif(e, 'a'), greatest(i, b), greatest(s, 1), least(e, 'x'), "
    "greatest(1, 2.5)",
    "if(bo, i, b), if(bo, 'a', e)",
    /* nested */
    "[1, 2], [1, 2.5], ['a', NULL], [], [[1], [2]], {'a': 1, 'b': 'x'}, MAP {'a': 1}, [1, b]",
    "l[1], l[1:2], m['k'], st.a, st.x.y, (st).x, st['a'], v[1], v[1:2], [e, 'x']",
    "list_transform(l, k -> k + 1), list_transform(l, k -> k || ''), list_filter(lv, k -> k <> '')",
    "list_transform(l, (k, j) -> k + j), list_reduce(l, (x, y) -> x + y), list_sort(lv), len(l)",
    "list_sum(l), list_value(1, 2), list_contains(l, 1), list_distinct(l), flatten([[1]])",
    "array_to_string(lv, ','), list_append(l, 1), list_concat(l, l), list_position(l, 1), "
    "list_zip(l, lv)",
    "map_keys(m), map_values(m), map_entries(m), map_extract(m, 'a'), map([1], ['a']), "
    "cardinality(m)",
    "struct_pack(a := 1, k := v), struct_extract(st, 'a'), unnest(l), unnest(lv), range(3)",
    /* functions */
    "length(v), lower(v), upper(e), substr(v, 1, 2), split_part(v, '.', 1), replace(v, 'a', 'b'), "
    "strpos(v, 'a')",
    "regexp_matches(v, 'a'), regexp_replace(v, 'a', 'b'), starts_with(v, 'a'), concat(v, i), "
    "concat_ws(',', v, i)",
    "lpad(v, 4, '0'), repeat(v, 2), trim(v), string_split(v, ','), reverse(v), left(v, 1), "
    "ascii(v), chr(65)",
    "abs(i), abs(d), abs(n), round(n), round(n, 1), round(d), round(i), round(f), floor(n), "
    "ceil(i), ceil(f), trunc(n)",
    "sqrt(i), ln(d), pow(i, 2), sign(i), mod(i, 2), md5(v)",
    "date_trunc('day', ts), date_part('year', da), year(da), strftime(ts, '%Y'), epoch(ts)",
    /* windows */
    "row_number() OVER (), rank() OVER (ORDER BY i), lag(e) OVER (ORDER BY i), sum(i) OVER (), "
    "ntile(2) OVER (ORDER BY i)",
    "first_value(i) OVER (ORDER BY i), count(*) OVER (), lead(i, 1, 0) OVER (ORDER BY i), "
    "percent_rank() OVER (ORDER BY i)",
    "avg(n) OVER (), max(e) OVER (PARTITION BY i), cume_dist() OVER (ORDER BY i), nth_value(v, 2) "
    "OVER (ORDER BY i)",
};

static const char *const aggregates[] = {
    "sum(i), sum(b), sum(d), sum(n), sum(f), sum(h), sum(u), sum(1), sum(1.5), avg(i), avg(n)",
    "count(*), count(i), count(DISTINCT i), min(e), max(v), max(n), bool_or(bo), bool_and(bo), "
    "any_value(e)",
    "string_agg(v, ',' ORDER BY i), list(i ORDER BY i), list(e), array_agg(v), first(e), last(i), "
    "arg_min(v, i)",
    "sum(i) + 1, sum(i) / 2, count(*) + 1, max(i) + sum(i), sum(i) * 1.5, mode(i), median(i), "
    "quantile_cont(i, 0.5)",
    "bit_and(i), bit_or(b), stddev_samp(i), var_pop(d), count(*) FILTER (WHERE bo), sum(i) FILTER "
    "(WHERE bo)",
};

static const char *const queries[] = {
    "SELECT i FROM t UNION ALL SELECT v FROM t",
    "SELECT e FROM t UNION ALL SELECT 'q'",
    "SELECT e FROM t UNION ALL SELECT e2 FROM t",
    "SELECT s FROM t UNION ALL SELECT 1",
    "SELECT NULL AS k UNION ALL SELECT 1",
    "SELECT da FROM t UNION ALL SELECT ts FROM t",
    "SELECT l FROM t UNION ALL SELECT []",
    "SELECT 1 AS k UNION ALL SELECT 1.5",
    "SELECT i, v FROM t UNION ALL BY NAME SELECT v, b AS i, e FROM t",
    "SELECT bo FROM t UNION ALL SELECT i FROM t",
    "WITH RECURSIVE r AS (SELECT 1::SMALLINT AS n UNION ALL SELECT n + 1 FROM r WHERE n < 5) "
    "SELECT * FROM r",
    "WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1::BIGINT FROM r WHERE n < 5) SELECT "
    "* FROM r",
    "SELECT * FROM (VALUES (1, 'a'), (2.5, NULL))",
    "SELECT * FROM (VALUES (1, 'a'), (2.5, NULL)) AS v(k)",
    "SELECT * FROM t, unnest(t.l) AS k(x)",
    "SELECT * FROM range(3)",
    "SELECT * FROM generate_series(1, 3) AS g",
    "SELECT * FROM unnest([1, 2]) WITH ORDINALITY AS u",
    "SELECT * FROM (SELECT i, v FROM t) AS x FULL JOIN (SELECT b AS i, e FROM t) AS y USING (i)",
    "SELECT * FROM (SELECT i, v FROM t) AS x RIGHT JOIN (SELECT e, b AS i FROM t) AS y USING (i)",
    "SELECT i FROM (SELECT i, v FROM t) AS x LEFT JOIN (SELECT b AS i, e FROM t) AS y USING (i)",
    "SELECT * EXCLUDE (i, b) REPLACE (bo::INTEGER AS bo) FROM t",
    "SELECT * FROM (SELECT i FROM t) AS a SEMI JOIN (SELECT i, v FROM t) AS k USING (i)",
    "SELECT (SELECT i) AS k, i AS q, q + 1 AS z FROM t",
    "SELECT st.*  EXCLUDE (a) FROM (SELECT 1 AS a, 2 AS k) AS st",
};

static unsigned compare_text(struct engine *engine, const char *sql, bool names)
{
    struct bind_fixture fixture;
    unsigned differ = 1;
    fixture_init(&fixture, schema);
    if (fixture_bind(&fixture, sql) == RG_OK)
        differ =
            compare(engine, sql, sql, sql_query_scope(fixture.text.root), &fixture.arena, names);
    else
        print_message("%s\n  %s\n", sql, fixture.err.message);
    fixture_fini(&fixture);
    return differ;
}

static void test_expressions(void **state)
{
    (void)state;
    struct engine engine;
    struct arena arena = {0};
    unsigned differ = 0;
    engine_open(&engine);
    must_run(&engine, "CREATE TYPE color AS ENUM ('a', 'b')");
    must_run(&engine, "CREATE TYPE shape AS ENUM ('x', 'a')");
    must_run(&engine,
             "CREATE TABLE t(i INTEGER, b BIGINT, s SMALLINT, u UTINYINT, ui UINTEGER, d DOUBLE, "
             "f FLOAT, v VARCHAR, e color, e2 shape, n DECIMAL(9, 2), l INTEGER[], lv VARCHAR[], "
             "bo BOOLEAN, da DATE, ts TIMESTAMP, h HUGEINT, "
             "st STRUCT(a INTEGER, x STRUCT(y VARCHAR)), m MAP(VARCHAR, BIGINT))");
    for (size_t i = 0; i < sizeof expressions / sizeof *expressions; i++)
        differ +=
            compare_text(&engine, arena_printf(&arena, "SELECT %s FROM t", expressions[i]), false);
    for (size_t i = 0; i < sizeof aggregates / sizeof *aggregates; i++)
        differ +=
            compare_text(&engine, arena_printf(&arena, "SELECT %s FROM t", aggregates[i]), false);
    for (size_t i = 0; i < sizeof queries / sizeof *queries; i++)
        differ += compare_text(&engine, queries[i], true);
    assert_int_equal(differ, 0);
    arena_fini(&arena);
    engine_close(&engine);
}

/* --- The rules ------------------------------------------------------------------------------ */

struct world {
    struct engine engine;
    struct rule_set set;
    struct arena arena;
    struct sql_relation relations[512];
    uint32_t n_relations;
    struct sql_catalog catalog;
};

static const struct sql_relation *world_relation(void *context, struct str name)
{
    const struct world *world = context;
    for (uint32_t i = 0; i < world->n_relations; i++)
        if (str_eq(world->relations[i].name, name))
            return &world->relations[i];
    return NULL;
}

static bool world_enum(void *context, struct str name)
{
    const struct world *world = context;
    return contracts_type(&world->set.contracts, name) != NULL;
}

static const struct sql_type *world_type(struct world *world, struct str text)
{
    return world_enum(world, text) ? sql_type_enum(&world->arena, text)
                                   : sql_type_parse(&world->arena, text);
}

/* A relation for both: an empty table of the engine, columns of the catalog. */
static void world_declare(struct world *world, struct str name, const struct sql_column *columns,
                          uint32_t n)
{
    struct buffer sql = {0};
    buffer_text(&sql, "CREATE OR REPLACE TABLE ");
    buffer_sql_name(&sql, name);
    for (uint32_t i = 0; i < n; i++) {
        buffer_text(&sql, i ? ", " : "(");
        buffer_sql_name(&sql, columns[i].name);
        buffer_char(&sql, ' ');
        if (columns[i].type->kind == SQL_T_NULL)
            buffer_text(&sql, "INTEGER");
        else
            sql_type_print(columns[i].type, &sql);
    }
    buffer_text(&sql, ")");
    must_run(&world->engine, sql.data);
    buffer_fini(&sql);
    assert_true(world->n_relations < 512);
    world->relations[world->n_relations++] = (struct sql_relation){name, columns, n};
}

static void declare_types_and_facts(struct world *world)
{
    const struct contracts *contracts = &world->set.contracts;
    for (size_t i = 0; i < contracts->n_types; i++) {
        struct buffer sql = {0};
        buffer_printf(&sql, "CREATE TYPE " STR_FMT " AS ENUM (", STR_ARG(contracts->types[i].name));
        for (size_t v = 0; v < contracts->types[i].n_values; v++) {
            buffer_text(&sql, v ? ", " : "");
            buffer_sql_text(&sql, contracts->types[i].values[v]);
        }
        /* The lists that grammars fill are told apart by a word of their own. */
        if (!contracts->types[i].n_values)
            buffer_sql_text(&sql, contracts->types[i].name);
        buffer_text(&sql, ")");
        must_run(&world->engine, sql.data);
        buffer_fini(&sql);
    }
    for (size_t i = 0; i < contracts->n_datasets; i++) {
        const struct dataset *dataset = &contracts->datasets[i];
        struct sql_column *columns =
            ARENA_ARRAY(&world->arena, dataset->n_columns, struct sql_column);
        for (size_t c = 0; c < dataset->n_columns; c++)
            columns[c] = (struct sql_column){dataset->columns[c].name,
                                             world_type(world, dataset->columns[c].type),
                                             dataset->columns[c].not_null};
        if (dataset->layer == DATASET_FACT)
            world_declare(world, dataset->name, columns, (uint32_t)dataset->n_columns);
    }
}

static enum rg_status bind_rule(struct world *world, const struct rule *rule, struct sql_text *text,
                                struct rg_error *err)
{
    enum rg_status status =
        sql_parse(rule->sql, SQL_DUCKDB, SQL_PARSE_QUERY, &world->arena, text, err);
    return status ? status : sql_bind(text->root, rule->sql, &world->catalog, &world->arena, err);
}

static void declare_relation(struct world *world, const struct relation *relation,
                             const struct sql_scope *scope)
{
    const struct dataset *dataset = contracts_find(&world->set.contracts, relation->dataset);
    struct rule_column *exposed;
    size_t n;
    if (!dataset) {
        world_declare(world, relation->name, scope->outputs, scope->n_outputs);
        return;
    }
    assert_int_equal(rule_set_exposed(&world->set, dataset, &exposed, &n, NULL), RG_OK);
    struct sql_column *columns = ARENA_ARRAY(&world->arena, n, struct sql_column);
    for (size_t i = 0; i < n; i++) {
        int index = dataset_column_index(dataset, exposed[i].name);
        columns[i] = (struct sql_column){exposed[i].name, world_type(world, exposed[i].type),
                                         index >= 0 && dataset->columns[index].not_null};
    }
    world_declare(world, relation->name, columns, (uint32_t)n);
}

/* Relations of a fixpoint are read before they are there. */
static void declare_fixpoints(struct world *world)
{
    for (size_t i = 0; i < world->set.n_relations; i++) {
        const struct relation *relation = &world->set.relations[i];
        if (relation->group < 0)
            continue;
        struct sql_column *columns =
            ARENA_ARRAY(&world->arena, relation->n_columns, struct sql_column);
        for (size_t c = 0; c < relation->n_columns; c++)
            columns[c] = (struct sql_column){.name = relation->columns[c].name,
                                             .type = world_type(world, relation->columns[c].type)};
        world_declare(world, relation->name, columns, (uint32_t)relation->n_columns);
    }
}

/* The same outputs, and the engine takes the text. */
static unsigned check_qualified(struct world *world, const struct rule *rule, const char *name)
{
    const struct sql_print_options options = {.dialect = SQL_DUCKDB, .pretty = true};
    struct rg_error err = {0};
    struct sql_text text;
    struct buffer sql = {0};
    assert_int_equal(bind_rule(world, rule, &text, &err), RG_OK);
    enum rg_status status = sql_qualify(text.root, rule->sql, &world->catalog, &world->arena, &err);
    if (!status)
        status = sql_print(text.root, &options, &sql, &err);
    if (status) {
        print_message("%s: %s\n", name, err.message);
        return 1;
    }
    buffer_char(&sql, '\0');
    unsigned differ =
        compare(&world->engine, name, sql.data, sql_query_scope(text.root), &world->arena, true);
    buffer_fini(&sql);
    return differ;
}

static unsigned check_rule(struct world *world, const struct rule *rule, struct sql_text *out_text)
{
    struct rg_error err = {0};
    if (bind_rule(world, rule, out_text, &err) != RG_OK) {
        print_message(STR_FMT ":%u:%u: %s %s\n", STR_ARG(rule->name), err.line, err.column,
                      err.message, err.hint);
        return 1;
    }
    const char *name = arena_cstr(&world->arena, rule->name);
    return compare(&world->engine, name, arena_cstr(&world->arena, rule->sql),
                   sql_query_scope(out_text->root), &world->arena, true) +
           check_qualified(world, rule, name);
}

/* A relation as a table of the engine. */
static void engine_declare(struct world *world, struct str name, const struct rule_column *columns,
                           size_t n_columns)
{
    struct buffer sql = {0};
    buffer_text(&sql, "CREATE OR REPLACE TABLE ");
    buffer_sql_name(&sql, name);
    for (size_t i = 0; i < n_columns; i++) {
        buffer_text(&sql, i ? ", " : "(");
        buffer_sql_name(&sql, columns[i].name);
        buffer_printf(&sql, " " STR_FMT, STR_ARG(columns[i].type));
    }
    buffer_text(&sql, ")");
    must_run(&world->engine, sql.data);
    buffer_fini(&sql);
}

/* Of this thread, so that a busy machine does not matter. */
static double cpu_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static void world_open(struct world *world)
{
    struct rg_error err = {0};
    *world = (struct world){.n_relations = 0};
    engine_open(&world->engine);
    assert_int_equal(rule_set_load(NULL, 0, &world->set, &err), RG_OK);
    world->set.n_audits = 0;
    world->catalog = (struct sql_catalog){.context = world,
                                          .relation = world_relation,
                                          .functions = functions_table,
                                          .n_functions = functions_table_count,
                                          .enum_type = world_enum};
    declare_types_and_facts(world);
    if (rule_set_resolve(&world->set, NULL, &err) != RG_OK)
        fail_msg("%s: %s", err.rule, err.message);
    for (size_t i = 0; i < world->set.n_relations; i++)
        if (world->set.relations[i].n_readers)
            engine_declare(world, world->set.relations[i].name, world->set.relations[i].columns,
                           world->set.relations[i].n_columns);
}

static void test_rules(void **state)
{
    (void)state;
    struct world world;
    unsigned differ = 0, checked = 0;
    world_open(&world);
    declare_fixpoints(&world);
    for (size_t i = 0; i < world.set.n_relations; i++) {
        const struct relation *relation = &world.set.relations[i];
        struct sql_text text = {.root = NULL};
        for (size_t r = 0; r < relation->n_rules; r++, checked++)
            differ += check_rule(&world, &world.set.rules[relation->rules[r]], &text);
        if (relation->group < 0 && text.root && text.root->scope)
            declare_relation(&world, relation, sql_query_scope(text.root));
    }
    assert_int_equal(differ, 0);
    assert_true(checked >= world.set.n_rules); /* one that emits several kinds more than once */

    double begin = cpu_ms();
    for (size_t i = 0; i < world.set.n_rules; i++) {
        struct sql_text text;
        assert_int_equal(bind_rule(&world, &world.set.rules[i], &text, NULL), RG_OK);
    }
    assert_true(cpu_ms() - begin < 1.0 * (double)world.set.n_rules); /* some 0.02 ms, optimised */
    rule_set_fini(&world.set);
    arena_fini(&world.arena);
    engine_close(&world.engine);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_expressions),
        cmocka_unit_test(test_rules),
    };
    return cmocka_run_group_tests_name("sql_types_engine", tests, NULL, NULL);
}
