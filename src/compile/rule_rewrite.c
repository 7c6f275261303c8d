/* From a rule's tree to what the engine gets: qualified, ordered as its tier demands, simplified,
 * without columns that nobody reads, fused into its only reader, printed. docs/rewrites.md says why
 * each step keeps the meaning.
 *
 * The tier comes before pruning and fusing: what it makes of an open question (which rows a LIMIT
 * keeps) must not depend on who reads the rule, or on a setting. */
#include <stdlib.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/limits.h"
#include "compile/rule_parts.h"
#include "sql/sql_print.h"
#include "sql/sql_rewrite.h"
#include "sql/sql_say.h"

struct rewriting {
    struct rule_set *set;
    const struct rule_compile_options *options;
    bool **wanted;  /* by relation: of each column whether a reader needs it */
    bool *is_dirty; /* by rule: another one was fused into it */
};

static enum rg_status no_memory(struct rg_error *err)
{
    return error_no_memory(err, COMPILE_LAYER);
}

static const struct sql_catalog *catalog_of(const struct rule_set *set, const struct rule *rule)
{
    return rule->audit.ptr ? set->audit_catalog : set->catalog;
}

static bool has_tree(const struct rule *rule)
{
    return !rule->opaque && !rule->broken;
}

/* --- One rule by itself --------------------------------------------------------------------- */

static enum rg_status simplify(const struct rule_set *set, struct rule *rule, struct arena *arena,
                               struct rg_error *err)
{
    const struct sql_rewrite_options options = {.dialect = SQL_DUCKDB, .typed = true};
    enum rg_status status = sql_simplify(&rule->rewritten, &options, arena, err);
    return status ? status
                  : sql_bind(rule->rewritten, rule->sql, catalog_of(set, rule), arena, err);
}

static bool find_named(void *context, struct sql_node *node)
{
    bool *found = context;
    *found = *found || node->kind == SQL_NAMED_ARG;
    return !*found;
}

/* The engine does not know the names of our functions' parameters: it gets arguments by place. */
static enum rg_status place_named(const struct rule_set *set, struct rule *rule,
                                  struct arena *arena, struct rg_error *err)
{
    bool named = false;
    sql_walk(rule->rewritten, find_named, NULL, &named);
    if (!named)
        return RG_OK;
    enum rg_status status = sql_arguments_by_place(rule->rewritten, rule->sql, arena, err);
    return status ? status
                  : sql_bind(rule->rewritten, rule->sql, catalog_of(set, rule), arena, err);
}

enum rg_status rule_qualify(const struct rule_set *set, struct rule *rule, struct arena *arena,
                            struct sql_node **out_root, struct rg_error *err)
{
    const struct sql_catalog *catalog = catalog_of(set, rule);
    struct sql_node *root = sql_clone(arena, rule->parsed.root);
    enum rg_status status = root ? sql_bind(root, rule->sql, catalog, arena, err) : no_memory(err);
    if (!status)
        status = sql_qualify(root, rule->sql, catalog, arena, err);
    *out_root = status ? NULL : root;
    return status;
}

static enum rg_status bind_as_written(const struct rule_set *set, struct rule *rule,
                                      struct arena *arena, struct rg_error *err)
{
    rule->rewritten = sql_clone(arena, rule->parsed.root);
    return rule->rewritten ? sql_bind(rule->rewritten, rule->sql, catalog_of(set, rule), arena, err)
                           : no_memory(err);
}

static enum rg_status rewrite_alone(struct rule_set *set, struct rule *rule, bool as_written,
                                    struct rg_error *err)
{
    struct arena *arena = &set->arena;
    struct rg_error why = {.status = RG_OK}, forbidden = {.status = RG_OK};
    enum rg_status status = RG_OK;
    if (as_written) {
        status = bind_as_written(set, rule, arena, &why);
    } else {
        rule->rewritten = rule->qualified;
        rule->qualified = NULL;
    }
    if (!rule->rewritten && !status)
        status = rule_qualify(set, rule, arena, &rule->rewritten, &why);
    if (!status)
        status = place_named(set, rule, arena, &why);
    if (status)
        return rule_fail_with(err, rule, &why);
    status = rule_keep_tier(rule, rule->rewritten, catalog_of(set, rule), arena, &forbidden);
    if (status) {
        if (err)
            *err = forbidden;
        return status;
    }
    status = as_written ? RG_OK : simplify(set, rule, arena, &why);
    return status ? rule_fail_with(err, rule, &why) : RG_OK;
}

