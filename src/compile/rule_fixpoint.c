/* Fixpoints: rules that recur through each other. Rows may only ever be added, so what a rule reads
 * of its own group must be monotone; then the rows of a round follow from those of the round before
 * (semi-naive evaluation: Bancilhon and Ramakrishnan 1986). */
#include <strings.h>

#include "base/buffer.h"
#include "base/error.h"
#include "compile/functions.h"
#include "compile/rule_parts.h"
#include "sql/sql_print.h"

enum { CTES_MAX = 256 };

/* --- Which tables are of the group ---------------------------------------------------------- */

struct group_names {
    const struct rule_set *set;
    int group;
};

/* The relation of the group that a table of that name is, in any case; NULL: none. */
static const struct relation *group_relation(const struct group_names *names, struct str name)
{
    for (size_t i = 0; i < names->set->n_relations; i++) {
        const struct relation *relation = &names->set->relations[i];
        if (relation->group == names->group && relation->name.len == name.len &&
            strncasecmp(relation->name.ptr, name.ptr, name.len) == 0)
            return relation;
    }
    return NULL;
}

static bool in_group(void *context, struct str name)
{
    return group_relation(context, name) != NULL;
}

/* The name of a table without schema; relations have lower-case names. */
static struct str table_name(const struct sql_node *table)
{
    return table->n_child == SQL_TABLE_NAME + 1 ? table->child[SQL_TABLE_NAME]->text : STR("");
}

struct table_search {
    bool (*is_it)(void *context, struct str name);
    void *context;
    bool found;
};

static bool search_table(void *context, struct sql_node *node)
{
    struct table_search *search = context;
    if (node->kind == SQL_TABLE && search->is_it(search->context, table_name(node)))
        search->found = true;
    return !search->found;
}

bool rule_tree_reads(struct sql_node *node, bool (*is_it)(void *context, struct str name),
                     void *context)
{
    struct table_search search = {is_it, context, false};
    if (node)
        sql_walk(node, search_table, NULL, &search);
    return search.found;
}

/* --- Monotone ------------------------------------------------------------------------------- */

struct monotone {
    struct group_names names;
    const struct rule *rule;
    struct rg_error *err;
    struct str ctes[CTES_MAX]; /* that read the group, innermost last */
    size_t n_ctes;
};

static enum rg_status check_node(struct monotone *check, struct sql_node *node, const char *where);

static bool is_recurring(void *context, struct str name)
{
    struct monotone *check = context;
    for (size_t i = 0; i < check->n_ctes; i++)
        if (str_eq(check->ctes[i], name))
            return true;
    return in_group(&check->names, name);
}

/* An aggregate, or (windows) anything with OVER, in a SELECT but not in its subqueries. */
struct call_search {
    bool windows, found;
};

static bool search_call(void *context, struct sql_node *node)
{
    struct call_search *search = context;
    if (node->kind == SQL_CALL) {
        const struct sql_function *function = functions_find(node->text);
        bool over = node->child[SQL_CALL_OVER] != NULL;
        if (search->windows ? over : !over && function && function->class == SQL_AGGREGATE)
            search->found = true;
    }
    return !search->found && node->kind != SQL_QUERY;
}

static bool has_call(struct sql_node *select, bool windows)
{
    struct call_search search = {windows, false};
    static const int clauses[] = {SQL_SELECT_ITEMS, SQL_SELECT_HAVING, SQL_SELECT_QUALIFY};
    for (size_t i = 0; i < sizeof clauses / sizeof *clauses; i++)
        if (select->child[clauses[i]])
            sql_walk(select->child[clauses[i]], search_call, NULL, &search);
    return search.found;
}

/* Where a condition holds for more rows as its subqueries find more. */
static enum rg_status check_condition(struct monotone *check, struct sql_node *node,
                                      const char *where)
{
    enum rg_status status = RG_OK;
    if (!node)
        return RG_OK;
    bool grows = node->kind == SQL_AND || node->kind == SQL_OR || node->kind == SQL_EXISTS ||
                 (node->kind == SQL_IN && !sql_flag(node, SQL_FLAG_NOT));
    if (sql_flag(node, SQL_FLAG_NOT) || (node->kind == SQL_UNARY && node->op == SQL_OP_NOT))
        return check_node(check, node, where ? where : "under NOT");
    if (!grows)
        return check_node(check, node, where ? where : "in an expression");
    for (uint32_t i = 0; i < node->n_child && !status; i++) {
        bool operand = node->kind == SQL_IN && i == SQL_OPERAND;
        if (node->kind == SQL_EXISTS || (node->kind == SQL_IN && !operand))
            status = check_node(check, node->child[i], where);
        else
            status = check_condition(check, node->child[i], where);
    }
    return status;
}

