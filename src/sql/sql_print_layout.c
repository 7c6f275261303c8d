/* Layout: lines, groups, lists, and the comments of the text.
 *
 * A line end is not written at once: it waits for what comes behind it, as a comment may have to be
 * put on either side. Comments are taken in their order, each where the first thing behind it is
 * printed: one beside code stays at the end of a line, one on a line of its own stays on one, and
 * what cannot be in the middle of a line waits for the next line end. */
#include "sql/sql_printer.h"

enum { LINE_COLUMNS = 100, INDENT = 4 };

/* --- Output --- */

/* Nothing more is written: an error, or a flat group that does not fit. */
static bool is_lost(const struct sql_printer *pr)
{
    return pr->status != RG_OK || (pr->flat && pr->out.len > pr->flat_end);
}

static void write_line_end(struct sql_printer *pr, unsigned indent)
{
    buffer_char(&pr->out, '\n');
    pr->line_start = pr->out.len;
    for (unsigned i = 0; i < indent; i++)
        buffer_char(&pr->out, ' ');
}

static void write_waiting_line_end(struct sql_printer *pr)
{
    if (pr->waiting)
        write_line_end(pr, pr->waiting_indent);
    pr->waiting = false;
}

void sql_put_str(struct sql_printer *pr, struct str text)
{
    if (is_lost(pr))
        return;
    write_waiting_line_end(pr);
    buffer_str(&pr->out, text);
}

void sql_put(struct sql_printer *pr, const char *text)
{
    sql_put_str(pr, str_of(text));
}

void sql_put_char(struct sql_printer *pr, char c)
{
    sql_put_str(pr, (struct str){&c, 1});
}

/* --- Comments --- */

static struct str comment_text(const struct sql_printer *pr, const struct sql_comment *comment)
{
    struct str text = pr->comments->text;
    return (struct str){text.ptr + comment->span.start, comment->span.end - comment->span.start};
}

/* It may stand in the middle of a line. */
static bool is_inline(const struct sql_printer *pr, const struct sql_comment *comment)
{
    struct str text = comment_text(pr, comment);
    return !comment->own_line && text.ptr[0] == '/' && !memchr(text.ptr, '\n', text.len);
}

/* A blank line follows it in the text. */
static bool blank_line_behind(const struct sql_printer *pr, const struct sql_comment *comment)
{
    struct str text = pr->comments->text;
    unsigned line_ends = 0;
    for (size_t i = comment->span.end; i < text.len && strchr(" \t\r\n", text.ptr[i]); i++)
        line_ends += text.ptr[i] == '\n';
    return line_ends > 1;
}

static void put_comment(struct sql_printer *pr, const struct sql_comment *comment)
{
    struct str text = comment_text(pr, comment);
    buffer_str(&pr->out, text);
    for (size_t i = text.len; i > 0; i--)
        if (text.ptr[i - 1] == '\n') {
            pr->line_start = pr->out.len - (text.len - i);
            break;
        }
}

/* At a line end: at the end of the line before it, or on a line of its own behind it. */
static void put_at_line_end(struct sql_printer *pr, const struct sql_comment *comment)
{
    bool beside = !comment->own_line && !pr->line_is_closed;
    if (pr->out.len && beside)
        buffer_char(&pr->out, ' ');
    else if (pr->out.len)
        write_line_end(pr, pr->waiting_indent);
    put_comment(pr, comment);
    struct str text = comment_text(pr, comment);
    pr->line_is_closed = text.ptr[0] == '-' || comment->own_line || !beside;
    if (pr->line_is_closed && comment->own_line && blank_line_behind(pr, comment))
        buffer_char(&pr->out, '\n');
}

static void put_comments(struct sql_printer *pr, uint32_t before)
{
    if (!pr->comments || is_lost(pr))
        return;
    bool line_end = pr->waiting || pr->out.len == 0;
    pr->line_is_closed = false;
    for (; pr->next_comment < pr->comments->n_comments; pr->next_comment++) {
        const struct sql_comment *comment = &pr->comments->comments[pr->next_comment];
        if (comment->span.start >= before)
            break;
        if (line_end) {
            put_at_line_end(pr, comment);
            if (!pr->waiting) { /* at the very start */
                pr->waiting = true;
                pr->waiting_indent = 0;
            }
        } else if (is_inline(pr, comment)) {
            put_comment(pr, comment);
            buffer_char(&pr->out, ' ');
        } else {
            break;
        }
    }
}

void sql_at(struct sql_printer *pr, const struct sql_node *node)
{
    put_comments(pr, node->span.start);
}

