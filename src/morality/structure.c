#include <config.h>
#include "valuemap/morality_structure.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_cdf.h>

#include "core/buffer.h"
#include "core/memory.h"
#include "valuemap/factor_bootstrap.h"
#include "valuemap/factor_extract.h"

/* Fewest sheets behind a pair of items: at least so many, and twice as many as there are items. */
enum { PAIR_LEAST = 50, PAIR_TIMES = 2, NAMED = 8 };

void vmap_structure_defaults(vmap_structure_options *options)
{
    *options = (vmap_structure_options){.retention = true, .sets = 200, .permutations = 999, .seed = 20230217};
}

static void free_turn(vmap_structure_turn *t)
{
    gsl_matrix_free(t->pattern);
    gsl_matrix_free(t->phi);
    gsl_vector_free(t->congruence);
    gsl_vector_free(t->own_share);
    free(t->largest);
}

void vmap_structure_free(vmap_structure *s)
{
    if (!s)
        return;
    free_turn(&s->target);
    free_turn(&s->free);
    vmap_congruence_free(s->rigid);
    vmap_factor_analysis_free(s->analysis);
    gsl_matrix_free(s->key);
    free(s->item);
    free(s->own);
    free(s->replicate);
    free(s);
}

/* ---- what is analysed ---- */

static vmap_status alloc_turn(vmap_structure_turn *t, size_t p, size_t k, vmap_error *err)
{
    t->pattern = memory_matrix(p, k, err);
    t->phi = memory_matrix(k, k, err);
    t->congruence = gsl_vector_calloc(k);
    t->own_share = gsl_vector_calloc(k);
    t->largest = memory_new(p, sizeof *t->largest, err);
    if (t->pattern && t->phi && t->congruence && t->own_share && t->largest)
        return VMAP_SUCCESS;
    return vmap_error_set(err, VMAP_ENOMEM, "no memory for a rotation of %zu items", p);
}

/* The items that some scale has, scale after scale, each once. */
static vmap_status list_items(const vmap_questionnaire *q, vmap_structure *s, vmap_error *err)
{
    size_t *at = memory_new((size_t)q->items, sizeof *at, err); /* place of an item, from 1; 0: none yet */
    vmap_status status = VMAP_SUCCESS;

    s->k = q->foundations_count;
    s->item = memory_new((size_t)q->items, sizeof *s->item, err);
    s->own = memory_new((size_t)q->items, sizeof *s->own, err);
    if (!at || !s->item || !s->own)
        status = VMAP_ENOMEM;
    for (unsigned f = 0; !status && f < q->foundations_count; f++) {
        for (unsigned i = 0; i < q->foundations[f].items_count; i++) {
            size_t item = (size_t)q->foundations[f].items[i] - 1;

            if (at[item])
                continue;
            s->item[s->p] = item;
            s->own[s->p] = f;
            at[item] = ++s->p;
        }
    }
    if (!status && !(s->key = memory_matrix(s->p, s->k, err)))
        status = VMAP_ENOMEM;
    for (unsigned f = 0; !status && f < q->foundations_count; f++) {
        for (unsigned i = 0; i < q->foundations[f].items_count; i++)
            gsl_matrix_set(s->key, at[q->foundations[f].items[i] - 1] - 1, f, 1);
    }
    free(at);
    return status;
}

/* Answers of the sheets that count, n x p, with their weights and groups. */
typedef struct {
    double *values, *weights; /* weights NULL: none */
    size_t *group;            /* NULL: not centred */
    size_t *stratum;          /* NULL: one */
    size_t n;
} sheet_data;

static void free_data(sheet_data *d)
{
    free(d->values);
    free(d->weights);
    free(d->group);
    free(d->stratum);
}

