#include <config.h>
#include "valuemap/congruence.h"

#include <math.h>
#include <stdlib.h>

#include "core/memory.h"
#include "factor/factor_internal.h"

static double squared(const gsl_matrix *a)
{
    double sum = 0;

    for (size_t i = 0; i < a->size1; i++) {
        for (size_t j = 0; j < a->size2; j++)
            sum += gsl_matrix_get(a, i, j) * gsl_matrix_get(a, i, j);
    }
    return sum;
}

static double apart(const gsl_matrix *a, const gsl_matrix *b)
{
    double sum = 0;

    for (size_t i = 0; i < a->size1; i++) {
        for (size_t j = 0; j < a->size2; j++) {
            double d = gsl_matrix_get(a, i, j) - gsl_matrix_get(b, i, j);

            sum += d * d;
        }
    }
    return sum;
}

/* The solution with the least sum of squared distances to all others, each rotated to it. */
static vmap_status find_medoid(vmap_consensus *c, const gsl_matrix *const *loadings, gsl_matrix *room,
                               vmap_error *err)
{
    double best = INFINITY;

    for (size_t g = 0; g < c->m; g++) {
        double sum = 0;

        for (size_t h = 0; h < c->m; h++) {
            vmap_status status = vmap_congruence_align(loadings[g], loadings[h],
                                                       VMAP_ALIGN_ORTHOGONAL, room, NULL, NULL, err);

            if (status)
                return status;
            sum += apart(loadings[g], room);
        }
        if (sum < best * (1 - 1e-12)) {
            best = sum;
            c->medoid = g;
        }
    }
    return VMAP_SUCCESS;
}

static void find_mean(vmap_consensus *c)
{
    gsl_matrix_set_zero(c->loadings);
    for (size_t g = 0; g < c->m; g++)
        gsl_matrix_add(c->loadings, c->rotated[g]);
    gsl_matrix_scale(c->loadings, 1 / (double)c->m);
}

/* Mean of all others. */
static void find_others(const vmap_consensus *c, size_t g, gsl_matrix *others)
{
    gsl_matrix_memcpy(others, c->loadings);
    gsl_matrix_scale(others, (double)c->m);
    gsl_matrix_sub(others, c->rotated[g]);
    gsl_matrix_scale(others, 1 / (double)(c->m - 1));
}

/* One round: each is rotated to the mean of the others as they stand. A whole round is computed from the
 * same mean, so that the order of the groups does not matter. */
static vmap_status rotate_all(vmap_consensus *c, gsl_matrix *others, vmap_error *err)
{
    vmap_status status = VMAP_SUCCESS;

    for (size_t g = 0; !status && g < c->m; g++) {
        find_others(c, g, others);
        status = vmap_congruence_align(others, c->rotated[g], VMAP_ALIGN_ORTHOGONAL, c->rotated[g],
                                       NULL, NULL, err);
    }
    if (!status)
        find_mean(c);
    return status;
}

static double loss_of(const vmap_consensus *c)
{
    double loss = 0;

    for (size_t g = 0; g < c->m; g++)
        loss += apart(c->rotated[g], c->loadings);
    return loss;
}

static vmap_status iterate(vmap_consensus *c, const gsl_matrix *const *loadings, gsl_matrix *room,
                           vmap_error *err)
{
    vmap_status status = find_medoid(c, loadings, room, err);
    double total = 0, before, now = INFINITY;

    for (size_t g = 0; !status && g < c->m; g++) {
        total += squared(loadings[g]);
        status = vmap_congruence_align(loadings[c->medoid], loadings[g], VMAP_ALIGN_ORTHOGONAL,
                                       c->rotated[g], NULL, NULL, err);
    }
    if (!status)
        find_mean(c);
    while (!status && !c->converged && c->iterations < 10000) {
        before = now;
        status = rotate_all(c, room, err);
        now = loss_of(c);
        c->iterations++;
        c->converged = fabs(before - now) <= 1e-13 * total;
    }
    return status;
}

