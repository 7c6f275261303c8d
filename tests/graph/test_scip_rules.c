/* What a SCIP index says, joined with our own graph: where both agree, where they differ, and what
 * only one of them knows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <cmocka.h>

#include "build_fixture.h"
#include "extract/scip_writer.h"

static const char prices[] = "def total(items):\n"
                             "    return sum(items)\n"
                             "def other(items):\n"
                             "    return items\n";
static const char stock[] = "class Base:\n"
                            "    def pay(self): pass\n"
                            "class Till(Base):\n"
                            "    def pay(self): pass\n"
                            "def other(items): pass\n";
static const char till[] = "from shop.prices import total as add\n"
                           "from shop.prices import other\n"
                           "count = 1\n"
                           "def run(a, b):\n"
                           "    global count\n"
                           "    count = 2\n"
                           "    add(b)\n"
                           "    other(b)\n"
                           "    total(b)\n"
                           "    a.pay()\n"
                           "    print(count)\n";

enum { DEFINITION = 1, READ = 8 };

static struct folder repository, scratch;
static char graph[128];

/* The occurrence of a symbol at the first place of that text in a line, from 0. */
static void put_at(struct buffer *document, const char *source, int32_t line, const char *token,
                   const char *symbol, int32_t roles)
{
    for (int32_t i = 0; i < line; i++)
        source = strchr(source, '\n') + 1;
    const char *place = strstr(source, token);
    assert_non_null(place);
    int32_t column = (int32_t)(place - source);
    put_occurrence(document, line, column, column + (int32_t)strlen(token), symbol, roles);
}

static void put_symbol(struct buffer *document, const char *symbol, const char *implements)
{
    struct buffer information = {0}, relationship = {0};
    put_text(&information, SYMBOL_SYMBOL, symbol);
    put_text(&information, SYMBOL_DOCUMENTATION, "what it does");
    if (implements) {
        put_text(&relationship, 1, implements);
        put_number(&relationship, 3, 1);
        put_part(&information, SYMBOL_RELATIONSHIP, &relationship);
    }
    put_part(document, DOCUMENT_SYMBOL, &information);
}

static void put_prices(struct buffer *index)
{
    struct buffer document = {0};
    put_text(&document, DOCUMENT_PATH, "shop/prices.py");
    put_occurrence(&document, 0, 0, 0, "s m p v prices/__init__:", DEFINITION);
    put_at(&document, prices, 0, "total", "s m p v prices/total().", DEFINITION);
    put_at(&document, prices, 2, "other", "s m p v prices/other().", DEFINITION);
    put_symbol(&document, "s m p v prices/total().", NULL);
    put_part(index, INDEX_DOCUMENT, &document);
}

static void put_stock(struct buffer *index)
{
    struct buffer document = {0};
    put_text(&document, DOCUMENT_PATH, "shop/stock.py");
    put_at(&document, stock, 0, "Base", "s m p v stock/Base#", DEFINITION);
    put_at(&document, stock, 1, "pay", "s m p v stock/Base#pay().", DEFINITION);
    put_at(&document, stock, 2, "Till", "s m p v stock/Till#", DEFINITION);
    put_at(&document, stock, 3, "pay", "s m p v stock/Till#pay().", DEFINITION);
    put_at(&document, stock, 4, "other", "s m p v stock/other().", DEFINITION);
    put_symbol(&document, "s m p v stock/Till#pay().", "s m p v stock/Base#pay().");
    put_part(index, INDEX_DOCUMENT, &document);
}

static void put_warned(struct buffer *document)
{
    struct buffer occurrence = {0}, diagnostic = {0};
    put_number(&diagnostic, 1, 2);
    put_text(&diagnostic, 2, "unused");
    put_text(&diagnostic, 3, "b is never read");
    put_text(&diagnostic, 4, "checker");
    put_numbers(&occurrence, OCCURRENCE_RANGE, (int32_t[]){3, 11, 12}, 3);
    put_text(&occurrence, OCCURRENCE_SYMBOL, "s m p v till/run().(b)");
    put_number(&occurrence, OCCURRENCE_ROLES, DEFINITION);
    put_part(&occurrence, OCCURRENCE_DIAGNOSTIC, &diagnostic);
    put_part(document, DOCUMENT_OCCURRENCE, &occurrence);
}

static void put_till(struct buffer *index)
{
    struct buffer document = {0};
    put_text(&document, DOCUMENT_PATH, "shop/till.py");
    put_at(&document, till, 0, "shop.prices", "s m p v prices/__init__:", READ);
    put_at(&document, till, 0, "total", "s m p v prices/total().", READ);
    put_at(&document, till, 0, "add", "s m p v prices/total().", READ);
    put_at(&document, till, 1, "other", "s m p v prices/other().", READ);
    put_at(&document, till, 2, "count", "s m p v till/count.", DEFINITION);
    put_at(&document, till, 3, "run", "s m p v till/run().", DEFINITION);
    put_warned(&document);
    put_at(&document, till, 5, "count", "s m p v till/count.", READ);     /* it is a store */
    put_at(&document, till, 6, "add", "s m p v prices/total().", READ);   /* under its other name */
    put_at(&document, till, 6, "b)", "local 7", READ);                    /* no node's span */
    put_at(&document, till, 7, "other", "s m p v stock/other().", READ);  /* we say prices.other */
    put_at(&document, till, 7, "b", "local 9", READ);                     /* nowhere defined */
    put_at(&document, till, 8, "total", "s m p v prices/other().", READ); /* another name */
    put_at(&document, till, 9, "pay", "s m p v stock/Till#pay().", READ); /* a's type is unknown */
    put_at(&document, till, 10, "count", "s m p v till/count.", READ);
    put_part(index, INDEX_DOCUMENT, &document);
}

