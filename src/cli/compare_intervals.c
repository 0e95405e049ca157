#include <config.h>
#include "cli/compare_shape.h"

#include <math.h>
#include <stdlib.h>

#include "compare/count.h"
#include "core/memory.h"

/* Intervals of what tables pattern and own_group say: respondents, and personas with all their answers, are drawn anew
 * within the groups of the level. */

/* Both sides of a level. Persona groups of all series stand side by side: series x groups. */
typedef struct {
    const compare_work *w;
    const compare_level *l;
    const size_t *item;
    size_t count;
    vmap_pattern_side human, persona;
    size_t *human_group, *persona_group, *cluster;
    double *human_weight, *persona_weight;
    const size_t *row[2];                  /* people, personas: rows of the answers in the order of the draws */
    const bool *const *use;                /* series x items, own_group only */
    unsigned char *point[2];               /* people, personas: rows x items: place among the scale points */
} sides;

static void clear(sides *s)
{
    free(s->human_group);
    free(s->persona_group);
    free(s->cluster);
    free(s->human_weight);
    free(s->persona_weight);
    free(s->point[0]);
    free(s->point[1]);
}

/* Clusters by their first row: numbers below that of rows. */
static size_t *number_clusters(const compare_work *w, const size_t *row, size_t n, vmap_error *err)
{
    size_t most = 0, *first, *of = memory_new(n, sizeof *of, err);

    for (size_t i = 0; i < n; i++)
        most = w->persona_cluster[i] > most ? w->persona_cluster[i] : most;
    first = memory_new(most + 1, sizeof *first, err);
    for (size_t i = 0; of && first && i < n; i++) {
        size_t *own = first + w->persona_cluster[row[i]];

        *own = *own ? *own : i + 1;
        of[i] = *own - 1;
    }
    if (!first) {
        free(of);
        of = NULL;
    }
    free(first);
    return of;
}

/* Groups and weights of the rows of a side, in the order of the draws. */
static vmap_status make_side(sides *s, bool people, vmap_error *err)
{
    const compare_work *w = s->w;
    const compare_level *l = s->l;
    size_t n = (people ? w->a->human.answers : w->a->persona.answers)->n;
    size_t *group = memory_new(n, sizeof *group, err);
    double *weight = memory_new(n, sizeof *weight, err), *of = compare_weights(w, l, people, err);
    vmap_status status = group && weight && of ? VMAP_SUCCESS : VMAP_ENOMEM;

    *(people ? &s->human_group : &s->persona_group) = group;
    *(people ? &s->human_weight : &s->persona_weight) = weight;
    s->row[!people] = people ? w->human_order : w->persona_order;
    for (size_t i = 0; !status && i < n; i++) {
        size_t at = s->row[!people][i], cell = people ? w->human_cell[at] : w->persona_cell[at];
        size_t series = people ? 0 : w->persona_series[at], all = people ? 1 : w->series_count;
        bool in = cell < w->cells && series < all && l->group[cell] < l->groups;

        group[i] = in ? series * l->groups + l->group[cell] : w->series_count * l->groups;
        weight[i] = of[at];
    }
    free(of);
    return status;
}

static vmap_status make_sides(const compare_work *w, const compare_level *l, const size_t *item, size_t count, sides *s,
                              vmap_error *err)
{
    size_t n = w->a->persona.answers->n;
    vmap_status status;

    *s = (sides){.w = w, .l = l, .item = item, .count = count};
    status = make_side(s, true, err);
    if (!status)
        status = make_side(s, false, err);
    if (!status && w->persona_cluster && !(s->cluster = number_clusters(w, s->row[1], n, err)))
        status = VMAP_ENOMEM;
    s->human = (vmap_pattern_side){w->a->human.answers->n, s->human_weight, s->human_group, NULL};
    s->persona = (vmap_pattern_side){n, s->persona_weight, s->persona_group, s->cluster};
    return status;
}

