/* explain run: where the time of a run went; explain rule: what one rule did. Both are read from
 * the tables of the run, nothing is run again. */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "graph/explain_work.h"

enum { RUN_JSON_BYTES_MAX = 16 << 20 };

/* A question to the diagnostics whose rows become a member of the result. */
struct question {
    const char *member, *types, *sql;
};

static enum rg_status ask_all(struct explain_work *work, const struct question *questions, size_t n,
                              json_t **object, struct rg_error *err)
{
    enum rg_status status = RG_OK;
    for (size_t i = 0; i < n && status == RG_OK; i++) {
        json_t *rows = NULL;
        status = explain_rows(work, work->store, str_of(questions[i].sql), questions[i].types,
                              &rows, err);
        if (status == RG_OK)
            json_put(object, str_of(questions[i].member), rows);
    }
    if (status == RG_OK && !*object)
        status = error_no_memory(err, EXPLAIN_LAYER);
    return status;
}

/* --- run ------------------------------------------------------------------------------------- */

static const struct question run_questions[] = {
    {"stages", "trittttt",
     "SELECT stage, seconds, rows, outcome, error, status, rule, hint FROM stages ORDER BY "
     "at_seconds"},
    {"rules", "tttiiirii",
     "SELECT rule, dataset, mode, rows_in, rows_out, rows_rejected, seconds, peak_memory_bytes, "
     "rounds FROM rule_events WHERE rule IS NOT NULL AND outcome <> 'not_run' ORDER BY seconds "
     "DESC NULLS LAST, rule"},
    {"failed", "tt",
     "SELECT rule, error FROM rule_events WHERE outcome = 'failed' AND rule IS NOT NULL ORDER BY "
     "rule"},
    {"not_run", "t",
     "SELECT rule FROM rule_events WHERE outcome = 'not_run' AND rule IS NOT NULL ORDER BY rule"},
    {"written", "tiiir",
     "SELECT dataset, count(*) AS files, CAST(sum(rows_out) AS BIGINT) AS rows, CAST(sum(bytes) AS "
     "BIGINT) AS bytes, sum(seconds) AS seconds FROM rule_events WHERE mode = 'write' GROUP BY "
     "dataset ORDER BY seconds DESC, dataset"},
    {"operators", "tttirr",
     "SELECT coalesce(rule, step) AS of, rule, name, CAST(count(*) AS BIGINT) AS n, sum(seconds) "
     "AS seconds, sum(seconds) / nullif(sum(sum(seconds)) OVER (PARTITION BY coalesce(rule, "
     "step)), 0) AS share FROM operator_metrics GROUP BY coalesce(rule, step), rule, name ORDER BY "
     "5 DESC"},
    {"rejected", "ttti",
     "SELECT dataset, column_name, code, rejected FROM contract_stats WHERE code IS NOT NULL ORDER "
     "BY rejected DESC, dataset, code"},
    {"fallbacks", "tttttr",
     "SELECT what, rule, dataset, reason, instead, at_seconds FROM fallbacks ORDER BY at_seconds"},
    {"features_off", "ttt",
     "SELECT feature, source, what FROM feature_state WHERE NOT is_on ORDER BY feature"},
    {"extract_errors", "tti",
     "SELECT code, message, CAST(count(*) AS BIGINT) AS files FROM extract_errors GROUP BY ALL "
     "ORDER BY 3 DESC, 1, 2"},
};

/* Of run.json what is no table: the whole time, the machine. */
static enum rg_status add_record(struct explain_work *work, struct rg_error *err)
{
    static const char *const members[] = {"seconds", "peak_memory_bytes", "ended", "relgraph"};
    char *path = path_join(work->run_folder, "run.json"), *text = NULL;
    size_t size = 0;
    json_error_t where;
    enum rg_status status = path ? RG_OK : error_no_memory(err, EXPLAIN_LAYER);
    if (status == RG_OK && path_exists(path))
        status = file_read(path, RUN_JSON_BYTES_MAX, true, &text, &size, err);
    json_t *record = text ? json_of_text(text, size, &where) : NULL;
    for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
        json_t *value = json_object_get(record, members[i]);
        if (value)
            json_put(&work->result, str_of(members[i]), json_incref(value));
    }
    json_decref(record);
    free(text);
    free(path);
    return status;
}

