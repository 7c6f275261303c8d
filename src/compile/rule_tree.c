/* From a rule's SELECT to its tree, and from the tree to what it reads: every table that FROM names
 * and no WITH around it defines. */
#include "compile/rule_parts.h"

#include <ctype.h>
#include <stdlib.h>

#include "base/buffer.h"
#include "base/error.h"
#include "sql/sql_lexer.h"

static enum rg_status no_memory(struct rg_error *err)
{
    return error_no_memory(err, COMPILE_LAYER);
}

/* --- Parsing -------------------------------------------------------------------------------- */

enum rg_status rule_parse_tree(struct rule *rule, struct arena *arena, struct rg_error *err)
{
    struct rg_error why = {.status = RG_OK};
    enum rg_status status =
        sql_parse(rule->sql, SQL_DUCKDB, SQL_PARSE_QUERY, arena, &rule->parsed, &why);
    if (status == RG_OK) {
        /* What stands behind the query (a semicolon, a comment) is not part of it. */
        rule->sql.len = rule->parsed.root->span.end;
        return RG_OK;
    }
    rule->parsed = (struct sql_text){.root = NULL};
    if (status != RG_ERR_SUBSET)
        return rule_fail_with(err, rule, &why);
    rule->opaque = true;
    rule->opaque_why = ARENA_NEW(arena, struct rg_error);
    if (!rule->opaque_why)
        return no_memory(err);
    (void)rule_fail_with(rule->opaque_why, rule, &why);
    return RG_OK;
}

/* --- Reads ---------------------------------------------------------------------------------- */

struct read_walk {
    struct arena *arena;
    struct rule_read *reads;
    size_t n_reads, reads_capacity;
    struct str *ctes; /* visible here, innermost last */
    size_t n_ctes, ctes_capacity;
    bool failed;
};

static struct str lower_copy(struct arena *arena, struct str text)
{
    char *copy = arena_cstr(arena, text);
    for (size_t i = 0; copy && i < text.len; i++)
        copy[i] = (char)tolower((unsigned char)copy[i]);
    return (struct str){copy, copy ? text.len : 0};
}

/* Lower-case unless it was quoted. */
static struct str ident_name(struct read_walk *walk, struct str text, uint32_t flags)
{
    return flags & SQL_FLAG_QUOTED ? text : lower_copy(walk->arena, text);
}

static void push_read(struct read_walk *walk, struct rule_read read)
{
    if (walk->n_reads == walk->reads_capacity) {
        size_t capacity = walk->reads_capacity ? 2 * walk->reads_capacity : 16;
        struct rule_read *grown =
            arena_grow(walk->arena, walk->reads, walk->n_reads, capacity, sizeof *grown);
        walk->failed = walk->failed || !grown;
        if (!grown)
            return;
        walk->reads = grown;
        walk->reads_capacity = capacity;
    }
    walk->reads[walk->n_reads++] = read;
}

static void push_cte(struct read_walk *walk, const struct sql_node *cte)
{
    struct str name = ident_name(walk, cte->text, cte->flags);
    if (walk->n_ctes == walk->ctes_capacity) {
        size_t capacity = walk->ctes_capacity ? 2 * walk->ctes_capacity : 16;
        struct str *grown =
            arena_grow(walk->arena, walk->ctes, walk->n_ctes, capacity, sizeof *grown);
        walk->failed = walk->failed || !grown;
        if (!grown)
            return;
        walk->ctes = grown;
        walk->ctes_capacity = capacity;
    }
    walk->ctes[walk->n_ctes++] = name;
}

static bool is_cte(const struct read_walk *walk, struct str name)
{
    for (size_t i = 0; i < walk->n_ctes; i++)
        if (str_eq(walk->ctes[i], name))
            return true;
    return false;
}

