/* Facts that are needed, as masks of columns. */
#include "extract/fact_needs.h"

#include "base/error.h"
#include "fact_tables.h"

_Static_assert((int)FACT_COUNT <= (int)FACT_TABLES_MAX, "room for every fact table");

/* What is read of facts beside rules: the list of files and its errors in the diagnostics, the
 * settings, and the search for shared ids. */
static const struct {
    enum fact_table table;
    const char *column;
} always[] = {
    {FACT_FILE, "*"},          {FACT_SETTING, "*"},
    {FACT_SYNTAX_ERROR, "*"},  {FACT_SYNTAX, "node"},
    {FACT_SYNTAX, "role"},     {FACT_SYNTAX, "start_byte"},
    {FACT_SYNTAX, "end_byte"}, {FACT_SYNTAX, "start_line"},
    {FACT_SYNTAX, "end_line"}, {FACT_SCOPE, "scope"},
    {FACT_BINDING, "binding"}, {FACT_BINDING, "scope"},
    {FACT_BINDING, "name"},    {FACT_BINDING, "target"},
    {FACT_BINDING, "node_id"}, {FACT_REFERENCE, "binding"},
};

static uint64_t column_bit(const struct table_spec *table, struct str column)
{
    if (str_is(column, "*"))
        return UINT64_MAX;
    for (unsigned i = 0; i < table->n_columns; i++)
        if (str_is(column, table->columns[i].name))
            return UINT64_C(1) << i;
    return 0;
}

void fact_needs_add(struct fact_needs *needs, struct str table, struct str column)
{
    for (size_t i = 0; i < FACT_COUNT; i++)
        if (str_is(table, fact_tables[i].name))
            needs->columns[i] |= column_bit(&fact_tables[i], column);
}

void fact_needs_tables(const struct fact_needs *needs, struct table_spec *out_tables)
{
    uint64_t wanted[FACT_COUNT];
    for (size_t i = 0; i < FACT_COUNT; i++)
        wanted[i] = needs ? needs->columns[i] : UINT64_MAX;
    for (size_t i = 0; i < sizeof always / sizeof *always; i++)
        wanted[always[i].table] |=
            column_bit(&fact_tables[always[i].table], str_of(always[i].column));
    for (size_t i = 0; i < FACT_COUNT; i++) {
        struct str ids = str_of(fact_tables[i].ids);
        RG_ASSERT(fact_tables[i].n_columns <= 64);
        out_tables[i] = fact_tables[i];
        while (wanted[i] && ids.ptr && ids.len) /* they follow when an id is re-salted */
            wanted[i] |= column_bit(&fact_tables[i], str_trim(str_split(&ids, ',')));
        if (wanted[i])
            wanted[i] |= column_bit(&fact_tables[i], STR("file_id"));
        out_tables[i].left_out = ~wanted[i] & (UINT64_MAX >> (64 - fact_tables[i].n_columns));
    }
}
