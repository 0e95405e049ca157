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
    const vmap_units *units;
    const vmap_partition *partition;
    const double *mass; /* k sums of weights */
    double *width;
    size_t *neighbour;
    /* Dunn's index: per block the least dissimilarity between and the largest within clusters. */
    double *apart, *wide;
} judging;

size_t silhouette_nearest(const double *sum, const double *mass, size_t k, size_t own, double *mean)
{
    size_t best = VMAP_CLUSTER_NONE;

    *mean = INFINITY;
    for (size_t g = 0; g < k; g++) {
        double m = mass[g] > 0 ? sum[g] / mass[g] : INFINITY;

        if (g != own && m < *mean) {
            *mean = m;
            best = g;
        }
    }
    return best;
}

double silhouette_width(double a, double b)
{
    double larger = fmax(a, b);

    return larger > 0 ? (b - a) / larger : 0;
}

/* A whole weight is as many units at one place, so that a cluster of mass m offers a unit m - 1 others. */
static void judge_unit(const judging *j, size_t i, const double *row, double *sum, double *apart,
                       double *wide)
{
    const vmap_partition *p = j->partition;
    size_t own = p->cluster[i], other;
    double b, counts = units_weight(j->units, i);

    for (size_t g = 0; g < p->k; g++)
        sum[g] = 0;
    for (size_t q = 0; q < p->n; q++) {
        double weight = units_weight(j->units, q);

        if (p->cluster[q] == VMAP_CLUSTER_NONE)
            continue;
        sum[p->cluster[q]] += weight * row[q];
        if (!(weight > 0 && counts > 0))
            continue;
        if (p->cluster[q] == own)
            *wide = fmax(*wide, row[q]);
        else
            *apart = fmin(*apart, row[q]);
    }
    other = silhouette_nearest(sum, j->mass, p->k, own, &b);
    if (j->neighbour)
        j->neighbour[i] = other;
    if (other == VMAP_CLUSTER_NONE)
        j->width[i] = NAN;
    else
        j->width[i] = j->mass[own] > 1 ? silhouette_width(sum[own] / (j->mass[own] - 1), b) : 0;
}

