/* The engine reads the ledger where it is (store_show_ledger) and writes a file a table. */
#include "graph/run_diagnostics.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/file.h"
#include "base/pool.h"

static const char layer[] = "graph";

/* --- What is known beforehand ------------------------------------------------------------------
 */

static void note_emits(const struct rule *rule, struct buffer *out)
{
    buffer_clear(out);
    if (rule->audit.ptr) {
        buffer_text(out, "audit");
        return;
    }
    buffer_str(out, rule->emits_dataset);
    for (size_t i = 0; i < rule->n_emits_kinds; i++) {
        buffer_text(out, i ? ", " : " ");
        buffer_str(out, rule->emits_kinds[i]);
    }
}

static void note_rule(struct ledger *ledger, const struct rule *rule, struct buffer *scratch)
{
    note_emits(rule, scratch);
    ledger_rule(ledger, &(struct ledger_rule){
                            .rule = rule->name,
                            .file = rule->file,
                            .text = rule->text,
                            .sql = rule->compiled,
                            .emits = buffer_view(scratch),
                            .why = rule->audit.ptr ? rule->audit : rule->why,
                            .built_in = rule->built_in,
                            .audit = rule->audit.ptr != NULL,
                            .opaque = rule->opaque,
                        });
    for (uint32_t i = 0; i < rule->lineage.n_outputs; i++) {
        const struct sql_origins *value = &rule->lineage.value[i];
        for (size_t k = 0; k < value->n; k++)
            ledger_lineage(ledger, rule->name, rule->lineage.outputs[i].name, "value",
                           value->origins[k].relation, value->origins[k].column);
    }
    for (size_t k = 0; k < rule->lineage.control.n; k++)
        ledger_lineage(ledger, rule->name, (struct str){0}, "control",
                       rule->lineage.control.origins[k].relation,
                       rule->lineage.control.origins[k].column);
    for (size_t i = 0; i < rule->n_required; i++)
        ledger_required_column(ledger, rule->name, rule->required[i].relation,
                               rule->required[i].column);
}

void run_diagnostics_rules(struct ledger *ledger, const struct rule_set *rules)
{
    struct buffer scratch = {0};
    for (size_t i = 0; i < rules->n_rules; i++)
        note_rule(ledger, &rules->rules[i], &scratch);
    for (size_t i = 0; i < rules->n_audits; i++)
        note_rule(ledger, &rules->audits[i], &scratch);
    buffer_fini(&scratch);
}

/* --- Files that were not wholly read -----------------------------------------------------------
 */

static int64_t number_of(struct str cell)
{
    return cell.ptr ? strtoll(cell.ptr, NULL, 10) : LEDGER_UNKNOWN;
}

static int order_ids(const void *a, const void *b)
{
    int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;
    return (left > right) - (left < right);
}

/* A reason that a setting gave, with the setting that would let the file in. */
static struct str way_in(struct str reason)
{
    static const struct {
        const char *reason, *told;
    } reasons[] = {
        {"file_bytes_max", "file_bytes_max: longer than the setting extract.file_bytes_max"},
        {"parse_timeout", "parse_timeout: not parsed within extract.parse_seconds_max"},
    };
    for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++)
        if (reason.ptr && str_is(reason, reasons[i].reason))
            return str_of(reasons[i].told);
    return reason;
}

