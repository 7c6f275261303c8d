/* Answers of rg_explain as text. What stands in them may come from a graph, a bundle or a rule of
 * anybody: nothing of it may steer a terminal, and no figure may break a chart. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "cli/explain_view.h"
#include "cli/json_field.h"

typedef void show_fn(struct text *out, const json_t *root);

/* "EVIL" in a pattern stands for a text with an escape sequence. */
static char *show(show_fn *shown, const char *pattern)
{
    struct text json = {0}, out = {0};
    for (const char *at = pattern; *at; at++) {
        if (strncmp(at, "EVIL", 4) == 0) {
            text_cstr(&json, "\\u001b[31mred\\u009b1m\\u0007");
            at += 3;
        } else {
            text_char(&json, *at == '\'' ? '"' : *at, 1);
        }
    }
    json_error_t where;
    json_t *root = json_loads(json.data, 0, &where);
    if (!root)
        fail_msg("%s: %s", where.text, json.data);
    shown(&out, root);
    assert_false(out.failed);
    json_decref(root);
    text_fini(&json);
    return out.data;
}

static void test_nothing_steers_the_terminal(void **state)
{
    (void)state;
    static const struct {
        show_fn *show;
        size_t shown; /* places of the pattern that are to be seen */
        const char *pattern;
    } cases[] = {
        {explain_show_run, 23,
         "{'run':'EVIL','ended':'EVIL','last_run':'EVIL','seconds':1.0,'stages':[{'stage':'EVIL',"
         "'outcome':'done','seconds':0.5},{'outcome':'failed','status':'EVIL','rule':'EVIL','error'"
         ":'EVIL','hint':'EVIL'}],'rules':[{'rule':'EVIL','seconds':0.1}],'operators':[{'of':"
         "'EVIL','name':'EVIL','share':0.5}],'written':[{'dataset':'EVIL','rows':1,'seconds':0.1}],"
         "'fallbacks':[{'what':'EVIL','rule':'EVIL','dataset':'EVIL','reason':'EVIL','instead':"
         "'EVIL'}],'features_off':[{'feature':'EVIL','source':'EVIL','what':'EVIL'}],'rejected':"
         "[{'rejected':1,'dataset':'EVIL','code':'EVIL'}],'extract_errors':[{'files':1,'code':"
         "'EVIL','message':'EVIL'}],'unseen':''}"},
        {explain_show_rule, 21,
         "{'rule':'EVIL','emits':'EVIL','why':'EVIL','file':'EVIL','sql':'SELECT\\n\\tEVIL',"
         "'read_by':[{'rule':'EVIL'}],'events':[{'mode':'EVIL','outcome':'EVIL','error':'EVIL'}],"
         "'reads':[{'relation':'EVIL','columns':['EVIL']}],'lineage':[{'role':'value',"
         "'column_name':'EVIL','from':['EVIL']}],'operators':[{'statement':1,'step':'EVIL','name':"
         "'EVIL','details':{'Table':'EVIL'}}],'plans':[{'step':'EVIL','plan':'EVIL'}],"
         "'fallbacks':[{'what':'EVIL','reason':'EVIL','instead':'EVIL'}]}"},
        {explain_show_edge, 22,
         "{'edges':[{'kind':'EVIL','rule':'EVIL'}],'src':{'kind':'EVIL','name':'EVIL','path':'EVIL'"
         ","
         "'node_id':'EVIL'},'alternatives':[{'node':'EVIL'}],'facts_note':'EVIL','source_note':"
         "'EVIL','findings':[{'rule':'EVIL','resolution':'EVIL','label':'EVIL','why':'EVIL','note':"
         "'EVIL','span':{'path':'EVIL','text':'EVIL'},'rows':[[{'relation':'EVIL','row':{'EVIL':"
         "'EVIL'},'made_by':[{'rule':'EVIL','why':'EVIL','note':'EVIL'}]}]]},{}]}"},
        {explain_show_rules, 3,
         "{'rules':[{'rule':'EVIL','emits':'EVIL'}],'edges':[{'from':'EVIL','to':'EVIL'}]}"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *text = show(cases[i].show, cases[i].pattern);
        size_t seen = 0;
        for (const char *c = text; *c; c++) {
            bool control = (unsigned char)*c < 0x20 && *c != '\n' && *c != '\t';
            if (control || strncmp(c, "\xc2\x9b", 2) == 0)
                fail_msg("%zu: byte %02x in %s", i, (unsigned char)*c, text);
            seen += strncmp(c, "\\x1b[31mred", 10) == 0;
        }
        if (seen != cases[i].shown)
            fail_msg("%zu: %zu places were shown in %s", i, seen, text);
        free(text);
    }
}

/* Bars and columns of figures that no run has. */
static void test_absurd_figures(void **state)
{
    (void)state;
    char *text = show(explain_show_run,
                      "{'run':'x','seconds':1.0,'stages':[{'stage':'a','outcome':'done','seconds':"
                      "1e300},{'stage':'b','outcome':'done','seconds':-1e300},{'stage':'c',"
                      "'outcome':'done','seconds':0.5}],'rules':[{'rule':'r','seconds':1e-300},"
                      "{'rule':'s','seconds':1e300}],'written':[{'dataset':'d','rows':1,'seconds':"
                      "-1.0}]}");
    for (const char *line = text; line; line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL)
        assert_true(strcspn(line, "\n") < 700); /* a figure of 300 digits and a bar */
    free(text);
}

static void test_patterns(void **state)
{
    (void)state;
    json_t *object = json_pack("{s:s, s:i}", "rule", "a\tb", "number", 7);
    struct text out = {0};
    json_print(&out, object, "{rule} of {none}{number}, open {rule");
    assert_string_equal(out.data, "a\\tb of , open a\\tb");
    text_fini(&out);
    json_decref(object);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing_steers_the_terminal),
        cmocka_unit_test(test_absurd_figures),
        cmocka_unit_test(test_patterns),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
