/* Selectors: words by which rules are picked, and the walk along what they read and who reads them.
 */
#include "compile/rule_select.h"

#include "base/error.h"
#include "compile/rule_parts.h"
#include "base/suggest.h"

struct selecting {
    const struct rule_set *set;
    const struct rule_select_options *options;
    struct arena *arena;
    bool *rules, *audits; /* of one selector */
};

static bool has_tag(const struct rule *rule, struct str tag)
{
    for (size_t i = 0; i < rule->n_tags; i++)
        if (str_eq(rule->tags[i], tag))
            return true;
    return false;
}

/* What a rule emits, as dataset or as relation. */
static bool emits(const struct rule_set *set, size_t index, struct str what)
{
    if (str_eq(set->rules[index].emits_dataset, what))
        return true;
    const struct relation *relation = rule_set_relation(set, what);
    for (size_t i = 0; relation && i < relation->n_rules; i++)
        if (relation->rules[i] == index)
            return true;
    return false;
}

static bool cut_prefix(struct str *word, struct str prefix)
{
    if (!str_starts(*word, prefix))
        return false;
    *word = (struct str){word->ptr + prefix.len, word->len - prefix.len};
    return true;
}

enum word_kind { WORD_NAME, WORD_TAG, WORD_LAYER, WORD_LANGUAGE, WORD_EMITS, WORD_CHANGED };

static enum word_kind kind_of(struct str *word)
{
    if (cut_prefix(word, STR("tag:")))
        return WORD_TAG;
    if (cut_prefix(word, STR("layer:")))
        return WORD_LAYER;
    if (cut_prefix(word, STR("language:")))
        return WORD_LANGUAGE;
    if (cut_prefix(word, STR("emits:")))
        return WORD_EMITS;
    return str_is(*word, "changed") ? WORD_CHANGED : WORD_NAME;
}

static bool matches(const struct selecting *selecting, enum word_kind kind, struct str word,
                    const struct rule *rule, size_t index)
{
    switch (kind) {
    case WORD_TAG:
        return has_tag(rule, word);
    case WORD_LAYER:
        return str_eq(rule->layer, word);
    case WORD_LANGUAGE:
        return str_eq(rule->language, word);
    case WORD_EMITS:
        return rule->audit.ptr ? str_is(word, "audit") : emits(selecting->set, index, word);
    case WORD_CHANGED:
        return selecting->options->changed(selecting->options->context, rule);
    default:
        return str_eq(rule->name, word) ||
               (!rule->audit.ptr && rule_set_relation(selecting->set, word) &&
                emits(selecting->set, index, word));
    }
}

/* All that the chosen rules read. */
static void add_upstream(const struct selecting *selecting)
{
    const struct rule_set *set = selecting->set;
    for (bool more = true; more;) {
        more = false;
        for (size_t i = 0; i < set->n_relations; i++) {
            const struct relation *relation = &set->relations[i];
            bool wanted = false;
            for (size_t r = 0; r < relation->n_readers && !wanted; r++)
                wanted = selecting->rules[relation->readers[r]];
            for (size_t a = 0; a < set->n_audits && !wanted; a++)
                wanted = selecting->audits[a] && rule_reads(&set->audits[a], relation->dataset);
            for (size_t r = 0; r < relation->n_rules && wanted; r++) {
                more = more || !selecting->rules[relation->rules[r]];
                selecting->rules[relation->rules[r]] = true;
            }
        }
    }
}

/* All that read the chosen rules, audits included. */
static void add_downstream(const struct selecting *selecting)
{
    const struct rule_set *set = selecting->set;
    for (bool more = true; more;) {
        more = false;
        for (size_t i = 0; i < set->n_relations; i++) {
            const struct relation *relation = &set->relations[i];
            bool chosen = false;
            for (size_t r = 0; r < relation->n_rules && !chosen; r++)
                chosen = selecting->rules[relation->rules[r]];
            for (size_t r = 0; r < relation->n_readers && chosen; r++) {
                more = more || !selecting->rules[relation->readers[r]];
                selecting->rules[relation->readers[r]] = true;
            }
        }
    }
    for (size_t i = 0; i < set->n_rules; i++)
        for (size_t a = 0; a < set->n_audits && selecting->rules[i]; a++)
            if (set->rules[i].dataset && rule_reads(&set->audits[a], set->rules[i].emits_dataset))
                selecting->audits[a] = true;
}

