/* Rows of typed values in an arena behind one mutex: a run appends some hundreds, rarely many. */
#include "base/ledger.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/limits.h"

/* --- The tables ----------------------------------------------------------------------------- */

static const struct ledger_column stages_columns[] = {
    {"stage", LEDGER_TEXT,
     "scan, extract, rules, write, audit, describe, keep facts; build where it failed"},
    {"outcome", LEDGER_TEXT, "done, or failed"},
    {"seconds", LEDGER_REAL, NULL},
    {"rows", LEDGER_INT, "that it produced, where that means something"},
    {"error", LEDGER_TEXT, NULL},
    {"status", LEDGER_TEXT, "of a failure in one word: rule, disk_full, …"},
    {"rule", LEDGER_TEXT, "at fault"},
    {"hint", LEDGER_TEXT, NULL},
    {"at_seconds", LEDGER_REAL, "since the run began, when it ended"},
};

static const struct ledger_column rules_columns[] = {
    {"rule", LEDGER_TEXT, "also audits; `datasets` is the declaration of all datasets"},
    {"file", LEDGER_TEXT, NULL},
    {"emits", LEDGER_TEXT, "edges CALL, callee; audit"},
    {"why", LEDGER_TEXT, NULL},
    {"built_in", LEDGER_BOOL, NULL},
    {"is_audit", LEDGER_BOOL, NULL},
    {"is_opaque", LEDGER_BOOL, "beyond our SQL: nothing is known of its columns"},
    {"text", LEDGER_TEXT, "of the file"},
    {"sql", LEDGER_TEXT, "the SELECT as the engine got it"},
};

static const struct ledger_column rule_events_columns[] = {
    {"rule", LEDGER_TEXT, "NULL for files (mode write)"},
    {"dataset", LEDGER_TEXT, "that it emits into, or that was written"},
    {"mode", LEDGER_TEXT,
     "how it ran: table (a statement of its own), stream (part of the query that writes the "
     "dataset), view (part of its one reader), fixpoint (round by round), skip (nobody reads it); "
     "write: a file was written"},
    {"outcome", LEDGER_TEXT, "done, failed, not_run, or retried (another row of the rule follows)"},
    {"tier", LEDGER_TEXT, NULL},
    {"fingerprint", LEDGER_TEXT, "SHA-256 of the rule's meaning"},
    {"rows_in", LEDGER_INT, "of all relations that it reads; NULL where one was never a table"},
    {"rows_out", LEDGER_INT, "that it returned, without those rejected"},
    {"rows_rejected", LEDGER_INT, "that broke the contract of the dataset"},
    {"bytes", LEDGER_INT, "that it wrote into files; NULL where it shared them with other rules"},
    {"seconds", LEDGER_REAL, "of its own statements; NULL where it ran as part of another query"},
    {"peak_memory_bytes", LEDGER_INT, "of the engine for its statement, where that was measured"},
    {"spilled_bytes", LEDGER_INT, "that the engine moved to disk, where that was measured"},
    {"rounds", LEDGER_INT, "of a fixpoint"},
    {"error", LEDGER_TEXT, NULL},
};

static const struct ledger_column operator_metrics_columns[] = {
    {"rule", LEDGER_TEXT, "on whose behalf; NULL for files"},
    {"step", LEDGER_TEXT, "what the statement made: a table, a file"},
    {"statement", LEDGER_INT, "of the run, from 1"},
    {"operator", LEDGER_INT, "number in pre-order, from 0"},
    {"parent", LEDGER_INT, "operator that takes its rows; NULL for the last one"},
    {"name", LEDGER_TEXT, "of the engine: HASH_JOIN, TABLE_SCAN, …"},
    {"details", LEDGER_TEXT, "a JSON object of the engine: conditions, filters, estimates"},
    {"rows", LEDGER_INT, "that it gave"},
    {"rows_scanned", LEDGER_INT, "that it read from storage"},
    {"bytes", LEDGER_INT, "of the rows that it gave"},
    {"seconds", LEDGER_REAL, "of all threads together"},
};

