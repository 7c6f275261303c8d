/* Documents of a SCIP index, built with the format's own structs in an arena and packed one at a
 * time. */
#include "graph/export_scip.h"

#include <stdlib.h>

#include "base/error.h"
#include <scip.pb-c.h>

static const char layer[] = "graph";

/* Field numbers of the message that an index is. */
enum { INDEX_METADATA = 1, INDEX_DOCUMENT = 2, WIRE_BYTES = 2 };
enum { PROJECT_BYTES_MAX = 200, COUNTS_UTF8_BYTES = 1 };

struct scip_writer {
    struct arena arena;                      /* of the document */
    char prefix[32 + 2 * PROJECT_BYTES_MAX]; /* of symbols that are seen from other files */
    Scip__Document document;
    uint32_t *lines; /* where they start */
    size_t n_lines, lines_capacity, symbols_capacity, occurrences_capacity;
    struct rg_exported counts;
};

/* --- Texts ------------------------------------------------------------------------------------ */

/* In the parts of a package spaces are doubled, and a dot stands for nothing. */
static char *put_part(char *to, const char *text)
{
    if (!text || !*text)
        text = ".";
    for (; *text; text++) {
        *to++ = *text;
        if (*text == ' ')
            *to++ = ' ';
    }
    *to++ = ' ';
    *to = 0;
    return to;
}

static ProtobufCBinaryData bytes_of(struct str text)
{
    return (ProtobufCBinaryData){text.len, (uint8_t *)(uintptr_t)text.ptr};
}

static bool put_text(struct arena *arena, struct str text, ProtobufCBinaryData *out)
{
    struct str copy = arena_str(arena, text.ptr ? text : STR(""));
    *out = bytes_of(copy);
    return copy.ptr != NULL;
}

static bool put_symbol(struct scip_writer *writer, struct str symbol, ProtobufCBinaryData *out)
{
    bool local = str_starts(symbol, STR("local "));
    const char *whole =
        arena_printf(&writer->arena, "%s" STR_FMT, local ? "" : writer->prefix, STR_ARG(symbol));
    *out = bytes_of(str_of(whole));
    return whole != NULL;
}

/* Room for one more pointer in an array of the document. */
static bool grow(struct scip_writer *writer, void ***items, size_t n, size_t *capacity)
{
    if (n < *capacity)
        return true;
    size_t more = *capacity ? *capacity * 2 : 64;
    void **grown = arena_grow(&writer->arena, *items, n, more, sizeof *grown);
    if (grown) {
        *items = grown;
        *capacity = more;
    }
    return grown != NULL;
}

/* --- Places ----------------------------------------------------------------------------------- */

/* The line that a byte is in, from 0, and the bytes before it there. */
static void place_of(const struct scip_writer *writer, uint32_t byte, int32_t *out_line,
                     int32_t *out_column)
{
    size_t low = 0, high = writer->n_lines; /* the line is in [low, high) */
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (writer->lines[middle] <= byte)
            low = middle;
        else
            high = middle;
    }
    *out_line = (int32_t)low;
    *out_column = (int32_t)(byte - (writer->n_lines ? writer->lines[low] : 0));
}

/* Three numbers where a span begins and ends in one line, else four. */
static bool put_range(struct scip_writer *writer, const uint32_t span[2], size_t *out_n,
                      int32_t **out_range)
{
    int32_t *range = ARENA_ARRAY(&writer->arena, 4, int32_t);
    if (!range)
        return false;
    place_of(writer, span[0], &range[0], &range[1]);
    place_of(writer, span[1], &range[2], &range[3]);
    *out_n = 4;
    if (range[0] == range[2]) {
        range[2] = range[3];
        *out_n = 3;
    }
    *out_range = range;
    return true;
}

/* --- Documents -------------------------------------------------------------------------------- */

enum rg_status scip_document_begin(struct scip_writer *writer, struct str path, struct str language,
                                   struct rg_error *err)
{
    arena_clear(&writer->arena);
    scip__document__init(&writer->document);
    writer->lines = NULL;
    writer->n_lines = writer->lines_capacity = 0;
    writer->symbols_capacity = writer->occurrences_capacity = 0;
    writer->document.position_encoding = COUNTS_UTF8_BYTES;
    bool good = put_text(&writer->arena, path, &writer->document.relative_path) &&
                put_text(&writer->arena, language, &writer->document.language);
    return good ? RG_OK : error_no_memory(err, layer);
}

