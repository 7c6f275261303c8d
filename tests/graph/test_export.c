/* rg_export: an index in the SCIP format says what the graph says, within the rules of the format:
 * each range lies in its file, each symbol that is used is told of, local ones are local. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdlib.h>

#include "graph/build_fixture.h"
#include <scip.pb-c.h>

static struct folder place;
static char repository[300], graph[300], plain[300];

/* A file whose spans are no columns of letters: text before them takes two bytes a letter, lines
 * end in all three ways, and a name goes over two lines. */
static const char odd_text[] = "a = 'äö'; b = a\r\n"
                               "from shop.base \\\n"
                               "    import Base as Root\r"
                               "class Shop(Root):\n"
                               "    def price(self, by=1):\n"
                               "        def inner(x):\n"
                               "            return x\n"
                               "        self.sum = inner(by)\n"
                               "        return super().price(by=self.sum)\n";
static const char base_text[] = "class Base:\n"
                                "    def price(self, by):\n"
                                "        return by\n"
                                "    def __own(self):\n"
                                "        return self.__own\n";

static void build(const char *output, bool with_symbols)
{
    static const struct rg_setting asked[] = {{"write.symbols", "on", RG_SETTING_SET},
                                              {"write.occurrences", "on", RG_SETTING_SET},
                                              {"write.lines", "on", RG_SETTING_SET}};
    struct rg_session_options options = {.struct_size = sizeof options,
                                         .threads = 2,
                                         .settings = asked,
                                         .n_settings = with_symbols ? 3 : 0};
    struct rg_session *session = NULL;
    struct rg_build_result *result = NULL;
    struct rg_error err = {0};
    struct rg_build_request request = request_for(repository, output);
    if (rg_session_open(&options, &session, &err) != RG_OK ||
        rg_build(session, &request, &result, &err) != RG_OK)
        fail_msg("%s: %s", err.rule, err.message);
    rg_build_result_free(result);
    rg_session_close(session);
}

static int setup(void **state)
{
    (void)state;
    folder_open(&place);
    snprintf(repository, sizeof repository, "%s/repo", place.path);
    snprintf(graph, sizeof graph, "%s/graph", place.path);
    snprintf(plain, sizeof plain, "%s/plain", place.path);
    folder_add_text(&place, "repo/shop/__init__.py", "");
    folder_add_text(&place, "repo/shop/base.py", base_text);
    folder_add_text(&place, "repo/shop/odd.py", odd_text);
    folder_add_text(&place, "repo/shop/empty.py", "");
    build(graph, true);
    build(plain, false);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    folder_close(&place);
    return 0;
}

/* --- Reading an index --------------------------------------------------------------------------
 */

static int gather(void *user, const void *bytes, size_t count)
{
    struct buffer *buffer = user;
    buffer_append(buffer, bytes, count);
    return buffer->failed ? ENOMEM : 0;
}

static enum rg_status export(const char *from, struct buffer *out, struct rg_exported *exported,
                             struct rg_error *err) {
    struct rg_session *session = session_with(NULL, NULL);
    struct rg_export_request request = {.struct_size = sizeof request,
                                        .graph = from,
                                        .project_name = "a shop",
                                        .write = gather,
                                        .user = out};
    enum rg_status status = rg_export(session, &request, exported, err);
    rg_session_close(session);
    return status;
}

static uint64_t varint(const struct buffer *index, size_t *at)
{
    uint64_t value = 0;
    for (unsigned shift = 0;; shift += 7) {
        assert_true(*at < index->len && shift < 64);
        unsigned char byte = (unsigned char)index->data[(*at)++];
        value |= (uint64_t)(byte & 127) << shift;
        if (byte < 128)
            return value;
    }
}

static bool says(ProtobufCBinaryData text, const char *what)
{
    return text.len == strlen(what) && memcmp(text.data, what, text.len) == 0;
}

