#include <config.h>
#include "valuemap/resample.h"

#include <math.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>

#include "core/memory.h"
#include "core/parallel.h"
#include "resample/resample_sums.h"
#include "valuemap/congruence.h"
#include "valuemap/factor.h"
#include "valuemap/rng.h"

enum { AXES = 16 }; /* of a map at most */

typedef struct {
    const vmap_space *space;
    resample_rows rows;
    size_t p, k, groups;
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

/* ---- the fit of one replicate ---- */

/* The replicate's solution and what it is compared with. */
typedef struct {
    gsl_matrix *r, *unrotated, *loadings, *rotation, *weights, *phi;
    gsl_vector *values, *mean, *sd;
} solution;

static void free_solution(solution *s)
{
    gsl_matrix_free(s->r);
    gsl_matrix_free(s->unrotated);
    gsl_matrix_free(s->loadings);
    gsl_matrix_free(s->rotation);
    gsl_matrix_free(s->weights);
    gsl_matrix_free(s->phi);
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
    s->phi = memory_matrix(j->k, j->k, NULL);
    s->values = gsl_vector_alloc(j->p);
    s->mean = gsl_vector_alloc(j->p);
    s->sd = gsl_vector_alloc(j->p);
    return s->r && s->unrotated && s->loadings && s->rotation && s->weights && s->phi &&
           s->values && s->mean && s->sd;
}

/* Bring the replicate's axes into the fit's order and direction, and tell how alike they are. */
static bool match_axes(const job *j, solution *s, double *alike)
{
    size_t order[AXES];
    int sign[AXES];

    if (vmap_congruence_match(j->space->loadings, s->loadings, order, sign, NULL))
        return false;
    vmap_factor_arrange(s->loadings, s->rotation, order, sign);
    if (vmap_congruence_find(j->space->loadings, s->loadings, s->phi, NULL))
        return false;
    for (size_t a = 0; a < j->k; a++)
        alike[a] = gsl_matrix_get(s->phi, a, a);
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

static void solve_replicate(job *j, size_t replicate, size_t b, resample_room *m, solution *s)
{
    double *loadings = j->loadings + replicate * j->p * j->k;

    if (!resample_moments(&j->rows, m, b, s->r, s->mean, s->sd) ||
        vmap_factor_components(s->r, s->values, s->unrotated, NULL) ||
        vmap_factor_varimax(s->unrotated, true, s->loadings, s->rotation, NULL, NULL) ||
        !match_axes(j, s, j->congruence + replicate * j->k) ||
        vmap_factor_component_weights(s->r, s->loadings, s->weights, NULL))
        return;
    for (size_t i = 0; i < j->p * j->k; i++)
        loadings[i] = gsl_matrix_get(s->loadings, i / j->k, i % j->k);
    place_groups(j, m->group + b * (j->groups + 1) * (1 + j->p), s,
                 j->positions + replicate * j->groups * j->k);
    j->usable[replicate] = true;
}

static void run_batch(void *context, size_t index)
{
    job *j = context;
    size_t first = index * RESAMPLE_BATCH, left = j->options->replicates - first;
    size_t batch = left < RESAMPLE_BATCH ? left : RESAMPLE_BATCH;
    resample_room m = {0};
    solution s = {0};

    if (resample_room_alloc(&j->rows, &m) && alloc_solution(j, &s)) {
        resample_draw(&j->rows, j->options->seed, first, batch, &m);
        resample_sum(&j->rows, batch, &m);
        for (size_t b = 0; b < batch; b++)
            solve_replicate(j, first + b, b, &m, &s);
    } else {
        j->failed = 1;
    }
    resample_room_free(&m);
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
    for (size_t i = 0; i < j->rows.runs_count; i++) {
        if (resample_is_complete(j->rows.observed + j->rows.runs[i].pattern * j->p, j->p))
            complete[j->rows.runs[i].group] += j->rows.runs[i].to - j->rows.runs[i].from;
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
    resample_rows_clear(&j->rows);
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
    job j = {.space = space, .p = space->p, .k = space->k, .groups = groups, .options = options};
    vmap_map_bootstrap *b = NULL;
    vmap_status status;

    if (!space->loadings || space->k > AXES)
        return vmap_error_set(err, VMAP_EINVAL, "only a space with 1..16 fitted axes has a bootstrap");
    if (options->replicates < 2)
        return vmap_error_set(err, VMAP_EINVAL, "%zu bootstrap replicates; at least 2",
                              options->replicates);
    status = resample_rows_new(values, n, j.p, weights, group, groups, space->mean->data,
                               options->missing, &j.rows, err);
    if (!status)
        status = alloc_slots(&j, err);
    if (!status && !(b = alloc_result(&j, err)))
        status = VMAP_ENOMEM;
    if (!status) {
        parallel_for((options->replicates + RESAMPLE_BATCH - 1) / RESAMPLE_BATCH, options->threads, run_batch, &j);
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
