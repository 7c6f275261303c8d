/* Arena, buffer, intmap and UTF-8: what they promise, their limits, and what they do when memory is
 * out. Allocation failures are made with the limits that each structure is born with, and by
 * letting the n-th malloc of this program fail. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/intmap.h"
#include "base/utf8.h"
#include "failing_malloc.h"

/* --- Arena ----------------------------------------------------------------------------------- */

static void arena_gives_zeroed_aligned_memory(void **state)
{
    (void)state;
    struct arena arena = {0};
    for (size_t size = 0; size < 5000; size += 37) {
        unsigned char *memory = arena_alloc(&arena, size);
        assert_non_null(memory);
        assert_int_equal((uintptr_t)memory % 16, 0);
        for (size_t i = 0; i < size; i++)
            assert_int_equal(memory[i], 0);
        memset(memory, 0xAB, size);
    }
    char *big = arena_alloc(&arena, 3 << 20); /* larger than any block */
    assert_non_null(big);
    big[(3 << 20) - 1] = 1;
    arena_fini(&arena);
}

static void arena_rewinds_to_a_mark(void **state)
{
    (void)state;
    struct arena arena = {0};
    char *kept = arena_printf(&arena, "kept %d", 1);
    struct arena_mark mark = arena_mark(&arena);
    char *first = arena_alloc(&arena, 100);
    memset(first, 1, 100);
    for (int i = 0; i < 100; i++)
        assert_non_null(arena_alloc(&arena, 10000)); /* several blocks */
    arena_rewind(&arena, mark);
    assert_string_equal(kept, "kept 1");
    char *again = arena_alloc(&arena, 100);
    assert_ptr_equal(again, first); /* the same room, zeroed anew */
    assert_int_equal(again[99], 0);
    arena_clear(&arena);
    assert_true(arena.bytes > 0); /* a block is kept for reuse */
    arena_fini(&arena);
    assert_int_equal(arena.bytes, 0);
}

static void arena_keeps_its_maximum(void **state)
{
    (void)state;
    struct arena arena = {.bytes_max = 64 * 1024};
    size_t got = 0;
    while (arena_alloc(&arena, 1000))
        got += 1000;
    assert_true(got >= 16 * 1000 && got <= 64 * 1024);
    assert_true(arena.bytes <= arena.bytes_max);
    assert_null(arena_alloc(&arena, SIZE_MAX));
    assert_null(arena_array(&arena, SIZE_MAX / 4, 8));
    arena_fini(&arena);
    assert_non_null(arena_alloc(&arena, 10)); /* usable again, with its maximum */
    assert_int_equal(arena.bytes_max, 64 * 1024);
    arena_fini(&arena);
}

static void arena_copies_texts(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct str copy = arena_str(&arena, (struct str){"abcdef", 3});
    assert_int_equal(copy.len, 3);
    assert_string_equal(copy.ptr, "abc");
    struct str empty = arena_str(&arena, (struct str){NULL, 0});
    assert_non_null(empty.ptr);
    assert_int_equal(empty.len, 0);
    int *numbers = ARENA_ARRAY(&arena, 2, int);
    numbers[0] = 7, numbers[1] = 8;
    int *grown = arena_grow(&arena, numbers, 2, 4, sizeof *numbers);
    assert_int_equal(grown[1], 8);
    assert_int_equal(grown[3], 0);
    arena_fini(&arena);
}

/* --- Buffer ---------------------------------------------------------------------------------- */

static void buffer_grows_and_quotes(void **state)
{
    (void)state;
    struct buffer buffer = {0};
    buffer_sql_text(&buffer, STR("it's"));
    buffer_char(&buffer, ' ');
    buffer_sql_name(&buffer, STR("a\"b"));
    buffer_printf(&buffer, " %d%%", 5);
    assert_string_equal(buffer.data, "'it''s' \"a\"\"b\" 5%");
    buffer_clear(&buffer);
    buffer_json_text(&buffer, STR("q\" \\ \b\f\n\t\r \x1F \xC3\xBC \xFF"));
    assert_string_equal(buffer.data,
                        "\"q\\\" \\\\ \\b\\f\\n\\t\\r \\u001F \xC3\xBC \xEF\xBF\xBD\"");
    buffer_clear(&buffer);
    for (int i = 0; i < 10000; i++)
        buffer_text(&buffer, "0123456789");
    assert_int_equal(buffer.len, 100000);
    assert_int_equal(strlen(buffer.data), 100000);
    char *taken = buffer_take(&buffer);
    assert_int_equal(taken[99999], '9');
    assert_int_equal(buffer.len, 0);
    assert_null(buffer.data);
    free(taken);
    assert_null(buffer_take(&buffer)); /* empty */
    assert_int_equal(buffer_view(&buffer).len, 0);
    assert_non_null(buffer_view(&buffer).ptr);
}

