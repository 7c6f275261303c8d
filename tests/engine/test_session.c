/* Sessions: profiles, overrides, callers older and newer than the library, cancelling. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/pool.h"
#include "engine/session.h"

static struct rg_session *session_of(struct rg_session_options options)
{
    struct rg_session *session;
    struct rg_error err = {0};
    options.struct_size = sizeof options;
    if (rg_session_open(&options, &session, &err) != RG_OK)
        fail_msg("%s", err.message);
    return session;
}

static void test_profiles(void **state)
{
    (void)state;
    unsigned processors = pool_processors(), two = processors < 2 ? processors : 2;
    struct rg_session *fast = session_of((struct rg_session_options){0});
    struct rg_session *debug =
        session_of((struct rg_session_options){.profile = RG_PROFILE_DEV_DEBUG});
    struct rg_session *tight =
        session_of((struct rg_session_options){.profile = RG_PROFILE_MEMORY_TIGHT});
    assert_int_equal(fast->settings.engine_threads, processors);
    assert_int_equal(fast->settings.extract_threads, processors);
    assert_int_equal(debug->settings.engine_threads, two);
    assert_true(debug->settings.keep_intermediates && !fast->settings.keep_intermediates);
    assert_int_equal(tight->settings.engine_threads, two);
    assert_true(tight->settings.memory_limit_bytes == UINT64_C(512) << 20);
    assert_true(tight->settings.bytes_in_flight < fast->settings.bytes_in_flight);
    assert_true(fast->settings.memory_limit_bytes > tight->settings.memory_limit_bytes);
    assert_int_equal(profile_specs_count, 3);
    for (size_t i = 0; i < profile_specs_count; i++)
        assert_int_equal(profile_specs[i].profile, i);
    rg_session_close(fast);
    rg_session_close(debug);
    rg_session_close(tight);
    rg_session_close(NULL);
}

static void test_overrides(void **state)
{
    (void)state;
    char folder[] = "/tmp/somewhere";
    struct rg_session *session =
        session_of((struct rg_session_options){.profile = RG_PROFILE_MEMORY_TIGHT,
                                               .threads = 7,
                                               .memory_limit_bytes = 100 << 20,
                                               .temp_directory = folder});
    folder[0] = 'x'; /* it was copied */
    assert_int_equal(session->settings.engine_threads, 7);
    assert_int_equal(session->settings.extract_threads, 7);
    assert_int_equal(session->settings.memory_limit_bytes, 100 << 20);
    assert_string_equal(session->settings.temp_directory, "/tmp/somewhere");
    rg_session_close(session);
}

static void test_wrong_options(void **state)
{
    (void)state;
    struct rg_session *session;
    struct rg_error err = {0};
    const struct rg_session_options wrong[] = {
        {.struct_size = 0},
        {.struct_size = sizeof *wrong, .profile = (enum rg_profile)17},
        {.struct_size = sizeof *wrong, .threads = 100000},
        {.struct_size = sizeof *wrong, .memory_limit_bytes = 1000},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_int_equal(rg_session_open(&wrong[i], &session, &err), RG_ERR_USAGE);
        assert_null(session);
        assert_true(*err.message);
    }
    assert_int_equal(rg_session_open(NULL, NULL, &err), RG_ERR_USAGE);
    assert_int_equal(rg_session_open(&wrong[0], &session, NULL), RG_ERR_USAGE);
}

/* A caller of another version has a shorter or a longer struct. */
static void test_other_versions(void **state)
{
    (void)state;
    struct rg_session *session;
    struct rg_error err = {0};
    struct {
        struct rg_session_options known;
        uint64_t newer;
    } options = {.known = {.struct_size = offsetof(struct rg_session_options, memory_limit_bytes),
                           .threads = 3,
                           .memory_limit_bytes = 1}};
    assert_int_equal(rg_session_open(&options.known, &session, &err), RG_OK);
    assert_int_equal(session->settings.engine_threads, 3);
    assert_true(session->settings.memory_limit_bytes > 1); /* beyond what the caller declared */
    rg_session_close(session);
    options.known = (struct rg_session_options){.struct_size = sizeof options, .threads = 2};
    assert_int_equal(rg_session_open(&options.known, &session, &err), RG_OK);
    rg_session_close(session);
    options.newer = 1; /* an option that this library cannot honour */
    assert_int_equal(rg_session_open(&options.known, &session, &err), RG_ERR_USAGE);
}

static struct rg_session *signalled;

static void on_signal(int number)
{
    (void)number;
    rg_session_cancel(signalled);
}

static void test_cancel(void **state)
{
    (void)state;
    struct rg_error err = {0};
    signalled = session_of((struct rg_session_options){0});
    assert_int_equal(events_check(&signalled->events, &err), RG_OK);
    signal(SIGUSR1, on_signal);
    raise(SIGUSR1);
    signal(SIGUSR1, SIG_DFL);
    assert_int_equal(events_check(&signalled->events, &err), RG_ERR_CANCELLED);
    /* Whoever holds the token sees it even after the session has gone. */
    struct cancel_token *token = cancel_token_hold(signalled->token);
    rg_session_close(signalled);
    assert_true(atomic_load(&token->cancelled));
    cancel_token_drop(token);
    rg_session_cancel(NULL);
}

static void test_engine(void **state)
{
    (void)state;
    struct rg_error err = {0};
    assert_int_equal(engine_check(&err), RG_OK);
    assert_int_equal(strncmp(engine_version(), "v1.5.", 5), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_profiles),      cmocka_unit_test(test_overrides),
        cmocka_unit_test(test_wrong_options), cmocka_unit_test(test_other_versions),
        cmocka_unit_test(test_cancel),        cmocka_unit_test(test_engine),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
