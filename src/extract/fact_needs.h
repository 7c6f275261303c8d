/* Which facts a build needs: what no rule reads is not stored. Rows that are not written are the
 * fastest. */
#ifndef EXTRACT_FACT_NEEDS_H
#define EXTRACT_FACT_NEEDS_H

#include <stdint.h>

#include "base/str.h"

struct table_spec;

enum { FACT_TABLES_MAX = 40 };

/* Zero needs nothing but what extraction itself reads. */
struct fact_needs {
    uint64_t columns[FACT_TABLES_MAX]; /* by fact table: bit i for its column i */
};

/* A column, or all of a table where it is "*". What is no fact is passed over. */
void fact_needs_add(struct fact_needs *needs, struct str table, struct str column);
/* The fact tables with what is to be left out of them; `needs` NULL: nothing is. */
void fact_needs_tables(const struct fact_needs *needs, struct table_spec *out_tables);

#endif