static enum rg_status check_select(struct monotone *check, struct sql_node *select,
                                   const char *where)
{
    const char *inside = where;
    if (!inside && (select->child[SQL_SELECT_GROUP_BY] || has_call(select, false)))
        inside = "in an aggregation";
    if (!inside && has_call(select, true))
        inside = "in a window function";
    if (!inside && select->child[SQL_SELECT_DISTINCT_ON])
        inside = "under DISTINCT ON";
    enum rg_status status = RG_OK;
    for (uint32_t i = 0; i < select->n_child && !status; i++) {
        if (i == SQL_SELECT_FROM)
            status = check_node(check, select->child[i], inside);
        else if (i == SQL_SELECT_WHERE)
            status = check_condition(check, select->child[i], inside);
        else
            status = check_node(check, select->child[i], inside ? inside : "in an expression");
    }
    return status;
}

static enum rg_status check_join(struct monotone *check, struct sql_node *join, const char *where)
{
    const char *left = where, *right = where, *on = where;
    switch (join->op) {
    case SQL_OP_LEFT:
        right = on = "on the right of a LEFT JOIN";
        break;
    case SQL_OP_RIGHT:
        left = on = "on the left of a RIGHT JOIN";
        break;
    case SQL_OP_FULL:
        left = right = on = "in a FULL JOIN";
        break;
    case SQL_OP_ANTI:
        right = on = "on the right of an ANTI JOIN";
        break;
    default:
        break;
    }
    enum rg_status status = check_node(check, join->child[SQL_LEFT], where ? where : left);
    if (!status)
        status = check_node(check, join->child[SQL_RIGHT], where ? where : right);
    return status ? status : check_condition(check, join->child[SQL_JOIN_ON], where ? where : on);
}

static enum rg_status check_query(struct monotone *check, struct sql_node *query, const char *where)
{
    size_t outer = check->n_ctes;
    struct sql_node *with = query->child[SQL_QUERY_WITH];
    enum rg_status status = RG_OK;
    for (uint32_t i = 0; with && i < with->n_child && !status; i++) {
        struct sql_node *cte = with->child[i];
        status = check_node(check, cte->child[SQL_CTE_QUERY], where);
        if (rule_tree_reads(cte->child[SQL_CTE_QUERY], is_recurring, check) &&
            check->n_ctes < CTES_MAX)
            check->ctes[check->n_ctes++] = cte->text;
    }
    if (!where && (query->child[SQL_QUERY_LIMIT] || query->child[SQL_QUERY_OFFSET]))
        where = "under LIMIT";
    for (uint32_t i = SQL_QUERY_BODY; i < query->n_child && !status; i++)
        status = check_node(check, query->child[i], where);
    check->n_ctes = outer;
    return status;
}

/* `where` is NULL where more rows of the group give more rows here, else why they may not. */
static enum rg_status check_node(struct monotone *check, struct sql_node *node, const char *where)
{
    enum rg_status status = RG_OK;
    if (!node)
        return RG_OK;
    switch (node->kind) {
    case SQL_QUERY:
        return check_query(check, node, where);
    case SQL_SELECT:
        return check_select(check, node, where);
    case SQL_JOIN:
        return check_join(check, node, where);
    case SQL_SET_OPERATION:
        status = check_node(check, node->child[SQL_LEFT], where);
        if (!status && !where && node->op == SQL_OP_EXCEPT)
            where = "on the right of EXCEPT";
        return status ? status : check_node(check, node->child[SQL_RIGHT], where);
    case SQL_TABLE:
        if (!where || !is_recurring(check, table_name(node)))
            return RG_OK;
        status = rule_fail_at(check->err, check->rule, node->span,
                              "reads `" STR_FMT "` of its own fixpoint %s",
                              STR_ARG(table_name(node)), where);
        error_hint(check->err, "a fixpoint only ever adds rows: what takes some away comes in a "
                               "rule behind it");
        return status;
    default:
        for (uint32_t i = 0; i < node->n_child && !status; i++)
            status = check_node(check, node->child[i], where);
        return status;
    }
}

struct reserved_search {
    const struct sql_node *cte;
};

static bool search_reserved(void *context, struct sql_node *node)
{
    struct reserved_search *search = context;
    if (node->kind == SQL_CTE && str_starts(node->text, STR(RULE_RESERVED_PREFIX)))
        search->cte = node;
    return !search->cte;
}

enum rg_status rule_check_monotone(struct rule_set *set, const struct rule *rule, int group,
                                   struct rg_error *err)
{
    struct reserved_search reserved = {NULL};
    sql_walk(rule->parsed.root, search_reserved, NULL, &reserved);
    if (reserved.cte)
        return rule_fail_at(err, rule, reserved.cte->span,
                            "in a fixpoint no CTE has a name that begins with "
                            "`" RULE_RESERVED_PREFIX "`");
    struct monotone check = {.names = {set, group}, .rule = rule, .err = err};
    return check_node(&check, rule->parsed.root, NULL);
}

