#include <config.h>
#include "valuemap/map.h"

#include <math.h>
#include <string.h>

#include <gsl/gsl_math.h>

#include "core/memory.h"
#include "core/registry.h"
#include "core/text.h"
#include "map/map_internal.h"

static const char *const incomplete_names[] = {"means", "project", "drop"};
enum { NAMES = sizeof incomplete_names / sizeof *incomplete_names };

const char *vmap_incomplete_name(vmap_incomplete rule)
{
    return incomplete_names[rule];
}

vmap_status vmap_incomplete_find(const char *name, vmap_incomplete *rule, vmap_error *err)
{
    size_t i = REGISTRY_FIND(incomplete_names, NAMES, "rule for incomplete answers", name, err);

    if (i == NAMES)
        return VMAP_ENOENT;
    *rule = (vmap_incomplete)i;
    return VMAP_SUCCESS;
}

/* ---- one group ---- */

static void free_group(vmap_group *g, size_t columns)
{
    for (size_t i = 0; g->labels && i < columns; i++)
        free(g->labels[i]);
    free(g->labels);
    gsl_vector_free(g->mean);
    gsl_vector_free(g->centre);
    gsl_vector_free(g->se);
    gsl_vector_free(g->sd_incomplete);
    gsl_vector_free(g->share);
    gsl_vector_free(g->items);
    gsl_matrix_free(g->cov);
    gsl_matrix_free(g->left_open);
    gsl_matrix_free(g->replicates);
    gsl_matrix_free(g->boot_cov);
    vmap_operator_free(g->op);
}

void vmap_groups_free(vmap_groups *groups)
{
    if (!groups)
        return;
    for (size_t i = 0; i < groups->count; i++)
        free_group(&groups->group[i], groups->columns);
    for (size_t g = 0; groups->names && g < groups->columns; g++)
        free(groups->names[g]);
    free(groups->names);
    free(groups->group);
    free(groups);
}

static vmap_status alloc_group(vmap_group *g, size_t p, size_t k, size_t columns, vmap_error *err)
{
    g->labels = memory_new(columns, sizeof *g->labels, err);
    g->mean = gsl_vector_alloc(k);
    g->centre = gsl_vector_alloc(k);
    g->se = gsl_vector_alloc(k);
    g->sd_incomplete = gsl_vector_calloc(k);
    g->share = gsl_vector_calloc(k);
    g->items = gsl_vector_alloc(p);
    g->cov = memory_matrix(k, k, err);
    g->left_open = memory_matrix(k, k, err);
    g->op = memory_new(1, sizeof *g->op, err);
    if (g->op) {
        g->op->constant = gsl_vector_calloc(k);
        g->op->share = gsl_vector_calloc(k);
        g->op->weights = memory_matrix(p, k, err);
        g->op->cov = memory_matrix(k, k, err);
    }
    if (g->labels && g->mean && g->centre && g->se && g->sd_incomplete && g->share && g->items && g->cov && g->left_open &&
        g->op && g->op->constant && g->op->share && g->op->weights && g->op->cov)
        return VMAP_SUCCESS;
    return vmap_error_set(err, VMAP_ENOMEM, "no memory for a group");
}

static double weight_of(const vmap_answers *a, size_t r)
{
    return a->weights ? a->weights[r] : 1;
}

/* Weighted mean of the operators of the group's respondents. */
static void average_operators(vmap_group *g, const vmap_answers *a, const vmap_projection *pr,
                              const size_t *used)
{
    for (size_t i = 0; i < g->n; i++) {
        const vmap_operator *op = pr->operators[pr->pattern[used[i]]];
        double w = weight_of(a, used[i]) / g->weight;

        for (size_t j = 0; j < pr->k; j++) {
            *gsl_vector_ptr(g->op->constant, j) += w * gsl_vector_get(op->constant, j);
            *gsl_vector_ptr(g->op->share, j) += w * gsl_vector_get(op->share, j);
            for (size_t l = 0; l < pr->k; l++)
                *gsl_matrix_ptr(g->op->cov, j, l) += w * gsl_matrix_get(op->cov, j, l);
            for (size_t q = 0; q < pr->p; q++)
                *gsl_matrix_ptr(g->op->weights, q, j) += w * gsl_matrix_get(op->weights, q, j);
        }
    }
}