static void buffer_remembers_a_failure(void **state)
{
    (void)state;
    struct buffer buffer = {.bytes_max = 100};
    for (int i = 0; i < 30; i++)
        buffer_text(&buffer, "12345");
    assert_true(buffer.failed);
    assert_true(buffer.len < 100);
    size_t before = buffer.len;
    buffer_char(&buffer, 'x'); /* it would fit, but something in front of it is missing */
    assert_int_equal(buffer.len, before);
    assert_null(buffer_take(&buffer));
    assert_int_equal(buffer.bytes_max, 100);
    buffer_text(&buffer, "good again");
    assert_false(buffer.failed);
    buffer_fini(&buffer);
}

/* --- Intmap ---------------------------------------------------------------------------------- */

static uint64_t next_random(uint64_t *seed)
{
    *seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return *seed ^ *seed >> 29;
}

static void intmap_against_a_plain_array(void **state)
{
    (void)state;
    enum { KEYS = 3000 };
    static uint64_t keys[KEYS];
    static uint32_t values[KEYS];
    struct intmap map = {0};
    uint64_t seed = 1;
    assert_int_equal(intmap_get(&map, 0), INTMAP_NONE);
    for (size_t i = 0; i < KEYS; i++) {
        /* Dense and packed keys as well as hashes: what the callers use. */
        keys[i] = i % 3 == 0 ? i : i % 3 == 1 ? (uint64_t)i << 32 | i : next_random(&seed);
        values[i] = (uint32_t)i;
        assert_true(intmap_put(&map, keys[i], values[i]));
    }
    assert_int_equal(map.count, KEYS);
    for (size_t i = 0; i < KEYS; i += 2) {
        values[i] += 7;
        assert_true(intmap_put(&map, keys[i], values[i]));
    }
    assert_int_equal(map.count, KEYS);
    for (size_t i = 0; i < KEYS; i++)
        assert_int_equal(intmap_get(&map, keys[i]), values[i]);
    assert_int_equal(intmap_get(&map, UINT64_C(0xDEADBEEFDEADBEEF)), INTMAP_NONE);
    intmap_clear(&map);
    assert_int_equal(intmap_get(&map, keys[5]), INTMAP_NONE);
    intmap_fini(&map);
}

static void intmap_slots(void **state)
{
    (void)state;
    struct intmap map = {0};
    for (uint32_t i = 0; i < 10; i++) {
        uint32_t *slot = intmap_slot(&map, 42, 0);
        assert_non_null(slot);
        assert_int_equal(*slot, i + 1); /* the value plus one */
        (*slot)++;
    }
    assert_int_equal(intmap_get(&map, 42), 10);
    assert_true(intmap_put(&map, UINT64_MAX, INTMAP_NONE - 1)); /* the largest value */
    assert_int_equal(intmap_get(&map, UINT64_MAX), INTMAP_NONE - 1);
    intmap_fini(&map);
}

/* --- UTF-8 ----------------------------------------------------------------------------------- */

/* The definition, written another way: decode by arithmetic, then check the code point. */
static size_t naive_sequence(const unsigned char *s, size_t len)
{
    static const struct {
        unsigned char mask, lead;
        uint32_t least;
    } shapes[] = {{0x80, 0x00, 0}, {0xE0, 0xC0, 0x80}, {0xF0, 0xE0, 0x800}, {0xF8, 0xF0, 0x10000}};
    for (size_t n = 1; n <= 4; n++) {
        if ((s[0] & shapes[n - 1].mask) != shapes[n - 1].lead)
            continue;
        uint32_t code = s[0] & (unsigned char)~shapes[n - 1].mask;
        for (size_t i = 1; i < n; i++) {
            if (i >= len || s[i] >> 6 != 2)
                return 0;
            code = code * 64 + s[i] % 64;
        }
        bool good =
            code >= shapes[n - 1].least && code <= 0x10FFFF && !(code >= 0xD800 && code < 0xE000);
        return good ? n : 0;
    }
    return 0;
}

static void utf8_against_the_definition(void **state)
{
    (void)state;
    unsigned char s[4];
    /* Every first two bytes with the continuations at which table 3-7 changes its mind. */
    static const unsigned char rest[] = {0x00, 0x7F, 0x80, 0x8F, 0x90,
                                         0x9F, 0xA0, 0xBF, 0xC0, 0xFF};
    for (unsigned a = 0; a < 256; a++)
        for (unsigned b = 0; b < 256; b++)
            for (size_t c = 0; c < sizeof rest; c++)
                for (size_t len = 1; len <= 4; len++) {
                    s[0] = (unsigned char)a, s[1] = (unsigned char)b;
                    s[2] = rest[c], s[3] = rest[(c + 3) % sizeof rest];
                    if (utf8_sequence((const char *)s, len) != naive_sequence(s, len))
                        fail_msg("%02x %02x %02x %02x, %zu bytes", s[0], s[1], s[2], s[3], len);
                }
    assert_int_equal(utf8_sequence("", 0), 0);
}

