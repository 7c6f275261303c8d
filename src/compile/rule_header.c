/* Headers: the `-- key: value` lines at the top of a rule, and the one statement behind them. */
#include "compile/rule_parts.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/buffer.h"
#include "base/embedded.h"
#include "base/error.h"
#include "base/limits.h"
#include "base/suggest.h"
#include "sql/sql_lexer.h"

enum { KINDS_MAX = 64, TAGS_MAX = 64 };

enum header_key {
    KEY_EMITS,
    KEY_AUDIT,
    KEY_RESOLUTION,
    KEY_CONFIDENCE,
    KEY_LAYER,
    KEY_LANGUAGE,
    KEY_TAGS,
    KEY_PARAMS,
    KEY_WHY,
    KEY_UNIQUE,
    KEY_WITNESS,
    KEY_PROOF,
    KEY_FIXPOINT,
    KEY_COUNT
};

static const char *const key_names[KEY_COUNT] = {
    [KEY_EMITS] = "emits",
    [KEY_AUDIT] = "audit",
    [KEY_RESOLUTION] = "resolution",
    [KEY_CONFIDENCE] = "confidence",
    [KEY_LAYER] = "layer",
    [KEY_LANGUAGE] = "language",
    [KEY_TAGS] = "tags",
    [KEY_PARAMS] = "params",
    [KEY_WHY] = "why",
    [KEY_UNIQUE] = "unique",
    [KEY_WITNESS] = "witness",
    [KEY_PROOF] = "proof",
    [KEY_FIXPOINT] = "fixpoint",
};

/* One line of the header. */
struct header_line {
    struct str key, value;
    uint32_t line, key_column, value_column;
};

struct header {
    struct header_line lines[KEY_COUNT]; /* key.ptr NULL: not given */
};

/* `word:` at the start of a comment's text makes it a key; anything else is a remark. */
static bool split_header_line(struct str line, struct header_line *out)
{
    size_t at = 2;
    while (at < line.len && (line.ptr[at] == ' ' || line.ptr[at] == '\t'))
        at++;
    size_t end = at;
    while (end < line.len && (isalnum((unsigned char)line.ptr[end]) || line.ptr[end] == '_'))
        end++;
    /* `name: value` needs the space, so that a remark like `see https://…` is none. */
    if (end == at || end == line.len || line.ptr[end] != ':' ||
        (end + 1 < line.len && line.ptr[end + 1] != ' '))
        return false;
    out->key = (struct str){line.ptr + at, end - at};
    out->key_column = (uint32_t)at + 1;
    struct str value = {line.ptr + end + 1, line.len - end - 1};
    out->value = str_trim(value);
    out->value_column = (uint32_t)(out->value.ptr - line.ptr) + 1;
    return true;
}

static enum rg_status store_header_line(struct rule *rule, struct header *header,
                                        const struct header_line *line, struct rg_error *err)
{
    struct suggestion near = {.name = line->key};
    for (size_t i = 0; i < KEY_COUNT; i++) {
        suggest_offer(&near, str_of(key_names[i]));
        if (!str_is(line->key, key_names[i]))
            continue;
        if (header->lines[i].key.ptr)
            return rule_fail(err, rule, line->line, line->key_column, "`%s` is given twice",
                             key_names[i]);
        if (line->value.len == 0)
            return rule_fail(err, rule, line->line, line->key_column, "`%s` has no value",
                             key_names[i]);
        header->lines[i] = *line;
        return RG_OK;
    }
    enum rg_status status = rule_fail(err, rule, line->line, line->key_column,
                                      "unknown header key `" STR_FMT "`", STR_ARG(line->key));
    rule_hint_near(err, &near);
    return status;
}