static vmap_status draw(const sides *s, vmap_pattern_statistic statistic, size_t statistics, double *replicate, vmap_error *err)
{
    const compare_settings *o = s->w->settings;
    const vmap_pattern_draws draws = {(size_t)o->replicates, compare_seed(s->w), (unsigned)o->study.threads};

    return vmap_pattern_bootstrap(&s->human, &s->persona, s->w->series_count * s->l->groups, statistic, s, statistics, &draws,
                                  replicate, err);
}

/* ---- ratios of variances ---- */

/* Sums of every item (count) in every group: row g, item j at g x count + j. Means are first sums. */
static void sum_up(const sides *s, bool people, const double *weight, vmap_group_sums *of)
{
    const vmap_answers *a = people ? s->w->a->human.answers : s->w->a->persona.answers;
    const size_t *group = people ? s->human_group : s->persona_group;
    size_t groups = (people ? 1 : s->w->series_count) * s->l->groups;

    for (size_t i = 0; i < a->n; i++) {
        if (!(weight[i] > 0) || group[i] >= groups)
            continue;
        for (size_t j = 0; j < s->count; j++) {
            double x = a->values[s->row[!people][i] * a->p + s->w->item[s->item[j]]];
            vmap_group_sums *own = of + group[i] * s->count + j;

            if (isnan(x))
                continue;
            own->n++;
            own->w += weight[i];
            own->w2 += weight[i] * weight[i];
            own->mean += weight[i] * x;
            own->squares += weight[i] * x * x;
        }
    }
    for (size_t k = 0; k < groups * s->count; k++) {
        of[k].mean = of[k].w > 0 ? of[k].mean / of[k].w : NAN;
        of[k].squares = of[k].w > 0 ? fmax(0, of[k].squares - of[k].w * of[k].mean * of[k].mean) : 0;
    }
}

/* The groups of one item in a row. */
static void take_item(const sides *s, const vmap_group_sums *of, size_t series, size_t j, vmap_group_sums *row)
{
    for (size_t g = 0; g < s->l->groups; g++)
        row[g] = of[(series * s->l->groups + g) * s->count + j];
}

/* Standard deviation of group means, of the groups that are compared. */
static double spread(const sides *s, const vmap_group_sums *row, size_t series, size_t j)
{
    double mean = 0, squares = 0, n = 0;
    vmap_metric_pair pair;

    for (size_t g = 0; g < s->l->groups; g++) {
        double d = row[g].mean - mean;

        if (isnan(row[g].mean) || !compare_pair(s->w, s->l, series, g, s->item[j], &pair))
            continue;
        n++;
        mean += d / n;
        squares += d * (row[g].mean - mean);
    }
    return n > 1 ? sqrt(squares / (n - 1)) : NAN;
}

static double over(double a, double b)
{
    return b > 0 ? a / b : NAN;
}

static bool find_ratios(const void *context, const double *human, const double *persona, double *value)
{
    const sides *s = context;
    size_t groups = s->l->groups, series = s->w->series_count;
    vmap_group_sums *of[2] = {memory_new(groups * s->count, sizeof **of, NULL), memory_new(series * groups * s->count, sizeof **of, NULL)};
    vmap_group_sums *row[2] = {memory_new(groups, sizeof **row, NULL), memory_new(groups, sizeof **row, NULL)};
    bool room = of[0] && of[1] && row[0] && row[1];

    if (room) {
        sum_up(s, true, human, of[0]);
        sum_up(s, false, persona, of[1]);
    }
    for (size_t k = 0; room && k < series * s->count; k++) {
        double *v = value + k * COMPARE_RATIOS;
        vmap_explained e[2];

        for (size_t side = 0; side < 2; side++) {
            take_item(s, of[side], side ? k / s->count : 0, k % s->count, row[side]);
            if (vmap_pattern_explain_sums(row[side], groups, &e[side], NULL))
                e[side] = (vmap_explained){.epsilon2 = NAN, .variance = NAN, .within = NAN};
        }
        v[COMPARE_SPREAD_HUMAN] = spread(s, row[0], k / s->count, k % s->count);
        v[COMPARE_SPREAD_PERSONA] = spread(s, row[1], k / s->count, k % s->count);
        v[COMPARE_STEREOTYPING] = over(e[1].epsilon2, e[0].epsilon2);
        v[COMPARE_VARIANCE_RATIO] = over(e[1].variance, e[0].variance);
        v[COMPARE_WITHIN_RATIO] = over(e[1].within, e[0].within);
    }
    for (size_t side = 0; side < 2; side++) {
        free(of[side]);
        free(row[side]);
    }
    return room;
}

