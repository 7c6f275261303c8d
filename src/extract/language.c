/* The table of languages, how files are told to be of one, and the vocabularies of their grammars.
 */
#include "extract/language.h"

#include <ctype.h>
#include <stdlib.h>

const TSLanguage *tree_sitter_python(void);

#ifndef RG_VERSION_GRAMMAR_PYTHON
#error "RG_VERSION_GRAMMAR_PYTHON is set by CMakeLists.txt"
#endif

const struct language languages[] = {
    {
        .name = "python",
        .patterns = (const char *const[]){".py", ".pyi", ".pyw", "SConstruct", "SConscript",
                                          "wscript", NULL},
        .shebangs = (const char *const[]){"python", "pypy", NULL},
        .grammar = tree_sitter_python,
        .query_file = "python/python.scm",
        .grammar_version = RG_VERSION_GRAMMAR_PYTHON,
        .pep263 = true,
        .joins_lines = true,
    },
};
const size_t languages_count = sizeof languages / sizeof *languages;

static bool name_fits(struct str name, struct str pattern)
{
    if (pattern.ptr[0] != '.')
        return str_eq(name, pattern);
    return name.len > pattern.len &&
           memcmp(name.ptr + name.len - pattern.len, pattern.ptr, pattern.len) == 0;
}

const struct language *language_of_name(struct str file_name)
{
    for (size_t i = 0; i < languages_count; i++)
        for (const char *const *p = languages[i].patterns; *p; p++)
            if (name_fits(file_name, str_of(*p)))
                return &languages[i];
    return NULL;
}

/* The next word of a line that is cut at blanks. */
static struct str next_word(struct str *line)
{
    while (line->len && (*line->ptr == ' ' || *line->ptr == '\t'))
        line->ptr++, line->len--;
    struct str word = {line->ptr, 0};
    while (word.len < line->len && word.ptr[word.len] != ' ' && word.ptr[word.len] != '\t')
        word.len++;
    line->ptr += word.len;
    line->len -= word.len;
    return word;
}

static struct str base_name(struct str path)
{
    for (size_t i = path.len; i > 0; i--)
        if (path.ptr[i - 1] == '/')
            return (struct str){path.ptr + i, path.len - i};
    return path;
}

/* "python", "python3", "python3.11", but not "pythonista". */
static bool interpreter_fits(struct str word, struct str interpreter)
{
    if (!str_starts(word, interpreter))
        return false;
    for (size_t i = interpreter.len; i < word.len; i++)
        if (!isdigit((unsigned char)word.ptr[i]) && word.ptr[i] != '.')
            return false;
    return true;
}

const struct language *language_of_shebang(struct str first_line)
{
    if (!str_starts(first_line, STR("#!")))
        return NULL;
    struct str rest = str_trim((struct str){first_line.ptr + 2, first_line.len - 2});
    struct str word = base_name(next_word(&rest));
    if (str_is(word, "env")) {
        // `env -S VAR=1 python3 -u`: the interpreter is the first word that is neither.
        do
            word = next_word(&rest);
        while (word.len && (word.ptr[0] == '-' || memchr(word.ptr, '=', word.len)));
        word = base_name(word);
    }
    for (size_t i = 0; word.len && i < languages_count; i++)
        for (const char *const *s = languages[i].shebangs; *s; s++)
            if (interpreter_fits(word, str_of(*s)))
                return &languages[i];
    return NULL;
}

static int compare_texts(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Sorts, and drops what is there twice. */
static void vocabulary_finish(struct vocabulary *vocabulary, const char **texts, unsigned count)
{
    qsort(texts, count, sizeof *texts, compare_texts);
    unsigned kept = 0;
    for (unsigned i = 0; i < count; i++)
        if (kept == 0 || strcmp(texts[kept - 1], texts[i]) != 0)
            texts[kept++] = texts[i];
    vocabulary->values = texts;
    vocabulary->count = kept;
}

enum rg_status language_kinds(struct arena *arena, struct vocabulary *out_kinds,
                              struct rg_error *err)
{
    size_t most = 1;
    for (size_t i = 0; i < languages_count; i++)
        most += ts_language_symbol_count(languages[i].grammar());
    const char **texts = ARENA_ARRAY(arena, most, const char *);
    *out_kinds = (struct vocabulary){.name = "syntax_kind"};
    if (!texts)
        return error_no_memory(err, "extract");
    unsigned count = 0;
    texts[count++] = "ERROR";
    for (size_t i = 0; i < languages_count; i++) {
        const TSLanguage *grammar = languages[i].grammar();
        uint32_t symbols = ts_language_symbol_count(grammar);
        for (uint32_t s = 0; s < symbols; s++)
            if (ts_language_symbol_type(grammar, (TSSymbol)s) == TSSymbolTypeRegular)
                texts[count++] = ts_language_symbol_name(grammar, (TSSymbol)s);
    }
    vocabulary_finish(out_kinds, texts, count);
    return RG_OK;
}

enum rg_status language_fields(struct arena *arena, struct vocabulary *out_fields,
                               struct rg_error *err)
{
    size_t most = 0;
    for (size_t i = 0; i < languages_count; i++)
        most += ts_language_field_count(languages[i].grammar());
    const char **texts = ARENA_ARRAY(arena, most, const char *);
    *out_fields = (struct vocabulary){.name = "syntax_field"};
    if (!texts)
        return error_no_memory(err, "extract");
    unsigned count = 0;
    for (size_t i = 0; i < languages_count; i++) {
        const TSLanguage *grammar = languages[i].grammar();
        uint32_t fields = ts_language_field_count(grammar);
        for (uint32_t f = 1; f <= fields; f++)
            texts[count++] = ts_language_field_name_for_id(grammar, (TSFieldId)f);
    }
    vocabulary_finish(out_fields, texts, count);
    return RG_OK;
}

uint16_t language_number(const struct vocabulary *vocabulary, const char *text)
{
    unsigned low = 0, high = vocabulary->count;
    while (low < high) {
        unsigned middle = low + (high - low) / 2;
        int order = strcmp(vocabulary->values[middle], text);
        if (order == 0)
            return (uint16_t)middle;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL_ENUM;
}
