/* Symbols of a part: each is parsed once, however often it occurs. */
#include "extract/scip_known.h"

#include <stdlib.h>

#include "base/error.h"
#include "base/utf8.h"
#include "kernels/stable_hash.h"

enum { DETAIL_MAX = 300 };

/* --- Problems and texts --------------------------------------------------------------------- */

static struct str clean(struct scip_worker *worker, struct str text)
{
    if (utf8_valid(text.ptr, text.len))
        return text;
    struct buffer valid = {0};
    utf8_replace(&valid, text.ptr, text.len);
    struct str copy =
        valid.failed ? (struct str){NULL, 0} : arena_str(&worker->arena, buffer_view(&valid));
    worker->arena.failed |= valid.failed;
    buffer_fini(&valid);
    return copy.ptr ? copy : STR("");
}

/* At most DETAIL_MAX bytes of a text, not cut inside a character. */
static struct str shortened(struct str text)
{
    if (text.len <= DETAIL_MAX)
        return text;
    text.len = DETAIL_MAX;
    while (text.len && ((unsigned char)text.ptr[text.len] & 0xC0) == 0x80)
        text.len--;
    return text;
}

void scip_problem(struct scip_worker *worker, const struct scip_document *document,
                  const char *what, struct str detail)
{
    fact_scip_problem(
        worker->batches[FACT_SCIP_PROBLEM],
        &(struct scip_problem_row){
            .index = document->index,
            .document = document->document,
            .file_id = document->file_id,
            .path = document->path.ptr ? clean(worker, shortened(document->path)) : document->path,
            .what = str_of(what),
            .detail = clean(worker, shortened(detail)),
        });
}

static void problem_of(struct scip_worker *worker, const struct scip_document *document,
                       const char *what, const char *why, struct str text)
{
    const char *detail =
        arena_printf(&worker->arena, "%s: " STR_FMT, why, STR_ARG(clean(worker, shortened(text))));
    scip_problem(worker, document, what, str_of(detail ? detail : why));
}

struct str scip_text(struct scip_worker *worker, const struct scip_document *document,
                     const char *what, struct str text)
{
    if (!text.len)
        return (struct str){NULL, 0};
    if (utf8_valid(text.ptr, text.len))
        return text;
    problem_of(worker, document, "not_utf8", what, text);
    return clean(worker, text);
}

struct str scip_join(struct scip_worker *worker, const struct scip_document *document,
                     const char *what, const ProtobufCBinaryData *parts, size_t n)
{
    if (n == 0)
        return (struct str){NULL, 0};
    if (n == 1)
        return scip_text(worker, document, what, str_of_bytes(parts[0]));
    struct buffer all = {0};
    for (size_t i = 0; i < n; i++) {
        struct str part = scip_text(worker, document, what, str_of_bytes(parts[i]));
        if (part.len && all.len)
            buffer_text(&all, "\n\n");
        buffer_str(&all, part);
    }
    struct str text =
        all.len ? arena_str(&worker->arena, buffer_view(&all)) : (struct str){NULL, 0};
    worker->arena.failed |= all.failed;
    buffer_fini(&all);
    return text;
}

/* --- Symbols -------------------------------------------------------------------------------- */

void scip_known_clear(struct scip_worker *worker)
{
    worker->n_known = worker->last_global = 0;
    worker->owner = (struct scip_owner){0};
    memset(worker->recent, 0, sizeof worker->recent);
    intmap_clear(&worker->ids);
    intmap_clear(&worker->relations);
}

static const struct str local_prefix = {"local ", 6};

static int64_t global_id(struct str text)
{
    return (int64_t)stable_hash_text(STABLE_HASH_SEED, text.ptr, text.len);
}

/* Of a symbol, or of what is none: by it all of the part are found again. */
static int64_t id_of(const struct scip_document *document, struct str text)
{
    if (!str_starts(text, local_prefix))
        return global_id(text);
    uint64_t hash = stable_hash_int(STABLE_HASH_SEED, document->file_id);
    return (int64_t)stable_hash_text(hash, text.ptr, text.len);
}

