/* What dialects write otherwise. */
#include "sql/sql_printer.h"

/* X'00' would be a text in duckdb: '\x00' cast to BLOB. */
static void put_blob_as_cast(struct sql_printer *pr, const struct sql_node *node)
{
    sql_put(pr, "CAST('");
    for (size_t i = 0; i + 1 < node->text.len; i += 2) {
        sql_put(pr, "\\x");
        sql_put_str(pr, (struct str){node->text.ptr + i, 2});
    }
    sql_put(pr, "' AS BLOB)");
}

bool sql_put_in_dialect(struct sql_printer *pr, const struct sql_node *node)
{
    if (pr->options->dialect == SQL_DUCKDB && node->kind == SQL_LITERAL &&
        node->op == SQL_OP_BLOB) {
        put_blob_as_cast(pr, node);
        return true;
    }
    return false;
}
