/* The tree as indented lines, for people and tests. */
#include "sql/sql_tree.h"

#include "base/buffer.h"

/* It never comes to rest over these. */
/* clang-format off */
#define OP_NAMES(X)                                                                                \
    X(NOT)                                                                                         \
    X(NEGATE)                                                                                      \
    X(PLUS)                                                                                        \
    X(BIT_NOT)                                                                                     \
    X(NULL) X(TRUE) X(FALSE) X(UNKNOWN) X(NUMBER) X(STRING) X(BLOB) X(LIKE) X(ILIKE) X(GLOB)       \
        X(SIMILAR) X(UNION) X(INTERSECT) X(EXCEPT) X(COMMA) X(CROSS) X(INNER) X(LEFT) X(RIGHT)     \
            X(FULL) X(SEMI) X(ANTI) X(ROWS) X(RANGE) X(GROUPS) X(EXCLUDE_CURRENT_ROW)              \
                X(EXCLUDE_GROUP) X(EXCLUDE_TIES) X(EXCLUDE_NO_OTHERS) X(UNBOUNDED_PRECEDING)       \
                    X(PRECEDING) X(CURRENT_ROW) X(FOLLOWING) X(UNBOUNDED_FOLLOWING)                \
                        X(GROUPING_SETS) X(ROLLUP) X(CUBE)
/* clang-format on */

static const char *const op_names[SQL_OP_COUNT] = {
#define X(op, text, precedence, commutative) [SQL_OP_##op] = text,
    SQL_BINARY_OPS(X)
#undef X
#define X(op) [SQL_OP_##op] = #op,
        OP_NAMES(X)
#undef X
};

/* clang-format off */
#define FLAG_NAMES(X)                                                                              \
    X(NOT)                                                                                         \
    X(DISTINCT)                                                                                    \
    X(ALL)                                                                                         \
    X(BY_NAME)                                                                                     \
    X(RECURSIVE) X(LATERAL) X(NATURAL) X(QUOTED) X(TRY) X(DESC) X(NULLS_FIRST) X(NULLS_LAST)       \
        X(IGNORE_NULLS) X(RESPECT_NULLS) X(WITHIN_GROUP) X(ORDINALITY) X(SYMMETRIC)                \
            X(MATERIALIZED) X(NOT_MATERIALIZED) X(NAME_ONLY) X(PERCENT) X(ARROW) X(ALIAS_MADE)
/* clang-format on */

static const struct {
    uint32_t flag;
    const char *name;
} flag_names[] = {
#define X(flag) {SQL_FLAG_##flag, #flag},
    FLAG_NAMES(X)
#undef X
};

/* The name of the n-th slot: a word of "left right on using". */
static struct str slot_name(const struct sql_node *parent, uint32_t slot)
{
    struct str rest = str_of(sql_kind_info[parent->kind].slots), word = {NULL, 0};
    for (uint32_t i = 0; i <= slot && rest.ptr; i++)
        word = str_split(&rest, ' ');
    return word;
}

static void dump(const struct sql_node *node, struct str slot, unsigned depth, struct buffer *out)
{
    buffer_printf(out, "%*s", (int)depth * 2, "");
    if (slot.ptr)
        buffer_printf(out, STR_FMT ": ", STR_ARG(slot));
    buffer_text(out, sql_kind_info[node->kind].name);
    if (node->op)
        buffer_printf(out, " %s", op_names[node->op]);
    if (node->op2)
        buffer_printf(out, " %s", op_names[node->op2]);
    for (size_t i = 0; i < sizeof flag_names / sizeof *flag_names; i++)
        if (node->flags & flag_names[i].flag)
            buffer_printf(out, " %s", flag_names[i].name);
    if (node->text.ptr) {
        buffer_char(out, ' ');
        buffer_sql_text(out, node->text);
    }
    buffer_printf(out, " [%u,%u)\n", (unsigned)node->span.start, (unsigned)node->span.end);
    for (uint32_t i = 0; i < node->n_child; i++) {
        if (!node->child[i])
            continue;
        bool fixed = i < sql_kind_info[node->kind].n_fixed;
        dump(node->child[i], fixed ? slot_name(node, i) : (struct str){NULL, 0}, depth + 1, out);
    }
}

void sql_dump(const struct sql_node *node, struct buffer *out)
{
    if (node)
        dump(node, (struct str){NULL, 0}, 0, out);
}
