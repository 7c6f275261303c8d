/* What the tables of facts say of a source itself, whoever reads it. */
#ifndef EXTRACT_SOURCE_ROWS_H
#define EXTRACT_SOURCE_ROWS_H

#include "extract/source.h"
#include "fact_tables.h"

/* Fills what a source knows of its file: encoding, hash, size, lines. Hashes it. Texts live as long
 * as it. */
void source_tell(struct source *source, struct file_row *row);
/* Appends a row for each line. Gives their number. */
uint32_t source_line_rows(const struct source *source, int64_t file_id, struct batch *lines);

#endif