static void walk_table(struct read_walk *walk, struct sql_node *table)
{
    struct buffer name = {0};
    uint32_t parts = table->n_child - SQL_TABLE_NAME;
    for (uint32_t i = SQL_TABLE_NAME; i < table->n_child; i++) {
        const struct sql_node *part = table->child[i];
        struct str text = ident_name(walk, part->text, part->flags);
        walk->failed = walk->failed || !text.ptr;
        if (i > SQL_TABLE_NAME)
            buffer_char(&name, '.');
        buffer_str(&name, text);
    }
    struct str copy = arena_str(walk->arena, buffer_view(&name));
    walk->failed = walk->failed || name.failed || !copy.ptr;
    buffer_fini(&name);
    if (walk->failed || (parts == 1 && is_cte(walk, copy)))
        return;
    struct sql_span span = table->span;
    if (parts) {
        span.start = table->child[SQL_TABLE_NAME]->span.start;
        span.end = table->child[table->n_child - 1]->span.end;
    }
    push_read(walk, (struct rule_read){copy, span, table});
}

static void walk_node(struct read_walk *walk, struct sql_node *node);

/* The names that WITH defines are known in what follows it, under RECURSIVE in all of it. */
static void walk_query(struct read_walk *walk, struct sql_node *query)
{
    size_t outer = walk->n_ctes;
    struct sql_node *with = query->child[SQL_QUERY_WITH];
    bool recursive = with && sql_flag(with, SQL_FLAG_RECURSIVE);
    for (uint32_t i = 0; recursive && i < with->n_child; i++)
        push_cte(walk, with->child[i]);
    for (uint32_t i = 0; with && i < with->n_child; i++) {
        walk_node(walk, with->child[i]->child[SQL_CTE_QUERY]);
        if (!recursive)
            push_cte(walk, with->child[i]);
    }
    for (uint32_t i = SQL_QUERY_BODY; i < query->n_child; i++)
        walk_node(walk, query->child[i]);
    walk->n_ctes = outer;
}

static void walk_node(struct read_walk *walk, struct sql_node *node)
{
    if (!node || walk->failed)
        return;
    if (node->kind == SQL_QUERY) {
        walk_query(walk, node);
        return;
    }
    if (node->kind == SQL_TABLE)
        walk_table(walk, node);
    for (uint32_t i = 0; i < node->n_child; i++)
        walk_node(walk, node->child[i]);
}

/* Without a tree every word that is a relation's name counts: too many at worst. */
static void walk_words(struct read_walk *walk, struct str sql,
                       bool (*is_relation)(void *context, struct str name), void *context)
{
    struct sql_tokens tokens = {0};
    walk->failed = sql_tokenize(sql, SQL_DUCKDB, walk->arena, &tokens, NULL) != RG_OK;
    for (size_t i = 0; i < tokens.n && !walk->failed; i++) {
        const struct sql_token *token = &tokens.tokens[i];
        uint32_t quote = token->kind == SQL_TOKEN_NAME;
        if (token->kind != SQL_TOKEN_WORD && !quote)
            continue;
        struct sql_span span = {token->start + quote, token->end - quote};
        struct str name =
            lower_copy(walk->arena, (struct str){sql.ptr + span.start, span.end - span.start});
        walk->failed = !name.ptr;
        if (!walk->failed && is_relation(context, name))
            push_read(walk, (struct rule_read){name, span, NULL});
    }
    free(tokens.tokens);
}

static int by_place(const void *a, const void *b)
{
    uint32_t x = ((const struct rule_read *)a)->span.start;
    uint32_t y = ((const struct rule_read *)b)->span.start;
    return (x > y) - (x < y);
}

enum rg_status rule_list_reads(const struct rule *rule,
                               bool (*is_relation)(void *context, struct str name), void *context,
                               struct arena *arena, struct rule_read **out_reads,
                               size_t *out_n_reads, struct rg_error *err)
{
    struct read_walk walk = {.arena = arena};
    if (rule->opaque)
        walk_words(&walk, rule->sql, is_relation, context);
    else
        walk_node(&walk, rule->parsed.root);
    if (walk.n_reads)
        qsort(walk.reads, walk.n_reads, sizeof *walk.reads, by_place);
    *out_reads = walk.reads;
    *out_n_reads = walk.failed ? 0 : walk.n_reads;
    return walk.failed ? no_memory(err) : RG_OK;
}