/* Reads the comment lines at the top; *rest and rule->sql_line are where the statement starts. */
static enum rg_status read_header(struct rule *rule, struct str text, struct header *header,
                                  struct str *out_rest, struct rg_error *err)
{
    struct str rest = text;
    uint32_t number = 1;
    for (;; number++) {
        struct str ahead = rest;
        struct str line = str_split(&ahead, '\n');
        struct str trimmed = str_trim(line);
        bool comment = line.len >= 2 && line.ptr[0] == '-' && line.ptr[1] == '-';
        if (!comment && (trimmed.len || !ahead.ptr))
            break;
        struct header_line split = {.line = number};
        if (comment && split_header_line(line, &split)) {
            enum rg_status status = store_header_line(rule, header, &split, err);
            if (status)
                return status;
        }
        rest = ahead.ptr ? ahead : (struct str){text.ptr + text.len, 0};
        if (!ahead.ptr)
            break;
    }
    rule->sql_line = number;
    *out_rest = rest;
    return RG_OK;
}

static enum rg_status fail_no_kind(const struct rule *rule, const struct header_line *line,
                                   struct rg_error *err)
{
    bool nodes = str_is(rule->emits_dataset, "nodes");
    const char *dataset = nodes ? "nodes" : "edges";
    enum rg_status status =
        rule_fail(err, rule, line->line, line->value_column,
                  "the header does not name the kinds of `%s` that the rule makes", dataset);
    error_hint(err,
               "like `-- emits: %s %s`; where the SELECT has a column `kind`, all that it gives: "
               "`-- emits: %s %s`",
               dataset, nodes ? "METHOD" : "CALL", dataset,
               nodes ? "METHOD, TYPE_DECL" : "CALL, REF");
    return status;
}

static enum rg_status add_kind(struct rule *rule, const struct header_line *line, struct str kind,
                               struct rg_error *err)
{
    const char *dataset = str_is(rule->emits_dataset, "nodes") ? "nodes" : "edges";
    uint32_t column = (uint32_t)(kind.ptr - line->value.ptr) + line->value_column;
    if (kind.len == 0)
        return rule_fail(err, rule, line->line, column, "a kind is missing at a comma");
    if (!kind_find(dataset, kind)) {
        struct suggestion near = {.name = kind};
        for (size_t i = 0; i < kind_specs_count; i++)
            if (strcmp(kind_specs[i].dataset, dataset) == 0)
                suggest_offer(&near, str_of(kind_specs[i].name));
        enum rg_status status =
            rule_fail(err, rule, line->line, column, "unknown kind `" STR_FMT "` of %s",
                      STR_ARG(kind), dataset);
        rule_hint_near(err, &near);
        return status;
    }
    for (size_t i = 0; i < rule->n_emits_kinds; i++)
        if (str_eq(rule->emits_kinds[i], kind))
            return rule_fail(err, rule, line->line, column, "kind `" STR_FMT "` is named twice",
                             STR_ARG(kind));
    if (rule->n_emits_kinds == KINDS_MAX)
        return rule_fail(err, rule, line->line, column, "more than %d kinds", KINDS_MAX);
    rule->emits_kinds[rule->n_emits_kinds++] = kind;
    return RG_OK;
}

static bool is_rule_name(struct str name)
{
    if (name.len == 0 || name.len > 63 || isdigit((unsigned char)name.ptr[0]))
        return false;
    for (size_t i = 0; i < name.len; i++)
        if (!islower((unsigned char)name.ptr[i]) && !isdigit((unsigned char)name.ptr[i]) &&
            name.ptr[i] != '_')
            return false;
    return true;
}

/* A dataset that no declaration names is an intermediate; but one that only looks misspelt is an
 * error. */
static enum rg_status check_intermediate(const struct rule *rule, const struct contracts *contracts,
                                         const struct header_line *line, struct str kinds,
                                         struct rg_error *err)
{
    struct suggestion near = {.name = rule->emits_dataset};
    if (str_starts(rule->emits_dataset, STR(RULE_RESERVED_PREFIX)))
        return rule_fail(err, rule, line->line, line->value_column,
                         "names that begin with `" RULE_RESERVED_PREFIX "` are the compiler's own");
    for (size_t i = 0; i < contracts->n_datasets; i++)
        if (contracts->datasets[i].layer == DATASET_PRODUCT)
            suggest_offer(&near, contracts->datasets[i].name);
    if (kinds.len == 0 && (!near.best.ptr || near.distance > 1) &&
        is_rule_name(rule->emits_dataset))
        return RG_OK;
    enum rg_status status =
        rule_fail(err, rule, line->line, line->value_column, "unknown dataset `" STR_FMT "`",
                  STR_ARG(rule->emits_dataset));
    if (near.best.ptr)
        rule_hint_near(err, &near);
    else
        error_hint(err, "an intermediate has a lower-case name and no kind");
    return status;
}

