/* Places of a SCIP index in the bytes of a file. */
#ifndef EXTRACT_SCIP_SPANS_H
#define EXTRACT_SCIP_SPANS_H

#include "extract/source.h"
#include "fact_tables.h"
#include "kernels/text_positions.h"

/* Lines and columns count from 0; the end is behind the last character. */
struct scip_range {
    int32_t start_line, start_column, end_line, end_column;
};

/* Three numbers (line, start column, end column) or four (start line and column, end line and
 * column); false for any other count. */
static inline bool scip_range_of(const int32_t *numbers, size_t count, struct scip_range *out_range)
{
    if (count != 3 && count != 4)
        return false;
    *out_range = (struct scip_range){.start_line = numbers[0],
                                     .start_column = numbers[1],
                                     .end_line = count == 3 ? numbers[0] : numbers[2],
                                     .end_column = count == 3 ? numbers[2] : numbers[3]};
    return true;
}

/* How an index counts in one file. */
struct scip_ruler {
    const struct source *source;
    enum position_encoding encoding; /* POSITION_UNKNOWN: only where all count alike is measured */
    bool is_ascii;                   /* all of the file */
};
void scip_ruler_init(struct scip_ruler *ruler, const struct source *source);

/* The bytes of a range, or why it is none. SPAN_REASON_COUNT: it is one, and only then are the
 * outputs set. Columns of the first line count from behind a byte order mark, as editors and
 * CPython do. The line behind the last line end is a line, empty as it is. */
enum span_reason scip_span(const struct scip_ruler *ruler, const struct scip_range *range,
                           uint32_t *out_start, uint32_t *out_end);
/* Whether the line of a range, or its last one, holds more than ASCII: there encodings differ. */
bool scip_range_is_wide(const struct scip_ruler *ruler, const struct scip_range *range);

/* What the tool of that name counts where it does not say; POSITION_UNKNOWN for others. */
enum position_encoding scip_tool_encoding(struct str tool);

#endif