static const struct ledger_column explains_columns[] = {
    {"rule", LEDGER_TEXT, "on whose behalf; NULL for files"},
    {"step", LEDGER_TEXT, "what the statement made: a table, a file"},
    {"statement", LEDGER_INT, "of the run, from 1"},
    {"level", LEDGER_TEXT, "plan (as planned) or analyze (as it ran)"},
    {"text", LEDGER_TEXT, "the plan as a tree of text, or with its measurements as JSON"},
    {"seconds", LEDGER_REAL, "of the whole statement"},
    {"rows", LEDGER_INT, "that it made"},
    {"peak_memory_bytes", LEDGER_INT, "of the engine, other statements beside it included"},
    {"spilled_bytes", LEDGER_INT, "moved to disk by the engine"},
};

static const struct ledger_column fallbacks_columns[] = {
    {"what", LEDGER_TEXT, "in one word: retry_memory, stream_demoted, …"},
    {"rule", LEDGER_TEXT, NULL},
    {"dataset", LEDGER_TEXT, NULL},
    {"reason", LEDGER_TEXT, NULL},
    {"instead", LEDGER_TEXT, "what was done"},
    {"at_seconds", LEDGER_REAL, "since the run began"},
};

static const struct ledger_column feature_state_columns[] = {
    {"feature", LEDGER_TEXT, NULL},
    {"is_on", LEDGER_BOOL, NULL},
    {"source", LEDGER_TEXT, "who said so: profile, environment, option, set"},
    {"what", LEDGER_TEXT, NULL},
};

static const struct ledger_column extract_errors_columns[] = {
    {"path", LEDGER_TEXT, NULL},
    {"file_id", LEDGER_INT, NULL},
    {"code", LEDGER_TEXT, "in one word: skipped, unreadable, partial"},
    {"message", LEDGER_TEXT, NULL},
    {"size_bytes", LEDGER_INT, NULL},
    {"seconds", LEDGER_REAL, "spent on it; NULL where it was not opened"},
};

static const struct ledger_column contract_stats_columns[] = {
    {"dataset", LEDGER_TEXT, NULL},
    {"column_name", LEDGER_TEXT, NULL},
    {"type", LEDGER_TEXT, NULL},
    {"not_null", LEDGER_BOOL, "the contract demands a value"},
    {"rows", LEDGER_INT, "of the dataset as written"},
    {"nulls", LEDGER_INT, "of the column as written; NULL where the files do not say"},
    {"code", LEDGER_TEXT, "what was wrong with rejected rows; NULL where none was rejected"},
    {"rejected", LEDGER_INT, "rows with this code; they are kept in <dataset>_errors"},
};

static const struct ledger_column lineage_columns[] = {
    {"rule", LEDGER_TEXT, NULL},
    {"column_name", LEDGER_TEXT, "of what the rule returns; NULL: which rows there are at all"},
    {"role", LEDGER_TEXT,
     "value (becomes part of the value) or control (decides which rows there are)"},
    {"from_relation", LEDGER_TEXT, "that the rule reads: a fact, an intermediate, edges_call, …"},
    {"from_column", LEDGER_TEXT, NULL},
};

static const struct ledger_column required_columns_columns[] = {
    {"rule", LEDGER_TEXT, NULL},
    {"relation", LEDGER_TEXT, NULL},
    {"column_name", LEDGER_TEXT, "'*' where the rule is beyond our SQL: all that are known"},
};

#define COLUMNS(name) name##_columns, sizeof name##_columns / sizeof *name##_columns

