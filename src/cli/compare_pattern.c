#include <config.h>
#include "cli/compare_shape.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/columns.h"
#include "core/memory.h"

/* ---- shared ---- */

size_t *compare_groups_of(const compare_work *w, const compare_level *l, bool people, size_t series, vmap_error *err)
{
    const vmap_answers *a = people ? w->a->human.answers : w->a->persona.answers;
    size_t *group = memory_new(a->n, sizeof *group, err);

    for (size_t i = 0; group && i < a->n; i++) {
        size_t cell = people ? w->human_cell[i] : w->persona_cell[i];

        group[i] = cell < w->cells && (people || w->persona_series[i] == series) ? l->group[cell] : l->groups;
    }
    return group;
}

double compare_mean(const compare_work *w, const vmap_distributions *d, size_t group, size_t item, double *se)
{
    const double *share = d->share + group * d->offset[w->p] + d->offset[item], *code = w->points[item].code;
    double mean = 0, variance = 0, n = d->n_eff[group * w->p + item];

    for (size_t i = 0; i < w->points[item].count; i++)
        mean += share[i] * code[i]; /* NaN without answers */
    for (size_t i = 0; i < w->points[item].count; i++)
        variance += share[i] * pow(code[i] - mean, 2);
    if (se)
        *se = n > 1 ? sqrt(variance / (n - 1)) : NAN;
    return mean;
}

uint64_t compare_seed(const compare_work *w)
{
    vmap_permutation_options defaults;

    vmap_permutation_defaults(&defaults);
    return w->settings->study.seed ? (uint64_t)w->settings->study.seed : defaults.seed;
}

double compare_range(const compare_work *w, size_t item)
{
    return w->points[item].code[w->points[item].count - 1] - w->points[item].code[0];
}

size_t *compare_ordered(const compare_work *w, size_t *count, vmap_error *err)
{
    size_t *item = memory_new(w->p, sizeof *item, err);

    *count = 0;
    for (size_t j = 0; item && j < w->p; j++) {
        if (w->points[j].ordered)
            item[(*count)++] = j;
    }
    return item;
}

void compare_sheets_clear(compare_sheets *s)
{
    free(s->value);
    free(s->weight);
    free(s->row);
    *s = (compare_sheets){.n = 0};
}

vmap_status compare_sheets_new(const compare_work *w, const compare_level *l, bool people, size_t series, size_t group,
                               const size_t *item, size_t count, bool scaled, compare_sheets *s, vmap_error *err)
{
    const vmap_answers *a = people ? w->a->human.answers : w->a->persona.answers;
    const size_t *order = people ? w->human_order : w->persona_order;
    size_t *of = compare_groups_of(w, l, people, series, err);
    double *weight = compare_weights(w, l, people, err);
    vmap_status status = VMAP_ENOMEM;

    *s = (compare_sheets){.p = count, .row = memory_new(a->n, sizeof *s->row, err)};
    for (size_t i = 0; of && weight && s->row && i < a->n; i++) {
        size_t at = order[i];

        if (of[at] != l->groups && (group == l->groups || of[at] == group) && weight[at] > 0)
            s->row[s->n++] = at;
    }
    s->value = memory_new(s->n * count, sizeof *s->value, err);
    s->weight = memory_new(s->n, sizeof *s->weight, err);
    if (of && weight && s->row && s->value && s->weight)
        status = VMAP_SUCCESS;
    for (size_t k = 0; !status && k < s->n; k++) {
        const double *value = a->values + s->row[k] * a->p;

        for (size_t j = 0; j < count; j++)
            s->value[k * count + j] = value[w->item[item[j]]] / (scaled ? compare_range(w, item[j]) : 1);
        s->weight[k] = weight[s->row[k]];
    }
    free(of);
    free(weight);
    return status;
}

/* ---- pattern ---- */

/* What one item of one series says at a level. */
typedef struct {
    const compare_work *w;
    const compare_level *l;
    size_t s;
    const size_t *people, *personas; /* groups of the rows */
    const double *weight[2]; /* of people, of personas */
    gsl_matrix *human, *persona, *human_se, *persona_se; /* items x groups, NaN where there are too few */
    const double *replicate; /* of the ratios; NULL: none */
} means;

