/* Are known clusters found again, and is one cloud called one? A simulation, run by hand:
 *   recovery [REPLICATES [UNITS]]    [20 sets of 150 units]
 * Normal clouds in two dimensions with their centres on a circle, `apart` standard deviations from the next one. Per
 * method: mean adjusted Rand index of the partition at the true k, share of sets whose greatest silhouette (of mixtures
 * the BIC; hdbscan finds k itself) is at the true k, and share with the verdict "clear clusters", which for one cloud should be rare. */
#include <config.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_errno.h>
#include <gsl/gsl_randist.h>

#include "valuemap.h"

void openblas_set_num_threads(int threads);

static void make_clouds(gsl_matrix *x, size_t *truth, size_t clouds, double apart, uint64_t seed)
{
    gsl_rng *rng = vmap_rng_new(seed, 0);
    double radius = clouds > 1 ? apart / (2 * sin(M_PI / (double)clouds)) : 0;

    for (size_t i = 0; i < x->size1; i++) {
        double angle = 2 * M_PI * (double)(i % clouds) / (double)clouds;

        truth[i] = i % clouds;
        gsl_matrix_set(x, i, 0, radius * cos(angle) + gsl_ran_ugaussian(rng));
        gsl_matrix_set(x, i, 1, radius * sin(angle) + gsl_ran_ugaussian(rng));
    }
    gsl_rng_free(rng);
}

static double rand_index(const size_t *found, const size_t *truth, size_t n)
{
    vmap_crosstab *t = NULL;
    vmap_agreement_parts parts;
    double value = NAN;

    if (!vmap_crosstab_new(found, truth, n, &t, NULL)) {
        vmap_agreement_parts_find(t, &parts);
        for (size_t m = 0; m < vmap_agreement_measures_count; m++) {
            if (strcmp(vmap_agreement_measures[m].name, "ari") == 0)
                value = vmap_agreement_measures[m].of(&parts);
        }
    }
    vmap_crosstab_free(t);
    return value;
}

typedef struct {
    double rand;
    size_t right, clear, sets;
} tally;

static bool is_mixture(const vmap_cluster_method *method)
{
    return strcmp(method->name, "mixture") == 0;
}

static void add_set(const vmap_cluster_method *method, const gsl_matrix *x, const size_t *truth, size_t clouds,
                    tally *sum)
{
    const vmap_units u = {.points = x};
    vmap_count_options o;
    vmap_count *c = NULL;
    vmap_partition *p = NULL;

    vmap_count_defaults(&o);
    o.most = 6;
    o.references = 39;
    o.divisions = o.resamples = 20;
    o.cluster.starts = 10;
    if (is_mixture(method)) /* judged by BIC alone: resampling mixtures takes minutes */
        o.references = o.divisions = o.resamples = 0;
    if (!method->run(&u, method->counts ? 5 : clouds, &o.cluster, &p, NULL)) {
        sum->rand += rand_index(p->cluster, truth, x->size1);
        sum->right += method->counts && p->k == clouds;
        sum->sets++;
    }
    if (!method->counts && !vmap_cluster_count(&u, method, &o, &c, NULL)) {
        sum->right += (is_mixture(method) ? c->by_bic : c->k) == clouds;
        sum->clear += c->clear;
    }
    vmap_partition_free(p);
    vmap_count_free(c);
}

int main(int argc, char **argv)
{
    static const struct {
        size_t clouds;
        double apart;
    } worlds[] = {{1, 0}, {3, 3}, {3, 5}, {5, 5}};
    size_t sets = argc > 1 ? strtoul(argv[1], NULL, 10) : 20, n = argc > 2 ? strtoul(argv[2], NULL, 10) : 150;
    gsl_matrix *x = gsl_matrix_alloc(n, 2);
    size_t *truth = calloc(n, sizeof *truth);

    gsl_set_error_handler_off();
    openblas_set_num_threads(1);
    printf("SIMULATED: %zu sets of %zu units\nclouds apart method    ari   right_k  clear\n", sets, n);
    for (size_t w = 0; x && truth && w < sizeof worlds / sizeof *worlds; w++) {
        for (size_t m = 0; m < vmap_cluster_methods_count; m++) {
            const vmap_cluster_method *method = &vmap_cluster_methods[m];
            tally sum = {0};

            for (size_t s = 0; s < sets; s++) {
                make_clouds(x, truth, worlds[w].clouds, worlds[w].apart, s);
                add_set(method, x, truth, worlds[w].clouds, &sum);
            }
            printf("%6zu %5.1f %-9s %5.3f %6.2f ", worlds[w].clouds, worlds[w].apart, method->name,
                   sum.rand / (double)sum.sets, (double)sum.right / (double)sets);
            if (method->counts || is_mixture(method))
                printf("     -\n");
            else
                printf("%6.2f\n", (double)sum.clear / (double)sets);
            fflush(stdout);
        }
    }
    gsl_matrix_free(x);
    free(truth);
    return EXIT_SUCCESS;
}
