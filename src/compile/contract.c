/* Parses rules/datasets.sql: CREATE TYPE … AS ENUM and CREATE TABLE, and the keys in the comments
 * above. */
#include "compile/contract.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include "base/digest.h"
#include "base/error.h"
#include "base/limits.h"
#include "base/suggest.h"
#include "sql/sql_lexer.h"

#define LAYER     "compile"
#define FILE_NAME "datasets.sql"

enum { DATASETS_MAX = 256, TYPES_MAX = 256, ENUM_VALUES_MAX = 4096 };

static const char *const plain_types[] = {"BIGINT", "INTEGER", "BOOLEAN", "DOUBLE", "VARCHAR"};

/* A token or a comment, with its text (marks and quotes included) and its place. */
struct piece {
    uint8_t kind; /* enum sql_token_kind; of comments PIECE_COMMENT */
    struct str text;
    uint32_t line, column;
};
enum { PIECE_COMMENT = 100 };

/* The `-- key: value` lines above a table. */
struct table_keys {
    struct str layer, key, sort, owner, dedupe, ids, what, stored, optional, needs;
    struct piece at; /* the last of them, for messages */
    uint32_t last_line;
};

struct contract_parser {
    struct str text;
    struct sql_tokens tokens;
    size_t n_taken, n_comments_taken;
    uint32_t byte, line, column; /* how far places are known */
    struct piece token;          /* the next one that is no comment */
    struct piece comment; /* the last comment skipped on the way to it; kind SQL_TOKEN_END: none */
    struct table_keys keys;
    struct arena *arena;
    struct contracts *out;
    struct rg_error *err;
};

RG_PRINTF(3, 4)
static enum rg_status parser_fail(struct contract_parser *p, const struct piece *at,
                                  const char *format, ...)
{
    char message[256];
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    enum rg_status status = error_set(p->err, RG_ERR_PARSE, LAYER, "%s", message);
    error_place(p->err, FILE_NAME, at->line, at->column);
    return status;
}

static void hint_suggestion(struct rg_error *err, const struct suggestion *suggestion)
{
    if (suggestion->best.ptr)
        error_hint(err, "did you mean `" STR_FMT "`?", STR_ARG(suggestion->best));
}

/* One word and a colon: a key. */
static bool split_key(struct str text, struct str *out_key, struct str *out_value)
{
    size_t n = 0;
    while (n < text.len && (islower((unsigned char)text.ptr[n]) || text.ptr[n] == '_'))
        n++;
    if (n == 0 || n == text.len || text.ptr[n] != ':')
        return false;
    *out_key = (struct str){text.ptr, n};
    *out_value = str_trim((struct str){text.ptr + n + 1, text.len - n - 1});
    return true;
}

static enum rg_status take_comment(struct contract_parser *p, const struct piece *comment)
{
    struct table_keys *keys = &p->keys;
    if (comment->line != keys->last_line + 1) /* behind an empty line another block begins */
        *keys = (struct table_keys){.last_line = 0};
    keys->last_line = comment->line;
    keys->at = *comment;
    struct str text = str_trim((struct str){comment->text.ptr + 2, comment->text.len - 2});
    struct str key, value;
    if (!split_key(text, &key, &value)) {
        if (!keys->what.ptr)
            keys->what = text;
        else if (!keys->layer.ptr) /* the lines of a description follow each other */
            keys->what.len = (size_t)(text.ptr + text.len - keys->what.ptr);
        return RG_OK;
    }
    struct {
        const char *name;
        struct str *slot;
    } known[] = {{"layer", &keys->layer},   {"key", &keys->key},           {"sort", &keys->sort},
                 {"owner", &keys->owner},   {"dedupe", &keys->dedupe},     {"ids", &keys->ids},
                 {"stored", &keys->stored}, {"optional", &keys->optional}, {"needs", &keys->needs}};
    struct suggestion near = {.name = key};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        suggest_offer(&near, str_of(known[i].name));
        if (str_is(key, known[i].name)) {
            *known[i].slot = value;
            return RG_OK;
        }
    }
    enum rg_status status = parser_fail(p, comment, "unknown key `" STR_FMT "`", STR_ARG(key));
    hint_suggestion(p->err, &near);
    return status;
}

