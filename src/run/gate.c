/* The finalize gate as SQL text: what a rule returns is brought into the shape of its dataset, what
 * breaks the contract is told apart, and of competing findings the best are kept. */
#include "run/run_inside.h"

#include <stdlib.h>

#include "base/error.h"
#include "base/limits.h"

#define NO_RANK 99 /* behind every resolution of the table */

bool dataset_has(const struct dataset *dataset, const char *column)
{
    return dataset_column_index(dataset, str_of(column)) >= 0;
}

static bool owner_is_extra(const struct dataset *dataset)
{
    return dataset_column_index(dataset, dataset->owner) < 0;
}

static const struct rule_column *returned(const struct rule *rule, struct str name)
{
    for (size_t i = 0; i < rule->n_columns; i++)
        if (str_eq(rule->columns[i].name, name))
            return &rule->columns[i];
    return NULL;
}

/* Some rule of the dataset returns the column, so that its texts are not ours. */
static bool any_returns(const struct run *run, const struct dataset *dataset, const char *column)
{
    for (size_t i = 0; i < run->rules->n_rules; i++)
        if (run->rules->rules[i].dataset == dataset &&
            returned(&run->rules->rules[i], str_of(column)))
            return true;
    return false;
}

/* --- Setup ------------------------------------------------------------------------------------ */

/* CREATE TYPE name AS ENUM of the values added one by one, in their order, without duplicates. */
struct word_list {
    struct str *words;
    size_t count;
};

static void word_list_add(struct word_list *list, struct str word)
{
    for (size_t i = 0; i < list->count; i++)
        if (str_eq(list->words[i], word))
            return;
    list->words[list->count++] = word;
}

