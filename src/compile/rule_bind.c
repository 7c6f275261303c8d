/* Columns and types of every rule and relation, from our binder: relations are bound in order, each
 * behind what it reads. The engine is asked of opaque rules alone. */
#include "base/buffer.h"
#include "base/error.h"
#include "base/limits.h"
#include "compile/functions.h"
#include "compile/rule_parts.h"
#include "sql/sql_tier.h"

/* What the rules of a set see. Lives in the set's arena: bound trees point into it. */
struct rule_catalog {
    struct sql_catalog catalog;
    struct rule_set *set;
    struct sql_relation *datasets;  /* of each dataset; columns NULL: not yet asked for */
    struct sql_relation *relations; /* of each relation; columns NULL: not yet bound */
    bool audits;                    /* who asks is an audit: it sees whole datasets */
};

static enum rg_status no_memory(struct rg_error *err)
{
    return error_no_memory(err, COMPILE_LAYER);
}

/* --- The catalog ---------------------------------------------------------------------------- */

/* A vocabulary of datasets.sql, or a type of SQL; one that only the engine knows agrees with
 * everything. */
static const struct sql_type *type_of(struct rule_set *set, struct str text)
{
    const struct enum_type *words = contracts_type(&set->contracts, text);
    struct sql_type *type = words ? ARENA_NEW(&set->arena, struct sql_type) : NULL;
    if (type) {
        *type = (struct sql_type){.kind = SQL_T_ENUM, .name = words->name};
        return type;
    }
    const struct sql_type *plain = sql_type_parse(&set->arena, text);
    return plain ? plain : sql_type_of(SQL_T_UNKNOWN);
}

static const struct sql_relation *dataset_relation(struct rule_catalog *catalog, size_t index)
{
    const struct dataset *dataset = &catalog->set->contracts.datasets[index];
    struct sql_relation *relation = &catalog->datasets[index];
    struct arena *arena = &catalog->set->arena;
    if (relation->columns)
        return relation;
    struct sql_column *columns = ARENA_ARRAY(arena, dataset->n_columns, struct sql_column);
    for (size_t i = 0; columns && i < dataset->n_columns; i++) {
        const struct dataset_column *from = &dataset->columns[i];
        columns[i] =
            (struct sql_column){from->name, type_of(catalog->set, from->type), from->not_null};
    }
    *relation = (struct sql_relation){dataset->name, columns, (uint32_t)dataset->n_columns};
    return columns ? relation : NULL;
}

static const struct sql_relation *catalog_relation(void *context, struct str name)
{
    struct rule_catalog *catalog = context;
    const struct rule_set *set = catalog->set;
    for (size_t i = 0; i < set->contracts.n_datasets; i++) {
        const struct dataset *dataset = &set->contracts.datasets[i];
        if ((dataset->layer == DATASET_FACT || catalog->audits) && str_eq(dataset->name, name))
            return dataset_relation(catalog, i);
    }
    for (size_t i = 0; i < set->n_relations && !catalog->audits; i++)
        if (str_eq(set->relations[i].name, name))
            return catalog->relations[i].columns ? &catalog->relations[i] : NULL;
    return NULL;
}

static void catalog_names(void *context, void (*offer)(void *to, struct str name), void *to)
{
    const struct rule_catalog *catalog = context;
    const struct rule_set *set = catalog->set;
    for (size_t i = 0; i < set->contracts.n_datasets; i++)
        if (set->contracts.datasets[i].layer == DATASET_FACT || catalog->audits)
            offer(to, set->contracts.datasets[i].name);
    for (size_t i = 0; i < set->n_relations && !catalog->audits; i++)
        offer(to, set->relations[i].name);
}

static bool catalog_enum(void *context, struct str name)
{
    const struct rule_catalog *catalog = context;
    return contracts_type(&catalog->set->contracts, name) != NULL;
}

