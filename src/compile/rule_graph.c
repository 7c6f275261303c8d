/* The graph of rules: which relation reads which, in what order they come, and whether what a rule
 * returns fits its contract. Relations are described in order, each with all that it reads declared
 * before it. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"
#include "compile/rule_parts.h"
#include "base/suggest.h"

static enum rg_status no_memory(struct rg_error *err)
{
    return error_no_memory(err, COMPILE_LAYER);
}

/* --- Relations ------------------------------------------------------------------------------ */

static struct str relation_name(struct arena *arena, struct str dataset, struct str kind)
{
    if (!kind.ptr)
        return dataset;
    char *name = arena_printf(arena, STR_FMT "_" STR_FMT, STR_ARG(dataset), STR_ARG(kind));
    for (char *c = name; c && *c; c++)
        *c = (char)tolower((unsigned char)*c);
    return str_of(name);
}

static struct relation *find_relation(struct rule_set *set, struct str name)
{
    for (size_t i = 0; i < set->n_relations; i++)
        if (str_eq(set->relations[i].name, name))
            return &set->relations[i];
    return NULL;
}

static enum rg_status push_index(struct arena *arena, uint32_t **list, size_t *n, uint32_t value,
                                 struct rg_error *err)
{
    /* Capacity is the next power of two: it grows where the count reaches one. */
    if ((*n & (*n - 1)) == 0) {
        uint32_t *grown = arena_grow(arena, *list, *n, *n ? 2 * *n : 1, sizeof *grown);
        if (!grown)
            return no_memory(err);
        *list = grown;
    }
    (*list)[(*n)++] = value;
    return RG_OK;
}

static enum rg_status add_emitter(struct rule_set *set, uint32_t index, struct str kind,
                                  struct rg_error *err)
{
    const struct rule *rule = &set->rules[index];
    struct str name = relation_name(&set->arena, rule->emits_dataset, kind);
    if (!name.ptr)
        return no_memory(err);
    struct relation *relation = find_relation(set, name);
    if (!relation) {
        relation = &set->relations[set->n_relations++];
        *relation = (struct relation){.name = name, .dataset = rule->emits_dataset, .kind = kind};
    } else if (!str_eq(relation->dataset, rule->emits_dataset)) {
        return rule_fail(err, rule, 1, 1, "the name `" STR_FMT "` is taken", STR_ARG(name));
    }
    return push_index(&set->arena, &relation->rules, &relation->n_rules, index, err);
}

static int relation_by_name(const void *a, const void *b)
{
    return str_cmp(((const struct relation *)a)->name, ((const struct relation *)b)->name);
}

static enum rg_status make_relations(struct rule_set *set, struct rg_error *err)
{
    size_t most = 0;
    for (size_t i = 0; i < set->n_rules; i++)
        most += set->rules[i].n_emits_kinds ? set->rules[i].n_emits_kinds : 1;
    set->relations = ARENA_ARRAY(&set->arena, most, struct relation);
    set->n_relations = 0;
    if (!set->relations)
        return no_memory(err);
    for (uint32_t i = 0; i < set->n_rules; i++) {
        const struct rule *rule = &set->rules[i];
        enum rg_status status = RG_OK;
        if (!rule->n_emits_kinds)
            status = add_emitter(set, i, (struct str){NULL, 0}, err);
        for (size_t k = 0; k < rule->n_emits_kinds && !status; k++)
            status = add_emitter(set, i, rule->emits_kinds[k], err);
        if (status)
            return status;
    }
    qsort(set->relations, set->n_relations, sizeof *set->relations, relation_by_name);
    return RG_OK;
}

/* --- Reads ------------------------------------------------------------------------------------ */

/* A relation of a known kind that no rule emits is another mistake than a misspelt name. */
static bool names_known_kind(const struct rule_set *set, struct str name, struct str *out_dataset,
                             const char **out_kind)
{
    for (size_t i = 0; i < kind_specs_count; i++) {
        struct arena scratch = {0};
        struct str dataset = str_of(kind_specs[i].dataset);
        struct str candidate = relation_name(&scratch, dataset, str_of(kind_specs[i].name));
        bool same = str_eq(candidate, name) && contracts_find(&set->contracts, dataset);
        arena_fini(&scratch);
        if (same) {
            *out_dataset = dataset;
            *out_kind = kind_specs[i].name;
            return true;
        }
    }
    return false;
}

