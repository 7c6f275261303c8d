/* A walk over pairs of a rule and one of its columns, along what columns are computed from (or,
 * upward, who computes from them). What values reach is walked first; what only decides which rows
 * there are comes behind it. */
#include "compile/rule_lineage.h"

#include <stdlib.h>

#include "base/error.h"
#include "compile/rule_parts.h"
#include "base/suggest.h"

struct lineage_walk {
    const struct rule_set *set;
    struct arena *arena;
    struct rule_lineage *out;
    size_t *offsets; /* of a rule's first column in `seen` */
    bool *seen;      /* one a column of a rule; what values reach is seen first */
    size_t capacity, ends_capacity[2];
    bool failed;
};

static bool is_fact(const struct rule_set *set, struct str table)
{
    const struct dataset *dataset = contracts_find(&set->contracts, table);
    return dataset && dataset->layer == DATASET_FACT;
}

static int origin_order(const void *a, const void *b)
{
    const struct sql_origin *x = a, *y = b;
    int order = str_cmp(x->relation, y->relation);
    return order ? order : str_cmp(x->column, y->column);
}

static void add_end(struct lineage_walk *walk, bool control, struct str table, struct str column)
{
    struct sql_origins *ends = control ? &walk->out->control : &walk->out->value;
    if (ends->n == walk->ends_capacity[control]) {
        size_t capacity = ends->n ? 2 * ends->n : 32;
        struct sql_origin *grown =
            arena_grow(walk->arena, ends->origins, ends->n, capacity, sizeof *grown);
        walk->failed = walk->failed || !grown;
        if (!grown)
            return;
        ends->origins = grown;
        walk->ends_capacity[control] = capacity;
    }
    ends->origins[ends->n++] = (struct sql_origin){table, column};
}

static bool holds(const struct sql_origins *origins, struct str table, struct str column)
{
    for (size_t i = 0; origins && i < origins->n; i++)
        if (str_eq(origins->origins[i].relation, table) &&
            (str_eq(origins->origins[i].column, column) || str_is(origins->origins[i].column, "*")))
            return true;
    return false;
}

/* Sorted, each once; what is an end by value is none by control. */
static void settle(struct rule_lineage *lineage)
{
    struct sql_origins *both[] = {&lineage->value, &lineage->control};
    for (size_t b = 0; b < 2; b++) {
        struct sql_origins *ends = both[b];
        size_t kept = 0;
        if (ends->n)
            qsort(ends->origins, ends->n, sizeof *ends->origins, origin_order);
        for (size_t i = 0; i < ends->n; i++) {
            struct sql_origin end = ends->origins[i];
            bool twice = kept && origin_order(&end, &ends->origins[kept - 1]) == 0;
            if (!twice && !(b && holds(&lineage->value, end.relation, end.column)))
                ends->origins[kept++] = end;
        }
        ends->n = kept;
    }
}

static long column_of(const struct rule *rule, struct str name)
{
    for (size_t i = 0; i < rule->n_columns; i++)
        if (str_eq(rule->columns[i].name, name))
            return (long)i;
    return -1;
}

/* What a rule's column is part of. */
static struct str table_of(const struct rule *rule)
{
    return rule->audit.ptr ? rule->name : rule->emits_dataset;
}

static void push_step(struct lineage_walk *walk, size_t index, size_t column, bool by_control)
{
    const struct rule *rule = &walk->set->rules[index];
    bool *seen = &walk->seen[walk->offsets[index] + column];
    if (*seen)
        return;
    *seen = true;
    if (walk->out->n_steps == walk->capacity) {
        size_t capacity = walk->capacity ? 2 * walk->capacity : 32;
        struct rule_lineage_step *grown =
            arena_grow(walk->arena, walk->out->steps, walk->out->n_steps, capacity, sizeof *grown);
        walk->failed = walk->failed || !grown;
        if (!grown)
            return;
        walk->out->steps = grown;
        walk->capacity = capacity;
    }
    walk->out->steps[walk->out->n_steps++] = (struct rule_lineage_step){
        .rule = rule,
        .table = table_of(rule),
        .column = rule->columns[column].name,
        .value = column < rule->lineage.n_outputs ? &rule->lineage.value[column] : NULL,
        .control = &rule->lineage.control,
        .by_control = by_control,
    };
}

/* --- Down ----------------------------------------------------------------------------------- */

/* Follows a column that is read to who computes it. */
static void follow_down(struct lineage_walk *walk, struct str table, struct str column,
                        bool by_control)
{
    const struct relation *relation = rule_set_relation(walk->set, table);
    if (is_fact(walk->set, table) || !relation) {
        add_end(walk, by_control, table, column);
        return;
    }
    for (size_t i = 0; i < relation->n_rules; i++) {
        long place = column_of(&walk->set->rules[relation->rules[i]], column);
        if (place >= 0)
            push_step(walk, relation->rules[i], (size_t)place, by_control);
    }
}

