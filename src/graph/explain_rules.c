/* explain rules: the rules of a run as a graph, as JSON, DOT or SVG. An edge says that one rule
 * reads what another one emits. */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "graph/explain_work.h"
#include "graph/graph_layout.h"

struct rule_picture {
    struct explain_work *work;
    const json_t *rules, *edges;
    double slowest;
};

/* The colours of what rules emit, the first that the dataset's name begins with. */
static const struct {
    const char *dataset, *colour;
} colours[] = {
    {"nodes ", "#2563eb"}, {"edges ", "#15803d"}, {"unresolved", "#b91c1c"},
    {"props", "#7e22ce"},  {"", "#6b7280"},
};

static const char *colour_of(const json_t *rule)
{
    const char *emits = json_member(rule, "emits");
    size_t i = 0;
    while (strncmp(emits, colours[i].dataset, strlen(colours[i].dataset)) != 0)
        i++;
    return colours[i].colour;
}

/* What is told of a rule where the pointer rests on it. */
static void print_tip(const json_t *rule, struct buffer *out)
{
    const json_t *rows = json_object_get(rule, "rows_out");
    const json_t *seconds = json_object_get(rule, "seconds");
    buffer_printf(out, "%s emits %s", json_member(rule, "rule"), json_member(rule, "emits"));
    if (rows)
        buffer_printf(out, "; %lld rows", (long long)json_integer_value(rows));
    if (seconds)
        buffer_printf(out, "; %.3f s", json_number_value(seconds));
    if (*json_member(rule, "why"))
        buffer_printf(out, "\n%s", json_member(rule, "why"));
    if (*json_member(rule, "facts"))
        buffer_printf(out, "\nfacts: %s", json_member(rule, "facts"));
}

/* White, and the more orange the more of the slowest rule's time it took. */
static void print_heat(const struct rule_picture *picture, const json_t *rule, struct buffer *out)
{
    double seconds = json_number_value(json_object_get(rule, "seconds"));
    double heat = picture->slowest > 0 ? seconds / picture->slowest : 0;
    buffer_printf(out, "#%02x%02x%02x", 255, (unsigned)(255 - 105 * heat),
                  (unsigned)(255 - 190 * heat));
}

/* --- DOT ------------------------------------------------------------------------------------- */

/* A text of DOT: in quotes, with quotes and backslashes escaped. */
static void print_dot_text(struct str text, struct buffer *out)
{
    buffer_char(out, '"');
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '"' || text.ptr[i] == '\\')
            buffer_char(out, '\\');
        if (text.ptr[i] == '\n')
            buffer_text(out, "\\n");
        else
            buffer_char(out, text.ptr[i]);
    }
    buffer_char(out, '"');
}

static void print_dot(const struct rule_picture *picture, struct buffer *out)
{
    size_t i;
    json_t *item;
    buffer_text(out, "digraph rules {\n  rankdir=LR;\n"
                     "  node [shape=box, style=\"rounded,filled\", fontname=\"sans-serif\", "
                     "fontsize=11];\n  edge [color=\"#9ca3af\", arrowsize=0.6];\n");
    json_array_foreach(picture->rules, i, item)
    {
        struct buffer tip = {0};
        print_tip(item, &tip);
        buffer_text(out, "  ");
        print_dot_text(str_of(json_member(item, "rule")), out);
        buffer_printf(out, " [color=\"%s\", fillcolor=\"", colour_of(item));
        print_heat(picture, item, out);
        buffer_text(out, "\", tooltip=");
        print_dot_text(buffer_view(&tip), out);
        buffer_text(out, "];\n");
        out->failed = out->failed || tip.failed;
        buffer_fini(&tip);
    }
    json_array_foreach(picture->edges, i, item)
    {
        buffer_text(out, "  ");
        print_dot_text(str_of(json_member(item, "from")), out);
        buffer_text(out, " -> ");
        print_dot_text(str_of(json_member(item, "to")), out);
        buffer_text(out, " [tooltip=");
        print_dot_text(str_of(json_member(item, "relation")), out);
        buffer_text(out, "];\n");
    }
    buffer_text(out, "}\n");
}

/* --- SVG ------------------------------------------------------------------------------------- */