/* The next document, or NULL. */
static Scip__Document *next_document(const struct buffer *index, size_t *at)
{
    while (*at < index->len) {
        uint64_t key = varint(index, at), size = varint(index, at);
        assert_true((key & 7) == 2 && size <= index->len - *at);
        const uint8_t *bytes = (const uint8_t *)index->data + *at;
        *at += size;
        if (key >> 3 == 2) {
            Scip__Document *document = scip__document__unpack(NULL, size, bytes);
            assert_non_null(document);
            return document;
        }
        assert_int_equal(key >> 3, 1);
        Scip__Metadata *metadata = scip__metadata__unpack(NULL, size, bytes);
        assert_non_null(metadata);
        assert_true(says(metadata->tool_info->name, "relgraph"));
        assert_memory_equal(metadata->project_root.data, "file:///", 8);
        scip__metadata__free_unpacked(metadata, NULL);
    }
    return NULL;
}

static Scip__Document *document_of(const struct buffer *index, const char *path)
{
    size_t at = 0;
    for (Scip__Document *document; (document = next_document(index, &at));) {
        if (says(document->relative_path, path))
            return document;
        scip__document__free_unpacked(document, NULL);
    }
    fail_msg("no document %s", path);
    return NULL;
}

static const Scip__SymbolInformation *info_of(const Scip__Document *document, const char *symbol)
{
    for (size_t i = 0; i < document->n_symbols; i++)
        if (says(document->symbols[i]->symbol, symbol))
            return document->symbols[i];
    return NULL;
}

/* The byte that a line and a column of bytes are at. */
static size_t byte_at(const char *text, int32_t line, int32_t column)
{
    size_t at = 0;
    for (; line > 0; line--) {
        at += strcspn(text + at, "\r\n");
        assert_true(text[at]);
        at += text[at] == '\r' && text[at + 1] == '\n' ? 2 : 1;
    }
    assert_true((size_t)column <= strlen(text + at));
    return at + (size_t)column;
}

/* "name symbol roles" of all occurrences of a file, as lines. */
static char *occurrence_lines(const Scip__Document *document, const char *text)
{
    struct buffer out = {0};
    for (size_t i = 0; i < document->n_occurrences; i++) {
        const Scip__Occurrence *o = document->occurrences[i];
        assert_true(o->n_range == 3 || o->n_range == 4);
        size_t start = byte_at(text, o->range[0], o->range[1]);
        size_t end =
            byte_at(text, o->n_range == 3 ? o->range[0] : o->range[2], o->range[o->n_range - 1]);
        assert_true(start <= end && end <= strlen(text));
        buffer_printf(&out, "%.*s|%.*s|%d\n", (int)(end - start), text + start, (int)o->symbol.len,
                      (const char *)o->symbol.data, o->symbol_roles);
    }
    return out.data;
}

/* --- Tests ------------------------------------------------------------------------------------ */

#define HERE  "relgraph python a  shop . `shop.odd`/"
#define BASE  "relgraph python a  shop . `shop.base`/"
#define PRICE "relgraph python a  shop . `shop.odd`/Shop#price()."

static void test_document(void **state)
{
    (void)state;
    struct buffer index = {0};
    struct rg_exported exported;
    struct rg_error err = {0};
    assert_int_equal(export(graph, &index, &exported, &err), RG_OK);
    assert_int_equal(exported.bytes, index.len);
    assert_int_equal(exported.documents, 4);
    Scip__Document *document = document_of(&index, "shop/odd.py");
    assert_true(says(document->language, "python"));
    assert_int_equal(document->position_encoding, 1);
    char *lines = occurrence_lines(document, odd_text);
    assert_string_equal(lines, "|" HERE "__init__:|1\n"
                               "a|" HERE "a.|1\n"
                               "b|" HERE "b.|1\n"
                               "a|" HERE "a.|8\n"
                               "shop.base|" BASE "__init__:|2\n"
                               "Base|" BASE "Base#|2\n"
                               "Root|" BASE "Base#|2\n"
                               "Shop|" HERE "Shop#|1\n"
                               "Root|" BASE "Base#|8\n"
                               "price|" PRICE "|1\n"
                               "self|" PRICE "(self)|1\n"
                               "by|" PRICE "(by)|1\n"
                               "inner|local 0|1\n"
                               "x|local 1|1\n"
                               "x|local 1|8\n"
                               "self|" PRICE "(self)|8\n"
                               "sum|" HERE "Shop#sum.|1\n"
                               "inner|local 0|8\n"
                               "by|" PRICE "(by)|8\n"
                               "price|" BASE "Base#price().|8\n"
                               "by|" BASE "Base#price().(by)|8\n"
                               "self|" PRICE "(self)|8\n"
                               "sum|" HERE "Shop#sum.|8\n");
    free(lines);
    scip__document__free_unpacked(document, NULL);
    buffer_fini(&index);
}

