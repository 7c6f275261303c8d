/* The steps of a layered drawing. A cell is what takes a place in a layer: a node, or the bend of a
 * long edge. */
#include "graph/graph_layout.h"

#include <stdlib.h>

#include "base/error.h"

enum { SWEEPS = 24, PULLS = 30 };
#define BEND_HEIGHT 4.0

struct cell {
    double height, y; /* centre */
    double wish;
    uint32_t layer;
    uint32_t node;          /* UINT32_MAX: a bend */
    uint32_t *left, *right; /* neighbours in the layers beside */
    uint32_t n_left, n_right;
};

/* Cells of a layer that touch each other. */
struct pool_of_cells {
    double mean;
    uint32_t n;
};

struct work {
    struct layout *layout;
    struct pool_of_cells *pools; /* scratch of pull_layer */
    struct arena *arena;
    struct cell *cells;
    uint32_t n_cells;
    uint32_t **chains; /* of each edge its cells from left to right */
    uint32_t **layers; /* cells of each layer in order */
    uint32_t *layer_sizes;
    uint32_t n_layers;
};

/* --- Layers --------------------------------------------------------------------------------- */

/* Nodes in an order in which edges point forwards; where a circle leaves no such node, the first
 * one is taken. */
static bool order_nodes(const struct layout *layout, struct arena *arena, uint32_t **out_order)
{
    size_t n = layout->n_nodes;
    uint32_t *waits = ARENA_ARRAY(arena, n + 1, uint32_t);
    uint32_t *order = ARENA_ARRAY(arena, n + 1, uint32_t);
    bool *taken = ARENA_ARRAY(arena, n + 1, bool);
    if (!waits || !order || !taken)
        return false;
    for (size_t e = 0; e < layout->n_edges; e++)
        waits[layout->edges[e].to] += layout->edges[e].from != layout->edges[e].to;
    for (size_t done = 0; done < n; done++) {
        size_t next = n, first = n;
        for (size_t i = n; i-- > 0;) {
            if (taken[i])
                continue;
            first = i;
            next = waits[i] == 0 ? i : next;
        }
        next = next < n ? next : first;
        taken[next] = true;
        order[done] = (uint32_t)next;
        for (size_t e = 0; e < layout->n_edges; e++)
            if (layout->edges[e].from == next && !taken[layout->edges[e].to])
                waits[layout->edges[e].to]--;
    }
    *out_order = order;
    return true;
}

/* As far left as what it needs allows; what needs nothing as far right as its readers allow. */
static bool find_layers(struct layout *layout, struct arena *arena)
{
    uint32_t *order = NULL, *place = ARENA_ARRAY(arena, layout->n_nodes + 1, uint32_t);
    if (!place || !order_nodes(layout, arena, &order))
        return false;
    for (size_t i = 0; i < layout->n_nodes; i++)
        place[order[i]] = (uint32_t)i;
    for (size_t i = 0; i < layout->n_nodes; i++) {
        for (size_t e = 0; e < layout->n_edges; e++) {
            const struct layout_edge *edge = &layout->edges[e];
            uint32_t layer = layout->nodes[edge->from].layer + 1;
            if (edge->to == order[i] && place[edge->from] < i &&
                layout->nodes[edge->to].layer < layer)
                layout->nodes[edge->to].layer = layer;
        }
    }
    for (size_t i = layout->n_nodes; i-- > 0;) {
        uint32_t right = UINT32_MAX;
        bool needs = false;
        for (size_t e = 0; e < layout->n_edges; e++) {
            const struct layout_edge *edge = &layout->edges[e];
            needs = needs || (edge->to == order[i] && edge->from != edge->to);
            if (edge->from == order[i] && place[edge->to] > i &&
                layout->nodes[edge->to].layer < right)
                right = layout->nodes[edge->to].layer;
        }
        if (!needs && right != UINT32_MAX)
            layout->nodes[order[i]].layer = right - 1;
    }
    return true;
}

