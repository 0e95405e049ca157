#include <config.h>
#include "valuemap/match.h"

#include <math.h>
#include <string.h>

#include "cluster/cluster_internal.h"
#include "core/memory.h"

static vmap_status check(const vmap_tree *a, const vmap_tree *b, vmap_error *err)
{
    if (a->n != b->n || a->n < 2)
        return vmap_error_set(err, VMAP_EINVAL,
                              "trees of %zu and %zu leaves; they must have the same two or more", a->n,
                              b->n);
    return VMAP_SUCCESS;
}

/* ---- correlations ---- */

/* Pearson correlation of the elements below the diagonal; NaN when one of them is constant. */
static double correlate(const gsl_matrix *x, const gsl_matrix *y)
{
    double n = (double)x->size1 * ((double)x->size1 - 1) / 2, mx = 0, my = 0, xx = 0, yy = 0, xy = 0;

    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < x->size1; i++) {
            for (size_t j = 0; j < i; j++) {
                double a = gsl_matrix_get(x, i, j), b = gsl_matrix_get(y, i, j);

                if (pass == 0) {
                    mx += a / n;
                    my += b / n;
                } else {
                    xx += (a - mx) * (a - mx);
                    yy += (b - my) * (b - my);
                    xy += (a - mx) * (b - my);
                }
            }
        }
    }
    return xx > 1e-20 * mx * mx && yy > 1e-20 * my * my ? xy / sqrt(xx) / sqrt(yy) : NAN;
}

/* For each pair of leaves a value that its merge has. */
static vmap_status pairs_by_merge(const vmap_tree *t, double *value, gsl_matrix *d, vmap_error *err)
{
    vmap_tree copy = *t;

    copy.height = value;
    return vmap_tree_cophenetic(&copy, d, err);
}

/* The mean rank of the pairs that each merge joins, the last merge (fewest clusters) ranking lowest. */
static vmap_status rank_merges(const vmap_tree *t, double *rank, vmap_error *err)
{
    size_t *size = memory_new(2 * t->n, sizeof *size, err);
    double before = 0;

    if (!size)
        return VMAP_ENOMEM;
    for (size_t i = 0; i < t->n; i++)
        size[i] = 1;
    for (size_t m = 0; m + 1 < t->n; m++)
        size[t->n + m] = size[t->merge[m][0]] + size[t->merge[m][1]];
    for (size_t m = t->n - 1; m-- > 0;) {
        double pairs = (double)size[t->merge[m][0]] * (double)size[t->merge[m][1]];

        rank[m] = before + (pairs + 1) / 2;
        before += pairs;
    }
    free(size);
    return VMAP_SUCCESS;
}

static vmap_status find_correlations(const vmap_tree *a, const vmap_tree *b, vmap_tree_match *match,
                                     vmap_error *err)
{
    gsl_matrix *x = memory_matrix(a->n, a->n, err), *y = memory_matrix(a->n, a->n, err);
    double *rank = memory_new(a->n, sizeof *rank, err);
    vmap_status status = x && y && rank ? rank_merges(a, rank, err) : VMAP_ENOMEM;

    if (!status)
        status = pairs_by_merge(a, rank, x, err);
    if (!status)
        status = rank_merges(b, rank, err);
    if (!status)
        status = pairs_by_merge(b, rank, y, err);
    if (!status) {
        match->baker = correlate(x, y);
        if (isnan(match->baker))
            match->baker = 1;
        status = vmap_tree_cophenetic(a, x, err);
    }
    if (!status)
        status = vmap_tree_cophenetic(b, y, err);
    if (!status)
        match->cophenetic = correlate(x, y);
    gsl_matrix_free(x);
    gsl_matrix_free(y);
    free(rank);
    return status;
}

/* ---- clades ---- */

/* A clade as the range of places that its leaves have in the drawing order of the first tree. */
typedef struct {
    size_t first, last;
} range;

static int compare_ranges(const void *a, const void *b)
{
    const range *x = a, *y = b;

    if (x->first != y->first)
        return x->first < y->first ? -1 : 1;
    return x->last < y->last ? -1 : x->last > y->last;
}

static void put_ranges(const vmap_tree *t, const size_t *place, range *of, size_t *size)
{
    for (size_t i = 0; i < t->n; i++) {
        of[i] = (range){place[i], place[i]};
        size[i] = 1;
    }
    for (size_t m = 0; m + 1 < t->n; m++) {
        const range *x = &of[t->merge[m][0]], *y = &of[t->merge[m][1]];

        of[t->n + m] = (range){x->first < y->first ? x->first : y->first,
                               x->last > y->last ? x->last : y->last};
        size[t->n + m] = size[t->merge[m][0]] + size[t->merge[m][1]];
    }
}

static vmap_status find_places(const vmap_tree *t, size_t **place, vmap_error *err)
{
    *place = memory_new(t->n, sizeof **place, err);
    for (size_t q = 0; *place && q < t->n; q++)
        (*place)[t->order[q]] = q;
    return *place ? VMAP_SUCCESS : VMAP_ENOMEM;
}

