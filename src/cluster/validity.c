#include <config.h>
#include "valuemap/validity.h"

#include <math.h>

#include "cluster/cluster_internal.h"
#include "core/memory.h"
#include "core/numeric.h"
#include "core/parallel.h"

/* Units of one task. */
enum { BLOCK = 32 };

static vmap_status check(const vmap_units *units, const vmap_partition *partition, vmap_error *err)
{
    vmap_status status = vmap_units_check(units, err);

    if (!status && partition->n != units_count(units))
        status = vmap_error_set(err, VMAP_EINVAL, "a partition of %zu units is judged by %zu units",
                                partition->n, units_count(units));
    return status;
}

/* ---- silhouettes ---- */

typedef struct {
    const proximity *rows;
    const vmap_partition *partition;
    double *width;
    size_t *neighbour;
    /* Dunn's index: per block the least dissimilarity between and the largest within clusters. */
    double *apart, *wide;
    bool *failed;
} judging;

/* The nearest other cluster by mean dissimilarity; sums over the clusters' units are given. */
static size_t nearest_other(const vmap_partition *p, const double *sum, size_t own, double *mean)
{
    size_t best = VMAP_CLUSTER_NONE;

    *mean = INFINITY;
    for (size_t g = 0; g < p->k; g++) {
        double m = sum[g] / (double)p->size[g];

        if (g != own && m < *mean) {
            *mean = m;
            best = g;
        }
    }
    return best;
}

static double width_of(double a, double b)
{
    double larger = fmax(a, b);

    return larger > 0 ? (b - a) / larger : 0;
}

static void judge_unit(const judging *j, size_t i, const double *row, double *sum, double *apart,
                       double *wide)
{
    const vmap_partition *p = j->partition;
    size_t own = p->cluster[i], other;
    double b;

    for (size_t g = 0; g < p->k; g++)
        sum[g] = 0;
    for (size_t q = 0; q < p->n; q++) {
        if (p->cluster[q] == VMAP_CLUSTER_NONE)
            continue;
        sum[p->cluster[q]] += row[q];
        if (p->cluster[q] == own)
            *wide = fmax(*wide, row[q]);
        else
            *apart = fmin(*apart, row[q]);
    }
    other = nearest_other(p, sum, own, &b);
    if (j->neighbour)
        j->neighbour[i] = other;
    if (other == VMAP_CLUSTER_NONE)
        j->width[i] = NAN;
    else if (p->size[own] == 1)
        j->width[i] = 0;
    else
        j->width[i] = width_of(sum[own] / ((double)p->size[own] - 1), b);
}

static void judge_block(void *context, size_t block)
{
    const judging *j = context;
    size_t n = j->partition->n, first = block * BLOCK, last = first + BLOCK < n ? first + BLOCK : n;
    double *row = memory_new(n + j->partition->k, sizeof *row, NULL);

    j->apart[block] = INFINITY;
    j->wide[block] = 0;
    j->failed[block] = !row;
    for (size_t i = first; row && i < last; i++) {
        if (j->partition->cluster[i] == VMAP_CLUSTER_NONE) {
            j->width[i] = NAN;
            if (j->neighbour)
                j->neighbour[i] = VMAP_CLUSTER_NONE;
            continue;
        }
        proximity_row(j->rows, i, row);
        judge_unit(j, i, row, row + n, &j->apart[block], &j->wide[block]);
    }
    free(row);
}

static double mean_width(const double *width, size_t n)
{
    numeric_sum sum = {0, 0};
    size_t count = 0;

    for (size_t i = 0; i < n; i++) {
        if (!isnan(width[i])) {
            numeric_add(&sum, width[i]);
            count++;
        }
    }
    return count ? (sum.sum + sum.rest) / (double)count : NAN;
}

