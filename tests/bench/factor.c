#include <config.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <sys/resource.h>

#include <gsl/gsl_errno.h>
#include <gsl/gsl_randist.h>

#include "valuemap.h"

/* Times what factor.R times, on data of the same shape: ten answers to each item, five factors.
 *   factor WHAT N P COUNT THREADS
 * WHAT: parallel (COUNT random matrices of P items, N respondents), bootstrap (COUNT replicates), correlate
 * (weighted, pairwise, one tenth missing), polychoric, ml and minres (five factors from a correlation matrix, one
 * start, COUNT times; mlall and minresall take the default starts). Prints WHAT, for all COUNT the seconds of the wall
 * and those of the processors, and the peak memory of the process in megabytes, the data in it. */

/* The processors' seconds say more than the wall's where others use the machine too. */
typedef struct {
    double wall, work;
} moment;

static double read_clock(clockid_t clock)
{
    struct timespec t;

    clock_gettime(clock, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static moment now(void)
{
    return (moment){read_clock(CLOCK_MONOTONIC), read_clock(CLOCK_PROCESS_CPUTIME_ID)};
}

static long peak(void)
{
    struct rusage used;

    getrusage(RUSAGE_SELF, &used);
    return used.ru_maxrss / 1024;
}

static double *simulate(size_t n, size_t p, double missing, double levels)
{
    gsl_rng *rng = vmap_rng_new(1, 0);
    double *x = malloc(n * p * sizeof *x);

    for (size_t r = 0; r < n; r++) {
        double f[5];

        for (size_t j = 0; j < 5; j++)
            f[j] = gsl_ran_ugaussian(rng);
        for (size_t i = 0; i < p; i++) {
            double z = .6 * f[i % 5] + .8 * gsl_ran_ugaussian(rng);

            x[r * p + i] = fmin(levels, fmax(1, floor((levels + 1) / 2 + levels / 4 * z + .5)));
            if (gsl_rng_uniform(rng) < missing)
                x[r * p + i] = NAN;
        }
    }
    gsl_rng_free(rng);
    return x;
}

static vmap_status time_parallel(size_t n, size_t p, size_t count, unsigned threads, vmap_error *err)
{
    gsl_matrix *r = gsl_matrix_calloc(p, p);
    vmap_parallel_options o;
    vmap_parallel *x = NULL;
    vmap_status status;

    gsl_matrix_set_identity(r);
    vmap_parallel_defaults(&o);
    o.sets = count;
    o.threads = threads;
    status = vmap_parallel_new(r, (double)n, NULL, &o, &x, err);
    vmap_parallel_free(x);
    gsl_matrix_free(r);
    return status;
}

static vmap_status time_bootstrap(const double *x, size_t n, size_t p, size_t count, unsigned threads,
                                  vmap_error *err)
{
    vmap_factor_resample_options o;
    vmap_factor_bootstrap *b = NULL;
    vmap_status status;

    vmap_factor_resample_defaults(&o);
    o.replicates = count;
    o.threads = threads;
    status = vmap_factor_bootstrap_new(x, n, p, NULL, NULL, 0, 5, &o, &b, err);
    vmap_factor_bootstrap_free(b);
    return status;
}

static vmap_status time_association(const double *x, size_t n, size_t p, vmap_association_type type,
                                    unsigned threads, vmap_error *err)
{
    vmap_association_options o;
    vmap_association *a = NULL;
    double *w = malloc(n * sizeof *w);
    vmap_status status;

    for (size_t i = 0; i < n; i++)
        w[i] = .5 + (double)(i % 7) / 6;
    vmap_association_defaults(&o);
    o.type = type;
    o.threads = threads;
    status = vmap_moments_associate(x, n, p, w, &o, &a, err);
    vmap_association_free(a);
    free(w);
    return status;
}

/* The correlations are not timed: sets *start anew after them. */
static vmap_status time_extract(const double *x, size_t n, size_t p, vmap_extraction method, size_t starts,
                                size_t count, moment *start, vmap_error *err)
{
    vmap_extract_options o;
    vmap_moments *m = NULL;
    vmap_status status = vmap_moments_correlate(x, n, p, NULL, VMAP_PAIRWISE, &m, err);

    vmap_extract_defaults(&o);
    o.method = method;
    o.factors = 5;
    if (starts)
        o.starts = starts;
    *start = now();
    for (size_t i = 0; !status && i < count; i++) {
        vmap_factor_solution *s = NULL;

        status = vmap_factor_extract(m->r, &o, &s, err);
        if (!status && !s->converged)
            fprintf(stderr, "did not converge\n");
        vmap_factor_solution_free(s);
    }
    vmap_moments_free(m);
    return status;
}

int main(int argc, char **argv)
{
    const char *what = argc == 6 ? argv[1] : "";
    size_t n, p, count;
    unsigned threads;
    double *x;
    moment start, end;
    vmap_error err;
    vmap_status status;

    gsl_set_error_handler_off();
    if (argc != 6) {
        fprintf(stderr, "factor WHAT N P COUNT THREADS\n");
        return 64;
    }
    n = strtoul(argv[2], NULL, 10);
    p = strtoul(argv[3], NULL, 10);
    count = strtoul(argv[4], NULL, 10);
    threads = (unsigned)strtoul(argv[5], NULL, 10);
    x = strcmp(what, "parallel") ? simulate(n, p, strcmp(what, "correlate") ? 0 : .1, 10) : NULL;
    start = now();
    if (strcmp(what, "parallel") == 0)
        status = time_parallel(n, p, count, threads, &err);
    else if (strcmp(what, "bootstrap") == 0)
        status = time_bootstrap(x, n, p, count, threads, &err);
    else if (strncmp(what, "ml", 2) == 0 || strncmp(what, "minres", 6) == 0)
        status = time_extract(x, n, p, what[1] == 'l' ? VMAP_EXTRACT_ML : VMAP_EXTRACT_ULS, strstr(what, "all") ? 0 : 1,
                              count, &start, &err);
    else
        status = time_association(x, n, p, strcmp(what, "polychoric") ? VMAP_PEARSON : VMAP_POLYCHORIC, threads,
                                  &err);
    end = now();
    printf("%s %.4f %.4f %ld\n", what, end.wall - start.wall, end.work - start.work, peak());
    free(x);
    if (status)
        fprintf(stderr, "%s\n", err.message);
    return status != VMAP_SUCCESS;
}
