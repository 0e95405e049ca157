#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <gsl/gsl_errno.h>

#include "valuemap.h"

/* Times what map.R times: reading, fitting, one bootstrap replicate.
 *   map CODEBOOK FILE REPLICATES THREADS */

static vmap_error failure;

static void check(vmap_status status)
{
    char text[1500];

    if (status) {
        fprintf(stderr, "bench: %s\n", vmap_error_text(&failure, text, sizeof text));
        exit(EXIT_FAILURE);
    }
}

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static vmap_answers *read_answers(const vmap_codebook *codebook, const char *path)
{
    const char *items[64], *groups[] = {"B_COUNTRY_ALPHA"};
    size_t p = vmap_codebook_items(codebook);
    vmap_answers_options options = {.set = "human", .codebooks = &codebook, .codebooks_count = 1,
                                    .items = items, .items_count = p, .weight = "W_WEIGHT",
                                    .groups = groups, .groups_count = 1};
    vmap_ledger *ledger = vmap_ledger_new(&failure);
    vmap_answers *answers;

    for (size_t i = 0; i < p; i++)
        items[i] = codebook->items[vmap_codebook_item(codebook, i)].name;
    answers = vmap_answers_new(&options, &failure);
    check(vmap_answers_read(answers, &options, path, NULL, 0, ledger, &failure));
    vmap_ledger_free(ledger);
    return answers;
}

static void time_bootstrap(const vmap_space *space, const vmap_answers *answers, size_t replicates,
                           unsigned threads)
{
    vmap_map_options options;
    vmap_map_bootstrap *bootstrap = NULL;
    size_t *group = calloc(answers->n, sizeof *group);
    double start = now();

    for (size_t r = 0; r < answers->n; r++)
        group[r] = vmap_table_level(answers->groups, 0, r);
    vmap_map_defaults(&options);
    options.replicates = replicates;
    options.threads = threads;
    check(vmap_resample_map(space, answers->values, answers->n, answers->weights, group,
                            vmap_table_levels(answers->groups, 0), &options, &bootstrap, &failure));
    printf("bootstrap %.6f\n", (now() - start) / (double)replicates);
    vmap_map_bootstrap_free(bootstrap);
    free(group);
}

int main(int argc, char **argv)
{
    vmap_codebook *codebook = NULL;
    vmap_answers *answers;
    vmap_space *space = NULL;
    double start;

    gsl_set_error_handler_off();
    if (argc != 5) {
        fprintf(stderr, "Usage: map CODEBOOK FILE REPLICATES THREADS\n");
        return EXIT_FAILURE;
    }
    check(vmap_codebook_load(argv[1], &codebook, &failure));
    start = now();
    answers = read_answers(codebook, argv[2]);
    printf("read %.4f\n", now() - start);
    start = now();
    check(vmap_space_fit(codebook, answers->present, answers->values, answers->n, answers->weights,
                         NULL, &space, &failure));
    printf("fit %.4f\n", now() - start);
    time_bootstrap(space, answers, strtoul(argv[3], NULL, 10), (unsigned)atoi(argv[4]));
    vmap_space_free(space);
    vmap_answers_free(answers);
    vmap_codebook_free(codebook);
    return EXIT_SUCCESS;
}