static int build_all(void **state)
{
    (void)state;
    char path[128];
    struct buffer index = {0};
    folder_open(&repository);
    folder_open(&scratch);
    folder_add_text(&repository, "shop/prices.py", prices);
    folder_add_text(&repository, "shop/stock.py", stock);
    folder_add_text(&repository, "shop/till.py", till);
    put_metadata(&index, "scip-test", "");
    put_prices(&index);
    put_stock(&index);
    put_till(&index);
    assert_false(index.failed);
    folder_add(&scratch, "index.scip", index.data, index.len);
    buffer_fini(&index);
    snprintf(path, sizeof path, "%s/index.scip", scratch.path);
    snprintf(graph, sizeof graph, "%s/graph", scratch.path);
    struct rg_build_request request = request_for(repository.path, graph);
    const char *indexes = path;
    request.scip_files = &indexes;
    request.n_scip_files = 1;
    assert_built(&request);
    return 0;
}

static int remove_all(void **state)
{
    (void)state;
    folder_close(&repository);
    folder_close(&scratch);
    return 0;
}

/* An edge: kind, where it begins (line: text), symbol or name, confidence, alone or one of several.
 */
#define EDGES                                                                                      \
    "SELECT e.kind || ' ' || coalesce(s.start_line || ':' || coalesce(s.name, s.kind), s.kind) "   \
    "|| ' > ' || coalesce(replace(d.qualified_name, 's m p v ', ''), d.name) || ' ' || "           \
    "e.confidence || CASE WHEN e.ambiguity_group IS NULL THEN '' ELSE ' ?' END FROM edges AS e "   \
    "JOIN nodes AS s ON s.node_id = e.src JOIN nodes AS d ON d.node_id = e.dst WHERE "

static void test_uses(void **state)
{
    (void)state;
    assert_query(graph, EDGES "e.kind = 'REFERENCES_SYMBOL' ORDER BY s.path, e.start_byte, 1",
                 "REFERENCES_SYMBOL 3:Base > stock/Base# 1.0\n"
                 "REFERENCES_SYMBOL 1:IMPORT > prices/__init__: 1.0\n"
                 "REFERENCES_SYMBOL 1:IMPORT > prices/total(). 1.0\n"
                 "REFERENCES_SYMBOL 2:IMPORT > prices/__init__: 0.95\n"
                 "REFERENCES_SYMBOL 2:IMPORT > prices/other(). 1.0\n"
                 "REFERENCES_SYMBOL 6:count > till/count. 1.0\n"
                 "REFERENCES_SYMBOL 7:add > prices/total(). 1.0\n"
                 "REFERENCES_SYMBOL 7:add > local 7 0.2\n"
                 "REFERENCES_SYMBOL 7:b > till/run().(b) 1.0\n"
                 "REFERENCES_SYMBOL 8:other > prices/other(). 0.5 ?\n"
                 "REFERENCES_SYMBOL 8:other > stock/other(). 0.5 ?\n"
                 "REFERENCES_SYMBOL 8:b > local 9 0.5 ?\n"
                 "REFERENCES_SYMBOL 8:b > till/run().(b) 0.5 ?\n"
                 "REFERENCES_SYMBOL 9:b > till/run().(b) 1.0\n"
                 "REFERENCES_SYMBOL 10:pay > stock/Till#pay(). 1.0\n"
                 "REFERENCES_SYMBOL 11:count > till/count. 1.0\n");
}

static void test_access(void **state)
{
    (void)state;
    assert_query(graph,
                 EDGES "e.kind IN ('READS_SYMBOL', 'WRITES_SYMBOL', 'IMPORTS_SYMBOL', "
                       "'CALLS_SYMBOL') ORDER BY s.path, e.start_byte, 1",
                 "READS_SYMBOL 3:Base > stock/Base# 1.0\n"
                 "IMPORTS_SYMBOL 1:IMPORT > prices/__init__: 1.0\n"
                 "IMPORTS_SYMBOL 1:IMPORT > prices/total(). 1.0\n"
                 "IMPORTS_SYMBOL 2:IMPORT > prices/__init__: 0.95\n"
                 "IMPORTS_SYMBOL 2:IMPORT > prices/other(). 1.0\n"
                 "WRITES_SYMBOL 6:count > till/count. 1.0\n"
                 "CALLS_SYMBOL 7:add > prices/total(). 1.0\n"
                 "READS_SYMBOL 7:add > prices/total(). 1.0\n"
                 "READS_SYMBOL 7:b > till/run().(b) 1.0\n"
                 "CALLS_SYMBOL 8:other > prices/other(). 0.5 ?\n"
                 "CALLS_SYMBOL 8:other > stock/other(). 0.5 ?\n"
                 "READS_SYMBOL 8:other > prices/other(). 0.5 ?\n"
                 "READS_SYMBOL 8:other > stock/other(). 0.5 ?\n"
                 "READS_SYMBOL 8:b > local 9 0.5 ?\n"
                 "READS_SYMBOL 8:b > till/run().(b) 0.5 ?\n"
                 "READS_SYMBOL 9:b > till/run().(b) 1.0\n"
                 "CALLS_SYMBOL 10:pay > stock/Till#pay(). 1.0\n"
                 "READS_SYMBOL 10:pay > stock/Till#pay(). 1.0\n"
                 "READS_SYMBOL 11:count > till/count. 1.0\n");
}

