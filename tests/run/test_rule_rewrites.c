/* Every rule gives the same rows as written and as rewritten: compared one by one with EXCEPT ALL,
 * both ways, and as products by the hashes of their files. Of the repositories of the tests of
 * rules, or of the one that is named: `test_rule_rewrites REPOSITORY`. */
#include "run/fixture.h"
#include "run/case_files.h"

#include "engine/session.h"
#include "extract/extract.h"
#include "graph/module_prefix.h"

struct facts {
    struct folder repository, output;
    struct rg_session *session;
    struct store *store;
    struct scan scan;
};

static const char *repository; /* NULL: the tests of rules */

static void facts_open(struct facts *facts)
{
    struct rg_error err = {0};
    struct extract_result extracted;
    struct module_prefix prefix;
    struct arena arena = {0};
    struct rg_session_options options = {.struct_size = sizeof options, .threads = 2};
    folder_open(&facts->repository);
    folder_open(&facts->output);
    if (!repository)
        add_cases(&facts->repository);
    assert_int_equal(rg_session_open(&options, &facts->session, &err), RG_OK);
    assert_int_equal(scan_repository(&facts->session->events,
                                     repository ? repository : facts->repository.path, &facts->scan,
                                     &err),
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

/* --- As written and as rewritten --------------------------------------------------------- */

enum { AS_WRITTEN, REWRITTEN, FUSED, WAYS };
static const struct rule_compile_options ways[WAYS] = {
    [AS_WRITTEN] = {.as_written = true}, [REWRITTEN] = {.fuse = false}, [FUSED] = {.fuse = true}};

/* Takes all optional datasets out, as most builds do. */
static enum rg_status leave_out_optional(struct rule_set *set, struct rg_error *err)
{
    enum rg_status status = RG_OK;
    for (size_t i = set->contracts.n_datasets; i-- > 0 && !status;)
        if (set->contracts.datasets[i].optional)
            status = rule_set_leave_out(set, set->contracts.datasets[i].name, err);
    return status;
}

static void compile_some(struct rule_set *set, int way, bool with_optional)
{
    struct rg_error err = {0};
    enum rg_status status = rule_set_load(NULL, 0, set, &err);
    if (!status && !with_optional)
        status = rule_set_without_index(set, &err);
    if (!status && !with_optional)
        status = leave_out_optional(set, &err);
    if (!status)
        status = rule_set_resolve(set, NULL, &err);
    if (!status)
        status = rule_set_analyse(set, &err);
    if (!status)
        status = rule_set_compile(set, &ways[way], &err);
    if (status)
        fail_msg("%s: %s (%u:%u)", err.rule, err.message, err.line, err.column);
}

static void compile(struct rule_set *set, int way)
{
    compile_some(set, way, true);
}

static void run(struct facts *facts, struct rule_set *rules, struct run_result *result)
{
    struct rg_error err = {0};
    struct run_request request = {.session = facts->session,
                                  .store = facts->store,
                                  .rules = rules,
                                  .tier = RG_TIER_STABLE,
                                  .output_folder = facts->output.path};
    if (run_rules(&request, result, &err) != RG_OK)
        fail_msg("%s: %s (%u:%u)", err.rule, err.message, err.line, err.column);
}

/* --- Files ------------------------------------------------------------------------------- */

static void compare_products(const struct run_result *before, const struct run_result *after)
{
    uint64_t rows = 0;
    assert_int_equal(before->n_shards, after->n_shards);
    for (size_t i = 0; i < before->n_shards; i++) {
        if (strcmp(before->shards[i].sha256, after->shards[i].sha256) != 0)
            fail_msg(STR_FMT " differs: %llu rows, then %llu", STR_ARG(before->shards[i].path),
                     (unsigned long long)before->shards[i].rows,
                     (unsigned long long)after->shards[i].rows);
        rows += before->shards[i].rows;
    }
    assert_true(rows > 1000);
}

static void test_products(void **state)
{
    struct facts *facts = *state;
    struct run_result results[WAYS];
    for (int way = 0; way < WAYS; way++) {
        struct rule_set set;
        compile(&set, way);
        run(facts, &set, &results[way]);
        rule_set_fini(&set);
        if (way)
            compare_products(&results[0], &results[way]);
        if (repository)
            print_message("%s: rules %.3f s, write %.3f s\n",
                          (const char *const[]){"as written", "rewritten", "fused"}[way],
                          results[way].seconds_rules, results[way].seconds_write);
    }
    for (int way = 0; way < WAYS; way++)
        run_result_fini(&results[way]);
}

/* --- Rules one by one --------------------------------------------------------------------- */

/* The columns that the rewritten rule still has. */
static void print_columns(const struct rule *rule, struct buffer *out)
{
    const struct sql_scope *scope = sql_query_scope(rule->rewritten);
    for (uint32_t i = 0; i < scope->n_outputs; i++) {
        buffer_text(out, i ? ", " : "");
        buffer_sql_name(out, scope->outputs[i].name);
    }
}

static bool counts_rows_only(const struct rule *rule)
{
    const struct sql_scope *scope = sql_query_scope(rule->rewritten);
    return scope->n_outputs == 1 && str_is(scope->outputs[0].name, "_");
}

/* How many rows one SELECT gives and the other does not. */
static void print_difference(const struct rule *before, const struct rule *after,
                             struct buffer *out)
{
    const struct str texts[] = {before->compiled, after->compiled};
    buffer_text(out, "WITH ");
    for (int i = 0; i < 2; i++) {
        buffer_printf(out, "%sside_%d AS MATERIALIZED (SELECT ", i ? ", " : "", i);
        if (counts_rows_only(after))
            buffer_text(out, "1");
        else
            print_columns(after, out);
        buffer_text(out, " FROM (\n");
        buffer_str(out, texts[i]);
        buffer_text(out, "\n) AS r)");
    }
    buffer_text(out, " SELECT (SELECT count(*) FROM (FROM side_0 EXCEPT ALL FROM side_1)) + "
                     "(SELECT count(*) FROM (FROM side_1 EXCEPT ALL FROM side_0))");
}

static void compare_rule(struct facts *facts, const struct rule *before, const struct rule *after)
{
    struct buffer sql = {0};
    struct rg_error err = {0};
    int64_t differ = -1;
    print_difference(before, after, &sql);
    if (store_int64(facts->store, buffer_view(&sql), &differ, &err) != RG_OK)
        fail_msg(STR_FMT ": %s\n%s", STR_ARG(before->name), err.message, sql.data);
    if (differ)
        fail_msg(STR_FMT ": %lld rows differ", STR_ARG(before->name), (long long)differ);
    buffer_fini(&sql);
}

/* After a run the name of a dataset without kinds is that of its files, for the audits: a rule that
 * reads such a one (props_json) is compared by the files it makes. */
static bool reads_files(const struct rule_set *set, const struct rule *rule)
{
    for (size_t i = 0; i < rule->n_reads; i++) {
        const struct dataset *dataset = contracts_find(&set->contracts, rule->reads[i]);
        if (dataset && dataset->layer == DATASET_PRODUCT)
            return true;
    }
    return false;
}

/* Relations stay in the store, so that each rule can be asked again, in both ways. */
static void test_rules_one_by_one(void **state)
{
    struct facts *facts = *state;
    struct rule_set written, rewritten[WAYS];
    struct run_result result;
    compile(&written, AS_WRITTEN);
    facts->session->settings.keep_intermediates = true;
    run(facts, &written, &result);
    facts->session->settings.keep_intermediates = false;
    for (int way = REWRITTEN; way < WAYS; way++) {
        compile(&rewritten[way], way);
        for (size_t i = 0; i < written.n_rules; i++) {
            const struct rule *rule = &rewritten[way].rules[i];
            if (!reads_files(&written, rule))
                compare_rule(facts, &written.rules[i], rule);
        }
        rule_set_fini(&rewritten[way]);
    }
    run_result_fini(&result);
    rule_set_fini(&written);
}

/* What only optional datasets want is not needed without them, and counts for no one as a reader: a
 * rule whose other reader is such a one becomes part of the one that is left. */
static void test_optional_left_out(void **state)
{
    struct rule_set all, some;
    size_t unneeded = 0, fused = 0;
    (void)state;
    compile_some(&all, FUSED, true);
    compile_some(&some, FUSED, false);
    for (size_t i = 0; i < all.n_rules; i++)
        assert_true(all.rules[i].needed);
    for (size_t i = 0; i < some.n_rules; i++) {
        const struct rule *rule = &some.rules[i];
        const struct relation *made = rule_set_relation(&some, rule->emits_dataset);
        unneeded += !rule->needed;
        fused += rule->fused_into != NULL;
        if (!rule->dataset)
            assert_int_equal(rule->needed, made->n_readers > 0);
    }
    assert_true(unneeded > 0 && fused > 0);
    rule_set_fini(&all);
    rule_set_fini(&some);
}

/* Nothing is scanned that lineage does not say is needed. */
static void test_scans_are_required(void **state)
{
    struct rule_set set;
    size_t scans = 0, required = 0;
    (void)state;
    compile(&set, REWRITTEN);
    for (size_t i = 0; i < set.n_rules; i++) {
        const struct rule *rule = &set.rules[i];
        for (size_t s = 0; s < rule->n_scans; s++) {
            bool found = false;
            for (size_t r = 0; r < rule->n_required && !found; r++)
                found = str_eq(rule->scans[s].relation, rule->required[r].relation) &&
                        str_eq(rule->scans[s].column, rule->required[r].column);
            if (!found)
                fail_msg(STR_FMT " scans " STR_FMT "." STR_FMT, STR_ARG(rule->name),
                         STR_ARG(rule->scans[s].relation), STR_ARG(rule->scans[s].column));
        }
        scans += rule->n_scans;
        required += rule->n_required;
    }
    assert_true(scans > 100 && scans <= required);
    rule_set_fini(&set);
}

int main(int argc, char **argv)
{
    struct facts facts = {0};
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_prestate(test_products, &facts),
        cmocka_unit_test_prestate(test_rules_one_by_one, &facts),
        cmocka_unit_test(test_optional_left_out),
        cmocka_unit_test(test_scans_are_required),
    };
    repository = argc > 1 ? argv[1] : NULL;
    facts_open(&facts);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    facts_close(&facts);
    return failed;
}