/* --- Columns that readers need -------------------------------------------------------------- */

static bool *wanted_of(const struct rewriting *rewriting, struct str name, size_t *out_relation)
{
    const struct rule_set *set = rewriting->set;
    for (size_t i = 0; i < set->n_relations; i++)
        if (str_eq(set->relations[i].name, name)) {
            *out_relation = i;
            return rewriting->wanted[i];
        }
    return NULL;
}

static void want(const struct rewriting *rewriting, struct str name, struct str column)
{
    size_t index = 0;
    bool *wanted = wanted_of(rewriting, name, &index);
    const struct relation *relation = &rewriting->set->relations[index];
    for (size_t c = 0; wanted && c < relation->n_columns; c++)
        if (!column.ptr || str_eq(relation->columns[c].name, column))
            wanted[c] = true;
}

struct scan_walk {
    struct rule *rule;
    size_t n; /* where scans is NULL they are only counted */
    struct rule_required *scans;
};

static bool visit_scan(void *context, struct sql_node *node)
{
    struct scan_walk *walk = context;
    const struct sql_source *source = node->kind == SQL_COLUMN ? node->source : NULL;
    if (source && source->kind == SQL_SOURCE_RELATION && source->relation &&
        node->column < source->n_columns) {
        if (walk->scans)
            walk->scans[walk->n] =
                (struct rule_required){source->relation->name, source->columns[node->column].name};
        walk->n++;
    }
    return true;
}

/* The columns of others that the rewritten tree names. */
static enum rg_status find_scans(struct rule *rule, struct arena *arena, struct rg_error *err)
{
    struct scan_walk walk = {.rule = rule};
    size_t kept = 0;
    sql_walk(rule->rewritten, visit_scan, NULL, &walk);
    walk.scans = ARENA_ARRAY(arena, walk.n + 1, struct rule_required);
    if (!walk.scans)
        return no_memory(err);
    walk.n = 0;
    sql_walk(rule->rewritten, visit_scan, NULL, &walk);
    qsort(walk.scans, walk.n, sizeof *walk.scans, rule_required_order);
    for (size_t i = 0; i < walk.n; i++)
        if (!kept || rule_required_order(&walk.scans[i], &walk.scans[kept - 1]) != 0)
            walk.scans[kept++] = walk.scans[i];
    rule->scans = walk.scans;
    rule->n_scans = kept;
    return RG_OK;
}

/* Which outputs of an intermediate somebody reads; NULL: all are kept. Rules of a fixpoint compare
 * whole rows. */
static enum rg_status find_wanted(const struct rewriting *rewriting, const struct rule *rule,
                                  bool **out_wanted, struct rg_error *err)
{
    size_t index = 0;
    const bool *wanted = wanted_of(rewriting, rule->emits_dataset, &index);
    const struct relation *relation = &rewriting->set->relations[index];
    *out_wanted = NULL;
    if (rewriting->options->keep_columns || rule->audit.ptr || rule->dataset ||
        rule->fixpoint.ptr || !wanted || !relation->n_readers)
        return RG_OK;
    *out_wanted = ARENA_ARRAY(&rewriting->set->arena, rule->n_columns + 1, bool);
    if (!*out_wanted)
        return no_memory(err);
    for (size_t i = 0; i < rule->n_columns; i++)
        for (size_t c = 0; c < relation->n_columns; c++)
            if (str_eq(relation->columns[c].name, rule->columns[i].name))
                (*out_wanted)[i] = wanted[c];
    return RG_OK;
}

/* `wanted` as sql_prune_outputs takes it. */
static enum rg_status prune(struct rewriting *rewriting, struct rule *rule, const bool *wanted,
                            struct rg_error *err)
{
    struct rule_set *set = rewriting->set;
    if (rewriting->options->as_written) { /* stars stand for columns that only lineage knows */
        rule->scans = rule->required;
        rule->n_scans = rule->n_required;
        return RG_OK;
    }
    enum rg_status status = sql_prune_outputs(rule->rewritten, wanted, rule->sql,
                                              catalog_of(set, rule), &set->arena, err);
    return status ? status : find_scans(rule, &set->arena, err);
}