/* --- Cells ---------------------------------------------------------------------------------- */

static uint32_t add_cell(struct work *work, uint32_t node, uint32_t layer, double height)
{
    work->cells[work->n_cells] = (struct cell){.node = node, .layer = layer, .height = height};
    return work->n_cells++;
}

/* The cells of an edge, from the left layer to the right one. */
static bool make_chain(struct work *work, size_t index)
{
    const struct layout_edge *edge = &work->layout->edges[index];
    uint32_t a = edge->from, b = edge->to;
    if (work->cells[a].layer > work->cells[b].layer) {
        a = edge->to;
        b = edge->from;
    }
    uint32_t first = work->cells[a].layer, last = work->cells[b].layer;
    work->chains[index] = ARENA_ARRAY(work->arena, last - first + 2, uint32_t);
    if (!work->chains[index])
        return false;
    work->chains[index][0] = a;
    for (uint32_t layer = first + 1; layer < last; layer++)
        work->chains[index][layer - first] = add_cell(work, UINT32_MAX, layer, BEND_HEIGHT);
    work->chains[index][last - first] = b;
    return true;
}

static uint32_t chain_length(const struct work *work, size_t index)
{
    const struct layout_edge *edge = &work->layout->edges[index];
    uint32_t a = work->cells[edge->from].layer, b = work->cells[edge->to].layer;
    return (a < b ? b - a : a - b) + 1;
}

/* Twice over the chains: to count the neighbours, then to note them. */
static bool note_neighbours(struct work *work)
{
    for (int pass = 0; pass < 2; pass++) {
        for (size_t e = 0; e < work->layout->n_edges; e++) {
            for (uint32_t i = 0; i + 1 < chain_length(work, e); i++) {
                struct cell *left = &work->cells[work->chains[e][i]];
                struct cell *right = &work->cells[work->chains[e][i + 1]];
                if (pass) {
                    left->right[left->n_right] = work->chains[e][i + 1];
                    right->left[right->n_left] = work->chains[e][i];
                }
                left->n_right++;
                right->n_left++;
            }
        }
        for (uint32_t i = 0; i < work->n_cells && pass == 0; i++) {
            struct cell *cell = &work->cells[i];
            cell->left = ARENA_ARRAY(work->arena, cell->n_left + 1, uint32_t);
            cell->right = ARENA_ARRAY(work->arena, cell->n_right + 1, uint32_t);
            if (!cell->left || !cell->right)
                return false;
            cell->n_left = cell->n_right = 0;
        }
    }
    return true;
}

static bool make_cells(struct work *work)
{
    struct layout *layout = work->layout;
    size_t room = layout->n_nodes + 1;
    for (size_t i = 0; i < layout->n_nodes; i++)
        if (layout->nodes[i].layer + 1 > work->n_layers)
            work->n_layers = layout->nodes[i].layer + 1;
    room += layout->n_edges * (size_t)work->n_layers;
    work->cells = ARENA_ARRAY(work->arena, room, struct cell);
    work->chains = ARENA_ARRAY(work->arena, layout->n_edges + 1, uint32_t *);
    work->layers = ARENA_ARRAY(work->arena, work->n_layers + 1, uint32_t *);
    work->layer_sizes = ARENA_ARRAY(work->arena, work->n_layers + 1, uint32_t);
    work->pools = ARENA_ARRAY(work->arena, room, struct pool_of_cells);
    if (!work->cells || !work->pools || !work->chains || !work->layers || !work->layer_sizes)
        return false;
    for (size_t i = 0; i < layout->n_nodes; i++)
        add_cell(work, (uint32_t)i, layout->nodes[i].layer, layout->nodes[i].height);
    for (size_t e = 0; e < layout->n_edges; e++)
        if (!make_chain(work, e))
            return false;
    if (!note_neighbours(work))
        return false;
    for (uint32_t i = 0; i < work->n_cells; i++)
        work->layer_sizes[work->cells[i].layer]++;
    for (uint32_t l = 0; l < work->n_layers; l++) {
        work->layers[l] = ARENA_ARRAY(work->arena, work->layer_sizes[l] + 1, uint32_t);
        if (!work->layers[l])
            return false;
        work->layer_sizes[l] = 0;
    }
    for (uint32_t i = 0; i < work->n_cells; i++) {
        uint32_t layer = work->cells[i].layer;
        work->layers[layer][work->layer_sizes[layer]++] = i;
    }
    return true;
}