static void find_mean(vmap_group *g, const vmap_answers *a, const vmap_projection *pr,
                      const size_t *used)
{
    size_t k = pr->k;

    for (size_t j = 0; j < k; j++) {
        double sum = 0, first = g->n ? pr->at[used[0] * k + j] : NAN;

        for (size_t i = 0; i < g->n; i++)
            sum += weight_of(a, used[i]) * (pr->at[used[i] * k + j] - first);
        gsl_vector_set(g->mean, j, g->n ? first + sum / g->weight : NAN);
    }
}

/* Influence of one respondent on the mean position on axis j, by the rule. */
static double influence(const vmap_group *g, const vmap_answers *a, const vmap_projection *pr,
                        vmap_incomplete rule, const double *item_weight, size_t r, size_t j)
{
    double u = 0;

    if (rule != VMAP_INCOMPLETE_MEANS)
        return weight_of(a, r) * (pr->at[r * pr->k + j] - gsl_vector_get(g->mean, j)) / g->weight;
    for (size_t i = 0; i < a->p; i++) {
        double x = a->values[r * a->p + i], w = gsl_matrix_get(g->op->weights, i, j);

        if (w != 0 && !isnan(x))
            u += w * weight_of(a, r) * (x - gsl_vector_get(g->items, i)) / item_weight[i];
    }
    return u;
}

static void find_spread(vmap_group *g, const vmap_answers *a, const vmap_projection *pr,
                        vmap_incomplete rule, const double *item_weight, const size_t *used)
{
    size_t k = pr->k;

    gsl_matrix_set_all(g->cov, g->n < 2 ? NAN : 0);
    gsl_vector_set_all(g->se, g->n < 2 ? NAN : 0);
    for (size_t i = 0; g->n >= 2 && i < g->n; i++) {
        double w = weight_of(a, used[i]) / g->weight;

        for (size_t j = 0; j < k; j++) {
            double u = influence(g, a, pr, rule, item_weight, used[i], j);
            double dj = pr->at[used[i] * k + j] - gsl_vector_get(g->centre, j);

            *gsl_vector_ptr(g->se, j) += u * u;
            for (size_t l = 0; l < k; l++)
                *gsl_matrix_ptr(g->cov, j, l) +=
                    w * dj * (pr->at[used[i] * k + l] - gsl_vector_get(g->centre, l));
        }
    }
    for (size_t j = 0; g->n >= 2 && j < k; j++) {
        double n = (double)g->n;

        gsl_vector_set(g->se, j, sqrt(n / (n - 1) * gsl_vector_get(g->se, j)));
    }
}

/* Weighted item means; item_weight (p) receives the weight behind each and item_n (p) how many. */
static void find_items(vmap_group *g, const vmap_space *s, const vmap_answers *a, const size_t *used,
                       double *item_weight, size_t *item_n)
{
    size_t answered = 0;

    g->midpoint = true;
    for (size_t q = 0; q < a->p; q++) {
        double sum = 0, weight = 0;
        double middle = (gsl_vector_get(s->low, q) + gsl_vector_get(s->high, q)) / 2;

        item_n[q] = 0;
        for (size_t i = 0; i < g->n; i++) {
            double x = a->values[used[i] * a->p + q], w = weight_of(a, used[i]);

            if (!isnan(x)) {
                sum += w * (x - middle);
                weight += w;
                item_n[q]++;
            }
        }
        item_weight[q] = weight;
        gsl_vector_set(g->items, q, weight > 0 ? middle + sum / weight : NAN);
        if (weight > 0) {
            answered++;
            g->midpoint &= fabs(sum / weight) <= 0.5;
        }
    }
    g->midpoint &= 2 * answered >= a->p && answered > 0;
}

/* A single answer of several respondents would pass for a mean without error. */
void group_answered(size_t n, const size_t *item_n, size_t p, bool *answered)
{
    for (size_t i = 0; i < p; i++)
        answered[i] = item_n[i] >= (n < 2 ? 1 : 2);
}

