/* Settings: who wins, what is refused and how it is said, hashes, gates, playbooks, the machine's
 * bounds; and that docs/settings.md tells of every one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <jansson.h>

#include "base/file.h"
#include "base/pool.h"
#include "engine/gates.h"
#include "engine/session.h"
#include "engine/store.h"

#define COUNT(list) (sizeof(list) / sizeof *(list))

static struct rg_session *open_with(struct rg_session_options options,
                                    const struct rg_setting *settings, size_t n)
{
    struct rg_session *session = NULL;
    struct rg_error err = {0};
    options.struct_size = sizeof options;
    options.settings = settings;
    options.n_settings = n;
    if (rg_session_open(&options, &session, &err) != RG_OK)
        fail_msg("%s: %s", err.message, err.hint);
    return session;
}

static void expect(const struct rg_session *session, const char *key, const char *value,
                   enum setting_source source)
{
    const struct setting_value *row = settings_find(&session->settings, str_of(key));
    assert_non_null(row);
    assert_string_equal(row->value, value);
    assert_int_equal(row->source, source);
}

/* The later of profile, environment, playbook, option and --set wins, in whatever order they come.
 */
static void test_who_wins(void **state)
{
    (void)state;
    const struct rg_setting given[] = {
        {"engine.threads", "7", RG_SETTING_SET},
        {"RELGRAPH_ENGINE_THREADS", "9", RG_SETTING_ENVIRONMENT},
        {"RELGRAPH_EXTRACT_THREADS", "9", RG_SETTING_ENVIRONMENT},
        {"RELGRAPH_RUN_STATEMENTS", "3", RG_SETTING_ENVIRONMENT},
        {"RELGRAPH_TIER", "canonical", RG_SETTING_ENVIRONMENT},
        {"RELGRAPH_RUN_EXPLAIN_LEVEL", "plan", RG_SETTING_ENVIRONMENT},
        {"RELGRAPH_PROFILE", "memory_tight", RG_SETTING_ENVIRONMENT},
        {"profile", "dev_debug", RG_SETTING_OPTION},
        {"playbook", "memory", RG_SETTING_OPTION},
        {"gate.top_n", "off", RG_SETTING_OPTION},
    };
    struct rg_session *session =
        open_with((struct rg_session_options){.threads = 5}, given, COUNT(given));
    expect(session, "profile", "dev_debug", SETTING_FROM_OPTION);
    expect(session, "engine.threads", "7", SETTING_FROM_SET);
    expect(session, "extract.threads", "5", SETTING_FROM_OPTION);
    expect(session, "run.statements", "1", SETTING_FROM_PLAYBOOK);
    expect(session, "run.explain_level", "plan", SETTING_FROM_ENVIRONMENT);
    expect(session, "run.tier", "canonical", SETTING_FROM_ENVIRONMENT);
    expect(session, "rules.keep_intermediates", "on", SETTING_FROM_PROFILE);
    expect(session, "gate.top_n", "off", SETTING_FROM_OPTION);
    expect(session, "playbook", "memory", SETTING_FROM_OPTION);
    /* The fields that the house reads say the same. */
    const struct settings *s = &session->settings;
    assert_int_equal(s->profile, RG_PROFILE_DEV_DEBUG);
    assert_int_equal(s->engine_threads, 7);
    assert_int_equal(s->extract_threads, 5);
    assert_int_equal(s->statements_max, 1);
    assert_int_equal(s->explain_level, EXPLAIN_PLAN);
    assert_int_equal(s->tier, TIER_CANONICAL);
    assert_true(s->spill_always && s->keep_intermediates && !s->fuse);
    rg_session_close(session);
}

