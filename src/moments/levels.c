#include <config.h>

#include <math.h>
#include <string.h>

#include "core/memory.h"
#include "core/numeric.h"
#include "moments/moments_internal.h"

/* Sums over the respondents of one group who answered both items of a pair. */
typedef struct {
    double w, x, y, xx, yy, xy;
} group_sums;

/* Mean products of one pair on each level; not divided by what cancels in a correlation. */
typedef struct {
    double total[3], within[3], between[3], muthen[3]; /* xx, yy, xy */
    double ms_between, ms_within, size; /* of x: mean squares; c of Muthen's estimate */
    double groups, weight;
} pair_levels;

typedef struct {
    size_t n, p, groups;
    double *x;         /* n x p, around the means of the items; NaN = missing */
    double *w;         /* n, mean 1 */
    size_t *group;     /* n, the used groups numbered from 0 */
    group_sums *sums;  /* groups */
    double *mean;      /* p */
} job;

/* Respondents of some group with positive weight; groups without them are left out. */
static void take_rows(job *q, const double *values, size_t n, const double *weights,
                      const size_t *group, vmap_levels *l, size_t *number)
{
    double total = 0;

    for (size_t r = 0; r < n; r++) {
        double w = weights ? weights[r] : 1;

        if (group[r] < l->groups_all && w > 0)
            l->size[group[r]]++;
    }
    for (size_t g = 0; g < l->groups_all; g++)
        number[g] = l->size[g] ? q->groups++ : 0;
    for (size_t r = 0; r < n; r++) {
        double w = weights ? weights[r] : 1;

        if (group[r] >= l->groups_all || !(w > 0))
            continue;
        memcpy(q->x + q->n * q->p, values + r * q->p, q->p * sizeof *values);
        q->w[q->n] = w;
        q->group[q->n++] = number[group[r]];
        total += w;
    }
    for (size_t r = 0; r < q->n; r++)
        q->w[r] *= (double)q->n / total;
}

static void centre(job *q)
{
    for (size_t j = 0; j < q->p; j++) {
        numeric_sum sum = {0, 0};
        double weight = 0;

        for (size_t r = 0; r < q->n; r++) {
            double x = q->x[r * q->p + j];

            if (!isnan(x)) {
                numeric_add(&sum, q->w[r] * x);
                weight += q->w[r];
            }
        }
        q->mean[j] = weight > 0 ? (sum.sum + sum.rest) / weight : 0;
        for (size_t r = 0; r < q->n; r++)
            q->x[r * q->p + j] -= q->mean[j];
    }
}

static void sum_groups(job *q, size_t i, size_t j)
{
    memset(q->sums, 0, q->groups * sizeof *q->sums);
    for (size_t r = 0; r < q->n; r++) {
        double x = q->x[r * q->p + i], y = q->x[r * q->p + j], w = q->w[r];
        group_sums *s = &q->sums[q->group[r]];

        if (isnan(x) || isnan(y))
            continue;
        s->w += w;
        s->x += w * x;
        s->y += w * y;
        s->xx += w * x * x;
        s->yy += w * y * y;
        s->xy += w * x * y;
    }
}

/* What a group adds within (products around its own means) and between. */
static void split(const job *q, pair_levels *v)
{
    double mx = 0, my = 0, gx = 0, gy = 0, squares = 0;
    double between[3] = {0};

    for (size_t g = 0; g < q->groups; g++) {
        const group_sums *s = &q->sums[g];

        if (!(s->w > 0))
            continue;
        v->groups++;
        v->weight += s->w;
        squares += s->w * s->w;
        mx += s->x;
        my += s->y;
        gx += s->x / s->w;
        gy += s->y / s->w;
        v->within[0] += s->xx - s->x * s->x / s->w;
        v->within[1] += s->yy - s->y * s->y / s->w;
        v->within[2] += s->xy - s->x * s->y / s->w;
    }
    mx /= v->weight;
    my /= v->weight;
    gx /= v->groups;
    gy /= v->groups;
    for (size_t g = 0; g < q->groups; g++) {
        const group_sums *s = &q->sums[g];
        double x, y;

        if (!(s->w > 0))
            continue;
        x = s->x / s->w;
        y = s->y / s->w;
        v->between[0] += (x - gx) * (x - gx);
        v->between[1] += (y - gy) * (y - gy);
        v->between[2] += (x - gx) * (y - gy);
        between[0] += s->w * (x - mx) * (x - mx);
        between[1] += s->w * (y - my) * (y - my);
        between[2] += s->w * (x - mx) * (y - my);
    }
    v->size = (v->weight * v->weight - squares) / (v->weight * (v->groups - 1));
    v->ms_between = between[0] / (v->groups - 1);
    v->ms_within = v->within[0] / (v->weight - v->groups);
    for (int k = 0; k < 3; k++) {
        v->total[k] = v->within[k] + between[k];
        v->muthen[k] = (between[k] / (v->groups - 1) - v->within[k] / (v->weight - v->groups)) / v->size;
    }
}

static void put_correlation(gsl_matrix *m, size_t i, size_t j, const double product[3])
{
    double r = i == j ? 1 : product[2] / (sqrt(product[0]) * sqrt(product[1]));

    if (!(product[0] > 0) || !(product[1] > 0))
        r = NAN;

    gsl_matrix_set(m, i, j, r);
    gsl_matrix_set(m, j, i, r);
}

static void put_item(const pair_levels *v, size_t i, vmap_levels *l)
{
    double b = v->ms_between, w = v->ms_within;

    gsl_vector_set(l->icc1, i, (b - w) / (b + (v->size - 1) * w));
    gsl_vector_set(l->icc2, i, (b - w) / b);
    gsl_vector_set(l->f, i, b / w);
    gsl_vector_set(l->df_between, i, v->groups - 1);
    gsl_vector_set(l->df_within, i, v->weight - v->groups);
    gsl_vector_set(l->muthen_variance, i, v->muthen[0]);
}