vmap_status compare_draw_ratios(const compare_work *w, const compare_level *l, const size_t *item, size_t count, double **replicate,
                                vmap_error *err)
{
    size_t statistics = w->series_count * count * COMPARE_RATIOS;
    sides s;
    vmap_status status;

    *replicate = NULL;
    if (!w->settings->replicates)
        return VMAP_SUCCESS;
    status = make_sides(w, l, item, count, &s, err);
    if (!status && !(*replicate = memory_new((size_t)w->settings->replicates * statistics, sizeof **replicate, err)))
        status = VMAP_ENOMEM;
    if (!status)
        status = draw(&s, find_ratios, statistics, *replicate, err);
    clear(&s);
    return status;
}

/* ---- distances between groups ---- */

/* Places of the answers among the scale points of all items (w->p of them), as vmap_responses.point has them. */
static vmap_status find_points(sides *s, bool people, vmap_error *err)
{
    const compare_work *w = s->w;
    const vmap_answers *a = people ? w->a->human.answers : w->a->persona.answers;
    unsigned char *point = memory_new(a->n * w->p, sizeof *point, err);

    s->point[!people] = point;
    for (size_t i = 0; point && i < a->n; i++) {
        for (size_t j = 0; j < w->p; j++) {
            size_t at = s->row[!people][i] * a->p + w->item[j];

            point[i * w->p + j] = count_point(&w->points[j], a->values[at], a->reasons[at]);
        }
    }
    return point ? VMAP_SUCCESS : VMAP_ENOMEM;
}

/* Shares of the scale points in every group; NaN as the first share of an item that a group did not answer. */
static void find_shares(const sides *s, bool people, const double *weight, double *share, double *total)
{
    const compare_work *w = s->w;
    const size_t *group = people ? s->human_group : s->persona_group, *offset = s->l->people->offset;
    size_t n = people ? s->human.n : s->persona.n, groups = (people ? 1 : w->series_count) * s->l->groups;

    for (size_t i = 0; i < n; i++) {
        if (!(weight[i] > 0) || group[i] >= groups)
            continue;
        for (size_t j = 0; j < w->p; j++) {
            size_t k = s->point[!people][i * w->p + j];

            if (k >= VMAP_POINTS_MAX)
                continue;
            share[group[i] * offset[w->p] + offset[j] + k] += weight[i];
            total[group[i] * w->p + j] += weight[i];
        }
    }
    for (size_t g = 0; g < groups; g++) {
        for (size_t j = 0; j < w->p; j++) {
            double all = total[g * w->p + j], *own = share + g * offset[w->p];

            for (size_t k = offset[j]; k < offset[j + 1]; k++)
                own[k] = all > 0 ? own[k] / all : NAN;
        }
    }
}