/* Widths, neighbours and what Dunn's index needs, in one pass over the dissimilarities. */
static vmap_status judge(const vmap_units *units, const vmap_partition *partition, unsigned threads,
                         double *width, size_t *neighbour, double *apart, double *wide,
                         vmap_error *err)
{
    size_t blocks = (partition->n + BLOCK - 1) / BLOCK;
    proximity rows;
    judging j = {&rows, partition, width, neighbour, NULL, NULL, NULL};
    vmap_status status = proximity_open(units, &rows, err);

    j.apart = memory_new(blocks, sizeof *j.apart, err);
    j.wide = memory_new(blocks, sizeof *j.wide, err);
    j.failed = memory_new(blocks, sizeof *j.failed, err);
    if (!j.apart || !j.wide || !j.failed)
        status = VMAP_ENOMEM;
    if (!status)
        parallel_for(blocks, threads, judge_block, &j);
    *apart = INFINITY;
    *wide = 0;
    for (size_t b = 0; !status && b < blocks; b++) {
        if (j.failed[b])
            status = vmap_error_set(err, VMAP_ENOMEM, "no memory for silhouettes");
        *apart = fmin(*apart, j.apart[b]);
        *wide = fmax(*wide, j.wide[b]);
    }
    proximity_close(&rows);
    free(j.apart);
    free(j.wide);
    free(j.failed);
    return status;
}

vmap_status vmap_validity_silhouette(const vmap_units *units, const vmap_partition *partition,
                                     unsigned threads, double *width, size_t *neighbour,
                                     double *mean, vmap_error *err)
{
    double apart, wide;
    vmap_status status = check(units, partition, err);

    if (!status && partition->k < 2)
        status = vmap_error_set(err, VMAP_EDATA, "%zu cluster: a silhouette needs two or more",
                                partition->k);
    if (!status)
        status = judge(units, partition, threads, width, neighbour, &apart, &wide, err);
    if (!status)
        *mean = mean_width(width, partition->n);
    return status;
}

/* ---- strangers ---- */

static double distance(const gsl_matrix *x, size_t i, const gsl_matrix *y, size_t j)
{
    double squares = 0;

    for (size_t a = 0; a < x->size2; a++) {
        double d = gsl_matrix_get(x, i, a) - gsl_matrix_get(y, j, a);

        squares += d * d;
    }
    return sqrt(squares);
}

vmap_status vmap_validity_strangers(const gsl_matrix *points, const vmap_partition *partition,
                                    const gsl_matrix *strangers, const size_t *own, double *width,
                                    size_t *nearest, vmap_error *err)
{
    double *sum;

    if (partition->n != points->size1 || points->size2 != strangers->size2)
        return vmap_error_set(err, VMAP_EINVAL, "strangers have %zu axes and the units %zu",
                              strangers->size2, points->size2);
    if (partition->k < 2)
        return vmap_error_set(err, VMAP_EDATA, "%zu cluster: a silhouette needs two or more",
                              partition->k);
    sum = memory_new(partition->k, sizeof *sum, err);
    if (!sum)
        return VMAP_ENOMEM;
    for (size_t m = 0; m < strangers->size1; m++) {
        double b, least;
        size_t mine;

        for (size_t g = 0; g < partition->k; g++)
            sum[g] = 0;
        for (size_t i = 0; i < partition->n; i++) {
            if (partition->cluster[i] != VMAP_CLUSTER_NONE)
                sum[partition->cluster[i]] += distance(points, i, strangers, m);
        }
        mine = nearest_other(partition, sum, VMAP_CLUSTER_NONE, &least);
        if (nearest)
            nearest[m] = mine;
        if (own && own[m] != VMAP_CLUSTER_NONE)
            mine = own[m];
        nearest_other(partition, sum, mine, &b);
        width[m] = width_of(sum[mine] / (double)partition->size[mine], b);
    }
    free(sum);
    return VMAP_SUCCESS;
}

/* ---- indices that go by centres ---- */

typedef struct {
    size_t k, d;
    double *centre; /* k x d, then the common mean */
    double *spread; /* k mean distances to the centre */
} centres;

