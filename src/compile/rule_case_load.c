/* Where tests lie: embedded beside the built-in rules, and in the folders of added ones. */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>

#include "base/embedded.h"
#include "base/error.h"
#include "base/file.h"
#include "base/limits.h"
#include "compile/rule_case.h"
#include "compile/rule_parts.h"
#include "base/suggest.h"

struct case_loader {
    const struct rule_set *set;
    struct arena *arena;
    struct rule_cases *files;
    size_t n_files, capacity;
};

/* The rule or audit of a test's file name, NAME.test. */
static const struct rule *rule_of(const struct rule_set *set, struct str name)
{
    long index = rule_set_find(set, name);
    RG_ASSERT(name.ptr);
    if (index >= 0)
        return &set->rules[index];
    for (size_t i = 0; i < set->n_audits; i++)
        if (str_eq(set->audits[i].name, name))
            return &set->audits[i];
    return NULL;
}

static enum rg_status fail_no_rule(const struct rule_set *set, struct str file, struct str name,
                                   struct rg_error *err)
{
    char path[1024];
    struct suggestion near = {.name = name};
    size_t n = file.len < sizeof path - 1 ? file.len : sizeof path - 1;
    RG_ASSERT(file.ptr && (!set->n_rules || set->rules));
    for (size_t i = 0; i < set->n_rules; i++)
        suggest_offer(&near, set->rules[i].name);
    memcpy(path, file.ptr, n);
    path[n] = '\0';
    enum rg_status status =
        error_set(err, RG_ERR_RULE, COMPILE_LAYER,
                  "a test of rule " STR_FMT ", which does not exist", STR_ARG(name));
    error_place(err, path, 0, 0);
    rule_hint_near(err, &near);
    return status;
}

static enum rg_status add_cases(struct case_loader *loader, struct str file, struct str name,
                                struct str text, struct rg_error *err)
{
    const struct rule *rule = rule_of(loader->set, name);
    if (!rule)
        return fail_no_rule(loader->set, file, name, err);
    if (rule->broken)
        return RG_OK;
    if (loader->n_files == loader->capacity) {
        size_t capacity = loader->capacity ? 2 * loader->capacity : 32;
        struct rule_cases *grown =
            arena_grow(loader->arena, loader->files, loader->n_files, capacity, sizeof *grown);
        if (!grown)
            return error_no_memory(err, COMPILE_LAYER);
        loader->files = grown;
        loader->capacity = capacity;
    }
    return rule_cases_parse(loader->set, rule, file, text, loader->arena,
                            &loader->files[loader->n_files++], err);
}

static bool is_test_file(struct str name)
{
    return name.len > 5 && memcmp(name.ptr + name.len - 5, ".test", 5) == 0 && name.ptr[0] != '.';
}

static int only_tests(const struct dirent *entry)
{
    return is_test_file(str_of(entry->d_name));
}

static enum rg_status add_file(struct case_loader *loader, const char *folder, const char *name,
                               struct rg_error *err)
{
    char *path = path_join(folder, name), *data = NULL;
    size_t size = 0;
    enum rg_status status = path ? file_read(path, LIMIT_RULE_BYTES, true, &data, &size, err)
                                 : error_no_memory(err, COMPILE_LAYER);
    if (!status) {
        struct str file = arena_str(loader->arena, str_of(path));
        struct str text = arena_str(loader->arena, (struct str){data, size});
        struct str rule = arena_str(loader->arena, (struct str){name, strlen(name) - 5});
        status = file.ptr && text.ptr && rule.ptr ? add_cases(loader, file, rule, text, err)
                                                  : error_no_memory(err, COMPILE_LAYER);
    }
    free(data);
    free(path);
    return status;
}

static enum rg_status add_folder(struct case_loader *loader, const char *folder,
                                 struct rg_error *err)
{
    struct dirent **entries = NULL;
    int count = scandir(folder, &entries, only_tests, alphasort);
    if (count < 0)
        return error_errno(err, COMPILE_LAYER, errno, "cannot read the folder of rules", folder);
    enum rg_status status = RG_OK;
    for (int i = 0; i < count && !status; i++)
        status = add_file(loader, folder, entries[i]->d_name, err);
    for (int i = 0; i < count; i++)
        free(entries[i]);
    free(entries);
    return status;
}

enum rg_status rule_cases_load(const struct rule_set *set, const char *const *folders,
                               size_t n_folders, struct arena *arena, struct rule_cases **out_files,
                               size_t *out_n_files, struct rg_error *err)
{
    struct case_loader loader = {.set = set, .arena = arena};
    enum rg_status status = RG_OK;
    for (size_t i = 0; i < embedded_rule_tests_count && !status; i++) {
        struct str file = str_of(embedded_rule_tests[i].name);
        struct str text = {embedded_rule_tests[i].data, embedded_rule_tests[i].size};
        status = add_cases(&loader, file, (struct str){file.ptr, file.len - 5}, text, err);
    }
    for (size_t i = 0; i < n_folders && !status; i++)
        status = add_folder(&loader, folders[i], err);
    *out_files = loader.files;
    *out_n_files = status ? 0 : loader.n_files;
    return status;
}