static struct rule_catalog *catalog_new(struct rule_set *set)
{
    struct rule_catalog *catalog = ARENA_NEW(&set->arena, struct rule_catalog);
    if (!catalog)
        return NULL;
    *catalog = (struct rule_catalog){
        .catalog = {.context = catalog,
                    .relation = catalog_relation,
                    .relation_names = catalog_names,
                    .functions = functions_table,
                    .n_functions = functions_table_count,
                    .refused = functions_refused,
                    .n_refused = functions_refused_count,
                    .enum_type = catalog_enum},
        .set = set,
        .datasets = ARENA_ARRAY(&set->arena, set->contracts.n_datasets + 1, struct sql_relation),
        .relations = ARENA_ARRAY(&set->arena, set->n_relations + 1, struct sql_relation),
    };
    struct rule_catalog *audits = ARENA_NEW(&set->arena, struct rule_catalog);
    if (!audits || !catalog->datasets || !catalog->relations)
        return NULL;
    *audits = *catalog;
    audits->audits = true;
    audits->catalog.context = audits;
    set->catalog = &catalog->catalog;
    set->audit_catalog = &audits->catalog;
    return catalog;
}

/* --- One rule ------------------------------------------------------------------------------- */

/* A NULL without a type is an INTEGER to the engine. */
static struct str type_text(const struct sql_type *type, struct arena *arena)
{
    if (!type || type->kind == SQL_T_NULL)
        return STR("INTEGER");
    struct buffer text = {0};
    sql_type_print(type, &text);
    struct str copy = text.failed ? (struct str){NULL, 0} : arena_str(arena, buffer_view(&text));
    buffer_fini(&text);
    return copy;
}

static enum rg_status take_columns(struct arena *arena, const struct sql_column *from, size_t n,
                                   struct rule_column **out_columns, struct rg_error *err)
{
    struct rule_column *columns = ARENA_ARRAY(arena, n + 1, struct rule_column);
    if (!columns)
        return no_memory(err);
    for (size_t i = 0; i < n; i++) {
        columns[i] = (struct rule_column){from[i].name, type_text(from[i].type, arena)};
        if (!columns[i].type.ptr)
            return no_memory(err);
    }
    *out_columns = columns;
    return RG_OK;
}

/* No tier can be promised of a rule whose values change from run to run. What depends on the order
 * of rows may be unique by a key that only a contract knows: that is a lint's to say. */
static enum rg_status refuse_volatile(const struct rule *rule, struct arena *arena,
                                      struct rg_error *err)
{
    struct sql_findings findings;
    enum rg_status status = sql_tier_findings(rule->parsed.root, arena, &findings, err);
    for (size_t i = 0; i < findings.n && !status; i++) {
        const struct sql_finding *finding = &findings.findings[i];
        if (finding->kind != SQL_FINDING_VOLATILE && finding->kind != SQL_FINDING_PER_QUERY)
            continue;
        status = rule_fail_at(err, rule, finding->span, STR_FMT " %s", STR_ARG(finding->what),
                              finding->reason);
        error_hint(err, "%s", finding->hint);
    }
    return status;
}

static enum rg_status bind_tree(struct rule_catalog *catalog, struct rule *rule,
                                struct rg_error *err)
{
    struct arena *arena = &catalog->set->arena;
    struct rg_error why = {.status = RG_OK};
    const struct sql_catalog *seen =
        rule->audit.ptr ? catalog->set->audit_catalog : &catalog->catalog;
    enum rg_status status = sql_bind(rule->parsed.root, rule->sql, seen, arena, &why);
    if (status)
        return rule_fail_with(err, rule, &why);
    status = refuse_volatile(rule, arena, err);
    if (status)
        return status;
    const struct sql_scope *scope = sql_query_scope(rule->parsed.root);
    rule->outputs = scope->outputs;
    rule->n_columns = scope->n_outputs;
    return take_columns(arena, scope->outputs, scope->n_outputs, &rule->columns, err);
}

