/* The vocabulary of query files: what each @word says of a node (docs/languages.md lists them). */
#include "extract/roles.h"

/* Words beyond the roles themselves and role.slot. */
static const struct word {
    const char *text;
    uint8_t form;
    uint8_t role;   /* ROLE_UNSET: keeps it */
    uint8_t access; /* ROLE_UNSET: keeps it */
    uint8_t variant;
    uint32_t flags;
} words[] = {
#define PLAIN ROLE_UNSET, ROLE_UNSET, ROLE_UNSET
    {"scope.type", FORM_TYPE_SCOPE, ROLE_TYPE_SCOPE, ROLE_UNSET, ROLE_UNSET, 0},
    {"scope.clause", FORM_CLAUSE, ROLE_UNSET, ROLE_UNSET, ASSIGN_KIND_LOOP, 0},
    {"scope.outside", FORM_NONE, PLAIN, FLAG_OUTSIDE},
    {"scope.around", FORM_NONE, PLAIN, FLAG_AROUND},
    {"scope.first_around", FORM_NONE, PLAIN, FLAG_FIRST_AROUND},
    {"definition.wrapper", FORM_WRAPPER, PLAIN, 0},
    {"definition.decorator", FORM_DECORATOR, PLAIN, 0},
    {"definition.type", FORM_TYPE_ALIAS, PLAIN, 0},
    {"definition.type_token", FORM_TYPE_TOKEN, PLAIN, 0},
    {"binding.target", FORM_NONE, ROLE_UNSET, ACCESS_WRITE, ROLE_UNSET, 0},
    {"binding.update", FORM_NONE, ROLE_UNSET, ACCESS_READWRITE, ROLE_UNSET, 0},
    {"binding.delete", FORM_NONE, ROLE_UNSET, ACCESS_DELETE, ROLE_UNSET, 0},
    {"binding.pattern", FORM_NONE, PLAIN, FLAG_PATTERN},
    {"binding.star", FORM_NONE, PLAIN, FLAG_STAR},
    {"binding.double_star", FORM_NONE, PLAIN, FLAG_DOUBLE_STAR},
    {"binding.capture", FORM_CAPTURE, PLAIN, 0},
    {"binding.export", FORM_NONE, PLAIN, FLAG_EXPORT},
    {"binding.implicit", FORM_NONE, PLAIN, FLAG_IMPLICIT},
    {"reference.type", FORM_NONE, ROLE_UNSET, ACCESS_TYPE, ROLE_UNSET, 0},
    {"reference.read", FORM_NONE, ROLE_UNSET, ACCESS_READ, ROLE_UNSET, 0},
    {"parameter.positional_mark", FORM_POSITIONAL_MARK, PLAIN, 0},
    {"parameter.keyword_mark", FORM_KEYWORD_MARK, PLAIN, 0},
    {"assign.plain", FORM_ASSIGN, ROLE_UNSET, ROLE_UNSET, ASSIGN_KIND_PLAIN, 0},
    {"assign.augmented", FORM_ASSIGN, ROLE_UNSET, ROLE_UNSET, ASSIGN_KIND_AUGMENTED, 0},
    {"assign.walrus", FORM_ASSIGN, ROLE_UNSET, ROLE_UNSET, ASSIGN_KIND_WALRUS, 0},
    {"assign.loop", FORM_ASSIGN, ROLE_UNSET, ROLE_UNSET, ASSIGN_KIND_LOOP, 0},
    {"assign.as", FORM_AS, PLAIN, 0},
    {"argument.keyword", FORM_KEYWORD_ARGUMENT, PLAIN, 0},
    {"import.from", FORM_IMPORT_FROM, ROLE_IMPORT, ROLE_UNSET, ROLE_UNSET, 0},
    {"import.future", FORM_IMPORT_FUTURE, ROLE_IMPORT, ROLE_UNSET, ROLE_UNSET, 0},
    {"import.module", FORM_IMPORT_MODULE, PLAIN, 0},
    {"import.prefix", FORM_IMPORT_PREFIX, PLAIN, 0},
    {"import.name", FORM_IMPORT_NAME, PLAIN, 0},
    {"import.alias", FORM_IMPORT_ALIAS, PLAIN, 0},
    {"import.star", FORM_IMPORT_STAR, PLAIN, 0},
    {"declare.global", FORM_GLOBAL, ROLE_DECLARE, ROLE_UNSET, ROLE_UNSET, 0},
    {"declare.nonlocal", FORM_NONLOCAL, ROLE_DECLARE, ROLE_UNSET, ROLE_UNSET, 0},
    {"literal.string", FORM_NONE, ROLE_LITERAL, ROLE_UNSET, LITERAL_TYPE_STRING, 0},
    {"literal.integer", FORM_NONE, ROLE_LITERAL, ROLE_UNSET, LITERAL_TYPE_INTEGER, 0},
    {"literal.float", FORM_NONE, ROLE_LITERAL, ROLE_UNSET, LITERAL_TYPE_FLOAT, 0},
    {"literal.boolean", FORM_NONE, ROLE_LITERAL, ROLE_UNSET, LITERAL_TYPE_BOOLEAN, 0},
    {"literal.none", FORM_NONE, ROLE_LITERAL, ROLE_UNSET, LITERAL_TYPE_NONE, 0},
    {"literal.ellipsis", FORM_NONE, ROLE_LITERAL, ROLE_UNSET, LITERAL_TYPE_ELLIPSIS, 0},
    {"literal.other", FORM_NONE, ROLE_LITERAL, ROLE_UNSET, LITERAL_TYPE_OTHER, 0},
    {"async", FORM_NONE, PLAIN, FLAG_ASYNC},
    {"token", FORM_TOKEN, PLAIN, 0},
    {"skip", FORM_SKIP, PLAIN, 0},
#undef PLAIN
};

static const char *const *vocabulary_values(const char *name)
{
    for (const struct vocabulary *v = fact_vocabularies; v->name; v++)
        if (strcmp(v->name, name) == 0)
            return v->values;
    return NULL;
}

static uint8_t number_in(const char *vocabulary, struct str text)
{
    const char *const *values = vocabulary_values(vocabulary);
    RG_ASSERT(values);
    for (uint8_t i = 0; values[i]; i++)
        if (str_is(text, values[i]))
            return i;
    return ROLE_UNSET;
}

const char *role_name(enum role role)
{
    return vocabulary_values("role")[role];
}

bool role_word(struct str word, struct role_rule *rule)
{
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        const struct word *w = &words[i];
        if (!str_is(word, w->text))
            continue;
        if (w->form != FORM_NONE)
            rule->form = w->form;
        if (w->role != ROLE_UNSET)
            rule->role = w->role;
        if (w->access != ROLE_UNSET)
            rule->access = w->access;
        if (w->variant != ROLE_UNSET)
            rule->variant = w->variant;
        rule->flags |= w->flags;
        return true;
    }
    struct str rest = word;
    uint8_t role = number_in("role", str_split(&rest, '.'));
    if (role == ROLE_UNSET)
        return false;
    if (!rest.ptr) {
        rule->role = role;
        return true;
    }
    // role.slot: the part that the node plays in a node of that role.
    uint8_t slot = number_in("slot", rest);
    if (slot != ROLE_UNSET)
        rule->slot = slot;
    return slot != ROLE_UNSET;
}