static bool piece_is_symbol(const struct piece *piece, char symbol)
{
    return piece->kind == SQL_TOKEN_SYMBOL && piece->text.len == 1 && piece->text.ptr[0] == symbol;
}

/* The word is in capitals; the piece may have any case. */
static bool piece_is_word(const struct piece *piece, const char *word)
{
    return piece->kind == SQL_TOKEN_WORD && piece->text.len == strlen(word) &&
           strncasecmp(piece->text.ptr, word, piece->text.len) == 0;
}

/* Pieces come in the order of the text, so a place is never far from the one before. */
static struct piece piece_at(struct contract_parser *p, uint8_t kind, uint32_t start, uint32_t end)
{
    for (; p->byte < start; p->byte++) {
        bool line_ends = p->text.ptr[p->byte] == '\n';
        p->line += line_ends;
        p->column = line_ends ? 1 : p->column + 1;
    }
    return (struct piece){kind, {p->text.ptr + start, end - start}, p->line, p->column};
}

static struct piece next_piece(struct contract_parser *p)
{
    const struct sql_token *token = &p->tokens.tokens[p->n_taken];
    if (p->n_comments_taken < p->tokens.n_comments) {
        struct sql_span span = p->tokens.comments[p->n_comments_taken].span;
        if (span.start < token->start || token->kind == SQL_TOKEN_END) {
            p->n_comments_taken++;
            return piece_at(p, PIECE_COMMENT, span.start, span.end);
        }
    }
    p->n_taken += token->kind != SQL_TOKEN_END;
    return piece_at(p, token->kind, token->start, token->end);
}

/* To the next token of code; comments on the way become keys. */
static enum rg_status advance(struct contract_parser *p)
{
    p->comment = (struct piece){.kind = SQL_TOKEN_END};
    for (;;) {
        p->token = next_piece(p);
        if (p->token.kind == SQL_TOKEN_BAD)
            return parser_fail(p, &p->token, "a quote or comment that does not end");
        if (p->token.kind != PIECE_COMMENT)
            return RG_OK;
        /* Behind code on the same line it is the documentation of a column, not a key. */
        if (p->comment.kind == SQL_TOKEN_END)
            p->comment = p->token;
        if (p->token.column == 1) {
            enum rg_status status = take_comment(p, &p->token);
            if (status)
                return status;
        }
    }
}

static enum rg_status expect_symbol(struct contract_parser *p, char symbol)
{
    if (!piece_is_symbol(&p->token, symbol))
        return parser_fail(p, &p->token, "`%c` expected, not `" STR_FMT "`", symbol,
                           STR_ARG(p->token.text));
    return advance(p);
}

static enum rg_status expect_word(struct contract_parser *p, const char *word)
{
    if (!piece_is_word(&p->token, word))
        return parser_fail(p, &p->token, "`%s` expected, not `" STR_FMT "`", word,
                           STR_ARG(p->token.text));
    return advance(p);
}

static enum rg_status expect_name(struct contract_parser *p, const char *what, struct str *out_name)
{
    if (p->token.kind != SQL_TOKEN_WORD)
        return parser_fail(p, &p->token, "the name of a %s expected, not `" STR_FMT "`", what,
                           STR_ARG(p->token.text));
    *out_name = p->token.text;
    return advance(p);
}

#define TRY(call)                                                                                  \
    do {                                                                                           \
        enum rg_status try_ = (call);                                                              \
        if (try_)                                                                                  \
            return try_;                                                                           \
    } while (0)

static enum rg_status parse_enum(struct contract_parser *p)
{
    struct str name = {NULL, 0};
    struct piece at = p->token;
    TRY(expect_name(p, "type", &name));
    if (contracts_type(p->out, name))
        return parser_fail(p, &at, "type `" STR_FMT "` is declared twice", STR_ARG(name));
    if (p->out->n_types == TYPES_MAX)
        return parser_fail(p, &at, "more than %d types", TYPES_MAX);
    TRY(expect_word(p, "AS"));
    TRY(expect_word(p, "ENUM"));
    TRY(expect_symbol(p, '('));
    struct enum_type *type = &p->out->types[p->out->n_types];
    struct str values[ENUM_VALUES_MAX];
    size_t n = 0;
    while (!piece_is_symbol(&p->token, ')')) {
        if (n)
            TRY(expect_symbol(p, ','));
        if (p->token.kind != SQL_TOKEN_STRING || n == ENUM_VALUES_MAX)
            return parser_fail(p, &p->token, "a value in quotes expected");
        values[n++] = (struct str){p->token.text.ptr + 1, p->token.text.len - 2};
        TRY(advance(p));
    }
    TRY(expect_symbol(p, ')'));
    TRY(expect_symbol(p, ';'));
    *type = (struct enum_type){name, ARENA_ARRAY(p->arena, n, struct str), n};
    if (!type->values)
        return error_no_memory(p->err, LAYER);
    memcpy(type->values, values, n * sizeof *values);
    p->out->n_types++;
    return RG_OK;
}