static enum rg_status parse_emits(struct rule *rule, const struct header_line *line,
                                  const struct contracts *contracts, struct arena *arena,
                                  struct rg_error *err)
{
    struct str rest = line->value;
    size_t n = 0;
    while (n < rest.len && rest.ptr[n] != ' ' && rest.ptr[n] != '\t')
        n++;
    rule->emits_dataset = (struct str){rest.ptr, n};
    rest = str_trim((struct str){rest.ptr + n, rest.len - n});
    const struct dataset *dataset = contracts_find(contracts, rule->emits_dataset);
    if (!dataset)
        return check_intermediate(rule, contracts, line, rest, err);
    if (dataset->layer == DATASET_FACT)
        return rule_fail(err, rule, line->line, line->value_column,
                         "`" STR_FMT "` is a table of facts: extractors fill it, not rules",
                         STR_ARG(dataset->name));
    if (str_is(dataset->name, DATASET_EVIDENCE))
        return rule_fail(err, rule, line->line, line->value_column,
                         "`" DATASET_EVIDENCE
                         "` is filled from what several rules find for `edges`");
    rule->dataset = dataset;
    if (!dataset->has_kind) {
        if (rest.len)
            return rule_fail(err, rule, line->line, line->value_column,
                             "`" STR_FMT "` has no kinds", STR_ARG(dataset->name));
        return RG_OK;
    }
    if (rest.len == 0)
        return fail_no_kind(rule, line, err);
    rule->emits_kinds = ARENA_ARRAY(arena, KINDS_MAX, struct str);
    if (!rule->emits_kinds)
        return error_no_memory(err, COMPILE_LAYER);
    while (rest.ptr) {
        enum rg_status status = add_kind(rule, line, str_trim(str_split(&rest, ',')), err);
        if (status)
            return status;
    }
    return RG_OK;
}

static enum rg_status parse_confidence(struct rule *rule, const struct header_line *line,
                                       struct rg_error *err)
{
    char text[32], *end;
    if (is_rule_name(line->value)) {
        rule->confidence_column = line->value;
        return RG_OK;
    }
    snprintf(text, sizeof text, STR_FMT, STR_ARG(line->value));
    rule->confidence = strtod(text, &end);
    if (*end || line->value.len >= sizeof text || !(rule->confidence >= 0 && rule->confidence <= 1))
        return rule_fail(err, rule, line->line, line->value_column,
                         "`confidence` is a number from 0 to 1 or the name of a column");
    return RG_OK;
}

static enum rg_status parse_resolution(struct rule *rule, const struct header_line *line,
                                       struct rg_error *err)
{
    rule->resolution = line->value;
    if (resolution_rank(line->value) >= 0)
        return RG_OK;
    struct suggestion near = {.name = line->value};
    for (size_t i = 0; i < resolution_specs_count; i++)
        suggest_offer(&near, str_of(resolution_specs[i].name));
    enum rg_status status = rule_fail(err, rule, line->line, line->value_column,
                                      "unknown resolution `" STR_FMT "`", STR_ARG(line->value));
    rule_hint_near(err, &near);
    return status;
}

/* A language is known that has a query file; its folder's name is the language's. */
static struct str known_language(size_t i)
{
    struct str path = str_of(embedded_languages[i].name);
    return str_split(&path, '/');
}

static enum rg_status parse_language(struct rule *rule, const struct header_line *line,
                                     struct rg_error *err)
{
    struct suggestion near = {.name = line->value};
    struct buffer known = {0};
    rule->language = line->value;
    for (size_t i = 0; i < embedded_languages_count; i++) {
        if (str_eq(known_language(i), line->value)) {
            buffer_fini(&known);
            return RG_OK;
        }
        suggest_offer(&near, known_language(i));
        buffer_text(&known, i ? ", " : "");
        buffer_str(&known, known_language(i));
    }
    enum rg_status status = rule_fail(err, rule, line->line, line->value_column,
                                      "unknown language `" STR_FMT "`", STR_ARG(line->value));
    if (near.best.ptr)
        rule_hint_near(err, &near);
    else if (!known.failed)
        error_hint(err, "known: " STR_FMT, STR_ARG(buffer_view(&known)));
    buffer_fini(&known);
    return status;
}