/* Prunes the rule, whose readers have all been seen, and notes what it reads. */
static enum rg_status prune_and_want(struct rewriting *rewriting, struct rule *rule,
                                     struct rg_error *err)
{
    struct rg_error why = {.status = RG_OK};
    for (size_t i = 0; i < rule->n_reads && !has_tree(rule); i++)
        want(rewriting, rule->reads[i], (struct str){NULL, 0});
    if (!has_tree(rule))
        return RG_OK;
    bool *wanted;
    enum rg_status status = find_wanted(rewriting, rule, &wanted, &why);
    if (!status)
        status = prune(rewriting, rule, wanted, &why);
    for (size_t i = 0; i < rule->n_scans && !status && !rule->audit.ptr; i++)
        want(rewriting, rule->scans[i].relation, rule->scans[i].column);
    return status ? rule_fail_with(err, rule, &why) : RG_OK;
}

/* --- Fusing --------------------------------------------------------------------------------- */

/* What no other query may be planned across: what it returns depends on which rows are there
 * together, or on when it runs. */
static bool visit_barrier(void *context, struct sql_node *node)
{
    bool *found = context;
    const struct sql_function *function = node->function;
    switch (node->kind) {
    case SQL_CALL:
        *found |= node->child[SQL_CALL_OVER] || !function || function->class == SQL_AGGREGATE ||
                  function->volatility == SQL_VOLATILE;
        break;
    case SQL_QUERY:
        *found |= node->child[SQL_QUERY_LIMIT] || node->child[SQL_QUERY_OFFSET];
        break;
    case SQL_SELECT:
        *found |= node->child[SQL_SELECT_GROUP_BY] != NULL;
        break;
    default:
        break;
    }
    return !*found;
}

/* The only reader of what the rule alone makes; NULL: it is a relation of its own. */
static struct rule *only_reader(const struct rule_set *set, const struct relation *relation,
                                const struct rule *rule)
{
    bool barrier = false;
    if (rule->dataset || !has_tree(rule) || relation->group >= 0 || relation->n_rules != 1 ||
        relation->n_readers != 1)
        return NULL;
    struct rule *reader = &set->rules[relation->readers[0]];
    if (!has_tree(reader) || reader->fixpoint.ptr)
        return NULL;
    for (size_t i = 0; i < reader->n_reads; i++)
        if (str_eq(reader->reads[i], relation->name) && reader->reads_twice[i])
            return NULL;
    sql_walk(rule->rewritten, visit_barrier, NULL, &barrier);
    bool deep = rule->rewritten->depth + reader->rewritten->depth > LIMIT_SQL_NESTING / 2;
    return barrier || deep ? NULL : reader;
}

static enum rg_status fuse(struct rewriting *rewriting, const struct relation *relation,
                           struct rule *rule, struct rg_error *err)
{
    struct rule_set *set = rewriting->set;
    struct rule *reader = only_reader(set, relation, rule);
    bool done = false;
    if (!reader)
        return RG_OK;
    struct rg_error why = {.status = RG_OK};
    enum rg_status status = sql_fuse(reader->rewritten, relation->name, rule->rewritten,
                                     set->catalog, &set->arena, &done, &why);
    if (status)
        return rule_fail_with(err, reader, &why);
    if (done) {
        rule->fused_into = reader;
        rewriting->is_dirty[reader - set->rules] = true;
    }
    return RG_OK;
}

/* A rule that others were fused into is seen as a whole once more. */
static enum rg_status settle(struct rewriting *rewriting, struct rule *rule, struct rg_error *err)
{
    struct rule_set *set = rewriting->set;
    struct rg_error why = {.status = RG_OK};
    bool *dirty = &rewriting->is_dirty[rule - set->rules];
    if (!*dirty)
        return RG_OK;
    *dirty = false;
    enum rg_status status = simplify(set, rule, &set->arena, &why);
    if (!status) /* its own outputs are what readers need already */
        status = prune(rewriting, rule, NULL, &why);
    return status ? rule_fail_with(err, rule, &why) : RG_OK;
}

static enum rg_status fuse_all(struct rewriting *rewriting, struct rg_error *err)
{
    struct rule_set *set = rewriting->set;
    enum rg_status status = RG_OK;
    for (size_t i = 0; i < set->n_relations && !status; i++) {
        const struct relation *relation = &set->relations[i];
        for (size_t r = 0; r < relation->n_rules && !status; r++)
            status = settle(rewriting, &set->rules[relation->rules[r]], err);
        if (!status)
            status = fuse(rewriting, relation, &set->rules[relation->rules[0]], err);
    }
    return status;
}

