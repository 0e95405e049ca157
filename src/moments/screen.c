#include <config.h>

#include <math.h>
#include <string.h>

#include "core/memory.h"
#include "moments/moments_internal.h"

enum { VALUES_MAX = 1000, STRAIGHT_LEAST = 5 };

/* Weighted central moments of one item, from its levels. */
static void summarise_item(const coded_items *c, size_t i, double *share, vmap_item_summary *s)
{
    const unsigned *level = c->level + i * c->n;
    const double *value = c->value[i];
    size_t levels = c->levels[i];
    double total = 0, mean = 0, m2 = 0, m3 = 0, m4 = 0;

    memset(share, 0, levels * sizeof *share);
    for (size_t r = 0; r < c->n; r++) {
        if (level[r] != CODED_NONE) {
            share[level[r]] += c->weight[r];
            total += c->weight[r];
            s->n++;
        }
    }
    s->missing = c->n - s->n;
    s->values = levels < VALUES_MAX ? levels : VALUES_MAX;
    s->whole = true;
    s->smallest_share = levels ? 1 : NAN;
    for (size_t l = 0; l < levels; l++) {
        share[l] /= total;
        mean += share[l] * (value[l] - value[0]);
        s->whole &= value[l] == floor(value[l]);
        s->largest_share = fmax(s->largest_share, share[l]);
        s->smallest_share = fmin(s->smallest_share, share[l]);
    }
    for (size_t l = 0; l < levels; l++) {
        double d = value[l] - value[0] - mean;

        m2 += share[l] * d * d;
        m3 += share[l] * d * d * d;
        m4 += share[l] * d * d * d * d;
    }
    s->mean = levels ? value[0] + mean : NAN;
    s->sd = levels ? sqrt(m2) : NAN;
    s->skew = m2 > 0 ? m3 / (m2 * sqrt(m2)) : NAN;
    s->kurtosis = m2 > 0 ? m4 / (m2 * m2) - 3 : NAN;
    s->least = levels ? value[0] : NAN;
    s->most = levels ? value[levels - 1] : NAN;
}

/* Whether the same respondents answered both items, with levels that run the same way or (turned) the
 * opposite way. */
static bool same_levels(const coded_items *c, size_t i, size_t j, bool turned)
{
    const unsigned *x = c->level + i * c->n, *y = c->level + j * c->n;
    unsigned last = (unsigned)c->levels[i] - 1;

    for (size_t r = 0; r < c->n; r++) {
        if ((x[r] == CODED_NONE) != (y[r] == CODED_NONE))
            return false;
        if (x[r] != CODED_NONE && y[r] != (turned ? last - x[r] : x[r]))
            return false;
    }
    return true;
}

/* Whether item j says the same as item i: equal answers of one are equal answers of the other, on a
 * scale that differs by shift and factor only. */
static bool is_twin(const coded_items *c, size_t i, size_t j)
{
    size_t last = c->levels[i] ? c->levels[i] - 1 : 0;
    const double *a = c->value[i], *b = c->value[j];
    bool turned = false;

    if (c->levels[i] != c->levels[j] || c->levels[i] < 2)
        return false;
    if (!same_levels(c, i, j, false)) {
        turned = true;
        if (!same_levels(c, i, j, true))
            return false;
    }
    for (size_t l = 0; l <= last; l++) {
        double u = (a[l] - a[0]) / (a[last] - a[0]), v = (b[l] - b[0]) / (b[last] - b[0]);

        if (turned)
            v = 1 - (b[last - l] - b[0]) / (b[last] - b[0]);
        if (fabs(u - v) > 1e-12)
            return false;
    }
    return true;
}

/* Respondents with several answers that are all the same, where the first item that they answered is
 * not the same for everybody. */
static size_t count_straight(const coded_items *c)
{
    size_t count = 0;

    for (size_t r = 0; r < c->n; r++) {
        size_t answers = 0;
        double first = 0;
        bool same = true;

        for (size_t i = 0; same && i < c->p; i++) {
            unsigned level = c->level[i * c->n + r];

            if (level == CODED_NONE || c->levels[i] < 2)
                continue;
            if (answers++ == 0)
                first = c->value[i][level];
            same = c->value[i][level] == first;
        }
        count += same && answers >= STRAIGHT_LEAST;
    }
    return count;
}

static void count_rows(const coded_items *c, size_t weighted, vmap_screening *s)
{
    s->rows = weighted;
    s->empty = weighted - c->n;
    for (size_t r = 0; r < c->n; r++) {
        bool complete = true;

        for (size_t i = 0; complete && i < c->p; i++)
            complete = c->level[i * c->n + r] != CODED_NONE;
        s->complete += complete;
    }
}

static vmap_status fill(const coded_items *c, vmap_screening *s, vmap_error *err)
{
    size_t most = 1;
    double *share;

    for (size_t i = 0; i < c->p; i++)
        most = c->levels[i] > most ? c->levels[i] : most;
    share = memory_new(most, sizeof *share, err);
    if (!share)
        return VMAP_ENOMEM;
    for (size_t i = 0; i < c->p; i++) {
        summarise_item(c, i, share, &s->items[i]);
        s->twin[i] = c->p;
        for (size_t j = 0; s->twin[i] == c->p && j < i; j++) {
            if (is_twin(c, i, j))
                s->twin[i] = j;
        }
    }
    s->straight = count_straight(c);
    free(share);
    return VMAP_SUCCESS;
}

vmap_status vmap_moments_screen(const double *values, size_t n, size_t p, const double *weights,
                                vmap_screening **screening, vmap_error *err)
{
    coded_items c = {0};
    vmap_screening *s = NULL;
    size_t weighted = 0;
    vmap_status status = moments_check_weights(weights, n, err);

    if (status)
        return status;
    for (size_t r = 0; r < n; r++)
        weighted += !weights || weights[r] > 0;
    s = memory_new(1, sizeof *s, err);
    if (!s)
        return VMAP_ENOMEM;
    s->p = p;
    s->items = memory_new(p, sizeof *s->items, err);
    s->twin = memory_new(p, sizeof *s->twin, err);
    status = s->items && s->twin ? moments_code(values, n, p, weights, VMAP_PAIRWISE, 0, &c, err)
                                 : VMAP_ENOMEM;
    if (!status) {
        count_rows(&c, weighted, s);
        status = fill(&c, s, err);
    }
    if (!status) {
        *screening = s;
        s = NULL;
    }
    moments_code_free(&c);
    vmap_screening_free(s);
    return status;
}

void vmap_screening_free(vmap_screening *s)
{
    if (!s)
        return;
    free(s->items);
    free(s->twin);
    free(s);
}