/* --- Start ---------------------------------------------------------------------------------- */

/* What is left of a body without the branches that read; NULL: nothing. */
static struct sql_node *prune_body(struct sql_node *body,
                                   bool (*is_it)(void *context, struct str name), void *context)
{
    if (body->kind == SQL_SET_OPERATION && body->op == SQL_OP_UNION &&
        !sql_flag(body, SQL_FLAG_BY_NAME)) {
        struct sql_node *left = prune_body(body->child[SQL_LEFT], is_it, context);
        struct sql_node *right = prune_body(body->child[SQL_RIGHT], is_it, context);
        if (!left || !right)
            return left ? left : right;
        body->child[SQL_LEFT] = left;
        body->child[SQL_RIGHT] = right;
        return body;
    }
    return rule_tree_reads(body, is_it, context) ? NULL : body;
}

/* The CTEs that read are gone too; a body that names one is then no part of the start. */
struct start_search {
    bool (*is_it)(void *context, struct str name);
    void *context;
    struct str gone[CTES_MAX];
    size_t n_gone;
};

static bool reads_or_gone(void *context, struct str name)
{
    const struct start_search *search = context;
    for (size_t i = 0; i < search->n_gone; i++)
        if (str_eq(search->gone[i], name))
            return true;
    return search->is_it(search->context, name);
}

/* As it stands, until it is rewritten. */
static struct sql_node *tree_of(const struct rule *rule)
{
    return rule->rewritten ? rule->rewritten : rule->parsed.root;
}

struct sql_node *rule_start_tree(const struct rule *rule,
                                 bool (*is_it)(void *context, struct str name), void *context,
                                 struct arena *arena, bool *out_failed)
{
    struct start_search search = {.is_it = is_it, .context = context};
    struct sql_node *root = sql_clone(arena, tree_of(rule));
    *out_failed = !root;
    if (!root)
        return NULL;
    struct sql_node *with = root->child[SQL_QUERY_WITH];
    uint32_t kept = 0;
    for (uint32_t i = 0; with && i < with->n_child; i++) {
        struct sql_node *cte = with->child[i];
        if (!rule_tree_reads(cte->child[SQL_CTE_QUERY], reads_or_gone, &search))
            with->child[kept++] = cte;
        else if (search.n_gone < CTES_MAX)
            search.gone[search.n_gone++] = cte->text;
    }
    if (with)
        with->n_child = kept;
    if (with && !kept)
        root->child[SQL_QUERY_WITH] = NULL;
    root->child[SQL_QUERY_BODY] = prune_body(root->child[SQL_QUERY_BODY], reads_or_gone, &search);
    return root->child[SQL_QUERY_BODY] ? root : NULL;
}

/* --- Steps ---------------------------------------------------------------------------------- */

/* The n-th table of the group, in the order of sql_walk. */
struct occurrence {
    struct group_names names;
    size_t wanted, seen;
    struct sql_node *table;
};

static bool find_occurrence(void *context, struct sql_node *node)
{
    struct occurrence *occurrence = context;
    if (node->kind == SQL_TABLE && in_group(&occurrence->names, table_name(node)) &&
        occurrence->seen++ == occurrence->wanted)
        occurrence->table = node;
    return !occurrence->table;
}

static bool is_table(void *context, struct sql_node *node)
{
    struct occurrence *occurrence = context;
    if (node == occurrence->table)
        occurrence->seen = SIZE_MAX;
    return occurrence->seen != SIZE_MAX;
}

static bool holds_table(struct sql_node *node, struct sql_node *table)
{
    struct occurrence occurrence = {.table = table};
    sql_walk(node, is_table, NULL, &occurrence);
    return occurrence.seen == SIZE_MAX;
}

/* Makes the table one of new rows, still known by its name. */
static bool read_new_rows(struct sql_node *table, struct str relation, struct arena *arena)
{
    struct sql_node *name = table->child[SQL_TABLE_NAME];
    struct buffer new_name = {0};
    if (!table->child[SQL_TABLE_ALIAS]) {
        struct sql_node *alias = sql_node_new(arena, SQL_ALIAS, table->span);
        if (!alias)
            return false;
        alias->text = name->text;
        alias->flags = name->flags & SQL_FLAG_QUOTED;
        table->child[SQL_TABLE_ALIAS] = alias;
    }
    buffer_text(&new_name, RULE_NEW_PREFIX);
    buffer_str(&new_name, relation);
    name->text = arena_str(arena, buffer_view(&new_name));
    bool done = name->text.ptr && !new_name.failed;
    buffer_fini(&new_name);
    return done;
}

