#include <config.h>
#include "valuemap/steadiness.h"

#include <math.h>

#include "core/memory.h"

/* ---- Cohen ---- */

/* Agreement of categories i and j of k: 1 for the same, 0 for the farthest apart. */
static double agreement(vmap_disagreement how, size_t k, size_t i, size_t j)
{
    double apart = fabs((double)i - (double)j) / (double)(k - 1);

    if (how == VMAP_DISAGREE_NOMINAL)
        return i == j;
    return 1 - (how == VMAP_DISAGREE_ORDINAL ? apart : apart * apart);
}

/* Shares of the table of two raters: k x k, then the margins of rows and columns. */
static vmap_status tabulate(const size_t *a, const size_t *b, size_t n, size_t k, double *share,
                            size_t *units, vmap_error *err)
{
    double *row = share + k * k, *column = row + k;

    *units = 0;
    for (size_t i = 0; i < n; i++) {
        if (a[i] > k || b[i] > k)
            return vmap_error_set(err, VMAP_EINVAL, "unit %zu has category %zu, of %zu", i + 1,
                                  a[i] > k ? a[i] : b[i], k);
        if (a[i] == k || b[i] == k)
            continue;
        share[a[i] * k + b[i]]++;
        (*units)++;
    }
    if (*units < 2)
        return vmap_error_set(err, VMAP_EDATA, "%zu units have both ratings; two are needed", *units);
    for (size_t i = 0; i < k * k; i++) {
        share[i] /= (double)*units;
        row[i / k] += share[i];
        column[i % k] += share[i];
    }
    return VMAP_SUCCESS;
}

static void put_cohen(const double *share, size_t k, vmap_disagreement how, vmap_kappa *r)
{
    const double *row = share + k * k, *column = row + k;
    double sum = 0, chance;

    for (size_t i = 0; i < k * k; i++) {
        r->observed += share[i] * agreement(how, k, i / k, i % k);
        r->expected += row[i / k] * column[i % k] * agreement(how, k, i / k, i % k);
    }
    chance = 1 - r->expected;
    r->value = chance > 1e-12 ? (r->observed - r->expected) / chance : NAN;
    for (size_t i = 0; i < k; i++) {
        for (size_t j = 0; j < k; j++) {
            double of_row = 0, of_column = 0;

            for (size_t l = 0; l < k; l++) {
                of_row += column[l] * agreement(how, k, i, l);
                of_column += row[l] * agreement(how, k, l, j);
            }
            sum += share[i * k + j] * pow(agreement(how, k, i, j) * chance -
                                              (of_row + of_column) * (1 - r->observed),
                                          2);
        }
    }
    sum -= pow(r->observed * r->expected - 2 * r->expected + r->observed, 2);
    r->se = chance > 1e-12 ? sqrt(fmax(0, sum) / (double)r->n) / (chance * chance) : NAN;
}

vmap_status vmap_steadiness_cohen(const size_t *a, const size_t *b, size_t n, size_t k,
                                  vmap_disagreement disagreement, vmap_kappa *kappa, vmap_error *err)
{
    vmap_kappa r = {.n = 0};
    double *share;
    vmap_status status;

    if (k < 2)
        return vmap_error_set(err, VMAP_EINVAL, "%zu categories; agreement needs two", k);
    share = memory_new(k * k + 2 * k, sizeof *share, err);
    status = share ? tabulate(a, b, n, k, share, &r.n, err) : VMAP_ENOMEM;
    if (!status) {
        put_cohen(share, k, disagreement, &r);
        *kappa = r;
    }
    free(share);
    return status;
}

/* ---- Fleiss ---- */

vmap_status vmap_steadiness_fleiss(const size_t *count, size_t n, size_t k, vmap_kappa *kappa,
                                   vmap_error *err)
{
    vmap_kappa r = {.n = n, .se = NAN};
    size_t ratings = 0;

    for (size_t j = 0; n && j < k; j++)
        ratings += count[j];
    if (n < 2 || ratings < 2)
        return vmap_error_set(err, VMAP_EDATA, "%zu units of %zu ratings; two of two are needed", n,
                              ratings);
    for (size_t i = 0; i < n; i++) {
        size_t sum = 0;

        for (size_t j = 0; j < k; j++) {
            double c = (double)count[i * k + j];

            sum += count[i * k + j];
            r.observed += c * (c - 1) / ((double)ratings * ((double)ratings - 1) * (double)n);
        }
        if (sum != ratings)
            return vmap_error_set(err, VMAP_EDATA, "unit %zu has %zu ratings, the first has %zu", i + 1,
                                  sum, ratings);
    }
    for (size_t j = 0; j < k; j++) {
        double share = 0;

        for (size_t i = 0; i < n; i++)
            share += (double)count[i * k + j] / ((double)ratings * (double)n);
        r.expected += share * share;
    }
    r.value = r.expected < 1 - 1e-12 ? (r.observed - r.expected) / (1 - r.expected) : NAN;
    *kappa = r;
    return VMAP_SUCCESS;
}