static struct scip_known *add_known(struct scip_worker *worker)
{
    if (worker->n_known == worker->known_capacity) {
        size_t capacity = worker->known_capacity ? 2 * worker->known_capacity : 256;
        struct scip_known *grown =
            capacity < INTMAP_NONE ? reallocarray(worker->known, capacity, sizeof *grown) : NULL;
        if (!grown)
            return NULL;
        worker->known = grown;
        worker->known_capacity = capacity;
    }
    return &worker->known[worker->n_known++];
}

/* scip-python writes `local 0(cargs)`: no id by the grammar, but told apart from others in its
 * document as well as any, so that its places are kept. False when memory is out. */
static bool take_bad_local(struct scip_worker *worker, struct scip_known *known)
{
    struct str text = known->text;
    if (!str_starts(text, local_prefix) || !utf8_valid(text.ptr, text.len))
        return true;
    struct scip_name *id = ARENA_NEW(&worker->arena, struct scip_name);
    if (!id)
        return false;
    *id = (struct scip_name){.kind = SCIP_DESCRIPTOR_LOCAL,
                             .name = {text.ptr + local_prefix.len, text.len - local_prefix.len},
                             .disambiguator = {"", 0}};
    known->symbol = (struct scip_symbol){.descriptors = id, .n_descriptors = 1, .is_local = true};
    known->problem = NULL;
    return true;
}

static const char *parse_known(struct scip_worker *worker, struct scip_known *known)
{
    const struct scip_known *like =
        worker->last_global ? &worker->known[worker->last_global - 1] : NULL;
    struct str text = known->text;
    if (!utf8_valid(text.ptr, text.len)) {
        known->symbol = (struct scip_symbol){0};
        return "it is not UTF-8";
    }
    return scip_symbol_parse_like(text, like ? like->text : text, like ? &like->symbol : NULL,
                                  &worker->arena, &known->symbol);
}

/* Fills in all but text and id. False when memory is out. */
static bool read_known(struct scip_worker *worker, const struct scip_document *document,
                       struct scip_known *known)
{
    known->told = false;
    known->problem = parse_known(worker, known);
    if (worker->arena.failed)
        return false;
    if (!known->problem && known->symbol.is_local && document->file_id == NULL_INT64)
        known->problem = "a local symbol outside of a document";
    if (known->problem)
        problem_of(worker, document, "bad_symbol", known->problem, known->text);
    if (known->problem && document->file_id != NULL_INT64 && !take_bad_local(worker, known))
        return false;
    if (!known->problem && !known->symbol.is_local)
        worker->last_global = (size_t)(known - worker->known) + 1;
    return true;
}

/* Of two symbols with one id the second is told, and is none. */
static void refuse(struct scip_worker *worker, const struct scip_document *document,
                   struct scip_known *known)
{
    *known = (struct scip_known){.text = known->text, .problem = "another symbol has its id"};
    problem_of(worker, document, "bad_symbol", known->problem, known->text);
}

/* Where a symbol with these last bytes is looked for first. Most occurrences are found there by one
 * comparison; who makes many texts with the same end gains nothing by it, since all others are
 * found by a hash of the whole text. */
static uint32_t *recent_slot(struct scip_worker *worker, struct str text)
{
    uint64_t last = text.len, before = 0;
    if (text.len >= sizeof last)
        memcpy(&last, text.ptr + text.len - sizeof last, sizeof last);
    else if (text.len) /* local 0 */
        memcpy(&last, text.ptr + text.len - 1, 1);
    if (text.len >= 2 * sizeof last)
        memcpy(&before, text.ptr + text.len - 2 * sizeof last, sizeof before);
    uint64_t mixed = (last ^ (before << 7 | before >> 57)) * UINT64_C(0x9E3779B97F4A7C15);
    return &worker->recent[mixed >> 40 & (SCIP_RECENT - 1)];
}