/* Values first: what they reach is not reached by control alone. */
static void go_down(struct lineage_walk *walk)
{
    for (size_t i = 0; i < walk->out->n_steps && !walk->failed; i++) {
        const struct rule_lineage_step step = walk->out->steps[i];
        for (size_t o = 0; step.value && o < step.value->n; o++)
            follow_down(walk, step.value->origins[o].relation, step.value->origins[o].column,
                        false);
    }
    for (size_t i = 0; i < walk->out->n_steps && !walk->failed; i++) {
        const struct rule_lineage_step step = walk->out->steps[i];
        for (size_t o = 0; step.by_control && step.value && o < step.value->n; o++)
            follow_down(walk, step.value->origins[o].relation, step.value->origins[o].column, true);
        for (size_t o = 0; step.control && o < step.control->n; o++)
            follow_down(walk, step.control->origins[o].relation, step.control->origins[o].column,
                        true);
    }
}

/* --- Up ------------------------------------------------------------------------------------- */

/* A rule's column is seen under the names of all its relations. */
static bool reads_column(const struct rule_set *set, const struct sql_origins *origins,
                         struct str table, struct str column)
{
    const struct dataset *dataset = contracts_find(&set->contracts, table);
    if (holds(origins, table, column))
        return true;
    for (size_t i = 0; dataset && dataset->layer == DATASET_PRODUCT && i < set->n_relations; i++)
        if (str_eq(set->relations[i].dataset, table) &&
            holds(origins, set->relations[i].name, column))
            return true;
    return false;
}

/* Rules that compute something from a column (values), or whose rows depend on it. */
static void follow_up(struct lineage_walk *walk, struct str table, struct str column, bool values,
                      bool by_control)
{
    for (size_t i = 0; i < walk->set->n_rules && !walk->failed; i++) {
        const struct rule *rule = &walk->set->rules[i];
        bool decides = !values && reads_column(walk->set, &rule->lineage.control, table, column);
        for (size_t c = 0; c < rule->lineage.n_outputs; c++)
            if (decides ||
                (values && reads_column(walk->set, &rule->lineage.value[c], table, column)))
                push_step(walk, i, c, by_control);
    }
}

static void go_up(struct lineage_walk *walk, struct str table, struct str column)
{
    follow_up(walk, table, column, true, false);
    for (size_t i = 0; i < walk->out->n_steps && !walk->failed; i++)
        follow_up(walk, walk->out->steps[i].table, walk->out->steps[i].column, true, false);
    size_t by_values = walk->out->n_steps;
    follow_up(walk, table, column, false, true);
    for (size_t i = 0; i < walk->out->n_steps && !walk->failed; i++) {
        const struct rule_lineage_step step = walk->out->steps[i];
        follow_up(walk, step.table, step.column, false, true);
        if (i >= by_values)
            follow_up(walk, step.table, step.column, true, true);
    }
    for (size_t i = 0; i < walk->out->n_steps && !walk->failed; i++)
        if (walk->out->steps[i].rule->dataset)
            add_end(walk, walk->out->steps[i].by_control, walk->out->steps[i].table,
                    walk->out->steps[i].column);
}

/* --- Where it starts ------------------------------------------------------------------------ */

static void offer_columns(const struct rule_set *set, struct str table, struct suggestion *near)
{
    const struct dataset *dataset = contracts_find(&set->contracts, table);
    const struct relation *relation = rule_set_relation(set, table);
    for (size_t i = 0; dataset && i < dataset->n_columns; i++)
        suggest_offer(near, dataset->columns[i].name);
    for (size_t i = 0; relation && i < relation->n_columns; i++)
        suggest_offer(near, relation->columns[i].name);
}

static enum rg_status fail_column(const struct rule_set *set, struct str table, struct str column,
                                  struct rg_error *err)
{
    const struct dataset *dataset = contracts_find(&set->contracts, table);
    struct suggestion near = {.name = column};
    if (dataset || rule_set_relation(set, table) || rule_set_find(set, table) >= 0) {
        offer_columns(set, table, &near);
        enum rg_status status =
            error_set(err, RG_ERR_NOT_FOUND, COMPILE_LAYER,
                      "`" STR_FMT "` has no column `" STR_FMT "`", STR_ARG(table), STR_ARG(column));
        rule_hint_near(err, &near);
        return status;
    }
    near.name = table;
    for (size_t i = 0; i < set->contracts.n_datasets; i++)
        suggest_offer(&near, set->contracts.datasets[i].name);
    for (size_t i = 0; i < set->n_relations; i++)
        suggest_offer(&near, set->relations[i].name);
    enum rg_status status =
        error_set(err, RG_ERR_NOT_FOUND, COMPILE_LAYER,
                  "`" STR_FMT "` is neither a dataset, nor a relation, nor a rule", STR_ARG(table));
    rule_hint_near(err, &near);
    return status;
}