static void clear_means(means *m)
{
    gsl_matrix_free(m->human);
    gsl_matrix_free(m->persona);
    gsl_matrix_free(m->human_se);
    gsl_matrix_free(m->persona_se);
}

static vmap_status fill_means(means *m, const size_t *item, size_t count, vmap_error *err)
{
    gsl_matrix **all[] = {&m->human, &m->persona, &m->human_se, &m->persona_se};
    vmap_metric_pair pair;

    for (size_t k = 0; k < 4; k++) {
        *all[k] = memory_matrix(count, m->l->groups, err);
        if (!*all[k])
            return VMAP_ENOMEM;
        gsl_matrix_set_all(*all[k], NAN);
    }
    for (size_t j = 0; j < count; j++) {
        for (size_t g = 0; g < m->l->groups; g++) {
            if (!compare_pair(m->w, m->l, m->s, g, item[j], &pair))
                continue;
            gsl_matrix_set(m->human, j, g,
                           compare_mean(m->w, m->l->people, g, item[j], gsl_matrix_ptr(m->human_se, j, g)));
            gsl_matrix_set(m->persona, j, g,
                           compare_mean(m->w, m->l->personas[m->s], g, item[j], gsl_matrix_ptr(m->persona_se, j, g)));
        }
    }
    return VMAP_SUCCESS;
}

static void pattern_columns(vmap_report_table *t, int replicates)
{
    static const char *const numbers[] = {"bias", "r", "r_low", "r_high", "slope", "slope_low", "slope_high", "spearman",
                                          "kendall", "spread", "spread_true", "eta2_human", "eta2_persona", "stereotyping",
                                          "variance_ratio", "within_ratio", "spread_low", "spread_high",
                                          "stereotyping_low", "stereotyping_high", "variance_ratio_low", "variance_ratio_high",
                                          "within_ratio_low", "within_ratio_high"};

    vmap_report_column(t, "level", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "series", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "item", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "groups", VMAP_CELL_COUNT, 0);
    columns_add(t, VMAP_CELL_NUMBER, 2, numbers, sizeof numbers / sizeof *numbers);
    vmap_report_note(t, "Group means of personas against those of people, over the groups of a level. bias: mean of personas - people; "
                     "r, slope of personas on people with 95 %% intervals; spearman, kendall (tau-b): rank agreement; spread: sd of "
                     "personas' group means / people's, spread_true with the noise of sampling taken out of both.");
    vmap_report_note(t, "eta2: share of the variance between the groups; stereotyping: epsilon squared (eta2 without its bias) of "
                     "personas / people: above 1 the group says more about a persona than about a person. variance_ratio, "
                     "within_ratio: variance of personas / people, of all and within groups: below 1 they are too alike.");
    vmap_report_note(t, "_low, _high of ratios: 95 %% intervals; respondents, and personas with all their answers, are drawn anew within their "
                     "groups (%d times, bias-corrected percentiles; of spread without the noise of sampling, like spread_true); groups and items "
                     "stay.", replicates);
    vmap_report_note(t, "NA: fewer than three groups with enough answers (slope: four for its interval), or no variance.");
}

static double ratio(double a, double b)
{
    return b > 0 ? a / b : NAN;
}

static vmap_status explain_side(const means *m, bool people, size_t item, vmap_explained *e, vmap_error *err)
{
    const vmap_answers *a = people ? m->w->a->human.answers : m->w->a->persona.answers;
    vmap_status status = vmap_pattern_explain(a->values + m->w->item[item], a->p, m->weight[!people], a->n,
                                              people ? m->people : m->personas, m->l->groups, e, err);

    if (status != VMAP_EDATA)
        return status;
    *e = (vmap_explained){.eta2 = NAN, .epsilon2 = NAN, .variance = NAN, .within = NAN};
    return VMAP_SUCCESS;
}

