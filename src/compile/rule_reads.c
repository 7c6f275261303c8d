/* What a SELECT reads, found by a walk over its tokens: a table is a name where FROM, JOIN or a
 * comma of a FROM clause calls for one. Asking the engine is no way: it answers only where all
 * relations exist. */
#include "compile/rule_parts.h"

#include <ctype.h>
#include <stdlib.h>

#include "base/error.h"
#include "compile/sql_token.h"

enum { DEPTH_MAX = 512, READS_MAX = 1024 };

/* One level of brackets. */
struct frame {
    bool started;      /* a token was seen in it */
    bool query;        /* begins with SELECT, FROM, WITH or VALUES */
    bool in_from;      /* inside a FROM clause */
    bool expect_table; /* the next name is a table */
    bool in_with;      /* between WITH and the SELECT */
    bool expect_cte;   /* the next name is one that WITH defines */
};

struct read_walk {
    const struct rule *rule;
    struct arena *arena;
    struct rg_error *err;
    struct sql_lexer lexer;
    struct sql_token token, ahead;
    struct frame frames[DEPTH_MAX];
    size_t depth;
    bool after_distinct; /* IS DISTINCT FROM names no table */
    struct rule_read *reads, *ctes;
    size_t n_reads, n_ctes;
};

static void walk_advance(struct read_walk *walk)
{
    walk->token = walk->ahead;
    walk->ahead = sql_lexer_next_code(&walk->lexer);
}

static enum rg_status walk_fail(struct read_walk *walk, const char *message)
{
    return rule_fail(walk->err, walk->rule, walk->rule->sql_line + walk->token.line - 1,
                     walk->token.column, "%s", message);
}

static bool is_name(const struct sql_token *token)
{
    return token->kind == SQL_WORD || token->kind == SQL_NAME;
}

static struct str lower_copy(struct arena *arena, struct str text)
{
    char *copy = arena_cstr(arena, text);
    for (size_t i = 0; copy && i < text.len; i++)
        copy[i] = (char)tolower((unsigned char)copy[i]);
    return (struct str){copy, copy ? text.len : 0};
}

static enum rg_status push_name(struct read_walk *walk, struct rule_read *list, size_t *n,
                                const struct sql_token *at, struct str name)
{
    if (*n == READS_MAX)
        return walk_fail(walk, "too many tables");
    struct str copy = lower_copy(walk->arena, name);
    if (!copy.ptr)
        return error_no_memory(walk->err, COMPILE_LAYER);
    list[(*n)++] = (struct rule_read){copy, walk->rule->sql_line + at->line - 1, at->column};
    return RG_OK;
}

/* A name (or a text, which the engine takes for a file) where a table is expected. */
static enum rg_status take_table(struct read_walk *walk, struct frame *frame)
{
    struct sql_token at = walk->token;
    struct str name = at.text;
    if (sql_token_is(&at, "LATERAL"))
        return RG_OK;
    frame->expect_table = false;
    if (sql_token_is(&at, "VALUES") ||
        (sql_token_symbol(&walk->ahead, '(') && at.kind != SQL_TEXT)) /* a table function */
        return RG_OK;
    while (sql_token_symbol(&walk->ahead, '.')) {
        walk_advance(walk);
        walk_advance(walk);
        const char *end = walk->token.text.ptr + walk->token.text.len;
        name.len = (size_t)(end - name.ptr);
    }
    return push_name(walk, walk->reads, &walk->n_reads, &at, name);
}