/* What an opaque rule may read must exist for the engine. */
static enum rg_status declare_reads(const struct rule_set *set, const struct rule *rule,
                                    const struct rule_oracle *oracle, struct rg_error *err)
{
    enum rg_status status = RG_OK;
    for (size_t i = 0; i < rule->n_reads && !status; i++) {
        const struct dataset *dataset = contracts_find(&set->contracts, rule->reads[i]);
        const struct relation *relation = rule_set_find_relation(set, rule->reads[i]);
        if (dataset && rule->audit.ptr && dataset->layer == DATASET_PRODUCT) {
            struct rule_column columns[LIMIT_DATASET_COLUMNS];
            for (size_t c = 0; c < dataset->n_columns; c++)
                columns[c] =
                    (struct rule_column){dataset->columns[c].name, dataset->columns[c].type};
            status =
                oracle->declare(oracle->context, dataset->name, columns, dataset->n_columns, err);
        } else if (relation && !(dataset && dataset->layer == DATASET_FACT)) {
            status = oracle->declare(oracle->context, relation->name, relation->columns,
                                     relation->n_columns, err);
        }
    }
    return status;
}

static enum rg_status bind_opaque(struct rule_set *set, struct rule *rule,
                                  const struct rule_oracle *oracle, struct rg_error *err)
{
    struct rg_error why = {.status = RG_OK};
    if (!oracle) {
        if (err)
            *err = *rule->opaque_why;
        return RG_ERR_RULE;
    }
    enum rg_status status = declare_reads(set, rule, oracle, err);
    if (status)
        return status;
    status = oracle->describe(oracle->context, rule->sql, &set->arena, &rule->columns,
                              &rule->n_columns, &why);
    return status ? rule_fail_with(err, rule, &why) : RG_OK;
}

static enum rg_status bind_rule(struct rule_catalog *catalog, struct rule *rule,
                                const struct rule_oracle *oracle, struct rg_error *err)
{
    enum rg_status status =
        rule->opaque ? bind_opaque(catalog->set, rule, oracle, err) : bind_tree(catalog, rule, err);
    if (!status && rule->dataset)
        status = rule_check_contract(catalog->set, rule, err);
    return status;
}

/* --- Relations ------------------------------------------------------------------------------ */

/* The first of a relation's rules that is whole. */
static const struct rule *first_whole(const struct rule_set *set, const struct relation *relation)
{
    for (size_t i = 0; i < relation->n_rules; i++)
        if (!set->rules[relation->rules[i]].broken)
            return &set->rules[relation->rules[i]];
    return NULL;
}

/* All rules prove that the column is never NULL. */
static bool proven_not_null(const struct rule_set *set, const struct relation *relation,
                            struct str name)
{
    for (size_t i = 0; i < relation->n_rules; i++) {
        const struct rule *rule = &set->rules[relation->rules[i]];
        bool proven = false;
        for (size_t c = 0; rule->outputs && c < rule->n_columns && !proven; c++)
            proven = rule->outputs[c].not_null && str_eq(rule->outputs[c].name, name);
        if (!proven)
            return false;
    }
    return true;
}

/* Says what readers of a relation see: from now on the catalog has it. */
static enum rg_status declare_relation(struct rule_catalog *catalog, size_t index,
                                       struct rg_error *err)
{
    struct rule_set *set = catalog->set;
    struct relation *relation = &set->relations[index];
    struct sql_relation *known = &catalog->relations[index];
    const struct rule *first = first_whole(set, relation);
    if (!first)
        return RG_OK;
    if (first->dataset) {
        enum rg_status status =
            rule_set_exposed(set, first->dataset, &relation->columns, &relation->n_columns, err);
        if (status)
            return status;
    } else if (!relation->columns) {
        relation->columns = first->columns;
        relation->n_columns = first->n_columns;
    }
    struct sql_column *columns =
        ARENA_ARRAY(&set->arena, relation->n_columns + 1, struct sql_column);
    if (!columns)
        return no_memory(err);
    for (size_t i = 0; i < relation->n_columns; i++) {
        struct str name = relation->columns[i].name;
        int place = first->dataset ? dataset_column_index(first->dataset, name) : -1;
        bool not_null = place >= 0 ? first->dataset->columns[place].not_null
                                   : relation->group < 0 && !first->dataset &&
                                         proven_not_null(set, relation, name);
        columns[i] = (struct sql_column){name, type_of(set, relation->columns[i].type), not_null};
    }
    *known = (struct sql_relation){relation->name, columns, (uint32_t)relation->n_columns};
    return RG_OK;
}