/* Rounding of sums around means is no variance. */
static bool varies(double part, double whole)
{
    return part > 1e-12 * whole;
}

static vmap_status split_pairs(job *q, vmap_levels *l, vmap_error *err)
{
    l->muthen_whole = true;
    for (size_t i = 0; i < q->p; i++) {
        for (size_t k = 0; k <= i; k++) {
            size_t j = k == 0 ? i : k - 1; /* the item by itself first, for a clear message */
            pair_levels v = {.groups = 0};

            sum_groups(q, i, j);
            split(q, &v);
            if (!(v.groups >= 3) || !(v.weight > v.groups))
                return moments_refuse_item(i, err,
                                           "fewer than three groups, or one respondent in each, have "
                                           "answers (with item %zu)",
                                           j + 1);
            if (!varies(v.within[0], v.total[0]))
                return moments_refuse_item(i, err, "the item is constant within every group");
            if (!varies(v.between[0] * v.weight, v.total[0]))
                return moments_refuse_item(i, err, "all groups have the same mean of the item");
            put_correlation(l->total, i, j, v.total);
            put_correlation(l->within, i, j, v.within);
            put_correlation(l->between, i, j, v.between);
            put_correlation(l->muthen, i, j, v.muthen);
            l->muthen_whole &= v.muthen[0] > 0 && v.muthen[1] > 0;
            if (i == j)
                put_item(&v, i, l);
        }
    }
    return VMAP_SUCCESS;
}

static void put_means(job *q, vmap_levels *l)
{
    for (size_t j = 0; j < q->p; j++) {
        sum_groups(q, j, j);
        for (size_t g = 0; g < q->groups; g++)
            gsl_matrix_set(l->means, g, j,
                           q->sums[g].w > 0 ? q->mean[j] + q->sums[g].x / q->sums[g].w : NAN);
    }
}

static vmap_status new_levels(size_t p, size_t groups, vmap_levels **levels, vmap_error *err)
{
    vmap_levels *l = memory_new(1, sizeof *l, err);
    gsl_matrix **square[] = {&l->total, &l->within, &l->between, &l->muthen};
    gsl_vector **vector[] = {&l->icc1, &l->icc2, &l->f, &l->df_between, &l->df_within,
                             &l->muthen_variance};
    vmap_status status = VMAP_SUCCESS;

    if (!l)
        return VMAP_ENOMEM;
    *levels = l;
    l->p = p;
    l->groups_all = groups;
    l->size = memory_new(groups, sizeof *l->size, err);
    if (!l->size)
        status = VMAP_ENOMEM;
    for (size_t k = 0; k < sizeof square / sizeof *square; k++) {
        if (!(*square[k] = memory_matrix(p, p, err)))
            status = VMAP_ENOMEM;
    }
    for (size_t k = 0; k < sizeof vector / sizeof *vector; k++) {
        if (!(*vector[k] = gsl_vector_calloc(p)))
            status = vmap_error_set(err, VMAP_ENOMEM, "no memory for %zu items", p);
    }
    return status;
}

void vmap_levels_free(vmap_levels *l)
{
    if (!l)
        return;
    free(l->size);
    gsl_matrix_free(l->means);
    gsl_matrix_free(l->total);
    gsl_matrix_free(l->within);
    gsl_matrix_free(l->between);
    gsl_matrix_free(l->muthen);
    gsl_vector_free(l->icc1);
    gsl_vector_free(l->icc2);
    gsl_vector_free(l->f);
    gsl_vector_free(l->df_between);
    gsl_vector_free(l->df_within);
    gsl_vector_free(l->muthen_variance);
    free(l);
}

static void free_job(job *q)
{
    free(q->x);
    free(q->w);
    free(q->group);
    free(q->sums);
    free(q->mean);
}

static vmap_status run(job *q, vmap_levels *l, vmap_error *err)
{
    vmap_status status;

    if (q->groups < 3)
        return vmap_error_set(err, VMAP_EDATA,
                              "%zu groups have respondents; levels need at least three", q->groups);
    l->groups = q->groups;
    l->n = (double)q->n;
    l->means = memory_matrix(q->groups, q->p, err);
    q->sums = memory_new(q->groups, sizeof *q->sums, err);
    if (!l->means || !q->sums)
        return VMAP_ENOMEM;
    centre(q);
    status = split_pairs(q, l, err);
    if (!status)
        put_means(q, l);
    return status;
}

vmap_status vmap_moments_levels(const double *values, size_t n, size_t p, const double *weights,
                                const size_t *group, size_t groups, vmap_levels **levels,
                                vmap_error *err)
{
    job q = {.p = p};
    vmap_levels *l = NULL;
    size_t *number = NULL;
    vmap_status status = moments_check_weights(weights, n, err);

    if (!status)
        status = new_levels(p, groups, &l, err);
    if (!status) {
        q.x = memory_new(n * p, sizeof *q.x, err);
        q.w = memory_new(n, sizeof *q.w, err);
        q.group = memory_new(n, sizeof *q.group, err);
        q.mean = memory_new(p, sizeof *q.mean, err);
        number = memory_new(groups, sizeof *number, err);
        if (!q.x || !q.w || !q.group || !q.mean || !number)
            status = VMAP_ENOMEM;
    }
    if (!status) {
        take_rows(&q, values, n, weights, group, l, number);
        status = run(&q, l, err);
    }
    if (!status) {
        *levels = l;
        l = NULL;
    }
    free(number);
    free_job(&q);
    vmap_levels_free(l);
    return status;
}