static void put_calibration(vmap_report_table *t, const vmap_calibration *c)
{
    const double value[] = {c->bias, c->r, c->r_low, c->r_high, c->slope, c->slope_low, c->slope_high, c->rank, c->kendall,
                            c->spread, c->true_spread};

    vmap_report_count(t, c->groups);
    for (size_t k = 0; k < sizeof value / sizeof *value; k++)
        vmap_report_number(t, value[k]);
}

/* Standard deviation of the group means of an item that are known. */
static double spread_of(const gsl_matrix *mean, size_t j)
{
    double centre = 0, squares = 0, n = 0;

    for (size_t g = 0; g < mean->size2; g++) {
        double x = gsl_matrix_get(mean, j, g), d = x - centre;

        if (isnan(x))
            continue;
        n++;
        centre += d / n;
        squares += d * (x - centre);
    }
    return n > 1 ? sqrt(squares / (n - 1)) : NAN;
}

/* Three ratios, then the intervals of spread and of these three. */
static vmap_status put_ratios(vmap_report_table *t, const means *m, size_t count, size_t j, const double value[3], vmap_error *err)
{
    const double *replicate = m->replicate ? m->replicate + (m->s * count + j) * COMPARE_RATIOS : NULL;
    size_t stride = m->w->series_count * count * COMPARE_RATIOS;
    vmap_true_ratio spread;
    vmap_status status = compare_find_true_ratio(m->w, spread_of(m->human, j), spread_of(m->persona, j), replicate, stride, &spread, err);

    for (size_t k = 0; k < 3; k++)
        vmap_report_number(t, value[k]);
    vmap_report_number(t, spread.low);
    vmap_report_number(t, spread.high);
    for (size_t k = 0; !status && k < 3; k++) {
        double low, high;

        status = compare_find_interval(m->w, value[k], replicate ? replicate + COMPARE_STEREOTYPING + k : NULL, stride, &low, &high, err);
        vmap_report_number(t, low);
        vmap_report_number(t, high);
    }
    return status;
}

static vmap_status put_item(vmap_report_table *t, const means *m, const size_t *item, size_t count, size_t j, vmap_error *err)
{
    vmap_calibration c;
    vmap_explained human, persona;
    vmap_status status =
        vmap_calibration_find(gsl_matrix_ptr(m->persona, j, 0), gsl_matrix_ptr(m->persona_se, j, 0),
                              gsl_matrix_ptr(m->human, j, 0), gsl_matrix_ptr(m->human_se, j, 0), m->l->groups, .95, &c, err);

    if (status == VMAP_EDATA) /* fewer than three groups: the item has no row */
        return VMAP_SUCCESS;
    if (!status)
        status = explain_side(m, true, item[j], &human, err);
    if (!status)
        status = explain_side(m, false, item[j], &persona, err);
    if (status)
        return status;
    vmap_report_text(t, m->l->name);
    vmap_report_text(t, m->w->series[m->s].name);
    vmap_report_text(t, m->w->define[item[j]]->name);
    put_calibration(t, &c);
    vmap_report_number(t, human.eta2);
    vmap_report_number(t, persona.eta2);
    return put_ratios(t, m, count, j, (const double[]){ratio(persona.epsilon2, human.epsilon2), ratio(persona.variance, human.variance),
                                                       ratio(persona.within, human.within)}, err);
}

