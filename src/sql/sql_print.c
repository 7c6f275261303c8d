/* The printer's entry, and names. */
#include "sql/sql_printer.h"

#include "base/error.h"

void sql_cannot_say(struct sql_printer *pr, const struct sql_node *node, const char *construct)
{
    if (pr->status)
        return;
    pr->status = error_set(pr->err, RG_ERR_SUBSET, "sql", "%s cannot be said in %s", construct,
                           pr->dialect->name);
    const struct sql_text *text = pr->options->comments;
    if (text) {
        uint32_t line, column;
        sql_place(text->text, node->span.start, &line, &column);
        error_place(pr->err, NULL, line, column);
    }
}

/* --- Names --- */

static bool is_plain(struct str name)
{
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
        if (!letter && (i == 0 || c < '0' || c > '9'))
            return false;
    }
    return name.len > 0;
}

bool sql_must_quote(struct str name, enum sql_dialect dialect)
{
    unsigned reserved = SQL_RESERVED_QUOTE;
    if (dialect == SQL_POSTGRES)
        reserved |= SQL_RESERVED_POSTGRES;
    return !is_plain(name) || (sql_word_flags(sql_word_find(name)) & reserved) != 0;
}

/* A name that was written without quotes is in lower case within them: without quotes, case does
 * not count. */
static void put_name(struct sql_printer *pr, struct str name, bool quoted, bool must)
{
    /* The other dialects reserve words of their own. */
    bool foreign = pr->options->pin && pr->options->dialect != SQL_DUCKDB;
    if (!quoted && !must && !foreign && !pr->options->quote_all) {
        sql_put_str(pr, name);
        return;
    }
    char quote = pr->dialect->quote;
    sql_put_char(pr, quote);
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        if (!quoted && c >= 'A' && c <= 'Z')
            c = (char)(c - 'A' + 'a');
        if (c == quote)
            sql_put_char(pr, c);
        sql_put_char(pr, c);
    }
    sql_put_char(pr, quote);
}

void sql_put_name(struct sql_printer *pr, struct str name, bool quoted)
{
    put_name(pr, name, quoted, sql_must_quote(name, pr->options->dialect));
}

void sql_put_in_quotes(struct sql_printer *pr, struct str name, bool quoted)
{
    put_name(pr, name, quoted, true);
}

void sql_put_label(struct sql_printer *pr, struct str name, bool quoted)
{
    enum sql_dialect dialect = pr->options->dialect;
    bool never = (sql_word_flags(sql_word_find(name)) & SQL_RESERVED_NEVER) != 0;
    bool free = dialect == SQL_DUCKDB || dialect == SQL_POSTGRES;
    put_name(pr, name, quoted, free ? never || !is_plain(name) : sql_must_quote(name, dialect));
}

/* --- Entry --- */

enum rg_status sql_print(const struct sql_node *node, const struct sql_print_options *options,
                         struct buffer *out, struct rg_error *err)
{
    struct sql_printer printer = {.options = options,
                                  .dialect = &sql_dialect_info[options->dialect],
                                  .out = {.bytes_max = out->bytes_max},
                                  .err = err};
    sql_layout_begin(&printer);
    if (node->kind == SQL_QUERY)
        sql_group(&printer, sql_put_query, node);
    else
        sql_put_clause(&printer, node);
    sql_layout_end(&printer);
    if (!printer.status && printer.out.failed)
        printer.status = error_no_memory(err, "sql");
    if (!printer.status)
        buffer_str(out, buffer_view(&printer.out));
    if (!printer.status && out->failed)
        printer.status = error_no_memory(err, "sql");
    buffer_fini(&printer.out);
    return printer.status;
}