/* A rule that reads what a broken one makes cannot be judged. */
static bool reads_broken(const struct rule_catalog *catalog, const struct rule *rule)
{
    const struct rule_set *set = catalog->set;
    for (size_t i = 0; i < set->n_relations && !rule->audit.ptr; i++)
        if (!catalog->relations[i].columns && rule_reads(rule, set->relations[i].name) &&
            !contracts_find(&set->contracts, set->relations[i].name))
            return true;
    return false;
}

static enum rg_status bind_relation(struct rule_catalog *catalog, size_t index,
                                    const struct rule_oracle *oracle, struct rg_error *err)
{
    struct rule_set *set = catalog->set;
    const struct relation *relation = &set->relations[index];
    enum rg_status status = RG_OK;
    for (size_t i = 0; i < relation->n_rules && !status; i++) {
        struct rule *rule = &set->rules[relation->rules[i]];
        if (rule->columns || rule->broken) /* bound as one of several kinds */
            continue;
        if (reads_broken(catalog, rule))
            rule->broken = true;
        else
            status = rule_set_problem(set, rule, bind_rule(catalog, rule, oracle, err), err);
    }
    if (!status)
        status = rule_check_siblings(set, relation, err);
    return status ? status : declare_relation(catalog, index, err);
}

/* --- Fixpoints ------------------------------------------------------------------------------ */

/* Relations whose columns are not known yet. */
static bool is_unbound(void *context, struct str name)
{
    const struct rule_catalog *catalog = context;
    for (size_t i = 0; i < catalog->set->n_relations; i++)
        if (str_eq(catalog->set->relations[i].name, name))
            return !catalog->relations[i].columns;
    return false;
}

/* The columns of a relation of a fixpoint follow from a part of one of its rules that reads nothing
 * whose columns are unknown, as those of WITH RECURSIVE follow from its first part. */
static enum rg_status start_relation(struct rule_catalog *catalog, size_t index, bool *out_done,
                                     struct rg_error *err)
{
    struct rule_set *set = catalog->set;
    struct relation *relation = &set->relations[index];
    for (size_t i = 0; i < relation->n_rules; i++) {
        struct rule *rule = &set->rules[relation->rules[i]];
        struct rg_error why = {.status = RG_OK};
        bool failed = false;
        if (rule->broken)
            continue;
        struct sql_node *start = rule_start_tree(rule, is_unbound, catalog, &set->arena, &failed);
        if (failed)
            return no_memory(err);
        if (!start)
            continue;
        enum rg_status status = sql_bind(start, rule->sql, &catalog->catalog, &set->arena, &why);
        if (status) {
            status = rule_set_problem(set, rule, rule_fail_with(err, rule, &why), err);
            if (status)
                return status;
            continue;
        }
        const struct sql_scope *scope = sql_query_scope(start);
        relation->n_columns = scope->n_outputs;
        status =
            take_columns(&set->arena, scope->outputs, scope->n_outputs, &relation->columns, err);
        *out_done = true;
        return status ? status : declare_relation(catalog, index, err);
    }
    return RG_OK;
}