static vmap_status take_data(const vmap_structure *s, const vmap_answers *a, const vmap_scores *scores, const size_t *rows,
                             size_t n, const vmap_structure_options *o, sheet_data *d, vmap_error *err)
{
    d->values = memory_new(n * s->p, sizeof *d->values, err);
    d->weights = a->weights ? memory_new(n, sizeof *d->weights, err) : NULL;
    d->group = o->centre ? memory_new(n, sizeof *d->group, err) : NULL;
    d->stratum = o->stratum ? memory_new(n, sizeof *d->stratum, err) : NULL;
    if (!d->values || (a->weights && !d->weights) || (o->centre && !d->group) || (o->stratum && !d->stratum))
        return VMAP_ENOMEM;
    for (size_t i = 0; i < n; i++) {
        if (!scores->used_sheet[rows[i]] || (a->weights && !(a->weights[rows[i]] > 0)))
            continue;
        for (size_t j = 0; j < s->p; j++)
            d->values[d->n * s->p + j] = scores->item[rows[i] * scores->p + s->item[j]];
        if (d->weights)
            d->weights[d->n] = a->weights[rows[i]];
        if (d->group)
            d->group[d->n] = o->centre[i];
        if (d->stratum)
            d->stratum[d->n] = o->stratum[i];
        d->n++;
    }
    return VMAP_SUCCESS;
}

/* Take the mean of its group from every answer. */
static vmap_status centre(sheet_data *d, size_t p, size_t groups, vmap_error *err)
{
    double *sum = memory_new(groups, sizeof *sum, err), *weight = memory_new(groups, sizeof *weight, err);
    vmap_status status = sum && weight ? VMAP_SUCCESS : VMAP_ENOMEM;

    for (size_t j = 0; !status && j < p; j++) {
        memset(sum, 0, groups * sizeof *sum);
        memset(weight, 0, groups * sizeof *weight);
        for (size_t i = 0; i < d->n; i++) {
            double x = d->values[i * p + j], w = d->weights ? d->weights[i] : 1;

            if (!isnan(x) && d->group[i] < groups) {
                sum[d->group[i]] += w * x;
                weight[d->group[i]] += w;
            }
        }
        for (size_t i = 0; i < d->n; i++)
            d->values[i * p + j] -= d->group[i] < groups ? sum[d->group[i]] / weight[d->group[i]] : NAN;
    }
    free(sum);
    free(weight);
    return status;
}

/* ---- refusals ---- */

/* Does the item vary? Centred answers that are all alike may differ by rounding. */
static bool varies(const sheet_data *d, size_t p, size_t j)
{
    double low = INFINITY, high = -INFINITY;

    for (size_t i = 0; i < d->n; i++) {
        low = fmin(low, d->values[i * p + j]); /* passes over NaN */
        high = fmax(high, d->values[i * p + j]);
    }
    return high - low > 1e-9;
}

static vmap_status refuse_constants(const vmap_structure *s, const vmap_answers *a, const sheet_data *d, vmap_error *err)
{
    buffer named = {0};
    size_t count = 0;

    for (size_t j = 0; j < s->p; j++) {
        if (!varies(d, s->p, j) && count++ < NAMED)
            buffer_format(&named, "%s%s", count > 1 ? ", " : "", a->items[s->item[j]]);
    }
    if (count)
        vmap_error_set(err, VMAP_EDATA, "%zu of %zu items have the same answer on all %zu sheets%s or none: %s%s", count, s->p,
                       d->n, d->group ? " of each group" : "", named.text ? named.text : "", count > NAMED ? " ..." : "");
    buffer_free(&named);
    return count ? VMAP_EDATA : VMAP_SUCCESS;
}

static vmap_status refuse_few(vmap_structure *s, const vmap_answers *a, const sheet_data *d, vmap_error *err)
{
    size_t least = s->p * PAIR_TIMES > PAIR_LEAST ? s->p * PAIR_TIMES : PAIR_LEAST, pair[2] = {0, 0};

    s->least_pair = SIZE_MAX;
    for (size_t j = 0; j < s->p; j++) {
        for (size_t k = 0; k < j; k++) {
            size_t both = 0;

            for (size_t i = 0; i < d->n; i++)
                both += !isnan(d->values[i * s->p + j]) && !isnan(d->values[i * s->p + k]);
            if (both < s->least_pair) {
                s->least_pair = both;
                pair[0] = k;
                pair[1] = j;
            }
        }
    }
    if (s->least_pair >= least)
        return VMAP_SUCCESS;
    return vmap_error_set(err, VMAP_EDATA, "%zu of %zu sheets have answers to both %s and %s; a factor analysis of %zu items "
                          "needs %zu for every pair", s->least_pair, d->n, a->items[s->item[pair[0]]],
                          a->items[s->item[pair[1]]], s->p, least);
}