static void find_centres(const gsl_matrix *x, const vmap_partition *p, centres *c)
{
    size_t members = p->n - p->noise;

    for (size_t i = 0; i < p->n; i++) {
        size_t g = p->cluster[i];

        for (size_t a = 0; g != VMAP_CLUSTER_NONE && a < c->d; a++) {
            c->centre[g * c->d + a] += gsl_matrix_get(x, i, a) / (double)p->size[g];
            c->centre[p->k * c->d + a] += gsl_matrix_get(x, i, a) / (double)members;
        }
    }
}

static double squares_to(const gsl_matrix *x, size_t i, const double *centre)
{
    double squares = 0;

    for (size_t a = 0; a < x->size2; a++) {
        double d = gsl_matrix_get(x, i, a) - centre[a];

        squares += d * d;
    }
    return squares;
}

/* Centres on one place are infinitely alike; clusters without extent are perfectly so. */
static double davies(const centres *c)
{
    double sum = 0;

    for (size_t i = 0; i < c->k; i++) {
        double worst = 0;

        for (size_t j = 0; j < c->k; j++) {
            double apart = 0, both = c->spread[i] + c->spread[j];

            for (size_t a = 0; a < c->d; a++)
                apart += pow(c->centre[i * c->d + a] - c->centre[j * c->d + a], 2);
            if (i != j && both > 0)
                worst = fmax(worst, apart > 0 ? both / sqrt(apart) : INFINITY);
        }
        sum += worst / (double)c->k;
    }
    return sum;
}

static vmap_status judge_by_centres(const gsl_matrix *x, const vmap_partition *p,
                                    vmap_validity_index *index, vmap_error *err)
{
    centres c = {.k = p->k, .d = x->size2};
    size_t members = p->n - p->noise;
    double total = 0;
    vmap_status status = VMAP_SUCCESS;

    c.centre = memory_new(p->k + 1, c.d * sizeof *c.centre, err);
    c.spread = memory_new(p->k, sizeof *c.spread, err);
    index->within = 0;
    if (c.centre && c.spread) {
        find_centres(x, p, &c);
        for (size_t i = 0; i < p->n; i++) {
            size_t g = p->cluster[i];

            if (g == VMAP_CLUSTER_NONE)
                continue;
            index->within += squares_to(x, i, c.centre + g * c.d);
            total += squares_to(x, i, c.centre + p->k * c.d);
            c.spread[g] += sqrt(squares_to(x, i, c.centre + g * c.d)) / (double)p->size[g];
        }
        if (p->k > 1) {
            index->davies = davies(&c);
            if (p->k < members && index->within > 0)
                index->calinski = (total - index->within) / (double)(p->k - 1) /
                                  (index->within / (double)(members - p->k));
        }
    } else {
        status = VMAP_ENOMEM;
    }
    free(c.centre);
    free(c.spread);
    return status;
}

static double within_pairs(const gsl_matrix *d, const vmap_partition *p)
{
    double sum = 0;

    for (size_t i = 0; i < p->n; i++) {
        for (size_t j = 0; j < i; j++) {
            size_t g = p->cluster[i];

            if (g != VMAP_CLUSTER_NONE && p->cluster[j] == g)
                sum += pow(gsl_matrix_get(d, i, j), 2) / (double)p->size[g];
        }
    }
    return sum;
}