static enum rg_status parse_tags(struct rule *rule, const struct header_line *line,
                                 struct arena *arena, struct rg_error *err)
{
    rule->tags = ARENA_ARRAY(arena, TAGS_MAX, struct str);
    if (!rule->tags)
        return error_no_memory(err, COMPILE_LAYER);
    struct str rest = line->value;
    while (rest.ptr) {
        if (rule->n_tags == TAGS_MAX)
            return rule_fail(err, rule, line->line, line->value_column, "more than %d tags",
                             TAGS_MAX);
        rule->tags[rule->n_tags++] = str_trim(str_split(&rest, ','));
    }
    return RG_OK;
}

static enum rg_status parse_unique(struct rule *rule, const struct header_line *line,
                                   struct rg_error *err)
{
    rule->unique_in_kind = str_is(line->value, "kind");
    rule->unique = rule->unique_in_kind || str_is(line->value, "yes");
    if (rule->unique || str_is(line->value, "no"))
        return RG_OK;
    return rule_fail(err, rule, line->line, line->value_column, "`unique` is yes, no or kind");
}

static enum rg_status parse_witness(struct rule *rule, const struct header_line *line,
                                    struct rg_error *err)
{
    rule->witness = str_is(line->value, "yes");
    if (!rule->witness && !str_is(line->value, "no"))
        return rule_fail(err, rule, line->line, line->value_column, "`witness` is yes or no");
    if (rule->witness && !str_is(rule->emits_dataset, "edges"))
        return rule_fail(err, rule, line->line, line->key_column,
                         "`witness` is for rules that emit edges, which are compared by source");
    return RG_OK;
}

static enum rg_status apply_header(struct rule *rule, const struct header *header,
                                   const struct contracts *contracts, struct arena *arena,
                                   struct rg_error *err)
{
    const struct header_line *lines = header->lines;
    enum rg_status status = RG_OK;
    rule->confidence = -1;
    rule->layer = lines[KEY_LAYER].value;
    rule->why = lines[KEY_WHY].value;
    rule->audit = lines[KEY_AUDIT].value;
    rule->proof = lines[KEY_PROOF].value;
    rule->fixpoint = lines[KEY_FIXPOINT].value;
    if (!lines[KEY_EMITS].key.ptr == !lines[KEY_AUDIT].key.ptr) {
        status = rule_fail(err, rule, 1, 1, "the header says not what the rule emits");
        error_hint(
            err, "a rule starts with a line like `-- emits: edges CALL`, an audit with `-- audit: "
                 "what is wrong`");
        return status;
    }
    if (lines[KEY_EMITS].key.ptr)
        status = parse_emits(rule, &lines[KEY_EMITS], contracts, arena, err);
    if (!status && lines[KEY_PARAMS].key.ptr)
        status = rule_fail(err, rule, lines[KEY_PARAMS].line, lines[KEY_PARAMS].key_column,
                           "rules take no parameters: write the values into the SELECT");
    if (!status && lines[KEY_RESOLUTION].key.ptr)
        status = parse_resolution(rule, &lines[KEY_RESOLUTION], err);
    if (!status && lines[KEY_CONFIDENCE].key.ptr)
        status = parse_confidence(rule, &lines[KEY_CONFIDENCE], err);
    if (!status && lines[KEY_LANGUAGE].key.ptr)
        status = parse_language(rule, &lines[KEY_LANGUAGE], err);
    if (!status && lines[KEY_TAGS].key.ptr)
        status = parse_tags(rule, &lines[KEY_TAGS], arena, err);
    if (!status && lines[KEY_UNIQUE].key.ptr)
        status = parse_unique(rule, &lines[KEY_UNIQUE], err);
    if (!status && lines[KEY_WITNESS].key.ptr)
        status = parse_witness(rule, &lines[KEY_WITNESS], err);
    if (!status && rule->fixpoint.ptr && !is_rule_name(rule->fixpoint))
        status = rule_fail(err, rule, lines[KEY_FIXPOINT].line, lines[KEY_FIXPOINT].value_column,
                           "`" STR_FMT "` is no name for a fixpoint", STR_ARG(rule->fixpoint));
    if (!status && rule->fixpoint.ptr && rule->audit.ptr)
        status = rule_fail(err, rule, lines[KEY_FIXPOINT].line, lines[KEY_FIXPOINT].key_column,
                           "an audit has no `fixpoint`");
    if (!status && lines[KEY_PROOF].key.ptr && !rule->audit.ptr)
        status = rule_fail(err, rule, lines[KEY_PROOF].line, lines[KEY_PROOF].key_column,
                           "only audits have a `proof`");
    return status;
}