static bool type_known(const struct contract_parser *p, struct str type)
{
    for (size_t i = 0; i < sizeof plain_types / sizeof *plain_types; i++)
        if (str_is(type, plain_types[i]))
            return true;
    return contracts_type(p->out, type) != NULL;
}

static enum rg_status parse_column(struct contract_parser *p, const struct dataset *dataset,
                                   struct dataset_column *column)
{
    struct piece at = p->token;
    TRY(expect_name(p, "column", &column->name));
    if (dataset_column_index(dataset, column->name) >= 0)
        return parser_fail(p, &at, "column `" STR_FMT "` is declared twice", STR_ARG(column->name));
    at = p->token;
    TRY(expect_name(p, "type", &column->type));
    if (!type_known(p, column->type)) {
        struct suggestion near = {.name = column->type};
        for (size_t i = 0; i < sizeof plain_types / sizeof *plain_types; i++)
            suggest_offer(&near, str_of(plain_types[i]));
        for (size_t i = 0; i < p->out->n_types; i++)
            suggest_offer(&near, p->out->types[i].name);
        enum rg_status status =
            parser_fail(p, &at, "unknown type `" STR_FMT "`", STR_ARG(column->type));
        hint_suggestion(p->err, &near);
        return status;
    }
    if (piece_is_word(&p->token, "NOT")) {
        TRY(advance(p));
        TRY(expect_word(p, "NULL"));
        column->not_null = true;
    }
    if (piece_is_word(&p->token, "DEFAULT")) {
        TRY(advance(p));
        if (p->token.kind != SQL_TOKEN_NUMBER && p->token.kind != SQL_TOKEN_STRING &&
            p->token.kind != SQL_TOKEN_WORD)
            return parser_fail(p, &p->token, "a constant expected behind DEFAULT");
        column->default_value = p->token.text;
        TRY(advance(p));
    }
    return RG_OK;
}

/* The comment just skipped documents the column where it stands on its line. */
static void take_column_doc(const struct contract_parser *p, uint32_t line,
                            struct dataset_column *column)
{
    if (p->comment.kind == PIECE_COMMENT && p->comment.line == line)
        column->what = str_trim((struct str){p->comment.text.ptr + 2, p->comment.text.len - 2});
}

static enum rg_status parse_columns(struct contract_parser *p, struct dataset *dataset)
{
    dataset->columns = ARENA_ARRAY(p->arena, LIMIT_DATASET_COLUMNS, struct dataset_column);
    if (!dataset->columns)
        return error_no_memory(p->err, LAYER);
    TRY(expect_symbol(p, '('));
    for (;;) {
        if (dataset->n_columns == LIMIT_DATASET_COLUMNS)
            return parser_fail(p, &p->token, "more than %d columns", LIMIT_DATASET_COLUMNS);
        struct dataset_column column = {.what = STR("")};
        uint32_t line = p->token.line;
        TRY(parse_column(p, dataset, &column));
        take_column_doc(p, line, &column);
        bool more = piece_is_symbol(&p->token, ',');
        if (more) {
            TRY(advance(p));
            take_column_doc(p, line, &column);
        }
        dataset->columns[dataset->n_columns++] = column;
        if (!more)
            break;
    }
    TRY(expect_symbol(p, ')'));
    return expect_symbol(p, ';');
}

