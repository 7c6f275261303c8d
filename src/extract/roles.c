/* The compiler of query files: one pass of a small parser, each pattern becoming one rule that is
 * hung under its key. Words are in role_words.c. */
#include "extract/roles.h"

#include <stdlib.h>

#include "base/buffer.h"
#include "kernels/stable_hash.h"

enum { RULES_MAX = 4096, TEXTS_MAX = 4096, TOKEN_ROWS_MAX = 512, PLACE_MAX = 1000 };

struct compiler {
    struct role_table *table;
    const char *file;
    struct str text;
    size_t at;
    uint32_t line;
    size_t line_start;
    size_t n_rules, n_texts, n_attributes, n_token_rows;
    size_t rules_capacity, texts_capacity, attributes_capacity;
    struct rg_error *err;
};

/* A place in the file, for messages. */
struct place {
    uint32_t line, column;
};

/* One pattern while it is read. */
struct pattern {
    struct place place;
    uint16_t kind; /* symbol */
    bool has_child, child_is_token;
    uint16_t child; /* symbol, 0 for any */
    uint16_t field; /* 0 for any */
    struct role_rule rule;
    unsigned outer_words, child_words, settings;
    bool has_place;
};

static enum rg_status fail(struct compiler *c, struct place place, const char *what,
                           struct str name)
{
    if (name.ptr)
        error_set(c->err, RG_ERR_PARSE, "roles", "%s: %u:%u: %s '" STR_FMT "'", c->file, place.line,
                  place.column, what, (int)(name.len < 200 ? name.len : 200), name.ptr);
    else
        error_set(c->err, RG_ERR_PARSE, "roles", "%s: %u:%u: %s", c->file, place.line, place.column,
                  what);
    error_place(c->err, c->file, place.line, place.column);
    return RG_ERR_PARSE;
}

static const struct str NO_NAME = {NULL, 0};

/* --- Characters and words --------------------------------------------------------------------- */

static struct place here(const struct compiler *c)
{
    return (struct place){c->line, (uint32_t)(c->at - c->line_start) + 1};
}

static char peek(const struct compiler *c)
{
    return c->at < c->text.len ? c->text.ptr[c->at] : '\0';
}

static void skip_blanks(struct compiler *c)
{
    while (c->at < c->text.len) {
        char ch = c->text.ptr[c->at];
        if (ch == ';') {
            while (c->at < c->text.len && c->text.ptr[c->at] != '\n')
                c->at++;
        } else if (ch == '\n') {
            c->at++;
            c->line++;
            c->line_start = c->at;
        } else if (ch == ' ' || ch == '\t' || ch == '\r') {
            c->at++;
        } else {
            return;
        }
    }
}