/* Mean distances of two groups of people and of personas of one series from their shares. */
static bool judge(const sides *s, const double *people, const double *personas, const bool *use, const double *code, double *value)
{
    const size_t *offset = s->l->people->offset;
    size_t n = s->l->groups, p = s->w->p;
    gsl_matrix *d[2] = {memory_matrix(n, n, NULL), memory_matrix(n, n, NULL)};
    vmap_homogenisation h = {.human = NAN, .persona = NAN};
    const vmap_metric *w1;
    bool room = d[0] && d[1] && vmap_metric_find("w1_scaled", &w1, NULL) == VMAP_SUCCESS;

    for (size_t k = 0; room && k < 2; k++) {
        const double *share = k ? personas : people;

        room = vmap_metric_means(w1, 2, share, n, share, n, offset, p, code, use, 1, d[k]->data, NULL) == VMAP_SUCCESS;
    }
    if (room && vmap_pattern_homogenise(d[0], d[1], .95, &h, NULL))
        h = (vmap_homogenisation){.human = NAN, .persona = NAN};
    value[COMPARE_DISTANCE_HUMAN] = h.human;
    value[COMPARE_DISTANCE_PERSONA] = h.persona;
    gsl_matrix_free(d[0]);
    gsl_matrix_free(d[1]);
    return room;
}

static bool find_own(const void *context, const double *human, const double *persona, double *value)
{
    const sides *s = context;
    const compare_work *w = s->w;
    const size_t *offset = s->l->people->offset;
    size_t n = s->l->groups, width = offset[w->p], all = w->series_count * n;
    double *share[2] = {memory_new(n * width, sizeof(double), NULL), memory_new(all * width, sizeof(double), NULL)};
    double *total[2] = {memory_new(n * w->p, sizeof(double), NULL), memory_new(all * w->p, sizeof(double), NULL)};
    double *code = memory_new(width, sizeof *code, NULL);
    bool room = share[0] && share[1] && total[0] && total[1] && code;

    for (size_t j = 0; room && j < w->p; j++) {
        for (size_t k = 0; k < w->points[j].count; k++)
            code[offset[j] + k] = w->points[j].code[k];
    }
    if (room) {
        find_shares(s, true, human, share[0], total[0]);
        find_shares(s, false, persona, share[1], total[1]);
    }
    for (size_t k = 0; room && k < w->series_count; k++)
        room = judge(s, share[0], share[1] + k * n * width, s->use[k], code, value + k * COMPARE_OWN);
    for (size_t k = 0; k < 2; k++) {
        free(share[k]);
        free(total[k]);
    }
    free(code);
    return room;
}

vmap_status compare_draw_own(const compare_work *w, const compare_level *l, const bool *const *use, double **replicate,
                             vmap_error *err)
{
    size_t statistics = w->series_count * COMPARE_OWN;
    sides s;
    vmap_status status;

    *replicate = NULL;
    if (!w->settings->replicates)
        return VMAP_SUCCESS;
    status = make_sides(w, l, NULL, 0, &s, err);
    s.use = use;
    if (!status)
        status = find_points(&s, true, err);
    if (!status)
        status = find_points(&s, false, err);
    if (!status && !(*replicate = memory_new((size_t)w->settings->replicates * statistics, sizeof **replicate, err)))
        status = VMAP_ENOMEM;
    if (!status)
        status = draw(&s, find_own, statistics, *replicate, err);
    clear(&s);
    return status;
}

/* ---- from replicates to intervals ---- */

vmap_status compare_find_interval(const compare_work *w, double observed, const double *replicate, size_t stride, double *low,
                                  double *high, vmap_error *err)
{
    *low = *high = NAN;
    return replicate ? vmap_pattern_interval(observed, replicate, (size_t)w->settings->replicates, stride, .95, low, high, err)
                     : VMAP_SUCCESS;
}

vmap_status compare_find_true_ratio(const compare_work *w, double human, double persona, const double *replicate, size_t stride,
                                    vmap_true_ratio *ratio, vmap_error *err)
{
    *ratio = (vmap_true_ratio){NAN, NAN, NAN};
    return replicate ? vmap_pattern_true_ratio(human, persona, replicate, replicate + 1, (size_t)w->settings->replicates, stride, .95,
                                               ratio, err)
                     : VMAP_SUCCESS;
}
