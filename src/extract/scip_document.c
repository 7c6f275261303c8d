/* Documents: decoded whole into an arena with a limit, every occurrence placed, and only then told
 * in rows, because what does not fit the file at all must not leave any. */
#include "extract/scip_document.h"

#include <stdlib.h>

#include "base/error.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "extract/scip_known.h"
#include "extract/scip_wire.h"

static const char layer[] = "scip";

/* Fewer names tell nothing of a document. */
enum { STALE_NAMES_MIN = 4 };

/* Bits of symbol_roles and values of diagnostic tags in the published format. */
enum {
    ROLE_BIT_DEFINITION = 1,
    ROLE_BIT_IMPORT = 2,
    ROLE_BIT_WRITE = 4,
    ROLE_BIT_READ = 8,
    ROLE_BIT_GENERATED = 16,
    ROLE_BIT_TEST = 32,
    ROLE_BIT_FORWARD = 64
};
enum { TAG_UNNECESSARY = 1, TAG_DEPRECATED = 2 };

/* --- Parts ---------------------------------------------------------------------------------- */

static void part_begin(struct scip_worker *worker)
{
    scip_known_clear(worker);
    arena_clear(&worker->decoded);
    arena_clear(&worker->arena);
    worker->arena.failed = false;
    worker->decoded.failed = worker->decoded.full = false;
    worker->decoded.bytes_max = LIMIT_SCIP_DECODED_BYTES;
}

void scip_worker_fini(struct scip_worker *worker)
{
    arena_fini(&worker->decoded);
    arena_fini(&worker->arena);
    intmap_fini(&worker->ids);
    intmap_fini(&worker->relations);
    free(worker->known);
    *worker = (struct scip_worker){0};
}

/* --- Occurrences ---------------------------------------------------------------------------- */

/* An occurrence on its way. */
struct spot {
    int64_t known; /* number of its symbol; -1: it has none */
    uint32_t start, end;
    enum span_reason reason; /* SPAN_REASON_COUNT: it is at start, end */
    enum scip_name_match match;
};

/* One document while it is read. */
struct reading {
    struct scip_worker *worker;
    struct scip_document *document;
    const struct scip_message *message;
    struct scip_ruler ruler;
    enum scip_encoding_source encoding_source;
    struct spot *spots;
    int32_t names_same, names_other;
};

static bool text_is(const struct source *source, uint32_t start, uint32_t end, struct str name)
{
    return str_eq((struct str){source->bytes + start, end - start}, name);
}

static bool has_range(const struct scip_told *told)
{
    return told->range.reason == SPAN_REASON_COUNT;
}

/* Takes the symbols and ranges of the occurrences; no place yet. */
static bool read_spots(struct reading *reading)
{
    const struct scip_message *message = reading->message;
    reading->spots = ARENA_ARRAY(&reading->worker->arena, message->n_told + 1, struct spot);
    if (!reading->spots)
        return false;
    for (size_t i = 0; i < message->n_told; i++) {
        const struct scip_told *told = &message->told[i];
        struct spot *spot = &reading->spots[i];
        spot->known = told->symbol.len
                          ? scip_known_number(reading->worker, reading->document, told->symbol)
                          : -1;
        spot->reason = told->range.reason;
        reading->document->occurrences += told->symbol.len != 0;
    }
    return !reading->worker->arena.failed;
}

/* The name that the text at a spot can be compared with; ptr NULL: there is none. */
static struct str spot_name(const struct reading *reading, const struct spot *spot)
{
    const struct scip_known *known = spot->known < 0 ? NULL : &reading->worker->known[spot->known];
    return known && !known->problem ? scip_known_name(known) : (struct str){NULL, 0};
}

/* The encoding under which most names stand where the index says, on lines where it matters. UTF-16
 * and UTF-32 are alike but for rare characters: where nothing tells them apart, UTF-16 is what more
 * tools count in. */