/* The consensus turned to the target and all solutions with it. */
static vmap_status turn_to(vmap_consensus *c, const gsl_matrix *target, vmap_error *err)
{
    vmap_status status = vmap_congruence_align(target, c->loadings, VMAP_ALIGN_ORTHOGONAL, c->loadings,
                                               NULL, NULL, err);

    for (size_t g = 0; !status && g < c->m; g++)
        status = vmap_congruence_align(c->loadings, c->rotated[g], VMAP_ALIGN_ORTHOGONAL,
                                       c->rotated[g], NULL, NULL, err);
    if (!status)
        find_mean(c);
    return status;
}

static void judge(vmap_consensus *c, gsl_matrix *room)
{
    double left = 0, total = 0;

    for (size_t i = 0; i < c->p; i++) {
        double item = 0, item_total = 0;

        for (size_t g = 0; g < c->m; g++) {
            for (size_t j = 0; j < c->k; j++) {
                double x = gsl_matrix_get(c->rotated[g], i, j);
                double d = x - gsl_matrix_get(c->loadings, i, j);

                item += d * d;
                item_total += x * x;
            }
        }
        gsl_vector_set(c->item, i, item_total > 0 ? item / item_total : 0);
        left += item;
        total += item_total;
    }
    c->explained = total > 0 ? 1 - left / total : 1;
    for (size_t g = 0; g < c->m; g++) {
        double own = squared(c->rotated[g]);

        gsl_vector_set(c->residual, g, own > 0 ? apart(c->rotated[g], c->loadings) / own : 0);
        find_others(c, g, room);
        for (size_t j = 0; j < c->k; j++)
            gsl_matrix_set(c->phi, g, j, factor_phi(c->rotated[g], j, room, j));
    }
}

static vmap_consensus *alloc_consensus(size_t m, size_t p, size_t k, vmap_error *err)
{
    vmap_consensus *c = memory_new(1, sizeof *c, err);
    bool all;

    if (!c)
        return NULL;
    *c = (vmap_consensus){.m = m, .p = p, .k = k};
    c->loadings = memory_matrix(p, k, err);
    c->rotated = memory_new(m, sizeof(gsl_matrix *), err);
    c->phi = memory_matrix(m, k, err);
    c->residual = gsl_vector_calloc(m);
    c->item = gsl_vector_calloc(p);
    all = c->loadings && c->rotated && c->phi && c->residual && c->item;
    for (size_t g = 0; all && g < m; g++) {
        c->rotated[g] = memory_matrix(p, k, err);
        all = c->rotated[g] != NULL;
    }
    if (all)
        return c;
    vmap_error_set(err, VMAP_ENOMEM, "no memory for the consensus of %zu solutions", m);
    vmap_consensus_free(c);
    return NULL;
}

vmap_status vmap_consensus_new(const gsl_matrix *const *loadings, size_t m, const gsl_matrix *target,
                               vmap_consensus **result, vmap_error *err)
{
    vmap_consensus *c;
    gsl_matrix *room;
    vmap_status status;

    if (m < 2)
        return vmap_error_set(err, VMAP_EINVAL, "%zu solution; a consensus needs at least two", m);
    c = alloc_consensus(m, loadings[0]->size1, loadings[0]->size2, err);
    if (!c)
        return VMAP_ENOMEM;
    room = memory_matrix(c->p, c->k, err);
    status = room ? iterate(c, loadings, room, err) : VMAP_ENOMEM;
    if (!status && target)
        status = turn_to(c, target, err);
    if (!status)
        judge(c, room);
    gsl_matrix_free(room);
    if (status)
        vmap_consensus_free(c);
    else
        *result = c;
    return status;
}

void vmap_consensus_free(vmap_consensus *c)
{
    if (!c)
        return;
    for (size_t g = 0; c->rotated && g < c->m; g++)
        gsl_matrix_free(c->rotated[g]);
    free(c->rotated);
    gsl_matrix_free(c->loadings);
    gsl_matrix_free(c->phi);
    gsl_vector_free(c->residual);
    gsl_vector_free(c->item);
    free(c);
}