static void test_calls(void **state)
{
    (void)state;
    assert_query(graph, EDGES "e.kind = 'CALL' AND s.path = 'shop/till.py' ORDER BY ALL",
                 "CALL 10:pay > shop.stock.Till.pay 1.0\n"
                 "CALL 7:add > shop.prices.total 1.0\n"
                 "CALL 8:other > shop.prices.other 0.5 ?\n"
                 "CALL 8:other > shop.stock.other 0.5 ?\n");
    assert_query(graph,
                 "SELECT e.rule FROM edge_evidence AS e JOIN nodes AS s ON s.node_id = e.src WHERE "
                 "e.kind = 'CALL' AND s.start_line = 7 ORDER BY ALL",
                 "edge_call_imported\n"
                 "edge_call_index\n");
}

static void test_disagreement(void **state)
{
    (void)state;
    assert_query(graph,
                 "SELECT d.what || ' ' || n.start_line || ' ' || d.reason || ' ' || "
                 "i.qualified_name || coalesce(' / ' || o.qualified_name, '') FROM disagreement AS "
                 "d JOIN nodes AS n USING (node_id) JOIN nodes AS i ON i.node_id = d.index_id LEFT "
                 "JOIN nodes AS o ON o.node_id = d.own_id ORDER BY ALL",
                 "CALL 8 target shop.stock.other / shop.prices.other\n"
                 "REFERENCES_SYMBOL 8 target s m p v stock/other(). / s m p v prices/other().\n"
                 "REFERENCES_SYMBOL 8 undefined_local local 9 / s m p v till/run().(b)\n"
                 "REFERENCES_SYMBOL 9 name s m p v prices/other().\n");
}

static void test_symbols(void **state)
{
    (void)state;
    assert_query(graph,
                 EDGES "e.kind LIKE 'SYMBOL_%' OR e.kind IN ('DEFINES_SYMBOL', 'HAS_DIAGNOSTIC') "
                       "ORDER BY s.path, e.start_byte, 1",
                 "DEFINES_SYMBOL 1:shop.prices > prices/__init__: 1.0\n"
                 "DEFINES_SYMBOL 1:total > prices/total(). 1.0\n"
                 "DEFINES_SYMBOL 3:other > prices/other(). 1.0\n"
                 "DEFINES_SYMBOL 1:Base > stock/Base# 1.0\n"
                 "DEFINES_SYMBOL 2:pay > stock/Base#pay(). 1.0\n"
                 "DEFINES_SYMBOL 3:Till > stock/Till# 1.0\n"
                 "DEFINES_SYMBOL 4:pay > stock/Till#pay(). 1.0\n"
                 "SYMBOL_IMPLEMENTATION 4:pay > stock/Base#pay(). 1.0\n"
                 "DEFINES_SYMBOL 5:other > stock/other(). 1.0\n"
                 "DEFINES_SYMBOL 3:count > till/count. 1.0\n"
                 "DEFINES_SYMBOL 4:run > till/run(). 1.0\n"
                 "DEFINES_SYMBOL 4:b > till/run().(b) 1.0\n"
                 "HAS_DIAGNOSTIC 4:b > unused 1.0\n");
    assert_query(graph,
                 "SELECT n.kind || ' ' || n.name || ' ' || p.key || ' ' || p.value_str FROM props "
                 "AS p JOIN nodes AS n USING (node_id) WHERE (n.kind = 'SYMBOL' AND n.name = "
                 "'total') OR n.kind = 'DIAGNOSTIC' ORDER BY ALL",
                 "DIAGNOSTIC unused message b is never read\n"
                 "DIAGNOSTIC unused severity warning\n"
                 "DIAGNOSTIC unused source checker\n"
                 "SYMBOL total descriptor method\n"
                 "SYMBOL total documentation what it does\n"
                 "SYMBOL total package p\n"
                 "SYMBOL total package_manager m\n"
                 "SYMBOL total package_version v\n"
                 "SYMBOL total scheme s\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_uses),    cmocka_unit_test(test_access),
        cmocka_unit_test(test_calls),   cmocka_unit_test(test_disagreement),
        cmocka_unit_test(test_symbols),
    };
    return cmocka_run_group_tests(tests, build_all, remove_all);
}