static enum position_encoding find_encoding(const struct reading *reading)
{
    static const enum position_encoding tried[] = {POSITION_UTF16, POSITION_UTF8, POSITION_UTF32};
    size_t best = 0;
    enum position_encoding found = POSITION_UNKNOWN;
    for (size_t t = 0; t < sizeof tried / sizeof *tried; t++) {
        struct scip_ruler ruler = reading->ruler;
        size_t same = 0;
        ruler.encoding = tried[t];
        for (size_t i = 0; i < reading->message->n_told; i++) {
            const struct scip_told *told = &reading->message->told[i];
            struct str name = spot_name(reading, &reading->spots[i]);
            uint32_t start, end;
            same += name.ptr && has_range(told) && scip_range_is_wide(&ruler, &told->range.range) &&
                    scip_span(&ruler, &told->range.range, &start, &end) == SPAN_REASON_COUNT &&
                    text_is(ruler.source, start, end, name);
        }
        if (same > best) {
            best = same;
            found = tried[t];
        }
    }
    return found;
}

static void decide_encoding(struct reading *reading)
{
    int32_t declared = reading->message->encoding;
    struct scip_ruler *ruler = &reading->ruler;
    if (declared >= 1 && declared <= 3) {
        ruler->encoding = (enum position_encoding)(declared - 1);
        reading->encoding_source = SCIP_ENCODING_SOURCE_DECLARED;
    } else if (reading->document->tool_counts != POSITION_UNKNOWN) {
        ruler->encoding = reading->document->tool_counts;
        reading->encoding_source = SCIP_ENCODING_SOURCE_PRODUCER;
    } else if (!ruler->is_ascii) {
        ruler->encoding = find_encoding(reading);
        if (ruler->encoding != POSITION_UNKNOWN)
            reading->encoding_source = SCIP_ENCODING_SOURCE_FOUND;
    }
}

static void place_spots(struct reading *reading)
{
    for (size_t i = 0; i < reading->message->n_told; i++) {
        struct spot *spot = &reading->spots[i];
        const struct scip_told *told = &reading->message->told[i];
        if (has_range(told))
            spot->reason = scip_span(&reading->ruler, &told->range.range, &spot->start, &spot->end);
        struct str name = spot_name(reading, spot);
        spot->match = SCIP_NAME_MATCH_NONE;
        if (!name.ptr || spot->reason != SPAN_REASON_COUNT || spot->start == spot->end)
            continue;
        bool same = text_is(reading->ruler.source, spot->start, spot->end, name);
        spot->match = same ? SCIP_NAME_MATCH_SAME : SCIP_NAME_MATCH_OTHER;
        if (told->roles & ROLE_BIT_DEFINITION) {
            reading->names_same += same;
            reading->names_other += !same;
        }
    }
}

/* An index carries no hash of a file, so what a definition is called must stand where it is said to
 * be: elsewhere most do, or the file is another one. */
static bool is_stale(const struct reading *reading)
{
    size_t lost = 0, n = reading->message->n_told;
    for (size_t i = 0; i < n; i++)
        lost += reading->spots[i].reason == SPAN_REASON_LINE_BEYOND_FILE ||
                reading->spots[i].reason == SPAN_REASON_COLUMN_BEYOND_LINE ||
                reading->spots[i].reason == SPAN_REASON_INSIDE_CHARACTER;
    return lost > n / 2 || (reading->names_same + reading->names_other >= STALE_NAMES_MIN &&
                            reading->names_other > reading->names_same);
}

/* --- Rows ----------------------------------------------------------------------------------- */

static void span_error_row(struct reading *reading, size_t i, enum scip_place what,
                           enum span_reason reason, const struct scip_told_range *told)
{
    const struct spot *spot = &reading->spots[i];
    const struct scip_known *known = spot->known < 0 ? NULL : &reading->worker->known[spot->known];
    const struct scip_range *range =
        told->reason == SPAN_REASON_COUNT ? &told->range : NULL; /* there are numbers */
    fact_span_error(reading->worker->batches[FACT_SPAN_ERROR],
                    &(struct span_error_row){
                        .file_id = reading->document->file_id,
                        .index = reading->document->index,
                        .document = reading->document->document,
                        .occurrence = (int32_t)i,
                        .what = (uint16_t)what,
                        .reason = (uint16_t)reason,
                        .symbol = known && !known->problem ? known->text : (struct str){NULL, 0},
                        .start_line = range ? range->start_line : NULL_INT32,
                        .start_column = range ? range->start_column : NULL_INT32,
                        .end_line = range ? range->end_line : NULL_INT32,
                        .end_column = range ? range->end_column : NULL_INT32,
                    });
}