/* By its id; -1 when memory is out. */
static int64_t find_known(struct scip_worker *worker, const struct scip_document *document,
                          struct str text)
{
    int64_t id = id_of(document, text);
    uint32_t fresh = (uint32_t)worker->n_known;
    uint32_t *slot = intmap_slot(&worker->ids, (uint64_t)id, fresh);
    if (!slot)
        return -1;
    uint32_t number = *slot - 1;
    if (number != fresh && str_eq(worker->known[number].text, text))
        return number;
    struct scip_known *known = add_known(worker);
    if (!known)
        return -1;
    known->text = text;
    known->id = id;
    if (number != fresh)
        refuse(worker, document, known);
    else if (!read_known(worker, document, known))
        return -1;
    return fresh;
}

int64_t scip_known_number(struct scip_worker *worker, const struct scip_document *document,
                          struct str text)
{
    uint32_t *slot = recent_slot(worker, text);
    if (*slot && str_eq(worker->known[*slot - 1].text, text))
        return *slot - 1;
    int64_t number = find_known(worker, document, text);
    if (number >= 0)
        *slot = (uint32_t)number + 1;
    worker->arena.failed |= number < 0;
    return number;
}

struct scip_known *scip_known_of(struct scip_worker *worker, const struct scip_document *document,
                                 struct str text)
{
    int64_t number = scip_known_number(worker, document, text);
    return number < 0 || worker->known[number].problem ? NULL : &worker->known[number];
}

static const struct scip_name *last_name(const struct scip_known *known)
{
    RG_ASSERT(known->symbol.n_descriptors);
    return &known->symbol.descriptors[known->symbol.n_descriptors - 1];
}

struct str scip_known_name(const struct scip_known *known)
{
    const struct scip_name *last = last_name(known);
    /* What a module or a package is called in a symbol is not what stands in the text. */
    bool has_text = last->kind != SCIP_DESCRIPTOR_NAMESPACE && last->kind != SCIP_DESCRIPTOR_META &&
                    last->kind != SCIP_DESCRIPTOR_LOCAL;
    return has_text ? last->name : (struct str){NULL, 0};
}

/* --- Rows ----------------------------------------------------------------------------------- */

/* SCIP's word for a kind; NULL for one that is not told, or of a later version of the format. */
static struct str kind_name(int kind)
{
    const ProtobufCEnumValue *value = kind ? protobuf_c_enum_descriptor_get_value(
                                                 &scip__symbol_information__kind__descriptor, kind)
                                           : NULL;
    return str_of(value ? value->name : NULL);
}

static int64_t mention(struct scip_worker *worker, const struct scip_document *document,
                       ProtobufCBinaryData symbol)
{
    struct str text = str_of_bytes(symbol);
    const struct scip_known *known = text.len ? scip_known_of(worker, document, text) : NULL;
    return known ? known->id : NULL_INT64;
}

static enum scip_symbol_origin origin_of(const struct scip_document *document,
                                         const Scip__SymbolInformation *information)
{
    if (!information)
        return SCIP_SYMBOL_ORIGIN_MENTIONED;
    return document->document < 0 ? SCIP_SYMBOL_ORIGIN_EXTERNAL : SCIP_SYMBOL_ORIGIN_DOCUMENT;
}

/* The symbol before the last descriptor. Those of one owner often follow each other. */
static int64_t owner_id(struct scip_worker *worker, const struct scip_known *known)
{
    struct str text = {known->text.ptr, last_name(known)->start};
    if (known->symbol.n_descriptors < 2)
        return NULL_INT64;
    if (!str_eq(worker->owner.text, text))
        worker->owner = (struct scip_owner){text, global_id(text)};
    return worker->owner.id;
}

