#include <config.h>
#include "structure/pairs.h"

#include <math.h>
#include <stdlib.h>

#include "core/memory.h"
#include "core/sort.h"

vmap_status pairs_new(pairs *p, const double *x, const double *y, size_t n, vmap_error *err)
{
    p->n = 0;
    p->x = memory_new(n, sizeof *p->x, err);
    p->y = memory_new(n, sizeof *p->y, err);
    p->at = memory_new(n, sizeof *p->at, err);
    if (!p->x || !p->y || !p->at)
        return VMAP_ENOMEM;
    for (size_t i = 0; i < n; i++) {
        if (isnan(x[i]) || isnan(y[i]))
            continue;
        p->x[p->n] = x[i];
        p->y[p->n] = y[i];
        p->at[p->n++] = i;
    }
    return VMAP_SUCCESS;
}

void pairs_free(pairs *p)
{
    free(p->x);
    free(p->y);
    free(p->at);
    p->x = p->y = NULL;
    p->at = NULL;
}

void pairs_moments(const double *x, const double *y, size_t n, double *mx, double *my, double *vx,
                   double *vy, double *cov)
{
    *mx = *my = *vx = *vy = *cov = 0;
    for (size_t i = 0; i < n; i++) {
        *mx += (x[i] - *mx) / (double)(i + 1);
        *my += (y[i] - *my) / (double)(i + 1);
    }
    for (size_t i = 0; i < n; i++) {
        *vx += (x[i] - *mx) * (x[i] - *mx) / (double)(n - 1);
        *vy += (y[i] - *my) * (y[i] - *my) / (double)(n - 1);
        *cov += (x[i] - *mx) * (y[i] - *my) / (double)(n - 1);
    }
}

/* Numbers that differ only by rounding do not vary. */
static double correlation_of(double mx, double my, double vx, double vy, double cov)
{
    if (!(vx > 1e-24 * (1 + mx * mx)) || !(vy > 1e-24 * (1 + my * my)))
        return NAN;
    return fmax(-1, fmin(1, cov / (sqrt(vx) * sqrt(vy))));
}

double pairs_correlation(const double *x, const double *y, size_t n)
{
    double mx, my, vx, vy, cov;

    if (n < 2)
        return NAN;
    pairs_moments(x, y, n, &mx, &my, &vx, &vy, &cov);
    return correlation_of(mx, my, vx, vy, cov);
}

void pairs_rank(const double *x, size_t n, double *rank)
{
    double size = sort_size(x, n);

    for (size_t i = 0; i < n; i++) {
        double below = 0, equal = 0;

        for (size_t j = 0; j < n; j++) {
            int order = sort_order(x[j], x[i], size);

            below += order < 0;
            equal += order == 0;
        }
        rank[i] = below + (equal + 1) / 2;
    }
}

double pairs_spearman(const pairs *p)
{
    double *rank = memory_new(2 * p->n, sizeof *rank, NULL), r = NAN;

    if (rank) {
        pairs_rank(p->x, p->n, rank);
        pairs_rank(p->y, p->n, rank + p->n);
        r = pairs_correlation(rank, rank + p->n, p->n);
    }
    free(rank);
    return r;
}

double pairs_kendall(const double *x, const double *y, size_t n)
{
    double sum = 0, untied_x = 0, untied_y = 0, size_x = sort_size(x, n), size_y = sort_size(y, n);

    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < i; j++) {
            int a = sort_order(x[i], x[j], size_x), b = sort_order(y[i], y[j], size_y);

            sum += a * b;
            untied_x += a != 0;
            untied_y += b != 0;
        }
    }
    return untied_x > 0 && untied_y > 0 ? sum / sqrt(untied_x * untied_y) : NAN;
}
