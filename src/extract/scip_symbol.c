/* Symbol strings: a scanner from left to right that never goes back. */
#include "extract/scip_symbol.h"

#include "base/error.h"
#include "base/utf8.h"

static const struct str local_prefix = {"local ", 6};

struct scanner {
    struct str text;
    size_t at;
    struct arena *arena;
    size_t capacity;     /* of the symbol's descriptors */
    const char *problem; /* the first one; static */
};

/* Bit i of word i / 32: the character is one of a simple name. */
static const uint32_t plain_characters[8] = {
    [1] = 0x03FF2810, /* 0-9 + - $ */
    [2] = 0x87FFFFFE, /* A-Z _ */
    [3] = 0x07FFFFFE, /* a-z */
};

static bool is_plain(char c)
{
    unsigned char byte = (unsigned char)c;
    return plain_characters[byte / 32] >> (byte % 32) & 1;
}

static bool all_plain(struct str name)
{
    for (size_t i = 0; i < name.len; i++)
        if (!is_plain(name.ptr[i]))
            return false;
    return true;
}

static void fail(struct scanner *scanner, const char *problem)
{
    if (!scanner->problem)
        scanner->problem = problem;
}

static bool take(struct scanner *scanner, char c)
{
    if (scanner->at >= scanner->text.len || scanner->text.ptr[scanner->at] != c)
        return false;
    scanner->at++;
    return true;
}

/* The text up to a single `stop`, which is passed; two of them are one of the text. */
static struct str take_escaped(struct scanner *scanner, char stop, const char *unended)
{
    const char *text = scanner->text.ptr, *found;
    size_t start = scanner->at, at = start, doubled = 0, len = scanner->text.len;
    while ((found = memchr(text + at, stop, len - at))) {
        at = (size_t)(found - text);
        if (at + 1 == len || text[at + 1] != stop)
            break;
        doubled++;
        at += 2;
    }
    if (!found) {
        fail(scanner, unended);
        return (struct str){"", 0};
    }
    scanner->at = at + 1;
    struct str raw = {text + start, at - start};
    if (!doubled)
        return raw;
    char *plain = arena_alloc(scanner->arena, raw.len);
    if (!plain) {
        fail(scanner, "memory is out");
        return (struct str){"", 0};
    }
    size_t n = 0;
    for (size_t i = 0; i < raw.len; i++) {
        plain[n++] = raw.ptr[i];
        i += raw.ptr[i] == stop;
    }
    RG_ASSERT(n == raw.len - doubled);
    return (struct str){plain, n};
}

static struct str take_simple(struct scanner *scanner)
{
    struct str rest = {scanner->text.ptr + scanner->at, scanner->text.len - scanner->at};
    size_t n = 0;
    while (n < rest.len && is_plain(rest.ptr[n]))
        n++;
    scanner->at += n;
    return (struct str){rest.ptr, n};
}

static struct str take_name(struct scanner *scanner)
{
    struct str name = take(scanner, '`')
                          ? take_escaped(scanner, '`', "a name in backticks does not end")
                          : take_simple(scanner);
    if (!name.len)
        fail(scanner, "a descriptor has no name");
    return name;
}

/* What stands behind a name tells what it is. */
static void take_suffix(struct scanner *scanner, struct scip_name *name)
{
    static const struct {
        char suffix;
        enum scip_descriptor kind;
    } suffixes[] = {{'/', SCIP_DESCRIPTOR_NAMESPACE},
                    {'#', SCIP_DESCRIPTOR_TYPE},
                    {'.', SCIP_DESCRIPTOR_TERM},
                    {':', SCIP_DESCRIPTOR_META},
                    {'!', SCIP_DESCRIPTOR_MACRO}};
    for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++) {
        if (take(scanner, suffixes[i].suffix)) {
            name->kind = suffixes[i].kind;
            return;
        }
    }
    if (!take(scanner, '(')) {
        fail(scanner, "a descriptor has no suffix");
        return;
    }
    name->kind = SCIP_DESCRIPTOR_METHOD;
    name->disambiguator = take_simple(scanner);
    if (!take(scanner, ')') || !take(scanner, '.'))
        fail(scanner, "a method does not end in ().");
}

static void take_descriptor(struct scanner *scanner, struct scip_name *name)
{
    *name = (struct scip_name){.disambiguator = {"", 0}, .start = scanner->at};
    if (take(scanner, '(')) {
        name->kind = SCIP_DESCRIPTOR_PARAMETER;
        name->name = take_name(scanner);
        if (!take(scanner, ')'))
            fail(scanner, "a parameter does not end in )");
    } else if (take(scanner, '[')) {
        name->kind = SCIP_DESCRIPTOR_TYPE_PARAMETER;
        name->name = take_name(scanner);
        if (!take(scanner, ']'))
            fail(scanner, "a type parameter does not end in ]");
    } else {
        name->name = take_name(scanner);
        take_suffix(scanner, name);
    }
    name->end = scanner->at;
}

