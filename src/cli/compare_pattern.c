#include <config.h>
#include "cli/compare_shape.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"

enum { PERMUTATIONS = 9999, MOST_COEFFICIENTS = 200 };

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
    size_t *of = compare_groups_of(w, l, people, series, err);

    *s = (compare_sheets){.p = count};
    for (size_t i = 0; of && i < a->n; i++) { /* the rows that count move to the front */
        if (of[i] != l->groups && (group == l->groups || of[i] == group) && (!a->weights || a->weights[i] > 0))
            of[s->n++] = i;
    }
    s->row = of;
    s->value = memory_new(s->n * count, sizeof *s->value, err);
    s->weight = memory_new(s->n, sizeof *s->weight, err);
    if (!of || !s->value || !s->weight)
        return VMAP_ENOMEM;
    for (size_t k = 0; k < s->n; k++) {
        const double *value = a->values + of[k] * a->p;

        for (size_t j = 0; j < count; j++)
            s->value[k * count + j] = value[w->item[item[j]]] / (scaled ? compare_range(w, item[j]) : 1);
        s->weight[k] = a->weights ? a->weights[of[k]] : 1;
    }
    return VMAP_SUCCESS;
}

/* ---- pattern ---- */

/* What one item of one series says at a level. */
typedef struct {
    const compare_work *w;
    const compare_level *l;
    size_t s;
    const size_t *people, *personas; /* groups of the rows */
    gsl_matrix *human, *persona, *human_se, *persona_se; /* items x groups, NaN where there are too few */
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

static void pattern_columns(vmap_report_table *t)
{
    static const char *const numbers[] = {"bias", "r", "r_low", "r_high", "slope", "slope_low", "slope_high", "spearman",
                                          "kendall", "spread", "spread_true", "eta2_human", "eta2_persona", "stereotyping",
                                          "variance_ratio", "within_ratio"};

    vmap_report_column(t, "level", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "series", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "item", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "groups", VMAP_CELL_COUNT, 0);
    for (size_t k = 0; k < sizeof numbers / sizeof *numbers; k++)
        vmap_report_column(t, numbers[k], VMAP_CELL_NUMBER, 2);
    vmap_report_note(t, "Group means of personas against those of people, over the groups of a level. bias: mean of personas - people; "
                     "r, slope of personas on people with 95 %% intervals; spearman, kendall (tau-b): rank agreement; spread: sd of "
                     "personas' group means / people's, spread_true with the noise of sampling taken out of both.");
    vmap_report_note(t, "eta2: share of the variance between the groups; stereotyping: epsilon squared (eta2 without its bias) of "
                     "personas / people: above 1 the group says more about a persona than about a person. variance_ratio, "
                     "within_ratio: variance of personas / people, of all and within groups: below 1 they are too alike.");
    vmap_report_note(t, "NA: fewer than three groups with enough answers (slope: four for its interval), or no variance.");
}

static double ratio(double a, double b)
{
    return b > 0 ? a / b : NAN;
}

static vmap_status explain_side(const means *m, bool people, size_t item, vmap_explained *e, vmap_error *err)
{
    const vmap_answers *a = people ? m->w->a->human.answers : m->w->a->persona.answers;
    vmap_status status = vmap_pattern_explain(a->values + m->w->item[item], a->p, a->weights, a->n,
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

static vmap_status put_item(vmap_report_table *t, const means *m, const size_t *item, size_t j, vmap_error *err)
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
    vmap_report_number(t, ratio(persona.epsilon2, human.epsilon2));
    vmap_report_number(t, ratio(persona.variance, human.variance));
    vmap_report_number(t, ratio(persona.within, human.within));
    return VMAP_SUCCESS;
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
        for (size_t k = 0; k < 5; k++)
            vmap_report_missing(t);
    }
    free(x);
    return status == VMAP_EDATA ? VMAP_SUCCESS : status;
}

/* ---- own group ---- */

static void own_columns(vmap_report_table *t)
{
    static const char *const numbers[] = {"hit1", "hit1_chance", "hit1_p", "hit3", "hit3_chance", "hit3_p", "hit5",
                                          "hit5_chance", "hit5_p", "mrr", "mrr_chance", "mrr_p", "mean_rank", "mean_rank_p",
                                          "distance_human", "distance_persona", "homogenisation", "homogenisation_low",
                                          "homogenisation_high", "nearer", "distance_r"};

    vmap_report_column(t, "level", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "series", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "groups", VMAP_CELL_COUNT, 0);
    vmap_report_column(t, "items", VMAP_CELL_COUNT, 0);
    for (size_t k = 0; k < sizeof numbers / sizeof *numbers; k++)
        vmap_report_column(t, numbers[k], VMAP_CELL_NUMBER, strstr(numbers[k], "_p") ? 4 : 3);
    vmap_report_note(t, "Is a persona group nearest to its own human group? Distance: mean over items of Wasserstein-1 / range. hit1, hit3, "
                     "hit5: share of persona groups whose own group is among the nearest one, three, five; mrr: mean of 1 / rank; "
                     "_chance: mean when groups are exchanged; _p: share of %d exchanges that are as good.", PERMUTATIONS);
    vmap_report_note(t, "homogenisation: mean distance of two persona groups / of the two human groups (95 %% interval by the jackknife over "
                     "groups): below 1 personas of different groups are too alike. nearer: share of pairs of groups that lie nearer among "
                     "personas; distance_r: correlation of the two sides' distances.");
}

static vmap_status distances(const compare_work *w, const vmap_distributions *a, const vmap_distributions *b, const bool *use,
                             gsl_matrix *d, vmap_error *err)
{
    const vmap_metric *w1;
    double *code = memory_new(a->offset[w->p], sizeof *code, err);
    vmap_status status = code ? vmap_metric_find("w1_scaled", &w1, err) : VMAP_ENOMEM;

    for (size_t j = 0; !status && j < w->p; j++)
        memcpy(code + a->offset[j], w->points[j].code, w->points[j].count * sizeof *code);
    if (!status)
        status = vmap_metric_means(w1, 2, a->share, a->groups, b->share, b->groups, a->offset, w->p, code, use,
                                   (unsigned)w->settings->study.threads, d->data, err);
    free(code);
    return status;
}

/* Items that every group of both sides answered often enough: distances of the same items only are compared. */
static size_t same_items(const compare_work *w, const compare_level *l, size_t s, bool *use)
{
    vmap_metric_pair pair;
    size_t count = 0;

    for (size_t j = 0; j < w->p; j++) {
        use[j] = w->points[j].ordered;
        for (size_t g = 0; use[j] && g < l->groups; g++)
            use[j] = compare_pair(w, l, s, g, j, &pair);
        count += use[j];
    }
    return count;
}

static void put_identification(vmap_report_table *t, const vmap_identification *i)
{
    for (size_t k = 0; k < VMAP_HITS; k++) {
        vmap_report_number(t, i->hit[k]);
        vmap_report_number(t, i->hit_chance[k]);
        vmap_report_number(t, i->hit_p[k]);
    }
    vmap_report_number(t, i->mrr);
    vmap_report_number(t, i->mrr_chance);
    vmap_report_number(t, i->mrr_p);
    vmap_report_number(t, i->mean_rank);
    vmap_report_number(t, i->mean_rank_p);
}

static void put_homogenisation(vmap_report_table *t, const vmap_homogenisation *h)
{
    const double value[] = {h->human, h->persona, h->ratio, h->low, h->high, h->nearer, h->correlation};

    for (size_t k = 0; k < sizeof value / sizeof *value; k++)
        vmap_report_number(t, value[k]);
}

static vmap_status put_own(vmap_report_table *t, const compare_work *w, const compare_level *l, size_t s, const bool *use,
                           size_t items, vmap_error *err)
{
    size_t n = l->groups, *target = memory_new(n, sizeof *target, err);
    gsl_matrix *d[3] = {memory_matrix(n, n, err), memory_matrix(n, n, err), memory_matrix(n, n, err)};
    const vmap_permutation_options o = {PERMUTATIONS, compare_seed(w),
                                        (unsigned)w->settings->study.threads, NULL};
    vmap_identification *found = NULL;
    vmap_homogenisation h;
    vmap_status status = target && d[0] && d[1] && d[2] ? VMAP_SUCCESS : VMAP_ENOMEM;

    for (size_t g = 0; !status && g < n; g++)
        target[g] = g;
    if (!status)
        status = distances(w, l->personas[s], l->people, use, d[0], err);
    if (!status)
        status = distances(w, l->people, l->people, use, d[1], err);
    if (!status)
        status = distances(w, l->personas[s], l->personas[s], use, d[2], err);
    if (!status)
        status = vmap_pattern_identify(d[0], target, &o, &found, err);
    if (!status)
        status = vmap_pattern_homogenise(d[1], d[2], .95, &h, err);
    if (!status) {
        vmap_report_text(t, l->name);
        vmap_report_text(t, w->series[s].name);
        vmap_report_count(t, n);
        vmap_report_count(t, items);
        put_identification(t, found);
        put_homogenisation(t, &h);
    }
    vmap_identification_free(found);
    for (size_t k = 0; k < 3; k++)
        gsl_matrix_free(d[k]);
    free(target);
    return status;
}

static vmap_status table_own(vmap_report *r, const compare_work *w, vmap_error *err)
{
    vmap_report_table *t = vmap_report_add(r, "own_group", "Is a persona group most like its own people?");
    bool *use = memory_new(w->p, sizeof *use, err);
    vmap_status status = use ? VMAP_SUCCESS : VMAP_ENOMEM;

    own_columns(t);
    for (size_t l = 0; l < w->levels; l++) {
        for (size_t s = 0; !status && w->level[l].groups >= 3 && s < w->series_count; s++) {
            size_t items = same_items(w, &w->level[l], s, use);

            if (items)
                status = put_own(t, w, &w->level[l], s, use, items, err);
            else
                status = vmap_ledger_say(w->a->ledger, err, "own_group: no ordered item has %d valid answers in every group of level "
                                         "%s for %s", w->settings->min_n, w->level[l].name, w->series[s].name);
        }
    }
    free(use);
    return status;
}

/* ---- coefficients ---- */

/* Rows of a side that belong to a cell, and their dummies. */
static vmap_status dummies(const compare_work *w, const compare_sheets *s, bool people, const size_t *level, const size_t *levels,
                           gsl_matrix **x, vmap_error *err)
{
    const size_t *cell = people ? w->human_cell : w->persona_cell;
    size_t *own = memory_new(w->columns * s->n, sizeof *own, err), *reference = memory_new(w->columns, sizeof *reference, err);
    vmap_status status = own && reference ? VMAP_SUCCESS : VMAP_ENOMEM;

    for (size_t c = 0; !status && c < w->columns; c++) {
        for (size_t i = 0; i < s->n; i++)
            own[c * s->n + i] = level[c * w->cells + cell[s->row[i]]];
    }
    if (!status)
        status = vmap_pattern_dummies(own, levels, reference, w->columns, s->n, x, err);
    free(own);
    free(reference);
    return status;
}

/* Levels of every column among the cells, numbered as they are sorted; `label` (columns x cells) are their names. */
static vmap_status number_levels(const compare_work *w, size_t **level, size_t *levels, const char **label, vmap_error *err)
{
    *level = memory_new(w->columns * w->cells, sizeof **level, err);
    if (!*level)
        return VMAP_ENOMEM;
    for (size_t c = 0; c < w->columns; c++) {
        levels[c] = 0;
        for (size_t k = 0; k < w->cells; k++) {
            const char *own = w->label[k * w->columns + c];
            size_t at = 0;

            while (at < levels[c] && strcmp(label[c * w->cells + at], own) != 0)
                at++;
            if (at == levels[c])
                label[c * w->cells + levels[c]++] = own;
            (*level)[c * w->cells + k] = at;
        }
    }
    return VMAP_SUCCESS;
}

/* One side: its rows, their dummies and clusters. */
typedef struct {
    compare_sheets sheets;
    gsl_matrix *x;   /* NULL without rows */
    size_t *cluster; /* NULL when every row is its own */
} side;

typedef struct {
    const compare_work *w;
    const size_t *item; /* count */
    size_t count, coefficients; /* of one item */
    size_t *level, *levels;
    const char **label;
    side people, *personas;     /* series */
    vmap_fidelity **found;      /* series x count; NULL where a regression is not possible */
    double *p;                  /* count x coefficients of one series, adjusted; then count of its Wald tests */
} coefficients;

static void clear_side(side *s)
{
    compare_sheets_clear(&s->sheets);
    gsl_matrix_free(s->x);
    free(s->cluster);
}

static void clear_coefficients(coefficients *c)
{
    for (size_t s = 0; c->personas && s < c->w->series_count; s++)
        clear_side(&c->personas[s]);
    for (size_t k = 0; c->found && k < c->w->series_count * c->count; k++)
        vmap_fidelity_free(c->found[k]);
    clear_side(&c->people);
    free(c->personas);
    free(c->found);
    free(c->p);
    free(c->level);
    free(c->levels);
    free(c->label);
}

/* Persona clusters of the rows, numbered from 0. */
static vmap_status fill_clusters(const compare_work *w, side *s, vmap_error *err)
{
    size_t most = 0, next = 0, *number;

    s->cluster = memory_new(s->sheets.n, sizeof *s->cluster, err);
    for (size_t i = 0; i < s->sheets.n; i++)
        most = w->persona_cluster[s->sheets.row[i]] > most ? w->persona_cluster[s->sheets.row[i]] : most;
    number = memory_new(most + 1, sizeof *number, err);
    for (size_t i = 0; s->cluster && number && i < s->sheets.n; i++) {
        size_t *own = number + w->persona_cluster[s->sheets.row[i]];

        *own = *own ? *own : ++next;
        s->cluster[i] = *own - 1;
    }
    free(number);
    return s->cluster && number ? VMAP_SUCCESS : VMAP_ENOMEM;
}

static vmap_status fill_side(const coefficients *c, bool people, size_t series, side *s, vmap_error *err)
{
    const compare_work *w = c->w;
    vmap_status status = compare_sheets_new(w, &w->level[0], people, series, w->level[0].groups, c->item, c->count, false,
                                            &s->sheets, err);

    if (!status && s->sheets.n)
        status = dummies(w, &s->sheets, people, c->level, c->levels, &s->x, err);
    if (!status && s->sheets.n && !people && w->persona_cluster)
        status = fill_clusters(w, s, err);
    return status;
}

static vmap_status regress(const side *s, size_t item, vmap_least_squares **fit, vmap_error *err)
{
    const vmap_least_squares_options o = {VMAP_ERRORS_CR1, s->cluster, s->sheets.weight};
    gsl_matrix *y = memory_matrix(s->sheets.n, 1, err);
    vmap_status status = y ? VMAP_SUCCESS : VMAP_ENOMEM;

    for (size_t i = 0; y && i < s->sheets.n; i++)
        gsl_matrix_set(y, i, 0, s->sheets.value[i * s->sheets.p + item]);
    if (!status)
        status = vmap_least_squares_new(s->x, y, &o, fit, err);
    gsl_matrix_free(y);
    return status;
}

static vmap_status leave_out(const coefficients *c, size_t item, const char *who, vmap_status status, const vmap_error *why,
                             vmap_error *err)
{
    if (status == VMAP_ENOMEM)
        return vmap_error_set(err, status, "%s", why->message);
    return vmap_ledger_say(c->w->a->ledger, err, "coefficients: item %s of %s is left out: %s", c->w->define[c->item[item]]->name,
                           who, why->message);
}

/* The regression of people on an item, and those of all series against it. */
static vmap_status regress_item(coefficients *c, size_t item, vmap_error *err)
{
    vmap_least_squares *human = NULL;
    vmap_error why;
    vmap_status status = regress(&c->people, item, &human, &why);

    if (status)
        return leave_out(c, item, "people", status, &why, err);
    for (size_t s = 0; !status && s < c->w->series_count; s++) {
        vmap_least_squares *persona = NULL;

        if (!c->personas[s].x)
            continue;
        status = regress(&c->personas[s], item, &persona, &why);
        if (!status)
            status = vmap_pattern_fidelity(human, persona, .95, c->found + s * c->count + item, &why);
        if (status)
            status = leave_out(c, item, c->w->series[s].name, status, &why, err);
        vmap_least_squares_free(persona);
    }
    vmap_least_squares_free(human);
    return status;
}

static void put_fidelity(const coefficients *c, size_t s, size_t item, vmap_report_table *t)
{
    const vmap_fidelity *f = c->found[s * c->count + item];
    const vmap_coefficient *b = f->coefficient;
    const double *adjusted = c->p + item * c->coefficients, wald = c->p[c->count * c->coefficients + item];

    for (size_t a = 0; a < c->w->columns; a++) {
        for (size_t v = 1; v < c->levels[a]; v++, b++) {
            const double value[] = {b->human, b->human_se, b->persona, b->persona_se, b->difference, b->se, b->z, b->p, *adjusted++};

            vmap_report_text(t, c->w->series[s].name);
            vmap_report_text(t, c->w->define[c->item[item]]->name);
            vmap_report_text(t, c->w->column[a]);
            vmap_report_text(t, c->label[a * c->w->cells + v]);
            vmap_report_text(t, c->label[a * c->w->cells]);
            for (size_t k = 0; k < sizeof value / sizeof *value; k++)
                vmap_report_number(t, value[k]);
            vmap_report_text(t, b->clear ? "clear" : b->flip ? "yes" : "no");
            vmap_report_number(t, f->wald);
            vmap_report_number(t, f->p);
            vmap_report_number(t, wald);
        }
    }
}

/* p of all coefficients of a series are one family, those of its Wald tests another. */
static vmap_status put_series(coefficients *c, size_t s, vmap_report_table *t, vmap_error *err)
{
    size_t all = c->count * c->coefficients;
    vmap_status status;

    for (size_t j = 0; j < c->count; j++) {
        const vmap_fidelity *f = c->found[s * c->count + j];

        for (size_t k = 0; k < c->coefficients; k++)
            c->p[j * c->coefficients + k] = f ? f->coefficient[k].p : NAN;
        c->p[all + j] = f ? f->p : NAN;
    }
    status = vmap_adjust(c->w->adjustment, c->p, all, c->p, err);
    if (!status)
        status = vmap_adjust(c->w->adjustment, c->p + all, c->count, c->p + all, err);
    for (size_t j = 0; !status && j < c->count; j++) {
        if (c->found[s * c->count + j])
            put_fidelity(c, s, j, t);
    }
    return status;
}

static void coefficient_columns(vmap_report_table *t, const char *adjustment)
{
    static const char *const texts[] = {"series", "item", "attribute", "label", "reference"};
    static const char *const numbers[] = {"human", "human_se", "persona", "persona_se", "difference", "se", "z", "p", "p_adj"};

    for (size_t k = 0; k < sizeof texts / sizeof *texts; k++)
        vmap_report_column(t, texts[k], VMAP_CELL_TEXT, 0);
    for (size_t k = 0; k < sizeof numbers / sizeof *numbers; k++)
        vmap_report_column(t, numbers[k], VMAP_CELL_NUMBER, k >= 7 ? 4 : 2);
    vmap_report_column(t, "flip", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "wald", VMAP_CELL_NUMBER, 1);
    vmap_report_column(t, "wald_p", VMAP_CELL_NUMBER, 4);
    vmap_report_column(t, "wald_p_adj", VMAP_CELL_NUMBER, 4);
    vmap_report_note(t, "Weighted regressions of each item on dummies of the attributes, people and personas apart; robust errors (HC1; of "
                     "personas with several answers by cluster). difference: persona - human; p_adj: p adjusted (%s) for all "
                     "coefficients of the series, wald_p_adj for all its items. flip: the signs differ; clear: and both differ from "
                     "0. wald: all coefficients of the item at once.", adjustment);
}

static vmap_status fill_coefficients(coefficients *c, vmap_error *err)
{
    size_t series = c->w->series_count;
    vmap_status status = VMAP_SUCCESS;

    c->personas = memory_new(series, sizeof *c->personas, err);
    c->found = memory_new(series * c->count, sizeof *c->found, err);
    c->p = memory_new(c->count * (c->coefficients + 1), sizeof *c->p, err);
    if (!c->personas || !c->found || !c->p)
        return VMAP_ENOMEM;
    status = fill_side(c, true, 0, &c->people, err);
    for (size_t s = 0; !status && s < series; s++)
        status = fill_side(c, false, s, &c->personas[s], err);
    for (size_t j = 0; !status && j < c->count; j++)
        status = regress_item(c, j, err);
    return status;
}

static vmap_status table_coefficients(vmap_report *r, const compare_work *w, const size_t *item, size_t count, vmap_error *err)
{
    coefficients c = {.w = w, .item = item, .count = count, .levels = memory_new(w->columns, sizeof *c.levels, err),
                      .label = memory_new(w->columns * w->cells, sizeof *c.label, err)};
    vmap_status status = c.levels && c.label ? number_levels(w, &c.level, c.levels, c.label, err) : VMAP_ENOMEM;
    bool possible = true;

    for (size_t k = 0; !status && k < w->columns; k++) {
        c.coefficients += c.levels[k] - 1;
        possible &= c.levels[k] > 1;
    }
    if (!status && possible && c.coefficients < MOST_COEFFICIENTS) {
        vmap_report_table *t = vmap_report_add(r, "coefficients", "Do demographics say the same?");

        coefficient_columns(t, w->adjustment->name);
        status = fill_coefficients(&c, err);
        for (size_t s = 0; !status && s < w->series_count; s++)
            status = put_series(&c, s, t, err);
    } else if (!status) {
        status = vmap_ledger_say(w->a->ledger, err, possible ? "coefficients: more than %d dummies; no regressions are made"
                                                             : "coefficients: a column of --by has one label only; no regressions are made",
                                 MOST_COEFFICIENTS - 1);
    }
    clear_coefficients(&c);
    return status;
}

/* ---- all ---- */

static vmap_status put_level(vmap_report_table *t, const compare_work *w, const compare_level *l, size_t s, const size_t *item,
                             size_t count, vmap_error *err)
{
    size_t *people = compare_groups_of(w, l, true, 0, err), *personas = compare_groups_of(w, l, false, s, err);
    means m = {.w = w, .l = l, .s = s, .people = people, .personas = personas};
    vmap_status status = people && personas ? fill_means(&m, item, count, err) : VMAP_ENOMEM;

    for (size_t j = 0; !status && j < count; j++)
        status = put_item(t, &m, item, j, err);
    if (!status && count > 1)
        status = put_all_items(t, &m, item, count, err);
    clear_means(&m);
    free(people);
    free(personas);
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
        return vmap_ledger_say(w->a->ledger, err, "pattern, own_group: no level has three groups that both sides have; the tables are "
                               "left out");
    t = vmap_report_add(r, "pattern", "Does the pattern between groups survive?");
    pattern_columns(t);
    for (size_t l = 0; l < w->levels; l++) {
        for (size_t s = 0; !status && w->level[l].groups >= 3 && s < w->series_count; s++)
            status = put_level(t, w, &w->level[l], s, item, count, err);
    }
    return status ? status : table_own(r, w, err);
}

vmap_status compare_pattern_tables(vmap_report *r, const compare_work *w, vmap_error *err)
{
    size_t count, *item = compare_ordered(w, &count, err);
    vmap_status status = item ? VMAP_SUCCESS : VMAP_ENOMEM;

    if (!status && count && w->columns) {
        status = table_pattern(r, w, item, count, err);
        if (!status)
            status = table_coefficients(r, w, item, count, err);
    }
    free(item);
    return status;
}
