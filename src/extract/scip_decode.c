/* Decoding: by protobuf-c into an arena, but for what makes up nearly all of an index: the range,
 * symbol, roles and enclosing range of occurrences, and of symbols all but relationships and
 * signatures. Those are read in place; what has anything more goes to protobuf-c whole. */
#include "extract/scip_decode.h"

#include "base/error.h"
#include "extract/scip_wire.h"

/* Numbers of fields in the published format. */
enum {
    DOCUMENT_OCCURRENCES = 2,
    DOCUMENT_SYMBOLS = 3,
    DOCUMENT_LANGUAGE = 4,
    DOCUMENT_TEXT = 5,
    DOCUMENT_ENCODING = 6
};
enum {
    OCCURRENCE_RANGE = 1,
    OCCURRENCE_SYMBOL = 2,
    OCCURRENCE_ROLES = 3,
    OCCURRENCE_ENCLOSING = 7
};
enum {
    SYMBOL_SYMBOL = 1,
    SYMBOL_DOCUMENTATION = 3,
    SYMBOL_KIND = 5,
    SYMBOL_DISPLAY_NAME = 6,
    SYMBOL_ENCLOSING = 8
};
enum { OCCURRENCE_FIELDS = 11, SYMBOL_FIELDS = 8 }; /* what follows is of a later version */

/* --- By protobuf-c -------------------------------------------------------------------------- */

static void *from_arena(void *arena, size_t size)
{
    return arena_alloc(arena, size);
}

static void keep(void *arena, void *memory)
{
    (void)arena, (void)memory;
}

static enum scip_decoded why(const struct arena *arena)
{
    return arena->full     ? SCIP_DECODED_TOO_LARGE
           : arena->failed ? SCIP_DECODED_NO_MEMORY
                           : SCIP_DECODED_CORRUPT;
}

static enum scip_decoded unpack(const ProtobufCMessageDescriptor *type, struct str bytes,
                                struct arena *arena, const void **out_message)
{
    ProtobufCAllocator allocator = {from_arena, keep, arena};
    *out_message =
        protobuf_c_message_unpack(type, &allocator, bytes.len, (const uint8_t *)bytes.ptr);
    return *out_message ? SCIP_DECODED : why(arena);
}

/* --- Symbols -------------------------------------------------------------------------------- */

static ProtobufCBinaryData lend(struct str bytes)
{
    return (ProtobufCBinaryData){bytes.len, (uint8_t *)(uintptr_t)bytes.ptr};
}

/* Whether the symbol is told whole by fields of which each but the documentation is there once. The
 * documentation is counted. */
static bool take_usual_symbol(struct str bytes, Scip__SymbolInformation *symbol)
{
    struct scip_field field;
    enum scip_found next;
    unsigned seen = 0;
    scip__symbol_information__init(symbol);
    for (size_t at = 0; (next = scip_next_field(bytes, &at, &field)) == SCIP_FOUND;) {
        if (field.number > SYMBOL_FIELDS)
            continue;
        bool is_number = field.number == SYMBOL_KIND;
        if (field.wire != (is_number ? SCIP_WIRE_VARINT : SCIP_WIRE_BYTES) ||
            (seen >> field.number & 1 && field.number != SYMBOL_DOCUMENTATION))
            return false;
        seen |= 1U << field.number;
        switch (field.number) {
        case SYMBOL_SYMBOL:
            symbol->symbol = lend(field.bytes);
            break;
        case SYMBOL_DOCUMENTATION:
            symbol->n_documentation++;
            break;
        case SYMBOL_KIND:
            symbol->kind = (Scip__SymbolInformation__Kind)(int32_t)(uint32_t)field.value;
            break;
        case SYMBOL_DISPLAY_NAME:
            symbol->display_name = lend(field.bytes);
            break;
        case SYMBOL_ENCLOSING:
            symbol->enclosing_symbol = lend(field.bytes);
            break;
        default:
            return false;
        }
    }
    return next == SCIP_FOUND_END;
}