enum rg_status scip_document_line(struct scip_writer *writer, uint32_t start_byte,
                                  struct rg_error *err)
{
    if (writer->n_lines == writer->lines_capacity) {
        size_t more = writer->lines_capacity ? writer->lines_capacity * 2 : 256;
        uint32_t *grown =
            arena_grow(&writer->arena, writer->lines, writer->n_lines, more, sizeof *grown);
        if (!grown)
            return error_no_memory(err, layer);
        writer->lines = grown;
        writer->lines_capacity = more;
    }
    writer->lines[writer->n_lines++] = start_byte;
    return RG_OK;
}

static Scip__SymbolInformation__Kind kind_of(struct str what)
{
    static const struct {
        const char *what;
        Scip__SymbolInformation__Kind kind;
    } kinds[] = {
        {"module", SCIP__SYMBOL_INFORMATION__KIND__Module},
        {"class", SCIP__SYMBOL_INFORMATION__KIND__Class},
        {"function", SCIP__SYMBOL_INFORMATION__KIND__Function},
        {"method", SCIP__SYMBOL_INFORMATION__KIND__Method},
        {"attribute", SCIP__SYMBOL_INFORMATION__KIND__Field},
        {"parameter", SCIP__SYMBOL_INFORMATION__KIND__Parameter},
        {"variable", SCIP__SYMBOL_INFORMATION__KIND__Variable},
    };
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (str_is(what, kinds[i].what))
            return kinds[i].kind;
    return SCIP__SYMBOL_INFORMATION__KIND__UnspecifiedKind;
}

/* The information of the symbol that came last, where it is this one. */
static Scip__SymbolInformation *last_symbol(const struct scip_writer *writer,
                                            ProtobufCBinaryData symbol)
{
    const Scip__Document *document = &writer->document;
    if (document->n_symbols == 0)
        return NULL;
    Scip__SymbolInformation *last = document->symbols[document->n_symbols - 1];
    bool same =
        last->symbol.len == symbol.len && memcmp(last->symbol.data, symbol.data, symbol.len) == 0;
    return same ? last : NULL;
}

enum rg_status scip_document_symbol(struct scip_writer *writer, struct str symbol, struct str what,
                                    struct str name, struct str owner, struct str signature,
                                    struct rg_error *err)
{
    Scip__Document *document = &writer->document;
    Scip__SymbolInformation *info = ARENA_NEW(&writer->arena, Scip__SymbolInformation);
    ProtobufCBinaryData text;
    if (!info || !put_symbol(writer, symbol, &text))
        return error_no_memory(err, layer);
    if (last_symbol(writer, text)) /* two definitions of one name, under if and else */
        return RG_OK;
    scip__symbol_information__init(info);
    info->symbol = text;
    info->kind = kind_of(what);
    bool good = put_text(&writer->arena, name, &info->display_name);
    if (good && owner.ptr && str_starts(symbol, STR("local ")))
        good = put_symbol(writer, owner, &info->enclosing_symbol);
    if (good && signature.ptr) {
        info->signature_documentation = ARENA_NEW(&writer->arena, Scip__Signature);
        good = info->signature_documentation != NULL;
        if (good) {
            scip__signature__init(info->signature_documentation);
            good = put_text(&writer->arena, signature, &info->signature_documentation->text);
        }
    }
    if (!good ||
        !grow(writer, (void ***)&document->symbols, document->n_symbols, &writer->symbols_capacity))
        return error_no_memory(err, layer);
    document->symbols[document->n_symbols++] = info;
    writer->counts.symbols++;
    return RG_OK;
}

enum rg_status scip_document_implements(struct scip_writer *writer, struct str symbol,
                                        struct str target, struct rg_error *err)
{
    ProtobufCBinaryData text;
    Scip__Relationship *relationship = ARENA_NEW(&writer->arena, Scip__Relationship);
    if (!relationship || !put_symbol(writer, symbol, &text))
        return error_no_memory(err, layer);
    scip__relationship__init(relationship);
    relationship->is_implementation = true;
    Scip__SymbolInformation *info = last_symbol(writer, text);
    if (!info)
        return error_set(err, RG_ERR_CORRUPT, layer,
                         STR_FMT " implements something, but is nothing", STR_ARG(symbol));
    Scip__Relationship **all =
        arena_grow(&writer->arena, info->relationships, info->n_relationships,
                   info->n_relationships + 1, sizeof(Scip__Relationship *));
    if (!all || !put_symbol(writer, target, &relationship->symbol))
        return error_no_memory(err, layer);
    info->relationships = all;
    info->relationships[info->n_relationships++] = relationship;
    return RG_OK;
}