static void test_symbols(void **state)
{
    (void)state;
    struct buffer index = {0};
    struct rg_error err = {0};
    assert_int_equal(export(graph, &index, NULL, &err), RG_OK);
    Scip__Document *document = document_of(&index, "shop/odd.py");
    const Scip__SymbolInformation *price = info_of(document, PRICE);
    const Scip__SymbolInformation *shop = info_of(document, HERE "Shop#");
    const Scip__SymbolInformation *inner = info_of(document, "local 0");
    assert_true(price && shop && inner);
    assert_int_equal(price->kind, SCIP__SYMBOL_INFORMATION__KIND__Method);
    assert_true(says(price->display_name, "price"));
    assert_true(says(price->signature_documentation->text, "(self, by=...)"));
    assert_int_equal(price->n_relationships, 1);
    assert_true(says(price->relationships[0]->symbol, BASE "Base#price()."));
    assert_true(price->relationships[0]->is_implementation);
    assert_int_equal(price->enclosing_symbol.len, 0);
    assert_int_equal(shop->kind, SCIP__SYMBOL_INFORMATION__KIND__Class);
    assert_true(says(shop->relationships[0]->symbol, BASE "Base#"));
    assert_true(says(inner->enclosing_symbol, PRICE));
    size_t functions = 0;
    for (size_t i = 0; i < document->n_occurrences; i++) {
        const Scip__Occurrence *o = document->occurrences[i];
        if (!says(o->symbol, PRICE) || o->symbol_roles != 1)
            continue;
        functions++;
        assert_int_equal(o->n_enclosing_range, 4);
        assert_int_equal(o->enclosing_range[0], 4);
        assert_int_equal(o->enclosing_range[1], 4);
        assert_int_equal(o->enclosing_range[2], 8);
    }
    assert_int_equal(functions, 1);
    scip__document__free_unpacked(document, NULL);
    buffer_fini(&index);
}

/* In whatever document: a symbol that occurs is told of, a local one in the document itself. */
static void test_whole(void **state)
{
    (void)state;
    struct buffer index = {0};
    struct rg_error err = {0};
    Scip__Document *documents[8];
    size_t n = 0, at = 0, checked = 0;
    assert_int_equal(export(graph, &index, NULL, &err), RG_OK);
    while (n < 8 && (documents[n] = next_document(&index, &at)))
        n++;
    assert_int_equal(n, 4);
    for (size_t d = 0; d < n; d++)
        for (size_t i = 0; i < documents[d]->n_occurrences; i++, checked++) {
            ProtobufCBinaryData symbol = documents[d]->occurrences[i]->symbol;
            char text[300];
            bool told = false, local;
            assert_true(symbol.len < sizeof text);
            memcpy(text, symbol.data, symbol.len);
            text[symbol.len] = 0;
            local = strncmp(text, "local ", 6) == 0;
            for (size_t other = 0; other < n; other++)
                told = told || ((!local || other == d) && info_of(documents[other], text));
            if (!told)
                fail_msg("%s is not told of", text);
        }
    assert_true(checked > 25);
    for (size_t d = 0; d < n; d++)
        scip__document__free_unpacked(documents[d], NULL);
    buffer_fini(&index);
}

static void assert_same(const char *one, const char *sql, const char *other, const char *other_sql)
{
    struct rg_error err = {0};
    char *lines = query_lines(one, sql, &err);
    assert_string_equal(err.message, "");
    assert_true(strlen(lines) > 100);
    assert_query(other, other_sql, lines);
    free(lines);
}