const struct ledger_table ledger_tables[LEDGER_TABLES] = {
    [LEDGER_STAGES] = {"stages", "where the time went, and what failed", COLUMNS(stages)},
    [LEDGER_RULES] = {"rules", "the rules of the run, as text and as the engine got them",
                      COLUMNS(rules)},
    [LEDGER_RULE_EVENTS] = {"rule_events", "how each rule ran, and what it took",
                            COLUMNS(rule_events)},
    [LEDGER_OPERATOR_METRICS] = {"operator_metrics",
                                 "the engine's operators of each rule, as they "
                                 "ran",
                                 COLUMNS(operator_metrics)},
    [LEDGER_EXPLAINS] = {"explains", "the engine's plans as text", COLUMNS(explains)},
    [LEDGER_FALLBACKS] = {"fallbacks", "what was not done the usual way, and why",
                          COLUMNS(fallbacks)},
    [LEDGER_FEATURE_STATE] = {"feature_state", "named switches of the run", COLUMNS(feature_state)},
    [LEDGER_EXTRACT_ERRORS] = {"extract_errors", "files that were not read whole, and why",
                               COLUMNS(extract_errors)},
    [LEDGER_CONTRACT_STATS] = {"contract_stats",
                               "every column of every dataset: rows, NULLs, and what was rejected",
                               COLUMNS(contract_stats)},
    [LEDGER_LINEAGE] = {"lineage", "which columns of what it reads make each column of a rule",
                        COLUMNS(lineage)},
    [LEDGER_REQUIRED_COLUMNS] = {"required_columns",
                                 "the columns that each rule needs of what it "
                                 "reads",
                                 COLUMNS(required_columns)},
};

/* --- A run's ledger ------------------------------------------------------------------------- */

struct rows {
    struct ledger_value *values;
    size_t n, capacity; /* in rows */
};

struct ledger {
    pthread_mutex_t mutex;
    struct arena arena;
    struct rows rows[LEDGER_TABLES];
    uint64_t lost;
    double began;
};

struct ledger *ledger_new(void)
{
    struct ledger *ledger = calloc(1, sizeof *ledger);
    if (!ledger)
        return NULL;
    if (pthread_mutex_init(&ledger->mutex, NULL) != 0) {
        free(ledger);
        return NULL;
    }
    ledger->arena.bytes_max = LIMIT_LEDGER_BYTES;
    ledger->began = clock_seconds();
    return ledger;
}

void ledger_free(struct ledger *ledger)
{
    if (!ledger)
        return;
    arena_fini(&ledger->arena);
    pthread_mutex_destroy(&ledger->mutex);
    free(ledger);
}

void ledger_begin(struct ledger *ledger)
{
    if (!ledger)
        return;
    pthread_mutex_lock(&ledger->mutex);
    arena_clear(&ledger->arena);
    memset(ledger->rows, 0, sizeof ledger->rows);
    ledger->lost = 0;
    ledger->began = clock_seconds();
    pthread_mutex_unlock(&ledger->mutex);
}

/* --- Appending ------------------------------------------------------------------------------ */

static struct ledger_value text_value(struct str text)
{
    return (struct ledger_value){.is_null = !text.ptr, .text = text};
}

static struct ledger_value word_value(const char *word)
{
    return text_value(str_of(word));
}

/* Counts and sizes are never negative; an id is, see id_value. */
static struct ledger_value count_value(int64_t value)
{
    return (struct ledger_value){.is_null = value < 0, .integer = value};
}

static struct ledger_value id_value(int64_t value)
{
    return (struct ledger_value){.integer = value};
}

static struct ledger_value real_value(double value)
{
    return (struct ledger_value){.is_null = value < 0, .real = value};
}

static double at_seconds(const struct ledger *ledger)
{
    return clock_seconds() - ledger->began;
}