/* In a UNION only the branch with the table can find anything new. */
static void keep_branch(struct sql_node *root, struct sql_node *table)
{
    struct sql_node *body = root->child[SQL_QUERY_BODY];
    while (body->kind == SQL_SET_OPERATION && body->op == SQL_OP_UNION &&
           !sql_flag(body, SQL_FLAG_BY_NAME)) {
        struct sql_node *left = body->child[SQL_LEFT];
        body = holds_table(left, table) ? left : body->child[SQL_RIGHT];
    }
    root->child[SQL_QUERY_BODY] = body;
}

/* The table stands in the FROM of the only SELECT, and nothing else reads the group: what an engine
 * can do by WITH RECURSIVE. */
static bool is_linear(struct sql_node *root, const struct sql_node *table,
                      struct group_names *names)
{
    struct sql_node *body = root->child[SQL_QUERY_BODY];
    struct sql_node *from = body->kind == SQL_SELECT ? body->child[SQL_SELECT_FROM] : NULL;
    if (root->child[SQL_QUERY_WITH] || rule_tree_reads(root, in_group, names))
        return false;
    while (from && from->kind == SQL_JOIN) {
        struct sql_node *right = from->child[SQL_RIGHT];
        if (from->op == SQL_OP_SEMI || from->op == SQL_OP_ANTI || right != table)
            from = from->child[SQL_LEFT];
        else
            from = right;
    }
    return from == table;
}

static enum rg_status print_tree(const struct sql_node *root, struct arena *arena,
                                 struct str *out_sql, struct rg_error *err)
{
    struct buffer sql = {0};
    struct sql_print_options options = {.dialect = SQL_DUCKDB, .pretty = true};
    enum rg_status status = sql_print(root, &options, &sql, err);
    if (!status) {
        *out_sql = arena_str(arena, buffer_view(&sql));
        status = out_sql->ptr && !sql.failed ? RG_OK : error_no_memory(err, COMPILE_LAYER);
    }
    buffer_fini(&sql);
    return status;
}

/* A CTE may be read twice or recur: what is new behind it is not what is new in the table. */
static bool group_in_with(const struct rule *rule, struct group_names *names)
{
    struct sql_node *with = tree_of(rule)->child[SQL_QUERY_WITH];
    return with && rule_tree_reads(with, in_group, names);
}

static enum rg_status make_step(struct rule *rule, const struct group_names *names, size_t wanted,
                                struct arena *arena, bool *out_more, struct rg_error *err)
{
    struct sql_node *root = sql_clone(arena, tree_of(rule));
    struct occurrence occurrence = {.names = *names, .wanted = wanted};
    if (!root)
        return error_no_memory(err, COMPILE_LAYER);
    sql_walk(root, find_occurrence, NULL, &occurrence);
    *out_more = occurrence.table != NULL;
    if (!occurrence.table)
        return RG_OK;
    struct rule_step *step = &rule->steps[rule->n_steps++];
    step->reads_new = group_relation(names, table_name(occurrence.table))->name;
    if (!read_new_rows(occurrence.table, step->reads_new, arena))
        return error_no_memory(err, COMPILE_LAYER);
    keep_branch(root, occurrence.table);
    step->linear = is_linear(root, occurrence.table, &occurrence.names);
    return print_tree(root, arena, &step->sql, err);
}

enum rg_status rule_make_steps(struct rule_set *set, struct rule *rule, int group,
                               struct rg_error *err)
{
    struct group_names names = {set, group};
    bool failed = false, more = true;
    struct sql_node *start = rule_start_tree(rule, in_group, &names, &set->arena, &failed);
    if (failed)
        return error_no_memory(err, COMPILE_LAYER);
    enum rg_status status = start ? print_tree(start, &set->arena, &rule->start, err) : RG_OK;
    if (status || !rule_tree_reads(tree_of(rule), in_group, &names))
        return status;
    struct occurrence all = {.names = names, .wanted = SIZE_MAX};
    sql_walk(tree_of(rule), find_occurrence, NULL, &all);
    rule->n_steps = 0;
    rule->steps = ARENA_ARRAY(&set->arena, all.seen + 1, struct rule_step);
    if (!rule->steps)
        return error_no_memory(err, COMPILE_LAYER);
    if (group_in_with(rule, &names)) {
        rule->steps[rule->n_steps++] = (struct rule_step){.sql = rule->compiled};
        return RG_OK;
    }
    for (size_t i = 0; more && !status; i++)
        status = make_step(rule, &names, i, &set->arena, &more, err);
    return status;
}