static bool judge_block(void *context, size_t block)
{
    const judging *j = context;
    size_t n = j->partition->n, first = block * BLOCK, last = first + BLOCK < n ? first + BLOCK : n;
    double *row = memory_new(n + j->partition->k, sizeof *row, NULL);
    bool ready = row != NULL;

    j->apart[block] = INFINITY;
    j->wide[block] = 0;
    for (size_t i = first; ready && i < last; i++) {
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
    return ready;
}

static double mean_width(const vmap_units *units, const double *width, size_t n)
{
    numeric_sum sum = {0, 0};
    double count = 0;

    for (size_t i = 0; i < n; i++) {
        if (!isnan(width[i])) {
            numeric_add(&sum, units_weight(units, i) * width[i]);
            count += units_weight(units, i);
        }
    }
    return count > 0 ? (sum.sum + sum.rest) / count : NAN;
}

double *partition_masses(const vmap_units *units, const vmap_partition *p, vmap_error *err)
{
    double *mass = memory_new(p->k ? p->k : 1, sizeof *mass, err);

    for (size_t i = 0; mass && i < p->n; i++) {
        if (p->cluster[i] != VMAP_CLUSTER_NONE)
            mass[p->cluster[i]] += units_weight(units, i);
    }
    return mass;
}

/* Widths, neighbours and what Dunn's index needs, in one pass over the dissimilarities. */
static vmap_status judge(const vmap_units *units, const vmap_partition *partition, unsigned threads,
                         double *width, size_t *neighbour, double *apart, double *wide,
                         vmap_error *err)
{
    size_t blocks = (partition->n + BLOCK - 1) / BLOCK;
    proximity rows;
    double *mass = partition_masses(units, partition, err);
    judging j = {&rows, units, partition, mass, width, neighbour, NULL, NULL};
    vmap_status status = proximity_open(units, &rows, err);

    j.apart = memory_new(blocks, sizeof *j.apart, err);
    j.wide = memory_new(blocks, sizeof *j.wide, err);
    if (!mass || !j.apart || !j.wide)
        status = VMAP_ENOMEM;
    if (!status && !parallel_try(blocks, threads, judge_block, &j))
        status = vmap_error_set(err, VMAP_ENOMEM, "no memory for silhouettes");
    *apart = INFINITY;
    *wide = 0;
    for (size_t b = 0; !status && b < blocks; b++) {
        *apart = fmin(*apart, j.apart[b]);
        *wide = fmax(*wide, j.wide[b]);
    }
    proximity_close(&rows);
    free(j.apart);
    free(j.wide);
    free(mass);
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
        *mean = mean_width(units, width, partition->n);
    return status;
}

/* ---- indices that go by centres ---- */

typedef struct {
    size_t k, d, counted;  /* clusters; those of positive mass */
    const double *mass;    /* k */
    double total;          /* their sum */
    double *centre;        /* k x d, then the common mean */
    double *spread;        /* k mean distances to the centre */
} centres;

static void find_centres(const vmap_units *units, const vmap_partition *p, centres *c)
{
    for (size_t g = 0; g < p->k; g++) {
        c->total += c->mass[g];
        c->counted += c->mass[g] > 0;
    }
    for (size_t i = 0; i < p->n; i++) {
        size_t g = p->cluster[i];
        double weight = units_weight(units, i);

        for (size_t a = 0; g != VMAP_CLUSTER_NONE && weight > 0 && a < c->d; a++) {
            c->centre[g * c->d + a] += weight * gsl_matrix_get(units->points, i, a) / c->mass[g];
            c->centre[p->k * c->d + a] += weight * gsl_matrix_get(units->points, i, a) / c->total;
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

        for (size_t j = 0; c->mass[i] > 0 && j < c->k; j++) {
            double apart = 0, both = c->spread[i] + c->spread[j];

            if (i == j || !(c->mass[j] > 0))
                continue;
            for (size_t a = 0; a < c->d; a++)
                apart += pow(c->centre[i * c->d + a] - c->centre[j * c->d + a], 2);
            if (both > 0)
                worst = fmax(worst, apart > 0 ? both / sqrt(apart) : INFINITY);
        }
        sum += worst / (double)c->counted;
    }
    return sum;
}

static void find_scatter(const vmap_units *units, const vmap_partition *p, centres *c, vmap_validity_index *index)
{
    const gsl_matrix *x = units->points;
    double total = 0;

    index->within = 0;
    for (size_t i = 0; i < p->n; i++) {
        size_t g = p->cluster[i];
        double weight = units_weight(units, i);

        if (g == VMAP_CLUSTER_NONE || !(weight > 0))
            continue;
        index->within += weight * squares_to(x, i, c->centre + g * c->d);
        total += weight * squares_to(x, i, c->centre + p->k * c->d);
        c->spread[g] += weight * sqrt(squares_to(x, i, c->centre + g * c->d)) / c->mass[g];
    }
    if (c->counted < 2)
        return;
    index->davies = davies(c);
    if (c->total > (double)c->counted && index->within > 0)
        index->calinski = (total - index->within) / (double)(c->counted - 1) /
                          (index->within / (c->total - (double)c->counted));
}

static vmap_status judge_by_centres(const vmap_units *units, const vmap_partition *p, const double *mass,
                                    vmap_validity_index *index, vmap_error *err)
{
    centres c = {.k = p->k, .d = units->points->size2, .mass = mass};
    vmap_status status = VMAP_ENOMEM;

    c.centre = memory_new(p->k + 1, c.d * sizeof *c.centre, err);
    c.spread = memory_new(p->k, sizeof *c.spread, err);
    if (c.centre && c.spread) {
        find_centres(units, p, &c);
        find_scatter(units, p, &c, index);
        status = VMAP_SUCCESS;
    }
    free(c.centre);
    free(c.spread);
    return status;
}

static double within_pairs(const vmap_units *units, const vmap_partition *p, const double *mass)
{
    double sum = 0;

    for (size_t i = 0; i < p->n; i++) {
        size_t g = p->cluster[i];

        for (size_t j = 0; g != VMAP_CLUSTER_NONE && mass[g] > 0 && j < i; j++) {
            if (p->cluster[j] == g)
                sum += units_weight(units, i) * units_weight(units, j) *
                       pow(gsl_matrix_get(units->dissimilarity, i, j), 2) / mass[g];
        }
    }
    return sum;
}

vmap_status vmap_validity_find(const vmap_units *units, const vmap_partition *partition,
                               unsigned threads, vmap_validity_index *index, vmap_error *err)
{
    vmap_validity_index result = {NAN, NAN, NAN, NAN, NAN};
    double *width = NULL, *mass = NULL, apart, wide;
    vmap_status status = check(units, partition, err);

    if (!status && partition->k == 0)
        status = vmap_error_set(err, VMAP_EDATA, "every unit is noise: there is nothing to judge");
    if (!status && !(mass = partition_masses(units, partition, err)))
        status = VMAP_ENOMEM;
    if (!status && partition->k > 1) {
        width = memory_new(partition->n, sizeof *width, err);
        status = width ? judge(units, partition, threads, width, NULL, &apart, &wide, err)
                       : VMAP_ENOMEM;
        if (!status) {
            result.silhouette = mean_width(units, width, partition->n);
            result.dunn = wide > 0 ? apart / wide : NAN;
        }
    }
    if (!status && units->points)
        status = judge_by_centres(units, partition, mass, &result, err);
    else if (!status)
        result.within = within_pairs(units, partition, mass);
    if (!status)
        *index = result;
    free(width);
    free(mass);
    return status;
}

/* ---- trees ---- */

/* Weighted moments of pairs of dissimilarities and heights. Units that a whole weight stands for are pairs, too, at
 * distance and height 0. */
typedef struct {
    double count, mean_x, mean_y, xx, yy, xy;
} moments;

static double pairs_at_one_place(double weight)
{
    return fmax(0, weight * (weight - 1) / 2);
}

static void add_pair(moments *m, bool second, double weight, double x, double y)
{
    if (second) {
        m->xx += weight * (x - m->mean_x) * (x - m->mean_x);
        m->yy += weight * (y - m->mean_y) * (y - m->mean_y);
        m->xy += weight * (x - m->mean_x) * (y - m->mean_y);
        return;
    }
    m->count += weight;
    m->mean_x += weight * x;
    m->mean_y += weight * y;
}

static moments find_moments(const vmap_units *units, const proximity *rows, const gsl_matrix *height, double *row)
{
    moments m = {0};

    for (int second = 0; second < 2; second++) {
        for (size_t i = 0; i < height->size1; i++) {
            proximity_part(rows, i, 0, i, row);
            for (size_t j = 0; j < i; j++)
                add_pair(&m, second, units_weight(units, i) * units_weight(units, j), row[j],
                         gsl_matrix_get(height, i, j));
            if (units->weights)
                add_pair(&m, second, pairs_at_one_place(units->weights[i]), 0, 0);
        }
        if (!second) {
            m.mean_x /= m.count;
            m.mean_y /= m.count;
        }
    }
    return m;
}

vmap_status vmap_validity_cophenetic(const vmap_units *units, const vmap_tree *tree,
                                     double *correlation, vmap_error *err)
{
    vmap_status status = vmap_units_check(units, err);
    size_t n = tree->n;
    gsl_matrix *height = NULL;
    double *row = NULL;
    proximity rows = {.at = NULL};
    moments m = {0};

    if (!status && (n != units_count(units) || n < 3))
        status = vmap_error_set(err, VMAP_EDATA,
                                "a tree of %zu leaves and %zu units; three and the same are needed", n,
                                units_count(units));
    if (!status) {
        height = memory_matrix(n, n, err);
        row = memory_new(n, sizeof *row, err);
        status = height && row ? proximity_open(units, &rows, err) : VMAP_ENOMEM;
    }
    if (!status)
        status = vmap_tree_cophenetic(tree, height, err);
    if (!status)
        m = find_moments(units, &rows, height, row);
    if (!status && !(m.xx > 1e-24 * m.mean_x * m.mean_x * m.count && m.yy > 1e-24 * m.mean_y * m.mean_y * m.count))
        status = vmap_error_set(err, VMAP_EDATA, "all %s are equal: they correlate with nothing",
                                m.xx > 0 ? "heights of the tree" : "dissimilarities");
    if (!status)
        *correlation = m.xy / sqrt(m.xx) / sqrt(m.yy);
    proximity_close(&rows);
    gsl_matrix_free(height);
    free(row);
    return status;
}

/* ---- small rules ---- */

double vmap_validity_prediction(const vmap_partition *tested, const double *weights, const size_t *learnt_by)
{
    double least = 1;

    for (size_t g = 0; g < tested->k; g++) {
        double pairs = 0, together = 0;

        for (size_t i = 0; i < tested->n; i++) {
            double weight = weights ? weights[i] : 1;

            if (tested->cluster[i] != g)
                continue;
            for (size_t j = 0; j < i; j++) {
                double both = tested->cluster[j] == g ? weight * (weights ? weights[j] : 1) : 0;

                pairs += both;
                together += learnt_by[i] == learnt_by[j] ? both : 0;
            }
            pairs += pairs_at_one_place(weight);
            together += pairs_at_one_place(weight);
        }
        if (pairs > 0)
            least = fmin(least, together / pairs);
    }
    return least;
}

double vmap_validity_jaccard(const vmap_partition *partition, size_t g, const double *weights, const size_t *index,
                             const vmap_partition *again)
{
    double own = 0, best = 0;

    for (size_t i = 0; i < again->n; i++)
        own += partition->cluster[index[i]] == g ? (weights ? weights[index[i]] : 1) : 0;
    for (size_t h = 0; own > 0 && h < again->k; h++) {
        double both = 0, size = 0;

        for (size_t i = 0; i < again->n; i++) {
            double weight = again->cluster[i] == h ? (weights ? weights[index[i]] : 1) : 0;

            size += weight;
            both += partition->cluster[index[i]] == g ? weight : 0;
        }
        best = fmax(best, both / (own + size - both));
    }
    return own > 0 ? best : NAN;
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
