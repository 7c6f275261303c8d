/* Steps as SQL, and the record of those that a run took. */
#include "run/step.h"

#include "base/clock.h"
#include "base/error.h"
#include "run/run_inside.h"

static const struct {
    const char *name;   /* in a run bundle */
    const char *before; /* the name of what is made */
    const char *behind; /* it, and before the SELECT */
    const char *last;
} kinds[] = {
    [STEP_TYPE] = {"type", "CREATE TYPE ", " AS ENUM (", ")"},
    [STEP_TABLE] = {"table", "CREATE OR REPLACE TABLE ", " AS ", ""},
    [STEP_VIEW] = {"view", "CREATE OR REPLACE VIEW ", " AS ", ""},
    [STEP_INSERT] = {"insert", "INSERT INTO ", " ", ""},
    [STEP_REJECT] = {"reject", "DELETE FROM ", " WHERE gate_code IS NOT NULL", ""},
    [STEP_FILE] = {"file", "COPY TO ", " ", ""},
};

const char *step_kind_name(enum step_kind kind)
{
    RG_ASSERT((size_t)kind < sizeof kinds / sizeof *kinds);
    return kinds[kind].name;
}

bool step_kind_find(struct str name, enum step_kind *out_kind)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (str_is(name, kinds[i].name)) {
            *out_kind = (enum step_kind)i;
            return true;
        }
    }
    return false;
}

void step_print(const struct run_step *step, struct buffer *out)
{
    RG_ASSERT(step->kind != STEP_FILE);
    /* A type cannot be replaced in one statement. */
    if (step->kind == STEP_TYPE)
        buffer_printf(out, "DROP TYPE IF EXISTS " STR_FMT ";\n", STR_ARG(step->name));
    buffer_text(out, kinds[step->kind].before);
    buffer_str(out, step->name);
    buffer_text(out, kinds[step->kind].behind);
    buffer_str(out, step->select);
    buffer_text(out, kinds[step->kind].last);
}

/* --- The record ----------------------------------------------------------------------------- */

/* The caller holds the mutex. */
static bool add_step(struct run_result *result, const struct run_step *step,
                     const struct rule_compile_options *compile)
{
    struct arena *arena = &result->steps_arena;
    if (result->n_steps == result->steps_capacity) {
        size_t capacity = result->steps_capacity ? result->steps_capacity * 2 : 128;
        struct run_step *grown =
            arena_grow(arena, result->steps, result->n_steps, capacity, sizeof *grown);
        if (!grown)
            return false;
        result->steps = grown;
        result->steps_capacity = capacity;
    }
    struct run_step *copy = &result->steps[result->n_steps];
    *copy = *step;
    copy->tier = tier_of_dataset(compile, step->dataset);
    struct {
        struct str *to, from;
    } texts[] = {
        {&copy->rule, step->rule},       {&copy->name, step->name},   {&copy->select, step->select},
        {&copy->dataset, step->dataset}, {&copy->order, step->order},
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        if (texts[i].from.ptr)
            *texts[i].to = arena_str(arena, texts[i].from);
        if (texts[i].from.ptr && !texts[i].to->ptr)
            return false;
    }
    result->n_steps++;
    return true;
}

enum rg_status run_note_step(struct run *run, const struct run_step *step, struct rg_error *err)
{
    pthread_mutex_lock(&run->steps_mutex);
    bool noted = add_step(run->result, step, &run->compile);
    pthread_mutex_unlock(&run->steps_mutex);
    return noted ? RG_OK : error_no_memory(err, RUN_LAYER);
}

enum rg_status run_step(struct run *run, struct step *step, struct rg_error *err)
{
    struct run_step taken = {.kind = step->kind,
                             .rule = step->rule,
                             .name = buffer_view(&step->name),
                             .select = buffer_view(&step->select)};
    struct buffer sql = {0};
    double began = clock_seconds();
    step_print(&taken, &sql);
    sql.failed = sql.failed || step->name.failed || step->select.failed;
    bool gives_rows = step->kind == STEP_TABLE || step->kind == STEP_INSERT;
    enum rg_status status;
    if (sql.failed)
        status = error_no_memory(err, RUN_LAYER);
    else if (gives_rows && taken.rule.ptr)
        status = run_statement(run, taken.rule, taken.name, buffer_view(&sql), &step->rows, err);
    else
        status = store_exec(run->store, buffer_view(&sql), err);
    taken.failed = status != RG_OK;
    taken.seconds = clock_seconds() - began;
    if (status == RG_OK)
        status = run_note_step(run, &taken, err);
    else if (run_note_step(run, &taken, NULL) != RG_OK)
        RG_ASSERT(status != RG_OK); /* the first failure is the one to tell */
    buffer_fini(&sql);
    buffer_fini(&step->name);
    buffer_fini(&step->select);
    return status;
}
