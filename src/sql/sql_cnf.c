/* Conjunctive normal form: an AND of ORs, by distributing OR over AND, which holds in the logic of
 * three values as it does in that of two. What it would grow to is computed before; beyond the gate
 * a junction stays as it is. */
#include "base/error.h"
#include "base/limits.h"
#include "sql/sql_simplify.h"

struct cnf {
    struct simplifier s;
    uint64_t growth_max;
};

/* What a junction becomes: its clauses, and the nodes of them all. Saturates. */
struct growth {
    uint64_t clauses, nodes;
};
#define GROWTH_MAX UINT32_MAX

static uint64_t saturated(uint64_t n)
{
    return n < GROWTH_MAX ? n : GROWTH_MAX;
}

static uint64_t count_nodes(const struct sql_node *node)
{
    uint64_t n = 1;
    for (uint32_t i = 0; i < node->n_child; i++)
        if (node->child[i])
            n += count_nodes(node->child[i]);
    return n;
}

static struct growth growth_of(const struct sql_node *node)
{
    struct growth all = {1, 0};
    if (node->kind == SQL_AND) {
        all.clauses = 0;
        for (uint32_t i = 0; i < node->n_child; i++) {
            struct growth one = growth_of(node->child[i]);
            all.clauses = saturated(all.clauses + one.clauses);
            all.nodes = saturated(all.nodes + one.nodes);
        }
    } else if (node->kind == SQL_OR) {
        /* each clause of one stands beside each combination of the others */
        for (uint32_t i = 0; i < node->n_child; i++) {
            struct growth one = growth_of(node->child[i]);
            all.nodes = saturated(all.nodes * one.clauses + one.nodes * all.clauses);
            all.clauses = saturated(all.clauses * one.clauses);
        }
    } else {
        all.nodes = saturated(count_nodes(node));
    }
    return all;
}

static struct sql_node *junction_of(struct cnf *cnf, enum sql_kind kind, struct sql_span span,
                                    struct sql_node **children, uint32_t n)
{
    struct sql_node *node = sql_node_with(cnf->s.arena, kind, span, children, n);
    if (!node)
        cnf->s.failed = true;
    else
        node->type = sql_type_of(SQL_T_BOOLEAN);
    return node;
}

/* The clauses of a node, appended: an AND's children's, an OR's combinations, a leaf itself. */
struct clauses {
    struct sql_node **clause; /* an OR, or a leaf */
    uint32_t n;
};

static struct clauses clauses_of(struct cnf *cnf, struct sql_node *node);

/* left OR right, flat; what is used more than once is copied. */
static struct sql_node *either(struct cnf *cnf, const struct sql_node *left,
                               const struct sql_node *right)
{
    uint32_t n_left = left->kind == SQL_OR ? left->n_child : 1;
    uint32_t n = n_left + (right->kind == SQL_OR ? right->n_child : 1);
    struct sql_node **children = ARENA_ARRAY(cnf->s.arena, n, struct sql_node *);
    if (!children) {
        cnf->s.failed = true;
        return NULL;
    }
    for (uint32_t i = 0; i < n; i++) {
        const struct sql_node *from = i < n_left ? left : right;
        const struct sql_node *child =
            from->kind == SQL_OR ? from->child[i < n_left ? i : i - n_left] : from;
        children[i] = simplify_copy(&cnf->s, child);
        if (!children[i])
            return NULL;
    }
    return junction_of(cnf, SQL_OR, left->span, children, n);
}

static struct clauses all_of(struct cnf *cnf, const struct sql_node *node)
{
    struct clauses all = {0};
    for (uint32_t i = 0; i < node->n_child && !cnf->s.failed; i++) {
        struct clauses one = clauses_of(cnf, node->child[i]);
        struct sql_node **grown =
            arena_grow(cnf->s.arena, all.clause, all.n, all.n + one.n, sizeof *grown);
        if (!grown) {
            cnf->s.failed = true;
            break;
        }
        for (uint32_t k = 0; k < one.n; k++)
            grown[all.n + k] = one.clause[k];
        all = (struct clauses){grown, all.n + one.n};
    }
    return all;
}

static struct clauses product_of(struct cnf *cnf, const struct sql_node *node)
{
    struct clauses all = clauses_of(cnf, node->child[0]);
    for (uint32_t i = 1; i < node->n_child && !cnf->s.failed; i++) {
        struct clauses one = clauses_of(cnf, node->child[i]), next = {0};
        next.clause = ARENA_ARRAY(cnf->s.arena, (size_t)all.n * one.n, struct sql_node *);
        if (!next.clause)
            cnf->s.failed = true;
        for (uint32_t a = 0; a < all.n && !cnf->s.failed; a++)
            for (uint32_t b = 0; b < one.n && !cnf->s.failed; b++)
                next.clause[next.n++] = either(cnf, all.clause[a], one.clause[b]);
        all = next;
    }
    return all;
}

static struct clauses clauses_of(struct cnf *cnf, struct sql_node *node)
{
    if (node->kind == SQL_AND)
        return all_of(cnf, node);
    if (node->kind == SQL_OR)
        return product_of(cnf, node);
    struct clauses one = {ARENA_NEW(cnf->s.arena, struct sql_node *), 1};
    if (!one.clause)
        cnf->s.failed = true;
    else
        *one.clause = node;
    return one;
}

static bool has_and(const struct sql_node *node)
{
    for (uint32_t i = 0; i < node->n_child; i++)
        if (node->child[i]->kind == SQL_AND ||
            (node->child[i]->kind == SQL_OR && has_and(node->child[i])))
            return true;
    return false;
}

/* An OR that holds an AND, if what it grows to is within the gate. */
static struct sql_node *distributed(struct cnf *cnf, struct sql_node *node)
{
    if (!has_and(node) || growth_of(node).nodes > cnf->growth_max ||
        !simplify_is_pure(&cnf->s, node))
        return node;
    struct clauses clauses = clauses_of(cnf, node);
    if (cnf->s.failed || clauses.n < 2)
        return node;
    struct sql_node *new = junction_of(cnf, SQL_AND, node->span, clauses.clause, clauses.n);
    return simplify_replaced(&cnf->s, node, new);
}

static struct sql_node *normalized(struct cnf *cnf, struct sql_node *node)
{
    if (node->kind == SQL_OR)
        node = distributed(cnf, node);
    for (uint32_t i = 0; i < node->n_child && !cnf->s.failed; i++)
        if (node->child[i])
            node->child[i] = normalized(cnf, node->child[i]);
    if (!cnf->s.failed)
        sql_node_refresh(node);
    return node;
}

enum rg_status sql_to_cnf(struct sql_node **root, const struct sql_rewrite_options *options,
                          struct arena *arena, struct rg_error *err)
{
    struct cnf cnf = {.s = {.arena = arena, .options = options},
                      .growth_max =
                          options->growth_max ? options->growth_max : LIMIT_SQL_CNF_NODES};
    /* NOT stands before leaves then, and junctions are flat. */
    enum rg_status status = sql_simplify(root, options, arena, err);
    if (status != RG_OK)
        return status;
    *root = normalized(&cnf, *root);
    if (cnf.s.failed)
        return error_no_memory(err, "sql");
    return cnf.s.changed ? sql_simplify(root, options, arena, err) : RG_OK;
}
