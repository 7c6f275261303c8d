#include "extract/source_rows.h"

void source_tell(struct source *source, struct file_row *row)
{
    row->encoding = str_of(source->encoding);
    source_hash(source);
    if (source->sha256[0]) {
        row->sha256 = str_of(source->sha256);
        row->size_bytes = source->size;
    }
    row->line_count = (int32_t)source->n_lines;
}

uint32_t source_line_rows(const struct source *source, int64_t file_id, struct batch *lines)
{
    for (uint32_t i = 0; i < source->n_lines; i++) {
        bool is_last = i + 1 == source->n_lines;
        fact_line(lines,
                  &(struct line_row){
                      .file_id = file_id,
                      .line = (int32_t)i + 1,
                      .start_byte = (int32_t)source->line_starts[i],
                      .end_byte = (int32_t)(is_last ? source->size : source->line_starts[i + 1]),
                  });
    }
    return source->n_lines;
}
