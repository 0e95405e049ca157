#include <config.h>
#include "valuemap/resample.h"

#include <math.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>

#include <gsl/gsl_blas.h>

#include "core/memory.h"
#include "core/parallel.h"
#include "valuemap/factor.h"
#include "valuemap/rng.h"

enum {
    BATCH = 64,  /* replicates that share one matrix product */
    ROWS = 1024, /* rows of one product */
};

/* Respondents in the order of the products: runs of one pattern of observed items each; the complete
 * ones first, divided further by group. */
typedef struct {
    size_t from, to;  /* places in the order */
    size_t pattern;   /* row of `observed` that says which items are there */
    size_t group;     /* of a complete run; `groups` else */
} run;

typedef struct {
    const vmap_space *space;
    const double *weights;
    size_t n, p, k, groups, columns;
    double *x;          /* n x p centred answers in the order of the products, 0 where missing */
    double *w;          /* n */
    bool *observed;     /* n x p in the order of the products; a run's first row is its pattern */
    run *runs;
    size_t runs_count;
    size_t *stratum;    /* places in the order, stratum after stratum */
    size_t *stratum_start;
    size_t strata;
    const vmap_map_options *options;
    /* per replicate, in its own slot: */
    double *loadings;   /* replicates x p x k */
    double *positions;  /* replicates x groups x k */
    double *congruence; /* replicates x k */
    bool *usable;       /* replicates */
    atomic_int failed;
} job;

void vmap_map_defaults(vmap_map_options *options)
{
    *options = (vmap_map_options){.replicates = 1000, .seed = 20230217};
}

/* ---- order of the rows ---- */

typedef struct {
    const double *values, *weights;
    const size_t *group;
    size_t p;
    vmap_missing_rule rule;
} sort_key;

static int compare(double a, double b)
{
    if (isnan(a) || isnan(b))
        return isnan(a) - isnan(b);
    return (a > b) - (a < b);
}

/* 0 for complete answers, else 1; then the pattern itself. */
static int compare_patterns(const double *a, const double *b, size_t p)
{
    int missing_a = 0, missing_b = 0, order = 0;

    for (size_t i = 0; i < p; i++) {
        missing_a += isnan(a[i]) != 0;
        missing_b += isnan(b[i]) != 0;
        if (order == 0)
            order = (isnan(a[i]) != 0) - (isnan(b[i]) != 0);
    }
    return missing_a != missing_b ? (missing_a > missing_b) - (missing_a < missing_b) : order;
}

static int compare_rows(const void *pa, const void *pb, void *data)
{
    const sort_key *s = data;
    size_t a = *(const size_t *)pa, b = *(const size_t *)pb;
    const double *xa = s->values + a * s->p, *xb = s->values + b * s->p;
    int order = compare_patterns(xa, xb, s->p);

    if (order == 0)
        order = (s->group[a] > s->group[b]) - (s->group[a] < s->group[b]);
    for (size_t i = 0; order == 0 && i < s->p; i++)
        order = compare(xa[i], xb[i]);
    if (order == 0 && s->weights)
        order = compare(s->weights[a], s->weights[b]);
    return order;
}

/* Rows that count, sorted; returns how many. */
static size_t sort_rows(const sort_key *s, size_t n, size_t *row)
{
    size_t count = 0;

    for (size_t r = 0; r < n; r++) {
        size_t answered = 0;

        for (size_t i = 0; i < s->p; i++)
            answered += !isnan(s->values[r * s->p + i]);
        if (answered >= (s->rule == VMAP_LISTWISE ? s->p : 1) && (!s->weights || s->weights[r] > 0))
            row[count++] = r;
    }
    qsort_r(row, count, sizeof *row, compare_rows, (void *)(uintptr_t)s);
    return count;
}

static bool is_complete(const bool *observed, size_t p)
{
    for (size_t i = 0; i < p; i++) {
        if (!observed[i])
            return false;
    }
    return true;
}