static vmap_status refuse(const vmap_questionnaire *q, vmap_structure *s, const vmap_answers *a, const sheet_data *d,
                          vmap_error *err)
{
    vmap_status status;

    if (s->k < 2)
        return vmap_error_set(err, VMAP_EINVAL, "questionnaire %s has %zu scale; a structure needs two", q->name, s->k);
    if (s->k > vmap_factor_most(s->p))
        return vmap_error_set(err, VMAP_EDATA, "%zu factors of %zu items have more parameters than there are correlations",
                              s->k, s->p);
    status = refuse_few(s, a, d, err);
    return status ? status : refuse_constants(s, a, d, err);
}

/* ---- rotations ---- */

/* Tucker's phi of each column with the key's, and which items load highest on a scale of theirs. */
static vmap_status judge(const vmap_structure *s, vmap_structure_turn *t, vmap_error *err)
{
    gsl_matrix *phi = memory_matrix(s->k, s->k, err);
    double *items = memory_new(s->k, sizeof *items, err);
    vmap_status status = phi && items ? vmap_congruence_find(s->key, t->pattern, phi, err) : VMAP_ENOMEM;

    gsl_vector_set_zero(t->own_share);
    for (size_t j = 0; !status && j < s->p; j++) {
        double most = -1;
        bool hit;

        for (size_t f = 0; f < s->k; f++) {
            double size = fabs(gsl_matrix_get(t->pattern, j, f));

            if (size > most) {
                most = size;
                t->largest[j] = f;
            }
        }
        hit = gsl_matrix_get(s->key, j, t->largest[j]) > 0 && gsl_matrix_get(t->pattern, j, t->largest[j]) > 0;
        t->share += (double)hit / (double)s->p;
        items[s->own[j]]++;
        *gsl_vector_ptr(t->own_share, s->own[j]) += hit;
    }
    for (size_t f = 0; !status && f < s->k; f++) {
        gsl_vector_set(t->congruence, f, gsl_matrix_get(phi, f, f));
        *gsl_vector_ptr(t->own_share, f) /= items[f]; /* NaN for a scale whose items all come earlier */
    }
    free(items);
    gsl_matrix_free(phi);
    return status;
}

/* Column j of the result is sign[j] times column order[j]; phi goes along. */
static void arrange(vmap_structure_turn *t, const gsl_matrix *pattern, const gsl_matrix *phi, const size_t *order,
                    const int *sign)
{
    for (size_t j = 0; j < t->phi->size1; j++) {
        for (size_t i = 0; i < t->pattern->size1; i++)
            gsl_matrix_set(t->pattern, i, j, sign[j] * gsl_matrix_get(pattern, i, order[j]));
        for (size_t i = 0; i < t->phi->size1; i++)
            gsl_matrix_set(t->phi, i, j, sign[i] * sign[j] * gsl_matrix_get(phi, order[i], order[j]));
    }
}

/* Rotate the unrotated factors; columns are matched with the key's, or, with a target, keep their places and get the
 * sign that makes the sum of their own items positive. */
static vmap_status turn(const vmap_structure *s, const vmap_structure_options *o, const gsl_matrix *target,
                        vmap_structure_turn *t, vmap_error *err)
{
    const gsl_matrix *loadings = s->analysis->solution->unrotated;
    gsl_matrix *pattern = memory_matrix(s->p, s->k, err), *rotation = memory_matrix(s->k, s->k, err),
               *phi = memory_matrix(s->k, s->k, err);
    size_t *order = memory_new(s->k, sizeof *order, err);
    int *sign = memory_new(s->k, sizeof *sign, err);
    vmap_rotate_options r;
    vmap_rotate_info info;
    vmap_status status = pattern && rotation && phi && order && sign ? alloc_turn(t, s->p, s->k, err) : VMAP_ENOMEM;

    vmap_rotate_defaults(&r);
    r.method = target ? VMAP_ROTATE_TARGET : VMAP_ROTATE_OBLIMIN;
    r.target = target;
    r.seed = o->seed;
    r.threads = o->threads;
    if (!status)
        status = vmap_factor_rotate(loadings, &r, pattern, rotation, phi, &info, err);
    if (!status && !target)
        status = vmap_congruence_match(s->key, pattern, order, sign, err);
    for (size_t f = 0; !status && target && f < s->k; f++) {
        double sum = 0;

        for (size_t j = 0; j < s->p; j++)
            sum += gsl_matrix_get(s->key, j, f) * gsl_matrix_get(pattern, j, f);
        order[f] = f;
        sign[f] = sum < 0 ? -1 : 1;
    }
    if (!status) {
        t->converged = info.converged;
        arrange(t, pattern, phi, order, sign);
        status = judge(s, t, err);
    }
    gsl_matrix_free(pattern);
    gsl_matrix_free(rotation);
    gsl_matrix_free(phi);
    free(order);
    free(sign);
    return status;
}