static void diagnostic_rows(struct reading *reading, size_t i)
{
    const struct scip_told *told = &reading->message->told[i];
    struct scip_worker *worker = reading->worker;
    const struct scip_document *document = reading->document;
    for (size_t d = 0; told->rest && d < told->rest->n_diagnostics; d++) {
        const Scip__Diagnostic *from = told->rest->diagnostics[d];
        struct scip_diagnostic_row row = {
            .file_id = document->file_id,
            .index = document->index,
            .document = document->document,
            .occurrence = (int32_t)i,
            .number = (int32_t)d,
            .start_byte = (int32_t)reading->spots[i].start,
            .end_byte = (int32_t)reading->spots[i].end,
            .start_line = told->range.range.start_line + 1,
            .end_line = told->range.range.end_line + 1,
            .severity = from->severity >= 1 && from->severity <= (int32_t)SCIP_SEVERITY_COUNT
                            ? (uint16_t)(from->severity - 1)
                            : NULL_ENUM,
            .code = scip_text(worker, document, "a diagnostic's code", str_of_bytes(from->code)),
            .message =
                scip_text(worker, document, "a diagnostic's message", str_of_bytes(from->message)),
            .source =
                scip_text(worker, document, "a diagnostic's source", str_of_bytes(from->source)),
        };
        if (!row.message.ptr)
            row.message = STR("");
        for (size_t t = 0; t < from->n_tags; t++) {
            row.is_unnecessary |= from->tags[t] == TAG_UNNECESSARY;
            row.is_deprecated |= from->tags[t] == TAG_DEPRECATED;
        }
        fact_scip_diagnostic(worker->batches[FACT_SCIP_DIAGNOSTIC], &row);
    }
}

/* The range around an occurrence, where it says one; it must hold the occurrence. */
static void place_enclosing(struct reading *reading, size_t i, struct scip_occurrence_row *row)
{
    const struct scip_told_range *told = &reading->message->told[i].enclosing;
    enum span_reason reason = told->reason;
    uint32_t start = 0, end = 0;
    if (reason == SPAN_REASON_NO_RANGE)
        return;
    if (reason == SPAN_REASON_COUNT)
        reason = scip_span(&reading->ruler, &told->range, &start, &end);
    if (reason == SPAN_REASON_COUNT &&
        (start > reading->spots[i].start || end < reading->spots[i].end))
        reason = SPAN_REASON_BAD_RANGE;
    if (reason == SPAN_REASON_COUNT) {
        row->enclosing_start = (int32_t)start;
        row->enclosing_end = (int32_t)end;
    } else {
        span_error_row(reading, i, SCIP_PLACE_ENCLOSING, reason, told);
    }
}

static void occurrence_row(struct reading *reading, size_t i)
{
    const struct scip_told *told = &reading->message->told[i];
    const struct spot *spot = &reading->spots[i];
    struct scip_worker *worker = reading->worker;
    struct scip_occurrence_row row = {
        .file_id = reading->document->file_id,
        .index = reading->document->index,
        .document = reading->document->document,
        .occurrence = (int32_t)i,
        .symbol_id = worker->known[spot->known].id,
        .start_byte = (int32_t)spot->start,
        .end_byte = (int32_t)spot->end,
        .start_line = told->range.range.start_line + 1,
        .end_line = told->range.range.end_line + 1,
        .enclosing_start = NULL_INT32,
        .enclosing_end = NULL_INT32,
        .is_definition = told->roles & ROLE_BIT_DEFINITION,
        .is_forward = told->roles & ROLE_BIT_FORWARD,
        .is_import = told->roles & ROLE_BIT_IMPORT,
        .is_write = told->roles & ROLE_BIT_WRITE,
        .is_read = told->roles & ROLE_BIT_READ,
        .is_generated = told->roles & ROLE_BIT_GENERATED,
        .is_test = told->roles & ROLE_BIT_TEST,
        .name_match = (uint16_t)spot->match,
        .documentation = {NULL, 0},
    };
    if (told->rest)
        row.documentation =
            scip_join(worker, reading->document, "an occurrence's documentation",
                      told->rest->override_documentation, told->rest->n_override_documentation);
    place_enclosing(reading, i, &row);
    fact_scip_occurrence(worker->batches[FACT_SCIP_OCCURRENCE], &row);
    reading->document->placed++;
}

