/* Lints: one function each, over a compiled rule and its bound tree. */
#include "compile/rule_lint.h"

#include <stdio.h>

#include "base/error.h"
#include "compile/rule_parts.h"
#include "sql/sql_print.h"
#include "sql/sql_tier.h"

enum lint {
    LINT_OPAQUE,
    LINT_DETERMINISM,
    LINT_WHY,
    LINT_HEADER,
    LINT_UNREAD,
    LINT_UNUSED_CTE,
    LINT_UNUSED_COLUMN,
    LINT_PORTABILITY,
    LINT_COUNT
};

const struct rule_lint_spec rule_lint_specs[] = {
    [LINT_OPAQUE] = {"opaque", RULE_WARNING,
                     "the SQL is beyond what we understand: no lineage, no other dialect, and only "
                     "the engine checks it"},
    [LINT_DETERMINISM] = {"determinism", RULE_WARNING, "the result may differ from run to run"},
    [LINT_WHY] = {"missing_why", RULE_WARNING, "no header `why`"},
    [LINT_HEADER] = {"header_without_effect", RULE_WARNING, "a header key that changes nothing"},
    [LINT_UNREAD] = {"unread", RULE_WARNING,
                     "an intermediate, or a column of one, that no rule reads"},
    [LINT_UNUSED_CTE] = {"unused_cte", RULE_WARNING, "a WITH that is not used"},
    [LINT_UNUSED_COLUMN] = {"unused_column", RULE_WARNING,
                            "a column of a WITH or subquery that is not used"},
    [LINT_PORTABILITY] = {"portability", RULE_NOTE, "a dialect that cannot say the rule"},
};
const size_t rule_lint_specs_count = LINT_COUNT;

struct linter {
    const struct rule_set *set;
    struct arena *arena;
    struct rule_findings *out;
    size_t capacity;
    const struct rule *rule;
    bool failed;
};

/* A finding whose message is still to be written. */
static struct rg_error *add(struct linter *linter, enum lint lint)
{
    struct rule_findings *out = linter->out;
    if (out->n == linter->capacity) {
        size_t capacity = linter->capacity ? 2 * linter->capacity : 32;
        struct rule_finding *grown =
            arena_grow(linter->arena, out->findings, out->n, capacity, sizeof *grown);
        linter->failed = linter->failed || !grown;
        if (!grown)
            return NULL;
        out->findings = grown;
        linter->capacity = capacity;
    }
    struct rule_finding *finding = &out->findings[out->n++];
    *finding = (struct rule_finding){.rule = linter->rule,
                                     .lint = rule_lint_specs[lint].name,
                                     .severity = rule_lint_specs[lint].severity};
    return &finding->place;
}

/* Findings are errors in shape alone: their status is dropped. */
#define FIND(linter, lint, span, ...)                                                              \
    (void)rule_fail_at(add(linter, lint), (linter)->rule, span, __VA_ARGS__)

static struct sql_span start_of_sql(void)
{
    return (struct sql_span){0, 0};
}

/* --- Header --------------------------------------------------------------------------------- */

/* A header value lies in the text of the file: its line. */
static void find_key(struct linter *linter, struct str value, const char *message)
{
    const struct rule *rule = linter->rule;
    uint32_t line = 0, column = 0;
    sql_place(rule->text, (uint32_t)(value.ptr - rule->text.ptr), &line, &column);
    (void)rule_fail(add(linter, LINT_HEADER), rule, line, column, "%s", message);
}

static bool recurs(const struct rule_set *set, const struct rule *rule)
{
    for (size_t g = 0; g < set->n_groups; g++) {
        if (!str_eq(set->groups[g].name, rule->fixpoint))
            continue;
        for (size_t i = 0; i < set->groups[g].n_rules; i++)
            if (set->rules[set->groups[g].rules[i]].n_steps)
                return true;
    }
    return false;
}

static void lint_header(struct linter *linter)
{
    const struct rule *rule = linter->rule;
    bool ranked = rule->dataset && dataset_column_index(rule->dataset, STR("resolution")) >= 0;
    bool sure = rule->dataset && dataset_column_index(rule->dataset, STR("confidence")) >= 0;
    if (rule->resolution.ptr && !ranked)
        find_key(linter, rule->resolution,
                 "`resolution` has no effect: what the rule emits has none");
    else if (rule->resolution.ptr && rule_returned(rule, STR("resolution")))
        find_key(linter, rule->resolution,
                 "`resolution` has no effect: the SELECT returns it row by row");
    if (rule->confidence_column.ptr && !sure)
        find_key(linter, rule->confidence_column,
                 "`confidence` has no effect: what the rule emits has none");
    if (rule->confidence >= 0 && rule_returned(rule, STR("confidence")))
        FIND(linter, LINT_HEADER, start_of_sql(),
             "the column `confidence` has no effect: the header gives a number");
    if (rule->fixpoint.ptr && !recurs(linter->set, rule))
        find_key(linter, rule->fixpoint, "`fixpoint` has no effect: no rule of the group recurs");
    if (rule->unique && !rule->dataset && !rule->audit.ptr)
        FIND(linter, LINT_HEADER, start_of_sql(),
             "`unique` has no effect: an intermediate has no key");
}