static enum scip_decoded keep_symbol(struct str bytes, const Scip__SymbolInformation *usual,
                                     struct arena *arena,
                                     const Scip__SymbolInformation **out_symbol)
{
    struct scip_field field;
    size_t n = 0;
    Scip__SymbolInformation *symbol = ARENA_NEW(arena, Scip__SymbolInformation);
    if (!symbol)
        return why(arena);
    *symbol = *usual;
    if (usual->n_documentation) {
        symbol->documentation = ARENA_ARRAY(arena, usual->n_documentation, ProtobufCBinaryData);
        if (!symbol->documentation)
            return why(arena);
        for (size_t at = 0; scip_next_field(bytes, &at, &field) == SCIP_FOUND;)
            if (field.number == SYMBOL_DOCUMENTATION)
                symbol->documentation[n++] = lend(field.bytes);
    }
    RG_ASSERT(n == usual->n_documentation);
    *out_symbol = symbol;
    return SCIP_DECODED;
}

enum scip_decoded scip_decode_symbol(struct str bytes, struct arena *arena,
                                     const Scip__SymbolInformation **out_symbol)
{
    Scip__SymbolInformation usual;
    if (take_usual_symbol(bytes, &usual))
        return keep_symbol(bytes, &usual, arena, out_symbol);
    const void *message;
    enum scip_decoded decoded =
        unpack(&scip__symbol_information__descriptor, bytes, arena, &message);
    *out_symbol = message;
    return decoded;
}

/* --- Occurrences ---------------------------------------------------------------------------- */

static struct scip_told_range of_numbers(const int32_t *numbers, size_t n)
{
    struct scip_told_range told = {.reason = SPAN_REASON_NO_RANGE};
    if (n)
        told.reason =
            scip_range_of(numbers, n, &told.range) ? SPAN_REASON_COUNT : SPAN_REASON_BAD_RANGE;
    return told;
}

/* The typed form is the newer one and wins. */
static struct scip_told_range of_forms(const int32_t *numbers, size_t n,
                                       const Scip__SingleLineRange *single,
                                       const Scip__MultiLineRange *multi)
{
    if (multi)
        return (struct scip_told_range){
            {multi->start_line, multi->start_character, multi->end_line, multi->end_character},
            SPAN_REASON_COUNT};
    if (single)
        return (struct scip_told_range){
            {single->line, single->start_character, single->line, single->end_character},
            SPAN_REASON_COUNT};
    return of_numbers(numbers, n);
}

static enum scip_decoded take_whole(struct str bytes, struct arena *arena, struct scip_told *told)
{
    const void *message;
    enum scip_decoded decoded = unpack(&scip__occurrence__descriptor, bytes, arena, &message);
    if (decoded != SCIP_DECODED)
        return decoded;
    const Scip__Occurrence *o = message;
    *told = (struct scip_told){
        .symbol = str_of_bytes(o->symbol),
        .roles = o->symbol_roles,
        .range = of_forms(o->range, o->n_range, o->single_line_range, o->multi_line_range),
        .enclosing = of_forms(o->enclosing_range, o->n_enclosing_range,
                              o->single_line_enclosing_range, o->multi_line_enclosing_range),
        .rest = o,
    };
    return SCIP_DECODED;
}

/* A packed list of numbers as a range; false where it is broken. */
static bool take_range(struct str packed, struct scip_told_range *out_range)
{
    enum { NUMBERS_MAX = 4 };
    int32_t numbers[NUMBERS_MAX];
    size_t n = 0;
    for (size_t at = 0; at < packed.len; n++) {
        uint64_t value;
        if (!scip_take_varint(packed, &at, &value))
            return false;
        if (n < NUMBERS_MAX)
            numbers[n] = (int32_t)(uint32_t)value;
    }
    *out_range = of_numbers(numbers, n);
    return true;
}

