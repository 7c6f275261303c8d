/* What a run leaves in the ledger: how each rule ran, which files were written, and how the
 * contracts were kept. */
#include <stdlib.h>

#include "base/error.h"
#include "run/run_inside.h"

static const char *const mode_names[] = {
    [MODE_SKIP] = "skip",     [MODE_VIEW] = "view",         [MODE_TABLE] = "table",
    [MODE_STREAM] = "stream", [MODE_FIXPOINT] = "fixpoint", [MODE_FUSED] = "fused",
};

/* --- Rows in ------------------------------------------------------------------------------------
 */

static int64_t fact_rows(const struct text_table *sizes, struct str name)
{
    for (size_t i = 0; i < sizes->rows; i++)
        if (str_eq(sizes->cells[2 * i], name) && sizes->cells[2 * i + 1].ptr)
            return strtoll(sizes->cells[2 * i + 1].ptr, NULL, 10);
    return LEDGER_UNKNOWN;
}

/* Of a relation what its rules made of it; unknown where one of them never was a table of its own.
 */
static int64_t relation_rows(const struct run *run, const struct relation *relation)
{
    int64_t rows = 0;
    const struct rule *first = &run->rules->rules[relation->rules[0]];
    if (first->dataset)
        return run->result->n_counts
                   ? (int64_t)count_of(run, relation->dataset,
                                       relation->kind.ptr ? relation->kind : STR(""))
                   : LEDGER_UNKNOWN;
    for (size_t r = 0; r < relation->n_rules; r++) {
        const struct rule_plan *plan = &run->rule_plans[relation->rules[r]];
        if (!plan->done || plan->mode == MODE_VIEW || plan->mode == MODE_FUSED ||
            plan->mode == MODE_SKIP)
            return LEDGER_UNKNOWN;
        rows += (int64_t)plan->rows;
    }
    return rows;
}

static int64_t rows_in(const struct run *run, const struct rule *rule,
                       const struct text_table *sizes)
{
    int64_t rows = 0;
    for (size_t i = 0; i < rule->n_reads; i++) {
        const struct relation *relation = rule_set_relation(run->rules, rule->reads[i]);
        int64_t n = relation ? relation_rows(run, relation) : fact_rows(sizes, rule->reads[i]);
        if (n < 0)
            return LEDGER_UNKNOWN;
        rows += n;
    }
    return rows;
}

/* --- Rules and files ----------------------------------------------------------------------------
 */

/* Bytes of a dataset's files where one rule alone filled them. */
static int64_t bytes_of(const struct run *run, const struct rule *rule)
{
    int64_t bytes = 0;
    for (size_t i = 0; i < run->rules->n_rules; i++)
        if (&run->rules->rules[i] != rule && run->rules->rules[i].dataset == rule->dataset)
            return LEDGER_UNKNOWN;
    for (size_t i = 0; i < run->result->n_shards; i++)
        if (str_eq(run->result->shards[i].dataset, rule->emits_dataset))
            bytes += (int64_t)run->result->shards[i].bytes;
    return bytes;
}

static const struct run_step *failed_step(const struct run *run, struct str rule)
{
    for (size_t i = 0; i < run->result->n_steps; i++)
        if (run->result->steps[i].failed && str_eq(run->result->steps[i].rule, rule))
            return &run->result->steps[i];
    return NULL;
}

/* Peak memory and spilling of the rule's own statements, where they were analysed. */
static void add_measurements(const struct ledger *ledger, struct ledger_rule_event *event)
{
    enum { RULE, STEP, STATEMENT, LEVEL, TEXT, SECONDS, ROWS, PEAK, SPILLED };
    for (size_t i = 0; i < ledger_rows(ledger, LEDGER_EXPLAINS); i++) {
        const struct ledger_value *row = ledger_row(ledger, LEDGER_EXPLAINS, i);
        if (row[RULE].is_null || !str_eq(row[RULE].text, event->rule))
            continue;
        if (!row[PEAK].is_null && row[PEAK].integer > event->peak_memory_bytes)
            event->peak_memory_bytes = row[PEAK].integer;
        if (!row[SPILLED].is_null && row[SPILLED].integer > event->spilled_bytes)
            event->spilled_bytes = row[SPILLED].integer;
    }
}

static void tell_rule(const struct run *run, size_t index, const struct text_table *sizes,
                      const struct rg_error *error)
{
    const struct rule *rule = &run->rules->rules[index];
    const struct rule_plan *plan = &run->rule_plans[index];
    struct ledger *ledger = run->request->session->ledger;
    struct ledger_rule_event event = ledger_rule_event_of(rule->name, rule->emits_dataset);
    const struct run_step *failed = failed_step(run, rule->name);
    const struct run_rule *told = index < run->result->n_rules ? &run->result->rules[index] : NULL;
    event.mode = mode_names[plan->mode];
    event.tier = tier_name(rule->tier);
    event.fingerprint = str_of(rule->fingerprint[0] ? rule->fingerprint : NULL);
    if (failed || str_is(rule->name, error->rule)) {
        event.outcome = "failed";
        event.error = str_of(error->message);
        event.seconds = failed ? failed->seconds : LEDGER_UNKNOWN;
    } else if (plan->mode == MODE_TABLE || plan->mode == MODE_FIXPOINT) {
        event.outcome = plan->done ? "done" : "not_run";
        event.rows_out = plan->done ? (int64_t)plan->rows : LEDGER_UNKNOWN;
        event.rows_rejected = plan->done ? (int64_t)plan->rejected : LEDGER_UNKNOWN;
        event.seconds = plan->done ? plan->seconds : LEDGER_UNKNOWN;
        event.rows_in = plan->done ? rows_in(run, rule, sizes) : LEDGER_UNKNOWN;
    } else if (plan->mode == MODE_STREAM) {
        event.outcome = told ? "done" : "not_run";
        event.rows_out = told ? (int64_t)told->rows : LEDGER_UNKNOWN;
        event.rows_rejected = told ? 0 : LEDGER_UNKNOWN;
        event.rows_in = told ? rows_in(run, rule, sizes) : LEDGER_UNKNOWN;
    } else if (plan->mode == MODE_VIEW || plan->mode == MODE_FUSED) {
        event.outcome = plan->done ? "done" : "not_run";
    } else {
        event.outcome = "not_run";
    }
    if (rule->dataset && told)
        event.bytes = bytes_of(run, rule);
    add_measurements(ledger, &event);
    ledger_rule_event(ledger, &event);
}

