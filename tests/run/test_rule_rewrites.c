/* Every rule, rewritten, gives the files that it gives as written: the repositories of the tests of
 * rules are extracted, and the product of both sets of texts compared by its hashes at tier
 * stable. */
#include "run/fixture.h"

#include <dirent.h>

#include "compile/functions.h"
#include "engine/session.h"
#include "extract/extract.h"
#include "extract/folder_fixture.h"
#include "graph/module_prefix.h"
#include "sql/sql_print.h"
#include "sql/sql_rewrite.h"

struct facts {
    struct folder repository, output;
    struct rg_session *session;
    struct store *store;
    struct scan scan;
};

/* The files of a case, each under a folder that is named by the case. */
static void add_case(struct folder *repository, const char *name, char *text)
{
    char *line = text, *start = NULL;
    struct buffer path = {0};
    while (line && *line) {
        char *next = strchr(line, '\n');
        bool head = strncmp(line, "=== ", 4) == 0, ends = strncmp(line, "--- ", 4) == 0;
        if ((head || ends) && start)
            folder_add(repository, path.data, start, (size_t)(line - start));
        if (ends)
            break;
        if (head && next) {
            buffer_clear(&path);
            buffer_printf(&path, "%s/" STR_FMT, name, (int)(next - line - 4), line + 4);
            start = next + 1;
        }
        line = next ? next + 1 : NULL;
    }
    buffer_fini(&path);
}

static void add_cases(struct folder *repository)
{
    DIR *folder = opendir(RG_SOURCE_DIR "/tests/rules/cases");
    struct dirent *entry;
    assert_non_null(folder);
    while ((entry = readdir(folder))) {
        char *path, *text, *dot = strstr(entry->d_name, ".case");
        size_t size;
        if (!dot)
            continue;
        path = path_join(RG_SOURCE_DIR "/tests/rules/cases", entry->d_name);
        assert_int_equal(file_read(path, 1 << 20, false, &text, &size, NULL), RG_OK);
        *dot = '\0'; /* what is left of the entry's name is the case's */
        add_case(repository, entry->d_name, text);
        free(path);
        free(text);
    }
    closedir(folder);
}

static void facts_open(struct facts *facts)
{
    struct rg_error err = {0};
    struct extract_result extracted;
    struct module_prefix prefix;
    struct arena arena = {0};
    struct rg_session_options options = {.struct_size = sizeof options, .threads = 2};
    folder_open(&facts->repository);
    folder_open(&facts->output);
    add_cases(&facts->repository);
    assert_int_equal(rg_session_open(&options, &facts->session, &err), RG_OK);
    assert_int_equal(
        scan_repository(&facts->session->events, facts->repository.path, &facts->scan, &err),
        RG_OK);
    assert_true(facts->scan.n_files > 30);
    struct store_options store = {.allowed_directory = facts->output.path};
    assert_int_equal(store_open(facts->session, &store, &facts->store, &err), RG_OK);
    assert_int_equal(extract_create_tables(facts->store, NULL, &err), RG_OK);
    struct extract_request request = {
        .session = facts->session, .scan = &facts->scan, .store = facts->store};
    if (extract_run(&request, &extracted, &err) != RG_OK)
        fail_msg("%s", err.message);
    assert_int_equal(module_prefix_decide(facts->store, NULL, &arena, &prefix, &err), RG_OK);
    arena_fini(&arena);
}

static void facts_close(struct facts *facts)
{
    scan_fini(&facts->scan);
    store_close(facts->store);
    rg_session_close(facts->session);
    folder_close(&facts->repository);
    folder_close(&facts->output);
}

/* --- The catalog: what rules read, as a first run resolved it --------------------------- */

#define RELATIONS_MAX 128
struct catalog {
    struct arena arena;
    struct rule_set *rules;
    struct sql_catalog sql;
    const struct sql_relation *known[RELATIONS_MAX];
    struct sql_column *columns[RELATIONS_MAX];
    size_t n_known;
};

static void check(enum rg_status status, const struct rule *rule, const char *what,
                  const struct rg_error *err)
{
    if (status != RG_OK)
        fail_msg(STR_FMT ": %s: %s (%u:%u)", STR_ARG(rule->name), what, err->message, err->line,
                 err->column);
}

