/* The compiler of query files: what it makes of patterns, and where it says that one is wrong. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/embedded.h"
#include "extract/roles.h"

static enum rg_status compile(const char *text, struct role_table **out_table, struct rg_error *err)
{
    *err = (struct rg_error){0};
    return role_table_compile(languages[0].grammar(), "t.scm", str_of(text), out_table, err);
}

static uint16_t symbol_of(const char *name)
{
    return ts_language_symbol_for_name(languages[0].grammar(), name, (uint32_t)strlen(name), true);
}

static void test_a_kind_gets_a_role(void **state)
{
    (void)state;
    struct role_table *table;
    struct rg_error err;
    assert_int_equal(compile("; nothing\n(if_statement) @if\n", &table, &err), RG_OK);
    const struct role_rule *rule = &table->rules[table->base[symbol_of("if_statement")]];
    assert_int_equal(rule->role, ROLE_IF);
    assert_int_equal(rule->slot, ROLE_UNSET);
    assert_int_equal(table->base[symbol_of("module")], 0);
    role_table_free(table);
}

static void test_a_field_gets_a_slot(void **state)
{
    (void)state;
    struct role_table *table;
    struct rg_error err;
    assert_int_equal(
        compile("(if_statement condition: (_) @if.condition @binding.target)", &table, &err),
        RG_OK);
    uint16_t field = ts_language_field_id_for_name(table->grammar, "condition", 9);
    size_t edge = (size_t)symbol_of("if_statement") * (table->n_fields + 1) + field;
    const struct role_rule *rule = &table->rules[table->edges[edge]];
    assert_int_equal(rule->slot, SLOT_CONDITION);
    assert_int_equal(rule->access, ACCESS_WRITE);
    assert_int_equal(rule->role, ROLE_UNSET);
    assert_false(rule->on_parent);
    role_table_free(table);
}

static void test_tokens_speak_of_their_parent(void **state)
{
    (void)state;
    struct role_table *table;
    struct rg_error err;
    const char *text = "((binary_operator \"+\") (#set! operator \"<operator>.addition\"))\n"
                       "(function_definition \"async\" (#set! async \"yes\"))";
    assert_int_equal(compile(text, &table, &err), RG_OK);
    TSSymbol plus = ts_language_symbol_for_name(table->grammar, "+", 1, false);
    size_t row = table->token_rows[symbol_of("binary_operator")];
    assert_true(row > 0);
    const struct role_rule *rule = &table->rules[table->tokens[row * table->n_symbols + plus]];
    assert_true(rule->on_parent);
    assert_true(str_is(table->texts[rule->operator_name], "<operator>.addition"));
    assert_int_equal(table->token_rows[symbol_of("module")], 0);
    role_table_free(table);
}

static void test_later_patterns_come_behind(void **state)
{
    (void)state;
    struct role_table *table;
    struct rg_error err;
    const char *text = "(block) @block\n((block) @binding.export (#eq? @x \"a\\\"b\"))\n"
                       "(conditional_expression (_) @if.condition (#place! 1))";
    assert_int_equal(compile(text, &table, &err), RG_OK);
    const struct role_rule *first = &table->rules[table->base[symbol_of("block")]];
    const struct role_rule *second = &table->rules[first->next];
    assert_int_equal(first->role, ROLE_BLOCK);
    assert_true(str_is(table->texts[second->literal], "a\"b"));
    size_t edge = (size_t)symbol_of("conditional_expression") * (table->n_fields + 1);
    assert_int_equal(table->rules[table->edges[edge]].place, 1);
    role_table_free(table);
}

static void test_errors_have_a_place(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint32_t line, column;
        const char *says;
    } wrong[] = {
        {"(no_such_kind) @if", 1, 2, "the grammar has no node 'no_such_kind'"},
        {"(expression) @if", 1, 2, "the grammar has no node 'expression'"},
        {"\n (if_statement nofield: (_) @if.then)", 2, 16, "the grammar has no field 'nofield'"},
        {"(if_statement \"zz\") @if", 1, 15, "the grammar has no token 'zz'"},
        {"(if_statement) @iff", 1, 16, "unknown word 'iff'"},
        {"(if_statement) @if.nowhere", 1, 16, "unknown word 'if.nowhere'"},
        {"(if_statement)", 1, 1, "says nothing"},
        {"(if_statement (_) @if.then) @if", 1, 1, "write two patterns"},
        {"(if_statement (_) (_)) @if", 1, 19, "one child at most"},
        {"(if_statement @if", 1, 15, "expected (kind), (_) or a token"},
        {"(if_statement", 1, 14, "expected ')'"},
        {"if_statement", 1, 1, "expected '('"},
        {"(if_statement (#frob! 1)) @if", 1, 17, "unknown predicate"},
        {"(if_statement (_) @if.then (#place! x))", 1, 37, "expected a small number"},
        {"(if_statement (#place! 1)) @if", 1, 1, "#place!"},
        {"(if_statement (#set! operator 1)) @if", 1, 31, "expected a string as the value of"},
        {"(if_statement (#set! operator \"x)) @if", 1, 31, "does not end on its line"},
        {"((if_statement) @if (#eq? @if 3))", 1, 31, "expected @word \"text\""},
        {"(", 1, 2, "expected the kind of a node"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct role_table *table;
        struct rg_error err;
        assert_int_equal(compile(wrong[i].text, &table, &err), RG_ERR_PARSE);
        assert_null(table);
        if (!strstr(err.message, wrong[i].says) || err.line != wrong[i].line ||
            err.column != wrong[i].column)
            fail_msg("%s\nsays %s at %u:%u", wrong[i].text, err.message, err.line, err.column);
        assert_string_equal(err.file, "t.scm");
    }
}

/* Every prefix of a real file is an error or a table, never a crash. */
static void test_any_prefix_is_survived(void **state)
{
    (void)state;
    const struct embedded_file *file = &embedded_languages[0];
    size_t compiled = 0;
    for (size_t size = 0; size < file->size && size < 1500; size++) {
        struct role_table *table;
        char *copy = malloc(size + 1);
        assert_non_null(copy);
        memcpy(copy, file->data, size);
        struct str text = {copy, size};
        if (role_table_compile(languages[0].grammar(), "t.scm", text, &table, NULL) == RG_OK)
            compiled++;
        role_table_free(table);
        free(copy);
    }
    assert_true(compiled > 0);
}

