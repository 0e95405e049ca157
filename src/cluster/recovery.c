#include <config.h>
#include "valuemap/agreement.h"

#include <math.h>

#include <gsl/gsl_blas.h>
#include <gsl/gsl_linalg.h>

#include "core/memory.h"
#include "core/numeric.h"

/* Groups as they are learnt: sums over all units, from which one is taken off at a time. */
typedef struct {
    const gsl_matrix *x;
    size_t n, d, groups;
    size_t *group; /* n: 0 .. groups-1, `groups` for none */
    size_t *label, *size; /* groups */
    double *mean;  /* groups x d */
    gsl_matrix *within; /* d x d sum of products around the means (LDA) */
    size_t learnt; /* units with a label */
    /* of one unit: */
    gsl_matrix *chol;
    gsl_vector *diff;
    double *value; /* groups: distance, or log posterior */
} lesson;

void vmap_recovery_free(vmap_recovery *r)
{
    if (!r)
        return;
    free(r->unit);
    free(r->tested);
    free(r);
}

static void free_lesson(lesson *s)
{
    free(s->group);
    free(s->label);
    free(s->size);
    free(s->mean);
    free(s->value);
    gsl_matrix_free(s->within);
    gsl_matrix_free(s->chol);
    gsl_vector_free(s->diff);
}

static vmap_status new_lesson(const gsl_matrix *x, const size_t *label, lesson *s, vmap_error *err)
{
    *s = (lesson){.x = x, .n = x->size1, .d = x->size2};
    s->group = memory_new(s->n, sizeof *s->group, err);
    s->label = memory_new(s->n, sizeof *s->label, err);
    s->size = memory_new(s->n, sizeof *s->size, err);
    s->value = memory_new(s->n, sizeof *s->value, err);
    s->mean = memory_new(s->n, s->d * sizeof *s->mean, err);
    s->within = memory_matrix(s->d, s->d, err);
    s->chol = memory_matrix(s->d, s->d, err);
    s->diff = gsl_vector_alloc(s->d);
    if (!s->group || !s->label || !s->size || !s->value || !s->mean || !s->within || !s->chol ||
        !s->diff)
        return VMAP_ENOMEM;
    for (size_t i = 0; i < s->n; i++) {
        size_t g = 0;

        while (g < s->groups && s->label[g] != label[i])
            g++;
        if (label[i] == VMAP_CLUSTER_NONE) {
            s->group[i] = VMAP_CLUSTER_NONE;
            continue;
        }
        if (g == s->groups)
            s->label[s->groups++] = label[i];
        s->group[i] = g;
        s->size[g]++;
        s->learnt++;
    }
    return VMAP_SUCCESS;
}

static void learn(lesson *s)
{
    for (size_t i = 0; i < s->n; i++) {
        for (size_t a = 0; s->group[i] < s->groups && a < s->d; a++)
            s->mean[s->group[i] * s->d + a] +=
                gsl_matrix_get(s->x, i, a) / (double)s->size[s->group[i]];
    }
    for (size_t i = 0; i < s->n; i++) {
        if (s->group[i] >= s->groups)
            continue;
        for (size_t a = 0; a < s->d; a++)
            gsl_vector_set(s->diff, a,
                           gsl_matrix_get(s->x, i, a) - s->mean[s->group[i] * s->d + a]);
        gsl_blas_dger(1, s->diff, s->diff, s->within);
    }
}

/* Unit i minus the mean of group g learnt without unit i. */
static void difference(lesson *s, size_t i, size_t g)
{
    double n = (double)s->size[g];

    for (size_t a = 0; a < s->d; a++) {
        double from = gsl_matrix_get(s->x, i, a) - s->mean[g * s->d + a];

        gsl_vector_set(s->diff, a, g == s->group[i] ? from * n / (n - 1) : from);
    }
}

static bool can_learn(const lesson *s, size_t i, size_t g)
{
    return g != s->group[i] || s->size[g] > 1;
}

/* Distances to the means. */
static vmap_status ask_centroids(lesson *s, size_t i, vmap_error *err)
{
    (void)err;
    for (size_t g = 0; g < s->groups; g++) {
        difference(s, i, g);
        s->value[g] = can_learn(s, i, g) ? gsl_blas_dnrm2(s->diff) : INFINITY;
    }
    return VMAP_SUCCESS;
}

