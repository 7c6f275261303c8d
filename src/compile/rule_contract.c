/* Whether what a rule returns fits the contract of what it emits. */
#include "base/error.h"
#include "base/suggest.h"
#include "compile/rule_parts.h"
#include "sql/sql_constant.h"

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

const struct rule_column *rule_returned(const struct rule *rule, struct str name)
{
    for (size_t i = 0; i < rule->n_columns; i++)
        if (str_eq(rule->columns[i].name, name))
            return &rule->columns[i];
    return NULL;
}

struct sql_span rule_column_span(const struct rule *rule, size_t column)
{
    struct sql_node *expression = NULL;
    if (rule->parsed.root &&
        sql_output_expressions(rule->parsed.root, (uint32_t)column, &expression, 1) && expression)
        return expression->span;
    return (struct sql_span){0, 0};
}

/* A kind or a resolution that stands in the SELECT as a text is checked here; what is computed, by
 * the gate. */
static enum rg_status check_word(const struct rule *rule, struct str column,
                                 const struct sql_node *expression, struct rg_error *err)
{
    struct sql_constant word = sql_constant_of(expression);
    struct suggestion near = {.name = word.text};
    bool is_kind = str_is(column, "kind");
    if (word.kind != SQL_CONSTANT_TEXT || (!is_kind && resolution_rank(word.text) >= 0))
        return RG_OK;
    for (size_t i = 0; i < rule->n_emits_kinds && is_kind; i++) {
        if (str_eq(rule->emits_kinds[i], word.text))
            return RG_OK;
        suggest_offer(&near, rule->emits_kinds[i]);
    }
    for (size_t i = 0; i < resolution_specs_count && !is_kind; i++)
        suggest_offer(&near, str_of(resolution_specs[i].name));
    enum rg_status status = rule_fail_at(
        err, rule, expression->span, "gives the " STR_FMT " `" STR_FMT "`, which %s",
        STR_ARG(column), STR_ARG(word.text), is_kind ? "its header does not name" : "is unknown");
    if (is_kind && !near.best.ptr)
        error_hint(err, "name it there: `-- emits: " STR_FMT " …, " STR_FMT "`",
                   STR_ARG(rule->emits_dataset), STR_ARG(word.text));
    else
        rule_hint_near(err, &near);
    return status;
}

static enum rg_status check_words(const struct rule *rule, size_t place, struct rg_error *err)
{
    enum { BRANCHES_MAX = 32 }; /* the gate checks what is beyond */
    struct str column = rule->columns[place].name;
    struct sql_node *from[BRANCHES_MAX];
    enum rg_status status = RG_OK;
    if (rule->opaque || !(str_is(column, "kind") || str_is(column, "resolution")))
        return RG_OK;
    uint32_t n = sql_output_expressions(rule->parsed.root, (uint32_t)place, from, BRANCHES_MAX);
    for (uint32_t i = 0; i < n && i < BRANCHES_MAX && !status; i++) {
        if (from[i]->kind != SQL_CASE) {
            status = check_word(rule, column, from[i], err);
            continue;
        }
        const struct sql_node *whens = from[i]->child[SQL_CASE_WHENS];
        const struct sql_node *otherwise = from[i]->child[SQL_CASE_ELSE];
        for (uint32_t w = 0; w < whens->n_child && !status; w++)
            status = check_word(rule, column, whens->child[w]->child[SQL_WHEN_RESULT], err);
        if (otherwise && !status)
            status = check_word(rule, column, otherwise, err);
    }
    return status;
}

static enum rg_status check_returned(const struct rule_set *set, const struct rule *rule,
                                     size_t place, struct rg_error *err)
{
    const struct dataset *dataset = rule->dataset;
    const struct rule_column *column = &rule->columns[place];
    struct sql_span span = rule_column_span(rule, place);
    int index = dataset_column_index(dataset, column->name);
    bool owner = str_eq(column->name, dataset->owner);
    if (str_is(column->name, "path") || str_is(column->name, "rule"))
        return rule_fail_at(err, rule, span, "returns `" STR_FMT "`, which is filled from %s",
                            STR_ARG(column->name),
                            str_is(column->name, "path") ? "file_id" : "the rule's name");
    if (str_is(column->name, "kind") && rule->n_emits_kinds == 1)
        return rule_fail_at(err, rule, span,
                            "returns `kind`, but its header names one kind: leave the column out");
    if (index < 0 && !owner && !str_eq(column->name, rule->confidence_column)) {
        struct suggestion near = {.name = column->name};
        for (size_t i = 0; i < dataset->n_columns; i++)
            if (!rule_returned(rule, dataset->columns[i].name))
                suggest_offer(&near, dataset->columns[i].name);
        enum rg_status status =
            rule_fail_at(err, rule, span, "returns `" STR_FMT "`, which `" STR_FMT "` has not",
                         STR_ARG(column->name), STR_ARG(dataset->name));
        rule_hint_near(err, &near);
        return status;
    }
    struct str type = index >= 0 ? dataset->columns[index].type
                      : owner    ? STR("BIGINT")
                                 : STR("DOUBLE");
    if (!type_fits(&set->contracts, column->type, type)) {
        enum rg_status status =
            rule_fail_at(err, rule, span, "returns `" STR_FMT "` as " STR_FMT ", not " STR_FMT,
                         STR_ARG(column->name), STR_ARG(column->type), STR_ARG(type));
        error_hint(err, "cast it: CAST(… AS " STR_FMT ")", STR_ARG(type));
        return status;
    }
    return check_words(rule, place, err);
}