static bool add_descriptor(struct scanner *scanner, struct scip_symbol *symbol)
{
    enum { FEW = 4 };
    size_t n = symbol->n_descriptors;
    if (n == scanner->capacity) {
        size_t capacity = n < FEW ? FEW : 2 * n;
        struct scip_name *grown =
            arena_grow(scanner->arena, symbol->descriptors, n, capacity, sizeof *grown);
        if (!grown) {
            fail(scanner, "memory is out");
            return false;
        }
        symbol->descriptors = grown;
        scanner->capacity = capacity;
    }
    take_descriptor(scanner, &symbol->descriptors[symbol->n_descriptors++]);
    return true;
}

static void parse_local(struct scanner *scanner, struct scip_symbol *symbol)
{
    scanner->at = local_prefix.len;
    struct str id = take_simple(scanner);
    symbol->is_local = true;
    if (!id.len || scanner->at != scanner->text.len) {
        fail(scanner, "the id of a local symbol is not a simple name");
        return;
    }
    symbol->descriptors = ARENA_NEW(scanner->arena, struct scip_name);
    if (!symbol->descriptors) {
        fail(scanner, "memory is out");
        return;
    }
    symbol->n_descriptors = 1;
    symbol->descriptors[0] = (struct scip_name){.kind = SCIP_DESCRIPTOR_LOCAL,
                                                .name = id,
                                                .disambiguator = {"", 0},
                                                .start = local_prefix.len,
                                                .end = scanner->text.len};
}

static struct str take_part(struct scanner *scanner)
{
    struct str part =
        take_escaped(scanner, ' ', "there is no scheme, manager, package and version");
    return str_is(part, ".") ? (struct str){"", 0} : part;
}

/* How many bytes two texts begin with alike. */
static size_t common_length(struct str a, struct str b)
{
    size_t n = 0, len = a.len < b.len ? a.len : b.len;
    for (uint64_t x, y; len - n >= sizeof x; n += sizeof x) {
        memcpy(&x, a.ptr + n, sizeof x);
        memcpy(&y, b.ptr + n, sizeof y);
        if (x != y)
            break;
    }
    while (n < len && a.ptr[n] == b.ptr[n])
        n++;
    return n;
}

/* Takes over what a symbol begins with as another does: its four parts, and those descriptors that
 * are whole in both. Nothing where the first descriptor begins in a blank, which would be half of
 * an escape; behind a descriptor no character changes what stands before it. */
static void take_alike(struct scanner *scanner, struct str like_text,
                       const struct scip_symbol *like, struct scip_symbol *symbol)
{
    struct str text = scanner->text;
    size_t same = common_length(text, like_text), n = like->n_descriptors,
           first = like->descriptors[0].start;
    if (same < first || text.len == first || text.ptr[first] == ' ')
        return;
    while (n && like->descriptors[n - 1].end > same)
        n--;
    *symbol = *like;
    symbol->n_descriptors = n;
    scanner->at = n ? like->descriptors[n - 1].end : first;
}

static void take_parts(struct scanner *scanner, struct scip_symbol *symbol)
{
    symbol->scheme = take_escaped(scanner, ' ', "there is no scheme, manager, package and version");
    if (!symbol->scheme.len)
        fail(scanner, "the scheme is empty");
    if (str_starts(symbol->scheme, STR("local")))
        fail(scanner, "a scheme must not start with 'local'");
    symbol->manager = take_part(scanner);
    symbol->package = take_part(scanner);
    symbol->version = take_part(scanner);
}

/* All that are not there yet. */
static void take_descriptors(struct scanner *scanner, struct scip_symbol *symbol)
{
    scanner->capacity = symbol->n_descriptors; /* what is another's is copied to grow */
    if (!scanner->problem && scanner->at == scanner->text.len && !symbol->n_descriptors)
        fail(scanner, "there is no descriptor");
    while (!scanner->problem && scanner->at < scanner->text.len)
        if (!add_descriptor(scanner, symbol))
            break;
}

const char *scip_symbol_parse(struct str text, struct arena *arena, struct scip_symbol *out_symbol)
{
    return scip_symbol_parse_like(text, (struct str){NULL, 0}, NULL, arena, out_symbol);
}

const char *scip_symbol_parse_like(struct str text, struct str like_text,
                                   const struct scip_symbol *like, struct arena *arena,
                                   struct scip_symbol *out_symbol)
{
    struct scanner scanner = {.text = text, .arena = arena};
    *out_symbol = (struct scip_symbol){0};
    if (str_starts(text, local_prefix)) {
        parse_local(&scanner, out_symbol);
    } else {
        if (like)
            take_alike(&scanner, like_text, like, out_symbol);
        if (!scanner.at)
            take_parts(&scanner, out_symbol);
        take_descriptors(&scanner, out_symbol);
    }
    if (scanner.problem)
        *out_symbol = (struct scip_symbol){0};
    RG_ASSERT(scanner.problem || out_symbol->n_descriptors);
    return scanner.problem;
}