static const struct sql_type *type_of(struct catalog *catalog, struct str text)
{
    const struct sql_type *type = contracts_type(&catalog->rules->contracts, text)
                                      ? NULL
                                      : sql_type_parse(&catalog->arena, text);
    if (type)
        return type;
    struct sql_type *named = ARENA_NEW(&catalog->arena, struct sql_type);
    assert_non_null(named);
    *named = (struct sql_type){.kind = SQL_T_UNKNOWN};
    if (contracts_type(&catalog->rules->contracts, text))
        *named = (struct sql_type){.kind = SQL_T_ENUM, .name = text};
    return named;
}

static struct sql_relation *new_relation(struct catalog *catalog, struct str name, size_t n)
{
    struct sql_relation *relation = ARENA_NEW(&catalog->arena, struct sql_relation);
    struct sql_column *columns = ARENA_ARRAY(&catalog->arena, n + 1, struct sql_column);
    assert_true(relation && columns && catalog->n_known < RELATIONS_MAX);
    *relation = (struct sql_relation){.name = name, .columns = columns, .n_columns = (uint32_t)n};
    catalog->columns[catalog->n_known] = columns;
    catalog->known[catalog->n_known++] = relation;
    return relation;
}

/* The columns of a product relation, as readers see it; what the contract says is never NULL. */
static void add_product(struct catalog *catalog, struct str name, const struct dataset *dataset)
{
    struct rule_column *exposed;
    size_t n;
    assert_int_equal(rule_set_exposed(catalog->rules, dataset, &exposed, &n, NULL), RG_OK);
    new_relation(catalog, name, n);
    struct sql_column *columns = catalog->columns[catalog->n_known - 1];
    for (size_t i = 0; i < n; i++) {
        int at = dataset_column_index(dataset, exposed[i].name);
        bool not_null =
            at >= 0 ? dataset->columns[at].not_null : str_eq(exposed[i].name, dataset->owner);
        columns[i] = (struct sql_column){.name = exposed[i].name,
                                         .type = type_of(catalog, exposed[i].type),
                                         .not_null = not_null};
    }
}

static void add_fact(struct catalog *catalog, const struct dataset *fact)
{
    new_relation(catalog, fact->name, fact->n_columns);
    for (size_t i = 0; i < fact->n_columns; i++)
        catalog->columns[catalog->n_known - 1][i] =
            (struct sql_column){.name = fact->columns[i].name,
                                .type = type_of(catalog, fact->columns[i].type),
                                .not_null = fact->columns[i].not_null};
}

/* An intermediate: what the binder says of the rules that emit it. */
static void add_intermediate(struct catalog *catalog, const struct relation *intermediate)
{
    struct sql_column *columns = NULL;
    uint32_t n = 0;
    for (size_t i = 0; i < intermediate->n_rules; i++) {
        const struct rule *rule = &catalog->rules->rules[intermediate->rules[i]];
        struct sql_text text;
        struct rg_error err = {0};
        check(sql_parse(rule->sql, SQL_DUCKDB, SQL_PARSE_QUERY, &catalog->arena, &text, &err), rule,
              "parse", &err);
        check(sql_bind(text.root, rule->sql, &catalog->sql, &catalog->arena, &err), rule, "bind",
              &err);
        const struct sql_scope *scope = sql_query_scope(text.root);
        if (!columns) {
            n = scope->n_outputs;
            columns = ARENA_ARRAY(&catalog->arena, n, struct sql_column);
            assert_non_null(columns);
            memcpy(columns, scope->outputs, n * sizeof *columns);
        }
        for (uint32_t k = 0; k < n; k++)
            columns[k].not_null &= scope->outputs[k].not_null;
    }
    new_relation(catalog, intermediate->name, n);
    memcpy(catalog->columns[catalog->n_known - 1], columns, n * sizeof *columns);
}

