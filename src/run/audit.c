/* Audits: queries over what was written whose rows are broken promises. They are files like rules,
 * but for the keys that rules claim to be unique, which are checked here. */
#include "run/run_inside.h"

#include <stdio.h>

#include "base/error.h"

enum { ROWS_SHOWN = 5 };

/* The product's names become views over its files. */
static enum rg_status make_views(struct run *run, struct rg_error *err)
{
    const struct contracts *contracts = &run->rules->contracts;
    struct buffer sql = {0};
    for (size_t i = 0; i < contracts->n_datasets; i++) {
        const struct dataset *dataset = &contracts->datasets[i];
        if (dataset->layer != DATASET_PRODUCT)
            continue;
        buffer_text(&sql, "CREATE OR REPLACE VIEW ");
        buffer_sql_name(&sql, dataset->name);
        buffer_text(&sql, " AS SELECT * FROM ");
        write_print_files(run, dataset->name, &sql);
        buffer_text(&sql, ";\n");
    }
    enum rg_status status = run_sql(run, &sql, err);
    buffer_fini(&sql);
    return status;
}

/* What is known already, for the proofs of audits. */
static enum rg_status make_proofs(struct run *run, struct rg_error *err)
{
    return store_execf(run->store, err,
                       "CREATE OR REPLACE VIEW proven AS "
                       "SELECT %s AS node_ids, %s AS edge_ends, %s AS tree",
                       run->ids_proven ? "true" : "false", run->ends_proven ? "true" : "false",
                       run->tree_proven ? "true" : "false");
}

static void print_rows(const struct text_table *table, struct buffer *out)
{
    for (size_t i = 0; i < table->rows && i < ROWS_SHOWN; i++) {
        buffer_text(out, "\n  ");
        for (size_t c = 0; c < table->columns; c++) {
            struct str cell = table->cells[i * table->columns + c];
            buffer_printf(out, "%s" STR_FMT "=" STR_FMT, c ? ", " : "", STR_ARG(table->names[c]),
                          STR_ARG(cell.ptr ? cell : STR("NULL")));
        }
    }
}

/* Runs one query; rows are a failure with the message, the first of them and their number. */
static enum rg_status audit_rows(struct run *run, struct str message, struct str select,
                                 struct rg_error *err)
{
    struct arena scratch = {0};
    struct buffer sql = {0}, text = {0};
    struct text_table table;
    int64_t count = 0;
    buffer_text(&sql, "SELECT * FROM (\n");
    buffer_str(&sql, select);
    buffer_printf(&sql, "\n) AS a LIMIT %d", ROWS_SHOWN);
    enum rg_status status =
        sql.failed ? error_no_memory(err, RUN_LAYER)
                   : store_table(run->store, buffer_view(&sql), ROWS_SHOWN, &scratch, &table, err);
    if (status || table.rows == 0)
        goto out;
    buffer_clear(&sql);
    buffer_text(&sql, "SELECT count(*) FROM (\n");
    buffer_str(&sql, select);
    buffer_text(&sql, "\n) AS a");
    status = sql.failed ? error_no_memory(err, RUN_LAYER)
                        : store_int64(run->store, buffer_view(&sql), &count, err);
    if (status)
        goto out;
    print_rows(&table, &text);
    status = error_set(err, RG_ERR_AUDIT, RUN_LAYER, STR_FMT " (%lld rows):%s", STR_ARG(message),
                       (long long)count, text.data ? text.data : "");
out:
    buffer_fini(&text);
    buffer_fini(&sql);
    arena_fini(&scratch);
    return status;
}

/* A proof is cheaper than the search for rows, and says as much. */
static enum rg_status is_proven(struct run *run, const struct rule *audit, bool *out_proven,
                                struct rg_error *err)
{
    struct buffer sql = {0};
    int64_t holds = 0;
    *out_proven = false;
    if (!audit->proof.ptr)
        return RG_OK;
    buffer_text(&sql, "SELECT CASE WHEN (");
    buffer_str(&sql, audit->proof);
    buffer_text(&sql, ") THEN CAST(1 AS BIGINT) ELSE CAST(0 AS BIGINT) END");
    enum rg_status status = sql.failed ? error_no_memory(err, RUN_LAYER)
                                       : store_int64(run->store, buffer_view(&sql), &holds, err);
    *out_proven = holds == 1;
    buffer_fini(&sql);
    return status;
}

static enum rg_status audit_file(struct run *run, void *context, struct rg_error *err)
{
    const struct rule *audit = context;
    bool proven = false;
    enum rg_status status = is_proven(run, audit, &proven, err);
    if (!status && !proven)
        status = audit_rows(run, audit->audit, audit->sql, err);
    if (status)
        run_blame(audit, err);
    return status;
}