/* The position of the group's mean answers. */
static vmap_status project_means(vmap_group *g, const vmap_space *s, const size_t *item_n,
                                 vmap_error *err)
{
    bool *answered = memory_new(s->p, sizeof *answered, err);
    vmap_status status;

    if (!answered)
        return VMAP_ENOMEM;
    group_answered(g->n, item_n, s->p, answered);
    vmap_operator_free(g->op);
    g->op = NULL;
    status = vmap_operator_new(s, answered, &g->op, err);
    free(answered);
    for (size_t j = 0; !status && j < s->k; j++) {
        double at = gsl_vector_get(g->op->constant, j);

        for (size_t i = 0; i < s->p; i++) {
            double w = gsl_matrix_get(g->op->weights, i, j);

            if (w != 0)
                at += w * gsl_vector_get(g->items, i);
        }
        gsl_vector_set(g->mean, j, g->n ? at : NAN);
    }
    return status;
}

/* Mean position, its error and what lies behind it. */
static vmap_status place_group(vmap_group *g, const vmap_space *s, const vmap_answers *a,
                               const vmap_projection *pr, vmap_incomplete rule, const size_t *used,
                               vmap_error *err)
{
    double *item_weight = memory_new(s->p, sizeof *item_weight, err);
    size_t *item_n = memory_new(s->p, sizeof *item_n, err);
    vmap_status status = item_weight && item_n ? VMAP_SUCCESS : VMAP_ENOMEM;

    if (!status) {
        find_items(g, s, a, used, item_weight, item_n);
        find_mean(g, a, pr, used);
        gsl_vector_memcpy(g->centre, g->mean);
        average_operators(g, a, pr, used);
        gsl_matrix_memcpy(g->left_open, g->op->cov);
        if (rule == VMAP_INCOMPLETE_MEANS)
            status = project_means(g, s, item_n, err);
    }
    if (!status) {
        find_spread(g, a, pr, rule, item_weight, used);
        gsl_vector_memcpy(g->share, g->op->share);
        for (size_t j = 0; j < pr->k; j++)
            gsl_vector_set(g->sd_incomplete, j, sqrt(fmax(0, gsl_matrix_get(g->op->cov, j, j))));
    }
    if (!status && g->n == 0) { /* nothing is known of nobody */
        gsl_matrix_set_all(g->left_open, NAN);
        gsl_vector_set_all(g->sd_incomplete, NAN);
        gsl_vector_set_all(g->share, NAN);
    }
    free(item_weight);
    free(item_n);
    return status;
}

static vmap_status fill_group(vmap_group *g, const vmap_space *s, const vmap_answers *a,
                              const vmap_projection *pr, const group_order *o, size_t index,
                              vmap_incomplete rule, size_t *used, vmap_error *err)
{
    size_t first = o->rows[o->start[index]];
    double squares = 0;

    for (size_t c = 0; c < vmap_table_columns(a->groups); c++) {
        const char *label = vmap_table_text(a->groups, c, first);

        g->labels[c] = text_copy(label, strlen(label));
        if (!g->labels[c])
            return vmap_error_set(err, VMAP_ENOMEM, "no memory for a label");
    }
    g->rows = o->start[index + 1] - o->start[index];
    g->n = group_order_used(o, index, a, pr, rule, used);
    for (size_t i = 0; i < g->n; i++) {
        double w = weight_of(a, used[i]);

        g->weight += w;
        squares += w * w;
        g->n_complete += pr->used[used[i]] == pr->p;
    }
    g->n_eff = g->n ? g->weight * g->weight / squares : 0;
    return place_group(g, s, a, pr, rule, used, err);
}

/* Does a respondent answer (nearly) every scale at its midpoint? Scales of two codes say nothing. */
static bool is_midpoint(const vmap_space *s, const double *x)
{
    size_t answered = 0, scales = 0;

    for (size_t i = 0; i < s->p; i++) {
        double low = gsl_vector_get(s->low, i), high = gsl_vector_get(s->high, i);

        if (high - low < 2)
            continue;
        scales++;
        if (isnan(x[i]))
            continue;
        if (fabs(x[i] - (low + high) / 2) > 0.5)
            return false;
        answered++;
    }
    return answered > 0 && 2 * answered >= scales;
}