/* Whether the occurrence is told whole by the four fields, each once and as encoders write them. */
static bool take_usual(struct str bytes, struct scip_told *told)
{
    static const struct scip_told_range none = {.reason = SPAN_REASON_NO_RANGE};
    struct scip_field field;
    enum scip_found next;
    unsigned seen = 0;
    *told = (struct scip_told){.symbol = {"", 0}, .range = none, .enclosing = none};
    for (size_t at = 0; (next = scip_next_field(bytes, &at, &field)) == SCIP_FOUND;) {
        if (field.number > OCCURRENCE_FIELDS)
            continue;
        bool is_number = field.number == OCCURRENCE_ROLES;
        if (seen >> field.number & 1 ||
            field.wire != (is_number ? SCIP_WIRE_VARINT : SCIP_WIRE_BYTES))
            return false;
        seen |= 1U << field.number;
        switch (field.number) {
        case OCCURRENCE_RANGE:
        case OCCURRENCE_ENCLOSING:
            if (!take_range(field.bytes,
                            field.number == OCCURRENCE_RANGE ? &told->range : &told->enclosing))
                return false;
            break;
        case OCCURRENCE_SYMBOL:
            told->symbol = field.bytes;
            break;
        case OCCURRENCE_ROLES:
            told->roles = (int32_t)(uint32_t)field.value;
            break;
        default:
            return false;
        }
    }
    return next == SCIP_FOUND_END;
}

/* --- Documents ------------------------------------------------------------------------------ */

/* How many occurrences and symbols there are; false where the document is broken. */
static bool count_parts(struct str bytes, size_t *out_occurrences, size_t *out_symbols)
{
    struct scip_field field;
    enum scip_found next;
    *out_occurrences = *out_symbols = 0;
    for (size_t at = 0; (next = scip_next_field(bytes, &at, &field)) == SCIP_FOUND;) {
        bool is_number = field.number == DOCUMENT_ENCODING;
        if (field.number <= DOCUMENT_ENCODING &&
            field.wire != (is_number ? SCIP_WIRE_VARINT : SCIP_WIRE_BYTES))
            return false;
        *out_occurrences += field.number == DOCUMENT_OCCURRENCES;
        *out_symbols += field.number == DOCUMENT_SYMBOLS;
    }
    return next == SCIP_FOUND_END;
}

static enum scip_decoded take_field(const struct scip_field *field, struct arena *arena,
                                    struct scip_message *message)
{
    enum scip_decoded decoded = SCIP_DECODED;
    struct scip_told *told;
    switch (field->number) {
    case DOCUMENT_OCCURRENCES:
        told = &message->told[message->n_told++];
        if (!take_usual(field->bytes, told))
            decoded = take_whole(field->bytes, arena, told);
        break;
    case DOCUMENT_SYMBOLS:
        decoded = scip_decode_symbol(field->bytes, arena, &message->symbols[message->n_symbols++]);
        break;
    case DOCUMENT_LANGUAGE:
        message->language = field->bytes;
        break;
    case DOCUMENT_TEXT:
        message->text = field->bytes;
        break;
    case DOCUMENT_ENCODING:
        message->encoding = (int32_t)(uint32_t)field->value;
        break;
    default: /* the path, which the caller knows, or a field of a later version */
        break;
    }
    return decoded;
}

enum scip_decoded scip_decode_document(struct str bytes, struct arena *arena,
                                       struct scip_message *out_message)
{
    size_t n_occurrences, n_symbols;
    enum scip_decoded decoded = SCIP_DECODED;
    struct scip_field field;
    *out_message = (struct scip_message){.text = {"", 0}, .language = {"", 0}};
    if (!count_parts(bytes, &n_occurrences, &n_symbols))
        return SCIP_DECODED_CORRUPT;
    out_message->told = ARENA_ARRAY(arena, n_occurrences + 1, struct scip_told);
    out_message->symbols = ARENA_ARRAY(arena, n_symbols + 1, const Scip__SymbolInformation *);
    if (!out_message->told || !out_message->symbols)
        return why(arena);
    for (size_t at = 0; !decoded && scip_next_field(bytes, &at, &field) == SCIP_FOUND;)
        decoded = take_field(&field, arena, out_message);
    return decoded;
}
