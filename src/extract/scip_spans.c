/* Lines by the file's own index, columns by the kernel. */
#include "extract/scip_spans.h"

#include "base/utf8.h"

static bool is_ascii(struct str text)
{
    size_t i = 0;
    for (uint64_t word; i + sizeof word <= text.len; i += sizeof word) {
        memcpy(&word, text.ptr + i, sizeof word);
        if (word & UINT64_C(0x8080808080808080))
            return false;
    }
    for (; i < text.len; i++)
        if ((unsigned char)text.ptr[i] >= 0x80)
            return false;
    return true;
}

void scip_ruler_init(struct scip_ruler *ruler, const struct source *source)
{
    *ruler = (struct scip_ruler){.source = source, .encoding = POSITION_UNKNOWN};
    ruler->is_ascii = is_ascii(
        (struct str){source->bytes + source->text_start, source->size - source->text_start});
}

/* A line with its end; false where the file has none of that number. */
static bool line_of(const struct source *source, int32_t line, uint32_t *out_start,
                    struct str *out_text)
{
    uint32_t start, end, number = (uint32_t)line;
    if (line < 0 || number > source->n_lines)
        return false;
    if (number < source->n_lines) {
        start = source->line_starts[number];
        end = number + 1 < source->n_lines ? source->line_starts[number + 1] : source->size;
    } else {
        char last = source->size ? source->bytes[source->size - 1] : '\n';
        if (last != '\n' && last != '\r')
            return false;
        start = end = source->size;
    }
    if (number == 0) /* a mark alone is a file without lines of its own */
        start = source->text_start;
    *out_start = start;
    *out_text = (struct str){source->bytes + start, end - start};
    return true;
}

/* A line on which columns are looked for. */
struct ruled {
    uint32_t start;
    struct str text; /* without its end */
    enum position_encoding encoding;
    bool is_ascii; /* all encodings count alike */
};

/* The line of that number, and how columns count there. */
static enum span_reason rule(const struct scip_ruler *ruler, int32_t line, struct ruled *out_line)
{
    if (!line_of(ruler->source, line, &out_line->start, &out_line->text))
        return SPAN_REASON_LINE_BEYOND_FILE;
    struct str *text = &out_line->text;
    if (text->len && text->ptr[text->len - 1] == '\n')
        text->len--;
    if (text->len && text->ptr[text->len - 1] == '\r')
        text->len--;
    out_line->encoding = ruler->encoding;
    out_line->is_ascii = ruler->is_ascii || is_ascii(*text);
    if (out_line->is_ascii)
        return SPAN_REASON_COUNT;
    if (ruler->source->decoder || !utf8_valid(text->ptr, text->len))
        return SPAN_REASON_LINE_NOT_UTF8;
    if (ruler->encoding == POSITION_UNKNOWN)
        return SPAN_REASON_ENCODING_UNKNOWN;
    return SPAN_REASON_COUNT;
}

static enum span_reason place(const struct ruled *line, int32_t column, uint32_t *out_byte)
{
    int64_t byte = column;
    enum position_status status =
        line->is_ascii
            ? (uint32_t)column <= line->text.len ? POSITION_OK : POSITION_BEYOND
            : position_to_byte(line->text.ptr, line->text.len, column, line->encoding, &byte);
    switch (status) {
    case POSITION_OK:
        *out_byte = line->start + (uint32_t)byte;
        return SPAN_REASON_COUNT;
    case POSITION_INSIDE:
        return SPAN_REASON_INSIDE_CHARACTER;
    default:
        return SPAN_REASON_COLUMN_BEYOND_LINE;
    }
}

enum span_reason scip_span(const struct scip_ruler *ruler, const struct scip_range *range,
                           uint32_t *out_start, uint32_t *out_end)
{
    uint32_t start, end;
    struct ruled line;
    bool backward =
        range->end_line < range->start_line ||
        (range->end_line == range->start_line && range->end_column < range->start_column);
    if (backward || range->start_line < 0 || range->start_column < 0 || range->end_column < 0)
        return SPAN_REASON_BAD_RANGE;
    enum span_reason reason = rule(ruler, range->start_line, &line);
    if (reason == SPAN_REASON_COUNT)
        reason = place(&line, range->start_column, &start);
    if (reason == SPAN_REASON_COUNT && range->end_line != range->start_line)
        reason = rule(ruler, range->end_line, &line);
    if (reason == SPAN_REASON_COUNT)
        reason = place(&line, range->end_column, &end);
    if (reason != SPAN_REASON_COUNT)
        return reason;
    *out_start = start;
    *out_end = end;
    return SPAN_REASON_COUNT;
}

bool scip_range_is_wide(const struct scip_ruler *ruler, const struct scip_range *range)
{
    uint32_t start;
    struct str text;
    if (ruler->is_ascii)
        return false;
    return (line_of(ruler->source, range->start_line, &start, &text) && !is_ascii(text)) ||
           (line_of(ruler->source, range->end_line, &start, &text) && !is_ascii(text));
}

/* scip-python was tried (docs/scip.md): it counts as the JavaScript that it is written in. The
 * others count in what the strings of their language have, as the format's own text says. */
enum position_encoding scip_tool_encoding(struct str tool)
{
    static const struct {
        const char *tool;
        enum position_encoding encoding;
    } tools[] = {
        {"scip-python", POSITION_UTF16}, {"scip-typescript", POSITION_UTF16},
        {"scip-java", POSITION_UTF16},   {"scip-dotnet", POSITION_UTF16},
        {"scip-go", POSITION_UTF8},      {"rust-analyzer", POSITION_UTF8},
        {"scip-clang", POSITION_UTF8},
    };
    for (size_t i = 0; i < sizeof tools / sizeof *tools; i++)
        if (str_is(tool, tools[i].tool))
            return tools[i].encoding;
    return POSITION_UNKNOWN;
}
