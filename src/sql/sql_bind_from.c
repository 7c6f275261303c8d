/* FROM: what each table, derived table, table function and join brings into scope. A derived table
 * sees what stands before it, LATERAL written or not, as in DuckDB. */
#include "sql/sql_bind_inside.h"

#include <ctype.h>

static enum rg_status bind_item(struct binder *b, struct bound_scope *scope, struct sql_node *node);

static struct sql_source *new_source(struct binder *b, struct bound_scope *scope,
                                     struct sql_node *node, enum sql_source_kind kind)
{
    struct sql_source *source = ARENA_NEW(b->arena, struct sql_source);
    if (!source)
        return NULL;
    source->kind = kind;
    source->scope = &scope->scope;
    source->node = node;
    node->source = source;
    return source;
}

/* Behind everything that its own text may name. */
static enum rg_status add_source(struct binder *b, struct bound_scope *scope,
                                 struct sql_source *source)
{
    struct sql_scope *own = &scope->scope;
    if (source->name.ptr && bind_find_source(b, own, source->name) != NAME_NONE) {
        enum rg_status status = bind_fail(b, source->node, "two tables are called `" STR_FMT "`",
                                          STR_ARG(source->name));
        error_hint(b->err, "give one of them an alias of its own");
        return status;
    }
    if (own->n_sources == scope->capacity) {
        scope->capacity = scope->capacity ? 2 * scope->capacity : 4;
        own->sources = arena_grow(b->arena, own->sources, own->n_sources, scope->capacity,
                                  sizeof(struct sql_source *));
        scope->source_names = arena_grow(b->arena, scope->source_names, own->n_sources,
                                         scope->capacity, sizeof(struct str));
        if (!own->sources || !scope->source_names)
            return bind_no_memory(b);
    }
    scope->source_names[own->n_sources] = source->name;
    own->sources[own->n_sources++] = source;
    return RG_OK;
}

enum rg_status bind_rename(struct binder *b, const struct sql_node *names, struct str of,
                           const struct sql_column **columns, uint32_t n_columns, bool open)
{
    uint32_t n = sql_list_count(names);
    if (!n)
        return RG_OK;
    if (n > n_columns && !open)
        return bind_fail(b, names, "`" STR_FMT "` has %u column%s, but %u names are given",
                         STR_ARG(of), (unsigned)n_columns, n_columns == 1 ? "" : "s", (unsigned)n);
    if (open)
        return sql_fail(b->err, RG_ERR_SUBSET, b->text, names->span,
                        "names for the columns of `" STR_FMT
                        "`, which are not known, are outside the subset",
                        STR_ARG(of));
    struct sql_column *renamed =
        arena_grow(b->arena, *columns, n_columns, n_columns, sizeof *renamed);
    if (!renamed)
        return bind_no_memory(b);
    for (uint32_t i = 0; i < n; i++)
        renamed[i].name = names->child[i]->text;
    *columns = renamed;
    return RG_OK;
}

/* The alias of an item and its names of columns. */
static enum rg_status apply_alias(struct binder *b, struct sql_source *source,
                                  const struct sql_node *alias)
{
    if (!alias)
        return RG_OK;
    source->name = alias->text;
    if (!sql_list_count(alias->child[0]))
        return RG_OK;
    source->repeats = false;
    return bind_rename(b, alias->child[0], alias->text, &source->columns, source->n_columns,
                       source->open);
}

/* An open source grows by itself: its array is its own and as long as a power of two. */
static enum rg_status own_columns(struct binder *b, struct sql_source *source)
{
    size_t capacity = 1;
    if (!source->open || !source->n_columns)
        return RG_OK;
    while (capacity < source->n_columns)
        capacity *= 2;
    source->columns =
        arena_grow(b->arena, source->columns, source->n_columns, capacity, sizeof *source->columns);
    return source->columns ? RG_OK : bind_no_memory(b);
}

/* --- Tables --------------------------------------------------------------------------------- */