/* What an information adds to what the symbol itself says. */
static void add_information(struct scip_worker *worker, const struct scip_document *document,
                            const Scip__SymbolInformation *information, struct scip_symbol_row *row)
{
    const Scip__Signature *signature = information->signature_documentation;
    row->kind = kind_name((int)information->kind);
    row->display_name =
        scip_text(worker, document, "a display name", str_of_bytes(information->display_name));
    row->documentation = scip_join(worker, document, "a documentation", information->documentation,
                                   information->n_documentation);
    if (signature)
        row->signature = scip_text(worker, document, "a signature", str_of_bytes(signature->text));
    row->enclosing_id = mention(worker, document, information->enclosing_symbol);
}

void scip_symbol_rows(struct scip_worker *worker, const struct scip_document *document,
                      struct scip_known *known, const Scip__SymbolInformation *information)
{
    const struct scip_symbol *symbol = &known->symbol;
    const struct scip_name *last = last_name(known);
    struct scip_symbol_row row = {
        .file_id = document->file_id,
        .index = document->index,
        .document = document->document,
        .symbol_id = known->id,
        .origin = (uint16_t)origin_of(document, information),
        .symbol = known->text,
        .scheme = symbol->scheme,
        .manager = symbol->manager,
        .package = symbol->package,
        .version = symbol->version,
        .descriptor = (uint16_t)last->kind,
        .name = last->name,
        .disambiguator = last->disambiguator.len ? last->disambiguator : (struct str){NULL, 0},
        .owner_id = owner_id(worker, known),
        .enclosing_id = NULL_INT64,
    };
    known->told = true; /* before what moves the list */
    if (information)
        add_information(worker, document, information, &row);
    fact_scip_symbol(worker->batches[FACT_SCIP_SYMBOL], &row);
}

static void relationship_row(struct scip_worker *worker, const struct scip_document *document,
                             int64_t symbol_id, const Scip__Relationship *relationship)
{
    int64_t target = mention(worker, document, relationship->symbol);
    if (target == NULL_INT64) {
        if (!relationship->symbol.len)
            scip_problem(worker, document, "bad_information", STR("a relationship to nothing"));
        return;
    }
    uint32_t *slot =
        intmap_slot(&worker->relations, stable_hash_int((uint64_t)symbol_id, target), 0);
    if (!slot) {
        worker->arena.failed = true;
        return;
    }
    if (*slot > 1) {
        problem_of(worker, document, "bad_information", "a relationship is told twice",
                   str_of_bytes(relationship->symbol));
        return;
    }
    *slot = 2;
    fact_scip_relationship(worker->batches[FACT_SCIP_RELATIONSHIP],
                           &(struct scip_relationship_row){
                               .file_id = document->file_id,
                               .index = document->index,
                               .document = document->document,
                               .symbol_id = symbol_id,
                               .target_id = target,
                               .is_reference = relationship->is_reference,
                               .is_implementation = relationship->is_implementation,
                               .is_type_definition = relationship->is_type_definition,
                               .is_definition = relationship->is_definition,
                           });
}

void scip_information_rows(struct scip_worker *worker, const struct scip_document *document,
                           const Scip__SymbolInformation *information)
{
    struct str text = str_of_bytes(information->symbol);
    if (!text.len) {
        scip_problem(worker, document, "bad_information", STR("it names no symbol"));
        return;
    }
    struct scip_known *known = scip_known_of(worker, document, text);
    if (!known)
        return;
    if (known->told) {
        problem_of(worker, document, "bad_information", "a symbol is told twice", text);
        return;
    }
    int64_t id = known->id;
    scip_symbol_rows(worker, document, known, information);
    for (size_t i = 0; i < information->n_relationships; i++)
        relationship_row(worker, document, id, information->relationships[i]);
}

void scip_mentioned_rows(struct scip_worker *worker, const struct scip_document *document)
{
    for (size_t i = 0; i < worker->n_known; i++)
        if (!worker->known[i].told && !worker->known[i].problem)
            scip_symbol_rows(worker, document, &worker->known[i], NULL);
}