static enum rg_status start_group(struct rule_catalog *catalog, const struct rule_group *group,
                                  struct rg_error *err)
{
    struct rule_set *set = catalog->set;
    size_t left = group->n_relations;
    while (left) {
        size_t before = left, stuck = 0;
        for (uint32_t i = 0; i < group->n_relations; i++) {
            size_t index = group->first_relation + i;
            bool done = false;
            if (catalog->relations[index].columns)
                continue;
            enum rg_status status = start_relation(catalog, index, &done, err);
            if (status)
                return status;
            left -= done;
            stuck = done ? stuck : index;
        }
        if (left < before)
            continue;
        struct rule *rule = &set->rules[set->relations[stuck].rules[0]];
        if (rule->broken)
            return RG_OK;
        enum rg_status status = rule_fail_at(
            err, rule, (struct sql_span){0, 0},
            "nothing starts `" STR_FMT "`: every part of its rules reads the fixpoint " STR_FMT,
            STR_ARG(set->relations[stuck].name), STR_ARG(group->name));
        return rule_set_problem(set, rule, status, err);
    }
    return RG_OK;
}

/* What a rule adds must fit what the relation started with. */
static enum rg_status check_growth(struct rule_set *set, const struct relation *relation,
                                   const struct rule *rule, struct rg_error *err)
{
    for (size_t i = 0; i < relation->n_columns; i++) {
        const struct rule_column *column = &relation->columns[i];
        size_t place = 0;
        while (place < rule->n_columns && !str_eq(rule->columns[place].name, column->name))
            place++;
        if (place == rule->n_columns || !rule->outputs) /* rule_check_siblings tells it */
            continue;
        const struct sql_type *from = rule->outputs[place].type;
        if (!from || from->kind == SQL_T_NULL || sql_type_fits(from, type_of(set, column->type)))
            continue;
        enum rg_status status = rule_fail_at(
            err, rule, rule_column_span(rule, place),
            "returns `" STR_FMT "` as " STR_FMT ", but `" STR_FMT "` starts with " STR_FMT,
            STR_ARG(column->name), STR_ARG(rule->columns[place].type), STR_ARG(relation->name),
            STR_ARG(column->type));
        error_hint(err, "cast one of them: CAST(… AS " STR_FMT ")", STR_ARG(column->type));
        return status;
    }
    return RG_OK;
}

static enum rg_status bind_group_rule(struct rule_catalog *catalog, struct rule *rule,
                                      struct rg_error *err)
{
    struct rule_set *set = catalog->set;
    const struct relation *relation = rule_set_find_relation(set, rule->emits_dataset);
    enum rg_status status = bind_rule(catalog, rule, NULL, err);
    if (!status)
        status = check_growth(set, relation, rule, err);
    return status;
}

static enum rg_status bind_group(struct rule_catalog *catalog, int index, struct rg_error *err)
{
    struct rule_set *set = catalog->set;
    const struct rule_group *group = &set->groups[index];
    enum rg_status status = start_group(catalog, group, err);
    for (size_t i = 0; i < group->n_rules && !status; i++) {
        struct rule *rule = &set->rules[group->rules[i]];
        if (rule->broken)
            continue;
        if (reads_broken(catalog, rule))
            rule->broken = true;
        else
            status = rule_set_problem(set, rule, bind_group_rule(catalog, rule, err), err);
    }
    for (size_t i = 0; i < group->n_relations && !status; i++)
        status = rule_check_siblings(set, &set->relations[group->first_relation + i], err);
    return status;
}

enum rg_status rule_set_bind(struct rule_set *set, const struct rule_oracle *oracle,
                             struct rg_error *err)
{
    struct rule_catalog *catalog = catalog_new(set);
    enum rg_status status = catalog ? RG_OK : no_memory(err);
    for (size_t i = 0; i < set->n_relations && !status; i++) {
        int group = set->relations[i].group;
        if (group < 0)
            status = bind_relation(catalog, i, oracle, err);
        else if (i == set->groups[group].first_relation)
            status = bind_group(catalog, group, err);
    }
    for (size_t i = 0; i < set->n_audits && !status; i++)
        if (!set->audits[i].broken)
            status = rule_set_problem(set, &set->audits[i],
                                      bind_rule(catalog, &set->audits[i], oracle, err), err);
    return status;
}
