/* A test is one query: the given rows as WITH, around them the rule, and the difference of what it
 * returns and what is expected. */
#include "run/rule_test.h"

#include <stdlib.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "base/error.h"
#include "run/rule_engine.h"

static const char layer[] = "run";

enum { ROWS_SHOWN = 20 };

/* Names with a blank are no rule's. */
#define ACTUAL   "\"the rule\""
#define EXPECTED "\"the test\""

struct rule_tester {
    struct store *store;
    const struct rule_set *set;
    const struct rule_cases *files;
    size_t n_files;
    struct arena *arena;
};

/* --- Types ---------------------------------------------------------------------------------- */

static int word_order(const void *a, const void *b)
{
    return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

/* Vocabularies that grammars fill have the words that the tests use. */
static size_t words_of(const struct rule_tester *tester, const struct rule_cases *file,
                       struct str type, struct str *words)
{
    size_t n = 0;
    for (size_t t = 0; t < file->n_cases; t++)
        for (size_t g = 0; g < file->cases[t].n_given; g++) {
            const struct rule_rows *rows = &file->cases[t].given[g];
            for (size_t c = 0; c < rows->n_columns; c++) {
                struct str of =
                    rule_case_type(tester->set, file->rule, rows->relation, rows->columns[c]);
                for (size_t r = 0; r < rows->n_rows && str_eq(of, type); r++) {
                    struct str cell = rows->cells[r * rows->n_columns + c];
                    if (cell.ptr && words)
                        words[n] = cell;
                    n += cell.ptr != NULL;
                }
            }
        }
    return n;
}

/* The words of one vocabulary, sorted, each once. */
static enum rg_status take_words(const struct rule_tester *tester, struct str type,
                                 struct enum_type *out, struct rg_error *err)
{
    size_t n = 0, kept = 0;
    for (size_t i = 0; i < tester->n_files; i++)
        n += words_of(tester, &tester->files[i], type, NULL);
    struct str *words = ARENA_ARRAY(tester->arena, n + 1, struct str);
    if (!words)
        return error_no_memory(err, layer);
    n = 0;
    for (size_t i = 0; i < tester->n_files; i++)
        n += words_of(tester, &tester->files[i], type, words + n);
    words[n++] = STR("-");
    qsort(words, n, sizeof *words, word_order);
    for (size_t i = 0; i < n; i++)
        if (!kept || !str_eq(words[i], words[kept - 1]))
            words[kept++] = words[i];
    *out = (struct enum_type){type, words, kept};
    return RG_OK;
}

static enum rg_status open_engine(const struct rule_tester *tester, struct rule_engine *engine,
                                  struct rg_error *err)
{
    const struct contracts *contracts = &tester->set->contracts;
    struct enum_type *words = ARENA_ARRAY(tester->arena, contracts->n_types + 1, struct enum_type);
    size_t n = 0;
    enum rg_status status = words ? RG_OK : error_no_memory(err, layer);
    for (size_t i = 0; i < contracts->n_types && !status; i++)
        if (!contracts->types[i].n_values)
            status = take_words(tester, contracts->types[i].name, &words[n++], err);
    return status ? status : rule_engine_open(engine, words, n, err);
}

/* --- Rows ----------------------------------------------------------------------------------- */

static long column_of(const struct rule_rows *rows, struct str name)
{
    for (size_t i = 0; i < rows->n_columns; i++)
        if (str_eq(rows->columns[i], name))
            return (long)i;
    return -1;
}

/* FROM (VALUES …) AS v, every cell a text; without rows one that is filtered out. */
static void print_values(const struct rule_rows *rows, struct buffer *out)
{
    buffer_text(out, " FROM (VALUES ");
    for (size_t r = 0; r < (rows->n_rows ? rows->n_rows : 1); r++) {
        buffer_text(out, r ? ", (" : "(");
        for (size_t c = 0; c < rows->n_columns; c++) {
            struct str cell =
                rows->n_rows ? rows->cells[r * rows->n_columns + c] : (struct str){NULL, 0};
            buffer_text(out, c ? ", " : "");
            if (cell.ptr)
                buffer_sql_text(out, cell);
            else
                buffer_text(out, "CAST(NULL AS VARCHAR)");
        }
        buffer_text(out, rows->n_columns ? ")" : "NULL)");
    }
    buffer_text(out, ") AS v(");
    for (size_t c = 0; c < rows->n_columns; c++) {
        buffer_text(out, c ? ", " : "");
        buffer_sql_name(out, rows->columns[c]);
    }
    buffer_text(out, rows->n_columns ? ")" : "none)");
    buffer_text(out, rows->n_rows ? "" : " WHERE false");
}

/* A column of a given relation: as given, or NULL. */
static void print_given_column(const struct rule_rows *rows, struct str name, struct str type,
                               bool first, struct buffer *out)
{
    buffer_text(out, first ? "" : ", ");
    buffer_text(out, "CAST(");
    if (column_of(rows, name) >= 0) {
        buffer_text(out, "v.");
        buffer_sql_name(out, name);
    } else {
        buffer_text(out, "NULL");
    }
    buffer_text(out, " AS ");
    buffer_str(out, type);
    buffer_text(out, ") AS ");
    buffer_sql_name(out, name);
}

static void print_given(const struct rule_tester *tester, const struct rule *rule,
                        struct str relation, const struct rule_rows *rows, struct buffer *out)
{
    const struct rule_rows none = {.relation = relation};
    const struct dataset *dataset = contracts_find(&tester->set->contracts, relation);
    const struct relation *made = rule_set_relation(tester->set, relation);
    buffer_sql_name(out, relation);
    buffer_text(out, " AS (SELECT ");
    rows = rows ? rows : &none;
    if (dataset && (dataset->layer == DATASET_FACT || rule->audit.ptr))
        for (size_t i = 0; i < dataset->n_columns; i++)
            print_given_column(rows, dataset->columns[i].name, dataset->columns[i].type, i == 0,
                               out);
    else
        for (size_t i = 0; made && i < made->n_columns; i++)
            print_given_column(rows, made->columns[i].name, made->columns[i].type, i == 0, out);
    print_values(rows, out);
    buffer_text(out, "),\n");
}

static void print_expected(const struct rule_tester *tester, const struct rule *rule,
                           const struct rule_rows *rows, struct buffer *out)
{
    buffer_text(out, EXPECTED " AS (SELECT ");
    for (size_t c = 0; c < rows->n_columns; c++) {
        buffer_text(out, c ? ", CAST(CAST(v." : "CAST(CAST(v.");
        buffer_sql_name(out, rows->columns[c]);
        buffer_text(out, " AS ");
        buffer_str(out, rule_case_type(tester->set, rule, rows->relation, rows->columns[c]));
        buffer_text(out, ") AS VARCHAR) AS ");
        buffer_sql_name(out, rows->columns[c]);
    }
    print_values(rows, out);
    buffer_text(out, ")\n");
}

/* --- One test ------------------------------------------------------------------------------- */

static void print_query(const struct rule_tester *tester, const struct rule *rule,
                        const struct rule_case *test, const struct rule_rows *expected,
                        struct buffer *out)
{
    buffer_text(out, "WITH ");
    for (size_t i = 0; i < rule->n_reads; i++) {
        const struct rule_rows *rows = NULL;
        for (size_t g = 0; g < test->n_given && !rows; g++)
            if (str_eq(test->given[g].relation, rule->reads[i]))
                rows = &test->given[g];
        print_given(tester, rule, rule->reads[i], rows, out);
    }
    buffer_text(out, ACTUAL " AS (SELECT ");
    for (size_t c = 0; c < expected->n_columns; c++) {
        buffer_text(out, c ? ", CAST(r." : "CAST(r.");
        buffer_sql_name(out, expected->columns[c]);
        buffer_text(out, " AS VARCHAR) AS ");
        buffer_sql_name(out, expected->columns[c]);
    }
    buffer_text(out, " FROM (\n");
    buffer_str(out, rule->compiled);
    buffer_text(out, "\n) AS r),\n");
    print_expected(tester, rule, expected, out);
    buffer_printf(out,
                  "SELECT * FROM (SELECT 'missing', * FROM (FROM " EXPECTED
                  " EXCEPT ALL FROM " ACTUAL ") UNION ALL SELECT 'unexpected', * FROM (FROM " ACTUAL
                  " EXCEPT ALL FROM " EXPECTED ")) ORDER BY ALL LIMIT %d",
                  ROWS_SHOWN);
}

static enum rg_status take_rows(const struct text_table *table, struct arena *arena,
                                struct rule_test_result *result, struct rg_error *err)
{
    result->passed = table->rows == 0;
    result->rows = ARENA_ARRAY(arena, table->rows + 1, struct rule_test_row);
    if (!result->rows)
        return error_no_memory(err, layer);
    for (size_t i = 0; i < table->rows; i++) {
        struct str *cells = &table->cells[i * table->columns];
        result->rows[result->n_rows++] =
            (struct rule_test_row){str_is(cells[0], "missing"), cells + 1};
    }
    return RG_OK;
}

static enum rg_status run_test(const struct rule_tester *tester, const struct rule_cases *file,
                               const struct rule_case *test, struct rule_test_result *result,
                               struct rg_error *err)
{
    struct buffer sql = {0};
    struct text_table table = {.rows = 0};
    struct rule_rows expected = test->expected;
    double began = clock_seconds();
    *result = (struct rule_test_result){.file = file, .test = test};
    if (!expected.n_columns && file->rule->n_columns) { /* nothing is expected: any row is wrong */
        expected.columns = ARENA_ARRAY(tester->arena, file->rule->n_columns, struct str);
        for (size_t i = 0; expected.columns && i < file->rule->n_columns; i++)
            expected.columns[expected.n_columns++] = file->rule->columns[i].name;
    }
    print_query(tester, file->rule, test, &expected, &sql);
    enum rg_status status = sql.failed || !expected.columns
                                ? error_no_memory(err, layer)
                                : store_table(tester->store, buffer_view(&sql), ROWS_SHOWN,
                                              tester->arena, &table, &result->error);
    buffer_fini(&sql);
    result->seconds = clock_seconds() - began;
    if (status == RG_ERR_CANCELLED || status == RG_ERR_MEMORY) {
        if (err && result->error.status)
            *err = result->error;
        return status;
    }
    return status ? RG_OK : take_rows(&table, tester->arena, result, err);
}

enum rg_status rule_tests_run(struct rg_session *session, const struct rule_set *set,
                              const struct rule_cases *files, size_t n_files, struct arena *arena,
                              struct rule_test_result **out_results, size_t *out_n_results,
                              struct rg_error *err)
{
    struct rule_tester tester = {.set = set, .files = files, .n_files = n_files, .arena = arena};
    struct rule_engine engine = {.session = session, .contracts = &set->contracts};
    size_t total = 0;
    for (size_t i = 0; i < n_files; i++)
        total += files[i].n_cases;
    *out_results = ARENA_ARRAY(arena, total + 1, struct rule_test_result);
    *out_n_results = 0;
    if (!*out_results)
        return error_no_memory(err, layer);
    if (!total)
        return RG_OK;
    enum rg_status status = open_engine(&tester, &engine, err);
    tester.store = engine.store;
    for (size_t i = 0; i < n_files && !status; i++)
        for (size_t t = 0; t < files[i].n_cases && !status; t++)
            status = run_test(&tester, &files[i], &files[i].cases[t],
                              &(*out_results)[(*out_n_results)++], err);
    rule_engine_close(&engine);
    return status;
}