static vmap_status find_runs(job *j, const sort_key *s, const size_t *row, vmap_error *err)
{
    size_t room = 0;

    for (size_t r = 0; r < j->n; r++) {
        const bool *now = j->observed + r * j->p;
        bool complete = is_complete(now, j->p);
        bool same = r > 0 && memcmp(now, now - j->p, j->p) == 0 &&
                    (!complete || s->group[row[r]] == s->group[row[r - 1]]);

        if (!same) {
            vmap_status status = memory_grow(&j->runs, &room, j->runs_count + 1, sizeof(run), err);

            if (status)
                return status;
            j->runs[j->runs_count++] =
                (run){.from = r, .pattern = r, .group = complete ? s->group[row[r]] : j->groups};
        }
        j->runs[j->runs_count - 1].to = r + 1;
    }
    return VMAP_SUCCESS;
}

static void find_strata(job *j, const sort_key *s, const size_t *row)
{
    j->strata = j->groups + 1;
    for (size_t r = 0; r < j->n; r++)
        j->stratum_start[s->group[row[r]] + 1]++;
    for (size_t g = 0; g < j->strata; g++)
        j->stratum_start[g + 1] += j->stratum_start[g];
    for (size_t r = 0; r < j->n; r++)
        j->stratum[j->stratum_start[s->group[row[r]]]++] = r;
    for (size_t g = j->strata; g > 0; g--)
        j->stratum_start[g] = j->stratum_start[g - 1];
    j->stratum_start[0] = 0;
}

static vmap_status arrange(job *j, const sort_key *s, size_t n, vmap_error *err)
{
    size_t *row = memory_new(n, sizeof *row, err);
    vmap_status status = VMAP_ENOMEM;

    if (!row)
        return VMAP_ENOMEM;
    j->n = sort_rows(s, n, row);
    j->x = memory_new(j->n * j->p, sizeof *j->x, err);
    j->w = memory_new(j->n, sizeof *j->w, err);
    j->observed = memory_new(j->n * j->p, sizeof *j->observed, err);
    j->stratum = memory_new(j->n, sizeof *j->stratum, err);
    j->stratum_start = memory_new(j->groups + 2, sizeof *j->stratum_start, err);
    if (j->x && j->w && j->observed && j->stratum && j->stratum_start) {
        for (size_t r = 0; r < j->n; r++) {
            j->w[r] = s->weights ? s->weights[row[r]] : 1;
            for (size_t i = 0; i < j->p; i++) {
                double x = s->values[row[r] * j->p + i];

                j->observed[r * j->p + i] = !isnan(x);
                j->x[r * j->p + i] = isnan(x) ? 0 : x - gsl_vector_get(j->space->mean, i);
            }
        }
        find_strata(j, s, row);
        status = find_runs(j, s, row, err);
    }
    free(row);
    return status;
}

/* ---- sums of one batch ---- */

/* Weighted sums of a pattern in one row: w, w x_i, w x_i x_j for j <= i. */
static size_t sum_columns(size_t p)
{
    return 1 + p + p * (p + 1) / 2;
}

static void fill_design(const job *j, size_t from, size_t rows, double *design)
{
    for (size_t r = 0; r < rows; r++) {
        const double *x = j->x + (from + r) * j->p;
        double w = j->w[from + r], *d = design + r * j->columns;

        *d++ = w;
        for (size_t i = 0; i < j->p; i++)
            *d++ = w * x[i];
        for (size_t i = 0; i < j->p; i++) {
            for (size_t l = 0; l <= i; l++)
                *d++ = w * x[i] * x[l];
        }
    }
}

/* Room of one thread's batch. */
typedef struct {
    uint16_t *count; /* BATCH x n: how often each replicate draws each row */
    double *factor;  /* BATCH x ROWS counts of a block */
    double *design;  /* ROWS x columns */
    double *sums;    /* BATCH x columns of one run */
    double *total;   /* BATCH x p x p x 5: see the PAIR_ constants */
    double *group;   /* BATCH x groups x (1 + p) */
} room;

/* What is summed over the respondents of a pair (i, l). */
enum { PAIR_W, PAIR_X, PAIR_XX, PAIR_XY, PAIR_SUMS };