enum rg_status run_diagnostics_files(struct ledger *ledger, struct store *store,
                                     struct rg_error *err)
{
    enum { FILE_ID = 1, FILES_MAX = 1 << 20 };
    struct arena arena = {0};
    struct text_table table;
    size_t n = ledger_rows(ledger, LEDGER_EXTRACT_ERRORS);
    int64_t *told = ARENA_ARRAY(&arena, n + 1, int64_t);
    enum rg_status status =
        told ? store_table(store,
                           STR("SELECT path, file_id, CAST(status AS VARCHAR), reason, size_bytes "
                               "FROM file WHERE status NOT IN ('parsed', 'indexed') "
                               "ORDER BY ordinal"),
                           FILES_MAX, &arena, &table, err)
             : error_no_memory(err, layer);
    for (size_t i = 0; i < n && status == RG_OK; i++)
        told[i] = ledger_row(ledger, LEDGER_EXTRACT_ERRORS, i)[FILE_ID].integer;
    if (status == RG_OK)
        qsort(told, n, sizeof *told, order_ids);
    for (size_t i = 0; status == RG_OK && i < table.rows; i++) {
        const struct str *cell = &table.cells[table.columns * i];
        int64_t id = number_of(cell[FILE_ID]);
        char code[16];
        snprintf(code, sizeof code, STR_FMT, STR_ARG(cell[2]));
        if (bsearch(&id, told, n, sizeof id, order_ids))
            continue;
        struct str reason = !cell[3].ptr && str_is(cell[2], "partial") ? STR("holds a syntax error")
                                                                       : way_in(cell[3]);
        ledger_extract_error(ledger,
                             &(struct ledger_extract_error){.path = cell[0],
                                                            .file_id = id,
                                                            .code = code,
                                                            .message = reason,
                                                            .size_bytes = number_of(cell[4]),
                                                            .seconds = LEDGER_UNKNOWN});
    }
    arena_fini(&arena);
    return status;
}

/* --- Tables as Parquet -------------------------------------------------------------------------
 */

struct write_job {
    struct store *store;
    const char *folder;
};

static enum rg_status write_table(void *context, unsigned worker, size_t task, struct rg_error *err)
{
    const struct write_job *job = context;
    const char *name = ledger_tables[task].name;
    struct buffer path = {0}, sql = {0};
    (void)worker;
    buffer_printf(&path, "%s/%s.parquet", job->folder, name);
    buffer_printf(&sql, "COPY (FROM relgraph_ledger(%zu)) TO ", task);
    buffer_sql_text(&sql, buffer_view(&path));
    buffer_printf(&sql,
                  " (FORMAT parquet, COMPRESSION snappy, KV_METADATA {'relgraph.table': '%s', "
                  "'relgraph.schema_version': '%d'})",
                  name, LEDGER_SCHEMA_VERSION);
    enum rg_status status = path.failed || sql.failed
                                ? error_no_memory(err, layer)
                                : store_exec(job->store, buffer_view(&sql), err);
    buffer_fini(&sql);
    buffer_fini(&path);
    return status;
}

static enum rg_status write_tables(struct rg_session *session, struct store *store,
                                   const char *folder, struct rg_error *err)
{
    struct write_job write = {store, folder};
    struct pool_job job = {
        .threads = session->settings.engine_threads < 4 ? session->settings.engine_threads : 4,
        .tasks = LEDGER_TABLES,
        .context = &write,
        .run = write_table,
    };
    enum rg_status status = store_show_ledger(store, err);
    return status == RG_OK ? pool_run(&job, err) : status;
}

/* A session of the same settings that nobody has cancelled and that tells nobody. */
static enum rg_status write_apart(struct rg_session *session, const char *folder,
                                  struct rg_error *err)
{
    struct rg_session quiet = {.settings = session->settings, .ledger = session->ledger};
    struct store *store = NULL;
    events_init(&quiet.events, NULL, NULL);
    enum rg_status status =
        store_open(&quiet, &(struct store_options){.allowed_directory = folder}, &store, err);
    if (status == RG_OK)
        status = write_tables(&quiet, store, folder, err);
    store_close(store);
    events_fini(&quiet.events);
    return status;
}

enum rg_status run_diagnostics_write(struct rg_session *session, struct store *store,
                                     const char *run_folder, struct rg_error *err)
{
    if (!session->ledger)
        return RG_OK;
    char *folder = path_join(run_folder, "diagnostics");
    enum rg_status status = folder ? folder_make(folder, err) : error_no_memory(err, layer);
    if (status == RG_OK)
        status =
            store ? write_tables(session, store, folder, err) : write_apart(session, folder, err);
    if (status == RG_OK && ledger_lost(session->ledger))
        events_message(&session->events, RG_EVENT_WARNING, "diagnostics",
                       "%" PRIu64 " rows of the diagnostics did not fit into memory",
                       ledger_lost(session->ledger));
    free(folder);
    return status;
}
