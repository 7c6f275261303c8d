/* Loading of rules: embedded ones and those of folders, each read once, named once, sorted by name.
 */
#include "compile/rules.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/digest.h"
#include "base/embedded.h"
#include "base/error.h"
#include "base/file.h"
#include "base/limits.h"
#include "compile/rule_parts.h"

#define DATASETS_FILE "datasets.sql"

/* Texts as they come in, before anything is known of them. */
struct text_list {
    struct rule_text *texts;
    size_t count, capacity;
};

static enum rg_status text_list_add(struct text_list *list, struct arena *arena,
                                    const struct rule_text *text, struct rg_error *err)
{
    if (list->count == LIMIT_RULES) {
        enum rg_status status =
            error_set(err, RG_ERR_LIMIT, COMPILE_LAYER, "more than %d rules", LIMIT_RULES);
        return status;
    }
    if (list->count == list->capacity) {
        size_t capacity = list->capacity ? 2 * list->capacity : 128;
        struct rule_text *grown =
            arena_grow(arena, list->texts, list->count, capacity, sizeof *grown);
        if (!grown)
            return error_no_memory(err, COMPILE_LAYER);
        list->texts = grown;
        list->capacity = capacity;
    }
    list->texts[list->count++] = *text;
    return RG_OK;
}

/* The part of a path behind the last slash, without .sql. */
static struct str rule_name_of(struct str path)
{
    struct str name = path;
    for (size_t i = 0; i < path.len; i++)
        if (path.ptr[i] == '/')
            name = (struct str){path.ptr + i + 1, path.len - i - 1};
    if (name.len > 4)
        name.len -= 4;
    return name;
}

static bool is_sql_file(struct str name)
{
    return name.len > 4 && memcmp(name.ptr + name.len - 4, ".sql", 4) == 0 && name.ptr[0] != '.';
}

static enum rg_status add_embedded(struct text_list *list, struct arena *arena,
                                   struct str *out_datasets, struct rg_error *err)
{
    for (size_t i = 0; i < embedded_rules_count; i++) {
        struct str file = str_of(embedded_rules[i].name);
        struct str data = {embedded_rules[i].data, embedded_rules[i].size};
        if (str_is(file, DATASETS_FILE)) {
            *out_datasets = data;
            continue;
        }
        struct rule_text text = {rule_name_of(file), file, data, true};
        enum rg_status status = text_list_add(list, arena, &text, err);
        if (status)
            return status;
    }
    if (!out_datasets->ptr)
        return error_set(err, RG_ERR_INTERNAL, COMPILE_LAYER, "no " DATASETS_FILE " is embedded");
    return RG_OK;
}

static int only_rules(const struct dirent *entry)
{
    return is_sql_file(str_of(entry->d_name));
}

static enum rg_status add_file(struct text_list *list, struct arena *arena, const char *folder,
                               const char *name, struct rg_error *err)
{
    enum rg_status status;
    char *data = NULL, *path = path_join(folder, name);
    size_t size = 0;
    struct stat about;
    if (!path)
        return error_no_memory(err, COMPILE_LAYER);
    /* What is no regular file is none of ours: a link could lead anywhere. */
    if (lstat(path, &about) != 0) {
        status = error_errno(err, COMPILE_LAYER, errno, "cannot read", path);
        goto out;
    }
    status = RG_OK;
    if (!S_ISREG(about.st_mode))
        goto out;
    status = file_read(path, LIMIT_RULE_BYTES, true, &data, &size, err);
    if (status)
        goto out;
    struct rule_text text = {
        .file = arena_str(arena, str_of(path)),
        .text = arena_str(arena, (struct str){data, size}),
    };
    if (!text.file.ptr || !text.text.ptr) {
        status = error_no_memory(err, COMPILE_LAYER);
        goto out;
    }
    text.name = rule_name_of(text.file);
    status = text_list_add(list, arena, &text, err);
out:
    free(data);
    free(path);
    return status;
}

static enum rg_status add_folder(struct text_list *list, struct arena *arena, const char *folder,
                                 struct rg_error *err)
{
    struct dirent **entries = NULL;
    int count = scandir(folder, &entries, only_rules, alphasort);
    if (count < 0)
        return error_errno(err, COMPILE_LAYER, errno, "cannot read the folder of rules", folder);
    enum rg_status status = RG_OK;
    for (int i = 0; i < count && !status; i++)
        status = add_file(list, arena, folder, entries[i]->d_name, err);
    for (int i = 0; i < count; i++)
        free(entries[i]);
    free(entries);
    return status;
}