static double *pair_sum(const job *j, double *total, size_t replicate, int what, size_t i, size_t l)
{
    return total + (((replicate * PAIR_SUMS + (size_t)what) * j->p + i) * j->p + l);
}

static void free_room(room *m)
{
    free(m->count);
    free(m->factor);
    free(m->design);
    free(m->sums);
    free(m->total);
    free(m->group);
}

static bool alloc_room(const job *j, room *m)
{
    m->count = memory_new(j->n * BATCH, sizeof *m->count, NULL);
    m->factor = memory_new((size_t)ROWS * BATCH, sizeof *m->factor, NULL);
    m->design = memory_new(ROWS * j->columns, sizeof *m->design, NULL);
    m->sums = memory_new(BATCH * j->columns, sizeof *m->sums, NULL);
    m->total = memory_new(BATCH * PAIR_SUMS * j->p * j->p, sizeof *m->total, NULL);
    m->group = memory_new(BATCH * (j->groups + 1) * (1 + j->p), sizeof *m->group, NULL);
    return m->count && m->factor && m->design && m->sums && m->total && m->group;
}

static void draw_counts(const job *j, gsl_rng *rng, size_t first, size_t batch, room *m)
{
    for (size_t b = 0; b < batch; b++) {
        uint16_t *count = m->count + b * j->n;

        vmap_rng_set(rng, j->options->seed, first + b);
        for (size_t g = 0; g < j->strata; g++) {
            const size_t *place = j->stratum + j->stratum_start[g];
            size_t n = j->stratum_start[g + 1] - j->stratum_start[g];

            if (n == 1) /* nothing to draw from: it stays */
                count[place[0]] = 1;
            for (size_t d = 1; d < n; d++)
                count[place[vmap_rng_below(rng, n)]]++;
        }
    }
}

/* sums (BATCH x columns) of one run of rows. */
static void sum_run(const job *j, const run *rows_of, room *m)
{
    gsl_matrix_view sums = gsl_matrix_view_array(m->sums, BATCH, j->columns);

    gsl_matrix_set_zero(&sums.matrix);
    for (size_t from = rows_of->from; from < rows_of->to; from += ROWS) {
        size_t rows = rows_of->to - from < ROWS ? rows_of->to - from : ROWS;
        gsl_matrix_view factor = gsl_matrix_view_array(m->factor, BATCH, rows);
        gsl_matrix_view design = gsl_matrix_view_array(m->design, rows, j->columns);

        for (size_t b = 0; b < BATCH; b++) {
            for (size_t i = 0; i < rows; i++)
                m->factor[b * rows + i] = m->count[b * j->n + from + i];
        }
        fill_design(j, from, rows, m->design);
        gsl_blas_dgemm(CblasNoTrans, CblasNoTrans, 1, &factor.matrix, &design.matrix, 1,
                       &sums.matrix);
    }
}

/* The run's respondents count for every pair of items that their pattern has. */
static void spread_run(const job *j, const run *rows_of, size_t batch, room *m)
{
    const bool *has = j->observed + rows_of->pattern * j->p;

    for (size_t b = 0; b < batch; b++) {
        const double *s = m->sums + b * j->columns, *xy = s + 1 + j->p;

        for (size_t i = 0; i < j->p; i++) {
            double xx = xy[i * (i + 1) / 2 + i];

            for (size_t l = 0; has[i] && l < j->p; l++) {
                if (!has[l])
                    continue;
                *pair_sum(j, m->total, b, PAIR_W, i, l) += s[0];
                *pair_sum(j, m->total, b, PAIR_X, i, l) += s[1 + i];
                *pair_sum(j, m->total, b, PAIR_XX, i, l) += xx;
                if (l <= i)
                    *pair_sum(j, m->total, b, PAIR_XY, i, l) += xy[i * (i + 1) / 2 + l];
            }
        }
        for (size_t i = 0; is_complete(has, j->p) && i <= j->p; i++)
            m->group[(b * (j->groups + 1) + rows_of->group) * (1 + j->p) + i] += s[i];
    }
}