static void test_values(void **state)
{
    (void)state;
    const struct {
        const char *key, *text, *value;
    } good[] = {
        {"engine.memory_limit", "1GiB", "1073741824"},
        {"engine.memory_limit", "100MB", "100000000"},
        {"engine.memory_limit", "134217728", "134217728"},
        {"engine.threads", "1024", "1024"},
        {"rules.fuse", "FALSE", "off"},
        {"rules.fuse", "1", "on"},
        {"run.tier.edges", "canonical", "canonical"},
        {"write.writer.nodes", "arrow", "arrow"},
        {"engine.temp_directory", "/tmp/it is", "/tmp/it is"},
    };
    for (size_t i = 0; i < COUNT(good); i++) {
        struct rg_setting one = {good[i].key, good[i].text, RG_SETTING_SET};
        struct rg_session *session = open_with((struct rg_session_options){0}, &one, 1);
        expect(session, good[i].key, good[i].value, SETTING_FROM_SET);
        rg_session_close(session);
    }
    struct rg_setting tiers[] = {{"run.tier.edges", "fast", RG_SETTING_SET},
                                 {"RELGRAPH_RUN_TIER_NODES", "stable", RG_SETTING_ENVIRONMENT},
                                 {"engine.threads", "all", RG_SETTING_SET}};
    struct rg_session *session = open_with((struct rg_session_options){0}, tiers, 3);
    assert_string_equal(settings_member(&session->settings, "run.tier.", STR("edges")), "fast");
    assert_string_equal(settings_member(&session->settings, "run.tier.", STR("nodes")), "stable");
    assert_null(settings_member(&session->settings, "run.tier.", STR("props")));
    assert_int_equal(session->settings.engine_threads, pool_processors());
    rg_session_close(session);
}

/* What is wrong is named, with what was probably meant. */
static void test_refusals(void **state)
{
    (void)state;
    const struct {
        struct rg_setting given;
        const char *message, *hint;
    } wrong[] = {
        {{"engine.thread", "4", RG_SETTING_SET},
         "there is no setting \"engine.thread\"",
         "did you mean engine.threads?"},
        {{"RELGRAPH_ENGINE_TREADS", "4", RG_SETTING_ENVIRONMENT},
         "there is no setting for the variable \"RELGRAPH_ENGINE_TREADS\"",
         "did you mean RELGRAPH_ENGINE_THREADS?"},
        {{"gate.dynamic_join_filter", "off", RG_SETTING_OPTION},
         "there is no gate \"dynamic_join_filter\"",
         "did you mean dynamic_join_filters?"},
        {{"playbook", "memry", RG_SETTING_OPTION},
         "there is no playbook \"memry\"",
         "did you mean memory?"},
        {{"profile", "prod_fats", RG_SETTING_OPTION},
         "profile cannot be \"prod_fats\"",
         "did you mean prod_fast?"},
        {{"zzzzzzz", "4", RG_SETTING_SET},
         "there is no setting \"zzzzzzz\"",
         "`relgraph config` lists all of them"},
        {{"engine.threads", "0", RG_SETTING_SET},
         "engine.threads cannot be \"0\"",
         "it lies between 1 and 1024"},
        {{"engine.threads", "-1", RG_SETTING_SET},
         "engine.threads cannot be \"-1\"",
         "a number such as 4, or all"},
        {{"engine.threads", "99999999999999999999", RG_SETTING_SET},
         "engine.threads cannot be \"99999999999999999999\"",
         "a number such as 4, or all"},
        {{"engine.memory_limit", "1MiB", RG_SETTING_SET},
         "engine.memory_limit cannot be \"1MiB\"",
         "it lies between 67108864"},
        {{"engine.memory_limit", "101%", RG_SETTING_SET},
         "engine.memory_limit cannot be \"101%\"",
         "a size such as 512MB or 2GiB, or 60%"},
        {{"RELGRAPH_RULES_FUSE", "maybe", RG_SETTING_ENVIRONMENT},
         "RELGRAPH_RULES_FUSE cannot be \"maybe\"",
         "on or off"},
        {{"run.tier", "stabel", RG_SETTING_SET},
         "run.tier cannot be \"stabel\"",
         "did you mean stable?"},
        {{"run.tier.", "stable", RG_SETTING_SET},
         "there is no setting \"run.tier.\"",
         "did you mean run.tier?"},
    };
    for (size_t i = 0; i < COUNT(wrong); i++) {
        struct rg_session_options options = {
            .struct_size = sizeof options, .settings = &wrong[i].given, .n_settings = 1};
        struct rg_session *session;
        struct rg_error err = {0};
        assert_int_equal(rg_session_open(&options, &session, &err), RG_ERR_USAGE);
        assert_null(session);
        assert_string_equal(err.message, wrong[i].message);
        if (!strstr(err.hint, wrong[i].hint))
            fail_msg("%s: %s", err.message, err.hint);
    }
    struct rg_session *session;
    struct rg_setting none = {NULL, "1", RG_SETTING_SET};
    struct rg_session_options options = {
        .struct_size = sizeof options, .settings = &none, .n_settings = 1};
    assert_int_equal(rg_session_open(&options, &session, NULL), RG_ERR_USAGE);
    options.settings = NULL;
    assert_int_equal(rg_session_open(&options, &session, NULL), RG_ERR_USAGE);
}