static int word_order(const void *a, const void *b)
{
    return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

static enum rg_status make_type(struct run *run, const char *name, struct word_list *list,
                                bool sorted, struct rg_error *err)
{
    struct step step = {.kind = STEP_TYPE};
    if (list->count == 0) /* the engine refuses a type without values */
        word_list_add(list, STR("-"));
    if (sorted)
        qsort(list->words, list->count, sizeof *list->words, word_order);
    buffer_text(&step.name, name);
    buffer_text(&step.select, "SELECT unnest([");
    for (size_t i = 0; i < list->count; i++) {
        buffer_text(&step.select, i ? "," : "");
        buffer_sql_text(&step.select, list->words[i]);
    }
    buffer_text(&step.select, "])");
    list->count = 0;
    return run_step(run, &step, err);
}

/* A rule that has no rows with such a column has no word in it: bytes of a file hang on nothing but
 * what can be in it. */
static bool fills(const struct rule *rule, const char *column)
{
    return rule->dataset && dataset_has(rule->dataset, column);
}

/* The words of the house: kinds and rules sort as their texts, resolutions by rank. */
static enum rg_status make_types(struct run *run, struct word_list *list, struct rg_error *err)
{
    const struct rule_set *set = run->rules;
    for (size_t i = 0; i < kind_specs_count; i++)
        word_list_add(list, str_of(kind_specs[i].name));
    enum rg_status status = make_type(run, "gate_kind", list, true, err);
    for (size_t i = 0; i < resolution_specs_count; i++)
        word_list_add(list, str_of(resolution_specs[i].name));
    if (!status)
        status = make_type(run, "gate_resolution", list, false, err);
    list->count = 0;
    for (size_t i = 0; i < set->n_rules; i++)
        if (fills(&set->rules[i], "rule"))
            word_list_add(list, set->rules[i].name);
    if (!status)
        status = make_type(run, "gate_rule", list, true, err);
    list->count = 0;
    for (size_t i = 0; i < set->n_rules; i++)
        if (set->rules[i].layer.ptr && fills(&set->rules[i], "origin"))
            word_list_add(list, set->rules[i].layer);
    return status ? status : make_type(run, "gate_origin", list, true, err);
}

/* Words that repeat in every row are numbers to the engine: a file with them is written in 60% of
 * the time, and is the same to a reader. */
enum rg_status gate_set_up(struct run *run, struct rg_error *err)
{
    struct step language = {.kind = STEP_TYPE}, path = {.kind = STEP_TYPE};
    struct step file = {.kind = STEP_TABLE};
    struct word_list list = {
        ARENA_ARRAY(&run->arena,
                    kind_specs_count + run->rules->n_rules + resolution_specs_count + 1,
                    struct str),
        0};
    if (!list.words)
        return error_no_memory(err, RUN_LAYER);
    enum rg_status status = make_types(run, &list, err);
    if (status)
        return status;
    buffer_text(&language.name, "gate_language");
    buffer_text(&language.select, "SELECT language FROM file WHERE language IS NOT NULL UNION "
                                  "SELECT '-' ORDER BY 1");
    status = run_step(run, &language, err);
    if (status)
        return status;
    buffer_text(&path.name, "gate_path");
    buffer_text(&path.select, "SELECT path FROM file UNION SELECT '' ORDER BY 1");
    status = run_step(run, &path, err);
    if (status)
        return status;
    buffer_text(&file.name, "work.gate_file");
    buffer_text(&file.select, "SELECT file_id, CAST(path AS gate_path) AS path, "
                              "CAST(language AS gate_language) AS language, ordinal, size_bytes "
                              "FROM file");
    return run_step(run, &file, err);
}

/* --- Rows of one rule
 * ----------------------------------------------------------------------------- */

/* The type that a column has between the rules and the file. */
static void print_type_of(const struct run *run, const struct dataset *dataset,
                          const struct dataset_column *column, struct buffer *out)
{
    if (str_is(column->name, "kind"))
        buffer_text(out, "gate_kind");
    else if (str_is(column->name, "resolution"))
        buffer_text(out, "gate_resolution");
    else if (str_is(column->name, "rule"))
        buffer_text(out, "gate_rule");
    else if (str_is(column->name, "origin") && !any_returns(run, dataset, "origin"))
        buffer_text(out, "gate_origin");
    else
        buffer_str(out, column->type);
}

/* Nothing can go wrong: any text, or a whole number into a wider one. */
static bool cast_is_safe(struct str from, const struct dataset_column *to)
{
    static const char *const narrow[] = {"TINYINT", "SMALLINT", "INTEGER", "UTINYINT", "USMALLINT"};
    bool word = str_is(to->name, "kind") || str_is(to->name, "resolution");
    if (word)
        return false;
    if (str_eq(from, to->type) || str_is(to->type, "VARCHAR"))
        return true;
    for (size_t i = 0; i < sizeof narrow / sizeof *narrow; i++)
        if (str_is(from, narrow[i]))
            return str_is(to->type, "DOUBLE") || str_is(to->type, "BIGINT") ||
                   str_is(to->type, "INTEGER");
    return str_is(to->type, "DOUBLE") && (str_is(from, "BIGINT") || str_is(from, "UINTEGER"));
}

static void print_kind_list(const struct rule *rule, struct buffer *out)
{
    for (size_t i = 0; i < rule->n_emits_kinds; i++) {
        buffer_text(out, i ? ", " : "(");
        buffer_sql_text(out, rule->emits_kinds[i]);
    }
    buffer_char(out, ')');
}

static void print_cast(const struct run *run, const struct rule *rule,
                       const struct dataset_column *column, bool checked, struct buffer *out)
{
    const struct rule_column *from = returned(rule, column->name);
    bool kind = str_is(column->name, "kind");
    if (str_eq(from->type, column->type) && cast_is_safe(from->type, column)) {
        buffer_text(out, "r.");
        buffer_sql_name(out, column->name);
        return;
    }
    if (kind) {
        buffer_text(out, "CASE WHEN r.kind IN ");
        print_kind_list(rule, out);
        buffer_text(out, " THEN ");
    }
    buffer_text(out, checked && !cast_is_safe(from->type, column) ? "TRY_CAST(r." : "CAST(r.");
    buffer_sql_name(out, column->name);
    buffer_text(out, " AS ");
    print_type_of(run, rule->dataset, column, out);
    buffer_text(out, kind ? ") END" : ")");
}

static void print_word(struct str word, const char *type, struct buffer *out)
{
    if (!word.ptr) {
        buffer_printf(out, "CAST(NULL AS %s)", type);
        return;
    }
    buffer_text(out, "CAST(");
    buffer_sql_text(out, word);
    buffer_printf(out, " AS %s)", type);
}

/* What the table of resolutions says where the rule does not. */
static void print_table_confidence(const struct rule *rule, struct buffer *out)
{
    if (returned(rule, STR("resolution"))) {
        buffer_text(out, "CASE r.resolution");
        for (size_t i = 0; i < resolution_specs_count; i++)
            buffer_printf(out, " WHEN '%s' THEN CAST(%g AS DOUBLE)", resolution_specs[i].name,
                          resolution_specs[i].confidence);
        buffer_text(out, " ELSE CAST(1 AS DOUBLE) END");
        return;
    }
    int rank = resolution_rank(rule->resolution);
    buffer_printf(out, "CAST(%g AS DOUBLE)", rank < 0 ? 1.0 : resolution_specs[rank].confidence);
}

static void print_confidence(const struct rule *rule, struct buffer *out)
{
    struct str column = rule->confidence_column.ptr ? rule->confidence_column : STR("confidence");
    if (rule->confidence >= 0) {
        buffer_printf(out, "CAST(%g AS DOUBLE)", rule->confidence);
    } else if (returned(rule, column)) {
        buffer_text(out, "coalesce(CAST(r.");
        buffer_sql_name(out, column);
        buffer_text(out, " AS DOUBLE), ");
        print_table_confidence(rule, out);
        buffer_char(out, ')');
    } else {
        print_table_confidence(rule, out);
    }
}

static void print_column(const struct run *run, const struct rule *rule,
                         const struct dataset_column *column, bool checked, struct buffer *out)
{
    if (str_is(column->name, "confidence"))
        print_confidence(rule, out);
    else if (returned(rule, column->name))
        print_cast(run, rule, column, checked, out);
    else if (str_is(column->name, "kind") && rule->n_emits_kinds)
        print_word(rule->emits_kinds[0], "gate_kind", out);
    else if (str_is(column->name, "rule"))
        print_word(rule->name, "gate_rule", out);
    else if (str_is(column->name, "resolution"))
        print_word(rule->resolution, "gate_resolution", out);
    else if (str_is(column->name, "origin"))
        print_word(rule->layer,
                   any_returns(run, rule->dataset, "origin") ? "VARCHAR" : "gate_origin", out);
    else {
        buffer_text(out, "CAST(");
        buffer_str(out, column->default_value.ptr ? column->default_value : STR("NULL"));
        buffer_text(out, " AS ");
        buffer_str(out, column->type);
        buffer_char(out, ')');
    }
}

/* WHEN … THEN code, for a column whose values are words of ours. */
static void print_word_code(const struct rule *rule, const struct dataset_column *column,
                            struct buffer *out)
{
    buffer_printf(out, " WHEN r." STR_FMT " NOT IN ", STR_ARG(column->name));
    if (str_is(column->name, "kind")) {
        print_kind_list(rule, out);
    } else {
        for (size_t i = 0; i < resolution_specs_count; i++)
            buffer_printf(out, "%s'%s'", i ? ", " : "(", resolution_specs[i].name);
        buffer_char(out, ')');
    }
    buffer_printf(out, " THEN 'unknown: " STR_FMT "'", STR_ARG(column->name));
}

static void print_column_code(const struct rule *rule, const struct rule_column *from,
                              const struct dataset_column *to, struct buffer *out)
{
    if (to->not_null) {
        buffer_text(out, " WHEN r.");
        buffer_sql_name(out, to->name);
        buffer_printf(out, " IS NULL THEN 'null: " STR_FMT "'", STR_ARG(to->name));
    }
    if (str_is(to->name, "kind") || str_is(to->name, "resolution")) {
        print_word_code(rule, to, out);
    } else if (!cast_is_safe(from->type, to)) {
        buffer_text(out, " WHEN r.");
        buffer_sql_name(out, to->name);
        buffer_text(out, " IS NOT NULL AND TRY_CAST(r.");
        buffer_sql_name(out, to->name);
        buffer_printf(out, " AS " STR_FMT ") IS NULL THEN 'type: " STR_FMT "'", STR_ARG(to->type),
                      STR_ARG(to->name));
    }
}

/* A CASE that names the first thing that is wrong with a row, NULL for good ones. */
static void print_code(const struct rule *rule, struct buffer *out)
{
    struct str confidence =
        rule->confidence_column.ptr ? rule->confidence_column : STR("confidence");
    buffer_text(out, "CASE WHEN false THEN ''"); /* so that there is a case in any event */
    for (size_t i = 0; i < rule->n_columns; i++) {
        const struct rule_column *from = &rule->columns[i];
        int index = dataset_column_index(rule->dataset, from->name);
        if (rule->confidence < 0 && str_eq(from->name, confidence)) {
            buffer_text(out, " WHEN NOT (r.");
            buffer_sql_name(out, from->name);
            buffer_text(out, " BETWEEN 0 AND 1) THEN 'range: confidence'");
        } else if (index >= 0) {
            print_column_code(rule, from, &rule->dataset->columns[index], out);
        }
    }
    buffer_text(out, " END");
}

void gate_print_rows(const struct run *run, const struct rule *rule, bool checked,
                     struct buffer *out)
{
    const struct dataset *dataset = rule->dataset;
    bool first = true;
    buffer_text(out, "SELECT ");
    for (size_t i = 0; i < dataset->n_columns; i++) {
        const struct dataset_column *column = &dataset->columns[i];
        if (str_is(column->name, "path"))
            continue;
        buffer_text(out, first ? "" : ", ");
        first = false;
        print_column(run, rule, column, checked, out);
        buffer_text(out, " AS ");
        buffer_sql_name(out, column->name);
    }
    if (owner_is_extra(dataset)) {
        buffer_text(out, ", CAST(r.");
        buffer_sql_name(out, dataset->owner);
        buffer_text(out, " AS BIGINT) AS ");
        buffer_sql_name(out, dataset->owner);
    }
    if (checked) {
        buffer_text(out, ", ");
        print_code(rule, out);
        buffer_text(out,
                    " AS gate_code, CASE WHEN gate_code IS NOT NULL THEN CAST(r AS VARCHAR) END AS "
                    "gate_row");
    }
    /* On lines of its own, because it may end in a comment. */
    buffer_text(out, " FROM (\n");
    buffer_str(out, rule->compiled);
    buffer_text(out, "\n) AS r");
}

void gate_print_columns(const struct dataset *dataset, const char *prefix, struct buffer *out)
{
    bool first = true;
    for (size_t i = 0; i < dataset->n_columns; i++) {
        if (str_is(dataset->columns[i].name, "path"))
            continue;
        buffer_text(out, first ? prefix : ", ");
        buffer_text(out, first ? "" : prefix);
        buffer_sql_name(out, dataset->columns[i].name);
        first = false;
    }
    if (owner_is_extra(dataset)) {
        buffer_printf(out, ", %s", prefix);
        buffer_sql_name(out, dataset->owner);
    }
}

/* --- Who wins
 * --------------------------------------------------------------------------------------- */

/* All findings of a relation with their rank and the place of their rule. */
static void print_findings(const struct run *run, const struct relation *relation,
                           struct buffer *out)
{
    for (size_t i = 0; i < relation->n_rules; i++) {
        const struct rule *rule = &run->rules->rules[relation->rules[i]];
        int rank = resolution_rank(rule->resolution);
        buffer_text(out, i ? " UNION ALL SELECT " : "SELECT ");
        gate_print_columns(rule->dataset, "", out);
        if (dataset_has(rule->dataset, "resolution"))
            buffer_printf(out, ", coalesce(CAST(enum_code(resolution) AS INTEGER), %d)", NO_RANK);
        else
            buffer_printf(out, ", %d", rank < 0 ? NO_RANK : rank);
        buffer_printf(out, " AS gate_rank, %zu AS gate_order, %s AS gate_witness FROM ", i,
                      rule->witness ? "true" : "false");
        rule_print_table(rule, out);
        if (rule->n_emits_kinds > 1) {
            buffer_text(out, " WHERE kind = ");
            buffer_sql_text(out, relation->kind);
        }
    }
}

static bool is_key(const struct dataset *dataset, size_t column)
{
    for (size_t i = 0; i < dataset->n_key; i++)
        if (dataset->key[i] == column)
            return true;
    return false;
}

/* Best first; rows that are equal in all of it are equal. */
static void print_best_order(const struct dataset *dataset, struct buffer *out)
{
    buffer_text(out, "gate_rank");
    if (dataset_has(dataset, "confidence"))
        buffer_text(out, ", confidence DESC NULLS LAST");
    buffer_text(out, ", gate_order");
    for (size_t i = 0; i < dataset->n_columns; i++) {
        struct str name = dataset->columns[i].name;
        if (is_key(dataset, i) || str_is(name, "path") || str_is(name, "confidence") ||
            str_is(name, "resolution") || str_is(name, "rule"))
            continue;
        buffer_text(out, ", ");
        buffer_sql_name(out, name);
        buffer_text(out, " NULLS LAST");
    }
    if (owner_is_extra(dataset)) {
        buffer_text(out, ", ");
        buffer_sql_name(out, dataset->owner);
        buffer_text(out, " NULLS LAST");
    }
}

static void print_partition(const struct relation *relation, const struct dataset *dataset,
                            struct buffer *out)
{
    bool first = true;
    buffer_text(out, "(PARTITION BY ");
    for (size_t i = 0; i < dataset->n_key; i++) {
        struct str name = dataset->columns[dataset->key[i]].name;
        if (relation->kind.ptr && str_is(name, "kind")) /* it is one */
            continue;
        buffer_text(out, first ? "" : ", ");
        buffer_sql_name(out, name);
        first = false;
    }
}

/* Of the findings with one key the best, and of compared relations who else has it. */
static void print_deduplicated(const struct run *run, const struct relation *relation,
                               const struct dataset *dataset, struct buffer *out)
{
    buffer_text(out, "SELECT ");
    gate_print_columns(dataset, "", out);
    buffer_text(out, ", gate_rank");
    if (relation_is_compared(run->rules, relation)) {
        buffer_text(out, ", bool_or(gate_witness) OVER ");
        print_partition(relation, dataset, out);
        buffer_text(out, ") AS gate_seen, bool_or(NOT gate_witness) OVER ");
        print_partition(relation, dataset, out);
        buffer_text(out, ") AS gate_own");
    }
    buffer_text(out, " FROM (");
    print_findings(run, relation, out);
    buffer_text(out, ") QUALIFY row_number() OVER ");
    print_partition(relation, dataset, out);
    buffer_text(out, " ORDER BY ");
    print_best_order(dataset, out);
    buffer_text(out, ") = 1");
}

/* The steps from gate_each to gate_left, with the number of targets that are left to choose from:
 * relation_is_compared() tells what of a witness and of others stays. */
static void print_left(bool chooses_one, bool compared, struct buffer *out)
{
    const char *place =
        chooses_one ? "(PARTITION BY src" : "(PARTITION BY src, start_byte, end_byte";
    const char *from = "gate_each";
    if (compared) {
        buffer_printf(out,
                      ", gate_met AS (SELECT *, bool_or(gate_seen AND gate_own) OVER %s) AS "
                      "gate_agreed, bool_or(gate_seen) OVER %s) AND bool_or(gate_own) OVER %s) AS "
                      "gate_both FROM gate_each), gate_kept AS (SELECT * FROM gate_met WHERE NOT "
                      "gate_agreed OR gate_seen%s)",
                      place, place, place, chooses_one ? " AND gate_own" : "");
        from = "gate_kept";
    }
    if (chooses_one) {
        buffer_printf(out,
                      ", gate_source AS (SELECT *, min(gate_rank) OVER %s%s) AS gate_best FROM %s)",
                      place, compared ? ", gate_seen" : "", from);
        from = "gate_source";
    }
    buffer_printf(out, ", gate_left AS (SELECT *, %scount(*) OVER %s)%s AS gate_count FROM %s%s)",
                  chooses_one ? "" : "CASE WHEN gate_both AND NOT gate_agreed THEN ", place,
                  chooses_one ? "" : " ELSE 1 END", from,
                  chooses_one ? " WHERE gate_rank = gate_best" : "");
}

void gate_print_best(const struct run *run, const struct relation *relation, struct buffer *out)
{
    const struct dataset *dataset = run->rules->rules[relation->rules[0]].dataset;
    const struct kind_spec *spec =
        str_is(dataset->name, "edges") ? kind_find("edges", relation->kind) : NULL;
    bool chooses_one = spec && spec->chooses_one;
    bool compared = relation_is_compared(run->rules, relation);
    if (!chooses_one && !compared) {
        print_deduplicated(run, relation, dataset, out);
        return;
    }
    buffer_text(out, "WITH gate_each AS (");
    print_deduplicated(run, relation, dataset, out);
    buffer_char(out, ')');
    print_left(chooses_one, compared, out);
    buffer_text(out, " SELECT ");
    bool first = true;
    for (size_t i = 0; i < dataset->n_columns; i++) {
        struct str name = dataset->columns[i].name;
        if (str_is(name, "path"))
            continue;
        buffer_text(out, first ? "" : ", ");
        first = false;
        if (str_is(name, "confidence")) {
            buffer_text(out, "CASE WHEN gate_count > 1 THEN CAST(1 AS DOUBLE) / gate_count ELSE "
                             "confidence END AS confidence");
        } else if (str_is(name, "ambiguity_group")) {
            buffer_text(out, "CASE WHEN gate_count > 1 THEN stable_hash64(");
            buffer_sql_text(out, relation->kind);
            buffer_printf(out, ", src%s) ELSE ambiguity_group END AS ambiguity_group",
                          chooses_one ? "" : ", coalesce(start_byte, -1), coalesce(end_byte, -1)");
        } else {
            buffer_sql_name(out, name);
        }
    }
    buffer_text(out, ", ");
    buffer_sql_name(out, dataset->owner);
    buffer_text(out, " FROM gate_left");
}

void gate_print_exposed(const struct dataset *dataset, struct buffer *out)
{
    bool first = true;
    for (size_t i = 0; i < dataset->n_columns; i++) {
        struct str name = dataset->columns[i].name;
        if (str_is(name, "path") || str_is(name, "language"))
            continue;
        bool word = str_is(name, "kind") || str_is(name, "resolution") || str_is(name, "rule") ||
                    str_is(name, "origin");
        buffer_text(out, first ? "" : ", ");
        buffer_text(out, word ? "CAST(" : "");
        buffer_sql_name(out, name);
        if (word) {
            buffer_text(out, " AS VARCHAR) AS ");
            buffer_sql_name(out, name);
        }
        first = false;
    }
    if (owner_is_extra(dataset)) {
        buffer_text(out, ", ");
        buffer_sql_name(out, dataset->owner);
    }
}

/* --- Files
 * ------------------------------------------------------------------------------------------- */

/* Shard s of 2^k holds the ids whose top k bits, unsigned, are s. Such ids are neighbours as signed
 * numbers too, because they share their sign. The smallest one has no literal: it would be a wider
 * type. */
static void print_shard(const struct run *run, const struct dataset *dataset, unsigned shard,
                        struct buffer *out)
{
    unsigned bits = run->shard_bits;
    if (bits == 0)
        return;
    uint64_t low = (uint64_t)shard << (64 - bits);
    uint64_t high = low | (UINT64_MAX >> bits);
    buffer_text(out, " WHERE (u.");
    buffer_sql_name(out, dataset->owner);
    buffer_printf(out, " BETWEEN CAST('%lld' AS BIGINT) AND CAST('%lld' AS BIGINT)", (long long)low,
                  (long long)high);
    if (shard == 0) {
        buffer_text(out, " OR u.");
        buffer_sql_name(out, dataset->owner);
        buffer_text(out, " IS NULL");
    }
    buffer_char(out, ')');
}

/* Rows that are equal in the sort's columns share a key, which the gate or an audit rules out. */
static bool sort_holds_key(const struct dataset *dataset)
{
    if (dataset->dedupe == DEDUPE_ALL)
        return false;
    for (size_t i = 0; i < dataset->n_key; i++) {
        bool sorted = false;
        for (size_t s = 0; s < dataset->n_sort && !sorted; s++)
            sorted = dataset->sort[s].column == dataset->key[i];
        if (!sorted)
            return false;
    }
    return true;
}

/* Whether the column follows from the file, which every order begins with or includes. */
static bool is_of_file(const struct run *run, const struct dataset *dataset, struct str name)
{
    return str_is(name, "path") ||
           (str_is(name, "language") && !any_returns(run, dataset, "language"));
}

static size_t list_order(const struct run *run, const struct dataset *dataset,
                         struct dataset_order keys[LIMIT_DATASET_COLUMNS + 1])
{
    size_t n = 0;
    for (size_t i = 0; i < dataset->n_sort; i++)
        keys[n++] = dataset->sort[i];
    for (uint32_t i = 0; i < dataset->n_columns && !sort_holds_key(dataset); i++) {
        bool sorted = false;
        for (size_t s = 0; s < dataset->n_sort && !sorted; s++)
            sorted = dataset->sort[s].column == i;
        if (!sorted && !is_of_file(run, dataset, dataset->columns[i].name))
            keys[n++] = (struct dataset_order){.column = i};
    }
    return n;
}

static void print_tier_order(const struct run *run, const struct dataset *dataset,
                             struct buffer *out)
{
    struct dataset_order keys[LIMIT_DATASET_COLUMNS + 1];
    size_t n = list_order(run, dataset, keys);
    for (size_t i = 0; i < n; i++) {
        bool owner = keys[i].column == DATASET_OWNER;
        struct str name = owner ? dataset->owner : dataset->columns[keys[i].column].name;
        buffer_text(out, i ? ", " : " ORDER BY ");
        if (str_is(name, "path") || str_eq(name, dataset->owner)) {
            /* A dense number sorts faster, and paths are numbered in order. */
            buffer_text(out, "f.ordinal");
        } else {
            buffer_text(out, "u.");
            buffer_sql_name(out, name);
        }
        buffer_text(out, keys[i].descending ? " DESC NULLS LAST" : " NULLS LAST");
    }
}

void gate_print_order_keys(const struct run *run, const struct dataset *dataset, struct buffer *out)
{
    struct dataset_order keys[LIMIT_DATASET_COLUMNS + 1];
    size_t n = list_order(run, dataset, keys);
    for (size_t i = 0; i < n; i++) {
        bool owner = keys[i].column == DATASET_OWNER;
        struct str name = owner ? dataset->owner : dataset->columns[keys[i].column].name;
        buffer_text(out, i ? ", " : "");
        buffer_text(out, str_eq(name, dataset->owner) ? "ordinal of " : "");
        buffer_str(out, name);
        buffer_text(out, keys[i].descending ? " DESC" : "");
    }
}

/* Paths are numbers until the rows have their order: a third of a sort was moving their texts. */
static void print_file_columns(const struct run *run, const struct dataset *dataset,
                               bool paths_as_text, struct buffer *out)
{
    for (size_t i = 0; i < dataset->n_columns; i++) {
        struct str name = dataset->columns[i].name;
        buffer_text(out, i ? ", " : "");
        if (str_is(name, "path")) {
            buffer_text(out, paths_as_text ? "CAST(f.path AS VARCHAR) AS path" : "f.path AS path");
        } else if (str_is(name, "language")) {
            buffer_text(out, any_returns(run, dataset, "language")
                                 ? "coalesce(u.language, CAST(f.language AS VARCHAR)) AS language"
                                 : "f.language AS language");
        } else {
            buffer_text(out, "u.");
            buffer_sql_name(out, name);
        }
    }
}

static void print_ordered_columns(const struct dataset *dataset, struct buffer *out)
{
    for (size_t i = 0; i < dataset->n_columns; i++) {
        struct str name = dataset->columns[i].name;
        buffer_text(out, i ? ", " : "");
        if (str_is(name, "path"))
            buffer_text(out, "CAST(path AS VARCHAR) AS path");
        else
            buffer_sql_name(out, name);
    }
}

void gate_print_file(const struct run *run, const struct dataset *dataset, struct str branches,
                     unsigned shard, struct buffer *out)
{
    bool ordered = tier_of_dataset(&run->compile, dataset->name) != RG_TIER_FAST;
    buffer_text(out, "SELECT ");
    if (ordered) {
        print_ordered_columns(dataset, out);
        buffer_text(out, " FROM (SELECT ");
    }
    print_file_columns(run, dataset, !ordered, out);
    buffer_text(out, " FROM (");
    buffer_str(out, branches);
    buffer_text(out, ") AS u LEFT JOIN work.gate_file AS f ON f.file_id = u.");
    buffer_sql_name(out, dataset->owner);
    print_shard(run, dataset, shard, out);
    if (ordered) {
        print_tier_order(run, dataset, out);
        buffer_char(out, ')');
    }
}
