/* What can be asked of a graph, as JSON, and the versions of what does the work. Everything comes
 * from the tables that the rest of the library works with. */
#include <stdlib.h>

#include "base/embedded.h"
#include "base/error.h"
#include "compile/contract.h"
#include "engine/session.h"
#include "extract/extract.h"
#include "graph/diagnostics.h"
#include "base/json_build.h"
#include "graph/views.h"

static const char layer[] = "graph";

/* --- Versions ------------------------------------------------------------------------------- */

size_t rg_components(struct rg_component *out_rows, size_t capacity)
{
    const struct rg_component own[] = {
        {"relgraph", rg_version()},
        {"duckdb", engine_version()},
        {"jansson", JANSSON_VERSION},
    };
    enum { OWN = sizeof own / sizeof *own };
    for (size_t i = 0; i < OWN && i < capacity; i++)
        out_rows[i] = own[i];
    size_t room = capacity > OWN ? capacity - OWN : 0;
    return OWN + extract_components(room ? out_rows + OWN : NULL, room);
}

/* --- Schema --------------------------------------------------------------------------------- */

static json_t *table_json(const struct dataset *dataset)
{
    json_t *columns = json_array(), *key = json_array();
    for (size_t i = 0; i < dataset->n_columns; i++) {
        const struct dataset_column *c = &dataset->columns[i];
        json_add(&columns, json_pack("{s:o, s:o, s:b, s:o}", "name", json_text(c->name), "type",
                                     json_text(c->type), "not_null", (int)c->not_null, "what",
                                     json_text(c->what)));
    }
    for (size_t i = 0; i < dataset->n_key; i++)
        json_add(&key, json_text(dataset->columns[dataset->key[i]].name));
    return json_pack("{s:o, s:o, s:o, s:o}", "name", json_text(dataset->name), "what",
                     json_text(dataset->what), "columns", columns, "key", key);
}

static json_t *diagnostic_json(const struct diagnostic_spec *spec)
{
    json_t *columns = json_array();
    for (size_t i = 0; i < spec->n_columns; i++) {
        const struct diagnostic_column *c = &spec->columns[i];
        json_add(&columns, json_pack("{s:s, s:s, s:b, s:s}", "name", c->name, "type", c->type,
                                     "not_null", 0, "what", c->what ? c->what : ""));
    }
    return json_pack("{s:s, s:s, s:o, s:[]}", "name", spec->name, "what", spec->what, "columns",
                     columns, "key");
}

static json_t *tables_json(const struct contracts *contracts)
{
    json_t *tables = json_array();
    for (size_t i = 0; i < contracts->n_datasets; i++)
        if (contracts->datasets[i].layer == DATASET_PRODUCT)
            json_add(&tables, table_json(&contracts->datasets[i]));
    for (size_t i = 0; i < diagnostic_specs_count; i++)
        json_add(&tables, diagnostic_json(&diagnostic_specs[i]));
    return tables;
}

/* A macro has a signature and says what it returns; a view is a table as others are. */
static json_t *view_json(const struct view_spec *view)
{
    json_t *columns = json_array();
    for (const struct view_column *c = view->columns; c && c->name; c++)
        json_add(&columns,
                 json_pack("{s:s, s:s}", "name", c->name, "what", c->what ? c->what : ""));
    json_t *json = json_pack("{s:s, s:s, s:o}", "name", view->name, "what", view->what,
                             view->parameters ? "returns" : "columns", columns);
    if (view->parameters)
        json_put(&json, STR("signature"), json_sprintf("%s(%s)", view->name, view->parameters));
    json_put(&json, STR("example"),
             view->example ? json_string(view->example)
                           : json_sprintf("SELECT * FROM %s LIMIT 5", view->name));
    return json;
}

static json_t *views_json(bool macros)
{
    json_t *views = json_array();
    for (size_t i = 0; i < view_specs_count; i++)
        if (macros == (view_specs[i].parameters != NULL))
            json_add(&views, view_json(&view_specs[i]));
    return views;
}

static json_t *kinds_json(const char *dataset)
{
    json_t *kinds = json_array();
    for (size_t i = 0; i < kind_specs_count; i++) {
        const struct kind_spec *kind = &kind_specs[i];
        if (str_is(str_of(kind->dataset), dataset))
            json_add(&kinds, json_pack("{s:s, s:s, s:b, s:b}", "name", kind->name, "what",
                                       kind->what ? kind->what : "", "chooses_one",
                                       (int)kind->chooses_one, "ours", (int)kind->ours));
    }
    return kinds;
}

static json_t *resolutions_json(void)
{
    json_t *rows = json_array();
    for (size_t i = 0; i < resolution_specs_count; i++)
        json_add(&rows,
                 json_pack("{s:s, s:s, s:f}", "name", resolution_specs[i].name, "what",
                           resolution_specs[i].what, "confidence", resolution_specs[i].confidence));
    return rows;
}

static struct str datasets_text(void)
{
    for (size_t i = 0; i < embedded_rules_count; i++)
        if (str_is(str_of(embedded_rules[i].name), "datasets.sql"))
            return (struct str){embedded_rules[i].data, embedded_rules[i].size};
    return (struct str){NULL, 0};
}

enum rg_status rg_schema_json(char **out_text, struct rg_error *err)
{
    *out_text = NULL;
    struct arena arena = {0};
    struct contracts contracts;
    struct str text = datasets_text();
    RG_ASSERT(text.ptr);
    enum rg_status status = contracts_parse(text, &arena, &contracts, err);
    if (status == RG_OK) {
        json_t *root =
            json_pack("{s:s, s:o, s:o, s:o, s:o, s:o, s:o}", "relgraph", rg_version(), "tables",
                      tables_json(&contracts), "views", views_json(false), "macros",
                      views_json(true), "node_kinds", kinds_json("nodes"), "edge_kinds",
                      kinds_json("edges"), "resolutions", resolutions_json());
        *out_text = json_take_text(root, JSON_INDENT(2));
        status = *out_text ? RG_OK : error_no_memory(err, layer);
    }
    arena_fini(&arena);
    return status;
}

void rg_text_free(char *text)
{
    free(text);
}