/* The parts of a table's name, joined by dots, in lower case. */
static struct str table_name(struct binder *b, const struct sql_node *table)
{
    size_t len = 0;
    for (uint32_t i = SQL_TABLE_NAME; i < table->n_child; i++)
        len += table->child[i]->text.len + 1;
    char *text = arena_alloc(b->arena, len + 1), *end = text;
    if (!text)
        return (struct str){NULL, 0};
    for (uint32_t i = SQL_TABLE_NAME; i < table->n_child; i++) {
        struct str part = table->child[i]->text;
        if (i > SQL_TABLE_NAME)
            *end++ = '.';
        for (size_t k = 0; k < part.len; k++)
            *end++ = (char)tolower((unsigned char)part.ptr[k]);
    }
    return (struct str){text, (size_t)(end - text)};
}

static void offer_relation(void *to, struct str name)
{
    suggest_offer(to, name);
}

static enum rg_status fail_unknown_table(struct binder *b, const struct sql_node *table,
                                         struct str name)
{
    struct suggestion near = {.name = name};
    enum rg_status status = bind_fail(b, table, "unknown table `" STR_FMT "`", STR_ARG(name));
    for (const struct cte_entry *entry = b->ctes; entry; entry = entry->outer)
        suggest_offer(&near, entry->name);
    if (b->catalog->relation_names)
        b->catalog->relation_names(b->catalog->context, offer_relation, &near);
    bind_suggest(b, &near);
    return status;
}

static void take_cte(struct sql_source *source, struct cte_entry *entry)
{
    entry->used = true;
    source->kind = SQL_SOURCE_CTE;
    source->cte = entry->cte;
    source->query = entry->cte->child[SQL_CTE_QUERY];
    source->columns = entry->columns;
    source->n_columns = entry->n_columns;
    source->open = entry->open;
    source->repeats = entry->repeats;
}

static enum rg_status bind_table(struct binder *b, struct bound_scope *scope, struct sql_node *node)
{
    struct sql_source *source = new_source(b, scope, node, SQL_SOURCE_RELATION);
    bool bare = node->n_child == SQL_TABLE_NAME + 1;
    struct cte_entry *entry = bare ? bind_find_cte(b, node->child[SQL_TABLE_NAME]->text) : NULL;
    if (!source)
        return bind_no_memory(b);
    source->name = node->child[node->n_child - 1]->text;
    if (entry) {
        take_cte(source, entry);
    } else {
        struct str name = table_name(b, node);
        if (!name.ptr)
            return bind_no_memory(b);
        if (b->catalog->relation)
            source->relation = b->catalog->relation(b->catalog->context, name);
        if (!source->relation && !b->catalog->open_tables)
            return fail_unknown_table(b, node, name);
        source->open = !source->relation;
        if (source->relation) {
            source->columns = source->relation->columns;
            source->n_columns = source->relation->n_columns;
        }
    }
    enum rg_status status = apply_alias(b, source, node->child[SQL_TABLE_ALIAS]);
    if (!status)
        status = own_columns(b, source);
    return status ? status : add_source(b, scope, source);
}

/* --- Derived tables and table functions ----------------------------------------------------- */

enum rg_status bind_query_columns(struct binder *b, const struct sql_scope *outputs,
                                  const struct sql_column **out_columns, bool *out_repeats)
{
    /* DuckDB calls the second `b` of a derived table b_1; nobody should have to know. */
    struct sql_names *index = NULL;
    const struct name_list names = {outputs->outputs, sizeof *outputs->outputs, outputs->n_outputs};
    *out_columns = outputs->outputs;
    *out_repeats = false;
    for (uint32_t i = 0; i < outputs->n_outputs && !*out_repeats; i++) {
        uint32_t place;
        bool again = false;
        if (outputs->outputs[i].name.len &&
            !sql_names_find(b->arena, &index, names, outputs->outputs[i].name, &place, &again))
            return bind_no_memory(b);
        *out_repeats = again;
    }
    return RG_OK;
}

static enum rg_status bind_derived(struct binder *b, struct bound_scope *scope,
                                   struct sql_node *node)
{
    struct sql_source *source = new_source(b, scope, node, SQL_SOURCE_QUERY);
    struct sql_source *around = scope->joining;
    if (!source)
        return bind_no_memory(b);
    source->query = node->child[SQL_DERIVED_QUERY];
    scope->joining = source;
    enum rg_status status = bind_query(b, &scope->scope, source->query);
    scope->joining = around;
    if (status)
        return status;
    const struct sql_scope *inner = source->query->scope;
    status = bind_query_columns(b, inner, &source->columns, &source->repeats);
    source->n_columns = inner->n_outputs;
    source->open = inner->open;
    if (!status)
        status = apply_alias(b, source, node->child[SQL_DERIVED_ALIAS]);
    if (!status)
        status = own_columns(b, source);
    return status ? status : add_source(b, scope, source);
}

