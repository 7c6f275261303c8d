/* The course of a run: resolve, plan, run rules, write, audit, count. */
#include "run/run_inside.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/limits.h"
#include "run/rule_engine.h"
#include "run/step.h"

/* Files of one shard: enough to keep all threads busy in it, few enough to rewrite it for one
 * change. */
enum { FILES_PER_SHARD = 8192 };

unsigned run_shard_bits(uint32_t n_files)
{
    unsigned bits = 0;
    while (bits < LIMIT_SHARD_BITS && (n_files >> bits) > FILES_PER_SHARD)
        bits++;
    return bits;
}

static bool works_in_file(const struct run *run)
{
    const struct settings *settings = &run->request->session->settings;
    return settings->keep_intermediates || settings->spill_always;
}

static enum rg_status set_up(struct run *run, struct rg_error *err)
{
    struct step errors = {.kind = STEP_TABLE};
    enum rg_status status = store_exec(
        run->store, works_in_file(run) ? STR(STEP_PRELUDE_IN_FILE) : STR(STEP_PRELUDE), err);
    if (!status)
        status = gate_set_up(run, err);
    if (status)
        return status;
    buffer_text(&errors.name, ERRORS_TABLE);
    buffer_text(&errors.select,
                "SELECT CAST(NULL AS VARCHAR) AS dataset, CAST(NULL AS VARCHAR) AS rule, "
                "CAST(NULL AS VARCHAR) AS code, CAST(NULL AS VARCHAR) AS \"row\" WHERE false");
    return run_step(run, &errors, err);
}

/* --- Counts ------------------------------------------------------------------------------------
 */

/* Rows by two words, from a query that returns (word, word, count), appended to counts. */
static enum rg_status add_counts(struct run *run, struct buffer *sql, struct run_count **counts,
                                 size_t *n_counts, struct rg_error *err)
{
    struct arena *arena = &run->result->arena;
    struct text_table table = {.rows = 0};
    enum rg_status status =
        sql->failed ? error_no_memory(err, RUN_LAYER)
                    : store_table(run->store, buffer_view(sql), 100000, arena, &table, err);
    buffer_clear(sql);
    if (status)
        return status;
    struct run_count *grown =
        arena_grow(arena, *counts, *n_counts, *n_counts + table.rows, sizeof *grown);
    if (!grown)
        return error_no_memory(err, RUN_LAYER);
    for (size_t i = 0; i < table.rows; i++) {
        const struct str *cells = &table.cells[3 * i];
        grown[*n_counts + i] = (struct run_count){
            .dataset = cells[0],
            .kind = cells[1].ptr ? cells[1] : STR(""),
            .rows = strtoull(cells[2].ptr, NULL, 10),
        };
    }
    *counts = grown;
    *n_counts += table.rows;
    return RG_OK;
}

static enum rg_status count_dataset(struct run *run, const struct dataset *dataset,
                                    struct buffer *sql, struct rg_error *err)
{
    buffer_text(sql, "SELECT ");
    buffer_sql_text(sql, dataset->name);
    buffer_text(sql, dataset->has_kind ? ", kind, count(*)" : ", '', count(*)");
    buffer_text(sql, " FROM ");
    write_print_files(run, dataset->name, sql);
    buffer_text(sql, dataset->has_kind ? " GROUP BY kind ORDER BY count(*) DESC, kind" : "");
    return add_counts(run, sql, &run->result->counts, &run->result->n_counts, err);
}

static enum rg_status count_all(struct run *run, struct rg_error *err)
{
    const struct contracts *contracts = &run->rules->contracts;
    struct buffer sql = {0};
    enum rg_status status = RG_OK;
    for (size_t i = 0; i < contracts->n_datasets && !status; i++)
        if (contracts->datasets[i].layer == DATASET_PRODUCT)
            status = count_dataset(run, &contracts->datasets[i], &sql, err);
    if (!status && contracts_find(contracts, STR("unresolved"))) {
        buffer_text(&sql, "SELECT what, reason, count(*) FROM ");
        write_print_files(run, STR("unresolved"), &sql);
        buffer_text(&sql, " GROUP BY what, reason ORDER BY what, count(*) DESC, reason LIMIT 1000");
        status = add_counts(run, &sql, &run->result->reasons, &run->result->n_reasons, err);
    }
    buffer_fini(&sql);
    return status;
}

uint64_t count_of(const struct run *run, struct str dataset, struct str kind)
{
    for (size_t i = 0; i < run->result->n_counts; i++)
        if (str_eq(run->result->counts[i].dataset, dataset) &&
            str_eq(run->result->counts[i].kind, kind))
            return run->result->counts[i].rows;
    return 0;
}

/* A rule that streams is the only one that feeds its kinds: what was written is what it returned.
 */
static enum rg_status report_rules(struct run *run, struct rg_error *err)
{
    struct run_result *result = run->result;
    result->rules = ARENA_ARRAY(&result->arena, run->rules->n_rules, struct run_rule);
    if (!result->rules)
        return error_no_memory(err, RUN_LAYER);
    for (size_t i = 0; i < run->rules->n_rules; i++) {
        const struct rule *rule = &run->rules->rules[i];
        const struct rule_plan *plan = &run->rule_plans[i];
        struct run_rule *out = &result->rules[result->n_rules++];
        bool apart = plan->mode == MODE_TABLE || plan->mode == MODE_FIXPOINT;
        result->rows_rejected += plan->rejected;
        *out = (struct run_rule){rule, plan->rows, apart ? plan->seconds : 0};
        if (plan->mode != MODE_STREAM)
            continue;
        for (size_t k = 0; k < rule->n_emits_kinds; k++)
            out->rows += count_of(run, rule->emits_dataset, rule->emits_kinds[k]);
        if (!rule->n_emits_kinds)
            out->rows = count_of(run, rule->emits_dataset, STR(""));
    }
    return RG_OK;
}