static vmap_status count_clades(const vmap_tree *a, const vmap_tree *b, vmap_tree_match *match,
                                vmap_error *err)
{
    size_t n = a->n, *place = NULL, *size = memory_new(2 * n, sizeof *size, err), shared = 0;
    range *own = memory_new(2 * n, sizeof *own, err), *other = memory_new(2 * n, sizeof *other, err);
    vmap_status status = size && own && other ? find_places(a, &place, err) : VMAP_ENOMEM;

    if (!status) {
        put_ranges(a, place, own, size);
        put_ranges(b, place, other, size);
        qsort(own + n, n - 2, sizeof *own, compare_ranges);
        for (size_t m = 0; m + 2 < n; m++) {
            const range *r = &other[n + m];

            if (r->last - r->first + 1 == size[n + m])
                shared += bsearch(r, own + n, n - 2, sizeof *own, compare_ranges) != NULL;
        }
        match->distinct = 2 * (n - 2 - shared);
        match->foulds = n > 2 ? (double)match->distinct / (2 * (double)(n - 2)) : NAN;
    }
    free(place);
    free(size);
    free(own);
    free(other);
    return status;
}

/* ---- drawing orders ---- */

static vmap_status compare_orders(const vmap_tree *a, const vmap_tree *b, vmap_tree_match *match,
                                  vmap_error *err)
{
    size_t n = a->n, *place = NULL;
    double sum = 0, worst = 0;
    vmap_status status = find_places(a, &place, err);

    match->crossings = 0;
    for (size_t q = 0; !status && q < n; q++) {
        sum += pow(fabs((double)place[b->order[q]] - (double)q), 1.5);
        worst += pow(fabs((double)(n - 1 - q) - (double)q), 1.5);
        for (size_t r = 0; r < q; r++)
            match->crossings += place[b->order[r]] > place[b->order[q]];
    }
    match->entanglement = sum / worst;
    free(place);
    return status;
}

vmap_status vmap_match_trees(const vmap_tree *a, const vmap_tree *b, vmap_tree_match *match,
                             vmap_error *err)
{
    vmap_tree_match m = {0};
    vmap_status status = check(a, b, err);

    if (!status)
        status = find_correlations(a, b, &m, err);
    if (!status)
        status = count_clades(a, b, &m, err);
    if (!status)
        status = compare_orders(a, b, &m, err);
    if (!status)
        *match = m;
    return status;
}

/* Is the second child of merge m better drawn first? Only pairs of leaves with one on each side count: no
 * other branch changes whether their lines cross. */
static bool is_better_turned(const vmap_tree *t, size_t first, size_t second, const size_t *from,
                             const size_t *size, const size_t *place)
{
    size_t crossed = 0, all = size[first] * size[second];

    for (size_t i = from[first]; i < from[first] + size[first]; i++) {
        for (size_t j = from[second]; j < from[second] + size[second]; j++)
            crossed += place[t->order[i]] > place[t->order[j]];
    }
    return crossed > all - crossed;
}

/* Turn the branches of t as well as it can be done for the other tree as it stands. */
static vmap_status turn(vmap_tree *t, const vmap_tree *other, vmap_error *err)
{
    size_t n = t->n, *place = NULL, *from = memory_new(2 * n, sizeof *from, err);
    size_t *size = memory_new(2 * n, sizeof *size, err), *stack = memory_new(2 * n, sizeof *stack, err);
    size_t *order = memory_new(n, sizeof *order, err), depth = 0, leaves = 0;
    vmap_status status = from && size && stack && order ? find_places(other, &place, err) : VMAP_ENOMEM;

    if (!status) {
        tree_ranges(t, from, size);
        stack[depth++] = 2 * n - 2;
        while (depth) {
            size_t node = stack[--depth], first, second;

            if (node < n) {
                order[leaves++] = node;
                continue;
            }
            first = t->merge[node - n][0];
            second = t->merge[node - n][1];
            if (from[first] > from[second]) { /* as it is drawn now */
                size_t kept = first;

                first = second;
                second = kept;
            }
            if (is_better_turned(t, first, second, from, size, place)) {
                size_t kept = first;

                first = second;
                second = kept;
            }
            stack[depth++] = second;
            stack[depth++] = first;
        }
        memcpy(t->order, order, n * sizeof *order);
    }
    free(place);
    free(from);
    free(size);
    free(stack);
    free(order);
    return status;
}

vmap_status vmap_match_untangle(vmap_tree *a, vmap_tree *b, vmap_error *err)
{
    vmap_tree_match m = {0};
    size_t before;
    vmap_status status = check(a, b, err);

    if (!status)
        status = compare_orders(a, b, &m, err);
    do {
        before = m.crossings;
        if (!status)
            status = turn(b, a, err);
        if (!status)
            status = turn(a, b, err);
        if (!status)
            status = compare_orders(a, b, &m, err);
    } while (!status && m.crossings < before);
    return status;
}