/* ---- the fit of one replicate ---- */

/* The replicate's solution and what it is compared with. */
typedef struct {
    gsl_matrix *r, *unrotated, *loadings, *rotation, *weights;
    gsl_vector *values, *mean, *sd;
} solution;

static void free_solution(solution *s)
{
    gsl_matrix_free(s->r);
    gsl_matrix_free(s->unrotated);
    gsl_matrix_free(s->loadings);
    gsl_matrix_free(s->rotation);
    gsl_matrix_free(s->weights);
    gsl_vector_free(s->values);
    gsl_vector_free(s->mean);
    gsl_vector_free(s->sd);
}

static bool alloc_solution(const job *j, solution *s)
{
    s->r = memory_matrix(j->p, j->p, NULL);
    s->unrotated = memory_matrix(j->p, j->k, NULL);
    s->loadings = memory_matrix(j->p, j->k, NULL);
    s->rotation = memory_matrix(j->k, j->k, NULL);
    s->weights = memory_matrix(j->p, j->k, NULL);
    s->values = gsl_vector_alloc(j->p);
    s->mean = gsl_vector_alloc(j->p);
    s->sd = gsl_vector_alloc(j->p);
    return s->r && s->unrotated && s->loadings && s->rotation && s->weights && s->values &&
           s->mean && s->sd;
}

static bool find_moments(const job *j, double *total, size_t b, solution *s)
{
    for (size_t i = 0; i < j->p; i++) {
        for (size_t l = 0; l <= i; l++) {
            double w = *pair_sum(j, total, b, PAIR_W, i, l);
            double mi = *pair_sum(j, total, b, PAIR_X, i, l) / w;
            double ml = *pair_sum(j, total, b, PAIR_X, l, i) / w;
            double vi = *pair_sum(j, total, b, PAIR_XX, i, l) / w - mi * mi;
            double vl = *pair_sum(j, total, b, PAIR_XX, l, i) / w - ml * ml;
            double r = (*pair_sum(j, total, b, PAIR_XY, i, l) / w - mi * ml) / sqrt(vi * vl);

            if (!isfinite(r) || !(vi > 0) || !(vl > 0))
                return false;
            gsl_matrix_set(s->r, i, l, i == l ? 1 : r);
            gsl_matrix_set(s->r, l, i, i == l ? 1 : r);
            if (i == l) {
                gsl_vector_set(s->mean, i, mi);
                gsl_vector_set(s->sd, i, sqrt(vi));
            }
        }
    }
    return true;
}

static double congruence(const gsl_matrix *a, size_t i, const gsl_matrix *b, size_t j)
{
    double ab = 0, aa = 0, bb = 0;

    for (size_t q = 0; q < a->size1; q++) {
        double x = gsl_matrix_get(a, q, i), y = gsl_matrix_get(b, q, j);

        ab += x * y;
        aa += x * x;
        bb += y * y;
    }
    return aa > 0 && bb > 0 ? ab / sqrt(aa * bb) : 0;
}

/* Bring the replicate's axes into the fit's order and direction: the best pair first. */
static bool match_axes(const job *j, solution *s)
{
    size_t order[16];
    int sign[16];
    bool taken[16] = {false}, done[16] = {false};

    if (j->k > 16)
        return false;
    for (size_t step = 0; step < j->k; step++) {
        double best = -1, phi = 0;
        size_t axis = 0, component = 0;

        for (size_t a = 0; a < j->k; a++) {
            for (size_t c = 0; c < j->k; c++) {
                double here = done[a] || taken[c]
                                  ? -2
                                  : congruence(j->space->loadings, a, s->loadings, c);

                if (here > -2 && fabs(here) > best) {
                    best = fabs(here);
                    phi = here;
                    axis = a;
                    component = c;
                }
            }
        }
        done[axis] = taken[component] = true;
        order[axis] = component;
        sign[axis] = phi < 0 ? -1 : 1;
    }
    vmap_factor_arrange(s->loadings, s->rotation, order, sign);
    return true;
}