/* Nobody knows the function, or it gives more than it is known to: the list says what. */
static enum rg_status believe_names(struct binder *b, struct sql_source *source,
                                    const struct sql_node *alias)
{
    const struct sql_node *names = alias->child[0];
    struct sql_column *columns = ARENA_ARRAY(b->arena, names->n_child, struct sql_column);
    if (!columns)
        return bind_no_memory(b);
    for (uint32_t i = 0; i < names->n_child; i++)
        columns[i] = (struct sql_column){names->child[i]->text, sql_type_of(SQL_T_UNKNOWN), false};
    source->name = alias->text;
    source->columns = columns;
    source->n_columns = names->n_child;
    source->open = false;
    return RG_OK;
}

static enum rg_status bind_table_call(struct binder *b, struct bound_scope *scope,
                                      struct sql_node *node)
{
    struct sql_node *call = node->child[SQL_TABLE_CALL_CALL];
    struct sql_source *source = new_source(b, scope, node, SQL_SOURCE_CALL);
    const struct place at = {.scope = &scope->scope,
                             .clause = CLAUSE_FROM,
                             .to = scope->scope.n_sources,
                             .no_aggregates = "FROM",
                             .no_windows = "FROM"};
    if (!source)
        return bind_no_memory(b);
    enum rg_status status = bind_table_function(b, &at, call);
    if (status)
        return status;
    uint32_t n = sql_flag(node, SQL_FLAG_ORDINALITY) ? 2 : 1;
    struct sql_column *columns = ARENA_ARRAY(b->arena, 2, struct sql_column);
    if (!columns)
        return bind_no_memory(b);
    const struct sql_function *function = call->function;
    columns[0].name = function ? str_of(function->name) : call->text;
    columns[0].type = call->type;
    columns[1] = (struct sql_column){STR("ordinality"), sql_type_of(SQL_T_BIGINT), true};
    source->open = !function;
    source->columns = columns;
    source->n_columns = function ? n : 0;
    const struct sql_node *alias = node->child[SQL_TABLE_CALL_ALIAS];
    uint32_t n_names = alias ? sql_list_count(alias->child[0]) : 0;
    bool more = b->catalog->open_functions && n_names > source->n_columns;
    status = (source->open && n_names) || more ? believe_names(b, source, alias)
                                               : apply_alias(b, source, alias);
    return status ? status : add_source(b, scope, source);
}

/* --- Joins ---------------------------------------------------------------------------------- */

/* The sources of the two sides: [first, middle) and [middle, end). */
struct sides {
    uint32_t first, middle, end;
};

/* One of them, and what it has of a name that USING gives. */
struct side {
    const char *text;
    uint32_t from, to;
    struct sql_member_of member;
    const struct sql_merged *merged; /* where joins before made the member one of several */
};

static enum rg_status fail_side(struct binder *b, const struct sql_scope *scope,
                                const struct sql_node *node, struct str name,
                                const struct side *side)
{
    struct suggestion near = {.name = name};
    enum rg_status status = bind_fail(b, node, "USING: the %s side has no column `" STR_FMT "`",
                                      side->text, STR_ARG(name));
    for (uint32_t i = side->from; i < side->to; i++)
        for (uint32_t c = 0; c < scope->sources[i]->n_columns; c++)
            suggest_offer(&near, scope->sources[i]->columns[c].name);
    bind_suggest(b, &near);
    return status;
}

static enum rg_status find_side(struct binder *b, const struct sql_scope *scope,
                                const struct sql_node *node, struct str name, struct side *side)
{
    struct sql_source *open = NULL;
    enum rg_status status =
        bind_find(b, scope, side->from, side->to, node, name, &side->member, &side->merged);
    if (status || side->member.source)
        return status;
    for (uint32_t i = side->from; i < side->to && !open; i++)
        if (scope->sources[i]->open && !scope->sources[i]->hidden)
            open = scope->sources[i];
    if (!open)
        return fail_side(b, scope, node, name, side);
    side->member.source = open;
    return bind_find_in(b, open, node, name, true, &side->member.column);
}