/* A column that a rule may leave out: it has a default, may be NULL, or the gate knows it. */
static bool may_leave_out(const struct rule *rule, const struct dataset_column *column)
{
    if (!column->not_null || column->default_value.ptr || str_is(column->name, "rule"))
        return true;
    return str_is(column->name, "kind") && rule->n_emits_kinds == 1;
}

enum rg_status rule_check_contract(const struct rule_set *set, const struct rule *rule,
                                   struct rg_error *err)
{
    const struct dataset *dataset = rule->dataset;
    const struct sql_span whole = {0, 0};
    for (size_t i = 0; i < rule->n_columns; i++) {
        enum rg_status status = check_returned(set, rule, i, err);
        if (status)
            return status;
        for (size_t j = 0; j < i; j++)
            if (str_eq(rule->columns[i].name, rule->columns[j].name))
                return rule_fail_at(err, rule, rule_column_span(rule, i),
                                    "returns `" STR_FMT "` twice", STR_ARG(rule->columns[i].name));
    }
    for (size_t i = 0; i < dataset->n_columns; i++)
        if (!may_leave_out(rule, &dataset->columns[i]) &&
            !rule_returned(rule, dataset->columns[i].name))
            return rule_fail_at(err, rule, whole,
                                "does not return `" STR_FMT "`, which `" STR_FMT "` needs",
                                STR_ARG(dataset->columns[i].name), STR_ARG(dataset->name));
    if (!rule_returned(rule, dataset->owner)) {
        enum rg_status status = rule_fail_at(
            err, rule, whole, "does not return `" STR_FMT "`, the file that owns a row",
            STR_ARG(dataset->owner));
        error_hint(err, "for what belongs to no file: NULL AS " STR_FMT, STR_ARG(dataset->owner));
        return status;
    }
    if (rule->confidence_column.ptr && !rule_returned(rule, rule->confidence_column))
        return rule_fail_at(err, rule, whole, "does not return its confidence, `" STR_FMT "`",
                            STR_ARG(rule->confidence_column));
    return RG_OK;
}

static enum rg_status check_sibling(const struct rule *first, const struct rule *other,
                                    const struct relation *relation, struct rg_error *err)
{
    bool same = first->n_columns == other->n_columns;
    for (size_t c = 0; c < first->n_columns && same; c++)
        same = rule_returned(other, first->columns[c].name) != NULL;
    if (same)
        return RG_OK;
    return rule_fail_at(err, other, (struct sql_span){0, 0},
                        "`" STR_FMT "` has other columns in rule " STR_FMT, STR_ARG(relation->name),
                        STR_ARG(first->name));
}

enum rg_status rule_check_siblings(struct rule_set *set, const struct relation *relation,
                                   struct rg_error *err)
{
    const struct rule *first = NULL;
    enum rg_status status = RG_OK;
    for (size_t i = 0; i < relation->n_rules && !status; i++) {
        struct rule *rule = &set->rules[relation->rules[i]];
        if (rule->broken || rule->dataset)
            continue;
        if (first)
            status = rule_set_problem(set, rule, check_sibling(first, rule, relation, err), err);
        else
            first = rule;
    }
    return status;
}

enum rg_status rule_set_exposed(struct rule_set *set, const struct dataset *dataset,
                                struct rule_column **out_columns, size_t *out_n_columns,
                                struct rg_error *err)
{
    struct rule_column *columns =
        ARENA_ARRAY(&set->arena, dataset->n_columns + 1, struct rule_column);
    size_t n = 0;
    if (!columns)
        return error_no_memory(err, COMPILE_LAYER);
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