/* --- What nobody reads ---------------------------------------------------------------------- */

static bool requires_column(const struct rule *reader, struct str relation, struct str column)
{
    if (reader->opaque)
        return rule_reads(reader, relation);
    for (size_t i = 0; i < reader->n_required; i++)
        if (str_eq(reader->required[i].relation, relation) &&
            (str_eq(reader->required[i].column, column) || str_is(reader->required[i].column, "*")))
            return true;
    return false;
}

static void lint_unread(struct linter *linter)
{
    const struct rule *rule = linter->rule;
    const struct relation *relation = rule_set_relation(linter->set, rule->emits_dataset);
    if (rule->dataset || rule->audit.ptr || !relation)
        return;
    if (!relation->n_readers) {
        FIND(linter, LINT_UNREAD, start_of_sql(), "no rule reads `" STR_FMT "`: it is not run",
             STR_ARG(relation->name));
        return;
    }
    for (size_t c = 0; c < rule->n_columns; c++) {
        bool read = false;
        for (size_t r = 0; r < relation->n_readers && !read; r++)
            read = requires_column(&linter->set->rules[relation->readers[r]], relation->name,
                                   rule->columns[c].name);
        if (!read)
            FIND(linter, LINT_UNREAD, rule_column_span(rule, c),
                 "no rule reads the column `" STR_FMT "` of `" STR_FMT "`",
                 STR_ARG(rule->columns[c].name), STR_ARG(relation->name));
    }
}

/* --- Unused parts of a SELECT --------------------------------------------------------------- */

/* How often a tree reads a CTE, or a column of a query. */
struct use_search {
    const struct sql_node *cte, *query;
    uint32_t column;
    bool found;
};

static bool search_use(void *context, struct sql_node *node)
{
    struct use_search *search = context;
    const struct sql_source *source = node->source;
    if (source && search->cte && node->kind == SQL_TABLE && source->kind == SQL_SOURCE_CTE &&
        source->cte == search->cte)
        search->found = true;
    if (source && search->query && source->query == search->query && node->kind == SQL_COLUMN &&
        node->column == search->column)
        search->found = true;
    return !search->found && node != search->cte;
}

static void lint_ctes(struct linter *linter, struct sql_node *query)
{
    struct sql_node *with = query->child[SQL_QUERY_WITH];
    for (uint32_t i = 0; with && i < with->n_child; i++) {
        struct use_search search = {.cte = with->child[i]};
        sql_walk(linter->rule->parsed.root, search_use, NULL, &search);
        if (!search.found)
            FIND(linter, LINT_UNUSED_CTE,
                 ((struct sql_span){with->child[i]->span.start,
                                    with->child[i]->span.start +
                                        (uint32_t)with->child[i]->text.len}),
                 "`" STR_FMT "` is not used", STR_ARG(with->child[i]->text));
    }
}

/* Where every column counts: rows are compared whole, or a star takes them all. */
struct whole_search {
    const struct sql_node *query;
    bool found;
};

static bool search_whole(void *context, struct sql_node *node)
{
    struct whole_search *search = context;
    if (node->kind == SQL_STAR || (node->kind == SQL_JOIN && (node->child[SQL_JOIN_USING] ||
                                                              sql_flag(node, SQL_FLAG_NATURAL))))
        search->found = true;
    return !search->found;
}

/* A plain SELECT: leaving out one of its columns changes nothing else. */
static bool is_plain(const struct sql_node *query)
{
    const struct sql_node *body = query->child[SQL_QUERY_BODY];
    return body->kind == SQL_SELECT && !sql_flag(body, SQL_FLAG_DISTINCT) &&
           !body->child[SQL_SELECT_DISTINCT_ON] &&
           !sql_is(body->child[SQL_SELECT_GROUP_BY], SQL_ALL_COLUMNS);
}

