/* Statements with their plans: where the session asks for it, a statement is explained before it
 * runs, or runs inside EXPLAIN ANALYZE, and what the engine says goes into the ledger. */
#include <stdlib.h>

#include "base/error.h"
#include "base/json_build.h"
#include "run/run_inside.h"

/* --- The engine's measurements ------------------------------------------------------------------
 */

static int64_t integer_of(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    return json_is_number(value) ? (int64_t)json_number_value(value) : LEDGER_UNKNOWN;
}

static double real_of(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    return json_is_number(value) ? json_number_value(value) : LEDGER_UNKNOWN;
}

/* Operators that are still to be noted, with the number of the one that takes their rows. */
struct pending {
    const json_t *node;
    int64_t parent;
};

struct pending_stack {
    struct pending *items;
    size_t n, capacity;
};

static bool push_children(struct pending_stack *stack, const json_t *node, int64_t parent)
{
    const json_t *children = json_object_get(node, "children");
    size_t n = json_array_size(children);
    if (stack->n + n > stack->capacity) {
        size_t capacity = 2 * (stack->n + n);
        struct pending *grown = realloc(stack->items, capacity * sizeof *grown);
        if (!grown)
            return false;
        stack->items = grown;
        stack->capacity = capacity;
    }
    for (size_t i = n; i > 0; i--) /* the first one comes off first: pre-order */
        stack->items[stack->n++] = (struct pending){json_array_get(children, i - 1), parent};
    return true;
}

/* The operators below EXPLAIN_ANALYZE, in pre-order. */
static bool note_operators(struct ledger *ledger, struct ledger_operator row, const json_t *top)
{
    struct pending_stack stack = {0};
    bool kept = push_children(&stack, top, LEDGER_UNKNOWN);
    for (row.number = 0; kept && stack.n; row.number++) {
        struct pending next = stack.items[--stack.n];
        char *details = json_dumps(json_object_get(next.node, "extra_info"), JSON_COMPACT);
        row.parent = next.parent;
        row.name = str_of(json_member(next.node, "operator_name"));
        row.details = str_of(details);
        row.rows = integer_of(next.node, "operator_cardinality");
        row.rows_scanned = integer_of(next.node, "operator_rows_scanned");
        row.bytes = integer_of(next.node, "result_set_size");
        row.seconds = real_of(next.node, "operator_timing");
        ledger_operator(ledger, &row);
        free(details);
        kept = push_children(&stack, next.node, row.number);
    }
    free(stack.items);
    return kept;
}

/* Rows that went into what the statement made: what the inputs of its topmost operator gave. */
static int64_t rows_made(const json_t *explain)
{
    const json_t *made = json_array_get(json_object_get(explain, "children"), 0);
    const json_t *inputs = json_object_get(made, "children");
    int64_t rows = 0;
    for (size_t i = 0; i < json_array_size(inputs); i++)
        rows += integer_of(json_array_get(inputs, i), "operator_cardinality");
    return rows;
}

static enum rg_status note_analysis(struct run *run, struct ledger_explain *explain,
                                    uint64_t *out_rows, struct rg_error *err)
{
    struct ledger *ledger = run->request->session->ledger;
    json_error_t where;
    json_t *root = json_of_text(explain->text.ptr, explain->text.len, &where);
    if (!root)
        return json_no_memory(&where)
                   ? error_no_memory(err, RUN_LAYER)
                   : error_set(err, RG_ERR_ENGINE, RUN_LAYER,
                               "the engine's measurements are no JSON: %s", where.text);
    const json_t *top = json_array_get(json_object_get(root, "children"), 0);
    explain->rows = rows_made(top);
    explain->seconds = real_of(root, "latency");
    explain->peak_memory_bytes = integer_of(root, "system_peak_buffer_memory");
    explain->spilled_bytes = integer_of(root, "system_peak_temp_dir_size");
    ledger_explain(ledger, explain);
    struct ledger_operator row = {
        .rule = explain->rule, .step = explain->step, .statement = explain->statement};
    bool kept = note_operators(ledger, row, top);
    *out_rows = (uint64_t)explain->rows;
    json_decref(root);
    return kept ? RG_OK : error_no_memory(err, RUN_LAYER);
}

/* --- Statements ---------------------------------------------------------------------------------
 */

enum rg_status statement_take(struct run *run, struct str rule, struct str step, struct str sql,
                              uint64_t *out_rows, struct rg_error *err)
{
    enum explain_level level = run->request->session->settings.explain_level;
    struct ledger_explain explain = {
        .rule = rule,
        .step = step,
        .seconds = LEDGER_UNKNOWN,
        .rows = LEDGER_UNKNOWN,
        .peak_memory_bytes = LEDGER_UNKNOWN,
        .spilled_bytes = LEDGER_UNKNOWN,
    };
    struct arena arena = {0};
    uint64_t rows = 0;
    enum rg_status status = RG_OK;
    if (level != EXPLAIN_NONE)
        explain.statement = (int64_t)atomic_fetch_add(&run->statements, 1) + 1;
    if (level == EXPLAIN_ANALYZE) {
        explain.level = "analyze";
        status = store_explain(run->store, sql, true, &arena, &explain.text, err);
        if (status == RG_OK)
            status = note_analysis(run, &explain, &rows, err);
    } else {
        if (level == EXPLAIN_PLAN) {
            explain.level = "plan";
            status = store_explain(run->store, sql, false, &arena, &explain.text, err);
            if (status == RG_OK)
                ledger_explain(run->request->session->ledger, &explain);
        }
        if (status == RG_OK)
            status = store_exec_count(run->store, sql, &rows, err);
    }
    if (out_rows)
        *out_rows = rows;
    arena_fini(&arena);
    return status;
}