/* --- What comes out ------------------------------------------------------------------------- */

static enum rg_status print_tree(const struct sql_node *root, bool pretty, struct arena *arena,
                                 struct str *out_text, struct rg_error *err)
{
    struct buffer sql = {0};
    const struct sql_print_options options = {.dialect = SQL_DUCKDB, .pretty = pretty};
    enum rg_status status = sql_print(root, &options, &sql, err);
    if (!status) {
        *out_text = arena_str(arena, buffer_view(&sql));
        status = out_text->ptr && !sql.failed ? RG_OK : no_memory(err);
    }
    buffer_fini(&sql);
    return status;
}

static enum rg_status finish(struct rule_set *set, struct rule *rule, struct rg_error *err)
{
    struct rg_error why = {.status = RG_OK};
    const struct relation *relation = rule_set_find_relation(set, rule->emits_dataset);
    if (rule->broken)
        return RG_OK;
    rule->compiled = rule->sql;
    if (rule->opaque)
        return RG_OK;
    enum rg_status status = print_tree(rule->rewritten, true, &set->arena, &rule->compiled, &why);
    if (!status && rule->fixpoint.ptr && relation && relation->group >= 0)
        status = rule_make_steps(set, rule, relation->group, &why);
    return status ? rule_fail_with(err, rule, &why) : RG_OK;
}

/* --- All rules ------------------------------------------------------------------------------ */

typedef enum rg_status rule_step_fn(struct rewriting *rewriting, struct rule *rule,
                                    struct rg_error *err);

static enum rg_status step_alone(struct rewriting *rewriting, struct rule *rule,
                                 struct rg_error *err)
{
    rule->rewritten = NULL;
    rule->fused_into = NULL;
    return has_tree(rule) ? rewrite_alone(rewriting->set, rule, rewriting->options->as_written, err)
                          : RG_OK;
}

static enum rg_status step_finish(struct rewriting *rewriting, struct rule *rule,
                                  struct rg_error *err)
{
    return finish(rewriting->set, rule, err);
}

/* Every rule and audit, readers before what they read. */
static enum rg_status for_each(struct rewriting *rewriting, rule_step_fn *step,
                               struct rg_error *err)
{
    struct rule_set *set = rewriting->set;
    enum rg_status status = RG_OK;
    bool *seen = ARENA_ARRAY(&set->arena, set->n_rules + 1, bool);
    if (!seen)
        return no_memory(err);
    for (size_t i = 0; i < set->n_audits && !status; i++)
        status = rule_set_problem(set, &set->audits[i], step(rewriting, &set->audits[i], err), err);
    for (size_t i = set->n_relations; i-- > 0;)
        for (size_t r = 0; r < set->relations[i].n_rules && !status; r++) {
            uint32_t index = set->relations[i].rules[r];
            struct rule *rule = &set->rules[index];
            if (!seen[index])
                status = rule_set_problem(set, rule, step(rewriting, rule, err), err);
            seen[index] = true;
        }
    return status;
}

static enum rg_status compile_all(struct rule_set *set, const struct rule_compile_options *options,
                                  struct rg_error *err)
{
    struct rewriting rewriting = {.set = set, .options = options};
    rewriting.wanted = ARENA_ARRAY(&set->arena, set->n_relations + 1, bool *);
    rewriting.is_dirty = ARENA_ARRAY(&set->arena, set->n_rules + 1, bool);
    if (!rewriting.wanted || !rewriting.is_dirty)
        return no_memory(err);
    for (size_t i = 0; i < set->n_relations; i++) {
        rewriting.wanted[i] = ARENA_ARRAY(&set->arena, set->relations[i].n_columns + 1, bool);
        if (!rewriting.wanted[i])
            return no_memory(err);
    }
    rule_set_tiers(set, options);
    enum rg_status status = for_each(&rewriting, step_alone, err);
    if (!status)
        status = for_each(&rewriting, prune_and_want, err);
    if (!status && options->fuse && !options->as_written)
        status = fuse_all(&rewriting, err);
    if (!status)
        status = for_each(&rewriting, step_finish, err);
    return status;
}

enum rg_status rule_set_compile(struct rule_set *set, const struct rule_compile_options *options,
                                struct rg_error *err)
{
    enum rg_status status = compile_all(set, options, err);
    set->is_compiled = !status;
    return rule_set_limit(set, NULL, status, err);
}