/* An error at a byte of what stands behind the header. */
static enum rg_status fail_behind(const struct rule *rule, struct str rest, uint32_t byte,
                                  const char *message, struct rg_error *err)
{
    uint32_t line, column;
    sql_place(rest, byte, &line, &column);
    return rule_fail(err, rule, rule->sql_line + line - 1, column, "%s", message);
}

static enum rg_status find_statement(struct rule *rule, struct str rest,
                                     const struct sql_tokens *tokens, struct rg_error *err)
{
    uint32_t end = 0;
    long depth = 0;
    bool closed = false;
    for (size_t i = 0; i < tokens->n && tokens->tokens[i].kind != SQL_TOKEN_END; i++) {
        const struct sql_token *token = &tokens->tokens[i];
        bool symbol = token->kind == SQL_TOKEN_SYMBOL, bad = token->kind == SQL_TOKEN_BAD;
        if (bad && token->id != SQL_BAD_NUMBER && token->id != SQL_BAD_BYTE)
            return fail_behind(rule, rest, token->start, "a quote or comment that does not end",
                               err);
        if (closed)
            return fail_behind(rule, rest, token->start,
                               "more than one statement: a rule is one SELECT", err);
        closed = symbol && token->id == ';';
        if (closed)
            continue;
        depth += (symbol && token->id == '(') - (symbol && token->id == ')');
        if (depth < 0)
            return fail_behind(rule, rest, token->start, "a bracket closes that none opened", err);
        end = bad ? (uint32_t)rest.len : token->end;
        if (bad)
            depth = 0; /* nothing follows, and the parser says better what is wrong */
    }
    if (end == 0)
        return rule_fail(err, rule, rule->sql_line, 1, "no SELECT behind the header");
    if (depth > 0)
        return rule_fail(err, rule, rule->sql_line, 1, "a bracket is not closed");
    rule->sql = (struct str){rest.ptr, end};
    return RG_OK;
}

/* Exactly one statement: code up to an optional last semicolon, quotes and brackets closed. The
 * engine says whether it is a SELECT; here it is made sure that it stays one where it is put inside
 * another. */
static enum rg_status take_statement(struct rule *rule, struct str rest, struct arena *arena,
                                     struct rg_error *err)
{
    struct sql_tokens tokens;
    enum rg_status status = sql_tokenize(rest, SQL_DUCKDB, arena, &tokens, err);
    if (status)
        return status;
    status = find_statement(rule, rest, &tokens, err);
    free(tokens.tokens);
    return status;
}

enum rg_status rule_parse_text(struct rule *rule, struct str text,
                               const struct contracts *contracts, struct arena *arena,
                               struct rg_error *err)
{
    struct header header = {0};
    struct str rest;
    rule->text = text;
    if (!is_rule_name(rule->name))
        return rule_fail(err, rule, 0, 0,
                         "`" STR_FMT "` is no name for a rule: lower-case letters, digits and _, "
                         "at most 63",
                         STR_ARG(rule->name));
    if (text.len > LIMIT_RULE_BYTES)
        return rule_fail(err, rule, 0, 0, "longer than %u bytes", LIMIT_RULE_BYTES);
    enum rg_status status = read_header(rule, text, &header, &rest, err);
    if (!status)
        status = apply_header(rule, &header, contracts, arena, err);
    if (!status)
        status = take_statement(rule, rest, arena, err);
    return status ? status : rule_parse_tree(rule, arena, err);
}
