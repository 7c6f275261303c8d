/* A tool of the tests: what other dialects need to run relgraph's rules, and what duckdb gives.
 *   say_rules REPOSITORY OUTPUT     the rules, over the facts of a repository
 *   say_rules random N OUTPUT       N random queries over small random tables
 * Writes OUTPUT/tables.tsv (table, column, type), OUTPUT/data/TABLE.csv and .parquet,
 * OUTPUT/DIALECT.tsv (name, query; a query that cannot be said is "! reason") and
 * OUTPUT/duckdb/NAME.csv. Every query gives one text a row: the MD5 of its columns. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../sql/random_query.h"
#include "base/file.h"
#include "compile/functions.h"
#include "engine/store.h"
#include "extract/extract.h"
#include "run/run.h"
#include "sql/sql_print.h"
#include "sql/sql_say.h"

struct tool {
    struct rg_session *session;
    struct store *store;
    const char *output;
    struct arena arena;
    struct sql_relation *relations;
    uint32_t n_relations, capacity;
    struct sql_catalog catalog;
    FILE *queries[SQL_DIALECT_COUNT], *tables;
};

static const struct sql_relation *tool_relation(void *context, struct str name)
{
    const struct tool *tool = context;
    for (uint32_t i = 0; i < tool->n_relations; i++) {
        if (str_eq(tool->relations[i].name, name))
            return &tool->relations[i];
    }
    return NULL;
}

static bool tool_enum(void *context, struct str name)
{
    struct tool *tool = context;
    return sql_type_parse(&tool->arena, name) == NULL;
}

/* Enumerations travel as text, sums as decimals. */
static const char *carried_type(struct tool *tool, struct str type)
{
    if (!sql_type_parse(&tool->arena, type))
        return "VARCHAR";
    return str_is(type, "HUGEINT") ? "DECIMAL(38,0)" : NULL;
}

static enum rg_status export_table(struct tool *tool, struct str name,
                                   const struct description *description, struct rg_error *err)
{
    struct buffer select = {0};
    for (size_t i = 0; i < description->n_columns; i++) {
        const struct described_column *column = &description->columns[i];
        const char *type = carried_type(tool, column->type);
        buffer_text(&select, i ? ", " : "");
        buffer_text(&select, type ? "CAST(" : "");
        buffer_sql_name(&select, column->name);
        if (type)
            buffer_printf(&select, " AS %s)", type);
        buffer_text(&select, " AS ");
        buffer_sql_name(&select, column->name);
        fprintf(tool->tables, STR_FMT "\t" STR_FMT "\t" STR_FMT "\n", STR_ARG(name),
                STR_ARG(column->name), STR_ARG(type ? str_of(type) : column->type));
    }
    buffer_text(&select, " FROM ");
    buffer_sql_name(&select, name);
    enum rg_status status = store_execf(
        tool->store, err,
        "COPY (SELECT %s) TO '%s/data/" STR_FMT ".csv' (FORMAT csv, HEADER true); "
        "COPY (SELECT %s) TO '%s/data/" STR_FMT ".parquet' (FORMAT parquet)",
        select.data, tool->output, STR_ARG(name), select.data, tool->output, STR_ARG(name));
    buffer_fini(&select);
    return status;
}

static enum rg_status add_table(struct tool *tool, struct str name, struct rg_error *err)
{
    if (tool_relation(tool, name))
        return RG_OK;
    struct buffer sql = {0};
    struct description description = {0};
    buffer_text(&sql, "SELECT * FROM ");
    buffer_sql_name(&sql, name);
    enum rg_status status =
        store_describe(tool->store, buffer_view(&sql), &tool->arena, &description, err);
    buffer_fini(&sql);
    if (status != RG_OK)
        return status;
    struct sql_column *columns =
        ARENA_ARRAY(&tool->arena, description.n_columns, struct sql_column);
    for (size_t i = 0; i < description.n_columns; i++) {
        struct str type = description.columns[i].type;
        columns[i].name = description.columns[i].name;
        columns[i].type = sql_type_parse(&tool->arena, type);
        if (!columns[i].type) /* an enumeration */
            columns[i].type = sql_type_enum(&tool->arena, type);
        columns[i].not_null = true; /* stable_hash64 wants it; the contracts are not asked here */
    }
    tool->relations = arena_grow(&tool->arena, tool->relations, tool->n_relations,
                                 tool->n_relations + 1, sizeof *tool->relations);
    tool->relations[tool->n_relations++] =
        (struct sql_relation){name, columns, (uint32_t)description.n_columns};
    return export_table(tool, name, &description, err);
}

