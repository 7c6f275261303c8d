/* Identifiers in one spelling: lower-case where they are not quoted, quoted only where they must
 * be. */
#include "sql/sql_print.h"
#include "sql/sql_rewrite.h"

/* Kinds whose text is a name that the text wrote. */
static bool has_name(const struct sql_node *node)
{
    switch (node->kind) {
    case SQL_IDENT:
    case SQL_ITEM:
    case SQL_ALIAS:
    case SQL_CTE:
    case SQL_FIELD:
    case SQL_CALL:
    case SQL_NAMED_ARG:
    case SQL_MEMBER:
    case SQL_WINDOW:
    case SQL_WINDOW_DEF:
        return node->text.ptr != NULL;
    default:
        return false;
    }
}

static bool has_upper(struct str text)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] >= 'A' && text.ptr[i] <= 'Z')
            return true;
    return false;
}

/* Without memory the name stays as it was written: the same one to every engine here. */
static struct str lower(struct arena *arena, struct str text)
{
    char *copy = arena_alloc(arena, text.len + 1);
    if (!copy)
        return text;
    for (size_t i = 0; i < text.len; i++)
        copy[i] = (char)(text.ptr[i] >= 'A' && text.ptr[i] <= 'Z' ? text.ptr[i] + ('a' - 'A')
                                                                  : text.ptr[i]);
    return (struct str){copy, text.len};
}

static bool normalize(void *arena, struct sql_node *node)
{
    if (!has_name(node))
        return true;
    if (!sql_flag(node, SQL_FLAG_QUOTED)) {
        if (has_upper(node->text))
            node->text = lower(arena, node->text);
    } else if (!has_upper(node->text) && !sql_must_quote(node->text, SQL_DUCKDB)) {
        node->flags &= ~(uint32_t)SQL_FLAG_QUOTED;
    }
    return true;
}

void sql_normalize_identifiers(struct sql_node *root, struct arena *arena)
{
    sql_walk(root, normalize, NULL, arena);
}