static int rule_by_name(const void *a, const void *b)
{
    return str_cmp(((const struct rule *)a)->name, ((const struct rule *)b)->name);
}

static enum rg_status check_names(const struct rule *rules, size_t n_rules, struct rg_error *err)
{
    for (size_t i = 1; i < n_rules; i++) {
        const struct rule *one = &rules[i - 1], *two = &rules[i];
        if (!str_eq(one->name, two->name))
            continue;
        if (two->built_in) {
            const struct rule *swap = one;
            one = two;
            two = swap;
        }
        enum rg_status status =
            rule_fail(err, two, 0, 0, "a rule of this name exists: " STR_FMT, STR_ARG(one->file));
        error_hint(err, "rules are added, never replaced: choose another name");
        return status;
    }
    return RG_OK;
}

/* Checks the headers of all texts and sorts rules from audits. */
static enum rg_status take_texts(struct rule_set *set, const struct text_list *list,
                                 struct rg_error *err)
{
    set->rules = ARENA_ARRAY(&set->arena, list->count, struct rule);
    set->audits = ARENA_ARRAY(&set->arena, list->count, struct rule);
    if (!set->rules || !set->audits)
        return error_no_memory(err, COMPILE_LAYER);
    for (size_t i = 0; i < list->count; i++) {
        const struct rule_text *text = &list->texts[i];
        struct rule rule = {
            .name = arena_str(&set->arena, text->name),
            .file = arena_str(&set->arena, text->file),
            .built_in = text->built_in,
        };
        struct str copy = arena_str(&set->arena, text->text);
        if (!rule.name.ptr || !rule.file.ptr || !copy.ptr)
            return error_no_memory(err, COMPILE_LAYER);
        digest_sha256(copy.ptr, copy.len, rule.sha256);
        enum rg_status status = rule_parse_text(&rule, copy, &set->contracts, &set->arena, err);
        if (status)
            return status;
        if (rule.audit.ptr)
            set->audits[set->n_audits++] = rule;
        else
            set->rules[set->n_rules++] = rule;
    }
    qsort(set->rules, set->n_rules, sizeof *set->rules, rule_by_name);
    qsort(set->audits, set->n_audits, sizeof *set->audits, rule_by_name);
    enum rg_status status = check_names(set->rules, set->n_rules, err);
    return status ? status : check_names(set->audits, set->n_audits, err);
}

enum rg_status rule_set_parse(struct str datasets, const struct rule_text *texts, size_t n_texts,
                              struct rule_set *out_set, struct rg_error *err)
{
    *out_set = (struct rule_set){.n_rules = 0};
    struct text_list list = {0};
    enum rg_status status = RG_OK;
    for (size_t i = 0; i < n_texts && !status; i++)
        status = text_list_add(&list, &out_set->arena, &texts[i], err);
    if (!status)
        status = contracts_parse(datasets, &out_set->arena, &out_set->contracts, err);
    if (!status)
        status = take_texts(out_set, &list, err);
    return status;
}

enum rg_status rule_set_load(const char *const *folders, size_t n_folders, struct rule_set *out_set,
                             struct rg_error *err)
{
    *out_set = (struct rule_set){.n_rules = 0};
    struct text_list list = {0};
    struct str datasets = {NULL, 0};
    enum rg_status status = add_embedded(&list, &out_set->arena, &datasets, err);
    for (size_t i = 0; i < n_folders && !status; i++)
        status = add_folder(&list, &out_set->arena, folders[i], err);
    if (!status)
        status = contracts_parse(datasets, &out_set->arena, &out_set->contracts, err);
    if (!status)
        status = take_texts(out_set, &list, err);
    return status;
}

const struct relation *rule_set_relation(const struct rule_set *set, struct str name)
{
    for (size_t i = 0; i < set->n_relations; i++)
        if (str_eq(set->relations[i].name, name))
            return &set->relations[i];
    return NULL;
}

void rule_set_fini(struct rule_set *set)
{
    arena_fini(&set->arena);
    *set = (struct rule_set){.n_rules = 0};
}