static enum rg_status fail_read(const struct rule_set *set, const struct rule *rule,
                                const struct rule_read *read, struct rg_error *err)
{
    const struct dataset *dataset = contracts_find(&set->contracts, read->name);
    if (dataset && dataset->layer == DATASET_PRODUCT) {
        enum rg_status status =
            rule_fail(err, rule, read->line, read->column, "only audits read all of `" STR_FMT "`",
                      STR_ARG(read->name));
        if (dataset->has_kind)
            error_hint(err, "read one kind of it: `" STR_FMT "_…`", STR_ARG(read->name));
        return status;
    }
    struct str of;
    const char *kind;
    if (names_known_kind(set, read->name, &of, &kind))
        return rule_fail(err, rule, read->line, read->column,
                         "reads `" STR_FMT "`, but no rule emits " STR_FMT " %s",
                         STR_ARG(read->name), STR_ARG(of), kind);
    struct suggestion near = {.name = read->name};
    for (size_t i = 0; i < set->contracts.n_datasets; i++)
        if (set->contracts.datasets[i].layer == DATASET_FACT || rule->audit.ptr)
            suggest_offer(&near, set->contracts.datasets[i].name);
    for (size_t i = 0; i < set->n_relations && !rule->audit.ptr; i++)
        suggest_offer(&near, set->relations[i].name);
    enum rg_status status = rule_fail(err, rule, read->line, read->column,
                                      "reads `" STR_FMT "`, which is neither a table of facts nor "
                                      "what a rule emits",
                                      STR_ARG(read->name));
    if (near.best.ptr)
        error_hint(err, "did you mean `" STR_FMT "`?", STR_ARG(near.best));
    return status;
}

static bool may_read(struct rule_set *set, const struct rule *rule, struct str name)
{
    const struct dataset *dataset = contracts_find(&set->contracts, name);
    if (dataset && dataset->layer == DATASET_FACT)
        return true;
    return rule->audit.ptr ? dataset != NULL : find_relation(set, name) != NULL;
}

static enum rg_status check_reads(struct rule_set *set, struct rule *rule, struct rg_error *err)
{
    enum rg_status status = rule_find_reads(rule, &set->arena, err);
    for (size_t i = 0; i < rule->n_reads && !status; i++) {
        if (may_read(set, rule, rule->reads[i]))
            continue;
        struct arena scratch = {0};
        struct rule_read *reads;
        size_t n;
        status = rule_list_reads(rule, &scratch, &reads, &n, err);
        for (size_t j = 0; j < n && !status; j++)
            if (str_eq(reads[j].name, rule->reads[i]))
                status = fail_read(set, rule, &reads[j], err);
        arena_fini(&scratch);
    }
    return status;
}

static enum rg_status find_readers(struct rule_set *set, struct rg_error *err)
{
    for (uint32_t i = 0; i < set->n_rules; i++) {
        struct rule *rule = &set->rules[i];
        enum rg_status status = check_reads(set, rule, err);
        for (size_t j = 0; j < rule->n_reads && !status; j++) {
            struct relation *relation = find_relation(set, rule->reads[j]);
            if (relation)
                status = push_index(&set->arena, &relation->readers, &relation->n_readers, i, err);
        }
        if (status)
            return status;
    }
    for (size_t i = 0; i < set->n_audits; i++) {
        enum rg_status status = check_reads(set, &set->audits[i], err);
        if (status)
            return status;
    }
    return RG_OK;
}

/* --- Order --------------------------------------------------------------------------------------
 */

static bool rule_reads(const struct rule *rule, struct str name)
{
    for (size_t i = 0; i < rule->n_reads; i++)
        if (str_eq(rule->reads[i], name))
            return true;
    return false;
}

static bool relation_reads(const struct rule_set *set, const struct relation *relation,
                           struct str name)
{
    for (size_t i = 0; i < relation->n_rules; i++)
        if (rule_reads(&set->rules[relation->rules[i]], name))
            return true;
    return false;
}

/* The first relation not yet placed that this one waits for, or -1. */
static long waits_for(const struct rule_set *set, const struct relation *relation,
                      const bool *placed)
{
    for (size_t i = 0; i < set->n_relations; i++)
        if (!placed[i] && relation_reads(set, relation, set->relations[i].name))
            return (long)i;
    return -1;
}

