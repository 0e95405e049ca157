#include <config.h>
#include "valuemap/likeness.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"

enum { KINDS = 2 }; /* Wasserstein, Jensen-Shannon */

/* One side of the group. */
typedef struct {
    const vmap_responses *r;
    const size_t *group, *column;
    size_t at, count;
    const double *factor;
    double *weight;          /* count: sums over the rows that answered */
    size_t *offset;          /* count + 1: derivatives of item j begin at offset[j] */
    double *slope[KINDS];    /* of the distance by each share, centred at their mean */
    double *own[KINDS];      /* count: of the cluster at hand */
    double together[KINDS], apart[KINDS]; /* sums of squares over clusters: of the mean over items, of each item */
} side;

/* Derivatives of the two distances by the shares of people (or of personas). */
static void differentiate(const vmap_metric_pair *a, bool people, double *w1, double *js)
{
    const double *own = people ? a->p : a->q, *other = people ? a->q : a->p;
    double range = a->code[a->k - 1] - a->code[0], difference = 0, divergence = 0, below = 0;

    for (size_t i = 0; i < a->k; i++) {
        double m = (own[i] + other[i]) / 2;

        divergence += (own[i] > 0 ? own[i] * log2(own[i] / m) : 0) / 2 + (other[i] > 0 ? other[i] * log2(other[i] / m) : 0) / 2;
        w1[i] = below; /* a share at this point is not in the cumulated ones before it */
        difference += own[i] - other[i];
        if (i + 1 < a->k)
            below -= (fabs(difference) < 1e-12 ? 0 : difference > 0 ? 1 : -1) * (a->code[i + 1] - a->code[i]) / range;
    }
    for (size_t i = 0; i < a->k; i++)
        js[i] = own[i] > 0 && divergence > 1e-15 ? log2(2 * own[i] / (own[i] + other[i])) / (4 * sqrt(divergence)) : 0;
}

static void centre(double *slope, const double *share, size_t k)
{
    double mean = 0;

    for (size_t i = 0; i < k; i++)
        mean += share[i] * slope[i];
    for (size_t i = 0; i < k; i++)
        slope[i] -= mean;
}

static void fill_slopes(side *s, const vmap_likeness_item *items, bool people)
{
    for (size_t j = 0; j < s->count; j++) {
        const vmap_metric_pair *a = &items[j].pair;
        double *w1 = s->slope[0] + s->offset[j], *js = s->slope[1] + s->offset[j];

        differentiate(a, people, w1, js);
        if (!items[j].ordered)
            memset(w1, 0, a->k * sizeof *w1);
        centre(w1, people ? a->p : a->q, a->k);
        centre(js, people ? a->p : a->q, a->k);
    }
}

static double weight_of(const side *s, size_t row, size_t cell)
{
    return s->r->weight[row] * (s->factor ? s->factor[cell] : 1);
}

/* Call a function for every answer of the group; clusters end with a row of SIZE_MAX. */
static void visit(side *s, void (*answer)(side *s, size_t j, unsigned char point, double weight), void (*end)(side *s))
{
    const vmap_responses *r = s->r;

    for (size_t cell = 0; cell < r->cells; cell++) {
        if (s->group[cell] != s->at)
            continue;
        for (size_t c = r->cell_start[cell]; c < r->cell_start[cell + 1]; c++) {
            for (size_t row = r->cluster_start[c]; row < r->cluster_start[c + 1]; row++) {
                for (size_t j = 0; j < s->count; j++) {
                    unsigned char point = r->point[row * r->p + s->column[j]];

                    if (point < VMAP_POINTS_MAX)
                        answer(s, j, point, weight_of(s, row, cell));
                }
            }
            if (end)
                end(s);
        }
    }
}

static void add_weight(side *s, size_t j, unsigned char point, double weight)
{
    (void)point;
    s->weight[j] += weight;
}

static void add_influence(side *s, size_t j, unsigned char point, double weight)
{
    for (int k = 0; k < KINDS; k++)
        s->own[k][j] += weight / s->weight[j] * s->slope[k][s->offset[j] + point];
}

static void end_cluster(side *s)
{
    for (int k = 0; k < KINDS; k++) {
        double sum = 0;

        for (size_t j = 0; j < s->count; j++) {
            sum += s->own[k][j];
            s->apart[k] += s->own[k][j] * s->own[k][j];
            s->own[k][j] = 0;
        }
        s->together[k] += sum * sum;
    }
}

static bool open_side(side *s, const vmap_likeness_item *items, size_t count, vmap_error *err)
{
    size_t points = 0;

    s->count = count;
    s->offset = memory_new(count + 1, sizeof *s->offset, err);
    for (size_t j = 0; s->offset && j < count; j++)
        s->offset[j + 1] = points += items[j].pair.k;
    s->weight = memory_new(3 * count, sizeof *s->weight, err);
    s->slope[0] = memory_new(2 * points, sizeof **s->slope, err);
    if (!s->offset || !s->weight || !s->slope[0])
        return false;
    s->own[0] = s->weight + count;
    s->own[1] = s->own[0] + count;
    s->slope[1] = s->slope[0] + points;
    return true;
}

static void close_side(side *s)
{
    free(s->offset);
    free(s->weight);
    free(s->slope[0]);
}

vmap_status vmap_likeness_dependence(const vmap_likeness_group *source, const vmap_likeness_item *items, const size_t *column,
                                     size_t count, double to[2], vmap_error *err)
{
    side sides[2] = {{.r = source->people, .factor = source->factor}, {.r = source->personas}};
    vmap_status status = VMAP_SUCCESS;

    for (int i = 0; !status && i < 2; i++) {
        sides[i].group = source->group;
        sides[i].at = source->at;
        sides[i].column = column;
        status = open_side(&sides[i], items, count, err) ? VMAP_SUCCESS : VMAP_ENOMEM;
        if (status)
            break;
        fill_slopes(&sides[i], items, i == 0);
        visit(&sides[i], add_weight, NULL);
        visit(&sides[i], add_influence, end_cluster);
    }
    for (int k = 0; !status && k < KINDS; k++) {
        double together = sides[0].together[k] + sides[1].together[k], apart = sides[0].apart[k] + sides[1].apart[k];

        to[k] = apart > 0 ? together / apart : 1;
    }
    close_side(&sides[0]);
    close_side(&sides[1]);
    return status;
}