/* Room for one more row; NULL when memory is out. */
static struct ledger_value *grow(struct ledger *ledger, enum ledger_table_id table)
{
    struct rows *rows = &ledger->rows[table];
    size_t width = ledger_tables[table].n_columns;
    if (rows->n == rows->capacity) {
        size_t capacity = rows->capacity ? 2 * rows->capacity : 32;
        struct ledger_value *grown =
            arena_grow(&ledger->arena, rows->values, rows->n, capacity, width * sizeof *grown);
        if (!grown)
            return NULL;
        rows->values = grown;
        rows->capacity = capacity;
    }
    return rows->values + rows->n * width;
}

static void append(struct ledger *ledger, enum ledger_table_id table,
                   const struct ledger_value *values, size_t n)
{
    const struct ledger_table *spec = &ledger_tables[table];
    RG_ASSERT(n == spec->n_columns);
    pthread_mutex_lock(&ledger->mutex);
    struct ledger_value *row = grow(ledger, table);
    bool kept = row != NULL;
    for (size_t i = 0; i < n && kept; i++) {
        row[i] = values[i];
        if (spec->columns[i].type == LEDGER_TEXT && !values[i].is_null) {
            row[i].text = arena_str(&ledger->arena, values[i].text);
            kept = row[i].text.ptr != NULL;
        }
    }
    if (kept)
        ledger->rows[table].n++;
    else
        ledger->lost++;
    pthread_mutex_unlock(&ledger->mutex);
}

#define APPEND(ledger, table, ...)                                                                 \
    do {                                                                                           \
        const struct ledger_value row_values[] = {__VA_ARGS__};                                    \
        append((ledger), (table), row_values, sizeof row_values / sizeof *row_values);             \
    } while (0)

void ledger_stage(struct ledger *ledger, const char *stage, double seconds, int64_t rows)
{
    if (!ledger)
        return;
    APPEND(ledger, LEDGER_STAGES, word_value(stage), word_value("done"), real_value(seconds),
           count_value(rows), word_value(NULL), word_value(NULL), word_value(NULL),
           word_value(NULL), real_value(at_seconds(ledger)));
}

/* The texts of an error that are not empty. */
static struct ledger_value said_value(const char *text)
{
    return word_value(*text ? text : NULL);
}

void ledger_failure(struct ledger *ledger, const struct rg_error *error)
{
    if (!ledger)
        return;
    double at = at_seconds(ledger);
    APPEND(ledger, LEDGER_STAGES, word_value("build"), word_value("failed"), real_value(at),
           count_value(LEDGER_UNKNOWN), said_value(error->message),
           word_value(rg_status_name(error->status)), said_value(error->rule),
           said_value(error->hint), real_value(at));
}

void ledger_rule(struct ledger *ledger, const struct ledger_rule *rule)
{
    if (!ledger)
        return;
    APPEND(ledger, LEDGER_RULES, text_value(rule->rule), text_value(rule->file),
           text_value(rule->emits), text_value(rule->why), id_value(rule->built_in),
           id_value(rule->audit), id_value(rule->opaque), text_value(rule->text),
           text_value(rule->sql));
}

struct ledger_rule_event ledger_rule_event_of(struct str rule, struct str dataset)
{
    return (struct ledger_rule_event){
        .rule = rule,
        .dataset = dataset,
        .outcome = "done",
        .rows_in = LEDGER_UNKNOWN,
        .rows_out = LEDGER_UNKNOWN,
        .rows_rejected = LEDGER_UNKNOWN,
        .bytes = LEDGER_UNKNOWN,
        .seconds = LEDGER_UNKNOWN,
        .peak_memory_bytes = LEDGER_UNKNOWN,
        .spilled_bytes = LEDGER_UNKNOWN,
        .rounds = LEDGER_UNKNOWN,
    };
}

void ledger_rule_event(struct ledger *ledger, const struct ledger_rule_event *event)
{
    if (!ledger)
        return;
    APPEND(ledger, LEDGER_RULE_EVENTS, text_value(event->rule), text_value(event->dataset),
           word_value(event->mode), word_value(event->outcome), word_value(event->tier),
           text_value(event->fingerprint), count_value(event->rows_in),
           count_value(event->rows_out), count_value(event->rows_rejected),
           count_value(event->bytes), real_value(event->seconds),
           count_value(event->peak_memory_bytes), count_value(event->spilled_bytes),
           count_value(event->rounds), text_value(event->error));
}