/* Our reader finds in it what the graph has, and our analysis agrees with itself. */
static void test_read_back(void **state)
{
    (void)state;
    struct buffer index = {0};
    struct rg_error err = {0};
    char again[300], path[300];
    const char *paths = path;
    snprintf(again, sizeof again, "%s/again", place.path);
    snprintf(path, sizeof path, "%s/index.scip", place.path);
    assert_int_equal(export(graph, &index, NULL, &err), RG_OK);
    folder_add(&place, "index.scip", index.data, index.len);
    buffer_fini(&index);
    struct rg_build_request request = request_for(repository, again);
    request.scip_files = &paths;
    request.n_scip_files = 1;
    assert_built(&request);
    assert_query(again,
                 "SELECT d.documents || ' ' || d.lost || ' ' || (SELECT count(*) FROM span_errors) "
                 "|| ' ' || (SELECT count(*) FROM scip_problems) || ' ' || (SELECT count(*) FROM "
                 "disagreement) FROM (SELECT count(*) AS documents, sum(occurrences - placed) AS "
                 "lost FROM scip_documents WHERE status = 'read') AS d",
                 "4 0 0 0 0\n");
    assert_same(
        graph, "SELECT symbol FROM symbols ORDER BY ALL", again,
        "SELECT replace(qualified_name, 'relgraph python a  shop . ', '') FROM nodes WHERE kind = "
        "'SYMBOL' ORDER BY ALL");
    assert_same(
        graph,
        "SELECT DISTINCT path || ' ' || start_byte || ' ' || end_byte || ' ' || symbol FROM "
        "occurrences WHERE role <> 'definition' ORDER BY ALL",
        again,
        "SELECT DISTINCT e.path || ' ' || e.start_byte || ' ' || e.end_byte || ' ' || "
        "replace(n.qualified_name, 'relgraph python a  shop . ', '') FROM edge_evidence AS e JOIN "
        "nodes "
        "AS n ON n.node_id = e.dst WHERE e.rule = 'edge_references_symbol_index' ORDER BY ALL");
    assert_same(
        graph,
        "SELECT DISTINCT path || ' ' || start_byte || ' ' || end_byte || ' ' || symbol FROM "
        "occurrences WHERE role = 'definition' ORDER BY ALL",
        again,
        "SELECT DISTINCT e.path || ' ' || e.start_byte || ' ' || e.end_byte || ' ' || "
        "replace(n.qualified_name, 'relgraph python a  shop . ', '') FROM edges AS e JOIN nodes "
        "AS n ON n.node_id = e.dst WHERE e.kind = 'DEFINES_SYMBOL' ORDER BY ALL");
    assert_query(
        again, "SELECT count(*) FROM edges WHERE kind = 'SYMBOL_IMPLEMENTATION' AND confidence = 1",
        "2\n");
}

static int is_full(void *user, const void *bytes, size_t count)
{
    (void)user, (void)bytes, (void)count;
    return ENOSPC;
}

static void test_errors(void **state)
{
    (void)state;
    struct buffer index = {0};
    struct rg_error err = {0};
    struct rg_session *session = session_with(NULL, NULL);
    assert_int_equal(export(plain, &index, NULL, &err), RG_ERR_USAGE);
    assert_string_equal(err.message, "the graph has no symbols");
    assert_non_null(strstr(err.hint, "--symbols"));
    assert_int_equal(export(repository, &index, NULL, &err), RG_ERR_NOT_FOUND);
    assert_int_equal(index.len, 0);
    struct rg_export_request request = {.struct_size = sizeof request, .graph = graph};
    assert_int_equal(rg_export(session, &request, NULL, &err), RG_ERR_USAGE);
    request.write = is_full;
    assert_int_equal(rg_export(session, &request, NULL, &err), RG_ERR_DISK_FULL);
    char name[400];
    memset(name, 'n', sizeof name);
    name[sizeof name - 1] = 0;
    request.project_name = name;
    assert_int_equal(rg_export(session, &request, NULL, &err), RG_ERR_USAGE);
    rg_session_close(session);
    buffer_fini(&index);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_document), cmocka_unit_test(test_symbols),
        cmocka_unit_test(test_whole),    cmocka_unit_test(test_read_back),
        cmocka_unit_test(test_errors),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