static int32_t role_of(struct str role)
{
    static const struct {
        const char *role;
        int32_t bits; /* SymbolRole */
    } roles[] = {{"definition", 1}, {"import", 2}, {"write", 4}, {"delete", 4}, {"read", 8}};
    for (size_t i = 0; i < sizeof roles / sizeof *roles; i++)
        if (str_is(role, roles[i].role))
            return roles[i].bits;
    return 0;
}

enum rg_status scip_document_occurrence(struct scip_writer *writer, struct str symbol,
                                        struct str role, const uint32_t span[2],
                                        const uint32_t enclosing[2], struct rg_error *err)
{
    Scip__Document *document = &writer->document;
    Scip__Occurrence *occurrence = ARENA_NEW(&writer->arena, Scip__Occurrence);
    if (!occurrence)
        return error_no_memory(err, layer);
    scip__occurrence__init(occurrence);
    occurrence->symbol_roles = role_of(role);
    bool good = put_symbol(writer, symbol, &occurrence->symbol) &&
                put_range(writer, span, &occurrence->n_range, &occurrence->range);
    if (good && enclosing[0] < enclosing[1])
        good = put_range(writer, enclosing, &occurrence->n_enclosing_range,
                         &occurrence->enclosing_range);
    if (!good || !grow(writer, (void ***)&document->occurrences, document->n_occurrences,
                       &writer->occurrences_capacity))
        return error_no_memory(err, layer);
    document->occurrences[document->n_occurrences++] = occurrence;
    writer->counts.occurrences++;
    return RG_OK;
}

/* --- Messages --------------------------------------------------------------------------------- */

static void put_varint(struct buffer *out, uint64_t value)
{
    for (; value >= 128; value >>= 7)
        buffer_char(out, (char)(unsigned char)(value | 128));
    buffer_char(out, (char)(unsigned char)value);
}

struct packed {
    ProtobufCBuffer base;
    struct buffer *out;
};

static void append(ProtobufCBuffer *base, size_t n, const uint8_t *bytes)
{
    buffer_append(((struct packed *)base)->out, bytes, n);
}

static enum rg_status put_message(const ProtobufCMessage *message, unsigned field,
                                  struct buffer *out, struct rg_error *err)
{
    struct packed packed = {.base = {.append = append}, .out = out};
    put_varint(out, field << 3 | WIRE_BYTES);
    put_varint(out, protobuf_c_message_get_packed_size(message));
    protobuf_c_message_pack_to_buffer(message, &packed.base);
    return out->failed ? error_no_memory(err, layer) : RG_OK;
}

enum rg_status scip_write_metadata(const char *project_root, struct buffer *out,
                                   struct rg_error *err)
{
    Scip__Metadata metadata = SCIP__METADATA__INIT;
    Scip__ToolInfo tool = SCIP__TOOL_INFO__INIT;
    tool.name = bytes_of(STR("relgraph"));
    tool.version = bytes_of(str_of(rg_version()));
    metadata.tool_info = &tool;
    metadata.project_root = bytes_of(str_of(project_root));
    return put_message(&metadata.base, INDEX_METADATA, out, err);
}

enum rg_status scip_document_end(struct scip_writer *writer, struct buffer *out,
                                 struct rg_error *err)
{
    writer->counts.documents++;
    return put_message(&writer->document.base, INDEX_DOCUMENT, out, err);
}

void scip_writer_counts(const struct scip_writer *writer, struct rg_exported *out_counts)
{
    *out_counts = writer->counts;
}

enum rg_status scip_writer_open(const struct scip_project *project, struct scip_writer **out_writer,
                                struct rg_error *err)
{
    size_t bytes = (project->name ? strlen(project->name) : 0) +
                   (project->version ? strlen(project->version) : 0);
    *out_writer = NULL;
    if (bytes > PROJECT_BYTES_MAX)
        return error_set(err, RG_ERR_USAGE, layer,
                         "the project's name and version are longer than %d bytes",
                         PROJECT_BYTES_MAX);
    struct scip_writer *writer = calloc(1, sizeof *writer);
    if (!writer)
        return error_no_memory(err, layer);
    char *to = put_part(writer->prefix, "relgraph");
    to = put_part(to, "python");
    to = put_part(to, project->name);
    put_part(to, project->version);
    *out_writer = writer;
    return RG_OK;
}

void scip_writer_close(struct scip_writer *writer)
{
    if (!writer)
        return;
    arena_fini(&writer->arena);
    free(writer);
}
