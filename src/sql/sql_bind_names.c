/* Finding what a name means: lambda parameters first, then the columns of FROM, aliases of the
 * SELECT list, what an open table may have, and the same of the queries around. */
#include "sql/sql_bind_inside.h"

#include <stdio.h>

static inline unsigned char fold(char c)
{
    return (unsigned char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
}

uint64_t sql_name_hash(struct str name)
{
    uint64_t hash = 0xcbf29ce484222325u; /* FNV-1a */
    for (size_t i = 0; i < name.len; i++)
        hash = (hash ^ fold(name.ptr[i])) * 0x100000001b3u;
    return hash;
}

bool sql_name_equal(struct str a, struct str b)
{
    if (a.len != b.len)
        return false;
    for (size_t i = 0; i < a.len; i++)
        if (fold(a.ptr[i]) != fold(b.ptr[i]))
            return false;
    return true;
}

/* --- The index of a list of names ----------------------------------------------------------- */

/* Below, comparing with each is faster than an index. */
enum { NAMES_FEW = 16 };

static struct str name_at(struct name_list list, uint32_t i)
{
    return *(const struct str *)((const char *)list.first + (size_t)i * list.stride);
}

/* The first two places of a name are enough: which it is, and that there is another. Thousands of
 * columns of one name would make each walk over all of them. */
static void names_insert(struct sql_names *names, struct name_list list, uint32_t place)
{
    uint32_t mask = names->capacity - 1;
    struct str name = name_at(list, place);
    uint32_t slot = (uint32_t)sql_name_hash(name) & mask;
    for (unsigned same = 0; names->slots[slot]; slot = (slot + 1) & mask) {
        same += sql_name_equal(name_at(list, names->slots[slot] - 1), name);
        if (same == 2)
            return;
    }
    names->slots[slot] = place + 1;
}

static bool names_extend(struct arena *arena, struct sql_names *names, struct name_list list)
{
    if (2 * (uint64_t)list.n > names->capacity) {
        uint32_t capacity = 64;
        while (capacity < 4 * (uint64_t)list.n)
            capacity *= 2;
        names->slots = ARENA_ARRAY(arena, capacity, uint32_t);
        if (!names->slots)
            return false;
        names->capacity = capacity;
        names->n = 0;
    }
    for (; names->n < list.n; names->n++)
        names_insert(names, list, names->n);
    return true;
}

bool sql_names_find(struct arena *arena, struct sql_names **names, struct name_list list,
                    struct str name, uint32_t *out_place, bool *out_again)
{
    *out_place = NAME_NONE;
    *out_again = false;
    if (list.n <= NAMES_FEW) {
        for (uint32_t i = 0; i < list.n; i++) {
            if (!sql_name_equal(name_at(list, i), name))
                continue;
            *out_again = *out_place != NAME_NONE;
            if (!*out_again)
                *out_place = i;
        }
        return true;
    }
    if (!*names && !(*names = ARENA_NEW(arena, struct sql_names)))
        return false;
    if ((*names)->n < list.n && !names_extend(arena, *names, list))
        return false;
    uint32_t mask = (*names)->capacity - 1;
    for (uint32_t slot = (uint32_t)sql_name_hash(name) & mask; (*names)->slots[slot];
         slot = (slot + 1) & mask) {
        uint32_t place = (*names)->slots[slot] - 1;
        if (!sql_name_equal(name_at(list, place), name))
            continue;
        *out_again = *out_place != NAME_NONE;
        if (place < *out_place)
            *out_place = place;
    }
    return true;
}

/* --- Errors --------------------------------------------------------------------------------- */

enum rg_status bind_no_memory(struct binder *b)
{
    return error_no_memory(b->err, SQL_LAYER);
}

void bind_suggest(struct binder *b, const struct suggestion *suggestion)
{
    if (suggestion->best.ptr)
        error_hint(b->err, "did you mean `" STR_FMT "`?", STR_ARG(suggestion->best));
}

static void suggest_columns(struct suggestion *suggestion, const struct sql_source *source)
{
    for (uint32_t i = 0; i < source->n_columns; i++)
        suggest_offer(suggestion, source->columns[i].name);
}

const char *bind_source_name(const struct sql_source *source, struct arena *arena)
{
    const char *name = source->name.ptr
                           ? arena_printf(arena, "`" STR_FMT "`", STR_ARG(source->name))
                           : "a derived table";
    return name ? name : "a table";
}

static enum rg_status fail_unknown_column(struct binder *b, const struct place *at,
                                          const struct sql_node *node, struct str name)
{
    struct suggestion near = {.name = name};
    enum rg_status status = bind_fail(b, node, "unknown column `" STR_FMT "`", STR_ARG(name));
    const struct bound_scope *own = (const struct bound_scope *)at->scope;
    for (const struct lambda_frame *frame = b->lambdas; frame; frame = frame->outer)
        for (uint32_t i = 0; i < frame->params->n_child; i++)
            suggest_offer(&near, frame->params->child[i]->text);
    for (const struct sql_scope *scope = at->scope; scope; scope = scope->parent)
        for (uint32_t i = 0; i < scope->n_sources; i++)
            if (!scope->sources[i]->hidden)
                suggest_columns(&near, scope->sources[i]);
    for (uint32_t i = 0; own && own->items && i < own->n_bound; i++)
        if (own->item_names[i].ptr)
            suggest_offer(&near, own->item_names[i]);
    for (uint32_t i = 0; own && !own->items && i < own->scope.n_outputs; i++)
        if (own->scope.outputs[i].name.ptr)
            suggest_offer(&near, own->scope.outputs[i].name);
    bind_suggest(b, &near);
    return status;
}

static enum rg_status fail_unknown_source(struct binder *b, const struct place *at,
                                          const struct sql_node *node, struct str name)
{
    struct suggestion near = {.name = name};
    enum rg_status status =
        bind_fail(b, node, "no table `" STR_FMT "` stands in FROM", STR_ARG(name));
    for (const struct sql_scope *scope = at->scope; scope; scope = scope->parent)
        for (uint32_t i = 0; i < scope->n_sources; i++)
            if (scope->sources[i]->name.ptr && !scope->sources[i]->hidden)
                suggest_offer(&near, scope->sources[i]->name);
    bind_suggest(b, &near);
    return status;
}

static enum rg_status fail_ambiguous(struct binder *b, const struct sql_node *node, struct str name,
                                     const struct sql_source *one, const struct sql_source *other)
{
    enum rg_status status =
        bind_fail(b, node, "ambiguous column `" STR_FMT "`: %s and %s have it", STR_ARG(name),
                  bind_source_name(one, b->arena), bind_source_name(other, b->arena));
    if (one->name.ptr && other->name.ptr)
        error_hint(b->err, "write `" STR_FMT "." STR_FMT "` or `" STR_FMT "." STR_FMT "`",
                   STR_ARG(one->name), STR_ARG(name), STR_ARG(other->name), STR_ARG(name));
    return status;
}

/* --- Columns of sources --------------------------------------------------------------------- */

static enum rg_status add_column(struct binder *b, struct sql_source *source, struct str name)
{
    /* The array is the source's own: an open one begins with a copy. Doubling keeps it linear. */
    uint32_t n = source->n_columns;
    if (!(n & (n - 1))) {
        struct sql_column *grown =
            arena_grow(b->arena, source->columns, n, n ? 2 * (size_t)n : 1, sizeof *grown);
        if (!grown)
            return bind_no_memory(b);
        source->columns = grown;
    }
    ((struct sql_column *)(uintptr_t)source->columns)[n] =
        (struct sql_column){name, sql_type_of(SQL_T_UNKNOWN), false};
    source->n_columns = n + 1;
    return RG_OK;
}

static struct name_list source_names(const struct sql_source *source)
{
    return (struct name_list){source->columns, sizeof *source->columns, source->n_columns};
}

enum rg_status bind_find_in(struct binder *b, struct sql_source *source,
                            const struct sql_node *node, struct str name, bool add,
                            uint32_t *out_column)
{
    bool again;
    if (!sql_names_find(b->arena, &source->names, source_names(source), name, out_column, &again))
        return bind_no_memory(b);
    if (*out_column == NAME_NONE && add && source->open) {
        *out_column = source->n_columns;
        return add_column(b, source, name);
    }
    if (*out_column != NAME_NONE && (again || source->repeats))
        return bind_fail(b, node, "%s has several columns of one name, so that none can be named",
                         bind_source_name(source, b->arena));
    return RG_OK;
}

static const struct sql_merged *merged_with(const struct sql_scope *scope, struct str name,
                                            const struct sql_source *source, uint32_t column)
{
    for (uint32_t i = 0; i < scope->n_merged; i++) {
        const struct sql_merged *merged = &scope->merged[i];
        if (!sql_name_equal(merged->name, name))
            continue;
        for (uint32_t m = 0; m < merged->n_members; m++)
            if (merged->members[m].source == source && merged->members[m].column == column)
                return merged;
    }
    return NULL;
}

static const struct sql_source *other_open(const struct sql_scope *scope, uint32_t from,
                                           uint32_t to, const struct sql_source *but)
{
    for (uint32_t i = from; i < to; i++)
        if (scope->sources[i]->open && !scope->sources[i]->hidden && scope->sources[i] != but)
            return scope->sources[i];
    return NULL;
}

enum rg_status bind_find(struct binder *b, const struct sql_scope *scope, uint32_t from,
                         uint32_t to, const struct sql_node *node, struct str name,
                         struct sql_member_of *out_member, const struct sql_merged **out_merged)
{
    uint32_t column;
    *out_member = (struct sql_member_of){NULL, 0};
    *out_merged = NULL;
    for (uint32_t i = from; i < to; i++) {
        struct sql_source *source = scope->sources[i];
        if (source->hidden)
            continue;
        enum rg_status status = bind_find_in(b, source, node, name, false, &column);
        if (status)
            return status;
        if (column == NAME_NONE)
            continue;
        const struct sql_merged *merged = merged_with(scope, name, source, column);
        if (!out_member->source) {
            *out_merged = merged;
            *out_member = merged ? merged->members[0] : (struct sql_member_of){source, column};
        } else if (!merged || merged != *out_merged) {
            return fail_ambiguous(b, node, name, out_member->source, source);
        }
    }
    const struct sql_source *found = out_member->source;
    const struct sql_source *other =
        found && found->open && !*out_merged ? other_open(scope, from, to, found) : NULL;
    return other ? fail_ambiguous(b, node, name, found, other) : RG_OK;
}

/* The only open table may have it. */
static enum rg_status find_open(struct binder *b, const struct sql_scope *scope, uint32_t from,
                                uint32_t to, const struct sql_node *node, struct str name,
                                struct sql_member_of *out_member)
{
    struct sql_source *open = (struct sql_source *)(uintptr_t)other_open(scope, from, to, NULL);
    *out_member = (struct sql_member_of){open, 0};
    if (!open)
        return RG_OK;
    const struct sql_source *other = other_open(scope, from, to, open);
    if (other)
        return fail_ambiguous(b, node, name, open, other);
    return bind_find_in(b, open, node, name, true, &out_member->column);
}

/* --- What a COLUMN means -------------------------------------------------------------------- */

/* A name of an outer query was found: the queries in between are correlated, and so may be the
 * item of FROM that is being bound. */
static void mark_outer(const struct place *at, struct sql_scope *found)
{
    for (struct sql_scope *scope = at->scope; scope != found; scope = scope->parent)
        scope->correlated = true;
    struct bound_scope *bound = (struct bound_scope *)found;
    if (found != at->scope && bound->joining)
        bound->joining->lateral = true;
}

static void mean_column(struct sql_node *node, struct sql_member_of member,
                        const struct sql_merged *merged)
{
    node->source = member.source;
    node->column = member.column;
    node->type = merged ? merged->type : member.source->columns[member.column].type;
}

static enum rg_status fail_no_field(struct binder *b, const struct sql_node *node,
                                    const struct sql_type *type, struct str name)
{
    struct suggestion near = {.name = name};
    enum rg_status status =
        type->kind == SQL_T_STRUCT
            ? bind_fail(b, node, "no field `" STR_FMT "` in %s", STR_ARG(name),
                        bind_type_text(b, type))
            : bind_fail(b, node, "`" STR_FMT "` asks for a field, but %s has none", STR_ARG(name),
                        bind_type_text(b, type));
    for (uint32_t i = 0; type->kind == SQL_T_STRUCT && i < type->n_members; i++)
        suggest_offer(&near, type->members[i].name);
    bind_suggest(b, &near);
    return status;
}

enum rg_status bind_member(struct binder *b, struct sql_node *node)
{
    const struct sql_type *type = node->child[SQL_OPERAND]->type;
    node->type = sql_type_of(SQL_T_UNKNOWN);
    if (type->kind == SQL_T_UNKNOWN || b->catalog->untyped)
        return RG_OK;
    for (uint32_t i = 0; type->kind == SQL_T_STRUCT && i < type->n_members; i++) {
        if (sql_name_equal(type->members[i].name, node->text)) {
            node->type = type->members[i].type;
            return RG_OK;
        }
    }
    return fail_no_field(b, node, type, node->text);
}

/* The first `n` identifiers name a column, the rest is a path into it: MEMBERs, the outermost in
 * the place of the node. */
static enum rg_status make_path(struct binder *b, struct sql_node *node, uint32_t n)
{
    if (n == node->n_child)
        return RG_OK;
    struct sql_node **idents = node->child;
    uint32_t count = node->n_child;
    struct sql_node *inner = sql_node_with(b->arena, SQL_COLUMN, node->span, idents, n);
    if (!inner)
        return bind_no_memory(b);
    inner->span.end = idents[n - 1]->span.end;
    inner->source = node->source;
    inner->column = node->column;
    inner->scope = node->scope;
    inner->type = node->type;
    for (uint32_t i = n; i < count; i++) {
        struct sql_node *member =
            i + 1 == count ? node : sql_node_new(b->arena, SQL_MEMBER, node->span);
        struct sql_node **slot = ARENA_ARRAY(b->arena, 1, struct sql_node *);
        if (!member || !slot)
            return bind_no_memory(b);
        *slot = inner;
        member->kind = SQL_MEMBER;
        member->text = idents[i]->text;
        member->flags = idents[i]->flags & SQL_FLAG_QUOTED;
        member->span.end = idents[i]->span.end;
        member->child = slot;
        member->n_child = 1;
        member->source = NULL;
        member->scope = NULL;
        member->column = 0;
        sql_node_refresh(member);
        enum rg_status status = bind_member(b, member);
        if (status)
            return status;
        inner = member;
    }
    return RG_OK;
}

static bool find_lambda(const struct binder *b, struct sql_node *node)
{
    for (const struct lambda_frame *frame = b->lambdas; frame; frame = frame->outer) {
        for (uint32_t i = 0; i < frame->params->n_child; i++) {
            if (sql_name_equal(frame->params->child[i]->text, node->child[0]->text)) {
                node->type = frame->types[i];
                return true;
            }
        }
    }
    return false;
}

/* An output of the scope by name: an alias of the SELECT list, or of a set operation. */
static enum rg_status find_output(struct binder *b, const struct place *at, struct sql_node *node,
                                  bool *out_found)
{
    struct bound_scope *scope = (struct bound_scope *)at->scope;
    struct str name = node->child[0]->text;
    struct name_list list;
    uint32_t place;
    bool again;
    *out_found = false;
    if (!scope || at->clause <= CLAUSE_ON || (!scope->items && at->clause != CLAUSE_ORDER_BY))
        return RG_OK;
    if (scope->items)
        list = (struct name_list){scope->item_names, sizeof *scope->item_names, scope->n_bound};
    else
        list = (struct name_list){scope->scope.outputs, sizeof *scope->scope.outputs,
                                  scope->scope.n_outputs};
    if (!sql_names_find(b->arena, scope->items ? &scope->item_index : &scope->output_index, list,
                        name, &place, &again))
        return bind_no_memory(b);
    if (place == NAME_NONE)
        return RG_OK;
    if (again)
        return bind_fail(b, node, "ambiguous column `" STR_FMT "`: the SELECT list has it twice",
                         STR_ARG(name));
    node->scope = at->scope;
    node->column = scope->items ? scope->first_output[place] : place;
    node->type = at->scope->outputs[node->column].type;
    *out_found = true;
    return scope->items ? bind_check_alias(b, at, node, scope->items->child[place]) : RG_OK;
}

/* Of one scope; out_found says whether it was. */
static enum rg_status find_bare(struct binder *b, const struct place *at, struct sql_scope *scope,
                                struct sql_node *node, bool *out_found)
{
    const struct sql_merged *merged;
    struct sql_member_of member;
    struct str name = node->child[0]->text;
    uint32_t from = scope == at->scope ? at->from : 0;
    uint32_t to = scope == at->scope ? at->to : scope->n_sources;
    *out_found = false;
    enum rg_status status = bind_find(b, scope, from, to, node, name, &member, &merged);
    if (!status && !member.source && scope == at->scope) {
        status = find_output(b, at, node, out_found);
        if (status || *out_found)
            return status;
    }
    if (!status && !member.source)
        status = find_open(b, scope, from, to, node, name, &member);
    if (status || !member.source)
        return status;
    *out_found = true;
    mark_outer(at, scope);
    mean_column(node, member, merged);
    return RG_OK;
}

uint32_t bind_find_source(struct binder *b, struct sql_scope *scope, struct str name)
{
    struct bound_scope *bound = (struct bound_scope *)scope;
    const struct name_list names = {bound->source_names, sizeof(struct str), scope->n_sources};
    uint32_t place;
    bool again;
    return sql_names_find(b->arena, &bound->source_index, names, name, &place, &again) ? place
                                                                                       : NAME_NONE;
}

static struct sql_source *find_source(struct binder *b, const struct place *at,
                                      struct sql_scope *scope, const struct sql_node *node,
                                      uint32_t *out_used)
{
    uint32_t from = scope == at->scope ? at->from : 0;
    uint32_t to = scope == at->scope ? at->to : scope->n_sources;
    uint32_t named = bind_find_source(b, scope, node->child[0]->text);
    if (named >= from && named < to && !scope->sources[named]->hidden) {
        *out_used = 1;
        return scope->sources[named];
    }
    if (node->n_child < 3)
        return NULL;
    for (uint32_t i = from; i < to; i++) { /* schema.table.column, where the table has no alias */
        struct sql_source *source = scope->sources[i];
        const struct sql_node *table = source->node;
        if (source->hidden || !sql_is(table, SQL_TABLE) || table->child[SQL_TABLE_ALIAS] ||
            table->n_child != SQL_TABLE_NAME + 2 ||
            !sql_name_equal(table->child[SQL_TABLE_NAME]->text, node->child[0]->text) ||
            !sql_name_equal(table->child[SQL_TABLE_NAME + 1]->text, node->child[1]->text))
            continue;
        *out_used = 2;
        return source;
    }
    return NULL;
}

static enum rg_status fail_not_in(struct binder *b, const struct sql_node *node,
                                  const struct sql_source *source, struct str name)
{
    struct suggestion near = {.name = name};
    enum rg_status status = bind_fail(b, node, "unknown column `" STR_FMT "` of %s", STR_ARG(name),
                                      bind_source_name(source, b->arena));
    suggest_columns(&near, source);
    bind_suggest(b, &near);
    return status;
}

/* table.column, and what is left as a path. out_source: the table, also where it lacks the column.
 */
static enum rg_status find_qualified(struct binder *b, const struct place *at,
                                     struct sql_scope *scope, struct sql_node *node,
                                     const struct sql_source **out_source, uint32_t *out_used)
{
    uint32_t used, column;
    struct sql_source *source = find_source(b, at, scope, node, &used);
    *out_source = source;
    *out_used = 0;
    if (!source)
        return RG_OK;
    enum rg_status status = bind_find_in(b, source, node, node->child[used]->text, true, &column);
    if (status || column == NAME_NONE)
        return status;
    mark_outer(at, scope);
    mean_column(node, (struct sql_member_of){source, column}, NULL);
    *out_used = used + 1;
    return RG_OK;
}

/* A bare name that is a table's means its whole row. */
static enum rg_status check_row(struct binder *b, const struct place *at,
                                const struct sql_node *node)
{
    uint32_t used;
    for (struct sql_scope *scope = at->scope; scope; scope = scope->parent) {
        if (!find_source(b, at, scope, node, &used))
            continue;
        enum rg_status status =
            sql_fail(b->err, RG_ERR_SUBSET, b->text, node->span,
                     "a whole row of `" STR_FMT "` as one value is outside the subset",
                     STR_ARG(node->child[0]->text));
        error_hint(b->err, "name the columns");
        return status;
    }
    return RG_OK;
}

static enum rg_status bind_bare(struct binder *b, const struct place *at, struct sql_node *node)
{
    bool found = false;
    if (find_lambda(b, node))
        return RG_OK;
    enum rg_status status = RG_OK;
    for (struct sql_scope *scope = at->scope; scope && !status && !found; scope = scope->parent)
        status = find_bare(b, at, scope, node, &found);
    if (!status && !found && !at->scope)
        status = find_output(b, at, node, &found);
    if (!status && !found)
        status = check_row(b, at, node);
    if (status || found)
        return status;
    node->type = sql_type_of(SQL_T_UNKNOWN);
    return b->open_columns ? RG_OK : fail_unknown_column(b, at, node, node->child[0]->text);
}

static enum rg_status bind_dotted(struct binder *b, const struct place *at, struct sql_node *node)
{
    const struct sql_source *source = NULL;
    uint32_t used = 0;
    bool found = false;
    enum rg_status status = RG_OK;
    if (find_lambda(b, node))
        return make_path(b, node, 1);
    for (struct sql_scope *scope = at->scope; scope && !status && !used; scope = scope->parent) {
        const struct sql_source *lacking;
        status = find_qualified(b, at, scope, node, &lacking, &used);
        source = source ? source : lacking;
    }
    if (status)
        return status;
    if (used)
        return make_path(b, node, used);
    /* No column of a table: a column with fields. */
    for (struct sql_scope *scope = at->scope; scope && !status && !found && !source;
         scope = scope->parent)
        status = find_bare(b, at, scope, node, &found);
    if (status)
        return status;
    if (found)
        return make_path(b, node, 1);
    node->type = sql_type_of(SQL_T_UNKNOWN);
    if (b->open_columns)
        return RG_OK;
    return source ? fail_not_in(b, node, source, node->child[1]->text)
                  : fail_unknown_source(b, at, node, node->child[0]->text);
}

/* A key of GROUP BY has the name, as a column. */
static bool is_key_name(const struct bound_scope *scope, struct str name)
{
    const struct sql_node *keys = scope->group_by;
    for (uint32_t i = 0; sql_is(keys, SQL_LIST) && i < keys->n_child; i++) {
        const struct sql_node *key = keys->child[i];
        if (sql_is(key, SQL_COLUMN) && key->source &&
            sql_name_equal(key->child[key->n_child - 1]->text, name))
            return true;
    }
    return false;
}

/* ORDER BY x means the output first; so does HAVING, unless it is a key that is called x. */
static bool output_first(const struct place *at, const struct sql_node *node)
{
    if (node->n_child != 1)
        return false;
    return (at->clause == CLAUSE_ORDER_BY && at->whole) ||
           (at->clause == CLAUSE_HAVING && !at->no_aggregates &&
            !is_key_name((const struct bound_scope *)at->scope, node->child[0]->text));
}

enum rg_status bind_column(struct binder *b, const struct place *at, struct sql_node *node)
{
    node->source = NULL;
    node->scope = NULL;
    node->column = 0;
    if (output_first(at, node)) {
        bool found;
        enum rg_status status = find_output(b, at, node, &found);
        if (status || found)
            return status;
    }
    return node->n_child == 1 ? bind_bare(b, at, node) : bind_dotted(b, at, node);
}
