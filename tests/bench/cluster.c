/* Times of the methods of clustering; `make bench` prints them beside those of R and scikit-learn.
 *   cluster FILE THREADS [WHAT]    FILE: points as CSV without a header; WHAT: kmeans, pam, ward, transport
 * Prints "WHAT seconds value". */
#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "valuemap.h"

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* n x d points around four centres: the same in every program, which reads them from a file. */
static gsl_matrix *read_points(const char *file, size_t n, size_t d)
{
    gsl_matrix *x = gsl_matrix_alloc(n, d);
    FILE *f = fopen(file, "r");

    for (size_t i = 0; f && i < n * d; i++) {
        if (fscanf(f, i % d ? ",%lf" : " %lf", &x->data[i]) != 1)
            exit(EXIT_FAILURE);
    }
    if (!f)
        exit(EXIT_FAILURE);
    fclose(f);
    return x;
}

static void time_kmeans(const char *file, unsigned threads)
{
    gsl_matrix *x = read_points(file, 100000, 10);
    vmap_units u = {.points = x};
    vmap_kmeans_options o;
    vmap_kmeans *r = NULL;
    double start = now();

    vmap_kmeans_defaults(&o);
    o.k = 10;
    o.threads = threads;
    if (!vmap_cluster_kmeans(&u, &o, &r, NULL))
        printf("kmeans %.3f %.6f\n", now() - start, r->total_within);
    vmap_kmeans_free(r);
    gsl_matrix_free(x);
}

static void time_pam(const char *file, unsigned threads)
{
    gsl_matrix *x = read_points(file, 10000, 10);
    vmap_units u = {.points = x};
    vmap_medoids_options o;
    vmap_medoids *r = NULL;
    double start = now();

    vmap_medoids_defaults(&o);
    o.k = 10;
    o.threads = threads;
    if (!vmap_cluster_medoids(&u, &o, &r, NULL))
        printf("pam %.3f %.6f\n", now() - start, r->cost);
    vmap_medoids_free(r);
    gsl_matrix_free(x);
}

static void time_ward(const char *file, unsigned threads)
{
    gsl_matrix *x = read_points(file, 5000, 10);
    vmap_units u = {.points = x};
    vmap_tree *r = NULL;
    double start = now();

    if (!vmap_cluster_tree(&u, VMAP_WARD, threads, &r, NULL))
        printf("ward %.3f %.6f\n", now() - start, r->height[r->n - 2]);
    vmap_tree_free(r);
    gsl_matrix_free(x);
}

/* From the first 2,000 points to the next 2,000, masses uneven. */
static void time_transport(const char *file)
{
    enum { N = 2000 };
    gsl_matrix *x = read_points(file, 2 * N, 10), *cost = gsl_matrix_alloc(N, N);
    double supply[N], demand[N], total = 0, start;

    for (size_t i = 0; i < N; i++) {
        supply[i] = (double)(1 + i % 7);
        demand[i] = (double)(1 + (i * 5) % 7);
        for (size_t j = 0; j < N; j++) {
            double squares = 0;

            for (size_t a = 0; a < 10; a++) {
                double d = gsl_matrix_get(x, i, a) - gsl_matrix_get(x, N + j, a);

                squares += d * d;
            }
            gsl_matrix_set(cost, i, j, squares);
        }
    }
    {
        double out = 0, in = 0;

        for (size_t i = 0; i < N; i++) {
            out += supply[i];
            in += demand[i];
        }
        for (size_t i = 0; i < N; i++) {
            supply[i] /= out;
            demand[i] /= in;
        }
    }
    start = now();
    if (!vmap_match_transport(cost, supply, demand, NULL, &total, NULL))
        printf("transport %.3f %.9f\n", now() - start, total);
    gsl_matrix_free(x);
    gsl_matrix_free(cost);
}

int main(int argc, char **argv)
{
    unsigned threads = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : 0;
    const char *what = argc > 3 ? argv[3] : "";

    if (argc < 2)
        return EXIT_FAILURE;
    if (!*what || strcmp(what, "kmeans") == 0)
        time_kmeans(argv[1], threads);
    if (!*what || strcmp(what, "pam") == 0)
        time_pam(argv[1], threads);
    if (!*what || strcmp(what, "ward") == 0)
        time_ward(argv[1], threads);
    if (!*what || strcmp(what, "transport") == 0)
        time_transport(argv[1]);
    return EXIT_SUCCESS;
}
