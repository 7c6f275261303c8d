/* rules compile: the SQL that an engine gets, or scripts of a dialect in the order of running. */
#include <stdio.h>
#include <stdlib.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/file.h"
#include "base/suggest.h"
#include "compile/rule_script.h"
#include "graph/rules_work.h"

static enum rg_status find_dialect(const char *name, enum sql_dialect *out_dialect,
                                   struct rg_error *err)
{
    struct suggestion near = {.name = str_of(name)};
    if (sql_dialect_find(str_of(name), out_dialect))
        return RG_OK;
    for (size_t i = 0; i < SQL_DIALECT_COUNT; i++)
        suggest_offer(&near, str_of(sql_dialect_info[i].name));
    enum rg_status status =
        error_set(err, RG_ERR_USAGE, RULES_LAYER, "unknown dialect \"%s\"", name);
    if (near.best.ptr)
        error_hint(err, "did you mean " STR_FMT "?", STR_ARG(near.best));
    else
        error_hint(err, "one of duckdb, spark, postgres, clickhouse");
    return status;
}

/* --- To be read ----------------------------------------------------------------------------- */

static void add_rule(struct rules_work *work, const struct rule *rule, enum sql_dialect dialect,
                     json_t **rules)
{
    struct str sql = {NULL, 0};
    struct rg_error why = {.status = RG_OK};
    json_t *json =
        json_pack("{s:o, s:o}", "rule", json_text(rule->name), "emits", rules_emits_json(rule));
    if (rule_print(rule, dialect, &work->arena, &sql, &why) == RG_OK)
        json_put(&json, STR("sql"), json_text(sql));
    else
        json_put(&json, STR("error"), rules_place_json(&why));
    json_add(rules, json);
}

static void list_rules(struct rules_work *work, enum sql_dialect dialect)
{
    const struct rule_set *set = &work->set;
    json_t *rules = json_array();
    bool *told = ARENA_ARRAY(&work->arena, set->n_rules + 1, bool);
    for (size_t i = 0; told && i < set->n_relations; i++)
        for (size_t r = 0; r < set->relations[i].n_rules; r++) {
            uint32_t index = set->relations[i].rules[r];
            if (!told[index] && work->selection.rules[index])
                add_rule(work, &set->rules[index], dialect, &rules);
            told[index] = true;
        }
    for (size_t i = 0; told && i < set->n_audits; i++)
        if (work->selection.audits[i])
            add_rule(work, &set->audits[i], dialect, &rules);
    if (!told) {
        json_decref(rules);
        rules = NULL;
    }
    work->result =
        json_pack("{s:s, s:o}", "dialect", sql_dialect_info[dialect].name, "rules", rules);
}

/* --- To be run ------------------------------------------------------------------------------ */

static enum rg_status write_script(const struct rules_work *work, size_t number,
                                   const struct rule_script *script, json_t **files,
                                   struct rg_error *err)
{
    struct buffer name = {0};
    struct buffer program = {0};
    if (script->loop)
        rule_loop_print(script, &program);
    buffer_printf(&name, "%03zu_" STR_FMT "%s", number, STR_ARG(script->name),
                  script->loop ? ".py" : ".sql");
    name.failed = name.failed || program.failed;
    char *path = name.failed ? NULL : path_join(work->request->output, name.data);
    enum rg_status status =
        path ? file_write(path, script->loop ? buffer_view(&program) : script->sql, err)
             : error_no_memory(err, RULES_LAYER);
    if (!status)
        json_add(files, json_text(buffer_view(&name)));
    free(path);
    buffer_fini(&program);
    buffer_fini(&name);
    return status;
}

static enum rg_status write_scripts(struct rules_work *work, enum sql_dialect dialect,
                                    struct rg_error *err)
{
    struct rule_script *scripts;
    size_t n = 0;
    json_t *files = json_array(), *errors = json_array();
    bool all = work->request->n_operands == 0;
    enum rg_status status = rule_set_scripts(
        &work->set, dialect, all ? NULL : work->selection.rules, &work->arena, &scripts, &n, err);
    if (!status)
        status = folder_make(work->request->output, err);
    for (size_t i = 0; i < n && !status; i++)
        if (scripts[i].sql.ptr || scripts[i].loop)
            status = write_script(work, i + 1, &scripts[i], &files, err);
        else
            json_add(&errors, rules_place_json(&scripts[i].error));
    work->result = json_pack("{s:s, s:s, s:o, s:o}", "dialect", sql_dialect_info[dialect].name,
                             "output", work->request->output, "files", files, "errors", errors);
    return status;
}

enum rg_status rules_compile(struct rules_work *work, struct rg_error *err)
{
    enum sql_dialect dialect = SQL_DUCKDB;
    enum rg_status status = RG_OK;
    if (work->request->dialect)
        status = find_dialect(work->request->dialect, &dialect, err);
    if (!status && work->request->output)
        status = write_scripts(work, dialect, err);
    else if (!status)
        list_rules(work, dialect);
    return status;
}
