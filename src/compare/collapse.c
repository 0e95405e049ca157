#include <config.h>
#include "valuemap/collapse.h"

#include <math.h>
#include <string.h>

#include "core/memory.h"
#include "core/numeric.h"
#include "core/parallel.h"

/* ---- whole sheets ---- */

/* Complete sheets, sorted: each points at its p numbers. */
typedef struct {
    const double *at;
    size_t p;
    double w; /* of mean 1 */
} sheet;

static int by_answers(const void *a, const void *b)
{
    const sheet *x = a, *y = b;

    for (size_t j = 0; j < x->p; j++) {
        if (x->at[j] != y->at[j])
            return x->at[j] < y->at[j] ? -1 : 1;
    }
    return 0;
}

/* C(n - m, draw) / C(n, draw): the probability that none of `draw` sheets has a vector that m of n have. */
static double missed(size_t n, size_t m, size_t draw)
{
    double p = 1;

    for (size_t i = 0; i < m && p > 0; i++)
        p *= n - i > draw ? (double)(n - i - draw) / (double)(n - i) : 0;
    return p;
}

static void add_vector(vmap_vectors *v, size_t count, double weight, size_t draw)
{
    double n = (double)v->n, share = weight / n;

    v->distinct++;
    v->largest = fmax(v->largest, share);
    v->repeated += count > 1 ? share : 0;
    v->entropy -= v->n > 1 ? share * log(share) / log(n) : 0;
    v->rarefied += draw && draw <= v->n ? 1 - missed(v->n, count, draw) : 0;
}

static void count_vectors(const sheet *sheets, size_t draw, vmap_vectors *v)
{
    double weight = 0;

    for (size_t first = 0, i = 1; i <= v->n; i++) {
        weight += sheets[i - 1].w;
        if (i < v->n && by_answers(sheets + first, sheets + i) == 0)
            continue;
        add_vector(v, i - first, weight, draw);
        first = i;
        weight = 0;
    }
    v->unique = (double)v->distinct / (double)v->n;
    v->rarefied = draw && draw <= v->n ? fmin(1, v->rarefied / (double)draw) : NAN;
}

static bool complete(const double *row, size_t p)
{
    for (size_t j = 0; j < p; j++) {
        if (isnan(row[j]))
            return false;
    }
    return true;
}

static vmap_status check_weights(const double *weights, size_t n, bool zero, vmap_error *err)
{
    for (size_t i = 0; weights && i < n; i++) {
        if (!(weights[i] > 0 || (zero && weights[i] == 0)) || isinf(weights[i]))
            return vmap_error_set(err, VMAP_EINVAL, "weight %zu is %g; weights are numbers %s", i + 1, weights[i],
                                  zero ? "from 0 up" : "above 0");
    }
    return VMAP_SUCCESS;
}

vmap_status vmap_collapse_vectors(const double *values, size_t n, size_t p, size_t stride, const double *weights,
                                  size_t draw, vmap_vectors *vectors, vmap_error *err)
{
    vmap_vectors v = {.n = 0};
    sheet *sheets = memory_new(n, sizeof *sheets, err);
    double total = 0;
    vmap_status status = sheets ? check_weights(weights, n, true, err) : VMAP_ENOMEM;

    if (status) {
        free(sheets);
        return status;
    }
    for (size_t i = 0; i < n; i++) {
        double w = weights ? weights[i] : 1;

        if (!(w > 0))
            continue;
        if (complete(values + i * stride, p)) {
            sheets[v.n++] = (sheet){values + i * stride, p, w};
            total += w;
        } else {
            v.incomplete++;
        }
    }
    for (size_t i = 0; weights && i < v.n; i++)
        sheets[i].w *= (double)v.n / total;
    qsort(sheets, v.n, sizeof *sheets, by_answers);
    if (v.n)
        count_vectors(sheets, draw, &v);
    free(sheets);
    if (v.n == 0)
        return vmap_error_set(err, VMAP_EDATA, "no respondent answered all of %zu items", p);
    *vectors = v;
    return VMAP_SUCCESS;
}

/* ---- one item ---- */