/* --- The course
 * ------------------------------------------------------------------------------------ */

static enum rg_status run_stage_rules(struct run *run, struct rg_error *err)
{
    double began = clock_seconds();
    /* The store's facts are there already. */
    struct rule_engine engine = {run->request->session, &run->rules->contracts, run->store};
    struct rule_oracle oracle = rule_engine_oracle(&engine);
    events_stage(&run->request->session->events, "rules");
    enum rg_status status =
        run->rules->catalog ? RG_OK : rule_set_resolve(run->rules, &oracle, err);
    if (!status && !run->rules->is_compiled)
        status = rule_set_compile(run->rules, &run->compile, err);
    if (!status)
        status = plan_rules(run, err);
    if (!status)
        status = set_up(run, err);
    if (!status)
        status = relations_run(run, err);
    run->result->seconds_rules = clock_seconds() - began;
    return status;
}

static enum rg_status run_stage_write(struct run *run, struct rg_error *err)
{
    double began = clock_seconds();
    events_stage(&run->request->session->events, "write");
    enum rg_status status = write_datasets(run, err);
    if (!status)
        status = count_all(run, err);
    if (!status)
        status = report_rules(run, err);
    run->result->seconds_write = clock_seconds() - began;
    return status;
}

static enum rg_status run_stage_audit(struct run *run, struct rg_error *err)
{
    double began = clock_seconds();
    events_stage(&run->request->session->events, "audit");
    enum rg_status status = audit_all(run, err);
    run->result->seconds_audit = clock_seconds() - began;
    return status;
}

/* Facts stay, what was derived from them goes. */
static enum rg_status clean_up(struct run *run, struct rg_error *err)
{
    struct buffer sql = {0};
    for (size_t i = 0; i < run->rules->n_relations; i++) {
        if (!run->rules->relations[i].n_readers && run->rules->relations[i].group < 0)
            continue;
        buffer_text(&sql, "DROP VIEW IF EXISTS ");
        buffer_sql_name(&sql, run->rules->relations[i].name);
        buffer_text(&sql, ";\n");
    }
    for (size_t i = 0; i < run->rules->contracts.n_datasets; i++) {
        if (run->rules->contracts.datasets[i].layer != DATASET_PRODUCT)
            continue;
        buffer_text(&sql, "DROP VIEW IF EXISTS ");
        buffer_sql_name(&sql, run->rules->contracts.datasets[i].name);
        buffer_text(&sql, ";\n");
    }
    buffer_text(&sql, "DROP VIEW IF EXISTS proven;\n");
    buffer_text(&sql, works_in_file(run) ? STEP_CONCLUSION_IN_FILE : STEP_CONCLUSION);
    for (const char *const *type = (const char *const[]){"kind", "resolution", "rule", "origin",
                                                         "language", "path", NULL};
         *type; type++)
        buffer_printf(&sql, "DROP TYPE gate_%s;\n", *type);
    enum rg_status status = run_sql(run, &sql, err);
    buffer_fini(&sql);
    return status;
}

enum rg_status run_rules(const struct run_request *request, struct run_result *out_result,
                         struct rg_error *err)
{
    *out_result = (struct run_result){.shard_bits = 0};
    struct run run = {
        .request = request,
        .store = request->store,
        .rules = request->rules,
        .result = out_result,
        .steps_mutex = PTHREAD_MUTEX_INITIALIZER,
        .compile = {.tier = request->tier,
                    .dataset_tiers = request->dataset_tiers,
                    .n_dataset_tiers = request->n_dataset_tiers,
                    .fuse = request->session->settings.fuse &&
                            !request->session->settings.keep_intermediates,
                    .keep_columns = request->session->settings.keep_intermediates},
        .shard_bits = request->shard_bits,
    };
    RG_ASSERT(run.shard_bits <= LIMIT_SHARD_BITS);
    retry_init(&run);
    out_result->shard_bits = run.shard_bits;
    enum rg_status status = run_stage_rules(&run, err);
    if (!status)
        status = run_stage_write(&run, err);
    if (!status)
        status = run_stage_audit(&run, err);
    struct rg_error untold;
    if (!status)
        status = run_tell(&run, &(struct rg_error){.status = RG_OK}, err);
    else if (run_tell(&run, err ? err : &(struct rg_error){.status = status}, &untold) != RG_OK)
        RG_ASSERT(untold.status != RG_OK); /* the first failure is the one to tell */
    if (!status && !request->session->settings.keep_intermediates)
        status = clean_up(&run, err);
    arena_fini(&run.arena);
    retry_fini(&run);
    pthread_mutex_destroy(&run.steps_mutex);
    return status;
}

void run_result_fini(struct run_result *result)
{
    arena_fini(&result->steps_arena);
    arena_fini(&result->arena);
    *result = (struct run_result){.shard_bits = 0};
}