static enum rg_status fail_unknown(const struct selecting *selecting, const char *selector,
                                   enum word_kind kind, struct str word, struct rg_error *err)
{
    const struct rule_set *set = selecting->set;
    struct suggestion near = {.name = word};
    for (size_t i = 0; i < set->n_rules; i++) {
        const struct rule *rule = &set->rules[i];
        if (kind == WORD_NAME)
            suggest_offer(&near, rule->name);
        if (kind == WORD_LAYER && rule->layer.ptr)
            suggest_offer(&near, rule->layer);
        if (kind == WORD_LANGUAGE && rule->language.ptr)
            suggest_offer(&near, rule->language);
        for (size_t t = 0; t < rule->n_tags && kind == WORD_TAG; t++)
            suggest_offer(&near, rule->tags[t]);
    }
    for (size_t i = 0; i < set->n_audits && kind == WORD_NAME; i++)
        suggest_offer(&near, set->audits[i].name);
    for (size_t i = 0; i < set->n_relations && (kind == WORD_NAME || kind == WORD_EMITS); i++) {
        suggest_offer(&near, set->relations[i].name);
        suggest_offer(&near, set->relations[i].dataset);
    }
    enum rg_status status =
        error_set(err, RG_ERR_NOT_FOUND, COMPILE_LAYER, "no rule is selected by \"%s\"", selector);
    rule_hint_near(err, &near);
    return status;
}

static void copy_marks(const struct selecting *to, const struct selecting *from)
{
    memcpy(to->rules, from->rules, to->set->n_rules * sizeof *to->rules);
    memcpy(to->audits, from->audits, to->set->n_audits * sizeof *to->audits);
}

/* Both ways start from what matched: who else reads what it reads is not meant. */
static enum rg_status add_neighbours(const struct selecting *selecting, bool up, bool down,
                                     struct rg_error *err)
{
    const struct rule_set *set = selecting->set;
    struct selecting below = *selecting;
    if (up && down) {
        below.rules = ARENA_ARRAY(selecting->arena, set->n_rules + 1, bool);
        below.audits = ARENA_ARRAY(selecting->arena, set->n_audits + 1, bool);
        if (!below.rules || !below.audits)
            return error_no_memory(err, COMPILE_LAYER);
        copy_marks(&below, selecting);
    }
    if (up)
        add_upstream(selecting);
    if (down)
        add_downstream(&below);
    for (size_t i = 0; i < set->n_rules; i++)
        selecting->rules[i] = selecting->rules[i] || below.rules[i];
    for (size_t i = 0; i < set->n_audits; i++)
        selecting->audits[i] = selecting->audits[i] || below.audits[i];
    return RG_OK;
}

static enum rg_status select_one(const struct selecting *selecting, const char *selector,
                                 struct rg_error *err)
{
    const struct rule_set *set = selecting->set;
    struct str word = str_of(selector);
    bool up = cut_prefix(&word, STR("+"));
    bool down = word.len && word.ptr[word.len - 1] == '+';
    bool any = false;
    if (down)
        word.len--;
    enum word_kind kind = kind_of(&word);
    if (kind == WORD_CHANGED && !selecting->options->changed)
        return error_set(err, RG_ERR_USAGE, COMPILE_LAYER,
                         "`changed` needs something to compare with");
    for (size_t i = 0; i < set->n_rules; i++)
        any = (selecting->rules[i] = matches(selecting, kind, word, &set->rules[i], i)) || any;
    for (size_t i = 0; i < set->n_audits; i++)
        any = (selecting->audits[i] = matches(selecting, kind, word, &set->audits[i], i)) || any;
    if (!any && kind != WORD_CHANGED)
        return fail_unknown(selecting, selector, kind, word, err);
    return add_neighbours(selecting, up, down, err);
}

enum rg_status rule_select(const struct rule_set *set, const struct rule_select_options *options,
                           struct arena *arena, struct rule_selection *out_selection,
                           struct rg_error *err)
{
    struct rule_selection *out = out_selection;
    struct selecting selecting = {
        .set = set,
        .options = options,
        .arena = arena,
        .rules = ARENA_ARRAY(arena, set->n_rules + 1, bool),
        .audits = ARENA_ARRAY(arena, set->n_audits + 1, bool),
    };
    *out = (struct rule_selection){ARENA_ARRAY(arena, set->n_rules + 1, bool),
                                   ARENA_ARRAY(arena, set->n_audits + 1, bool)};
    if (!selecting.rules || !selecting.audits || !out->rules || !out->audits)
        return error_no_memory(err, COMPILE_LAYER);
    for (size_t s = 0; s < options->n_selectors; s++) {
        enum rg_status status = select_one(&selecting, options->selectors[s], err);
        if (status)
            return status;
        for (size_t i = 0; i < set->n_rules; i++)
            out->rules[i] = out->rules[i] || selecting.rules[i];
        for (size_t i = 0; i < set->n_audits; i++)
            out->audits[i] = out->audits[i] || selecting.audits[i];
    }
    if (!options->n_selectors) {
        memset(out->rules, true, set->n_rules);
        memset(out->audits, true, set->n_audits);
    }
    return RG_OK;
}