/* ---- Krippendorff ---- */

/* Ratings of units that have two or more, sorted within units; and the distinct values of all. */
typedef struct {
    size_t n, raters, values, total;
    double *value;  /* ascending */
    double *count;  /* how often each occurs */
    double *level;  /* place on the scale of the metric, so that (difference)^2 is the disagreement */
} coded;

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static size_t count_ratings(const double *row, size_t raters)
{
    size_t count = 0;

    for (size_t r = 0; r < raters; r++)
        count += !isnan(row[r]);
    return count;
}

static vmap_status new_coded(const double *ratings, size_t n, size_t raters, coded *c, vmap_error *err)
{
    *c = (coded){.n = 0, .raters = raters};
    c->value = memory_new(3 * n * raters, sizeof *c->value, err);
    if (!c->value)
        return VMAP_ENOMEM;
    c->count = c->value + n * raters;
    c->level = c->count + n * raters;
    for (size_t i = 0; i < n; i++) {
        if (count_ratings(ratings + i * raters, raters) < 2)
            continue;
        c->n++;
        for (size_t r = 0; r < raters; r++) {
            if (!isnan(ratings[i * raters + r]))
                c->value[c->total++] = ratings[i * raters + r];
        }
    }
    if (c->n == 0)
        return vmap_error_set(err, VMAP_EDATA, "no unit has two ratings");
    qsort(c->value, c->total, sizeof *c->value, by_size);
    for (size_t i = 0; i < c->total; i++) {
        if (c->values == 0 || c->value[c->values - 1] != c->value[i])
            c->value[c->values++] = c->value[i];
        c->count[c->values - 1]++;
    }
    return VMAP_SUCCESS;
}

/* Ordinal: ranks, half of the ties at both ends: their difference is the sum of all counts between, with
 * half of those at the ends. */
static void put_levels(coded *c, vmap_disagreement how)
{
    double before = 0;

    for (size_t v = 0; v < c->values; v++) {
        c->level[v] = how == VMAP_DISAGREE_ORDINAL ? before + c->count[v] / 2 : c->value[v];
        before += c->count[v];
    }
}

static double apart(const coded *c, vmap_disagreement how, size_t a, size_t b)
{
    return how == VMAP_DISAGREE_NOMINAL ? a != b : pow(c->level[a] - c->level[b], 2);
}

static size_t place(const coded *c, double value)
{
    const double *found = bsearch(&value, c->value, c->values, sizeof value, by_size);

    return (size_t)(found - c->value);
}

/* Disagreement within units, each pair counting 1 / (ratings of the unit - 1). */
static double within(const coded *c, const double *ratings, size_t n, vmap_disagreement how)
{
    double sum = 0;

    for (size_t i = 0; i < n; i++) {
        const double *row = ratings + i * c->raters;
        size_t count = count_ratings(row, c->raters);

        for (size_t r = 0; count > 1 && r < c->raters; r++) {
            for (size_t s = 0; s < r && !isnan(row[r]); s++) {
                if (!isnan(row[s]))
                    sum += 2 * apart(c, how, place(c, row[r]), place(c, row[s])) / (double)(count - 1);
            }
        }
    }
    return sum / (double)c->total;
}

vmap_status vmap_steadiness_krippendorff(const double *ratings, size_t n, size_t raters,
                                         vmap_disagreement disagreement, vmap_kappa *alpha,
                                         vmap_error *err)
{
    coded c;
    vmap_status status = new_coded(ratings, n, raters, &c, err);

    if (!status) {
        double observed, expected = 0, total = (double)c.total;

        put_levels(&c, disagreement);
        observed = within(&c, ratings, n, disagreement);
        for (size_t a = 0; a < c.values; a++) {
            for (size_t b = 0; b < a; b++)
                expected += 2 * c.count[a] * c.count[b] * apart(&c, disagreement, a, b);
        }
        expected /= total * (total - 1);
        *alpha = (vmap_kappa){.n = c.n, .se = NAN, .observed = NAN, .expected = NAN};
        alpha->value = expected > 0 ? 1 - observed / expected : NAN;
        if (disagreement == VMAP_DISAGREE_NOMINAL) {
            alpha->observed = 1 - observed;
            alpha->expected = 1 - expected;
        }
    }
    free(c.value);
    return status;
}