/* --- Keys that rules claim to be unique
 * ------------------------------------------------------------- */

/* Ids of nodes are audited over all kinds. */
bool audit_claims(const struct run *run, size_t index)
{
    const struct relation *relation = &run->rules->relations[index];
    const struct rule *rule = &run->rules->rules[relation->rules[0]];
    return rule->dataset && !str_is(relation->dataset, "nodes") &&
           !run->relation_plans[index].choose && rule->dataset->dedupe != DEDUPE_ALL;
}

/* Whether a column of the key is one that must not repeat: not the kind, which is one; of kinds
 * that choose one target the source alone. */
static bool is_claimed(const struct relation *relation, const struct dataset *dataset,
                       struct str column)
{
    const struct kind_spec *spec =
        str_is(dataset->name, "edges") ? kind_find("edges", relation->kind) : NULL;
    return !(spec && spec->chooses_one && !str_is(column, "src")) &&
           !(relation->kind.ptr && str_is(column, "kind"));
}

/* The claimed columns with commas between; the first alone in *out_first. */
static void print_claimed_key(const struct relation *relation, const struct dataset *dataset,
                              struct str *out_first, struct buffer *out)
{
    *out_first = STR("");
    for (size_t i = 0; i < dataset->n_key; i++) {
        struct str name = dataset->columns[dataset->key[i]].name;
        if (!is_claimed(relation, dataset, name))
            continue;
        buffer_text(out, out_first->len ? ", " : "");
        buffer_sql_name(out, name);
        if (!out_first->len)
            *out_first = name;
    }
}

/* Where memory ran out, keys are looked for in so many passes: all rows of a key are in one. */
enum { GENTLE_PASSES = 16 };

static unsigned passes_of(const struct run *run)
{
    return run->gently ? GENTLE_PASSES : 1;
}

/* The condition of a pass, by a column of the key. */
static void print_pass(const struct run *run, struct str column, unsigned pass, struct buffer *out)
{
    if (passes_of(run) == 1)
        return;
    buffer_text(out, " AND hash(");
    buffer_sql_name(out, column);
    buffer_printf(out, ") %% %u = %u", passes_of(run), pass);
}

static void print_claim(const struct run *run, const struct relation *relation,
                        const struct dataset *dataset, unsigned pass, struct buffer *out)
{
    const char *doubt = run->relation_plans[relation - run->rules->relations].claim_doubt;
    struct buffer key = {0};
    struct str first;
    print_claimed_key(relation, dataset, &first, &key);
    struct str columns = buffer_view(&key);
    buffer_printf(out, "SELECT " STR_FMT ", count(*) AS times FROM ", STR_ARG(columns));
    buffer_sql_name(out, dataset->name);
    buffer_text(out, " WHERE true");
    if (relation->kind.ptr) {
        buffer_text(out, " AND kind = ");
        buffer_sql_text(out, relation->kind);
        if (doubt)
            buffer_printf(out, " AND %s", doubt);
    }
    print_pass(run, first, pass, out);
    buffer_printf(out, " GROUP BY " STR_FMT " HAVING count(*) > 1", STR_ARG(columns));
    out->failed = out->failed || key.failed;
    buffer_fini(&key);
}

static enum rg_status audit_claim(struct run *run, void *context, struct rg_error *err)
{
    const struct relation *relation = context;
    const struct rule *rule = &run->rules->rules[relation->rules[0]];
    struct buffer message = {0};
    enum rg_status status = RG_OK;
    buffer_printf(&message, "rows of " STR_FMT " " STR_FMT " share a key",
                  STR_ARG(relation->dataset),
                  STR_ARG(relation->kind.ptr ? relation->kind : STR("")));
    for (unsigned pass = 0; pass < passes_of(run) && !status; pass++) {
        struct buffer select = {0};
        print_claim(run, relation, rule->dataset, pass, &select);
        status = select.failed || message.failed
                     ? error_no_memory(err, RUN_LAYER)
                     : audit_rows(run, buffer_view(&message), buffer_view(&select), err);
        buffer_fini(&select);
    }
    if (status == RG_ERR_AUDIT)
        error_hint(err, "the rule says `unique: yes`; without it the best row of each key is kept");
    if (status)
        run_blame(rule, err);
    buffer_fini(&message);
    return status;
}

/* How many keys come twice among edges of these kinds, `whole` by all columns of their key and
 * `source` by their source. */
