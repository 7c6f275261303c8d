/* The benchmark: for each corpus and number of threads, the floor (parse_floor) and, as multiples
 * of it, the facts kept in memory, the facts in the store, and whole builds of each tier and each
 * profile; for a folder of copies (1, 4, 16, …) how a build grows. Every measurement is a process
 * of its own, the kinds take turns, and the median of the rounds is reported: ratios of one run,
 * never single times. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/pool.h"
#include "relgraph/relgraph.h"

enum { ROUNDS_MAX = 16, STAGES_MAX = 12, NAME_MAX_BYTES = 24 };

enum kind {
    FLOOR,
    FACTS_MEMORY,
    FACTS_STORE,
    BUILD_FAST,
    BUILD_STABLE,
    BUILD_CANONICAL,
    PROFILE_DEBUG,
    PROFILE_TIGHT,
    KINDS
};

/* What is measured. A bar is what we promise of a large corpus with all processors; on a small one
 * the start of the engine and of the rules weighs too much to tell anything. */
static const struct kind_spec {
    const char *name;
    enum rg_tier tier;
    enum rg_profile profile;
    bool facts_only, in_memory;
    bool small_only; /* of small corpora: profiles that spill or explain everything take long */
    double bar;      /* in multiples of `of`; 0: nothing is promised */
    enum kind of;
} specs[KINDS] = {
    [FLOOR] = {.name = "parse floor"},
    [FACTS_MEMORY] =
        {.name = "facts in memory", .facts_only = true, .in_memory = true, .bar = 3, .of = FLOOR},
    [FACTS_STORE] = {.name = "facts in the store", .facts_only = true, .bar = 3.5, .of = FLOOR},
    [BUILD_FAST] = {.name = "build, fast", .tier = RG_TIER_FAST, .bar = 6, .of = FLOOR},
    [BUILD_STABLE] = {.name = "build, stable",
                      .tier = RG_TIER_STABLE,
                      .bar = 1.25,
                      .of = BUILD_FAST},
    [BUILD_CANONICAL] = {.name = "build, canonical",
                         .tier = RG_TIER_CANONICAL,
                         .bar = 1.25,
                         .of = BUILD_FAST},
    [PROFILE_DEBUG] = {.name = "stable, dev_debug",
                       .tier = RG_TIER_STABLE,
                       .profile = RG_PROFILE_DEV_DEBUG,
                       .small_only = true},
    [PROFILE_TIGHT] = {.name = "stable, memory_tight",
                       .tier = RG_TIER_STABLE,
                       .profile = RG_PROFILE_MEMORY_TIGHT,
                       .small_only = true},
};
enum { LARGE_LINES_MIN = 500000 };
/* Growth is linear while a copy costs at most so many times what the only copy does. */
static const double growth_bar = 1.2;

struct stage_figure {
    char name[NAME_MAX_BYTES];
    double seconds;
    uint64_t rows;
};

/* What one measured process says of itself, through a pipe; the last two come from the kernel. */
struct figure {
    bool ok;
    double seconds;
    uint64_t files, bytes, lines, output_bytes;
    struct stage_figure stages[STAGES_MAX];
    unsigned n_stages;
    double peak_mb;
    double cpu_seconds;
};

struct options {
    unsigned rounds;
    unsigned threads; /* 0: all, and one */
    const char *json;
    const char *work;
    char parse_floor[512];
};

static void child_build(enum kind kind, const char *repository, unsigned threads, const char *work,
                        struct figure *out)
{
    struct rg_error error = {0};
    struct rg_session *session = NULL;
    const struct kind_spec *spec = &specs[kind];
    struct rg_session_options options = {
        .struct_size = sizeof options, .threads = threads, .profile = spec->profile};
    struct rg_build_request request = {
        .struct_size = sizeof request,
        .repository = repository,
        .output = work,
        .tier = spec->tier,
        .facts_only = spec->facts_only,
        .facts_in_memory = spec->in_memory,
    };
    struct rg_build_result *result = NULL;
    if (rg_session_open(&options, &session, &error) != RG_OK ||
        rg_build(session, &request, &result, &error) != RG_OK) {
        fprintf(stderr, "bench: %s\n", error.message);
        rg_session_close(session);
        return;
    }
    out->ok = true;
    out->seconds = result->seconds;
    out->files = result->files;
    out->bytes = result->source_bytes;
    out->lines = result->lines;
    out->output_bytes = result->output_bytes;
    for (size_t i = 0; i < result->n_stages && i < STAGES_MAX; i++) {
        struct stage_figure *stage = &out->stages[out->n_stages++];
        snprintf(stage->name, sizeof stage->name, "%s", result->stages[i].name);
        stage->seconds = result->stages[i].seconds;
        stage->rows = result->stages[i].rows;
    }
    rg_build_result_free(result);
    rg_session_close(session);
}