static void all_rows(struct reading *reading)
{
    const struct scip_message *message = reading->message;
    for (size_t i = 0; i < message->n_told; i++) {
        const struct spot *spot = &reading->spots[i];
        const struct scip_told *told = &message->told[i];
        bool has_symbol = spot->known >= 0 && !reading->worker->known[spot->known].problem;
        bool has_diagnostics = told->rest && told->rest->n_diagnostics != 0;
        if (spot->reason != SPAN_REASON_COUNT) {
            if (has_symbol || has_diagnostics)
                span_error_row(reading, i, SCIP_PLACE_OCCURRENCE, spot->reason, &told->range);
            continue;
        }
        if (has_symbol)
            occurrence_row(reading, i);
        diagnostic_rows(reading, i);
    }
    for (size_t i = 0; i < message->n_symbols; i++)
        scip_information_rows(reading->worker, reading->document, message->symbols[i]);
    scip_mentioned_rows(reading->worker, reading->document);
}

/* --- Documents ------------------------------------------------------------------------------ */

/* An index may carry the text that it was made of, always in UTF-8 and perhaps with a mark. */
static bool text_fits(struct reading *reading)
{
    struct str text = reading->message->text;
    const struct source *source = reading->ruler.source;
    static const struct str mark = {"\xEF\xBB\xBF", 3};
    if (!text.len)
        return true;
    if (str_starts(text, mark))
        text = (struct str){text.ptr + mark.len, text.len - mark.len};
    struct str file =
        source_token(source, source->text_start, source->size, &reading->worker->arena);
    return file.ptr && str_eq(file, text);
}

static void document_row(struct scip_worker *worker, const struct scip_document *document,
                         const struct reading *reading)
{
    static const enum scip_encoding encodings[] = {
        [POSITION_UTF8] = SCIP_ENCODING_UTF8,
        [POSITION_UTF16] = SCIP_ENCODING_UTF16,
        [POSITION_UTF32] = SCIP_ENCODING_UTF32,
        [POSITION_UNKNOWN] = SCIP_ENCODING_UNKNOWN,
    };
    struct scip_document_row row = {
        .index = document->index,
        .document = document->document,
        .file_id = document->file_id,
        .path = document->path,
        .status = (uint16_t)document->status,
        .encoding = SCIP_ENCODING_UNKNOWN,
        .encoding_source = SCIP_ENCODING_SOURCE_NONE,
        .occurrences = (int32_t)document->occurrences,
        .placed = (int32_t)document->placed,
    };
    if (row.path.ptr)
        row.path = scip_text(worker, document, "a path", row.path);
    if (reading) {
        row.language = scip_text(worker, document, "a language", reading->message->language);
        row.encoding = (uint16_t)encodings[reading->ruler.encoding];
        row.encoding_source = (uint16_t)reading->encoding_source;
        row.names_same = reading->names_same;
        row.names_other = reading->names_other;
    }
    fact_scip_document(worker->batches[FACT_SCIP_DOCUMENT], &row);
}

/* Says in words why a document is not read. */
static void reject(struct scip_worker *worker, struct scip_document *document,
                   enum scip_status status, const struct reading *reading)
{
    static const struct {
        const char *what, *detail;
    } words[SCIP_STATUS_COUNT] = {
        [SCIP_STATUS_MISSING] = {"missing", "the repository has no such file"},
        [SCIP_STATUS_NOT_EXTRACTED] = {"not_extracted", "the file could not be read or parsed"},
        [SCIP_STATUS_CHANGED] = {"changed", "the file changed while the graph was built"},
        [SCIP_STATUS_TEXT_DIFFERS] = {"text_differs", "the index carries another text of the file"},
        [SCIP_STATUS_STALE] = {"stale", "most places do not fit the file: it changed since it was "
                                        "indexed"},
        [SCIP_STATUS_DUPLICATE] = {"duplicate", "the index has a document of that file already"},
        [SCIP_STATUS_BAD_PATH] = {"bad_path", "it is no path inside the project"},
        [SCIP_STATUS_TOO_LARGE] = {"too_large", "the document is larger than relgraph takes in"},
        [SCIP_STATUS_CORRUPT] = {"corrupt", "the document cannot be decoded"},
    };
    document->status = status;
    document->occurrences = 0;
    RG_ASSERT(words[status].what);
    scip_problem(worker, document, words[status].what, str_of(words[status].detail));
    document_row(worker, document, reading);
}