static const struct sql_type *side_type(const struct side *side)
{
    return side->merged ? side->merged->type
                        : side->member.source->columns[side->member.column].type;
}

static uint32_t copy_members(const struct side *side, struct sql_member_of *out)
{
    uint32_t n = side->merged ? side->merged->n_members : 1;
    memcpy(out, side->merged ? side->merged->members : &side->member, n * sizeof *out);
    return n;
}

/* The members of both sides become one list; that of the left side, where it was one, is replaced.
 */
static enum rg_status merge(struct binder *b, struct sql_scope *scope, struct sql_merged fresh,
                            const struct side *left, const struct side *right)
{
    uint32_t room = (left->merged ? left->merged->n_members : 1) +
                    (right->merged ? right->merged->n_members : 1);
    fresh.members = ARENA_ARRAY(b->arena, room, struct sql_member_of);
    if (!fresh.members)
        return bind_no_memory(b);
    fresh.n_members = copy_members(left, fresh.members);
    fresh.n_members += copy_members(right, fresh.members + fresh.n_members);
    fresh.outer |= (left->merged && left->merged->outer) || (right->merged && right->merged->outer);
    if (right->merged) /* its members are in the new one: an empty one matches nothing */
        scope->merged[right->merged - scope->merged].n_members = 0;
    if (left->merged) {
        scope->merged[left->merged - scope->merged] = fresh;
        return RG_OK;
    }
    scope->merged = arena_grow(b->arena, scope->merged, scope->n_merged, scope->n_merged + 1,
                               sizeof *scope->merged);
    if (!scope->merged)
        return bind_no_memory(b);
    scope->merged[scope->n_merged++] = fresh;
    return RG_OK;
}

/* Equal: neither is NULL. Of several that are one, another may have the value. */
static enum rg_status prove_side(struct binder *b, const struct side *side)
{
    return side->merged && side->merged->outer
               ? RG_OK
               : bind_prove_column(b, side->member.source, side->member.column);
}

static enum rg_status bind_using(struct binder *b, struct sql_scope *scope, struct sides sides,
                                 const struct sql_node *join, const struct sql_node *node,
                                 struct str name)
{
    struct side left = {.text = "left", .from = sides.first, .to = sides.middle};
    struct side right = {.text = "right", .from = sides.middle, .to = sides.end};
    enum rg_status status = find_side(b, scope, node, name, &left);
    if (!status)
        status = find_side(b, scope, node, name, &right);
    if (status)
        return status;
    const struct sql_type *x = side_type(&left), *y = side_type(&right);
    const struct sql_type *type = bind_common(b, NULL, x, NULL, y);
    if (!type)
        return bind_fail(b, node, "USING: `" STR_FMT "` is %s on the left side, %s on the right",
                         STR_ARG(name), bind_type_text(b, x), bind_type_text(b, y));
    if (join->op == SQL_OP_INNER || join->op == SQL_OP_SEMI) {
        status = prove_side(b, &left);
        if (!status)
            status = prove_side(b, &right);
    }
    if (status || join->op == SQL_OP_SEMI || join->op == SQL_OP_ANTI)
        return status;
    /* Where no row can come from the other side alone, the value is this side's. */
    const struct sql_merged fresh = {.name = name,
                                     .type = join->op == SQL_OP_FULL    ? type
                                             : join->op == SQL_OP_RIGHT ? y
                                                                        : x,
                                     .outer = join->op == SQL_OP_FULL || join->op == SQL_OP_RIGHT};
    return merge(b, scope, fresh, &left, &right);
}