vmap_status vmap_collapse_spread(const double *share, const double *code, size_t k, double n_eff,
                                 vmap_spread *spread, vmap_error *err)
{
    vmap_spread s = {.mode = 0};
    double sum = 0, squares = 0, mean = 0, variance = 0, pairs = 0, range;

    for (size_t i = 0; i < k; i++)
        sum += share[i] >= 0 ? share[i] : NAN;
    if (k < 2 || !(fabs(sum - 1) <= 1e-9))
        return vmap_error_set(err, VMAP_EINVAL, "shares of %zu scale points add up to %g, not to 1", k,
                              sum);
    range = code[k - 1] - code[0];
    for (size_t i = 0; i < k; i++) {
        s.mode = fmax(s.mode, share[i]);
        s.entropy -= share[i] > 0 ? share[i] * log(share[i]) / log((double)k) : 0;
        squares += share[i] * share[i];
        mean += share[i] * code[i];
        for (size_t l = 0; l < i; l++)
            pairs += 2 * share[i] * share[l] * (code[i] - code[l]) / range;
    }
    for (size_t i = 0; i < k; i++)
        variance += share[i] * pow((code[i] - mean) / range, 2);
    s.entropy = fmax(0, s.entropy);
    s.unlike = n_eff > 1 ? fmax(0, 1 - squares) / (1 - 1 / n_eff) : NAN;
    s.distance = n_eff > 1 ? pairs / (1 - 1 / n_eff) : NAN;
    s.sd = sqrt(variance);
    *spread = s;
    return VMAP_SUCCESS;
}

/* ---- all items together ---- */

static void put_spectrum(const gsl_vector *l, vmap_spectrum *s)
{
    double positive = 0, squares = 0;

    for (size_t i = 0; i < s->p; i++) {
        double v = gsl_vector_get(l, i);

        positive += fmax(0, v);
        squares += v > 0 ? v * v : 0;
        s->negative += fmax(0, -v) / s->total;
    }
    s->first = gsl_vector_get(l, 0) / s->total;
    s->participation = positive * positive / squares;
    s->rank = 0;
    for (size_t i = 0; i < s->p; i++) {
        double q = gsl_vector_get(l, i) / positive;

        s->rank -= q > 0 ? q * log(q) : 0;
    }
    s->rank = exp(s->rank);
}

vmap_status vmap_collapse_spectrum(const gsl_matrix *a, vmap_spectrum *spectrum, vmap_error *err)
{
    vmap_spectrum s = {.p = a->size1};
    gsl_vector *l;
    vmap_status status;

    if (a->size1 != a->size2)
        return vmap_error_set(err, VMAP_EINVAL, "covariances of %zu x %zu items", a->size1, a->size2);
    for (size_t i = 0; i < s.p; i++) {
        s.total += gsl_matrix_get(a, i, i);
        for (size_t j = 0; j < s.p; j++) {
            if (!isfinite(gsl_matrix_get(a, i, j)))
                return vmap_error_set(err, VMAP_EDATA, "covariance %zu, %zu is not a finite number",
                                      i + 1, j + 1);
        }
    }
    if (!(s.total > 0))
        return vmap_error_set(err, VMAP_EDATA, "all respondents answer alike: no variance");
    l = gsl_vector_calloc(s.p);
    status = l ? numeric_eigenvalues(a, l, err) : VMAP_ENOMEM;
    if (!status) {
        put_spectrum(l, &s);
        *spectrum = s;
    }
    gsl_vector_free(l);
    return status;
}

/* ---- against people's neighbourhoods ---- */

/* Points of one side tell their neighbourhoods, those of the other side look where they are. */
typedef struct {
    const gsl_matrix *own, *other;
    size_t k;
    double *scratch; /* own x k: the smallest squared distances so far, ascending */
    size_t *found;   /* own: others in the neighbourhood */
    size_t *inside;  /* own x words: a bit for each of the others */
    size_t words;
} balls;

static double squared(const gsl_matrix *a, size_t i, const gsl_matrix *b, size_t j)
{
    double sum = 0;

    for (size_t c = 0; c < a->size2; c++) {
        double d = a->data[i * a->tda + c] - b->data[j * b->tda + c];

        sum += d * d;
    }
    return sum;
}

/* Squared distance of a point to its k-th nearest neighbour on its own side. */
static double radius(const balls *b, size_t i)
{
    double *least = b->scratch + i * b->k;
    size_t kept = 0;

    for (size_t j = 0; j < b->own->size1; j++) {
        double d = j == i ? INFINITY : squared(b->own, i, b->own, j);
        size_t at;

        if (j == i || (kept == b->k && d >= least[kept - 1]))
            continue;
        for (at = kept < b->k ? kept++ : kept - 1; at > 0 && least[at - 1] > d; at--)
            least[at] = least[at - 1];
        least[at] = d;
    }
    return least[kept - 1];
}

static void look_around(void *context, size_t i)
{
    const balls *b = context;
    /* distances that only rounding sets apart are the same */
    double reach = radius(b, i) * (1 + 1e-12);
    enum { BITS = 8 * sizeof(size_t) };

    for (size_t j = 0; j < b->other->size1; j++) {
        if (squared(b->own, i, b->other, j) <= reach) {
            b->found[i]++;
            b->inside[i * b->words + j / BITS] |= (size_t)1 << j % BITS;
        }
    }
}