static void test_the_files_of_all_languages_compile(void **state)
{
    (void)state;
    for (size_t i = 0; i < languages_count; i++) {
        bool found = false;
        for (size_t f = 0; f < embedded_languages_count; f++) {
            if (strcmp(embedded_languages[f].name, languages[i].query_file) != 0)
                continue;
            struct role_table *table;
            struct rg_error err = {0};
            struct str text = {embedded_languages[f].data, embedded_languages[f].size};
            found = true;
            if (role_table_compile(languages[i].grammar(), "x", text, &table, &err) != RG_OK)
                fail_msg("%s", err.message);
            role_table_free(table);
        }
        assert_true(found);
    }
}

static void test_languages_are_told_by_name_and_shebang(void **state)
{
    (void)state;
    assert_ptr_equal(language_of_name(STR("a.py")), &languages[0]);
    assert_ptr_equal(language_of_name(STR("stubs.pyi")), &languages[0]);
    assert_null(language_of_name(STR(".py")));
    assert_null(language_of_name(STR("a.pyc")));
    assert_ptr_equal(language_of_shebang(STR("#!/usr/bin/env python3")), &languages[0]);
    assert_ptr_equal(language_of_shebang(STR("#! /usr/bin/python3.11 -E\r")), &languages[0]);
    assert_ptr_equal(language_of_shebang(STR("#!/usr/bin/env -S X=1 python -u")), &languages[0]);
    assert_null(language_of_shebang(STR("#!/bin/sh")));
    assert_null(language_of_shebang(STR("#!/usr/bin/pythonista")));
    assert_null(language_of_shebang(STR("# python")));
    assert_null(language_of_shebang(STR("#!")));
    assert_null(language_of_shebang(STR("#!/usr/bin/env")));
}

static void test_vocabularies_are_sorted_and_whole(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct vocabulary kinds, fields;
    assert_int_equal(language_kinds(&arena, &kinds, NULL), RG_OK);
    assert_int_equal(language_fields(&arena, &fields, NULL), RG_OK);
    for (unsigned i = 1; i < kinds.count; i++)
        assert_true(strcmp(kinds.values[i - 1], kinds.values[i]) < 0);
    assert_string_equal(kinds.values[language_number(&kinds, "ERROR")], "ERROR");
    assert_string_equal(kinds.values[language_number(&kinds, "if_statement")], "if_statement");
    assert_int_equal(language_number(&kinds, "no_such"), NULL_ENUM);
    assert_string_equal(fields.values[language_number(&fields, "body")], "body");
    arena_fini(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_kind_gets_a_role),
        cmocka_unit_test(test_a_field_gets_a_slot),
        cmocka_unit_test(test_tokens_speak_of_their_parent),
        cmocka_unit_test(test_later_patterns_come_behind),
        cmocka_unit_test(test_errors_have_a_place),
        cmocka_unit_test(test_any_prefix_is_survived),
        cmocka_unit_test(test_the_files_of_all_languages_compile),
        cmocka_unit_test(test_languages_are_told_by_name_and_shebang),
        cmocka_unit_test(test_vocabularies_are_sorted_and_whole),
    };
    return cmocka_run_group_tests_name("roles", tests, NULL, NULL);
}