enum { MARGIN = 20, HEAD = 34, LETTER = 7, BOX_HEIGHT = 22 };

static void print_xml(struct str text, struct buffer *out)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (c == '<')
            buffer_text(out, "&lt;");
        else if (c == '&')
            buffer_text(out, "&amp;");
        else if (c == '"')
            buffer_text(out, "&quot;");
        else
            buffer_char(out, c);
    }
}

static uint32_t place_of(const json_t *rules, const char *name)
{
    size_t i;
    json_t *rule;
    json_array_foreach(rules, i, rule)
    {
        if (strcmp(json_member(rule, "rule"), name) == 0)
            return (uint32_t)i;
    }
    return 0; /* edges come from the same tables as the rules */
}

static void print_svg_edge(const struct layout_edge *edge, const char *relation, struct buffer *out)
{
    const struct layout_point *p = edge->points;
    buffer_printf(out, "<path d=\"M%.1f %.1f", p[0].x, p[0].y);
    for (uint32_t i = 1; i < edge->n_points; i++) {
        double middle = (p[i - 1].x + p[i].x) / 2;
        if (i % 2) /* from one layer to the next */
            buffer_printf(out, " C%.1f %.1f %.1f %.1f %.1f %.1f", middle, p[i - 1].y, middle,
                          p[i].y, p[i].x, p[i].y);
        else
            buffer_printf(out, " L%.1f %.1f", p[i].x, p[i].y);
    }
    buffer_text(out, "\"><title>");
    print_xml(str_of(relation), out);
    buffer_text(out, "</title></path>\n");
}

static void print_svg_rule(const struct rule_picture *picture, const json_t *rule,
                           const struct layout_node *node, struct buffer *out)
{
    struct buffer tip = {0};
    print_tip(rule, &tip);
    buffer_text(out, "<g><title>");
    print_xml(buffer_view(&tip), out);
    buffer_printf(out,
                  "</title><rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" rx=\"5\" "
                  "stroke=\"%s\" fill=\"",
                  node->x, node->y, node->width, node->height, colour_of(rule));
    print_heat(picture, rule, out);
    buffer_printf(out, "\"/><text x=\"%.1f\" y=\"%.1f\">", node->x + node->width / 2,
                  node->y + node->height / 2 + 4);
    print_xml(str_of(json_member(rule, "rule")), out);
    buffer_text(out, "</text></g>\n");
    out->failed = out->failed || tip.failed;
    buffer_fini(&tip);
}

static void print_svg_head(const struct rule_picture *picture, const struct layout *layout,
                           struct buffer *out)
{
    static const struct {
        const char *name, *colour;
    } legend[] = {{"nodes", "#2563eb"},
                  {"edges", "#15803d"},
                  {"unresolved", "#b91c1c"},
                  {"props", "#7e22ce"},
                  {"in between", "#6b7280"}};
    double width = layout->width + 2 * MARGIN, height = layout->height + HEAD + 2 * MARGIN;
    double x = MARGIN;
    width = width < 720 ? 720 : width;
    buffer_printf(out,
                  "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%.0f\" height=\"%.0f\" "
                  "viewBox=\"0 0 %.0f %.0f\" font-family=\"sans-serif\" font-size=\"11\">\n"
                  "<rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>\n",
                  width, height, width, height);
    for (size_t i = 0; i < sizeof legend / sizeof *legend; i++) {
        buffer_printf(
            out,
            "<rect x=\"%.0f\" y=\"12\" width=\"14\" height=\"12\" rx=\"3\" fill=\"white\" "
            "stroke=\"%s\"/><text x=\"%.0f\" y=\"22\">%s</text>\n",
            x, legend[i].colour, x + 20, legend[i].name);
        x += 34 + LETTER * (double)strlen(legend[i].name);
    }
    buffer_printf(out,
                  "<rect x=\"%.0f\" y=\"12\" width=\"14\" height=\"12\" rx=\"3\" fill=\"#ff9641\"/>"
                  "<text x=\"%.0f\" y=\"22\">as slow as the slowest rule, %.3f s</text>\n",
                  x, x + 20, picture->slowest);
    buffer_printf(out, "<g transform=\"translate(%d %d)\">\n", MARGIN, HEAD + MARGIN);
}

