/* Texts of one XXH64, made by hand: the hash's four lanes take eight bytes each and can be undone
 * one by one (xxHash specification 0.1.1), so what one lane changed the next eight bytes can mend.
 */
#ifndef TESTS_COLLIDE_H
#define TESTS_COLLIDE_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define COLLIDE_P1 UINT64_C(0x9E3779B185EBCA87)
#define COLLIDE_P2 UINT64_C(0xC2B2AE3D27D4EB4F)

static inline uint64_t collide_random(uint64_t *state)
{
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return *state ^ *state >> 29;
}

/* Eight lower-case letters as a little-endian number. */
static inline uint64_t collide_word(uint64_t *state)
{
    uint64_t word = 0;
    for (int i = 0; i < 8; i++)
        word = word << 8 | ('a' + collide_random(state) / 7 % 26);
    return word;
}

static inline bool collide_is_name(uint64_t word)
{
    for (int i = 0; i < 8; i++, word >>= 8) {
        unsigned char c = (unsigned char)word;
        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
              c == '_'))
            return false;
    }
    return true;
}

static inline uint64_t collide_inverse(uint64_t odd)
{
    uint64_t inverse = odd; /* Newton's iteration modulo 2^64 */
    for (int i = 0; i < 6; i++)
        inverse *= 2 - odd * inverse;
    return inverse;
}

static inline uint64_t collide_round(uint64_t lane, uint64_t word)
{
    lane += word * COLLIDE_P2;
    return (lane << 31 | lane >> 33) * COLLIDE_P1;
}

/* Two texts of 64 bytes that are names and, with equal bytes behind them, have one hash for the
 * seed. */
static inline void collide_pair(uint64_t seed, uint64_t start, char a[65], char b[65])
{
    uint64_t state = start, inverse = collide_inverse(COLLIDE_P2);
    memset(a, 'x', 64);
    memset(b, 'x', 64);
    a[64] = b[64] = '\0';
    for (;;) {
        uint64_t lane = seed + COLLIDE_P1 + COLLIDE_P2;
        uint64_t a1 = collide_word(&state), b1 = collide_word(&state), a2 = collide_word(&state);
        uint64_t b2 = a2 + (collide_round(lane, a1) - collide_round(lane, b1)) * inverse;
        if (a1 == b1 || !collide_is_name(b2))
            continue;
        memcpy(a, &a1, 8);
        memcpy(a + 32, &a2, 8);
        memcpy(b, &b1, 8);
        memcpy(b + 32, &b2, 8);
        return;
    }
}

/* Two names of 64 bytes, the first hashed with one seed, the second with another, of one hash. */
static inline void collide_seeds(uint64_t seed_a, uint64_t seed_b, uint64_t start, char a[65],
                                 char b[65])
{
    static const uint64_t offsets[4] = {COLLIDE_P1 + COLLIDE_P2, COLLIDE_P2, 0, -COLLIDE_P1};
    uint64_t state = start, inverse = collide_inverse(COLLIDE_P2);
    a[64] = b[64] = '\0';
    for (int lane = 0; lane < 4;) {
        uint64_t a1 = collide_word(&state), b1 = collide_word(&state), a2 = collide_word(&state);
        uint64_t b2 = a2 + (collide_round(seed_a + offsets[lane], a1) -
                            collide_round(seed_b + offsets[lane], b1)) *
                               inverse;
        if (!collide_is_name(b2))
            continue;
        memcpy(a + 8 * lane, &a1, 8);
        memcpy(a + 8 * lane + 32, &a2, 8);
        memcpy(b + 8 * lane, &b1, 8);
        memcpy(b + 8 * lane + 32, &b2, 8);
        lane++;
    }
}

#endif