/* Behind the last thing before a bracket: the comments that follow it directly. */
static uint32_t end_of_comments_behind(const struct sql_printer *pr, uint32_t end)
{
    if (!pr->comments)
        return end;
    struct str text = pr->comments->text;
    size_t at = end;
    for (size_t i = pr->next_comment; i < pr->comments->n_comments; i++) {
        const struct sql_comment *comment = &pr->comments->comments[i];
        if (comment->span.start < at)
            continue;
        while (at < comment->span.start && strchr(" \t\r\n", text.ptr[at]))
            at++;
        if (at != comment->span.start)
            break;
        at = comment->span.end;
    }
    return (uint32_t)at;
}

/* Where the last thing begins before which a comment can be put: not the parts of a name. */
static uint32_t last_start(const struct sql_node *node)
{
    uint32_t last = node->span.start;
    bool whole = node->kind == SQL_COLUMN || node->kind == SQL_TABLE || node->kind == SQL_TYPE;
    for (uint32_t i = 0; !whole && i < node->n_child; i++) {
        uint32_t start = node->child[i] ? last_start(node->child[i]) : 0;
        if (start > last)
            last = start;
    }
    return last;
}

/* Something inside of the node must be on a line of its own, or ends its line. What is behind the
 * start of the last thing in it comes out behind the node. */
static bool holds_line_comment(const struct sql_printer *pr, const struct sql_node *node)
{
    if (!pr->comments)
        return false;
    for (size_t i = pr->next_comment; i < pr->comments->n_comments; i++) {
        const struct sql_comment *comment = &pr->comments->comments[i];
        if (comment->span.start >= node->span.end)
            break;
        if (comment->span.start >= node->span.start && !is_inline(pr, comment))
            return comment->span.start < last_start(node);
    }
    return false;
}

/* --- Breaks and groups --- */

static void put_break(struct sql_printer *pr, const char *flat)
{
    if (is_lost(pr))
        return;
    if (pr->options->pretty && !pr->flat) {
        pr->waiting = true;
        pr->waiting_indent = pr->indent;
    } else {
        sql_put(pr, flat);
    }
}

void sql_break(struct sql_printer *pr, const struct sql_node *next)
{
    put_break(pr, " ");
    if (next)
        sql_at(pr, next);
}

void sql_soft_break(struct sql_printer *pr)
{
    put_break(pr, "");
}

void sql_close_break(struct sql_printer *pr, const struct sql_node *inside, const char *flat)
{
    put_break(pr, flat);
    if (pr->waiting)
        put_comments(pr, end_of_comments_behind(pr, inside->span.end));
}

void sql_indent(struct sql_printer *pr, int steps)
{
    pr->indent = (unsigned)((int)pr->indent + steps * INDENT);
}

void sql_group(struct sql_printer *pr, sql_print_fn *print, const struct sql_node *node)
{
    if (!pr->options->pretty || pr->flat || pr->status || holds_line_comment(pr, node)) {
        print(pr, node);
        return;
    }
    sql_at(pr, node);
    write_waiting_line_end(pr);
    size_t start = pr->out.len, line_start = pr->line_start, next_comment = pr->next_comment;
    pr->flat = true;
    pr->flat_end = line_start + LINE_COLUMNS;
    print(pr, node);
    pr->flat = false;
    if (pr->out.len <= pr->flat_end || pr->status)
        return;
    pr->out.len = start;
    pr->out.data[start] = '\0';
    pr->line_start = line_start;
    pr->next_comment = next_comment;
    print(pr, node);
}

/* --- Lists --- */

static void put_elements(struct sql_printer *pr, const struct sql_node *list)
{
    for (uint32_t i = 0; i < list->n_child; i++) {
        if (i) {
            sql_put(pr, ",");
            sql_break(pr, list->child[i]);
        }
        sql_put_clause(pr, list->child[i]);
    }
}

static void put_indented(struct sql_printer *pr, const struct sql_node *list)
{
    sql_indent(pr, 1);
    sql_break(pr, list);
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
    sql_close_break(pr, list->child[list->n_child - 1], "");
}

void sql_put_bracketed(struct sql_printer *pr, const struct sql_node *list, const char *open,
                       const char *close)
{
    sql_put(pr, open);
    if (list && list->n_child)
        sql_group(pr, put_inside, list);
    sql_put(pr, close);
}

/* --- Begin and end --- */

void sql_layout_begin(struct sql_printer *pr)
{
    if (pr->options->pretty)
        pr->comments = pr->options->comments;
}

void sql_layout_end(struct sql_printer *pr)
{
    pr->waiting = true;
    pr->waiting_indent = 0;
    put_comments(pr, UINT32_MAX);
    while (pr->out.len && pr->out.data[pr->out.len - 1] == '\n')
        pr->out.data[--pr->out.len] = '\0';
}