/* Minus the logarithms of the posterior probabilities. */
static vmap_status ask_lda(lesson *s, size_t i, vmap_error *err)
{
    double n = (double)s->size[s->group[i]], best = -INFINITY, sum = 0;
    double divisor = (double)(s->learnt - 1) - (double)s->groups;

    for (size_t a = 0; a < s->d; a++)
        gsl_vector_set(s->diff, a, gsl_matrix_get(s->x, i, a) - s->mean[s->group[i] * s->d + a]);
    gsl_matrix_memcpy(s->chol, s->within);
    gsl_blas_dger(-n / (n - 1), s->diff, s->diff, s->chol);
    for (size_t a = 0; a < s->d; a++) {
        if (!(divisor > 0) || !(gsl_matrix_get(s->chol, a, a) > 0))
            return vmap_error_set(err, VMAP_ESINGULAR,
                                  "axis %zu does not vary within the groups: no linear discriminant",
                                  a + 1);
    }
    gsl_matrix_scale(s->chol, 1 / divisor);
    if (gsl_linalg_cholesky_decomp1(s->chol))
        return vmap_error_set(err, VMAP_ESINGULAR,
                              "the covariance within the groups is singular: no linear discriminant");
    for (size_t g = 0; g < s->groups; g++) {
        difference(s, i, g);
        gsl_blas_dtrsv(CblasLower, CblasNoTrans, CblasNonUnit, s->chol, s->diff);
        s->value[g] = log((double)s->size[g]) - pow(gsl_blas_dnrm2(s->diff), 2) / 2;
        if (!can_learn(s, i, g))
            s->value[g] = -INFINITY;
        best = fmax(best, s->value[g]);
    }
    for (size_t g = 0; g < s->groups; g++)
        sum += exp(s->value[g] - best);
    for (size_t g = 0; g < s->groups; g++)
        s->value[g] = best + log(sum) - s->value[g];
    return VMAP_SUCCESS;
}

/* From the values of one unit, small ones being near, what is found and how clearly. */
static void decide(const lesson *s, size_t i, vmap_recovery_rule rule, vmap_recovery_unit *u)
{
    size_t own = s->group[i], other = own == 0 ? 1 : 0, first = 0, second;

    for (size_t g = 0; g < s->groups; g++) {
        if (s->value[g] < s->value[first])
            first = g;
        if (g != own && s->value[g] < s->value[other])
            other = g;
    }
    second = first == 0 ? 1 : 0;
    for (size_t g = 0; g < s->groups; g++) {
        if (g != first && s->value[g] < s->value[second])
            second = g;
    }
    u->found = s->label[first];
    u->second = s->label[second];
    u->own = rule == VMAP_RECOVERY_LDA ? exp(-s->value[own]) : s->value[own];
    u->margin = rule == VMAP_RECOVERY_LDA ? u->own - exp(-s->value[other])
                                          : s->value[other] - u->own;
}

static vmap_status test_all(lesson *s, vmap_recovery_rule rule, vmap_recovery *r, vmap_error *err)
{
    vmap_status status = VMAP_SUCCESS;

    for (size_t i = 0; !status && i < s->n; i++) {
        r->unit[i] = (vmap_recovery_unit){VMAP_CLUSTER_NONE, VMAP_CLUSTER_NONE, NAN, NAN};
        if (s->group[i] >= s->groups)
            continue;
        if (s->size[s->group[i]] < 2) {
            r->alone++;
            continue;
        }
        status = rule == VMAP_RECOVERY_LDA ? ask_lda(s, i, err) : ask_centroids(s, i, err);
        if (!status) {
            decide(s, i, rule, &r->unit[i]);
            r->tested[i] = true;
            r->count++;
        }
    }
    return status;
}

static void sum_up(const lesson *s, vmap_recovery *r)
{
    size_t labels = 0, most = 0, hits = 0;

    for (size_t g = 0; g < s->groups; g++) {
        size_t own = 0;

        if (s->size[g] < 2)
            continue;
        for (size_t i = 0; i < s->n; i++)
            own += s->group[i] == g && r->unit[i].found == s->label[g];
        labels++;
        hits += own;
        most = s->size[g] > most ? s->size[g] : most;
        r->balanced += (double)own / (double)s->size[g];
    }
    r->balanced /= (double)labels;
    r->accuracy = (double)hits / (double)r->count;
    r->chance = (double)most / (double)r->count;
}

static vmap_status check(const lesson *s, vmap_error *err)
{
    size_t labels = 0;

    for (size_t g = 0; g < s->groups; g++)
        labels += s->size[g] > 1;
    if (labels < 2)
        return vmap_error_set(err, VMAP_EDATA,
                              "%zu label%s of two or more units; at least two are needed to ask which "
                              "is found again",
                              labels, labels == 1 ? "" : "s");
    for (size_t i = 0; i < s->n; i++) {
        for (size_t a = 0; a < s->d; a++) {
            if (!isfinite(gsl_matrix_get(s->x, i, a)))
                return vmap_error_set(err, VMAP_EDATA, "unit %zu has no finite value on axis %zu",
                                      i + 1, a + 1);
        }
    }
    return VMAP_SUCCESS;
}

vmap_status vmap_recovery_find(const gsl_matrix *points, const size_t *label,
                               vmap_recovery_rule rule, vmap_recovery **recovery, vmap_error *err)
{
    lesson s;
    vmap_recovery *r = memory_new(1, sizeof *r, err);
    vmap_status status = r ? new_lesson(points, label, &s, err) : VMAP_ENOMEM;

    if (!r)
        return status;
    r->n = points->size1;
    r->unit = memory_new(r->n, sizeof *r->unit, err);
    r->tested = memory_new(r->n, sizeof *r->tested, err);
    if (!r->unit || !r->tested)
        status = VMAP_ENOMEM;
    if (!status)
        status = check(&s, err);
    if (!status) {
        learn(&s);
        status = test_all(&s, rule, r, err);
    }
    if (!status) {
        sum_up(&s, r);
        *recovery = r;
        r = NULL;
    }
    free_lesson(&s);
    vmap_recovery_free(r);
    return status;
}
