#include <config.h>
#include "valuemap/group_tests.h"

#include <math.h>

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_sort.h>

#include "compare/studentized_range.h"
#include "core/memory.h"
#include "core/sort.h"

size_t vmap_group_pairs(size_t k)
{
    return k < 2 ? 0 : k * (k - 1) / 2;
}

void vmap_rank_test_free(vmap_rank_test *test)
{
    if (!test)
        return;
    free(test->mean_rank);
    free(test->count);
    free(test);
}

static vmap_rank_test *new_test(size_t k, vmap_error *err)
{
    vmap_rank_test *test = memory_new(1, sizeof(*test), err);

    if (!test)
        return NULL;
    *test = (vmap_rank_test){.k = k, .df = k - 1, .f = NAN, .p_f = NAN};
    test->mean_rank = memory_new(k, sizeof(*test->mean_rank), err);
    test->count = memory_new(k, sizeof(*test->count), err);
    if (!test->mean_rank || !test->count) {
        vmap_rank_test_free(test);
        return NULL;
    }
    return test;
}

/* Ranks from 1 of n numbers, ties (but for rounding) sharing their mean; at: room for n. Returns S (t^3 - t). */
static double rank_them(const double *y, size_t n, size_t *at, double *rank)
{
    double ties = 0, size = sort_size(y, n);

    gsl_sort_index(at, y, 1, n);
    for (size_t i = 0, end; i < n; i = end) {
        double t;

        for (end = i + 1; end < n && sort_order(y[at[i]], y[at[end]], size) == 0;)
            end++;
        t = (double)(end - i);
        ties += t * t * t - t;
        for (size_t j = i; j < end; j++)
            rank[at[j]] = ((double)i + 1 + (double)end) / 2;
    }
    return ties;
}

/* ---- Kruskal and Wallis, Dunn ---- */

static vmap_status no_empty_group(const vmap_rank_test *test, vmap_error *err)
{
    for (size_t i = 0; i < test->k; i++) {
        if (!test->count[i])
            return vmap_error_set(err, VMAP_EDATA, "group %zu of %zu has no observation", i + 1,
                                  test->k);
    }
    return VMAP_SUCCESS;
}

/* From sums of ranks in mean_rank to means and the statistic. */
static void finish_kruskal(vmap_rank_test *test)
{
    double n = (double)test->n, between = 0;

    for (size_t i = 0; i < test->k; i++) {
        test->mean_rank[i] /= (double)test->count[i];
        between += (double)test->count[i] * pow(test->mean_rank[i] - (n + 1) / 2, 2);
    }
    test->statistic = 12 * between / (n * (n + 1) - test->ties / (n - 1));
    if (!(between > 0) && test->ties >= n * n * n - n)
        test->statistic = NAN;
    test->p = isnan(test->statistic) ? NAN : gsl_cdf_chisq_Q(test->statistic, (double)test->df);
    test->effect = test->statistic / (n - 1);
}

static vmap_status rank_groups(vmap_rank_test *test, const double *y, const size_t *group, size_t n,
                               vmap_error *err)
{
    double *work = memory_new(2 * n, sizeof(*work), err);
    size_t *at = memory_new(2 * n, sizeof(*at), err);
    vmap_status status = work && at ? VMAP_SUCCESS : VMAP_ENOMEM;

    for (size_t i = 0; !status && i < n; i++) {
        if (isnan(y[i])) {
            test->left_out++;
            continue;
        }
        work[test->n] = y[i];
        at[n + test->n++] = group[i];
        test->count[group[i]]++;
    }
    if (!status)
        status = no_empty_group(test, err);
    if (!status) {
        test->ties = rank_them(work, test->n, at, work + n);
        for (size_t i = 0; i < test->n; i++)
            test->mean_rank[at[n + i]] += work[n + i];
        finish_kruskal(test);
    }
    free(work);
    free(at);
    return status;
}

vmap_status vmap_kruskal_new(const double *y, const size_t *group, size_t n, size_t k,
                             vmap_rank_test **test, vmap_error *err)
{
    vmap_rank_test *new;
    vmap_status status;

    if (k < 2)
        return vmap_error_set(err, VMAP_EDATA, "there is one group; a comparison needs two");
    new = new_test(k, err);
    if (!new)
        return VMAP_ENOMEM;
    status = rank_groups(new, y, group, n, err);
    if (status) {
        vmap_rank_test_free(new);
        return status;
    }
    *test = new;
    return VMAP_SUCCESS;
}