static bool print_svg(const struct rule_picture *picture, struct buffer *out)
{
    struct arena *arena = &picture->work->arena;
    struct layout layout = {.n_nodes = json_array_size(picture->rules),
                            .n_edges = json_array_size(picture->edges),
                            .layer_gap = 60,
                            .node_gap = 10};
    size_t i;
    json_t *item;
    layout.nodes = ARENA_ARRAY(arena, layout.n_nodes + 1, struct layout_node);
    layout.edges = ARENA_ARRAY(arena, layout.n_edges + 1, struct layout_edge);
    if (!layout.nodes || !layout.edges)
        return false;
    json_array_foreach(picture->rules, i, item)
    {
        layout.nodes[i].width = 16 + LETTER * (double)strlen(json_member(item, "rule"));
        layout.nodes[i].height = BOX_HEIGHT;
    }
    json_array_foreach(picture->edges, i, item)
    {
        layout.edges[i].from = place_of(picture->rules, json_member(item, "from"));
        layout.edges[i].to = place_of(picture->rules, json_member(item, "to"));
    }
    if (!layout_make(&layout, arena))
        return false;
    print_svg_head(picture, &layout, out);
    buffer_text(out, "<g fill=\"none\" stroke=\"#9ca3af\" stroke-opacity=\"0.7\">\n");
    json_array_foreach(picture->edges, i, item)
        print_svg_edge(&layout.edges[i], json_member(item, "relation"), out);
    buffer_text(out, "</g>\n<g text-anchor=\"middle\">\n");
    json_array_foreach(picture->rules, i, item)
        print_svg_rule(picture, item, &layout.nodes[i], out);
    buffer_text(out, "</g>\n</g>\n</svg>\n");
    return true;
}

/* --- The graph ------------------------------------------------------------------------------- */

/* `emitted` is a view of explain.c: rule and relation. */
static const char rules_sql[] =
    "SELECT r.rule, r.emits, r.why, e.mode, e.rows_out, e.seconds, (SELECT string_agg(DISTINCT "
    "q.relation, ', ' ORDER BY q.relation) FROM required_columns AS q WHERE q.rule = r.rule AND "
    "q.relation NOT IN (SELECT relation FROM emitted)) AS facts FROM rules AS r LEFT JOIN "
    "rule_events AS e ON e.rule = r.rule WHERE NOT r.is_audit ORDER BY r.rule";
static const char edges_sql[] =
    "SELECT e.rule AS \"from\", q.rule AS \"to\", string_agg(DISTINCT q.relation, ', ' ORDER BY "
    "q.relation) AS relation FROM required_columns AS q JOIN rules AS r ON r.rule = q.rule AND NOT "
    "r.is_audit JOIN emitted AS e ON e.relation = q.relation WHERE e.rule <> q.rule GROUP BY "
    "e.rule, q.rule ORDER BY ALL";

enum rg_status explain_rules(struct explain_work *work, struct rg_error *err)
{
    json_t *rules = NULL, *edges = NULL;
    enum rg_status status =
        explain_rows(work, work->store, str_of(rules_sql), "ttttirt", &rules, err);
    if (status == RG_OK)
        status = explain_rows(work, work->store, str_of(edges_sql), "ttt", &edges, err);
    struct rule_picture picture = {work, rules, edges, 0};
    for (size_t i = 0; i < json_array_size(rules); i++) {
        double seconds = json_number_value(json_object_get(json_array_get(rules, i), "seconds"));
        picture.slowest = seconds > picture.slowest ? seconds : picture.slowest;
    }
    const char *format = work->request->format;
    if (status == RG_OK && !format) {
        work->result =
            json_pack("{s:s, s:O, s:O}", "run", work->run, "rules", rules, "edges", edges);
    } else if (status == RG_OK) {
        if (strcmp(format, "dot") == 0)
            print_dot(&picture, &work->text);
        else if (!print_svg(&picture, &work->text))
            status = error_no_memory(err, EXPLAIN_LAYER);
    }
    json_decref(rules);
    json_decref(edges);
    return status;
}
