/* How long the rule compiler takes: `compile_rules [ROUNDS]` prints the median of each phase over
 * all rules, and of one rule alone, in ms. */
#include <stdio.h>
#include <stdlib.h>

#include <time.h>

#include "compile/rules.h"

enum { PHASES = 5, ROUNDS_MAX = 1000 };
static const char *const phase_names[PHASES] = {"load, parse", "bind, check", "analyse",
                                                "rewrite, print", "all"};

static double thread_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *values, size_t n)
{
    qsort(values, n, sizeof *values, by_value);
    return values[n / 2];
}

static bool run_round(double *times, size_t *out_rules)
{
    struct rule_set set;
    struct rg_error err = {0};
    double marks[PHASES];
    marks[0] = thread_seconds();
    enum rg_status status = rule_set_load(NULL, 0, &set, &err);
    marks[1] = thread_seconds();
    if (!status)
        status = rule_set_resolve(&set, NULL, &err);
    marks[2] = thread_seconds();
    if (!status)
        status = rule_set_analyse(&set, &err);
    marks[3] = thread_seconds();
    const struct rule_compile_options options = {.fuse = true};
    if (!status)
        status = rule_set_compile(&set, &options, &err);
    marks[4] = thread_seconds();
    for (int i = 0; i + 1 < PHASES; i++)
        times[i] = 1000 * (marks[i + 1] - marks[i]);
    times[PHASES - 1] = 1000 * (marks[PHASES - 1] - marks[0]);
    *out_rules = set.n_rules + set.n_audits;
    if (status)
        fprintf(stderr, "%s:%u:%u %s: %s\n%s", err.file, err.line, err.column, err.rule,
                err.message, err.excerpt);
    rule_set_fini(&set);
    return status == RG_OK;
}

int main(int argc, char **argv)
{
    static double times[PHASES][ROUNDS_MAX];
    size_t rounds = argc > 1 ? strtoull(argv[1], NULL, 10) : 20, rules = 0;
    rounds = rounds < 1 ? 1 : rounds > ROUNDS_MAX ? ROUNDS_MAX : rounds;
    for (size_t i = 0; i < rounds; i++) {
        double one[PHASES];
        if (!run_round(one, &rules))
            return 1;
        for (int p = 0; p < PHASES; p++)
            times[p][i] = one[p];
    }
    printf("%zu rules and audits, median of %zu rounds\n", rules, rounds);
    for (int p = 0; p < PHASES; p++) {
        double ms = median(times[p], rounds);
        printf("  %-14s %8.2f ms  %8.3f ms a rule\n", phase_names[p], ms, ms / (double)rules);
    }
    return 0;
}