vmap_status vmap_dunn(const vmap_rank_test *test, const vmap_adjustment *adjustment,
                      vmap_group_pair *pairs, vmap_error *err)
{
    double n = (double)test->n;
    double variance = n * (n + 1) / 12 - test->ties / (12 * (n - 1));
    size_t m = vmap_group_pairs(test->k), t = 0;
    double *p = memory_new(m, sizeof(*p), err);
    vmap_status status;

    if (!p)
        return VMAP_ENOMEM;
    for (size_t i = 0; i < test->k; i++) {
        for (size_t j = i + 1; j < test->k; j++, t++) {
            double se = sqrt(variance * (1 / (double)test->count[i] + 1 / (double)test->count[j]));

            pairs[t] = (vmap_group_pair){
                i, j, test->mean_rank[i] - test->mean_rank[j], NAN, NAN, NAN, NAN, NAN};
            if (!isnan(test->statistic)) {
                pairs[t].statistic = pairs[t].difference / se;
                pairs[t].p = 2 * gsl_cdf_ugaussian_Q(fabs(pairs[t].statistic));
            }
            p[t] = pairs[t].p;
        }
    }
    status = vmap_adjust(adjustment, p, m, p, err);
    for (t = 0; !status && t < m; t++)
        pairs[t].p_adjusted = p[t];
    free(p);
    return status;
}

/* ---- Friedman, Nemenyi ---- */

static bool complete(const double *block, size_t k)
{
    for (size_t j = 0; j < k; j++) {
        if (isnan(block[j]))
            return false;
    }
    return true;
}

/* From sums of ranks in mean_rank to means and statistics. */
static void finish_friedman(vmap_rank_test *test)
{
    double n = (double)test->n, k = (double)test->k, between = 0;
    double within = n * k * (k + 1) - test->ties / (k - 1);

    for (size_t j = 0; j < test->k; j++) {
        test->count[j] = test->n;
        test->mean_rank[j] /= n;
        between += pow(test->mean_rank[j] - (k + 1) / 2, 2);
    }
    test->statistic = within > 0 ? 12 * n * n * between / within : NAN;
    test->p = within > 0 ? gsl_cdf_chisq_Q(test->statistic, (double)test->df) : NAN;
    test->effect = test->statistic / (n * (k - 1));
    test->f = (n - 1) * test->statistic / (n * (k - 1) - test->statistic);
    if (isfinite(test->f))
        test->p_f = gsl_cdf_fdist_Q(test->f, k - 1, (k - 1) * (n - 1));
    else if (!isnan(test->f))
        test->p_f = 0; /* all blocks agree */
}

vmap_status vmap_friedman_new(const double *y, size_t blocks, size_t k, vmap_rank_test **test,
                              vmap_error *err)
{
    vmap_rank_test *new;
    double *rank;
    size_t *at;

    if (k < 2)
        return vmap_error_set(err, VMAP_EDATA, "there is one group; a comparison needs two");
    new = new_test(k, err);
    rank = memory_new(k, sizeof(*rank), err);
    at = memory_new(k, sizeof(*at), err);
    if (!new || !rank || !at) {
        vmap_rank_test_free(new);
        free(rank);
        free(at);
        return VMAP_ENOMEM;
    }
    for (size_t i = 0; i < blocks; i++) {
        if (!complete(y + i * k, k)) {
            new->left_out++;
            continue;
        }
        new->n++;
        new->ties += rank_them(y + i * k, k, at, rank);
        for (size_t j = 0; j < k; j++)
            new->mean_rank[j] += rank[j];
    }
    free(rank);
    free(at);
    if (new->n < 2) {
        size_t n = new->n;

        vmap_rank_test_free(new);
        return vmap_error_set(err, VMAP_EDATA,
                              "%zu of %zu blocks have all %zu numbers; Friedman's test needs two",
                              n, blocks, k);
    }
    finish_friedman(new);
    *test = new;
    return VMAP_SUCCESS;
}

vmap_status vmap_nemenyi(const vmap_rank_test *test, double level, vmap_group_pair *pairs,
                         double *critical_difference, vmap_error *err)
{
    double k = (double)test->k, se = sqrt(k * (k + 1) / (12 * (double)test->n));
    double critical;
    size_t t = 0;

    if (!(level > 0 && level < 1))
        return vmap_error_set(err, VMAP_EINVAL, "level is %g; it must lie between 0 and 1", level);
    critical = se * studentized_range_quantile(1 - level, test->k, INFINITY);
    for (size_t i = 0; i < test->k; i++) {
        for (size_t j = i + 1; j < test->k; j++, t++) {
            double difference = test->mean_rank[i] - test->mean_rank[j];
            double q = fabs(difference) / se, p = studentized_range_upper(q, test->k, INFINITY);

            pairs[t] = (vmap_group_pair){
                i, j, difference, difference - critical, difference + critical, q, p, p};
        }
    }
    *critical_difference = critical;
    return VMAP_SUCCESS;
}
