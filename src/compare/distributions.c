#include <config.h>
#include "valuemap/distributions.h"

#include <math.h>
#include <string.h>

#include "compare/count.h"
#include "core/memory.h"

void vmap_distributions_free(vmap_distributions *d)
{
    if (!d)
        return;
    free(d->offset);
    free(d->share);
    free(d->n);
    free(d->clusters);
    free(d->weight);
    free(d->n_eff);
    free(d->rows);
    free(d->reason);
    free(d);
}

vmap_distributions *count_new(size_t groups, size_t p, const vmap_points *points, vmap_error *err)
{
    vmap_distributions *d = memory_new(1, sizeof *d, err);

    if (!d)
        return NULL;
    d->groups = groups;
    d->p = p;
    d->offset = memory_new(p + 1, sizeof *d->offset, err);
    for (size_t j = 0; d->offset && j < p; j++)
        d->offset[j + 1] = d->offset[j] + points[j].count;
    if (d->offset)
        d->share = memory_new(groups * d->offset[p], sizeof *d->share, err);
    d->n = memory_new(groups * p, sizeof *d->n, err);
    d->clusters = memory_new(groups * p, sizeof *d->clusters, err);
    d->weight = memory_new(groups * p, sizeof *d->weight, err);
    d->n_eff = memory_new(groups * p, sizeof *d->n_eff, err);
    d->rows = memory_new(groups, sizeof *d->rows, err);
    d->reason = memory_new(groups * p * (VMAP_REASONS + 1), sizeof *d->reason, err);
    if (d->offset && d->share && d->n && d->clusters && d->weight && d->n_eff && d->rows && d->reason)
        return d;
    vmap_distributions_free(d);
    return NULL;
}

/* Sums of one pass: `square` collects the squared weights of rows, or of clusters where there are any. */
typedef struct {
    vmap_distributions *d;
    double *square;  /* groups x p */
    double *cluster; /* p: the present cluster's weight */
    double *total;   /* groups: weight of all rows */
} sums;

static void add_row(sums *s, size_t g, const unsigned char *point, double w)
{
    vmap_distributions *d = s->d;

    d->rows[g]++;
    s->total[g] += w;
    for (size_t j = 0; j < d->p; j++) {
        size_t at = g * d->p + j;

        d->reason[at * (VMAP_REASONS + 1) + count_reason(point[j])] += w;
        if (point[j] >= VMAP_POINTS_MAX)
            continue;
        d->share[g * d->offset[d->p] + d->offset[j] + point[j]] += w;
        d->n[at]++;
        s->cluster[j] += w;
    }
}

static void end_cluster(sums *s, size_t g)
{
    for (size_t j = 0; j < s->d->p; j++) {
        double w = s->cluster[j];

        s->cluster[j] = 0;
        if (w > 0) {
            s->d->clusters[g * s->d->p + j]++;
            s->d->weight[g * s->d->p + j] += w;
            s->square[g * s->d->p + j] += w * w;
        }
    }
}

static void add_all(sums *s, const vmap_responses *r, const size_t *group, const double *factor)
{
    for (size_t c = 0; c < r->cells; c++) {
        double f = factor ? factor[c] : 1;

        if (group[c] >= s->d->groups || !(f > 0))
            continue;
        for (size_t k = r->cell_start[c]; k < r->cell_start[c + 1]; k++) {
            for (size_t i = r->cluster_start[k]; i < r->cluster_start[k + 1]; i++)
                add_row(s, group[c], r->point + i * r->p, f * r->weight[i]);
            end_cluster(s, group[c]);
        }
    }
}

void count_finish(vmap_distributions *d, const double *square, const double *total)
{
    for (size_t at = 0; at < d->groups * d->p; at++) {
        size_t g = at / d->p, j = at % d->p;
        double *share = d->share + g * d->offset[d->p] + d->offset[j];

        for (size_t k = 0; k < d->offset[j + 1] - d->offset[j]; k++)
            share[k] = d->n[at] ? share[k] / d->weight[at] : NAN;
        d->n_eff[at] = d->n[at] ? d->weight[at] * d->weight[at] / square[at] : 0;
        for (size_t why = 0; why <= VMAP_REASONS; why++) {
            double *x = &d->reason[at * (VMAP_REASONS + 1) + why];

            *x = total[g] > 0 ? *x / total[g] : NAN;
        }
    }
}