static enum rg_status resolve_column(struct contract_parser *p, const struct dataset *dataset,
                                     const struct piece *at, struct str name, uint32_t *out_index)
{
    int index = dataset_column_index(dataset, name);
    if (index < 0 && str_eq(name, dataset->owner)) {
        *out_index = DATASET_OWNER;
        return RG_OK;
    }
    if (index >= 0) {
        *out_index = (uint32_t)index;
        return RG_OK;
    }
    struct suggestion near = {.name = name};
    for (size_t i = 0; i < dataset->n_columns; i++)
        suggest_offer(&near, dataset->columns[i].name);
    enum rg_status status = parser_fail(p, at, "dataset `" STR_FMT "` has no column `" STR_FMT "`",
                                        STR_ARG(dataset->name), STR_ARG(name));
    hint_suggestion(p->err, &near);
    return status;
}

static enum rg_status parse_key(struct contract_parser *p, struct dataset *dataset,
                                const struct table_keys *keys)
{
    dataset->key = ARENA_ARRAY(p->arena, LIMIT_DATASET_COLUMNS, uint32_t);
    if (!dataset->key)
        return error_no_memory(p->err, LAYER);
    struct str rest = keys->key;
    while (rest.ptr && rest.len && dataset->n_key < LIMIT_DATASET_COLUMNS) {
        struct str name = str_trim(str_split(&rest, ','));
        TRY(resolve_column(p, dataset, &keys->at, name, &dataset->key[dataset->n_key++]));
    }
    return RG_OK;
}

static enum rg_status parse_sort(struct contract_parser *p, struct dataset *dataset,
                                 const struct table_keys *keys)
{
    dataset->sort = ARENA_ARRAY(p->arena, LIMIT_DATASET_COLUMNS, struct dataset_order);
    if (!dataset->sort)
        return error_no_memory(p->err, LAYER);
    struct str rest = keys->sort;
    while (rest.ptr && rest.len && dataset->n_sort < LIMIT_DATASET_COLUMNS) {
        struct str item = str_trim(str_split(&rest, ','));
        struct str name = str_split(&item, ' ');
        struct dataset_order *order = &dataset->sort[dataset->n_sort++];
        item = str_trim(item);
        order->descending = str_is(item, "DESC");
        if (item.len && !order->descending)
            return parser_fail(p, &keys->at, "`" STR_FMT "` in a sort: only DESC is known",
                               STR_ARG(item));
        TRY(resolve_column(p, dataset, &keys->at, name, &order->column));
    }
    return RG_OK;
}

static enum rg_status apply_keys(struct contract_parser *p, struct dataset *dataset,
                                 const struct table_keys *keys)
{
    const struct piece *at = &keys->at;
    dataset->what = keys->what.ptr ? keys->what : STR("");
    dataset->owner = keys->owner;
    if (str_is(keys->layer, "product"))
        dataset->layer = DATASET_PRODUCT;
    else if (str_is(keys->layer, "fact"))
        dataset->layer = DATASET_FACT;
    else
        return parser_fail(p, at, "dataset `" STR_FMT "` needs `-- layer: fact` or `product`",
                           STR_ARG(dataset->name));
    if (str_is(keys->dedupe, "all"))
        dataset->dedupe = DEDUPE_ALL;
    else if (keys->dedupe.ptr && !str_is(keys->dedupe, "best"))
        return parser_fail(p, at, "`dedupe` is best or all, not `" STR_FMT "`",
                           STR_ARG(keys->dedupe));
    if (dataset->layer == DATASET_PRODUCT &&
        !(dataset->owner.ptr && keys->sort.ptr && keys->key.ptr))
        return parser_fail(p, at, "product `" STR_FMT "` needs the keys key, sort and owner",
                           STR_ARG(dataset->name));
    dataset->optional = keys->optional.ptr != NULL;
    if (dataset->optional && (!str_is(keys->optional, "yes") || dataset->layer != DATASET_PRODUCT))
        return parser_fail(p, at, "`optional` is yes, of a product, or is not there");
    dataset->needs_index = keys->needs.ptr != NULL;
    if (dataset->needs_index && !str_is(keys->needs, "index"))
        return parser_fail(p, at, "`needs` is index, or is not there");
    TRY(parse_key(p, dataset, keys));
    TRY(parse_sort(p, dataset, keys));
    dataset->has_kind =
        dataset->layer == DATASET_PRODUCT && dataset_column_index(dataset, STR("kind")) >= 0;
    if (dataset->has_kind && !str_is(dataset->name, "nodes") && !str_is(dataset->name, "edges") &&
        !str_is(dataset->name, DATASET_EVIDENCE))
        return parser_fail(p, at,
                           "product `" STR_FMT "` has a column `kind`, which is a word of nodes "
                           "and edges: name it otherwise",
                           STR_ARG(dataset->name));
    return RG_OK;
}