static void read_document(struct scip_worker *worker, struct scip_document *document,
                          const struct scip_message *message)
{
    struct reading reading = {.worker = worker,
                              .document = document,
                              .message = message,
                              .encoding_source = SCIP_ENCODING_SOURCE_NONE};
    scip_ruler_init(&reading.ruler, document->source);
    if (!text_fits(&reading)) {
        if (!worker->arena.failed)
            reject(worker, document, SCIP_STATUS_TEXT_DIFFERS, &reading);
        return;
    }
    if (!read_spots(&reading))
        return;
    decide_encoding(&reading);
    place_spots(&reading);
    if (is_stale(&reading)) {
        reject(worker, document, SCIP_STATUS_STALE, &reading);
        return;
    }
    all_rows(&reading);
    document_row(worker, document, &reading);
}

enum rg_status scip_document_rows(struct scip_worker *worker, struct scip_document *document,
                                  struct str bytes, struct rg_error *err)
{
    struct scip_message message;
    part_begin(worker);
    document->occurrences = document->placed = 0;
    if (document->status != SCIP_STATUS_READ) {
        reject(worker, document, document->status, NULL);
    } else {
        RG_ASSERT(document->source && document->file_id != NULL_INT64);
        switch (scip_decode_document(bytes, &worker->decoded, &message)) {
        case SCIP_DECODED:
            read_document(worker, document, &message);
            break;
        case SCIP_DECODED_CORRUPT:
            reject(worker, document, SCIP_STATUS_CORRUPT, NULL);
            break;
        case SCIP_DECODED_TOO_LARGE:
            reject(worker, document, SCIP_STATUS_TOO_LARGE, NULL);
            break;
        default:
            return error_no_memory(err, layer);
        }
    }
    return worker->arena.failed ? error_no_memory(err, layer) : RG_OK;
}

enum rg_status scip_external_rows(struct scip_worker *worker, int32_t index, int32_t document,
                                  struct str bytes, struct rg_error *err)
{
    struct scip_document outside = {.index = index, .document = document, .file_id = NULL_INT64};
    const Scip__SymbolInformation *symbol;
    RG_ASSERT(document < 0);
    part_begin(worker);
    switch (scip_decode_symbol(bytes, &worker->decoded, &symbol)) {
    case SCIP_DECODED:
        scip_information_rows(worker, &outside, symbol);
        scip_mentioned_rows(worker, &outside);
        break;
    case SCIP_DECODED_CORRUPT:
        scip_problem(worker, &outside, "corrupt", STR("an external symbol cannot be decoded"));
        break;
    case SCIP_DECODED_TOO_LARGE:
        scip_problem(worker, &outside, "too_large", STR("an external symbol"));
        break;
    default:
        return error_no_memory(err, layer);
    }
    return worker->arena.failed ? error_no_memory(err, layer) : RG_OK;
}

enum rg_status scip_metadata_read(struct str bytes, struct arena *arena,
                                  struct scip_metadata *out_metadata, struct rg_error *err)
{
    struct str tool = scip_find_bytes(bytes, 2);
    const struct str found[] = {tool.ptr ? scip_find_bytes(tool, 1) : tool,
                                tool.ptr ? scip_find_bytes(tool, 2) : tool,
                                scip_find_bytes(bytes, 3)};
    struct str texts[3];
    *out_metadata = (struct scip_metadata){{"", 0}, {"", 0}, {"", 0}};
    for (size_t i = 0; i < 3; i++) {
        struct buffer valid = {0};
        utf8_replace(&valid, found[i].ptr ? found[i].ptr : "", found[i].len);
        texts[i] = valid.failed ? (struct str){NULL, 0} : arena_str(arena, buffer_view(&valid));
        buffer_fini(&valid);
        if (!texts[i].ptr)
            return error_no_memory(err, layer);
    }
    *out_metadata = (struct scip_metadata){texts[0], texts[1], texts[2]};
    return RG_OK;
}
