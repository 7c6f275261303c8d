/* The layered drawing on random graphs: nothing overlaps, edges of a graph without circles lead to
 * the right, and each begins and ends at its nodes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "graph/graph_layout.h"

static uint64_t next_random(uint64_t *state)
{
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return *state >> 33;
}

static void check_apart(const struct layout *layout)
{
    for (size_t i = 0; i < layout->n_nodes; i++) {
        const struct layout_node *a = &layout->nodes[i];
        assert_true(a->x >= -1e-6 && a->y >= -1e-6);
        assert_true(a->x + a->width <= layout->width + 1e-6);
        assert_true(a->y + a->height <= layout->height + 1e-6);
        for (size_t k = i + 1; k < layout->n_nodes; k++) {
            const struct layout_node *b = &layout->nodes[k];
            bool apart = a->x + a->width <= b->x || b->x + b->width <= a->x ||
                         a->y + a->height <= b->y + 1e-6 || b->y + b->height <= a->y + 1e-6;
            assert_true(apart);
        }
    }
}

static void check_edges(const struct layout *layout, bool forwards)
{
    for (size_t e = 0; e < layout->n_edges; e++) {
        const struct layout_edge *edge = &layout->edges[e];
        const struct layout_node *from = &layout->nodes[edge->from], *to = &layout->nodes[edge->to];
        if (forwards)
            assert_true(from->layer < to->layer);
        if (from->layer == to->layer)
            continue;
        const struct layout_node *left = from->layer < to->layer ? from : to;
        const struct layout_node *right = left == from ? to : from;
        assert_true(edge->n_points >= 2 && edge->n_points % 2 == 0);
        const struct layout_point *first = &edge->points[0];
        const struct layout_point *last = &edge->points[edge->n_points - 1];
        assert_true(first->x > left->x && first->y > left->y && first->y < left->y + left->height);
        assert_true(last->x == right->x && last->y > right->y &&
                    last->y < right->y + right->height);
    }
}

static void try_graph(uint64_t seed, size_t n_nodes, size_t n_edges, bool circles)
{
    struct arena arena = {0};
    uint64_t state = seed;
    struct layout layout = {
        .n_nodes = n_nodes, .n_edges = n_nodes > 1 ? n_edges : 0, .layer_gap = 50, .node_gap = 8};
    layout.nodes = ARENA_ARRAY(&arena, n_nodes + 1, struct layout_node);
    layout.edges = ARENA_ARRAY(&arena, n_edges + 1, struct layout_edge);
    for (size_t i = 0; i < n_nodes; i++) {
        layout.nodes[i].width = 20 + (double)(next_random(&state) % 100);
        layout.nodes[i].height = 10 + (double)(next_random(&state) % 20);
    }
    for (size_t e = 0; e < layout.n_edges; e++) {
        uint32_t a = (uint32_t)(next_random(&state) % n_nodes);
        uint32_t b = (uint32_t)(next_random(&state) % (n_nodes - 1));
        b += b >= a;
        bool swap = !circles && a > b;
        layout.edges[e].from = swap ? b : a;
        layout.edges[e].to = swap ? a : b;
    }
    assert_true(layout_make(&layout, &arena));
    check_apart(&layout);
    check_edges(&layout, !circles);
    arena_fini(&arena);
}

static void test_random_graphs(void **state)
{
    (void)state;
    try_graph(1, 0, 0, false);
    try_graph(1, 1, 0, false);
    for (uint64_t seed = 1; seed <= 60; seed++)
        try_graph(seed, 2 + seed % 40, seed % 90, seed % 3 == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_random_graphs)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