static void tell_files(const struct run *run)
{
    for (size_t i = 0; i < run->result->n_steps; i++) {
        const struct run_step *step = &run->result->steps[i];
        if (step->kind != STEP_FILE)
            continue;
        struct ledger_rule_event event = ledger_rule_event_of((struct str){0}, step->dataset);
        event.mode = "write";
        event.outcome = step->failed ? "failed" : "done";
        event.tier = tier_name(tier_of_dataset(&run->compile, step->dataset));
        event.seconds = step->seconds;
        for (size_t s = 0; s < run->result->n_shards && !step->failed; s++) {
            const struct run_shard *shard = &run->result->shards[s];
            if (!str_eq(shard->path, step->name))
                continue;
            event.rows_out = (int64_t)shard->rows;
            event.bytes = (int64_t)shard->bytes;
        }
        ledger_rule_event(run->request->session->ledger, &event);
    }
}

/* --- Contracts ----------------------------------------------------------------------------------
 */

/* Rejected rows by dataset and code. */
static enum rg_status read_rejected(struct run *run, struct arena *arena,
                                    struct text_table *out_rejected, struct rg_error *err)
{
    *out_rejected = (struct text_table){.rows = 0};
    if (!run->result->rows_rejected)
        return RG_OK;
    return store_table(
        run->store,
        STR("SELECT dataset, code, count(*) FROM " ERRORS_TABLE " GROUP BY ALL ORDER BY ALL"),
        100000, arena, out_rejected, err);
}

static int64_t cell_number(const struct text_table *table, size_t row, size_t column)
{
    struct str cell = table->cells[row * table->columns + column];
    return cell.ptr ? strtoll(cell.ptr, NULL, 10) : LEDGER_UNKNOWN;
}

/* The column that a code is about stands behind its colon. */
static bool is_about(struct str code, struct str column)
{
    struct str rest = code;
    str_split(&rest, ':');
    return rest.ptr && str_eq(str_trim(rest), column);
}

static void tell_column(const struct run *run, const struct dataset *dataset, size_t index,
                        const struct text_table *rejected)
{
    const struct dataset_column *column = &dataset->columns[index];
    struct ledger *ledger = run->request->session->ledger;
    struct ledger_contract_stat stat = {
        .dataset = dataset->name,
        .column = column->name,
        .type = column->type,
        .not_null = column->not_null,
    };
    size_t n_shards;
    const struct run_shard *shards = write_shards_of(run, dataset->name, &n_shards);
    for (size_t i = 0; i < n_shards; i++) {
        stat.rows += (int64_t)shards[i].rows;
        stat.nulls += shards[i].columns ? (int64_t)shards[i].columns[index].nulls : 0;
    }
    bool any = false;
    for (size_t i = 0; i < rejected->rows; i++) {
        if (!str_eq(rejected->cells[3 * i], dataset->name) ||
            !is_about(rejected->cells[3 * i + 1], column->name))
            continue;
        any = true;
        stat.code = rejected->cells[3 * i + 1];
        stat.rejected = cell_number(rejected, i, 2);
        ledger_contract_stat(ledger, &stat);
    }
    if (!any)
        ledger_contract_stat(ledger, &stat);
}

static enum rg_status tell_contracts(struct run *run, struct arena *arena, struct rg_error *err)
{
    struct text_table rejected;
    enum rg_status status = read_rejected(run, arena, &rejected, err);
    if (status != RG_OK)
        return status;
    for (size_t d = 0; d < run->rules->contracts.n_datasets; d++) {
        const struct dataset *dataset = &run->rules->contracts.datasets[d];
        for (size_t i = 0; dataset->layer == DATASET_PRODUCT && i < dataset->n_columns; i++)
            tell_column(run, dataset, i, &rejected);
    }
    return RG_OK;
}

/* --- All of it ----------------------------------------------------------------------------------
 */

enum rg_status run_tell(struct run *run, const struct rg_error *error, struct rg_error *err)
{
    if (!run->rule_plans || !run->relation_plans || !run->request->session->ledger)
        return RG_OK; /* failed before there was a plan, or nobody listens */
    struct arena arena = {0};
    struct text_table sizes = {.rows = 0};
    bool good = error->status == RG_OK;
    enum rg_status status = good ? store_table_sizes(run->store, &arena, &sizes, err) : RG_OK;
    for (size_t i = 0; i < run->rules->n_rules && status == RG_OK; i++)
        tell_rule(run, i, &sizes, error);
    if (status == RG_OK)
        tell_files(run);
    if (status == RG_OK && good)
        status = tell_contracts(run, &arena, err);
    arena_fini(&arena);
    return status;
}