static enum rg_status count_repeats(struct run *run, struct str whole, struct str source,
                                    int64_t *out_repeats, struct rg_error *err)
{
    enum rg_status status = RG_OK;
    *out_repeats = 0;
    for (unsigned pass = 0; pass < passes_of(run) && !status; pass++) {
        struct buffer sql = {0}, part = {0};
        int64_t repeats = 0;
        print_pass(run, STR("src"), pass, &part);
        buffer_printf(&sql,
                      "SELECT (SELECT count(*) FROM (SELECT 1 FROM edges WHERE kind IN (''" STR_FMT
                      ")" STR_FMT " GROUP BY kind, src, dst, label HAVING count(*) > 1)) + (SELECT "
                      "count(*) FROM (SELECT 1 FROM edges WHERE kind IN (''" STR_FMT ")" STR_FMT
                      " GROUP BY kind, src HAVING count(*) > 1))",
                      STR_ARG(whole), STR_ARG(buffer_view(&part)), STR_ARG(source),
                      STR_ARG(buffer_view(&part)));
        status = sql.failed || part.failed
                     ? error_no_memory(err, RUN_LAYER)
                     : store_int64(run->store, buffer_view(&sql), &repeats, err);
        *out_repeats += repeats;
        buffer_fini(&part);
        buffer_fini(&sql);
    }
    return status;
}

/* All claims about edges that are still open, in one scan: one query a kind would read the file for
 * each. */
static enum rg_status prove_edge_claims(struct run *run, void *context, struct rg_error *err)
{
    (void)context;
    struct buffer whole = {0}, source = {0};
    int64_t bad = 0;
    for (size_t i = 0; i < run->rules->n_relations; i++) {
        const struct relation *relation = &run->rules->relations[i];
        if (!str_is(relation->dataset, "edges") || !audit_claims(run, i) ||
            run->relation_plans[i].claim_proven || run->relation_plans[i].claim_doubt ||
            count_of(run, relation->dataset, relation->kind) == 0)
            continue;
        struct buffer *list = kind_find("edges", relation->kind)->chooses_one ? &source : &whole;
        buffer_text(list, ", ");
        buffer_sql_text(list, relation->kind);
    }
    enum rg_status status = whole.failed || source.failed ? error_no_memory(err, RUN_LAYER) : RG_OK;
    if (!status && (whole.len || source.len))
        status = count_repeats(run, buffer_view(&whole), buffer_view(&source), &bad, err);
    for (size_t i = 0; i < run->rules->n_relations && !status && bad == 0; i++)
        if (str_is(run->rules->relations[i].dataset, "edges") &&
            !run->relation_plans[i].claim_doubt)
            run->relation_plans[i].claim_proven = true;
    buffer_fini(&source);
    buffer_fini(&whole);
    return status;
}

/* Audits only read: one that runs out of memory is asked once more, alone. */
static enum rg_status attempt_audit(struct run *run, struct str who, struct str rule,
                                    enum rg_status (*take)(struct run *run, void *context,
                                                           struct rg_error *err),
                                    void *context, struct rg_error *err)
{
    struct attempt attempt = {
        .stage = "audit", .rule = rule, .who = who, .take = take, .context = context};
    return run_attempt(run, &attempt, err);
}

static enum rg_status prove_graph(struct run *run, void *context, struct rg_error *err)
{
    (void)context;
    return check_graph(run, err);
}

enum rg_status audit_all(struct run *run, struct rg_error *err)
{
    const struct str nobody = {0};
    struct rule_set *set = run->rules;
    struct events *events = &run->request->session->events;
    size_t total = set->n_audits + set->n_relations;
    enum rg_status status = make_views(run, err);
    if (!status)
        status = attempt_audit(run, STR("the audit of the graph"), nobody, prove_graph, NULL, err);
    if (!status)
        status = make_proofs(run, err);
    for (size_t i = 0; i < set->n_audits && !status; i++) {
        struct rule *audit = &set->audits[i];
        status = attempt_audit(run, audit->name, audit->name, audit_file, audit, err);
        events_progress(events, "audit", i + 1, total, 0, 0);
    }
    if (!status)
        status = attempt_audit(run, STR("the audit of keys"), nobody, prove_edge_claims, NULL, err);
    for (size_t i = 0; i < set->n_relations && !status; i++) {
        if (audit_claims(run, i) && !run->relation_plans[i].claim_proven)
            status = attempt_audit(run, STR("the audit of keys"), nobody, audit_claim,
                                   &set->relations[i], err);
        events_progress(events, "audit", set->n_audits + i + 1, total, 0, 0);
    }
    return status;
}