/* --- Printing ------------------------------------------------------------------------------- */

static void print_doubled(struct buffer *out, struct str text, char doubled)
{
    for (size_t i = 0; i < text.len; i++) {
        buffer_char(out, text.ptr[i]);
        if (text.ptr[i] == doubled)
            buffer_char(out, doubled);
    }
}

static void print_part(struct buffer *out, struct str part)
{
    print_doubled(out, part.len ? part : STR("."), ' ');
    buffer_char(out, ' ');
}

static void print_name(struct buffer *out, struct str name)
{
    if (all_plain(name)) {
        buffer_str(out, name);
        return;
    }
    buffer_char(out, '`');
    print_doubled(out, name, '`');
    buffer_char(out, '`');
}

static void print_descriptor(struct buffer *out, const struct scip_name *name)
{
    static const struct {
        const char *before, *behind;
    } marks[SCIP_DESCRIPTOR_COUNT] = {
        [SCIP_DESCRIPTOR_NAMESPACE] = {"", "/"},
        [SCIP_DESCRIPTOR_TYPE] = {"", "#"},
        [SCIP_DESCRIPTOR_TERM] = {"", "."},
        [SCIP_DESCRIPTOR_METHOD] = {"", "("},
        [SCIP_DESCRIPTOR_TYPE_PARAMETER] = {"[", "]"},
        [SCIP_DESCRIPTOR_PARAMETER] = {"(", ")"},
        [SCIP_DESCRIPTOR_META] = {"", ":"},
        [SCIP_DESCRIPTOR_MACRO] = {"", "!"},
        [SCIP_DESCRIPTOR_LOCAL] = {"", ""},
    };
    buffer_text(out, marks[name->kind].before);
    print_name(out, name->name);
    buffer_text(out, marks[name->kind].behind);
    if (name->kind == SCIP_DESCRIPTOR_METHOD) {
        buffer_str(out, name->disambiguator);
        buffer_text(out, ").");
    }
}

/* A part may hold anything but what would be read as something else: a blank at its beginning would
 * go to the part before it, and a dot alone means nothing. */
static const char *check_part(struct str part)
{
    if (str_is(part, "."))
        return "a dot stands for an empty part";
    if (part.len && part.ptr[0] == ' ')
        return "a part begins in a blank";
    return utf8_valid(part.ptr, part.len) ? NULL : "a part is not UTF-8";
}

static const char *check_descriptors(const struct scip_symbol *symbol)
{
    if (!symbol->n_descriptors)
        return "there is no descriptor";
    for (size_t i = 0; i < symbol->n_descriptors; i++) {
        const struct scip_name *d = &symbol->descriptors[i];
        if (!d->name.len)
            return "a descriptor has no name";
        if (!utf8_valid(d->name.ptr, d->name.len))
            return "a name is not UTF-8";
        if (d->disambiguator.len &&
            (d->kind != SCIP_DESCRIPTOR_METHOD || !all_plain(d->disambiguator)))
            return "a disambiguator is a simple name, of a method";
        if ((d->kind == SCIP_DESCRIPTOR_LOCAL) != symbol->is_local)
            return "a local symbol has an id alone";
    }
    return NULL;
}

static const char *check_symbol(const struct scip_symbol *symbol)
{
    const char *problem = check_descriptors(symbol);
    if (problem)
        return problem;
    if (symbol->is_local)
        return symbol->n_descriptors == 1 && all_plain(symbol->descriptors[0].name)
                   ? NULL
                   : "the id of a local symbol is not a simple name";
    if (!symbol->scheme.len)
        return "the scheme is empty";
    if (str_starts(symbol->scheme, STR("local")))
        return "a scheme must not start with 'local'";
    if (!utf8_valid(symbol->scheme.ptr, symbol->scheme.len))
        return "the scheme is not UTF-8";
    const struct str parts[] = {symbol->manager, symbol->package, symbol->version};
    for (size_t i = 0; i < sizeof parts / sizeof *parts && !problem; i++)
        problem = check_part(parts[i]);
    return problem;
}

const char *scip_symbol_print(const struct scip_symbol *symbol, struct buffer *out)
{
    const char *problem = check_symbol(symbol);
    if (problem)
        return problem;
    if (symbol->is_local) {
        buffer_str(out, local_prefix);
    } else {
        print_doubled(out, symbol->scheme, ' ');
        buffer_char(out, ' ');
        print_part(out, symbol->manager);
        print_part(out, symbol->package);
        print_part(out, symbol->version);
    }
    for (size_t i = 0; i < symbol->n_descriptors; i++)
        print_descriptor(out, &symbol->descriptors[i]);
    return NULL;
}