/* Items of other scales 0, own ones free. */
static gsl_matrix *partial_target(const vmap_structure *s, vmap_error *err)
{
    gsl_matrix *target = memory_matrix(s->p, s->k, err);

    for (size_t j = 0; target && j < s->p; j++) {
        for (size_t f = 0; f < s->k; f++)
            gsl_matrix_set(target, j, f, gsl_matrix_get(s->key, j, f) > 0 ? NAN : 0);
    }
    return target;
}

static vmap_congruence_options congruence_options(const vmap_structure_options *o)
{
    vmap_congruence_options c;

    vmap_congruence_defaults(&c);
    c.permutations = o->permutations;
    c.seed = o->seed;
    c.threads = o->threads;
    return c;
}

static vmap_status rotate(vmap_structure *s, const vmap_structure_options *o, vmap_error *err)
{
    const vmap_congruence_options c = congruence_options(o);
    gsl_matrix *target = partial_target(s, err);
    vmap_status status = target ? turn(s, o, target, &s->target, err) : VMAP_ENOMEM;

    if (!status)
        status = turn(s, o, NULL, &s->free, err);
    if (!status)
        status = vmap_congruence_new(s->key, s->analysis->solution->unrotated, &c, &s->rigid, err);
    gsl_matrix_free(target);
    return status;
}

/* ---- replicates ---- */

/* Factors of one replicate, as those of the solution: least squares without rotation. */
static vmap_status solve_replicate(const gsl_matrix *r, const gsl_matrix *variance, const void *context, gsl_matrix *loadings,
                                   gsl_matrix *phi, vmap_error *err)
{
    vmap_extract_options o;
    vmap_factor_solution *solution = NULL;
    vmap_status status;

    (void)variance;
    (void)context;
    vmap_extract_defaults(&o);
    o.factors = loadings->size2;
    o.starts = 1;
    status = vmap_factor_extract(r, &o, &solution, err);
    if (!status) {
        gsl_matrix_memcpy(loadings, solution->unrotated);
        gsl_matrix_set_identity(phi);
    }
    vmap_factor_solution_free(solution);
    return status;
}

/* Too few replicates with a solution are no error: there is no interval then. */
static vmap_status replicate(vmap_structure *s, const sheet_data *d, const vmap_structure_options *o, vmap_error *err)
{
    vmap_factor_resample_options r;
    vmap_factor_bootstrap *b = NULL;
    vmap_status status;

    if (!o->replicates)
        return VMAP_SUCCESS;
    vmap_factor_resample_defaults(&r);
    r.replicates = o->replicates;
    r.seed = o->seed;
    r.threads = o->threads;
    r.solve = solve_replicate;
    status = vmap_factor_bootstrap_new(d->values, d->n, s->p, d->weights, d->stratum, d->stratum ? o->strata : 0, s->k, &r, &b,
                                       NULL);
    if (!status) {
        s->replicate = b->replicate;
        s->usable = b->usable;
        b->replicate = NULL;
    }
    vmap_factor_bootstrap_free(b);
    return status == VMAP_ENOMEM ? vmap_error_set(err, status, "no memory for %zu replicates", o->replicates) : VMAP_SUCCESS;
}