/* Of one side's neighbourhoods, weighted: share that hold another (`covered`); memberships of an average other one;
 * share of the others that are in any. */
typedef struct {
    double covered, members, caught;
} counts;

static double weight_of(const double *weights, size_t i)
{
    return weights ? weights[i] : 1;
}

static double sum_of(const double *weights, size_t n)
{
    double sum = 0;

    for (size_t i = 0; i < n; i++)
        sum += weight_of(weights, i);
    return sum;
}

/* Memberships of other j, each neighbourhood as much as its middle weighs. */
static double memberships(const balls *b, const double *weights, size_t j)
{
    enum { BITS = 8 * sizeof(size_t) };
    double sum = 0;

    for (size_t i = 0; i < b->own->size1; i++)
        sum += b->inside[i * b->words + j / BITS] >> j % BITS & 1 ? weight_of(weights, i) : 0;
    return sum;
}

static vmap_status count_balls(const gsl_matrix *own, const gsl_matrix *other, const double *own_weights,
                               const double *other_weights, size_t k, unsigned threads, counts *c, vmap_error *err)
{
    enum { BITS = 8 * sizeof(size_t) };
    size_t n = own->size1, words = other->size1 / BITS + 1;
    balls b = {own, other, k, memory_new(n * k, sizeof(double), err), memory_new(n, sizeof(size_t), err),
               memory_new(n * words, sizeof(size_t), err), words};
    vmap_status status = b.scratch && b.found && b.inside ? VMAP_SUCCESS : VMAP_ENOMEM;

    double own_total = sum_of(own_weights, n), other_total = sum_of(other_weights, other->size1);

    *c = (counts){0, 0, 0};
    if (!status)
        parallel_for(n, threads, look_around, &b);
    for (size_t i = 0; !status && i < n; i++)
        c->covered += b.found[i] > 0 ? weight_of(own_weights, i) : 0;
    for (size_t j = 0; !status && j < other->size1; j++) {
        double w = weight_of(other_weights, j), in = memberships(&b, own_weights, j);

        c->members += w * in;
        c->caught += in > 0 ? w : 0;
    }
    c->covered /= own_total;
    c->members *= (double)n / own_total / other_total;
    c->caught /= other_total;
    free(b.scratch);
    free(b.found);
    free(b.inside);
    return status;
}

static vmap_status check_points(const gsl_matrix *x, const char *whose, vmap_error *err)
{
    for (size_t i = 0; i < x->size1; i++) {
        for (size_t j = 0; j < x->size2; j++) {
            if (!isfinite(gsl_matrix_get(x, i, j)))
                return vmap_error_set(err, VMAP_EDATA, "row %zu, column %zu of %s is not a finite number",
                                      i + 1, j + 1, whose);
        }
    }
    return VMAP_SUCCESS;
}

vmap_status vmap_collapse_coverage(const gsl_matrix *people, const gsl_matrix *personas, const double *people_weights,
                                   const double *persona_weights, size_t k, unsigned threads,
                                   vmap_coverage *coverage, vmap_error *err)
{
    vmap_coverage r = {.k = k, .people = people->size1, .personas = personas->size1};
    double n = (double)r.people, m = (double)r.personas, none = 1;
    counts c;
    vmap_status status;

    if (people->size2 != personas->size2)
        return vmap_error_set(err, VMAP_EINVAL, "%zu items of people, %zu of personas", people->size2,
                              personas->size2);
    if (k < 1 || k >= r.people)
        return vmap_error_set(err, VMAP_EINVAL, "%zu neighbours of %zu people; 1 to %zu are possible", k,
                              r.people, r.people - 1);
    status = check_points(people, "people", err);
    if (!status)
        status = check_points(personas, "personas", err);
    if (!status)
        status = check_weights(people_weights, people->size1, false, err);
    if (!status)
        status = check_weights(persona_weights, personas->size1, false, err);
    if (!status)
        status = count_balls(people, personas, people_weights, persona_weights, k, threads, &c, err);
    if (status)
        return status;
    r.coverage = c.covered;
    r.density = c.members / (double)k;
    r.precision = c.caught;
    for (size_t i = 1; i <= k; i++)
        none *= (n - (double)i) / (n + m - (double)i);
    r.expected = 1 - none;
    r.recall = NAN;
    if (r.personas > k)
        status = count_balls(personas, people, persona_weights, people_weights, k, threads, &c, err);
    if (r.personas > k && !status)
        r.recall = c.caught;
    if (!status)
        *coverage = r;
    return status;
}