static void hashes(const struct rg_setting *settings, size_t n, enum rg_profile profile,
                   char out_all[65], char out_results[65])
{
    struct rg_session *session =
        open_with((struct rg_session_options){.profile = profile}, settings, n);
    assert_int_equal(settings_sha256(&session->settings, false, out_all, NULL), RG_OK);
    assert_int_equal(settings_sha256(&session->settings, true, out_results, NULL), RG_OK);
    rg_session_close(session);
}

/* Threads, memory, profiles and gates are no part of the hash that results are known by. */
static void test_hashes(void **state)
{
    (void)state;
    char all[5][65], results[5][65];
    const struct rg_setting threads = {"engine.threads", "3", RG_SETTING_SET},
                            gate = {"gate.top_n", "off", RG_SETTING_OPTION},
                            tier = {"run.tier.edges", "fast", RG_SETTING_SET};
    hashes(NULL, 0, RG_PROFILE_PROD_FAST, all[0], results[0]);
    hashes(&threads, 1, RG_PROFILE_PROD_FAST, all[1], results[1]);
    hashes(NULL, 0, RG_PROFILE_MEMORY_TIGHT, all[2], results[2]);
    hashes(&gate, 1, RG_PROFILE_PROD_FAST, all[3], results[3]);
    hashes(&tier, 1, RG_PROFILE_PROD_FAST, all[4], results[4]);
    for (size_t i = 1; i < 5; i++) {
        assert_string_not_equal(all[0], all[i]);
        if (i < 4)
            assert_string_equal(results[0], results[i]);
    }
    assert_string_not_equal(results[0], results[4]);
}

/* What no machine has is cut down to what this one has, and that is said; who asks for it gets it.
 */
static void test_clips(void **state)
{
    (void)state;
    struct rg_session *session =
        open_with((struct rg_session_options){.profile = RG_PROFILE_MEMORY_TIGHT}, NULL, 0);
    const struct setting_value *row = settings_find(&session->settings, STR("engine.threads"));
    if (pool_processors() < 2) {
        assert_int_equal(row->source, SETTING_FROM_MACHINE);
        assert_non_null(row->note);
    } else {
        assert_int_equal(row->source, SETTING_FROM_PROFILE);
        assert_null(row->note);
    }
    rg_session_close(session);
    struct rg_setting many = {"engine.threads", "1000", RG_SETTING_SET};
    session = open_with((struct rg_session_options){0}, &many, 1);
    assert_int_equal(session->settings.engine_threads, 1000);
    rg_session_close(session);
    assert_true(machine_most(CLIP_MEMORY) > 64 << 20);
    assert_true(machine_most(CLIP_NONE) == UINT64_MAX);
}

/* Every name in the table of gates is one of the engine's, and a gate that is off reaches it. */
static void test_gates(void **state)
{
    (void)state;
    struct rg_error err = {0};
    struct rg_setting off[] = {{"gate.top_n", "off", RG_SETTING_OPTION},
                               {"gate.join_order", "off", RG_SETTING_OPTION}};
    struct rg_session *session = open_with((struct rg_session_options){0}, off, 2);
    struct store *store;
    struct arena arena = {0};
    struct text_table table;
    assert_int_equal(store_open(session, &(struct store_options){.path = NULL}, &store, &err),
                     RG_OK);
    assert_int_equal(store_table(store, STR("SELECT current_setting('disabled_optimizers')"), 1,
                                 &arena, &table, &err),
                     RG_OK);
    static const char *const wanted[] = {"top_n", "top_n_window_elimination", "join_order",
                                         "build_side_probe_side"};
    for (size_t i = 0; i < COUNT(wanted); i++)
        assert_non_null(strstr(table.cells[0].ptr, wanted[i]));
    assert_null(strstr(table.cells[0].ptr, "join_filter_pushdown"));
    for (size_t g = 0; g < gate_specs_count; g++) {
        struct str rest = str_of(gate_specs[g].optimizers);
        while (rest.ptr) {
            struct str name = str_split(&rest, ',');
            char sql[160];
            int64_t n = 0;
            snprintf(sql, sizeof sql,
                     "SELECT count(*) FROM duckdb_optimizers() WHERE name = '" STR_FMT "'",
                     STR_ARG(name));
            assert_int_equal(store_int64(store, str_of(sql), &n, &err), RG_OK);
            if (n != 1)
                fail_msg("the engine has no optimizer " STR_FMT, STR_ARG(name));
        }
    }
    arena_fini(&arena);
    store_close(store);
    rg_session_close(session);
}