/* SELECT md5(concat_ws('|', …)) FROM (query): one text a row. */
static void print_digest(const struct sql_scope *scope, struct str sql, struct buffer *out)
{
    buffer_text(out, "SELECT md5(concat_ws('|'");
    for (uint32_t i = 0; i < scope->n_outputs; i++) {
        const struct sql_column *column = &scope->outputs[i];
        enum sql_type_kind kind = column->type ? column->type->kind : SQL_T_UNKNOWN;
        const char *open = "r.", *close = "";
        if (kind == SQL_T_DOUBLE || kind == SQL_T_FLOAT || kind == SQL_T_DECIMAL) {
            open = "CAST(floor(r.", close = " * 1000 + 0.5) AS BIGINT)";
        } else if (kind == SQL_T_TIMESTAMP) {
            open = "CAST(epoch(r.", close = ") AS BIGINT)";
        } else if (kind == SQL_T_LIST) {
            open = "array_to_string(r.", close = ", '+')";
        }
        buffer_printf(out, ", coalesce(CAST(%s", open);
        buffer_sql_name(out, column->name);
        buffer_printf(out, "%s AS VARCHAR), '~')", close);
    }
    buffer_text(out, ")) AS digest FROM (");
    buffer_str(out, sql);
    buffer_text(out, ") AS r");
}

static enum rg_status understand(struct tool *tool, struct str sql, struct arena *arena,
                                 struct sql_text *text, struct rg_error *err)
{
    enum rg_status status = sql_parse(sql, SQL_DUCKDB, SQL_PARSE_QUERY, arena, text, err);
    return status == RG_OK ? sql_bind(text->root, sql, &tool->catalog, arena, err) : status;
}

static void say(struct tool *tool, const char *name, struct str sql, enum sql_dialect dialect)
{
    struct arena arena = {0};
    struct sql_text text = {0};
    struct buffer out = {0};
    struct rg_error err = {0};
    struct sql_print_options options = {.dialect = dialect, .pin = true};
    enum rg_status status = understand(tool, sql, &arena, &text, &err);
    if (status == RG_OK)
        status = sql_qualify(text.root, sql, &tool->catalog, &arena, &err);
    if (status == RG_OK)
        status = sql_say(text.root, sql, dialect, &tool->catalog, &arena, &err);
    if (status == RG_OK)
        status = sql_print(text.root, &options, &out, &err);
    fprintf(tool->queries[dialect], "%s\t%s%s\n", name, status == RG_OK ? "" : "! ",
            status == RG_OK ? out.data : err.message);
    buffer_fini(&out);
    arena_fini(&arena);
}

/* A query in every dialect, and its rows by duckdb. */
static enum rg_status add_query(struct tool *tool, const char *name, struct str sql,
                                struct rg_error *err)
{
    struct arena arena = {0};
    struct sql_text text = {0};
    struct buffer digest = {0};
    enum rg_status status = understand(tool, sql, &arena, &text, err);
    if (status == RG_OK) {
        print_digest(sql_query_scope(text.root), sql, &digest);
        status = store_execf(tool->store, err,
                             "COPY (%s) TO '%s/duckdb/%s.csv' (FORMAT csv, HEADER false)",
                             digest.data, tool->output, name);
    }
    for (int d = 0; d < SQL_DIALECT_COUNT && status == RG_OK; d++)
        say(tool, name, buffer_view(&digest), (enum sql_dialect)d);
    if (status != RG_OK)
        fprintf(stderr, "say_rules: %s: %s\n", name, err->message);
    buffer_fini(&digest);
    arena_fini(&arena);
    return status;
}

/* --- Rules --------------------------------------------------------------------------------- */

/* Under the name of a whole product a run leaves what its files hold. Readers of it saw the columns
 * that the compiler exposes, the owner among them: made again, from the tables of its rules. */
static enum rg_status expose_product(struct tool *tool, struct rule_set *rules, struct str name,
                                     struct rg_error *err)
{
    const struct dataset *dataset = contracts_find(&rules->contracts, name);
    struct rule_column *columns;
    size_t n = 0;
    if (!dataset || dataset->layer != DATASET_PRODUCT || tool_relation(tool, name) ||
        dataset_column_index(dataset, dataset->owner) >= 0)
        return RG_OK;
    enum rg_status status = rule_set_exposed(rules, dataset, &columns, &n, err);
    if (status != RG_OK)
        return status;
    struct buffer sql = {0};
    buffer_text(&sql, "CREATE TABLE exposed AS SELECT ");
    for (size_t i = 0; i < n; i++) {
        buffer_text(&sql, i ? ", " : "");
        buffer_text(&sql, "r.");
        buffer_sql_name(&sql, columns[i].name);
    }
    buffer_text(&sql, " FROM (");
    const char *between = "";
    for (size_t i = 0; i < rules->n_rules; i++) {
        if (!str_eq(rules->rules[i].emits_dataset, name))
            continue;
        buffer_printf(&sql, "%sSELECT * FROM work.", between);
        between = " UNION ALL BY NAME ";
        char table[160];
        snprintf(table, sizeof table, "rule_" STR_FMT, STR_ARG(rules->rules[i].name));
        buffer_sql_name(&sql, str_of(table));
    }
    buffer_text(&sql, ") AS r; DROP VIEW ");
    buffer_sql_name(&sql, name);
    buffer_text(&sql, "; ALTER TABLE exposed RENAME TO ");
    buffer_sql_name(&sql, name);
    status = store_exec(tool->store, buffer_view(&sql), err);
    buffer_fini(&sql);
    return status;
}