static const struct sql_relation *find_relation(void *context, struct str name)
{
    struct catalog *catalog = context;
    for (size_t i = 0; i < catalog->n_known; i++)
        if (str_eq(catalog->known[i]->name, name))
            return catalog->known[i];
    const struct dataset *fact = contracts_find(&catalog->rules->contracts, name);
    const struct relation *relation = rule_set_relation(catalog->rules, name);
    if (fact && fact->layer == DATASET_FACT)
        add_fact(catalog, fact);
    else if (!relation || relation->n_rules == 0)
        return NULL;
    else if (catalog->rules->rules[relation->rules[0]].dataset)
        add_product(catalog, name, catalog->rules->rules[relation->rules[0]].dataset);
    else
        add_intermediate(catalog, relation);
    return catalog->known[catalog->n_known - 1];
}

/* --- Rewriting -------------------------------------------------------------------------- */

static void rewrite(struct rule *rule, struct rule_set *set, struct catalog *catalog)
{
    struct arena *arena = &set->arena;
    struct sql_rewrite_options options = {.dialect = SQL_DUCKDB, .typed = true};
    struct rg_error err = {0};
    struct sql_text text;
    struct buffer out = {0};
    struct str sql = rule->sql;
    const struct sql_catalog *sc = &catalog->sql;
    check(sql_parse(sql, SQL_DUCKDB, SQL_PARSE_QUERY, arena, &text, &err), rule, "parse", &err);
    check(sql_bind(text.root, sql, sc, arena, &err), rule, "bind", &err);
    check(sql_qualify(text.root, sql, sc, arena, &err), rule, "qualify", &err);
    check(sql_simplify(&text.root, &options, arena, &err), rule, "simplify", &err);
    check(sql_bind(text.root, sql, sc, arena, &err), rule, "bind simplified", &err);
    check(sql_prune(text.root, sql, sc, arena, &err), rule, "prune", &err);
    check(sql_to_cnf(&text.root, &options, arena, &err), rule, "cnf", &err);
    sql_normalize_identifiers(text.root, arena);
    check(sql_print(text.root, &(struct sql_print_options){0}, &out, &err), rule, "print", &err);
    rule->sql = arena_str(arena, buffer_view(&out));
    assert_non_null(rule->sql.ptr);
    buffer_fini(&out);
}

static void run(struct facts *facts, struct rule_set *rules, struct run_result *result)
{
    struct rg_error err = {0};
    struct run_request request = {.session = facts->session,
                                  .store = facts->store,
                                  .rules = rules,
                                  .tier = RG_TIER_STABLE,
                                  .output_folder = facts->output.path,
                                  .n_files = (uint32_t)facts->scan.n_files};
    if (run_rules(&request, result, &err) != RG_OK)
        fail_msg("%s: %s (%u:%u)", err.rule, err.message, err.line, err.column);
}

static void test_rules_rewritten(void **state)
{
    struct facts facts = {0};
    struct rule_set written = {0}, rewritten = {0};
    struct run_result before = {0}, after = {0};
    struct rg_error err = {0};
    (void)state;
    facts_open(&facts);
    assert_int_equal(rule_set_load(NULL, 0, &written, &err), RG_OK);
    run(&facts, &written, &before);
    struct catalog catalog = {.rules = &written,
                              .sql = {.context = &catalog,
                                      .relation = find_relation,
                                      .functions = functions_table,
                                      .n_functions = functions_table_count}};
    assert_int_equal(rule_set_load(NULL, 0, &rewritten, &err), RG_OK);
    for (size_t i = 0; i < rewritten.n_rules; i++)
        rewrite(&rewritten.rules[i], &rewritten, &catalog);
    run(&facts, &rewritten, &after);
    uint64_t rows = 0;
    assert_int_equal(before.n_shards, after.n_shards);
    for (size_t i = 0; i < before.n_shards; i++) {
        if (strcmp(before.shards[i].sha256, after.shards[i].sha256) != 0)
            fail_msg(STR_FMT " differs: %llu rows, then %llu", STR_ARG(before.shards[i].path),
                     (unsigned long long)before.shards[i].rows,
                     (unsigned long long)after.shards[i].rows);
        rows += before.shards[i].rows;
    }
    assert_true(rows > 1000);
    arena_fini(&catalog.arena);
    run_result_fini(&before);
    run_result_fini(&after);
    rule_set_fini(&written);
    rule_set_fini(&rewritten);
    facts_close(&facts);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rules_rewritten),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