/* Mean positions of the groups' complete answers in the replicate's own map. */
static void place_groups(const job *j, const double *group, const solution *s, double *out)
{
    for (size_t g = 0; g < j->groups; g++) {
        const double *sum = group + g * (1 + j->p);

        for (size_t a = 0; a < j->k; a++) {
            double score = 0;

            for (size_t i = 0; i < j->p; i++)
                score += (sum[1 + i] / sum[0] - gsl_vector_get(s->mean, i)) /
                         gsl_vector_get(s->sd, i) * gsl_matrix_get(s->weights, i, a);
            out[g * j->k + a] = gsl_vector_get(j->space->scale, a) * score +
                                gsl_vector_get(j->space->shift, a);
        }
    }
}

static void solve_replicate(job *j, size_t replicate, size_t b, room *m, solution *s)
{
    double *loadings = j->loadings + replicate * j->p * j->k;

    if (!find_moments(j, m->total, b, s) ||
        vmap_factor_components(s->r, s->values, s->unrotated, NULL) ||
        vmap_factor_varimax(s->unrotated, true, s->loadings, s->rotation, NULL, NULL) ||
        !match_axes(j, s) ||
        vmap_factor_component_weights(s->r, s->loadings, s->weights, NULL))
        return;
    for (size_t i = 0; i < j->p * j->k; i++)
        loadings[i] = gsl_matrix_get(s->loadings, i / j->k, i % j->k);
    for (size_t a = 0; a < j->k; a++)
        j->congruence[replicate * j->k + a] = congruence(j->space->loadings, a, s->loadings, a);
    place_groups(j, m->group + b * (j->groups + 1) * (1 + j->p), s,
                 j->positions + replicate * j->groups * j->k);
    j->usable[replicate] = true;
}

static void run_batch(void *context, size_t index)
{
    job *j = context;
    size_t first = index * BATCH, left = j->options->replicates - first;
    size_t batch = left < BATCH ? left : BATCH;
    room m = {0};
    solution s = {0};
    gsl_rng *rng = vmap_rng_new(j->options->seed, 0);

    if (rng && alloc_room(j, &m) && alloc_solution(j, &s)) {
        draw_counts(j, rng, first, batch, &m);
        for (size_t i = 0; i < j->runs_count; i++) {
            sum_run(j, &j->runs[i], &m);
            spread_run(j, &j->runs[i], batch, &m);
        }
        for (size_t b = 0; b < batch; b++)
            solve_replicate(j, first + b, b, &m, &s);
    } else {
        j->failed = 1;
    }
    if (rng)
        gsl_rng_free(rng);
    free_room(&m);
    free_solution(&s);
}

/* ---- summing up ---- */

/* Standard deviation over the usable replicates of element `at` of slots of the given size. */
static double spread_of(const job *j, const double *slots, size_t size, size_t at)
{
    double mean = 0, squares = 0;
    size_t n = 0;

    for (size_t r = 0; r < j->options->replicates; r++) {
        double x = slots[r * size + at], d = x - mean;

        if (!j->usable[r])
            continue;
        mean += d / (double)++n;
        squares += d * (x - mean);
    }
    return n > 1 ? sqrt(squares / (double)(n - 1)) : NAN;
}

/* Complete answers of each group. */
static void count_complete(const job *j, size_t *complete)
{
    for (size_t i = 0; i < j->runs_count; i++) {
        if (is_complete(j->observed + j->runs[i].pattern * j->p, j->p))
            complete[j->runs[i].group] += j->runs[i].to - j->runs[i].from;
    }
}