/* Each relation left waits for another one left: follow them until one comes again. */
static enum rg_status fail_cycle(const struct rule_set *set, const bool *placed, bool *seen,
                                 struct rg_error *err)
{
    char path[768];
    size_t used = 0;
    long at = 0;
    while (placed[at])
        at++;
    while (!seen[at]) {
        seen[at] = true;
        at = waits_for(set, &set->relations[at], placed);
    }
    const struct rule *rule = &set->rules[set->relations[at].rules[0]];
    long start = at;
    do {
        const struct str name = set->relations[at].name;
        if (used < sizeof path)
            used +=
                (size_t)snprintf(path + used, sizeof path - used, STR_FMT " reads ", STR_ARG(name));
        at = waits_for(set, &set->relations[at], placed);
    } while (at != start);
    if (used < sizeof path)
        snprintf(path + used, sizeof path - used, STR_FMT, STR_ARG(set->relations[start].name));
    enum rg_status status = rule_fail(err, rule, 1, 1, "a cycle: %s", path);
    error_hint(err, "recursion inside one rule is WITH RECURSIVE");
    return status;
}

static enum rg_status order_relations(struct rule_set *set, struct rg_error *err)
{
    enum rg_status status = RG_OK;
    struct arena scratch = {0};
    size_t n = set->n_relations, n_placed = 0;
    bool *placed = ARENA_ARRAY(&scratch, n, bool), *seen = ARENA_ARRAY(&scratch, n, bool);
    struct relation *ordered = ARENA_ARRAY(&set->arena, n, struct relation);
    if (!placed || !seen || !ordered) {
        status = no_memory(err);
        goto out;
    }
    while (n_placed < n) {
        size_t before = n_placed;
        for (size_t i = 0; i < n; i++) {
            if (placed[i] || waits_for(set, &set->relations[i], placed) >= 0)
                continue;
            placed[i] = true;
            ordered[n_placed++] = set->relations[i];
        }
        if (n_placed == before) {
            status = fail_cycle(set, placed, seen, err);
            goto out;
        }
    }
    set->relations = ordered;
out:
    arena_fini(&scratch);
    return status;
}

/* --- Contracts ----------------------------------------------------------------------------------
 */

enum type_class { TYPE_WHOLE, TYPE_REAL, TYPE_TRUTH, TYPE_TEXT, TYPE_VOCABULARY, TYPE_OTHER };