/* --- Places --------------------------------------------------------------------------------- */

/* The mean of the neighbours' places; its own where it has none. */
static double mean_of(const struct work *work, const struct cell *cell, bool left, bool right)
{
    double sum = 0;
    uint32_t n = 0;
    for (uint32_t i = 0; left && i < cell->n_left; i++, n++)
        sum += work->cells[cell->left[i]].y;
    for (uint32_t i = 0; right && i < cell->n_right; i++, n++)
        sum += work->cells[cell->right[i]].y;
    return n ? sum / n : cell->y;
}

/* Puts the cells of a layer one below the other, in their order. */
static void stack_layer(struct work *work, uint32_t layer)
{
    double y = 0;
    for (uint32_t i = 0; i < work->layer_sizes[layer]; i++) {
        struct cell *cell = &work->cells[work->layers[layer][i]];
        cell->y = y + cell->height / 2;
        y += cell->height + work->layout->node_gap;
    }
}

/* By wish; stable, so that equal wishes keep their order. Layers are short. */
static void sort_layer(struct work *work, uint32_t layer)
{
    uint32_t *cells = work->layers[layer];
    for (uint32_t i = 1; i < work->layer_sizes[layer]; i++) {
        uint32_t moved = cells[i], at = i;
        for (; at > 0 && work->cells[cells[at - 1]].wish > work->cells[moved].wish; at--)
            cells[at] = cells[at - 1];
        cells[at] = moved;
    }
}

static void order_layers(struct work *work)
{
    for (uint32_t l = 0; l < work->n_layers; l++)
        stack_layer(work, l);
    for (int sweep = 0; sweep < SWEEPS; sweep++) {
        bool forwards = sweep % 2 == 0;
        for (uint32_t k = 0; k < work->n_layers; k++) {
            uint32_t layer = forwards ? k : work->n_layers - 1 - k;
            for (uint32_t i = 0; i < work->layer_sizes[layer]; i++) {
                struct cell *cell = &work->cells[work->layers[layer][i]];
                cell->wish = mean_of(work, cell, forwards, !forwards);
            }
            sort_layer(work, layer);
            stack_layer(work, layer);
        }
    }
}

/* Moves the cells of a layer as near to their wishes as their order and the gaps allow: least
 * squares under an order, by pooling neighbours that stand in each other's way (Barlow et al.,
 * Statistical Inference under Order Restrictions, 1972). */
static void pull_layer(struct work *work, uint32_t layer)
{
    const uint32_t *cells = work->layers[layer];
    uint32_t n = work->layer_sizes[layer], n_pools = 0;
    double offset = 0;
    for (uint32_t i = 0; i < n; i++) {
        const struct cell *cell = &work->cells[cells[i]];
        if (i)
            offset +=
                (work->cells[cells[i - 1]].height + cell->height) / 2 + work->layout->node_gap;
        work->pools[n_pools++] = (struct pool_of_cells){cell->wish - offset, 1};
        while (n_pools > 1 && work->pools[n_pools - 2].mean > work->pools[n_pools - 1].mean) {
            struct pool_of_cells *a = &work->pools[n_pools - 2], *b = &work->pools[n_pools - 1];
            a->mean = (a->mean * a->n + b->mean * b->n) / (a->n + b->n);
            a->n += b->n;
            n_pools--;
        }
    }
    offset = 0;
    for (uint32_t i = 0, pool = 0, used = 0; i < n; i++) {
        struct cell *cell = &work->cells[cells[i]];
        if (i)
            offset +=
                (work->cells[cells[i - 1]].height + cell->height) / 2 + work->layout->node_gap;
        if (used == work->pools[pool].n) {
            pool++;
            used = 0;
        }
        used++;
        cell->y = work->pools[pool].mean + offset;
    }
}

