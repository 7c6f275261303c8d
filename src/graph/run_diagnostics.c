/* The engine reads the ledger where it is (store_show_ledger) and writes a file a table. */
#include "graph/run_diagnostics.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/file.h"

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

/* --- Tables as Parquet -------------------------------------------------------------------------
 */

static enum rg_status write_table(struct store *store, const char *folder, size_t table,
                                  struct rg_error *err)
{
    const char *name = ledger_tables[table].name;
    struct buffer path = {0}, sql = {0};
    buffer_printf(&path, "%s/%s.parquet", folder, name);
    buffer_printf(&sql, "COPY (FROM relgraph_ledger(%zu)) TO ", table);
    buffer_sql_text(&sql, buffer_view(&path));
    buffer_printf(&sql,
                  " (FORMAT parquet, COMPRESSION snappy, KV_METADATA {'relgraph.table': '%s', "
                  "'relgraph.schema_version': '%d'})",
                  name, LEDGER_SCHEMA_VERSION);
    enum rg_status status = path.failed || sql.failed ? error_no_memory(err, layer)
                                                      : store_exec(store, buffer_view(&sql), err);
    buffer_fini(&sql);
    buffer_fini(&path);
    return status;
}

/* One after the other: a statement takes a millisecond, and threads for eleven of them gain less
 * than they cost. */
static enum rg_status write_tables(struct store *store, const char *folder, struct rg_error *err)
{
    enum rg_status status = store_show_ledger(store, err);
    for (size_t i = 0; i < LEDGER_TABLES && status == RG_OK; i++)
        status = write_table(store, folder, i, err);
    return status;
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
        status = write_tables(store, folder, err);
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
        status = store ? write_tables(store, folder, err) : write_apart(session, folder, err);
    if (status == RG_OK && ledger_lost(session->ledger))
        events_message(&session->events, RG_EVENT_WARNING, "diagnostics",
                       "%" PRIu64 " rows of the diagnostics did not fit into memory",
                       ledger_lost(session->ledger));
    free(folder);
    return status;
}