static enum rg_status parse_table(struct contract_parser *p)
{
    struct table_keys keys = p->keys;
    struct piece at = p->token;
    if (!keys.last_line)
        keys.at = at;
    p->keys = (struct table_keys){0}; /* the next table has its own */
    struct dataset dataset = {0};
    TRY(expect_name(p, "table", &dataset.name));
    if (contracts_find(p->out, dataset.name))
        return parser_fail(p, &at, "dataset `" STR_FMT "` is declared twice",
                           STR_ARG(dataset.name));
    if (p->out->n_datasets == DATASETS_MAX)
        return parser_fail(p, &at, "more than %d datasets", DATASETS_MAX);
    TRY(parse_columns(p, &dataset));
    TRY(apply_keys(p, &dataset, &keys));
    p->out->datasets[p->out->n_datasets++] = dataset;
    return RG_OK;
}

enum rg_status contracts_parse(struct str text, struct arena *arena,
                               struct contracts *out_contracts, struct rg_error *err)
{
    struct contract_parser parser = {
        .text = text, .line = 1, .column = 1, .arena = arena, .out = out_contracts, .err = err};
    *out_contracts = (struct contracts){
        .datasets = ARENA_ARRAY(arena, DATASETS_MAX, struct dataset),
        .types = ARENA_ARRAY(arena, TYPES_MAX, struct enum_type),
    };
    if (!out_contracts->datasets || !out_contracts->types)
        return error_no_memory(err, LAYER);
    enum rg_status status = sql_tokenize(text, SQL_DUCKDB, arena, &parser.tokens, err);
    if (!status)
        status = advance(&parser);
    while (!status && parser.token.kind != SQL_TOKEN_END) {
        status = expect_word(&parser, "CREATE");
        if (status)
            break;
        if (piece_is_word(&parser.token, "TYPE")) {
            status = advance(&parser);
            status = status ? status : parse_enum(&parser);
        } else {
            status = expect_word(&parser, "TABLE");
            status = status ? status : parse_table(&parser);
        }
    }
    free(parser.tokens.tokens);
    if (status)
        *out_contracts = (struct contracts){0};
    return status;
}

const struct dataset *contracts_find(const struct contracts *contracts, struct str name)
{
    for (size_t i = 0; i < contracts->n_datasets; i++)
        if (str_eq(contracts->datasets[i].name, name))
            return &contracts->datasets[i];
    return NULL;
}

const struct enum_type *contracts_type(const struct contracts *contracts, struct str name)
{
    for (size_t i = 0; i < contracts->n_types; i++)
        if (str_eq(contracts->types[i].name, name))
            return &contracts->types[i];
    return NULL;
}

bool contracts_left_out(const struct contracts *contracts, struct str name)
{
    for (size_t i = 0; i < contracts->n_left_out; i++)
        if (str_eq(contracts->left_out[i], name))
            return true;
    return false;
}

int dataset_column_index(const struct dataset *dataset, struct str name)
{
    for (size_t i = 0; i < dataset->n_columns; i++)
        if (str_eq(dataset->columns[i].name, name))
            return (int)i;
    return -1;
}

void dataset_fingerprint(const struct dataset *dataset, char out_hex[65])
{
    struct digest *digest = digest_new();
    if (!digest) {
        memset(out_hex, '0', 64);
        out_hex[64] = '\0';
        return;
    }
    for (size_t i = 0; i < dataset->n_columns; i++) {
        const struct dataset_column *column = &dataset->columns[i];
        digest_update(digest, column->name.ptr, column->name.len);
        digest_update(digest, "\x1f", 1);
        digest_update(digest, column->type.ptr, column->type.len);
        digest_update(digest, column->not_null ? "\x1f!\n" : "\x1f?\n", 3);
    }
    digest_finish(digest, out_hex);
}
