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

/* Of one cluster: how much weight answered each item goes to `cluster` (p), its square to `square` (groups x p). */
static void add_cluster(vmap_distributions *d, const vmap_responses *r, size_t cluster, size_t g, double factor, double *weight,
                        double *square)
{
    for (size_t j = 0; j < d->p; j++)
        weight[j] = 0;
    for (size_t i = r->cluster_start[cluster]; i < r->cluster_start[cluster + 1]; i++) {
        for (size_t j = 0; j < d->p; j++)
            weight[j] += r->point[i * d->p + j] < VMAP_POINTS_MAX ? factor * r->weight[i] : 0;
    }
    for (size_t j = 0; j < d->p; j++) {
        d->clusters[g * d->p + j] += weight[j] > 0;
        square[g * d->p + j] += weight[j] * weight[j];
    }
}

/* Clusters instead of answers: their number, and the effective number if all answers of each were alike. */
static vmap_status count_clusters(vmap_distributions *d, const vmap_responses *r, const size_t *group, const double *factor,
                                  vmap_error *err)
{
    double *weight = memory_new(d->p, sizeof *weight, err), *square = memory_new(d->groups * d->p, sizeof *square, err);
    vmap_status status = weight && square ? VMAP_SUCCESS : VMAP_ENOMEM;

    for (size_t at = 0; at < d->groups * d->p; at++)
        d->clusters[at] = 0;
    for (size_t c = 0; !status && c < r->cells; c++) {
        double f = factor ? factor[c] : 1;

        for (size_t k = r->cell_start[c]; group[c] < d->groups && f > 0 && k < r->cell_start[c + 1]; k++)
            add_cluster(d, r, k, group[c], f, weight, square);
    }
    for (size_t at = 0; !status && at < d->groups * d->p; at++)
        d->n_eff[at] = d->n[at] ? d->weight[at] * d->weight[at] / square[at] : 0;
    free(weight);
    free(square);
    return status;
}

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

/* Cell by cell, as answers are counted that are not kept. */
static vmap_status tally_cells(const vmap_responses *r, vmap_tally *t, vmap_error *err)
{
    vmap_status status = VMAP_SUCCESS;

    for (size_t c = 0; c < r->cells; c++) {
        size_t from = r->cluster_start[r->cell_start[c]], to = r->cluster_start[r->cell_start[c + 1]];

        for (size_t i = from; !status && i < to; i++)
            status = count_add(t, c, r->point + i * r->p, r->weight[i], err);
    }
    return status;
}

vmap_status vmap_distributions_new(const vmap_responses *r, const vmap_points *points,
                                   const size_t *group, size_t groups, const double *factor,
                                   vmap_distributions **distributions, vmap_error *err)
{
    vmap_distributions *d = NULL;
    vmap_tally *t = vmap_tally_new(points, r->p, err);
    size_t *item = memory_new(r->p, sizeof *item, err);
    vmap_status status = t && item ? tally_cells(r, t, err) : VMAP_ENOMEM;

    for (size_t j = 0; item && j < r->p; j++)
        item[j] = j;
    if (!status)
        status = vmap_distributions_tallied(t, item, points, r->p, r->cells, group, groups, factor, &d, err);
    if (!status && r->clustered)
        status = count_clusters(d, r, group, factor, err);
    if (!status && r->clustered)
        status = allow_for_clusters(d, r, group, factor, err);
    vmap_tally_free(t);
    free(item);
    if (status) {
        vmap_distributions_free(d);
        return status;
    }
    *distributions = d;
    return VMAP_SUCCESS;
}