/* The columns that both sides have, in the order of the left one. */
static enum rg_status bind_natural(struct binder *b, struct bound_scope *scope, struct sides sides,
                                   const struct sql_node *join)
{
    struct sql_scope *own = &scope->scope;
    uint32_t n_common = 0;
    for (uint32_t i = sides.first; i < sides.end; i++) {
        if (!own->sources[i]->open)
            continue;
        return b->open_columns
                   ? RG_OK
                   : sql_fail(b->err, RG_ERR_SUBSET, b->text, join->span,
                              "NATURAL JOIN of a table whose columns are not known is outside the "
                              "subset");
    }
    for (uint32_t i = sides.first; i < sides.middle; i++) {
        const struct sql_source *source = own->sources[i];
        for (uint32_t c = 0; c < source->n_columns && !source->hidden; c++) {
            struct sql_member_of one, other;
            const struct sql_merged *left, *right;
            struct str name = source->columns[c].name;
            enum rg_status status =
                bind_find(b, own, sides.middle, sides.end, join, name, &other, &right);
            if (!status && other.source)
                status = bind_find(b, own, sides.first, sides.middle, join, name, &one, &left);
            if (status)
                return status;
            /* Of columns that an earlier join made one, the first speaks for all. */
            if (!other.source || one.source != source || one.column != c)
                continue;
            status = bind_using(b, own, sides, join, join, name);
            if (status)
                return status;
            n_common++;
        }
    }
    if (n_common)
        return RG_OK;
    /* A CROSS JOIN says the standard, an error says DuckDB. */
    return sql_fail(b->err, RG_ERR_SUBSET, b->text, join->span,
                    "NATURAL JOIN of two sides without a column in common is outside the subset");
}

static void make_nullable(struct sql_scope *scope, uint32_t from, uint32_t to)
{
    for (uint32_t i = from; i < to; i++) {
        scope->sources[i]->nullable = true;
        scope->sources[i]->present = false;
        scope->sources[i]->proven = NULL;
    }
}

/* Not even their names are taken. */
static void hide(struct bound_scope *scope, uint32_t from, uint32_t to)
{
    for (uint32_t i = from; i < to; i++) {
        scope->scope.sources[i]->hidden = true;
        scope->source_names[i] = (struct str){NULL, 0};
    }
}

static enum rg_status bind_join(struct binder *b, struct bound_scope *scope, struct sql_node *node)
{
    struct sql_scope *own = &scope->scope;
    struct sides sides = {.first = own->n_sources};
    enum rg_status status = bind_item(b, scope, node->child[SQL_LEFT]);
    sides.middle = own->n_sources;
    if (!status)
        status = bind_item(b, scope, node->child[SQL_RIGHT]);
    sides.end = own->n_sources;
    if (!status && sql_flag(node, SQL_FLAG_NATURAL))
        status = bind_natural(b, scope, sides, node);
    const struct sql_node *using = node->child[SQL_JOIN_USING];
    for (uint32_t i = 0; i < sql_list_count(using) && !status; i++)
        status = bind_using(b, own, sides, node, using->child[i], using->child[i]->text);
    struct sql_node *on = node->child[SQL_JOIN_ON];
    const struct place at = {.scope = own,
                             .clause = CLAUSE_ON,
                             .from = sides.first,
                             .to = sides.end,
                             .no_aggregates = "ON",
                             .no_windows = "ON"};
    if (!status && on)
        status = bind_condition(b, &at, on);
    if (status)
        return status;
    if (node->op == SQL_OP_RIGHT || node->op == SQL_OP_FULL)
        make_nullable(own, sides.first, sides.middle);
    if (node->op == SQL_OP_LEFT || node->op == SQL_OP_FULL)
        make_nullable(own, sides.middle, sides.end);
    if (on && (node->op == SQL_OP_INNER || node->op == SQL_OP_SEMI))
        status = bind_prove(b, own, on);
    if (node->op == SQL_OP_SEMI || node->op == SQL_OP_ANTI)
        hide(scope, sides.middle, sides.end);
    return status;
}

static enum rg_status bind_item(struct binder *b, struct bound_scope *scope, struct sql_node *node)
{
    switch (node->kind) {
    case SQL_TABLE:
        return bind_table(b, scope, node);
    case SQL_DERIVED:
        return bind_derived(b, scope, node);
    case SQL_TABLE_CALL:
        return bind_table_call(b, scope, node);
    case SQL_JOIN:
        return bind_join(b, scope, node);
    default:
        return bind_fail(b, node, "this cannot stand in FROM");
    }
}

enum rg_status bind_from(struct binder *b, struct bound_scope *scope, struct sql_node *from)
{
    return from ? bind_item(b, scope, from) : RG_OK;
}