/* Each playbook opens, and sets what it lists. */
static void test_playbooks(void **state)
{
    (void)state;
    for (size_t i = 0; i < playbooks_count; i++) {
        struct rg_setting one = {"playbook", playbooks[i].name, RG_SETTING_OPTION};
        struct rg_session *session = open_with((struct rg_session_options){0}, &one, 1);
        for (const struct playbook_value *v = playbooks[i].values; v->key; v++)
            expect(session, v->key, v->value, SETTING_FROM_PLAYBOOK);
        rg_session_close(session);
    }
    struct rg_setting two[] = {{"playbook", "memory", RG_SETTING_OPTION},
                               {"RELGRAPH_PLAYBOOK", "canonical", RG_SETTING_ENVIRONMENT}};
    struct rg_session *session = open_with((struct rg_session_options){0}, two, 2);
    expect(session, "playbook", "memory,canonical", SETTING_FROM_ENVIRONMENT);
    rg_session_close(session);
}

static void test_json(void **state)
{
    (void)state;
    char *text = NULL;
    struct rg_setting one = {"engine.threads", "3", RG_SETTING_SET};
    struct rg_session *session = open_with((struct rg_session_options){0}, &one, 1);
    assert_int_equal(rg_session_config_json(session, &text, NULL), RG_OK);
    json_t *root = json_loads(text, 0, NULL), *setting, *found = NULL;
    size_t index;
    json_array_foreach(json_object_get(root, "settings"), index, setting)
    {
        if (!strcmp(json_string_value(json_object_get(setting, "key")), "engine.threads"))
            found = setting;
    }
    assert_int_equal(json_integer_value(json_object_get(found, "value")), 3);
    assert_string_equal(json_string_value(json_object_get(found, "source")), "set");
    assert_true(json_is_false(json_object_get(found, "changes_results")));
    assert_string_equal(json_string_value(json_object_get(found, "decides")), "costs");
    assert_int_equal(json_string_length(json_object_get(root, "results_sha256")), 64);
    json_decref(root);
    rg_text_free(text);
    rg_session_close(session);
}

static void told(const char *page, const char *name, const char *what)
{
    char line[512];
    snprintf(line, sizeof line, "\n| `%s` |", name);
    const char *at = strstr(page, line);
    if (!at)
        fail_msg("docs/settings.md says nothing of %s", name);
    const char *end = strchr(at + 1, '\n'), *said = strstr(at, what);
    if (!said || !end || said > end)
        fail_msg("docs/settings.md tells something else of %s than \"%s\"", name, what);
}

/* The page has a row for each, in the words of the table, with its defaults. */
static void test_docs(void **state)
{
    (void)state;
    char *page;
    size_t size;
    assert_int_equal(
        file_read(RG_SOURCE_DIR "/docs/settings.md", 1 << 20, false, &page, &size, NULL), RG_OK);
    for (size_t i = 0; i < setting_specs_count; i++) {
        const struct setting_spec *spec = &setting_specs[i];
        if (strcmp(spec->key, "gate.*") == 0)
            continue;
        told(page, spec->key, spec->what);
        for (size_t p = 0; p < PROFILES && spec->defaults[p]; p++)
            told(page, spec->key, spec->defaults[p]);
        char decides[32];
        snprintf(decides, sizeof decides, "| %s |", setting_reach_name(spec->reach));
        told(page, spec->key, decides);
    }
    for (size_t i = 0; i < gate_specs_count; i++) {
        told(page, gate_specs[i].name, gate_specs[i].what);
        told(page, gate_specs[i].name, gate_specs[i].optimizers);
    }
    for (size_t i = 0; i < playbooks_count; i++) {
        told(page, playbooks[i].name, playbooks[i].what);
        for (const struct playbook_value *v = playbooks[i].values; v->key; v++)
            told(page, playbooks[i].name, v->key);
    }
    free(page);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_who_wins),  cmocka_unit_test(test_values),
        cmocka_unit_test(test_refusals),  cmocka_unit_test(test_hashes),
        cmocka_unit_test(test_clips),     cmocka_unit_test(test_gates),
        cmocka_unit_test(test_playbooks), cmocka_unit_test(test_json),
        cmocka_unit_test(test_docs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