static void place_cells(struct work *work)
{
    for (int pull = 0; pull < PULLS; pull++) {
        for (uint32_t k = 0; k < work->n_layers; k++) {
            uint32_t layer = pull % 2 ? work->n_layers - 1 - k : k;
            for (uint32_t i = 0; i < work->layer_sizes[layer]; i++) {
                struct cell *cell = &work->cells[work->layers[layer][i]];
                cell->wish = mean_of(work, cell, true, true);
            }
            pull_layer(work, layer);
        }
    }
}

/* --- The drawing ---------------------------------------------------------------------------- */

static bool draw_edge(struct work *work, size_t index, const double *left, const double *width)
{
    struct layout_edge *edge = &work->layout->edges[index];
    uint32_t n = chain_length(work, index);
    edge->points = ARENA_ARRAY(work->arena, 2 * (size_t)n, struct layout_point);
    if (!edge->points)
        return false;
    for (uint32_t i = 0; i < n; i++) {
        const struct cell *cell = &work->cells[work->chains[index][i]];
        bool bend = cell->node == UINT32_MAX;
        double x = left[cell->layer];
        double end = x + (bend ? width[cell->layer] : work->layout->nodes[cell->node].width);
        if (i > 0) /* the first one is only left, the last one only entered */
            edge->points[edge->n_points++] = (struct layout_point){x, cell->y};
        if (i + 1 < n)
            edge->points[edge->n_points++] = (struct layout_point){end, cell->y};
    }
    return true;
}

static bool draw(struct work *work)
{
    struct layout *layout = work->layout;
    double *left = ARENA_ARRAY(work->arena, work->n_layers + 1, double);
    double *width = ARENA_ARRAY(work->arena, work->n_layers + 1, double);
    double top = 1e300, bottom = -1e300;
    if (!left || !width)
        return false;
    for (uint32_t i = 0; i < work->n_cells; i++) {
        struct cell *cell = &work->cells[i];
        top = cell->y - cell->height / 2 < top ? cell->y - cell->height / 2 : top;
        bottom = cell->y + cell->height / 2 > bottom ? cell->y + cell->height / 2 : bottom;
        if (cell->node != UINT32_MAX && layout->nodes[cell->node].width > width[cell->layer])
            width[cell->layer] = layout->nodes[cell->node].width;
    }
    for (uint32_t l = 0; l < work->n_layers; l++)
        left[l + 1] = left[l] + width[l] + layout->layer_gap;
    for (uint32_t i = 0; i < work->n_cells; i++)
        work->cells[i].y -= top;
    for (size_t i = 0; i < layout->n_nodes; i++) {
        layout->nodes[i].x = left[layout->nodes[i].layer];
        layout->nodes[i].y = work->cells[i].y - layout->nodes[i].height / 2;
    }
    for (size_t e = 0; e < layout->n_edges; e++)
        if (!draw_edge(work, e, left, width))
            return false;
    layout->width = work->n_layers ? left[work->n_layers] - layout->layer_gap : 0;
    layout->height = work->n_cells ? bottom - top : 0;
    return true;
}

bool layout_make(struct layout *layout, struct arena *arena)
{
    struct work work = {.layout = layout, .arena = arena};
    for (size_t e = 0; e < layout->n_edges; e++)
        RG_ASSERT(layout->edges[e].from < layout->n_nodes && layout->edges[e].to < layout->n_nodes);
    if (!find_layers(layout, arena) || !make_cells(&work))
        return false;
    order_layers(&work);
    place_cells(&work);
    return draw(&work);
}