static bool is_word(char ch)
{
    return (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z') || (ch >= '0' && ch <= '9') ||
           ch == '_' || ch == '.' || ch == '-';
}

/* The word at the cursor; empty where there is none. */
static struct str take_word(struct compiler *c)
{
    size_t start = c->at;
    while (c->at < c->text.len && is_word(c->text.ptr[c->at]))
        c->at++;
    return (struct str){c->text.ptr + start, c->at - start};
}

static enum rg_status expect(struct compiler *c, char ch)
{
    skip_blanks(c);
    if (peek(c) != ch || c->at >= c->text.len)
        return fail(c, here(c), "expected", (struct str){&ch, 1});
    c->at++;
    return RG_OK;
}

/* --- Growing lists ---------------------------------------------------------------------------- */

static void *grow(void *old, size_t *capacity, size_t count, size_t size)
{
    if (count < *capacity)
        return old;
    size_t wanted = *capacity ? *capacity * 2 : 64;
    void *grown = realloc(old, wanted * size);
    if (grown)
        *capacity = wanted;
    return grown;
}

/* Number of a text, equal ones once. */
static enum rg_status add_text(struct compiler *c, struct str text, uint16_t *out_number)
{
    for (size_t i = 1; i < c->n_texts; i++) {
        if (str_eq(c->table->texts[i], text)) {
            *out_number = (uint16_t)i;
            return RG_OK;
        }
    }
    if (c->n_texts >= TEXTS_MAX)
        return fail(c, here(c), "too many texts", NO_NAME);
    struct str *texts = grow(c->table->texts, &c->texts_capacity, c->n_texts, sizeof *texts);
    if (!texts)
        return error_no_memory(c->err, "roles");
    c->table->texts = texts;
    char *copy = malloc(text.len + 1);
    if (!copy)
        return error_no_memory(c->err, "roles");
    memcpy(copy, text.ptr, text.len);
    copy[text.len] = '\0';
    texts[c->n_texts] = (struct str){copy, text.len};
    *out_number = (uint16_t)c->n_texts++;
    return RG_OK;
}

/* A string "…" with \" and \\, as the number of a text. */
static enum rg_status take_string(struct compiler *c, uint16_t *out_number, struct str *out_text)
{
    struct place start = here(c);
    struct buffer buffer = {.bytes_max = 4096};
    c->at++;
    while (c->at < c->text.len && peek(c) != '"' && peek(c) != '\n') {
        if (peek(c) == '\\' && c->at + 1 < c->text.len)
            c->at++;
        buffer_char(&buffer, c->text.ptr[c->at++]);
    }
    enum rg_status status = RG_OK;
    if (peek(c) != '"')
        status = fail(c, start, "the string does not end on its line", NO_NAME);
    else if (buffer.failed && buffer.len + 1 < buffer.bytes_max)
        status = error_no_memory(c->err, "roles");
    else if (buffer.failed)
        status = fail(c, start, "the string is too long", NO_NAME);
    else
        status = add_text(c, buffer_view(&buffer), out_number);
    c->at++;
    buffer_fini(&buffer);
    if (status == RG_OK)
        *out_text = c->table->texts[*out_number];
    return status;
}

/* --- Names of the grammar --------------------------------------------------------------------- */

static enum rg_status find_symbol(struct compiler *c, struct place place, struct str name,
                                  bool is_named, uint16_t *out_symbol)
{
    const TSLanguage *grammar = c->table->grammar;
    TSSymbolType wanted = is_named ? TSSymbolTypeRegular : TSSymbolTypeAnonymous;
    for (uint32_t s = 1; s < c->table->n_symbols; s++) {
        if (ts_language_symbol_type(grammar, (TSSymbol)s) == wanted &&
            str_is(name, ts_language_symbol_name(grammar, (TSSymbol)s))) {
            // Of several symbols with one name the library always reports the one that it finds
            // first.
            *out_symbol =
                ts_language_symbol_for_name(grammar, name.ptr, (uint32_t)name.len, is_named);
            return RG_OK;
        }
    }
    return fail(c, place, is_named ? "the grammar has no node" : "the grammar has no token", name);
}

static enum rg_status find_field(struct compiler *c, struct place place, struct str name,
                                 uint16_t *out_field)
{
    *out_field = ts_language_field_id_for_name(c->table->grammar, name.ptr, (uint32_t)name.len);
    return *out_field ? RG_OK : fail(c, place, "the grammar has no field", name);
}

/* --- Parts of a pattern ----------------------------------------------------------------------- */

static enum rg_status parse_words(struct compiler *c, struct pattern *p, unsigned *count)
{
    for (;;) {
        skip_blanks(c);
        if (peek(c) != '@')
            return RG_OK;
        struct place place = here(c);
        c->at++;
        struct str word = take_word(c);
        if (!role_word(word, &p->rule))
            return fail(c, place, "unknown word", word);
        (*count)++;
    }
}

static enum rg_status parse_set(struct compiler *c, struct pattern *p)
{
    skip_blanks(c);
    struct place place = here(c);
    struct str key = take_word(c);
    if (key.len == 0)
        return fail(c, place, "expected a key behind #set!", NO_NAME);
    skip_blanks(c);
    if (peek(c) != '"')
        return fail(c, here(c), "expected a string as the value of", key);
    uint16_t value;
    struct str text;
    enum rg_status status = take_string(c, &value, &text);
    if (status != RG_OK)
        return status;
    p->settings++;
    if (str_is(key, "operator")) {
        p->rule.operator_name = value;
    } else if (str_is(key, "operator.many")) {
        p->rule.operator_many = value;
    } else if (str_is(key, "name")) {
        p->rule.name = value;
    } else {
        struct role_table *table = c->table;
        struct role_attribute *grown =
            grow(table->attributes, &c->attributes_capacity, c->n_attributes, sizeof *grown);
        if (!grown)
            return error_no_memory(c->err, "roles");
        table->attributes = grown;
        uint16_t number;
        status = add_text(c, key, &number);
        if (status != RG_OK)
            return status;
        if (c->n_attributes >= UINT16_MAX)
            return fail(c, place, "too many attributes", NO_NAME);
        if (p->rule.n_attributes == 0)
            p->rule.attributes = (uint16_t)c->n_attributes;
        grown[c->n_attributes++] = (struct role_attribute){number, value};
        p->rule.n_attributes++;
    }
    return RG_OK;
}

static enum rg_status parse_place(struct compiler *c, struct pattern *p)
{
    skip_blanks(c);
    struct place place = here(c);
    struct str digits = take_word(c);
    int value = 0;
    for (size_t i = 0; i < digits.len; i++) {
        if (digits.ptr[i] < '0' || digits.ptr[i] > '9' || value > PLACE_MAX)
            return fail(c, place, "expected a small number behind #place!, got", digits);
        value = value * 10 + (digits.ptr[i] - '0');
    }
    if (digits.len == 0)
        return fail(c, place, "expected a number behind #place!", NO_NAME);
    p->rule.place = (int16_t)value;
    p->has_place = true;
    return RG_OK;
}

/* Behind "(#". */
static enum rg_status parse_predicate(struct compiler *c, struct pattern *p)
{
    struct place place = here(c);
    size_t start = c->at;
    while (c->at < c->text.len && (is_word(peek(c)) || peek(c) == '!' || peek(c) == '?'))
        c->at++;
    struct str name = {c->text.ptr + start, c->at - start};
    enum rg_status status = RG_OK;
    if (str_is(name, "set!")) {
        status = parse_set(c, p);
    } else if (str_is(name, "place!")) {
        status = parse_place(c, p);
    } else if (str_is(name, "eq?")) {
        skip_blanks(c);
        if (peek(c) == '@') {
            c->at++;
            take_word(c);
        }
        skip_blanks(c);
        struct str text;
        if (peek(c) != '"')
            return fail(c, here(c), "expected @word \"text\" behind #eq?", NO_NAME);
        status = take_string(c, &p->rule.literal, &text);
    } else {
        return fail(c, place, "unknown predicate, expected set!, place! or eq?:", name);
    }
    return status == RG_OK ? expect(c, ')') : status;
}

/* "(kind)" or "(_)" below a kind, behind its "(". */
static enum rg_status parse_child_node(struct compiler *c, struct pattern *p)
{
    skip_blanks(c);
    struct place place = here(c);
    struct str kind = take_word(c);
    enum rg_status status = RG_OK;
    if (!str_is(kind, "_"))
        status = find_symbol(c, place, kind, true, &p->child);
    if (status == RG_OK)
        status = expect(c, ')');
    return status == RG_OK ? parse_words(c, p, &p->child_words) : status;
}

static enum rg_status parse_child_token(struct compiler *c, struct pattern *p)
{
    struct place place = here(c);
    uint16_t number;
    struct str text;
    enum rg_status status = take_string(c, &number, &text);
    if (status == RG_OK)
        status = find_symbol(c, place, text, false, &p->child);
    p->child_is_token = true;
    return status == RG_OK ? parse_words(c, p, &p->child_words) : status;
}

static enum rg_status parse_child(struct compiler *c, struct pattern *p)
{
    struct place place = here(c);
    if (p->has_child)
        return fail(c, place, "a pattern has one child at most", NO_NAME);
    p->has_child = true;
    enum rg_status status = RG_OK;
    if (is_word(peek(c))) {
        struct str field = take_word(c);
        status = expect(c, ':');
        if (status == RG_OK)
            status = find_field(c, place, field, &p->field);
        skip_blanks(c);
    }
    if (status != RG_OK)
        return status;
    if (peek(c) == '"')
        return parse_child_token(c, p);
    if (peek(c) != '(')
        return fail(c, here(c), "expected (kind), (_) or a token", NO_NAME);
    c->at++;
    return parse_child_node(c, p);
}

/* "(kind child? predicates…)", behind its "(" and up to its ")". */
static enum rg_status parse_kind(struct compiler *c, struct pattern *p)
{
    skip_blanks(c);
    struct place place = here(c);
    struct str kind = take_word(c);
    if (kind.len == 0)
        return fail(c, place, "expected the kind of a node", NO_NAME);
    enum rg_status status = find_symbol(c, place, kind, true, &p->kind);
    while (status == RG_OK) {
        skip_blanks(c);
        if (peek(c) == ')' || c->at >= c->text.len)
            break;
        if (peek(c) == '(' && c->at + 1 < c->text.len && c->text.ptr[c->at + 1] == '#') {
            c->at += 2;
            status = parse_predicate(c, p);
        } else {
            status = parse_child(c, p);
        }
    }
    return status == RG_OK ? expect(c, ')') : status;
}

/* --- From patterns to rules ------------------------------------------------------------------- */

static enum rg_status check_pattern(struct compiler *c, const struct pattern *p)
{
    if (p->outer_words + p->child_words + p->settings == 0)
        return fail(c, p->place, "the pattern says nothing: it has neither @word nor #set!",
                    NO_NAME);
    if (p->outer_words && p->child_words)
        return fail(c, p->place, "words on a node and on its child: write two patterns", NO_NAME);
    if (p->has_place && (!p->child_words || p->field || p->child_is_token))
        return fail(c, p->place, "#place! is for a node without a field that has words", NO_NAME);
    return RG_OK;
}

/* The list that a pattern's rule hangs in. */
static enum rg_status find_key(struct compiler *c, const struct pattern *p, uint16_t **out_key)
{
    struct role_table *t = c->table;
    if (!p->has_child) {
        *out_key = &t->base[p->kind];
    } else if (p->child_is_token) {
        if (t->token_rows[p->kind] == 0) {
            if (c->n_token_rows >= TOKEN_ROWS_MAX)
                return fail(c, p->place, "too many kinds with tokens", NO_NAME);
            size_t rows = c->n_token_rows + 1;
            uint16_t *grown = realloc(t->tokens, rows * t->n_symbols * sizeof *grown);
            if (!grown)
                return error_no_memory(c->err, "roles");
            memset(grown + c->n_token_rows * t->n_symbols, 0, t->n_symbols * sizeof *grown);
            t->tokens = grown;
            t->token_rows[p->kind] = (uint16_t)c->n_token_rows;
            c->n_token_rows++;
        }
        *out_key = &t->tokens[(size_t)t->token_rows[p->kind] * t->n_symbols + p->child];
    } else if (p->field) {
        *out_key = &t->edges[(size_t)p->kind * (t->n_fields + 1) + p->field];
    } else if (p->has_place) {
        *out_key = &t->edges[(size_t)p->kind * (t->n_fields + 1)];
    } else {
        *out_key = &t->any[p->kind];
    }
    return RG_OK;
}

static enum rg_status add_rule(struct compiler *c, struct pattern *p)
{
    struct role_table *t = c->table;
    if (c->n_rules >= RULES_MAX)
        return fail(c, p->place, "too many patterns", NO_NAME);
    struct role_rule *rules = grow(t->rules, &c->rules_capacity, c->n_rules, sizeof *rules);
    if (!rules)
        return error_no_memory(c->err, "roles");
    t->rules = rules;
    p->rule.on_parent = p->has_child && p->child_words == 0;
    p->rule.child = p->child_is_token ? 0 : p->child;
    uint16_t *key = NULL;
    enum rg_status status = find_key(c, p, &key);
    if (status != RG_OK)
        return status;
    // At the end of its list: of two patterns for one node, the later one wins.
    while (*key)
        key = &rules[*key].next;
    *key = (uint16_t)c->n_rules;
    rules[c->n_rules++] = p->rule;
    if (!p->has_child && p->rule.role == ROLE_IDENTIFIER) {
        t->is_name[p->kind] = true;
        t->name_symbol = p->kind;
    }
    return RG_OK;
}

static enum rg_status parse_pattern(struct compiler *c)
{
    struct pattern p = {
        .place = here(c),
        .rule = {.role = ROLE_UNSET,
                 .slot = ROLE_UNSET,
                 .access = ROLE_UNSET,
                 .variant = ROLE_UNSET,
                 .place = PLACE_ANY},
    };
    enum rg_status status = expect(c, '(');
    skip_blanks(c);
    bool is_group = status == RG_OK && peek(c) == '(';
    if (is_group)
        c->at++;
    if (status == RG_OK)
        status = parse_kind(c, &p);
    if (status == RG_OK)
        status = parse_words(c, &p, &p.outer_words);
    while (status == RG_OK && is_group) {
        skip_blanks(c);
        if (peek(c) != '(')
            break;
        c->at++;
        status = expect(c, '#');
        if (status == RG_OK)
            status = parse_predicate(c, &p);
    }
    if (status == RG_OK && is_group)
        status = expect(c, ')');
    if (status == RG_OK)
        status = check_pattern(c, &p);
    return status == RG_OK ? add_rule(c, &p) : status;
}

/* --- The table -------------------------------------------------------------------------------- */

/* What the id of a node starts from that is told by its kind and its field in the parent. */
static void hash_places(struct role_table *t)
{
    for (uint32_t s = 0; s <= t->n_symbols; s++) {
        uint64_t kind =
            s < t->n_symbols ? t->name_hashes[s] : stable_hash_text(STABLE_HASH_SEED, "ERROR", 5);
        for (uint32_t f = 0; f <= t->n_fields; f++) {
            const char *name = f ? ts_language_field_name_for_id(t->grammar, (TSFieldId)f) : "";
            t->place_hashes[s * (t->n_fields + 1) + f] = stable_hash_text(kind, name, strlen(name));
        }
    }
}

/* Numbers of kinds and fields in the vocabularies of all languages, and the hashes of their names.
 */
static enum rg_status number_names(struct role_table *t, struct rg_error *err)
{
    struct arena scratch = {0};
    struct vocabulary kinds, fields;
    enum rg_status status = language_kinds(&scratch, &kinds, err);
    if (status == RG_OK)
        status = language_fields(&scratch, &fields, err);
    if (status == RG_OK) {
        t->kind_of_error = language_number(&kinds, "ERROR");
        for (uint32_t s = 0; s < t->n_symbols; s++) {
            const char *name = ts_language_symbol_name(t->grammar, (TSSymbol)s);
            t->kinds[s] = name ? language_number(&kinds, name) : NULL_ENUM;
            t->name_hashes[s] =
                stable_hash_text(STABLE_HASH_SEED, name ? name : "", name ? strlen(name) : 0);
        }
        t->fields[0] = NULL_ENUM;
        for (uint32_t f = 1; f <= t->n_fields; f++) {
            const char *name = ts_language_field_name_for_id(t->grammar, (TSFieldId)f);
            t->fields[f] = language_number(&fields, name);
        }
        hash_places(t);
    }
    arena_fini(&scratch);
    return status;
}

static struct role_table *table_new(const TSLanguage *grammar)
{
    struct role_table *t = calloc(1, sizeof *t);
    if (!t)
        return NULL;
    t->grammar = grammar;
    t->n_symbols = ts_language_symbol_count(grammar);
    t->n_fields = ts_language_field_count(grammar);
    t->base = calloc(t->n_symbols, sizeof *t->base);
    t->any = calloc(t->n_symbols, sizeof *t->any);
    t->edges = calloc((size_t)t->n_symbols * (t->n_fields + 1), sizeof *t->edges);
    t->token_rows = calloc(t->n_symbols, sizeof *t->token_rows);
    t->tokens = calloc(t->n_symbols, sizeof *t->tokens);
    t->kinds = calloc(t->n_symbols, sizeof *t->kinds);
    t->fields = calloc(t->n_fields + 1, sizeof *t->fields);
    t->is_name = calloc(t->n_symbols, sizeof *t->is_name);
    t->name_hashes = calloc(t->n_symbols, sizeof *t->name_hashes);
    t->place_hashes = calloc((t->n_symbols + 1) * (t->n_fields + 1), sizeof *t->place_hashes);
    t->texts = calloc(64, sizeof *t->texts);
    t->rules = calloc(64, sizeof *t->rules);
    if (t->base && t->any && t->edges && t->token_rows && t->tokens && t->kinds && t->fields &&
        t->is_name && t->name_hashes && t->place_hashes && t->texts && t->rules)
        return t;
    role_table_free(t);
    return NULL;
}

enum rg_status role_table_compile(const TSLanguage *grammar, const char *file, struct str text,
                                  struct role_table **out_table, struct rg_error *err)
{
    *out_table = NULL;
    struct compiler c = {
        .table = table_new(grammar),
        .file = file,
        .text = text,
        .line = 1,
        .n_rules = 1,
        .n_texts = 1,
        .n_token_rows = 1,
        .rules_capacity = 64,
        .texts_capacity = 64,
        .err = err,
    };
    if (!c.table)
        return error_no_memory(err, "roles");
    enum rg_status status = number_names(c.table, err);
    skip_blanks(&c);
    while (status == RG_OK && c.at < text.len) {
        status = parse_pattern(&c);
        skip_blanks(&c);
    }
    // Text 0 stands for "none"; the others are counted so that they can be freed.
    c.table->n_texts = c.n_texts;
    if (status == RG_OK)
        *out_table = c.table;
    else
        role_table_free(c.table);
    return status;
}

void role_table_free(struct role_table *t)
{
    if (!t)
        return;
    for (size_t i = 1; t->texts && i < t->n_texts; i++)
        free((char *)(uintptr_t)t->texts[i].ptr);
    free(t->texts);
    free(t->rules);
    free(t->attributes);
    free(t->base);
    free(t->any);
    free(t->edges);
    free(t->token_rows);
    free(t->tokens);
    free(t->kinds);
    free(t->fields);
    free(t->is_name);
    free(t->name_hashes);
    free(t->place_hashes);
    free(t);
}