static enum type_class type_class_of(const struct contracts *contracts, struct str type)
{
    static const char *const whole[] = {"TINYINT",  "SMALLINT",  "INTEGER",  "BIGINT",  "HUGEINT",
                                        "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "UHUGEINT"};
    for (size_t i = 0; i < sizeof whole / sizeof *whole; i++)
        if (str_is(type, whole[i]))
            return TYPE_WHOLE;
    if (str_is(type, "DOUBLE") || str_is(type, "FLOAT") || str_starts(type, STR("DECIMAL")))
        return TYPE_REAL;
    if (str_is(type, "BOOLEAN"))
        return TYPE_TRUTH;
    if (str_is(type, "VARCHAR"))
        return TYPE_TEXT;
    if (str_starts(type, STR("ENUM")) || contracts_type(contracts, type))
        return TYPE_VOCABULARY;
    return TYPE_OTHER;
}

/* A NULL without a type is an INTEGER to the engine, so that fits everything. */
static bool type_fits(const struct contracts *contracts, struct str from, struct str to)
{
    enum type_class source = type_class_of(contracts, from);
    if (str_is(from, "INTEGER") || str_is(from, "\"NULL\"") || str_is(from, "NULL"))
        return true;
    switch (type_class_of(contracts, to)) {
    case TYPE_WHOLE:
        return source == TYPE_WHOLE;
    case TYPE_REAL:
        return source == TYPE_WHOLE || source == TYPE_REAL;
    case TYPE_TRUTH:
        return source == TYPE_TRUTH;
    case TYPE_TEXT:
        return true;
    default:
        return str_eq(from, to);
    }
}

static const struct rule_column *returned(const struct rule *rule, struct str name)
{
    for (size_t i = 0; i < rule->n_columns; i++)
        if (str_eq(rule->columns[i].name, name))
            return &rule->columns[i];
    return NULL;
}

static enum rg_status check_returned(const struct rule_set *set, const struct rule *rule,
                                     const struct rule_column *column, struct rg_error *err)
{
    const struct dataset *dataset = rule->dataset;
    uint32_t line = rule->sql_line;
    int index = dataset_column_index(dataset, column->name);
    bool owner = str_eq(column->name, dataset->owner);
    if (str_is(column->name, "path") || str_is(column->name, "rule"))
        return rule_fail(err, rule, line, 0, "returns `" STR_FMT "`, which is filled from %s",
                         STR_ARG(column->name),
                         str_is(column->name, "path") ? "file_id" : "the rule's name");
    if (str_is(column->name, "kind") && rule->n_emits_kinds == 1)
        return rule_fail(err, rule, line, 0,
                         "returns `kind`, but its header names one kind: leave the column out");
    if (index < 0 && !owner && !str_eq(column->name, rule->confidence_column)) {
        struct suggestion near = {.name = column->name};
        for (size_t i = 0; i < dataset->n_columns; i++)
            if (!returned(rule, dataset->columns[i].name))
                suggest_offer(&near, dataset->columns[i].name);
        enum rg_status status =
            rule_fail(err, rule, line, 0, "returns `" STR_FMT "`, which `" STR_FMT "` has not",
                      STR_ARG(column->name), STR_ARG(dataset->name));
        if (near.best.ptr)
            error_hint(err, "did you mean `" STR_FMT "`?", STR_ARG(near.best));
        return status;
    }
    struct str type = index >= 0 ? dataset->columns[index].type
                      : owner    ? STR("BIGINT")
                                 : STR("DOUBLE");
    if (!type_fits(&set->contracts, column->type, type)) {
        enum rg_status status =
            rule_fail(err, rule, line, 0, "returns `" STR_FMT "` as " STR_FMT ", not " STR_FMT,
                      STR_ARG(column->name), STR_ARG(column->type), STR_ARG(type));
        error_hint(err, "cast it: CAST(… AS " STR_FMT ")", STR_ARG(type));
        return status;
    }
    return RG_OK;
}

/* A column that a rule may leave out: it has a default, may be NULL, or the gate knows it. */
static bool may_leave_out(const struct rule *rule, const struct dataset_column *column)
{
    if (!column->not_null || column->default_value.ptr || str_is(column->name, "rule"))
        return true;
    return str_is(column->name, "kind") && rule->n_emits_kinds == 1;
}

static enum rg_status check_contract(const struct rule_set *set, const struct rule *rule,
                                     struct rg_error *err)
{
    const struct dataset *dataset = rule->dataset;
    for (size_t i = 0; i < rule->n_columns; i++) {
        enum rg_status status = check_returned(set, rule, &rule->columns[i], err);
        if (status)
            return status;
        for (size_t j = 0; j < i; j++)
            if (str_eq(rule->columns[i].name, rule->columns[j].name))
                return rule_fail(err, rule, rule->sql_line, 0, "returns `" STR_FMT "` twice",
                                 STR_ARG(rule->columns[i].name));
    }
    for (size_t i = 0; i < dataset->n_columns; i++)
        if (!may_leave_out(rule, &dataset->columns[i]) && !returned(rule, dataset->columns[i].name))
            return rule_fail(err, rule, rule->sql_line, 0,
                             "does not return `" STR_FMT "`, which `" STR_FMT "` needs",
                             STR_ARG(dataset->columns[i].name), STR_ARG(dataset->name));
    if (!returned(rule, dataset->owner)) {
        enum rg_status status = rule_fail(err, rule, rule->sql_line, 0,
                                          "does not return `" STR_FMT "`, the file that owns a row",
                                          STR_ARG(dataset->owner));
        error_hint(err, "for what belongs to no file: NULL AS " STR_FMT, STR_ARG(dataset->owner));
        return status;
    }
    if (rule->confidence_column.ptr && !returned(rule, rule->confidence_column))
        return rule_fail(err, rule, rule->sql_line, 0,
                         "does not return its confidence, `" STR_FMT "`",
                         STR_ARG(rule->confidence_column));
    return RG_OK;
}

/* Several files may make one intermediate: they must agree on its columns. */
static enum rg_status check_intermediate_rules(const struct rule_set *set,
                                               const struct relation *relation,
                                               struct rg_error *err)
{
    const struct rule *first = &set->rules[relation->rules[0]];
    for (size_t i = 1; i < relation->n_rules; i++) {
        const struct rule *other = &set->rules[relation->rules[i]];
        bool same = first->n_columns == other->n_columns;
        for (size_t c = 0; c < first->n_columns && same; c++)
            same = returned(other, first->columns[c].name) != NULL;
        if (!same)
            return rule_fail(err, other, other->sql_line, 0,
                             "`" STR_FMT "` has other columns in rule " STR_FMT,
                             STR_ARG(relation->name), STR_ARG(first->name));
    }
    return RG_OK;
}

enum rg_status rule_set_exposed(struct rule_set *set, const struct dataset *dataset,
                                struct rule_column **out_columns, size_t *out_n_columns,
                                struct rg_error *err)
{
    struct rule_column *columns =
        ARENA_ARRAY(&set->arena, dataset->n_columns + 1, struct rule_column);
    size_t n = 0;
    if (!columns)
        return no_memory(err);
    for (size_t i = 0; i < dataset->n_columns; i++) {
        struct str name = dataset->columns[i].name;
        if (!str_is(name, "path") && !str_is(name, "language"))
            columns[n++] = (struct rule_column){name, dataset->columns[i].type};
    }
    if (dataset_column_index(dataset, dataset->owner) < 0)
        columns[n++] = (struct rule_column){dataset->owner, STR("BIGINT")};
    *out_columns = columns;
    *out_n_columns = n;
    return RG_OK;
}

/* --- Describing
 * ----------------------------------------------------------------------------------- */

/* The oracle sees a table that our own walk over the tokens did not: the order would be wrong. */
static enum rg_status check_second_opinion(const struct rule *rule, const struct str *relations,
                                           size_t n_relations, struct rg_error *err)
{
    for (size_t i = 0; i < n_relations; i++) {
        if (!rule_reads(rule, relations[i]))
            return rule_fail(err, rule, rule->sql_line, 0,
                             "reads `" STR_FMT "` in a way that is not understood",
                             STR_ARG(relations[i]));
    }
    return RG_OK;
}

/* Turns the engine's word on a SELECT into one on the rule's file. */
static enum rg_status describe_rule(struct rule_set *set, struct rule *rule,
                                    const struct rule_oracle *oracle, struct rg_error *err)
{
    struct rg_error why = {.status = RG_OK};
    struct str *relations = NULL;
    size_t n_relations = 0;
    enum rg_status status =
        oracle->describe(oracle->context, rule->sql, &set->arena, &rule->columns, &rule->n_columns,
                         &relations, &n_relations, &why);
    if (status == RG_OK)
        return check_second_opinion(rule, relations, n_relations, err);
    if (status == RG_ERR_MEMORY || status == RG_ERR_CANCELLED) {
        if (err)
            *err = why;
        return status;
    }
    uint32_t line = rule->sql_line + (why.line ? why.line - 1 : 0);
    status = rule_fail(err, rule, line, why.column, "%s", why.message);
    if (why.hint[0])
        error_hint(err, "%s", why.hint);
    return status;
}

static enum rg_status describe_relation(struct rule_set *set, const struct relation *relation,
                                        const struct rule_oracle *oracle, struct rg_error *err)
{
    const struct rule *first = &set->rules[relation->rules[0]];
    struct rule_column *columns = NULL;
    size_t n_columns = 0;
    for (size_t i = 0; i < relation->n_rules; i++) {
        struct rule *rule = &set->rules[relation->rules[i]];
        if (rule->columns) /* as one of several kinds */
            continue;
        enum rg_status status = describe_rule(set, rule, oracle, err);
        if (!status && rule->dataset)
            status = check_contract(set, rule, err);
        if (status)
            return status;
    }
    enum rg_status status = RG_OK;
    if (first->dataset) {
        status = rule_set_exposed(set, first->dataset, &columns, &n_columns, err);
    } else {
        status = check_intermediate_rules(set, relation, err);
        columns = first->columns;
        n_columns = first->n_columns;
    }
    if (!status && relation->n_readers)
        status = oracle->declare(oracle->context, relation->name, columns, n_columns, err);
    return status;
}

static enum rg_status describe_audits(struct rule_set *set, const struct rule_oracle *oracle,
                                      struct rg_error *err)
{
    if (!set->n_audits)
        return RG_OK;
    for (size_t i = 0; i < set->contracts.n_datasets; i++) {
        const struct dataset *dataset = &set->contracts.datasets[i];
        if (dataset->layer != DATASET_PRODUCT)
            continue;
        struct rule_column columns[64];
        size_t n = dataset->n_columns < 64 ? dataset->n_columns : 64;
        for (size_t c = 0; c < n; c++)
            columns[c] = (struct rule_column){dataset->columns[c].name, dataset->columns[c].type};
        enum rg_status status = oracle->declare(oracle->context, dataset->name, columns, n, err);
        if (status)
            return status;
    }
    for (size_t i = 0; i < set->n_audits; i++) {
        enum rg_status status = describe_rule(set, &set->audits[i], oracle, err);
        if (status)
            return status;
    }
    return RG_OK;
}

enum rg_status rule_set_resolve(struct rule_set *set, const struct rule_oracle *oracle,
                                struct rg_error *err)
{
    enum rg_status status = make_relations(set, err);
    if (!status)
        status = find_readers(set, err);
    if (!status)
        status = order_relations(set, err);
    for (size_t i = 0; i < set->n_relations && !status; i++)
        status = describe_relation(set, &set->relations[i], oracle, err);
    return status ? status : describe_audits(set, oracle, err);
}