/* Whether a rule's rows are of the table. */
static bool emits_table(const struct rule_set *set, size_t index, struct str table)
{
    const struct rule *rule = &set->rules[index];
    if (str_eq(rule->emits_dataset, table) || str_eq(rule->name, table))
        return true;
    const struct relation *relation = rule_set_relation(set, table);
    for (size_t r = 0; relation && r < relation->n_rules; r++)
        if (relation->rules[r] == index)
            return true;
    return false;
}

static enum rg_status start(struct lineage_walk *walk, const struct rule_set *set, struct str name,
                            struct arena *arena, struct rule_lineage *out, struct rg_error *err)
{
    size_t columns = 0;
    struct str rest = name;
    *out = (struct rule_lineage){.table = str_split(&rest, '.')};
    out->column = rest;
    *walk = (struct lineage_walk){
        .set = set,
        .arena = arena,
        .out = out,
        .offsets = ARENA_ARRAY(arena, set->n_rules + 1, size_t),
    };
    if (!rest.ptr || !rest.len) {
        enum rg_status status = error_set(err, RG_ERR_USAGE, COMPILE_LAYER,
                                          "`" STR_FMT "` is no column", STR_ARG(name));
        error_hint(err, "table.column, such as edges.dst");
        return status;
    }
    if (!walk->offsets)
        return error_no_memory(err, COMPILE_LAYER);
    for (size_t i = 0; i < set->n_rules; i++) {
        walk->offsets[i] = columns;
        columns += set->rules[i].n_columns;
    }
    walk->seen = ARENA_ARRAY(arena, columns + 1, bool);
    return walk->seen ? RG_OK : error_no_memory(err, COMPILE_LAYER);
}

/* The column is one of a contract, though no rule may return it. */
static bool is_declared(const struct rule_set *set, struct str table, struct str column)
{
    const struct dataset *dataset = contracts_find(&set->contracts, table);
    const struct relation *relation = rule_set_relation(set, table);
    if (dataset && (dataset_column_index(dataset, column) >= 0 || str_eq(dataset->owner, column)))
        return true;
    for (size_t i = 0; relation && i < relation->n_columns; i++)
        if (str_eq(relation->columns[i].name, column))
            return true;
    return false;
}

enum rg_status rule_lineage_down(const struct rule_set *set, struct str name, struct arena *arena,
                                 struct rule_lineage *out_lineage, struct rg_error *err)
{
    struct lineage_walk walk;
    enum rg_status status = start(&walk, set, name, arena, out_lineage, err);
    struct str table = out_lineage->table, column = out_lineage->column;
    if (status)
        return status;
    out_lineage->is_end = is_fact(set, table) && is_declared(set, table, column);
    for (size_t i = 0; i < set->n_rules && !out_lineage->is_end; i++) {
        long place = emits_table(set, i, table) ? column_of(&set->rules[i], column) : -1;
        if (place >= 0)
            push_step(&walk, i, (size_t)place, false);
    }
    if (!out_lineage->n_steps && !is_declared(set, table, column))
        return fail_column(set, table, column, err);
    /* The gate joins the file of a row. */
    if (!out_lineage->is_end && (str_is(column, "path") || str_is(column, "language")) &&
        contracts_find(&set->contracts, table))
        add_end(&walk, false, STR("file"), column);
    go_down(&walk);
    settle(out_lineage);
    return walk.failed ? error_no_memory(err, COMPILE_LAYER) : RG_OK;
}

enum rg_status rule_lineage_up(const struct rule_set *set, struct str name, struct arena *arena,
                               struct rule_lineage *out_lineage, struct rg_error *err)
{
    struct lineage_walk walk;
    enum rg_status status = start(&walk, set, name, arena, out_lineage, err);
    struct str table = out_lineage->table, column = out_lineage->column;
    bool known = false;
    if (status)
        return status;
    for (size_t i = 0; i < set->n_rules; i++)
        known = known || (emits_table(set, i, table) && column_of(&set->rules[i], column) >= 0);
    if (!known && !is_declared(set, table, column))
        return fail_column(set, table, column, err);
    long rule = rule_set_find(set, table);
    if (rule >= 0 && !rule_set_relation(set, table))
        table = table_of(&set->rules[rule]);
    if (is_fact(set, STR("file")) && str_is(table, "file") &&
        (str_is(column, "path") || str_is(column, "language")))
        for (size_t i = 0; i < set->contracts.n_datasets; i++) {
            const struct dataset *dataset = &set->contracts.datasets[i];
            if (dataset->layer == DATASET_PRODUCT && dataset_column_index(dataset, column) >= 0)
                add_end(&walk, false, dataset->name, column);
        }
    go_up(&walk, table, column);
    settle(out_lineage);
    out_lineage->is_end = !out_lineage->n_steps;
    return walk.failed ? error_no_memory(err, COMPILE_LAYER) : RG_OK;
}