static vmap_status sum_up(const job *j, vmap_map_bootstrap *b, vmap_error *err)
{
    size_t *complete = memory_new(j->groups + 1, sizeof *complete, err);

    if (!complete)
        return VMAP_ENOMEM;
    count_complete(j, complete);
    b->replicates = j->options->replicates;
    for (size_t r = 0; r < b->replicates; r++) {
        b->usable += j->usable[r];
        for (size_t a = 0; j->usable[r] && a < j->k; a++)
            *gsl_vector_ptr(b->congruence, a) += j->congruence[r * j->k + a];
    }
    if (b->usable)
        gsl_vector_scale(b->congruence, 1 / (double)b->usable);
    for (size_t i = 0; i < j->p * j->k; i++)
        gsl_matrix_set(b->loadings_se, i / j->k, i % j->k,
                       spread_of(j, j->loadings, j->p * j->k, i));
    for (size_t i = 0; i < j->groups * j->k; i++)
        gsl_matrix_set(b->position_se, i / j->k, i % j->k,
                       complete[i / j->k] < 2
                           ? NAN
                           : spread_of(j, j->positions, j->groups * j->k, i));
    free(complete);
    return b->usable ? VMAP_SUCCESS
                     : vmap_error_set(err, VMAP_EDATA, "none of %zu bootstrap replicates has a "
                                                       "solution",
                                      b->replicates);
}

void vmap_map_bootstrap_free(vmap_map_bootstrap *b)
{
    if (!b)
        return;
    gsl_matrix_free(b->loadings_se);
    gsl_matrix_free(b->position_se);
    gsl_vector_free(b->congruence);
    free(b);
}

static vmap_map_bootstrap *alloc_result(const job *j, vmap_error *err)
{
    vmap_map_bootstrap *b = memory_new(1, sizeof *b, err);

    if (!b)
        return NULL;
    b->loadings_se = memory_matrix(j->p, j->k, err);
    b->position_se = memory_matrix(j->groups ? j->groups : 1, j->k, err);
    b->congruence = gsl_vector_calloc(j->k);
    if (b->loadings_se && b->position_se && b->congruence)
        return b;
    vmap_map_bootstrap_free(b);
    return NULL;
}

static vmap_status alloc_slots(job *j, vmap_error *err)
{
    size_t b = j->options->replicates;

    j->loadings = memory_new(b * j->p * j->k, sizeof(double), err);
    j->positions = memory_new(b * j->groups * j->k, sizeof(double), err);
    j->congruence = memory_new(b * j->k, sizeof(double), err);
    j->usable = memory_new(b, sizeof *j->usable, err);
    return j->loadings && j->positions && j->congruence && j->usable ? VMAP_SUCCESS : VMAP_ENOMEM;
}

static void free_job(job *j)
{
    free(j->x);
    free(j->w);
    free(j->observed);
    free(j->runs);
    free(j->stratum);
    free(j->stratum_start);
    free(j->loadings);
    free(j->positions);
    free(j->congruence);
    free(j->usable);
}

vmap_status vmap_resample_map(const vmap_space *space, const double *values, size_t n,
                              const double *weights, const size_t *group, size_t groups,
                              const vmap_map_options *options, vmap_map_bootstrap **result,
                              vmap_error *err)
{
    sort_key key = {values, weights, group, space->p, options->missing};
    job j = {.space = space, .weights = weights, .p = space->p, .k = space->k, .groups = groups,
             .columns = sum_columns(space->p), .options = options};
    vmap_map_bootstrap *b = NULL;
    vmap_status status;

    if (!space->loadings || space->k > 16)
        return vmap_error_set(err, VMAP_EINVAL, "only a space with 1..16 fitted axes has a bootstrap");
    if (options->replicates < 2)
        return vmap_error_set(err, VMAP_EINVAL, "%zu bootstrap replicates; at least 2",
                              options->replicates);
    status = arrange(&j, &key, n, err);
    if (!status)
        status = alloc_slots(&j, err);
    if (!status && !(b = alloc_result(&j, err)))
        status = VMAP_ENOMEM;
    if (!status) {
        parallel_for((options->replicates + BATCH - 1) / BATCH, options->threads, run_batch, &j);
        status = j.failed ? vmap_error_set(err, VMAP_ENOMEM, "no memory for the bootstrap")
                          : sum_up(&j, b, err);
    }
    free_job(&j);
    if (status)
        vmap_map_bootstrap_free(b);
    else
        *result = b;
    return status;
}