static bool ends_from(const struct sql_token *token)
{
    static const char *const words[] = {"SELECT", "WHERE",   "GROUP",  "HAVING",
                                        "WINDOW", "QUALIFY", "ORDER",  "LIMIT",
                                        "OFFSET", "UNION",   "EXCEPT", "INTERSECT"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (sql_token_is(token, words[i]))
            return true;
    return false;
}

static void start_frame(struct frame *frame, const struct sql_token *token)
{
    frame->started = true;
    frame->in_with = frame->expect_cte = sql_token_is(token, "WITH");
    frame->query = frame->in_with || sql_token_is(token, "SELECT") || sql_token_is(token, "FROM") ||
                   sql_token_is(token, "VALUES");
    /* Brackets in a FROM clause hold a query, or tables as if they were not there. */
    if (frame->query)
        frame->in_from = frame->expect_table = false;
}

static enum rg_status walk_word(struct read_walk *walk, struct frame *frame)
{
    const struct sql_token *token = &walk->token;
    if (frame->expect_cte) {
        if (sql_token_is(token, "WITH") || sql_token_is(token, "RECURSIVE"))
            return RG_OK;
        frame->expect_cte = false;
        return push_name(walk, walk->ctes, &walk->n_ctes, token, token->text);
    }
    if (token->kind == SQL_WORD && frame->query && ends_from(token)) {
        frame->in_from = frame->expect_table = frame->in_with = false;
        return RG_OK;
    }
    if (frame->query && sql_token_is(token, "FROM") && !walk->after_distinct) {
        frame->in_from = frame->expect_table = true;
        frame->in_with = false;
        return RG_OK;
    }
    if (frame->in_from && sql_token_is(token, "JOIN")) {
        frame->expect_table = true;
        return RG_OK;
    }
    return frame->expect_table ? take_table(walk, frame) : RG_OK;
}

static enum rg_status walk_symbol(struct read_walk *walk, struct frame *frame)
{
    switch (walk->token.text.ptr[0]) {
    case '(':
    case '[':
    case '{':
        if (walk->depth + 1 == DEPTH_MAX)
            return walk_fail(walk, "brackets are nested too deeply");
        walk->frames[++walk->depth] = (struct frame){
            .in_from = frame->expect_table,
            .expect_table = frame->expect_table,
        };
        frame->expect_table = false;
        break;
    case ')':
    case ']':
    case '}':
        if (walk->depth)
            walk->depth--;
        break;
    case ',':
        frame->expect_table = frame->in_from;
        frame->expect_cte = frame->in_with;
        break;
    default:
        break;
    }
    return RG_OK;
}

static enum rg_status walk_all(struct read_walk *walk)
{
    enum rg_status status = RG_OK;
    sql_lexer_init(&walk->lexer, walk->rule->sql);
    walk->ahead = sql_lexer_next_code(&walk->lexer);
    for (walk_advance(walk); !status && walk->token.kind != SQL_END; walk_advance(walk)) {
        struct frame *frame = &walk->frames[walk->depth];
        bool distinct = sql_token_is(&walk->token, "DISTINCT");
        if (!frame->started)
            start_frame(frame, &walk->token);
        if (is_name(&walk->token))
            status = walk_word(walk, frame);
        else if (walk->token.kind == SQL_TEXT && frame->expect_table)
            status = take_table(walk, frame);
        else if (walk->token.kind == SQL_SYMBOL)
            status = walk_symbol(walk, frame);
        walk->after_distinct = distinct;
    }
    return status;
}

enum rg_status rule_list_reads(const struct rule *rule, struct arena *arena,
                               struct rule_read **out_reads, size_t *out_n_reads,
                               struct rg_error *err)
{
    struct read_walk *walk = ARENA_NEW(arena, struct read_walk);
    *out_reads = NULL;
    *out_n_reads = 0;
    if (!walk)
        return error_no_memory(err, COMPILE_LAYER);
    walk->rule = rule;
    walk->arena = arena;
    walk->err = err;
    walk->reads = ARENA_ARRAY(arena, READS_MAX, struct rule_read);
    walk->ctes = ARENA_ARRAY(arena, READS_MAX, struct rule_read);
    if (!walk->reads || !walk->ctes)
        return error_no_memory(err, COMPILE_LAYER);
    enum rg_status status = walk_all(walk);
    if (status)
        return status;
    size_t kept = 0;
    for (size_t i = 0; i < walk->n_reads; i++) {
        bool cte = false;
        for (size_t j = 0; j < walk->n_ctes && !cte; j++)
            cte = str_eq(walk->reads[i].name, walk->ctes[j].name);
        if (!cte)
            walk->reads[kept++] = walk->reads[i];
    }
    *out_reads = walk->reads;
    *out_n_reads = kept;
    return RG_OK;
}

static int by_name(const void *a, const void *b)
{
    return str_cmp(((const struct rule_read *)a)->name, ((const struct rule_read *)b)->name);
}

enum rg_status rule_find_reads(struct rule *rule, struct arena *arena, struct rg_error *err)
{
    struct arena scratch = {0};
    struct rule_read *reads;
    size_t n;
    enum rg_status status = rule_list_reads(rule, &scratch, &reads, &n, err);
    if (status)
        goto out;
    rule->n_reads = 0;
    rule->reads = ARENA_ARRAY(arena, n, struct str);
    rule->reads_twice = ARENA_ARRAY(arena, n, bool);
    if (!rule->reads || !rule->reads_twice) {
        status = error_no_memory(err, COMPILE_LAYER);
        goto out;
    }
    qsort(reads, n, sizeof *reads, by_name);
    for (size_t i = 0; i < n; i++) {
        if (i && by_name(&reads[i - 1], &reads[i]) == 0) {
            rule->reads_twice[rule->n_reads - 1] = true;
            continue;
        }
        struct str copy = arena_str(arena, reads[i].name);
        if (!copy.ptr) {
            status = error_no_memory(err, COMPILE_LAYER);
            goto out;
        }
        rule->reads[rule->n_reads++] = copy;
    }
out:
    arena_fini(&scratch);
    return status;
}