static enum rg_status say_rule_set(struct tool *tool, struct rule_set *rules, struct rg_error *err)
{
    enum rg_status status = RG_OK;
    for (size_t i = 0; i < rules->n_rules; i++) {
        for (size_t r = 0; r < rules->rules[i].n_reads && status == RG_OK; r++) {
            status = expose_product(tool, rules, rules->rules[i].reads[r], err);
            if (status == RG_OK)
                status = add_table(tool, rules->rules[i].reads[r], err);
        }
    }
    for (size_t i = 0; i < rules->n_rules && status == RG_OK; i++) {
        char name[128];
        snprintf(name, sizeof name, STR_FMT, STR_ARG(rules->rules[i].name));
        status = add_query(tool, name, rules->rules[i].sql, err);
    }
    return status;
}

static enum rg_status say_repository(struct tool *tool, const char *repository,
                                     struct rg_error *err)
{
    struct scan scan = {0};
    struct extract_result extracted = {0};
    struct rule_set rules = {0};
    struct run_result result = {0};
    enum rg_status status = scan_repository(&tool->session->events, repository, &scan, err);
    if (status == RG_OK)
        status = extract_create_tables(tool->store, NULL, err);
    if (status == RG_OK)
        status = extract_run(&(struct extract_request){.session = tool->session,
                                                       .scan = &scan,
                                                       .store = tool->store},
                             &extracted, err);
    if (status == RG_OK)
        status = rule_set_load(NULL, 0, &rules, err);
    if (status == RG_OK)
        status = run_rules(&(struct run_request){.session = tool->session,
                                                 .store = tool->store,
                                                 .rules = &rules,
                                                 .output_folder = tool->output},
                           &result, err);
    if (status == RG_OK)
        status = say_rule_set(tool, &rules, err);
    run_result_fini(&result);
    rule_set_fini(&rules);
    scan_fini(&scan);
    return status;
}

/* --- Random queries ------------------------------------------------------------------------ */

static enum rg_status say_random(struct tool *tool, unsigned n, struct rg_error *err)
{
    struct buffer sql = {0};
    random_schema(7, &sql);
    enum rg_status status = store_exec(tool->store, buffer_view(&sql), err);
    for (size_t t = 0; t < RANDOM_TABLES && status == RG_OK; t++)
        status = add_table(tool, str_of(random_tables[t].name), err);
    for (unsigned i = 1; i <= n && status == RG_OK; i++) {
        char name[16];
        buffer_clear(&sql);
        random_query(i, &sql);
        snprintf(name, sizeof name, "random%u", i);
        status = add_query(tool, name, buffer_view(&sql), err);
    }
    buffer_fini(&sql);
    return status;
}

/* --- The tool ------------------------------------------------------------------------------- */

static FILE *open_file(const struct tool *tool, const char *name)
{
    char path[512];
    snprintf(path, sizeof path, "%s/%s.tsv", tool->output, name);
    FILE *file = fopen(path, "w");
    if (!file)
        exit(2);
    return file;
}

static void open_files(struct tool *tool)
{
    static const char *const folders[] = {"data", "duckdb"};
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
        char path[512];
        snprintf(path, sizeof path, "%s/%s", tool->output, folders[i]);
        if (folder_make(path, NULL) != RG_OK)
            exit(2);
    }
    tool->tables = open_file(tool, "tables");
    for (int d = 0; d < SQL_DIALECT_COUNT; d++)
        tool->queries[d] = open_file(tool, sql_dialect_info[d].name);
}

int main(int argc, char **argv)
{
    bool random = argc == 4 && strcmp(argv[1], "random") == 0;
    if (argc != 3 && !random) {
        fputs("say_rules REPOSITORY OUTPUT | say_rules random N OUTPUT\n", stderr);
        return 2;
    }
    struct rg_error err = {0};
    struct tool tool = {.output = argv[argc - 1]};
    tool.catalog = (struct sql_catalog){.context = &tool,
                                        .relation = tool_relation,
                                        .enum_type = tool_enum,
                                        .functions = functions_table,
                                        .n_functions = functions_table_count};
    open_files(&tool);
    struct rg_session_options session = {.struct_size = sizeof session,
                                         .profile = RG_PROFILE_DEV_DEBUG};
    struct store_options store = {.allowed_directory = tool.output};
    enum rg_status status = rg_session_open(&session, &tool.session, &err);
    if (status == RG_OK)
        status = store_open(tool.session, &store, &tool.store, &err);
    if (status == RG_OK)
        status = random ? say_random(&tool, (unsigned)atoi(argv[2]), &err)
                        : say_repository(&tool, argv[1], &err);
    if (status != RG_OK)
        fprintf(stderr, "say_rules: %s: %s\n", rg_status_name(status), err.message);
    for (int d = 0; d < SQL_DIALECT_COUNT; d++)
        fclose(tool.queries[d]);
    fclose(tool.tables);
    store_close(tool.store);
    rg_session_close(tool.session);
    arena_fini(&tool.arena);
    return status != RG_OK;
}