/* All items at once: means without the item's own mean on each side, divided by its range. */
static vmap_status put_all_items(vmap_report_table *t, const means *m, const size_t *item, size_t count, vmap_error *err)
{
    size_t n = m->l->groups;
    double *x = memory_new(2 * count * n, sizeof *x, err), *y = x ? x + count * n : NULL;
    vmap_calibration c;
    vmap_status status = x ? VMAP_SUCCESS : VMAP_ENOMEM;

    for (size_t j = 0; !status && j < count; j++) {
        double human = 0, persona = 0, seen = 0;

        for (size_t g = 0; g < n; g++) {
            if (!isnan(gsl_matrix_get(m->human, j, g))) {
                human += gsl_matrix_get(m->human, j, g);
                persona += gsl_matrix_get(m->persona, j, g);
                seen++;
            }
        }
        for (size_t g = 0; g < n; g++) {
            x[j * n + g] = (gsl_matrix_get(m->human, j, g) - human / seen) / compare_range(m->w, item[j]);
            y[j * n + g] = (gsl_matrix_get(m->persona, j, g) - persona / seen) / compare_range(m->w, item[j]);
        }
    }
    if (!status)
        status = vmap_calibration_find(y, NULL, x, NULL, count * n, .95, &c, err);
    if (status == VMAP_SUCCESS) {
        vmap_report_text(t, m->l->name);
        vmap_report_text(t, m->w->series[m->s].name);
        vmap_report_text(t, "(all)");
        c.bias = c.true_spread = NAN; /* taken out; not known */
        c.r_low = c.r_high = c.slope_low = c.slope_high = NAN; /* items of a group are not independent */
        put_calibration(t, &c);
        for (size_t k = 0; k < 13; k++)
            vmap_report_missing(t);
    }
    free(x);
    return status == VMAP_EDATA ? VMAP_SUCCESS : status;
}

/* ---- all ---- */

static vmap_status put_series_of(vmap_report_table *t, const compare_work *w, const compare_level *l, size_t s, const size_t *item,
                                 size_t count, const double *replicate, vmap_error *err)
{
    size_t *people = compare_groups_of(w, l, true, 0, err), *personas = compare_groups_of(w, l, false, s, err);
    double *weight[2] = {compare_weights(w, l, true, err), compare_weights(w, l, false, err)};
    means m = {.w = w, .l = l, .s = s, .people = people, .personas = personas, .weight = {weight[0], weight[1]},
               .replicate = replicate};
    vmap_status status = people && personas && weight[0] && weight[1] ? fill_means(&m, item, count, err) : VMAP_ENOMEM;

    for (size_t j = 0; !status && j < count; j++)
        status = put_item(t, &m, item, count, j, err);
    if (!status && count > 1)
        status = put_all_items(t, &m, item, count, err);
    clear_means(&m);
    free(people);
    free(personas);
    free(weight[0]);
    free(weight[1]);
    return status;
}

static vmap_status put_level(vmap_report_table *t, const compare_work *w, const compare_level *l, const size_t *item, size_t count,
                             vmap_error *err)
{
    double *replicate;
    vmap_status status = compare_draw_ratios(w, l, item, count, &replicate, err);

    for (size_t s = 0; !status && s < w->series_count; s++)
        status = put_series_of(t, w, l, s, item, count, replicate, err);
    free(replicate);
    return status;
}

static vmap_status table_pattern(vmap_report *r, const compare_work *w, const size_t *item, size_t count, vmap_error *err)
{
    vmap_report_table *t;
    vmap_status status = VMAP_SUCCESS;
    bool any = false;

    for (size_t l = 0; l < w->levels; l++)
        any |= w->level[l].groups >= 3;
    if (!any)
        return vmap_ledger_say(w->a->ledger, err, "pattern, own_group, nearest_groups: no level has three groups that both sides have; the tables are "
                               "left out");
    t = vmap_report_add(r, "pattern", "Does the pattern between groups survive?");
    pattern_columns(t, w->settings->replicates);
    for (size_t l = 0; l < w->levels; l++) {
        if (!status && w->level[l].groups >= 3)
            status = put_level(t, w, &w->level[l], item, count, err);
    }
    return status ? status : compare_own_tables(r, w, err);
}

vmap_status compare_pattern_tables(vmap_report *r, const compare_work *w, vmap_error *err)
{
    size_t count, *item = compare_ordered(w, &count, err);
    vmap_status status = item ? VMAP_SUCCESS : VMAP_ENOMEM;

    if (!status && (!count || !w->columns))
        status = vmap_ledger_say(w->a->ledger, err, "pattern, own_group, nearest_groups, coefficients: %s",
                                 w->columns ? "no item has ordered codes" : "there are no groups; name their columns with --by");
    if (!status && count && w->columns) {
        status = table_pattern(r, w, item, count, err);
        if (!status)
            status = compare_coefficients_table(r, w, item, count, err);
    }
    free(item);
    return status;
}
