#include <config.h>
#include "valuemap/factor_preset.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "valuemap/congruence.h"

/* What went where: loadings of `b` in the order and with the signs of `a`, or as they stand when order is NULL. */
static void compare(const vmap_factor_solution *a, const vmap_factor_solution *b, const size_t *order, const int *sign,
                    vmap_switch_effect *e)
{
    e->iterations = b->iterations;
    e->converged = b->converged;
    for (size_t i = 0; i < a->p; i++) {
        for (size_t j = 0; j < a->k; j++) {
            double x = gsl_matrix_get(a->pattern, i, j);
            double y = order ? sign[j] * gsl_matrix_get(b->pattern, i, order[j]) : gsl_matrix_get(b->pattern, i, j);

            e->mean += fabs(y - x) / (double)(a->p * a->k);
            if (fabs(y - x) > fabs(e->largest) || (i == 0 && j == 0)) {
                e->largest = y - x;
                e->item = i;
                e->factor = j;
                e->ours = x;
                e->theirs = y;
            }
        }
    }
}

typedef struct {
    const gsl_matrix *r;
    const vmap_extract_options *extract;
    const vmap_rotate_options *rotate;
    const vmap_factor_solution *ours;
    size_t *order;
    int *sign;
} asked;

static vmap_status find_effect(const asked *q, const vmap_factor_switches *switches, bool match, vmap_switch_effect *e,
                               vmap_error *err)
{
    vmap_factor_solution *s = NULL;
    vmap_status status = vmap_factor_like(q->r, q->extract, q->rotate, switches, &s, NULL, err);

    if (!status && match)
        status = vmap_congruence_match(q->ours->pattern, s->pattern, q->order, q->sign, err);
    if (!status)
        compare(q->ours, s, match ? q->order : NULL, q->sign, e);
    vmap_factor_solution_free(s);
    return status;
}

static bool differ(const vmap_factor_switches *a, const vmap_factor_switches *b, vmap_switch which)
{
    char x[VMAP_SWITCH_TEXT], y[VMAP_SWITCH_TEXT];

    vmap_switch_text(a, which, x);
    vmap_switch_text(b, which, y);
    return strcmp(x, y) != 0;
}

static vmap_status find_effects(const asked *q, const vmap_factor_switches *theirs, vmap_factor_why *why,
                                vmap_error *err)
{
    const vmap_factor_switches *ours = &vmap_presets[VMAP_PRESET_VALUEMAP].switches;
    vmap_status status = VMAP_SUCCESS;

    for (int w = 0; !status && w < VMAP_SWITCHES; w++) {
        vmap_switch_effect *e = &why->effect[w];
        vmap_factor_switches one = *ours;

        e->applies = vmap_switch_applies((vmap_switch)w, q->extract->method, why->k > 1 ? q->rotate->method : VMAP_ROTATE_NONE);
        e->differs = differ(ours, theirs, (vmap_switch)w);
        e->iterations = q->ours->iterations;
        e->converged = q->ours->converged;
        vmap_switch_copy(&one, theirs, (vmap_switch)w);
        if (e->applies && e->differs)
            status = find_effect(q, &one, w != VMAP_SWITCH_ORDER, e, err);
    }
    why->all.applies = why->all.differs = true;
    if (!status)
        status = find_effect(q, theirs, true, &why->all, err);
    for (size_t j = 0; !status && j < why->k; j++) {
        why->place[j] = q->order[j];
        why->moved |= q->order[j] != j || q->sign[j] < 0;
    }
    return status;
}

vmap_status vmap_factor_why_new(const gsl_matrix *r, const vmap_extract_options *extract,
                                const vmap_rotate_options *rotate, const vmap_factor_switches *theirs,
                                vmap_factor_why **why, vmap_error *err)
{
    vmap_factor_why *x = memory_new(1, sizeof *x, err);
    vmap_factor_solution *ours = NULL;
    asked q = {r, extract, rotate, NULL, NULL, NULL};
    vmap_status status = x ? VMAP_SUCCESS : VMAP_ENOMEM;

    if (!status)
        status =
            vmap_factor_like(r, extract, rotate, &vmap_presets[VMAP_PRESET_VALUEMAP].switches, &ours, NULL, err);
    if (!status) {
        q.ours = ours;
        x->p = ours->p;
        x->k = ours->k;
        x->place = memory_new(x->k, sizeof *x->place, err);
        q.order = memory_new(x->k, sizeof *q.order, err);
        q.sign = memory_new(x->k, sizeof *q.sign, err);
        status = x->place && q.order && q.sign ? find_effects(&q, theirs, x, err) : VMAP_ENOMEM;
    }
    free(q.order);
    free(q.sign);
    vmap_factor_solution_free(ours);
    if (status)
        vmap_factor_why_free(x);
    else
        *why = x;
    return status;
}

void vmap_factor_why_free(vmap_factor_why *why)
{
    if (!why)
        return;
    free(why->place);
    free(why);
}
