/* The printer's entry, names, and layout. */
#include "sql/sql_printer.h"

#include "base/error.h"

enum { LINE_COLUMNS = 100, INDENT = 4 };

/* --- Output --- */

static bool is_lost(const struct sql_printer *pr)
{
    return pr->status != RG_OK || (pr->flat && pr->out.len > pr->flat_end);
}

void sql_put_str(struct sql_printer *pr, struct str text)
{
    if (!is_lost(pr))
        buffer_str(&pr->out, text);
}

void sql_put(struct sql_printer *pr, const char *text)
{
    sql_put_str(pr, str_of(text));
}

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

bool sql_must_quote(struct str name, enum sql_dialect dialect)
{
    (void)dialect;
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
        if (!letter && (i == 0 || c < '0' || c > '9'))
            return true;
    }
    return name.len == 0 || (sql_word_flags(sql_word_find(name)) & SQL_RESERVED_QUOTE) != 0;
}

/* A name that was written without quotes is in lower case within them: without quotes, case does
 * not count. */
void sql_put_name(struct sql_printer *pr, struct str name, bool quoted)
{
    bool must = sql_must_quote(name, pr->options->dialect);
    if (!quoted && !must && !pr->options->quote_all) {
        sql_put_str(pr, name);
        return;
    }
    char quote = pr->dialect->quote;
    struct buffer *out = &pr->out;
    if (is_lost(pr))
        return;
    buffer_char(out, quote);
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        if (!quoted && c >= 'A' && c <= 'Z')
            c = (char)(c - 'A' + 'a');
        if (c == quote)
            buffer_char(out, c);
        buffer_char(out, c);
    }
    buffer_char(out, quote);
}

/* --- Layout --- */

static void new_line(struct sql_printer *pr)
{
    buffer_char(&pr->out, '\n');
    pr->line_start = pr->out.len;
    for (unsigned i = 0; i < pr->indent; i++)
        buffer_char(&pr->out, ' ');
}

static void put_break(struct sql_printer *pr, const char *flat)
{
    if (is_lost(pr))
        return;
    if (pr->options->pretty && !pr->flat)
        new_line(pr);
    else
        sql_put(pr, flat);
}

void sql_break(struct sql_printer *pr)
{
    put_break(pr, " ");
}

void sql_soft_break(struct sql_printer *pr)
{
    put_break(pr, "");
}

void sql_indent(struct sql_printer *pr, int steps)
{
    pr->indent = (unsigned)((int)pr->indent + steps * INDENT);
}

void sql_group(struct sql_printer *pr, sql_print_fn *print, const struct sql_node *node)
{
    if (!pr->options->pretty || pr->flat || pr->status) {
        print(pr, node);
        return;
    }
    size_t start = pr->out.len, line_start = pr->line_start;
    pr->flat = true;
    pr->flat_end = line_start + LINE_COLUMNS;
    print(pr, node);
    pr->flat = false;
    if (pr->out.len <= pr->flat_end || pr->status)
        return;
    pr->out.len = start;
    pr->out.data[start] = '\0';
    pr->line_start = line_start;
    print(pr, node);
}

static void put_elements(struct sql_printer *pr, const struct sql_node *list)
{
    for (uint32_t i = 0; i < list->n_child; i++) {
        if (i) {
            sql_put(pr, ",");
            sql_break(pr);
        }
        sql_put_clause(pr, list->child[i]);
    }
}

static void put_indented(struct sql_printer *pr, const struct sql_node *list)
{
    sql_indent(pr, 1);
    sql_break(pr);
    put_elements(pr, list);
    sql_indent(pr, -1);
}

void sql_put_list(struct sql_printer *pr, const struct sql_node *list)
{
    if (list && list->n_child)
        sql_group(pr, put_indented, list);
}

static void put_inside(struct sql_printer *pr, const struct sql_node *list)
{
    sql_indent(pr, 1);
    sql_soft_break(pr);
    put_elements(pr, list);
    sql_indent(pr, -1);
    sql_soft_break(pr);
}

void sql_put_bracketed(struct sql_printer *pr, const struct sql_node *list, const char *open,
                       const char *close)
{
    sql_put(pr, open);
    if (list && list->n_child)
        sql_group(pr, put_inside, list);
    sql_put(pr, close);
}

/* --- Entry --- */

enum rg_status sql_print(const struct sql_node *node, const struct sql_print_options *options,
                         struct buffer *out, struct rg_error *err)
{
    struct sql_printer printer = {.options = options,
                                  .dialect = &sql_dialect_info[options->dialect],
                                  .out = {.bytes_max = out->bytes_max},
                                  .err = err};
    if (node->kind == SQL_QUERY)
        sql_group(&printer, sql_put_query, node);
    else
        sql_put_clause(&printer, node);
    if (!printer.status && printer.out.failed)
        printer.status = error_no_memory(err, "sql");
    if (!printer.status)
        buffer_str(out, buffer_view(&printer.out));
    if (!printer.status && out->failed)
        printer.status = error_no_memory(err, "sql");
    buffer_fini(&printer.out);
    return printer.status;
}