/* The first `count` replicates, each turned rigidly to the key; NULL without memory. */
static double *turn_replicates(const vmap_structure *s, size_t count, vmap_error *err)
{
    size_t size = s->p * s->k;
    double *turned = memory_new(count * size, sizeof *turned, err);
    vmap_status status = turned ? VMAP_SUCCESS : VMAP_ENOMEM;

    for (size_t r = 0; !status && r < count; r++) {
        gsl_matrix_const_view own = gsl_matrix_const_view_array(s->replicate + r * size, s->p, s->k);
        gsl_matrix_view to = gsl_matrix_view_array(turned + r * size, s->p, s->k);

        status = vmap_congruence_align(s->key, &own.matrix, VMAP_ALIGN_ORTHOGONAL, &to.matrix, NULL, NULL, err);
    }
    if (status) {
        free(turned);
        turned = NULL;
    }
    return turned;
}

vmap_status vmap_structure_interval(const vmap_structure *a, const vmap_structure *b, double level, double *low, double *high,
                                    vmap_error *err)
{
    size_t count = a && a->usable < b->usable ? a->usable : b->usable;
    double *turned = NULL;
    vmap_status status;

    if (a && (a->p != b->p || a->k != b->k))
        return vmap_error_set(err, VMAP_EINVAL, "structures of %zu items in %zu factors and of %zu in %zu", a->p, a->k, b->p,
                              b->k);
    if (a && count) {
        turned = turn_replicates(a, count, err);
        if (!turned)
            return VMAP_ENOMEM;
    }
    status = vmap_congruence_interval(a ? a->rigid->aligned : b->key, b->analysis->solution->unrotated, turned, b->replicate,
                                      count, VMAP_ALIGN_ORTHOGONAL, level, low, high, err);
    free(turned);
    return status;
}

/* ---- all of it ---- */

static vmap_status analyse(vmap_structure *s, const sheet_data *d, const vmap_structure_options *o, vmap_error *err)
{
    const vmap_factor_data data = {.p = s->p, .values = d->values, .n = d->n, .weights = d->weights, .respondents = NAN};
    vmap_factor_options f;
    vmap_status status;

    vmap_factor_options_defaults(&f);
    f.factors = s->k;
    f.parallel.sets = o->sets;
    f.parallel.seed = f.extract.seed = o->seed;
    f.parallel.threads = f.association.threads = o->threads;
    f.rotate.method = VMAP_ROTATE_NONE;
    status = vmap_factor_analysis_new(&data, &f, &s->analysis, err);
    if (!status && o->retention)
        status = vmap_factor_analysis_retain(s->analysis, &data, &f, err);
    return status ? status : vmap_factor_analysis_solve(s->analysis, &f, err);
}

vmap_status vmap_structure_new(const vmap_questionnaire *q, const vmap_answers *a, const vmap_scores *scores,
                               const size_t *rows, size_t n, const vmap_structure_options *options,
                               vmap_structure **structure, vmap_error *err)
{
    vmap_structure_options defaults;
    vmap_structure *s = memory_new(1, sizeof *s, err);
    sheet_data d = {0};
    vmap_status status = s ? list_items(q, s, err) : VMAP_ENOMEM;

    vmap_structure_defaults(&defaults);
    options = options ? options : &defaults;
    if (!status)
        status = take_data(s, a, scores, rows, n, options, &d, err);
    if (!status && d.group)
        status = centre(&d, s->p, options->groups, err);
    if (!status) {
        s->n = d.n;
        status = refuse(q, s, a, &d, err);
    }
    if (!status)
        status = analyse(s, &d, options, err);
    if (!status)
        status = rotate(s, options, err);
    if (!status)
        status = replicate(s, &d, options, err);
    free_data(&d);
    if (status)
        vmap_structure_free(s);
    else
        *structure = s;
    return status;
}

vmap_status vmap_structure_compare(const vmap_structure *a, const vmap_structure *b,
                                   const vmap_structure_options *options, vmap_congruence **result, vmap_error *err)
{
    vmap_structure_options defaults;
    vmap_congruence_options c;

    vmap_structure_defaults(&defaults);
    c = congruence_options(options ? options : &defaults);
    if (a->p != b->p || a->k != b->k)
        return vmap_error_set(err, VMAP_EINVAL, "structures of %zu items in %zu factors and of %zu in %zu", a->p, a->k, b->p,
                              b->k);
    return vmap_congruence_new(a->rigid->aligned, b->analysis->solution->unrotated, &c, result, err);
}