/* A run that failed after this one is what its user may be looking for. */
static enum rg_status add_later_run(struct explain_work *work, struct rg_error *err)
{
    struct str *runs = NULL;
    size_t n = 0;
    enum rg_status status = graph_runs(work->root, &work->arena, &runs, &n, err);
    if (status == RG_OK && n && !str_is(runs[0], work->run))
        json_put(&work->result, STR("last_run"), json_text(runs[0]));
    return status;
}

enum rg_status explain_run(struct explain_work *work, struct rg_error *err)
{
    work->result = json_pack("{s:s}", "run", work->run);
    enum rg_status status = add_record(work, err);
    if (status == RG_OK)
        status = add_later_run(work, err);
    if (status == RG_OK)
        status = ask_all(work, run_questions, sizeof run_questions / sizeof *run_questions,
                         &work->result, err);
    return status;
}

/* --- rule ------------------------------------------------------------------------------------ */

/* The rule's name stands where the question has $: it was found in the table, so it is plain. */
static const struct question rule_questions[] = {
    {"events", "ttttiiiiriiitt",
     "SELECT dataset, mode, outcome, tier, rows_in, rows_out, rows_rejected, bytes, seconds, "
     "peak_memory_bytes, spilled_bytes, rounds, fingerprint, error FROM rule_events WHERE rule = "
     "$"},
    {"reads", "tj",
     "SELECT relation, to_json(list(column_name ORDER BY column_name)) AS columns FROM "
     "required_columns WHERE rule = $ GROUP BY relation ORDER BY relation"},
    {"read_by", "t",
     "SELECT DISTINCT q.rule FROM required_columns AS q JOIN emitted AS e ON e.relation = "
     "q.relation WHERE e.rule = $ ORDER BY 1"},
    {"lineage", "ttj",
     "SELECT column_name, role, to_json(list(from_relation || '.' || from_column ORDER BY "
     "from_relation, from_column)) AS \"from\" FROM lineage WHERE rule = $ GROUP BY column_name, "
     "role ORDER BY role DESC, column_name"},
    {"operators", "tiiitjiiir",
     "SELECT step, \"statement\", \"operator\", parent, name, details, rows, rows_scanned, bytes, "
     "seconds FROM operator_metrics WHERE rule = $ ORDER BY \"statement\", \"operator\""},
    {"plans", "titriii",
     "SELECT step, \"statement\", CASE WHEN level = 'plan' THEN \"text\" END AS plan, seconds, "
     "rows, peak_memory_bytes, spilled_bytes FROM explains WHERE rule = $ ORDER BY \"statement\""},
    {"fallbacks", "ttt",
     "SELECT what, reason, instead FROM fallbacks WHERE rule = $ ORDER BY at_seconds"},
};

static enum rg_status ask_of_rule(struct explain_work *work, const struct question *question,
                                  struct str rule, struct rg_error *err)
{
    struct buffer sql = {0};
    json_t *rows = NULL;
    for (const char *c = question->sql; *c; c++) {
        if (*c == '$')
            buffer_sql_text(&sql, rule);
        else
            buffer_char(&sql, *c);
    }
    enum rg_status status = sql.failed ? error_no_memory(err, EXPLAIN_LAYER)
                                       : explain_rows(work, work->store, buffer_view(&sql),
                                                      question->types, &rows, err);
    if (status == RG_OK)
        json_put(&work->result, str_of(question->member), rows);
    buffer_fini(&sql);
    return status;
}

enum rg_status explain_rule(struct explain_work *work, struct rg_error *err)
{
    struct str name = str_of(work->request->operands[0]);
    enum rg_status status = explain_find_rule(work, work->request->operands[0], &work->result, err);
    json_put(&work->result, STR("run"), json_text(str_of(work->run)));
    for (size_t i = 0; i < sizeof rule_questions / sizeof *rule_questions && status == RG_OK; i++)
        status = ask_of_rule(work, &rule_questions[i], name, err);
    if (status == RG_OK && !work->result)
        status = error_no_memory(err, EXPLAIN_LAYER);
    return status;
}