vmap_status vmap_validity_find(const vmap_units *units, const vmap_partition *partition,
                               unsigned threads, vmap_validity_index *index, vmap_error *err)
{
    vmap_validity_index result = {NAN, NAN, NAN, NAN, NAN};
    double *width = NULL, apart, wide;
    vmap_status status = check(units, partition, err);

    if (!status && partition->k == 0)
        status = vmap_error_set(err, VMAP_EDATA, "every unit is noise: there is nothing to judge");
    if (!status && partition->k > 1) {
        width = memory_new(partition->n, sizeof *width, err);
        status = width ? judge(units, partition, threads, width, NULL, &apart, &wide, err)
                       : VMAP_ENOMEM;
        if (!status) {
            result.silhouette = mean_width(width, partition->n);
            result.dunn = wide > 0 ? apart / wide : NAN;
        }
    }
    if (!status && units->points)
        status = judge_by_centres(units->points, partition, &result, err);
    else if (!status)
        result.within = within_pairs(units->dissimilarity, partition);
    if (!status)
        *index = result;
    free(width);
    return status;
}

/* ---- trees ---- */

vmap_status vmap_validity_cophenetic(const vmap_units *units, const vmap_tree *tree,
                                     double *correlation, vmap_error *err)
{
    vmap_status status = vmap_units_check(units, err);
    size_t n = tree->n;
    double mean_x = 0, mean_y = 0, xx = 0, yy = 0, xy = 0, count = (double)n * ((double)n - 1) / 2;
    gsl_matrix *d = NULL;
    double *row = NULL;
    proximity rows = {.at = NULL};

    if (!status && (n != units_count(units) || n < 3))
        status = vmap_error_set(err, VMAP_EDATA,
                                "a tree of %zu leaves and %zu units; three and the same are needed", n,
                                units_count(units));
    if (!status) {
        d = memory_matrix(n, n, err);
        row = memory_new(n, sizeof *row, err);
        status = d && row ? proximity_open(units, &rows, err) : VMAP_ENOMEM;
    }
    if (!status)
        status = vmap_tree_cophenetic(tree, d, err);
    for (int pass = 0; !status && pass < 2; pass++) {
        for (size_t i = 0; i < n; i++) {
            proximity_part(&rows, i, 0, i, row);
            for (size_t j = 0; j < i; j++) {
                double x = row[j] - mean_x, y = gsl_matrix_get(d, i, j) - mean_y;

                xx += pass ? x * x : x / count;
                yy += pass ? y * y : y / count;
                xy += pass ? x * y : 0;
            }
        }
        if (pass == 0) {
            mean_x = xx;
            mean_y = yy;
            xx = yy = 0;
        }
    }
    if (!status && !(xx > 1e-24 * mean_x * mean_x * count && yy > 1e-24 * mean_y * mean_y * count))
        status = vmap_error_set(err, VMAP_EDATA, "all %s are equal: they correlate with nothing",
                                xx > 0 ? "heights of the tree" : "dissimilarities");
    if (!status)
        *correlation = xy / sqrt(xx) / sqrt(yy);
    proximity_close(&rows);
    gsl_matrix_free(d);
    free(row);
    return status;
}

/* ---- small rules ---- */

double vmap_validity_prediction(const vmap_partition *tested, const size_t *learnt_by)
{
    double least = 1;

    for (size_t g = 0; g < tested->k; g++) {
        double size = (double)tested->size[g], together = 0;

        if (tested->size[g] < 2)
            continue;
        for (size_t i = 0; i < tested->n; i++) {
            for (size_t j = 0; tested->cluster[i] == g && j < i; j++)
                together += tested->cluster[j] == g && learnt_by[i] == learnt_by[j];
        }
        least = fmin(least, together / (size * (size - 1) / 2));
    }
    return least;
}

size_t vmap_validity_gap_choice(const double *gap, const double *se, size_t count,
                                vmap_gap_rule rule)
{
    size_t top = 0;

    if (rule == VMAP_GAP_TIBSHIRANI) {
        for (size_t i = 0; i + 1 < count; i++) {
            if (gap[i] >= gap[i + 1] - se[i + 1])
                return i;
        }
        return count - 1;
    }
    while (top + 1 < count && gap[top + 1] > gap[top])
        top++;
    for (size_t i = 0; i < top; i++) {
        if (gap[i] >= gap[top] - se[top])
            return i;
    }
    return top;
}