/* ---- the effective number with clusters ---- */

/* Of one cluster: S_k (W_ck - W_c p_k)^2 for every item, added to `between`; `own` has one place for each
 * scale point and is left at 0. */
static void add_cluster_variance(const vmap_distributions *d, const vmap_responses *r, size_t cluster,
                                 size_t g, double factor, double *own, double *between)
{
    size_t from = r->cluster_start[cluster], to = r->cluster_start[cluster + 1];

    for (size_t j = 0; j < d->p; j++) {
        const double *share = d->share + g * d->offset[d->p] + d->offset[j];
        size_t points = d->offset[j + 1] - d->offset[j];
        double total = 0;

        for (size_t i = from; i < to; i++) {
            unsigned char point = r->point[i * r->p + j];

            if (point < VMAP_POINTS_MAX) {
                own[point] += factor * r->weight[i];
                total += factor * r->weight[i];
            }
        }
        for (size_t k = 0; k < points; k++) {
            double u = own[k] - total * share[k];

            between[g * d->p + j] += total > 0 ? u * u : 0;
            own[k] = 0;
        }
    }
}

/* `answers` is the sum of squared weights of single answers. */
static void set_effective(vmap_distributions *d, size_t at, double between, double answers)
{
    const double *share = d->share + at / d->p * d->offset[d->p] + d->offset[at % d->p];
    double spread = 1, w = d->weight[at], most;

    if (!d->n[at])
        return;
    for (size_t k = 0; k < d->offset[at % d->p + 1] - d->offset[at % d->p]; k++)
        spread -= share[k] * share[k];
    most = w * w / answers;
    if (spread > 1e-12)
        d->n_eff[at] = fmin(most, fmax(d->n_eff[at], spread * w * w / between));
}

static vmap_status allow_for_clusters(vmap_distributions *d, const vmap_responses *r,
                                      const size_t *group, const double *factor, vmap_error *err)
{
    double own[VMAP_POINTS_MAX] = {0};
    double *between = memory_new(d->groups * d->p, sizeof *between, err);
    double *answers = memory_new(d->groups * d->p, sizeof *answers, err);
    vmap_status status = between && answers ? VMAP_SUCCESS : VMAP_ENOMEM;

    for (size_t c = 0; !status && c < r->cells; c++) {
        double f = factor ? factor[c] : 1;
        size_t g = group[c];

        if (g >= d->groups || !(f > 0))
            continue;
        for (size_t k = r->cell_start[c]; k < r->cell_start[c + 1]; k++)
            add_cluster_variance(d, r, k, g, f, own, between);
        for (size_t i = r->cluster_start[r->cell_start[c]]; i < r->cluster_start[r->cell_start[c + 1]];
             i++) {
            for (size_t j = 0; j < d->p; j++) {
                if (r->point[i * r->p + j] < VMAP_POINTS_MAX)
                    answers[g * d->p + j] += f * r->weight[i] * f * r->weight[i];
            }
        }
    }
    for (size_t at = 0; !status && at < d->groups * d->p; at++)
        set_effective(d, at, between[at], answers[at]);
    free(between);
    free(answers);
    return status;
}

vmap_status vmap_distributions_new(const vmap_responses *r, const vmap_points *points,
                                   const size_t *group, size_t groups, const double *factor,
                                   vmap_distributions **distributions, vmap_error *err)
{
    vmap_distributions *d = count_new(groups, r->p, points, err);
    sums s = {.d = d};
    vmap_status status = d ? VMAP_SUCCESS : VMAP_ENOMEM;

    s.square = memory_new(groups * r->p, sizeof *s.square, err);
    s.cluster = memory_new(r->p, sizeof *s.cluster, err);
    s.total = memory_new(groups, sizeof *s.total, err);
    if (!s.square || !s.cluster || !s.total)
        status = VMAP_ENOMEM;
    if (!status) {
        add_all(&s, r, group, factor);
        count_finish(d, s.square, s.total);
        if (r->clustered)
            status = allow_for_clusters(d, r, group, factor, err);
    }
    free(s.square);
    free(s.cluster);
    free(s.total);
    if (status) {
        vmap_distributions_free(d);
        return status;
    }
    *distributions = d;
    return VMAP_SUCCESS;
}