void ledger_operator(struct ledger *ledger, const struct ledger_operator *row)
{
    if (!ledger)
        return;
    APPEND(ledger, LEDGER_OPERATOR_METRICS, text_value(row->rule), text_value(row->step),
           count_value(row->statement), count_value(row->number), count_value(row->parent),
           text_value(row->name), text_value(row->details), count_value(row->rows),
           count_value(row->rows_scanned), count_value(row->bytes), real_value(row->seconds));
}

void ledger_explain(struct ledger *ledger, const struct ledger_explain *explain)
{
    if (!ledger)
        return;
    APPEND(ledger, LEDGER_EXPLAINS, text_value(explain->rule), text_value(explain->step),
           count_value(explain->statement), word_value(explain->level), text_value(explain->text),
           real_value(explain->seconds), count_value(explain->rows),
           count_value(explain->peak_memory_bytes), count_value(explain->spilled_bytes));
}

void ledger_fallback(struct ledger *ledger, const char *what, struct str rule, struct str dataset,
                     struct str reason, const char *instead)
{
    if (!ledger)
        return;
    APPEND(ledger, LEDGER_FALLBACKS, word_value(what), text_value(rule), text_value(dataset),
           text_value(reason), word_value(instead), real_value(at_seconds(ledger)));
}

void ledger_feature(struct ledger *ledger, struct str feature, bool on, const char *source,
                    struct str what)
{
    if (!ledger)
        return;
    APPEND(ledger, LEDGER_FEATURE_STATE, text_value(feature), id_value(on), word_value(source),
           text_value(what));
}

void ledger_extract_error(struct ledger *ledger, const struct ledger_extract_error *error)
{
    if (!ledger)
        return;
    APPEND(ledger, LEDGER_EXTRACT_ERRORS, text_value(error->path), id_value(error->file_id),
           word_value(error->code), text_value(error->message), count_value(error->size_bytes),
           real_value(error->seconds));
}

void ledger_contract_stat(struct ledger *ledger, const struct ledger_contract_stat *stat)
{
    if (!ledger)
        return;
    APPEND(ledger, LEDGER_CONTRACT_STATS, text_value(stat->dataset), text_value(stat->column),
           text_value(stat->type), id_value(stat->not_null), count_value(stat->rows),
           count_value(stat->nulls), text_value(stat->code), count_value(stat->rejected));
}

void ledger_lineage(struct ledger *ledger, struct str rule, struct str column, const char *role,
                    struct str from_relation, struct str from_column)
{
    if (!ledger)
        return;
    APPEND(ledger, LEDGER_LINEAGE, text_value(rule), text_value(column), word_value(role),
           text_value(from_relation), text_value(from_column));
}

void ledger_required_column(struct ledger *ledger, struct str rule, struct str relation,
                            struct str column)
{
    if (!ledger)
        return;
    APPEND(ledger, LEDGER_REQUIRED_COLUMNS, text_value(rule), text_value(relation),
           text_value(column));
}

/* --- Reading -------------------------------------------------------------------------------- */

size_t ledger_rows(const struct ledger *ledger, enum ledger_table_id table)
{
    return ledger ? ledger->rows[table].n : 0;
}

const struct ledger_value *ledger_row(const struct ledger *ledger, enum ledger_table_id table,
                                      size_t row)
{
    RG_ASSERT(row < ledger->rows[table].n);
    return ledger->rows[table].values + row * ledger_tables[table].n_columns;
}

uint64_t ledger_lost(const struct ledger *ledger)
{
    return ledger ? ledger->lost : 0;
}