static vmap_status fill(vmap_groups *groups, const vmap_space *s, const vmap_answers *a,
                        const vmap_projection *pr, vmap_incomplete rule, const group_order *o,
                        vmap_error *err)
{
    size_t *used = memory_new(a->n, sizeof *used, err);
    vmap_status status = used ? VMAP_SUCCESS : VMAP_ENOMEM;

    groups->group = memory_new(o->count, sizeof *groups->group, err);
    groups->names = memory_new(groups->columns, sizeof *groups->names, err);
    if (!groups->group || !groups->names)
        status = VMAP_ENOMEM;
    for (size_t c = 0; !status && c < groups->columns; c++) {
        const char *name = vmap_table_name(a->groups, c);

        groups->names[c] = text_copy(name, strlen(name));
        if (!groups->names[c])
            status = vmap_error_set(err, VMAP_ENOMEM, "no memory for a name");
    }
    for (size_t i = 0; !status && i < o->count; i++) {
        groups->count = i + 1;
        status = alloc_group(&groups->group[i], pr->p, pr->k, groups->columns, err);
        if (!status)
            status = fill_group(&groups->group[i], s, a, pr, o, i, rule, used, err);
    }
    for (size_t r = 0; !status && r < a->n; r++)
        groups->midpoint_rows += is_midpoint(s, a->values + r * a->p);
    free(used);
    return status;
}

vmap_status vmap_groups_new(const vmap_space *space, const vmap_answers *answers,
                            const vmap_projection *projection, vmap_incomplete rule,
                            vmap_groups **result, vmap_error *err)
{
    vmap_groups *groups = memory_new(1, sizeof *groups, err);
    group_order order = {0};
    vmap_status status;

    if (!groups)
        return VMAP_ENOMEM;
    groups->columns = vmap_table_columns(answers->groups);
    groups->k = space->k;
    groups->p = space->p;
    status = group_order_new(answers, &order, err);
    if (!status) {
        groups->unlabelled = answers->n - order.n;
        status = fill(groups, space, answers, projection, rule, &order, err);
    }
    group_order_free(&order);
    if (status)
        vmap_groups_free(groups);
    else
        *result = groups;
    return status;
}

/* Groups are sorted by their labels, so the group of a row is found by halving. */
static size_t find_group(const vmap_groups *groups, const vmap_table *table, size_t row)
{
    size_t low = 0, high = groups->count;

    while (low < high) {
        size_t middle = (low + high) / 2;
        int order = 0;

        for (size_t c = 0; order == 0 && c < groups->columns; c++)
            order = strcmp(groups->group[middle].labels[c], vmap_table_text(table, c, row));
        if (order == 0)
            return middle;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return groups->count;
}

vmap_status vmap_groups_of_rows(const vmap_groups *groups, const vmap_answers *answers,
                                size_t **group, vmap_error *err)
{
    size_t *of = memory_new(answers->n, sizeof *of, err);

    if (!of)
        return VMAP_ENOMEM;
    for (size_t r = 0; r < answers->n; r++)
        of[r] = group_has_labels(answers->groups, r) ? find_group(groups, answers->groups, r)
                                               : groups->count;
    *group = of;
    return VMAP_SUCCESS;
}

vmap_status vmap_groups_within(const vmap_groups *groups, gsl_matrix *within, vmap_error *err)
{
    double weight = 0;

    gsl_matrix_set_zero(within);
    for (size_t i = 0; i < groups->count; i++) {
        const vmap_group *g = &groups->group[i];

        if (g->n < 2)
            continue;
        weight += g->weight;
        for (size_t a = 0; a < groups->k; a++) {
            for (size_t b = 0; b < groups->k; b++)
                *gsl_matrix_ptr(within, a, b) +=
                    g->weight * (gsl_matrix_get(g->cov, a, b) + gsl_matrix_get(g->left_open, a, b));
        }
    }
    if (!(weight > 0))
        return vmap_error_set(err, VMAP_EDATA, "no group has two respondents");
    gsl_matrix_scale(within, 1 / weight);
    return VMAP_SUCCESS;
}
