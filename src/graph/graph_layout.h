/* A layered drawing of a directed graph, from left to right (Sugiyama, Tagawa, Toda 1981): layers
 * by longest path, places within a layer by the mean of the neighbours, long edges bent through
 * the layers between. For pictures of some hundreds of nodes. */
#ifndef GRAPH_GRAPH_LAYOUT_H
#define GRAPH_GRAPH_LAYOUT_H

#include "base/arena.h"

struct layout_node {
    double width, height; /* given */
    double x, y;          /* found: the upper left corner */
    uint32_t layer;
};

struct layout_point {
    double x, y;
};

struct layout_edge {
    uint32_t from, to;           /* given */
    struct layout_point *points; /* found: pairs of the entry into and exit from each layer that it
                                    passes, the ends among them: 2 or more, an even number */
    uint32_t n_points;
};

struct layout {
    struct layout_node *nodes;
    size_t n_nodes;
    struct layout_edge *edges;
    size_t n_edges;
    double layer_gap, node_gap;
    double width, height; /* found */
};

/* Edges of a circle that point backwards are drawn backwards. False when memory is out. */
bool layout_make(struct layout *layout, struct arena *arena);

#endif