static void lint_columns(struct linter *linter, struct sql_node *query)
{
    const struct sql_scope *scope = sql_query_scope(query);
    if (!scope || !is_plain(query))
        return;
    for (uint32_t c = 0; c < scope->n_outputs; c++) {
        struct use_search search = {.query = query, .column = c};
        struct sql_node *expression = NULL;
        sql_walk(linter->rule->parsed.root, search_use, NULL, &search);
        if (!search.found && sql_output_expressions(query, c, &expression, 1) && expression)
            FIND(linter, LINT_UNUSED_COLUMN, expression->span,
                 "the column `" STR_FMT "` is not used", STR_ARG(scope->outputs[c].name));
    }
}

static bool visit_parts(void *context, struct sql_node *node)
{
    struct linter *linter = context;
    if (node->kind == SQL_QUERY)
        lint_ctes(linter, node);
    if (node->kind == SQL_CTE || node->kind == SQL_DERIVED) {
        struct sql_node *query =
            node->child[node->kind == SQL_CTE ? SQL_CTE_QUERY : SQL_DERIVED_QUERY];
        struct use_search search = {.cte = node};
        if (node->kind == SQL_CTE)
            sql_walk(linter->rule->parsed.root, search_use, NULL, &search);
        if (node->kind == SQL_DERIVED || search.found)
            lint_columns(linter, query);
    }
    return true;
}

static void lint_parts(struct linter *linter)
{
    struct sql_node *root = linter->rule->parsed.root;
    struct whole_search whole = {.query = root};
    sql_walk(root, search_whole, NULL, &whole);
    if (!whole.found)
        sql_walk(root, visit_parts, NULL, linter);
}

/* --- Determinism and dialects --------------------------------------------------------------- */

static enum rg_status lint_determinism(struct linter *linter, struct rg_error *err)
{
    struct sql_findings findings;
    enum rg_status status =
        sql_tier_findings(linter->rule->parsed.root, linter->arena, &findings, err);
    for (size_t i = 0; i < findings.n && !status; i++) {
        const struct sql_finding *finding = &findings.findings[i];
        struct rg_error *place = add(linter, LINT_DETERMINISM);
        (void)rule_fail_at(place, linter->rule, finding->span, STR_FMT " %s",
                           STR_ARG(finding->what), finding->reason);
        error_hint(place, "%s", finding->hint);
    }
    return status;
}

static enum rg_status lint_dialects(struct linter *linter, struct rg_error *err)
{
    for (int dialect = SQL_DUCKDB + 1; dialect < SQL_DIALECT_COUNT; dialect++) {
        struct sql_print_options options = {.dialect = (enum sql_dialect)dialect, .pin = true};
        struct buffer sql = {0};
        struct rg_error why = {.status = RG_OK};
        enum rg_status status = sql_print(linter->rule->parsed.root, &options, &sql, &why);
        bool memory = sql.failed || status == RG_ERR_MEMORY;
        buffer_fini(&sql);
        if (memory)
            return error_no_memory(err, COMPILE_LAYER);
        if (!status)
            continue;
        struct rg_error *place = add(linter, LINT_PORTABILITY);
        (void)rule_fail_with(place, linter->rule, &why);
    }
    return RG_OK;
}

static enum rg_status lint_rule(struct linter *linter, const struct rule *rule,
                                struct rg_error *err)
{
    linter->rule = rule;
    if (rule->broken)
        return RG_OK;
    if (!rule->why.ptr && !rule->audit.ptr)
        FIND(linter, LINT_WHY, start_of_sql(), "no header `why` says what the rule rests on");
    lint_header(linter);
    lint_unread(linter);
    if (rule->opaque) {
        struct rg_error *place = add(linter, LINT_OPAQUE);
        if (place)
            *place = *rule->opaque_why;
        return RG_OK;
    }
    lint_parts(linter);
    enum rg_status status = lint_determinism(linter, err);
    return status ? status : lint_dialects(linter, err);
}

enum rg_status rule_set_lint(const struct rule_set *set, struct arena *arena,
                             struct rule_findings *out_findings, struct rg_error *err)
{
    *out_findings = (struct rule_findings){.n = 0};
    struct linter linter = {.set = set, .arena = arena, .out = out_findings};
    enum rg_status status = RG_OK;
    for (size_t i = 0; i < set->n_rules && !status; i++)
        status = lint_rule(&linter, &set->rules[i], err);
    for (size_t i = 0; i < set->n_audits && !status; i++)
        status = lint_rule(&linter, &set->audits[i], err);
    if (!status && linter.failed)
        status = error_no_memory(err, COMPILE_LAYER);
    return status;
}