static void utf8_encodes_what_it_reads(void **state)
{
    (void)state;
    for (unsigned code = 0; code <= 0x10FFFF; code += code < 0x900 ? 1 : 251) {
        char bytes[4];
        if (code >= 0xD800 && code < 0xE000)
            continue;
        size_t n = utf8_encode(code, bytes);
        assert_int_equal(utf8_sequence(bytes, n), n);
    }
}

static void utf8_makes_bytes_valid(void **state)
{
    (void)state;
    struct buffer out = {0};
    utf8_replace(&out, "a\xFF\xC3z\xE2\x82", 6);
    assert_string_equal(out.data, "a" UTF8_REPLACEMENT UTF8_REPLACEMENT
                                  "z" UTF8_REPLACEMENT UTF8_REPLACEMENT);
    buffer_clear(&out);
    utf8_percent(&out, "50%/\xFF%41\xC3\xBC%g1", 13);
    assert_string_equal(out.data, "50%/%FF%2541\xC3\xBC%g1");
    buffer_fini(&out);
    assert_true(utf8_valid("plain ascii text, long enough for words", 39));
    assert_false(utf8_valid("plain ascii text\xFF long enough for words", 39));
    assert_false(utf8_valid("1234567\xC3", 8));
    assert_true(utf8_valid("", 0));
}

/* Texts of any length, with one sequence or half of one at any place: words of 32 and of 8 bytes
 * are looked at together. */
static void utf8_is_checked_everywhere(void **state)
{
    (void)state;
    enum { LENGTH = 80 };
    static const char *const pieces[] = {"\xC3\xBC", "\xE2\x82\xAC", "\xF0\x9F\x9A\x80",
                                         "\xC3",     "\x80",         "\xED\xA0\x80"};
    for (size_t p = 0; p < sizeof pieces / sizeof *pieces; p++)
        for (size_t len = 0; len <= LENGTH; len++)
            for (size_t at = 0; at < len; at++) {
                char text[LENGTH];
                size_t piece = strlen(pieces[p]), room = len - at;
                memset(text, 'a', sizeof text);
                memcpy(text + at, pieces[p], piece < room ? piece : room);
                if (utf8_valid(text, len) != (p < 3 && piece <= room))
                    fail_msg("piece %zu at %zu of %zu", p, at, len);
            }
}

/* --- Each allocation failing in turn --------------------------------------------------------- */

static void arena_when_memory_is_out(void **state)
{
    (void)state;
    for (long n = 0; n < 4; n++) {
        struct arena arena = {0};
        int got = 0;
        fails_after = n;
        for (int i = 0; i < 100; i++)
            got += arena_alloc(&arena, 4000) != NULL;
        fails_after = -1;
        assert_int_equal(got, 99); /* one is refused; the arena goes on */
        fails_after = 0;
        assert_null(arena_array(&arena, 1 << 20, 4));
        fails_after = -1;
        arena_fini(&arena);
    }
}

static void buffer_when_memory_is_out(void **state)
{
    (void)state;
    for (long n = 0; n < 8; n++) {
        struct buffer buffer = {0};
        fails_after = n;
        for (int i = 0; i < 10000; i++)
            buffer_text(&buffer, "0123456789");
        fails_after = -1;
        assert_true(buffer.failed);
        assert_true(buffer.len == 0 || strlen(buffer.data) == buffer.len);
        assert_null(buffer_take(&buffer));
    }
}

static void intmap_when_memory_is_out(void **state)
{
    (void)state;
    for (long n = 0; n < 8; n++) {
        struct intmap map = {0};
        uint32_t refused = 0;
        fails_after = n;
        for (uint32_t i = 0; i < 1000; i++)
            if (!intmap_put(&map, i, i)) {
                refused++;
                assert_true(intmap_put(&map, i, i)); /* as before, and memory is there again */
            }
        fails_after = -1;
        assert_int_equal(refused, 1);
        for (uint32_t i = 0; i < 1000; i++)
            assert_int_equal(intmap_get(&map, i), i);
        intmap_fini(&map);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arena_gives_zeroed_aligned_memory),
        cmocka_unit_test(arena_rewinds_to_a_mark),
        cmocka_unit_test(arena_keeps_its_maximum),
        cmocka_unit_test(arena_copies_texts),
        cmocka_unit_test(buffer_grows_and_quotes),
        cmocka_unit_test(buffer_remembers_a_failure),
        cmocka_unit_test(intmap_against_a_plain_array),
        cmocka_unit_test(intmap_slots),
        cmocka_unit_test(utf8_against_the_definition),
        cmocka_unit_test(utf8_encodes_what_it_reads),
        cmocka_unit_test(utf8_makes_bytes_valid),
        cmocka_unit_test(utf8_is_checked_everywhere),
        cmocka_unit_test(arena_when_memory_is_out),
        cmocka_unit_test(buffer_when_memory_is_out),
        cmocka_unit_test(intmap_when_memory_is_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