static void child_floor(const char *program, const char *repository, unsigned threads, int out)
{
    char count[16];
    snprintf(count, sizeof count, "%u", threads);
    dup2(out, STDOUT_FILENO);
    execl(program, program, repository, count, (char *)NULL);
    fprintf(stderr, "bench: cannot run %s: %s\n", program, strerror(errno));
    _exit(1);
}

static size_t read_all(int fd, void *buffer, size_t size)
{
    size_t got = 0;
    ssize_t n;
    while (got < size && (n = read(fd, (char *)buffer + got, size - got)) > 0)
        got += (size_t)n;
    return got;
}

static void parse_floor_line(const char *text, struct figure *figure)
{
    unsigned long long files, bytes, nodes;
    unsigned threads;
    figure->ok = sscanf(text,
                        "{\"files\": %llu, \"bytes\": %llu, \"threads\": %u, \"seconds\": %lf, "
                        "\"nodes\": %llu}",
                        &files, &bytes, &threads, &figure->seconds, &nodes) == 5;
    if (figure->ok) {
        figure->files = files;
        figure->bytes = bytes;
    }
}

static struct figure measure(const struct options *options, enum kind kind, const char *repository,
                             unsigned threads)
{
    struct figure figure = {0};
    int ends[2];
    if (pipe(ends) != 0)
        return figure;
    pid_t child = fork();
    if (child == 0) {
        close(ends[0]);
        if (kind == FLOOR)
            child_floor(options->parse_floor, repository, threads, ends[1]);
        child_build(kind, repository, threads, options->work, &figure);
        ssize_t put = write(ends[1], &figure, sizeof figure);
        _exit(figure.ok && put == (ssize_t)sizeof figure ? 0 : 1);
    }
    close(ends[1]);
    char line[512] = "";
    if (kind == FLOOR) {
        read_all(ends[0], line, sizeof line - 1);
        parse_floor_line(line, &figure);
    } else if (read_all(ends[0], &figure, sizeof figure) != sizeof figure) {
        figure = (struct figure){0};
    }
    close(ends[0]);
    struct rusage usage = {0};
    int status = 0;
    if (child < 0 || wait4(child, &status, 0, &usage) != child || status != 0)
        figure.ok = false;
    figure.peak_mb = (double)usage.ru_maxrss / 1024.0;
    figure.cpu_seconds = (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
                         (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1e-6;
    return figure;
}

static int by_seconds(const void *a, const void *b)
{
    double x = ((const struct figure *)a)->seconds, y = ((const struct figure *)b)->seconds;
    return (x > y) - (x < y);
}

static void print_stages(const struct figure *figure, double floor_seconds)
{
    for (unsigned i = 0; i < figure->n_stages; i++) {
        const struct stage_figure *stage = &figure->stages[i];
        printf("    %-22s %8.2f s %7.2fx", stage->name, stage->seconds,
               stage->seconds / floor_seconds);
        if (stage->rows && stage->seconds > 0)
            printf("  %6.2f M rows, %6.2f M rows/s", (double)stage->rows * 1e-6,
                   (double)stage->rows * 1e-6 / stage->seconds);
        printf("\n");
    }
}

static void print_figure(enum kind kind, const struct figure *figure, const double seconds[KINDS],
                         bool promised)
{
    const struct kind_spec *spec = &specs[kind];
    if (!figure->ok) {
        printf("  %-24s failed\n", spec->name);
        return;
    }
    printf("  %-24s %8.2f s %7.2fx  %7.0f MB peak", spec->name, figure->seconds,
           figure->seconds / seconds[FLOOR], figure->peak_mb);
    if (figure->output_bytes)
        printf("  %7.1f MB written", (double)figure->output_bytes / 1e6);
    if (spec->bar > 0 && promised) {
        double ratio = figure->seconds / seconds[spec->of];
        printf("  bar %.4gx", spec->bar);
        if (spec->of != FLOOR)
            printf(" of %s, %.2fx", specs[spec->of].name, ratio);
        printf(": %s", ratio <= spec->bar ? "met" : "missed");
    }
    printf("\n");
    print_stages(figure, seconds[FLOOR]);
}

static void json_figure(struct buffer *json, const char *corpus, unsigned threads, enum kind kind,
                        const struct figure *figure, double floor_seconds)
{
    if (json->len > 2)
        buffer_text(json, ",\n");
    buffer_text(json, " {\"corpus\": ");
    buffer_json_text(json, str_of(corpus));
    buffer_printf(json,
                  ", \"threads\": %u, \"what\": \"%s\", \"ok\": %s, \"seconds\": %.4f, "
                  "\"times_floor\": %.3f, "
                  "\"peak_mb\": %.1f, \"cpu_seconds\": %.3f, \"source_bytes\": %llu, "
                  "\"output_bytes\": %llu, \"stages\": [",
                  threads, specs[kind].name, figure->ok ? "true" : "false", figure->seconds,
                  figure->seconds / floor_seconds, figure->peak_mb, figure->cpu_seconds,
                  (unsigned long long)figure->bytes, (unsigned long long)figure->output_bytes);
    for (unsigned i = 0; i < figure->n_stages; i++)
        buffer_printf(json, "%s{\"stage\": \"%s\", \"seconds\": %.4f, \"rows\": %llu}",
                      i ? ", " : "", figure->stages[i].name, figure->stages[i].seconds,
                      (unsigned long long)figure->stages[i].rows);
    buffer_text(json, "]}");
}

static bool is_measured(enum kind kind, const struct figure *floor_or_facts)
{
    return !specs[kind].small_only || floor_or_facts->lines < LARGE_LINES_MIN;
}

static bool bench_corpus(const struct options *options, const char *name, const char *repository,
                         unsigned threads, struct buffer *json)
{
    static struct figure figures[KINDS][ROUNDS_MAX];
    const struct figure *facts = &figures[FACTS_MEMORY][0]; /* which knows the lines */
    for (unsigned round = 0; round < options->rounds; round++)
        for (enum kind kind = 0; kind < KINDS; kind++)
            if (is_measured(kind, facts))
                figures[kind][round] = measure(options, kind, repository, threads);
    bool ok = true, promised = false;
    double seconds[KINDS] = {0};
    for (enum kind kind = 0; kind < KINDS; kind++) {
        if (!is_measured(kind, facts)) {
            printf("  %-24s not measured: more than %d lines\n", specs[kind].name, LARGE_LINES_MIN);
            continue;
        }
        qsort(figures[kind], options->rounds, sizeof **figures, by_seconds);
        const struct figure *median = &figures[kind][options->rounds / 2];
        seconds[kind] = median->seconds > 0 ? median->seconds : 1e-9;
        if (kind == FLOOR)
            printf("%s: %llu files, %.1f MB, %u thread%s\n", name,
                   (unsigned long long)median->files, (double)median->bytes / 1e6, threads,
                   threads == 1 ? "" : "s");
        promised = threads == pool_processors() && facts->lines >= LARGE_LINES_MIN;
        print_figure(kind, median, seconds, promised);
        json_figure(json, name, threads, kind, median, seconds[FLOOR]);
        ok = ok && median->ok;
    }
    printf("\n");
    fflush(stdout);
    return ok;
}

/* --- Growth -----------------------------------------------------------------------------------
 */

/* The folders below `copies` are named by the number of copies that each holds. */
static bool bench_growth(const struct options *options, const char *name, const char *copies,
                         struct buffer *json)
{
    static const unsigned counts[] = {1, 4, 16};
    enum { COUNTS = sizeof counts / sizeof *counts };
    static struct figure floors[COUNTS][ROUNDS_MAX], builds[COUNTS][ROUNDS_MAX];
    unsigned threads = pool_processors();
    char path[1024], label[64];
    for (unsigned round = 0; round < options->rounds; round++)
        for (unsigned i = 0; i < COUNTS; i++) {
            snprintf(path, sizeof path, "%s/%u", copies, counts[i]);
            floors[i][round] = measure(options, FLOOR, path, threads);
            builds[i][round] = measure(options, BUILD_FAST, path, threads);
        }
    printf("growth of %s, %s, %u thread%s\n", name, specs[BUILD_FAST].name, threads,
           threads == 1 ? "" : "s");
    bool ok = true;
    double one = 0;
    for (unsigned i = 0; i < COUNTS; i++) {
        qsort(floors[i], options->rounds, sizeof **floors, by_seconds);
        qsort(builds[i], options->rounds, sizeof **builds, by_seconds);
        const struct figure *low = &floors[i][options->rounds / 2];
        const struct figure *median = &builds[i][options->rounds / 2];
        double floor_seconds = low->seconds > 0 ? low->seconds : 1e-9;
        double each = median->seconds / counts[i];
        one = i ? one : each > 0 ? each : 1e-9;
        ok = ok && low->ok && median->ok;
        printf("  %2u cop%s %8.1f MB %8.2f s %7.2fx  %7.0f MB peak  %6.2f of one copy each",
               counts[i], counts[i] == 1 ? "y  " : "ies", (double)low->bytes / 1e6, median->seconds,
               median->seconds / floor_seconds, median->peak_mb, each / one);
        printf(i ? "  bar %.1f: %s\n" : "\n", growth_bar,
               each / one <= growth_bar ? "met" : "missed");
        snprintf(label, sizeof label, "%s x%u", name, counts[i]);
        json_figure(json, label, threads, FLOOR, low, floor_seconds);
        json_figure(json, label, threads, BUILD_FAST, median, floor_seconds);
    }
    printf("\n");
    fflush(stdout);
    return ok;
}

static bool find_parse_floor(struct options *options)
{
    ssize_t length =
        readlink("/proc/self/exe", options->parse_floor, sizeof options->parse_floor - 16);
    if (length <= 0)
        return false;
    options->parse_floor[length] = '\0';
    char *slash = strrchr(options->parse_floor, '/');
    memcpy(slash + 1, "parse_floor", sizeof "parse_floor");
    return true;
}

int main(int argc, char **argv)
{
    struct options options = {.rounds = 3, .work = "build/bench-graph"};
    struct buffer json = {0};
    buffer_text(&json, "[\n");
    bool ok = find_parse_floor(&options);
    for (int i = 1; i < argc && ok; i++) {
        char *equals = strchr(argv[i], '=');
        if (strcmp(argv[i], "--rounds") == 0 && i + 1 < argc) {
            unsigned long rounds = strtoul(argv[++i], NULL, 10);
            options.rounds = rounds < 1 ? 1 : rounds > ROUNDS_MAX ? ROUNDS_MAX : (unsigned)rounds;
        } else if (strcmp(argv[i], "--threads") == 0 && i + 1 < argc) {
            options.threads = (unsigned)strtoul(argv[++i], NULL, 10);
        } else if (strcmp(argv[i], "--json") == 0 && i + 1 < argc) {
            options.json = argv[++i];
        } else if (strcmp(argv[i], "--work") == 0 && i + 1 < argc) {
            options.work = argv[++i];
        } else if (strcmp(argv[i], "--growth") == 0 && i + 1 < argc &&
                   (equals = strchr(argv[i + 1], '='))) {
            *equals = '\0';
            ok = bench_growth(&options, argv[i + 1], equals + 1, &json);
            i++;
        } else if (equals) {
            *equals = '\0';
            unsigned all = options.threads ? options.threads : pool_processors();
            ok = bench_corpus(&options, argv[i], equals + 1, all, &json);
            if (ok && all > 1 && !options.threads)
                ok = bench_corpus(&options, argv[i], equals + 1, 1, &json);
        } else {
            fprintf(stderr, "usage: suite [--rounds N] [--threads N] [--json FILE] [--work FOLDER] "
                            "[--growth NAME=COPIES] "
                            "NAME=REPOSITORY…\n");
            ok = false;
        }
    }
    buffer_text(&json, "\n]\n");
    struct rg_error error = {0};
    if (options.json && file_write(options.json, buffer_view(&json), &error) != RG_OK) {
        fprintf(stderr, "bench: %s\n", error.message);
        ok = false;
    }
    buffer_fini(&json);
    tree_remove(options.work, NULL) == RG_OK
        ? (void)0
        : (void)fprintf(stderr, "bench: cannot remove %s\n", options.work);
    return ok ? 0 : 1;
}
