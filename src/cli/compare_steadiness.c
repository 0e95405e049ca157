#include <config.h>
#include "cli/compare_shape.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"

enum { DRAWS = 9999, EXCHANGES = 999, SPLITS = 100 };

/* Answers of one series as personas x variants x repetitions: the row of each, or `none`. */
typedef struct {
    size_t personas, variants, repetitions, none;
    size_t *row;
} layout;

static bool is_laid_out(const compare_work *w, size_t s, size_t variant, size_t row)
{
    const vmap_table *groups = w->a->persona.answers->groups;

    return w->persona_series[row] == s && w->persona_cell[row] < w->cells &&
           vmap_table_level(groups, variant, row) < vmap_table_levels(groups, variant);
}

/* Personas are numbered from 1 in an order that does not depend on that of the file: exchanges go by it. */
static void number_personas(const compare_work *w, size_t s, size_t variant, size_t *persona, layout *o)
{
    for (size_t k = 0; k < w->a->persona.answers->n; k++) {
        size_t row = w->persona_order[k], name = w->persona_cluster[row];

        if (is_laid_out(w, s, variant, row) && !persona[name])
            persona[name] = ++o->personas;
    }
}

/* Rows of one persona and one variant follow one another in the order of the file: those are the repetitions. */
static vmap_status lay_out(const compare_work *w, size_t s, layout *o, vmap_error *err)
{
    const vmap_answers *q = w->a->persona.answers;
    size_t variant = vmap_table_find(q->groups, w->settings->variant), levels = vmap_table_levels(q->groups, variant);
    size_t names = 0, *seen, *persona;

    *o = (layout){.variants = levels, .none = q->n};
    for (size_t i = 0; i < q->n; i++)
        names = w->persona_cluster[i] + 1 > names ? w->persona_cluster[i] + 1 : names;
    seen = memory_new(names * levels, sizeof *seen, err);
    persona = memory_new(names, sizeof *persona, err);
    if (!seen || !persona) {
        free(seen);
        free(persona);
        return VMAP_ENOMEM;
    }
    number_personas(w, s, variant, persona, o);
    for (int pass = 0; pass < 2; pass++) {
        memset(seen, 0, names * levels * sizeof *seen);
        for (size_t i = 0; i < q->n; i++) {
            size_t name = w->persona_cluster[i], v = vmap_table_level(q->groups, variant, i), at;

            if (!is_laid_out(w, s, variant, i))
                continue;
            at = seen[name * levels + v]++;
            o->repetitions = at + 1 > o->repetitions ? at + 1 : o->repetitions;
            if (pass)
                o->row[((persona[name] - 1) * levels + v) * o->repetitions + at] = i;
        }
        if (!pass && o->personas) {
            size_t n = o->personas * levels * o->repetitions;

            o->row = memory_new(n, sizeof *o->row, err);
            for (size_t k = 0; o->row && k < n; k++)
                o->row[k] = o->none;
        }
        if (!o->row)
            break;
    }
    free(seen);
    free(persona);
    return o->personas && !o->row ? VMAP_ENOMEM : VMAP_SUCCESS;
}

static double answer(const compare_work *w, const layout *o, size_t k, size_t item)
{
    const vmap_answers *q = w->a->persona.answers;

    return o->row[k] == o->none ? NAN : q->values[o->row[k] * q->p + w->item[item]];
}

/* ---- steadiness: one row per item ---- */

static void steadiness_columns(vmap_report_table *t)
{
    static const char *const numbers[] = {"persona", "variant", "interaction", "residual", "dependability", "consistency", "alpha",
                                          "same", "same_chance", "fleiss", "cohen"};
    static const char *const counts[] = {"personas", "variants", "repetitions", "incomplete"};

    vmap_report_column(t, "series", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "item", VMAP_CELL_TEXT, 0);
    for (size_t k = 0; k < 4; k++)
        vmap_report_column(t, counts[k], VMAP_CELL_COUNT, 0);
    for (size_t k = 0; k < sizeof numbers / sizeof *numbers; k++)
        vmap_report_column(t, numbers[k], VMAP_CELL_NUMBER, 3);
    vmap_report_note(t, "Variance components of all answers (restricted maximum likelihood, a negative one is 0 and the others are estimated without it; incomplete: personas that lack some): persona, variant, "
                     "interaction of both (with one repetition part of the residual), residual; dependability: persona / all, of one answer; consistency: the "
                     "same without variant. alpha: Krippendorff's, of all answers of a persona (ordinal; nominal for items without order). "
                     "same: share of answers of a persona to two variants that are the same; same_chance: of two different personas. "
                     "fleiss: kappa of all answers of complete personas; cohen: mean over pairs of variants, quadratic weights (none for items "
                     "without order).");
    vmap_report_note(t, "NA: not defined (no order, no variance, one variant or repetition), or all personas always say the same.");
}

/* Answers of all personas to an item; how many lack none. */
static size_t read_answers(const compare_work *w, const layout *o, size_t item, double *y)
{
    size_t cells = o->variants * o->repetitions, n = 0;

    for (size_t i = 0; i < o->personas; i++) {
        bool complete = true;

        for (size_t k = 0; k < cells; k++) {
            y[i * cells + k] = answer(w, o, i * cells + k, item);
            complete &= !isnan(y[i * cells + k]);
        }
        n += complete;
    }
    return n;
}

/* Scale point of an answer; their number for none. */
static size_t point_of(const compare_work *w, size_t item, double x)
{
    size_t k = 0;

    while (k < w->points[item].count && w->points[item].code[k] != x)
        k++;
    return k;
}

/* Fleiss' kappa of the personas that lack no answer; NaN where it is not defined. */
static vmap_status find_fleiss(const compare_work *w, const layout *o, size_t item, const double *y, double *value, vmap_error *err)
{
    size_t cells = o->variants * o->repetitions, k = w->points[item].count, n = 0;
    size_t *count = memory_new(o->personas * k, sizeof *count, err);
    vmap_kappa kappa;
    vmap_status status = VMAP_ENOMEM;

    *value = NAN;
    for (size_t i = 0; count && i < o->personas; i++) {
        size_t given = 0;

        memset(count + n * k, 0, k * sizeof *count);
        for (size_t c = 0; c < cells; c++) {
            size_t at = point_of(w, item, y[i * cells + c]);

            if (at < k) {
                count[n * k + at]++;
                given++;
            }
        }
        n += given == cells;
    }
    if (count)
        status = n >= 2 && cells >= 2 ? vmap_steadiness_fleiss(count, n, k, &kappa, NULL) : VMAP_EDATA;
    free(count);
    *value = status ? NAN : kappa.value;
    return status == VMAP_ENOMEM ? vmap_error_set(err, status, "no memory for kappa") : VMAP_SUCCESS;
}

/* Mean over pairs of variants of Cohen's kappa of their first answers: quadratic weights, of items without order none. */
static vmap_status find_cohen(const compare_work *w, const layout *o, size_t item, const double *y, double *value, vmap_error *err)
{
    size_t *at = memory_new(2 * o->personas, sizeof *at, err);
    double sum = 0, pairs = 0;
    vmap_status status = at ? VMAP_SUCCESS : VMAP_ENOMEM;

    for (size_t u = 0; !status && u < o->variants; u++) {
        for (size_t v = 0; !status && v < u; v++) {
            vmap_kappa kappa;

            for (size_t i = 0; i < o->personas; i++) {
                at[i] = point_of(w, item, y[(i * o->variants + v) * o->repetitions]);
                at[o->personas + i] = point_of(w, item, y[(i * o->variants + u) * o->repetitions]);
            }
            status = vmap_steadiness_cohen(at, at + o->personas, o->personas, w->points[item].count,
                                           w->points[item].ordered ? VMAP_DISAGREE_INTERVAL : VMAP_DISAGREE_NOMINAL, &kappa, NULL);
            if (!status && !isnan(kappa.value)) {
                sum += kappa.value;
                pairs++;
            }
            status = status == VMAP_ENOMEM ? status : VMAP_SUCCESS;
        }
    }
    free(at);
    *value = pairs > 0 ? sum / pairs : NAN;
    return status ? vmap_error_set(err, status, "no memory for kappa") : VMAP_SUCCESS;
}

static vmap_status put_item(vmap_report_table *t, const compare_work *w, const layout *o, size_t s, size_t item, double *y,
                            vmap_error *err)
{
    size_t cells = o->variants * o->repetitions, n = read_answers(w, o, item, y);
    const double range = compare_range(w, item);
    const vmap_permutation_options none = {.permutations = 0};
    vmap_components c = {.persona = NAN, .variant = NAN, .interaction = NAN, .residual = NAN, .dependability = NAN, .consistency = NAN};
    vmap_kappa alpha = {.value = NAN};
    vmap_stability st = {.same = NAN, .same_chance = NAN};
    bool ordered = w->points[item].ordered;
    double fleiss, cohen;

    if (ordered && vmap_steadiness_components(y, o->personas, o->variants, o->repetitions, VMAP_COMPONENTS_REML, &c,
                                              err) == VMAP_ENOMEM)
        return VMAP_ENOMEM;
    if (find_fleiss(w, o, item, y, &fleiss, err) || find_cohen(w, o, item, y, &cohen, err))
        return VMAP_ENOMEM;
    if (vmap_steadiness_krippendorff(y, o->personas, cells, ordered ? VMAP_DISAGREE_ORDINAL : VMAP_DISAGREE_NOMINAL, &alpha,
                                     err) == VMAP_ENOMEM)
        return VMAP_ENOMEM;
    for (size_t k = 0; k < o->personas * o->variants; k++) /* the first repetition of each */
        y[k] = answer(w, o, k * o->repetitions, item);
    if (vmap_steadiness_stability(y, o->personas, o->variants, 1, &range, &none, &st, err) == VMAP_ENOMEM)
        return VMAP_ENOMEM;
    vmap_report_text(t, w->series[s].name);
    vmap_report_text(t, w->define[item]->name);
    vmap_report_count(t, o->personas);
    vmap_report_count(t, o->variants);
    vmap_report_count(t, o->repetitions);
    vmap_report_count(t, o->personas - n);
    for (size_t k = 0; k < 11; k++)
        vmap_report_number(t, (const double[]){c.persona, c.variant, c.interaction, c.residual, c.dependability, c.consistency,
                                               alpha.value, st.same, st.same_chance, fleiss, cohen}[k]);
    return VMAP_SUCCESS;
}

/* ---- checks: stability, extrapolability, steerability ---- */

static void check_columns(vmap_report_table *t)
{
    vmap_report_column(t, "series", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "check", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "measure", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "value", VMAP_CELL_NUMBER, 3);
    vmap_report_column(t, "by_chance", VMAP_CELL_NUMBER, 3);
    vmap_report_column(t, "ratio", VMAP_CELL_NUMBER, 3);
    vmap_report_column(t, "p", VMAP_CELL_NUMBER, 4);
    vmap_report_note(t, "stability: difference of a persona's answers to two variants / range, by chance of two personas; ratio: what the persona "
                     "keeps, 1 - value / by_chance. extrapolability: over groups of the finest level, rank correlation of errors on random "
                     "halves of the items; same_best: share of %d splits with the same best group. steerability: distance of group means from "
                     "people / range: to_people against random answers; steered against the mean persona (ratio: the gain, 1 - value / "
                     "by_chance); spread of groups against groups that draw from all personas together.", SPLITS);
}

static void put_check(vmap_report_table *t, const compare_work *w, size_t s, const char *check, const char *measure, double value,
                      double chance, double ratio, double p)
{
    vmap_report_text(t, w->series[s].name);
    vmap_report_text(t, check);
    vmap_report_text(t, measure);
    vmap_report_number(t, value);
    vmap_report_number(t, chance);
    vmap_report_number(t, ratio);
    vmap_report_number(t, p);
}

static vmap_permutation_options exchanges(const compare_work *w)
{
    return (vmap_permutation_options){EXCHANGES, compare_seed(w), (unsigned)w->settings->study.threads, NULL};
}

static vmap_status check_stability(vmap_report_table *t, const compare_work *w, const layout *o, size_t s, const size_t *item,
                                   size_t count, vmap_error *err)
{
    double *y = memory_new(o->personas * o->variants * count + count, sizeof *y, err), *range = y ? y + o->personas * o->variants * count : NULL;
    const vmap_permutation_options p = exchanges(w);
    vmap_stability st;
    vmap_status status = y ? VMAP_SUCCESS : VMAP_ENOMEM;

    for (size_t j = 0; !status && j < count; j++) {
        range[j] = compare_range(w, item[j]);
        for (size_t k = 0; k < o->personas * o->variants; k++)
            y[k * count + j] = answer(w, o, k * o->repetitions, item[j]);
    }
    if (!status)
        status = vmap_steadiness_stability(y, o->personas, o->variants, count, range, &p, &st, err);
    if (!status)
        put_check(t, w, s, "stability", "difference", st.difference, st.difference_chance, st.kept, st.p);
    free(y);
    return status == VMAP_EDATA ? VMAP_SUCCESS : status;
}

/* Means of groups and pooled shares of the series, as steering takes them. */
typedef struct {
    double *human, *persona, *n, *share, *code;
    size_t *offset;
} steering;

static void clear_steering(steering *f)
{
    free(f->human);
    free(f->persona);
    free(f->n);
    free(f->share);
    free(f->code);
    free(f->offset);
}

static void put_shares(const compare_work *w, const compare_level *l, size_t s, size_t item, double *share)
{
    const vmap_distributions *d = l->personas[s];
    double sum = 0;

    for (size_t g = 0; g < l->groups; g++) {
        double weight = d->weight[g * w->p + item];

        for (size_t k = 0; weight > 0 && k < w->points[item].count; k++)
            share[k] += weight * d->share[g * d->offset[w->p] + d->offset[item] + k];
        sum += weight > 0 ? weight : 0;
    }
    for (size_t k = 0; sum > 0 && k < w->points[item].count; k++)
        share[k] /= sum;
}

static vmap_status fill_steering(const compare_work *w, const compare_level *l, size_t s, const size_t *item, size_t count, steering *f,
                                 vmap_error *err)
{
    size_t points = w->level[0].people->offset[w->p];
    vmap_metric_pair pair;

    f->human = memory_new(l->groups * count, sizeof *f->human, err);
    f->persona = memory_new(l->groups * count, sizeof *f->persona, err);
    f->n = memory_new(l->groups * count, sizeof *f->n, err);
    f->share = memory_new(points, sizeof *f->share, err);
    f->code = memory_new(points, sizeof *f->code, err);
    f->offset = memory_new(count + 1, sizeof *f->offset, err);
    if (!f->human || !f->persona || !f->n || !f->share || !f->code || !f->offset)
        return VMAP_ENOMEM;
    for (size_t j = 0; j < count; j++) {
        f->offset[j + 1] = f->offset[j] + w->points[item[j]].count;
        memcpy(f->code + f->offset[j], w->points[item[j]].code, w->points[item[j]].count * sizeof *f->code);
        put_shares(w, l, s, item[j], f->share + f->offset[j]);
        for (size_t g = 0; g < l->groups; g++) {
            bool both = compare_pair(w, l, s, g, item[j], &pair);

            f->human[g * count + j] = both ? compare_mean(w, l->people, g, item[j], NULL) : NAN;
            f->persona[g * count + j] = both ? compare_mean(w, l->personas[s], g, item[j], NULL) : NAN;
            f->n[g * count + j] = both ? l->personas[s]->n_eff[g * w->p + item[j]] : 0;
        }
    }
    return VMAP_SUCCESS;
}

/* Over the groups that have every item. */
static vmap_status check_extrapolability(vmap_report_table *t, const compare_work *w, const compare_level *l, size_t s,
                                         const steering *f, const size_t *item, size_t count, vmap_error *err)
{
    double *error = memory_new(l->groups * count, sizeof *error, err);
    const vmap_permutation_options p = exchanges(w);
    vmap_extrapolability x;
    size_t units = 0;
    vmap_status status;

    if (!error)
        return VMAP_ENOMEM;
    for (size_t g = 0; g < l->groups; g++) {
        bool complete = true;

        for (size_t j = 0; j < count; j++) {
            size_t at = g * count + j;

            error[units * count + j] = fabs(f->persona[at] - f->human[at]) / compare_range(w, item[j]);
            complete &= !isnan(error[units * count + j]);
        }
        units += complete;
    }
    status = vmap_steadiness_extrapolability(error, units, count, SPLITS, &p, &x, err);
    if (!status) {
        put_check(t, w, s, "extrapolability", "rank_r", x.r, 0, NAN, x.r_p);
        put_check(t, w, s, "extrapolability", "same_best", x.best, x.best_chance, NAN, x.best_p);
    }
    free(error);
    return status == VMAP_EDATA ? VMAP_SUCCESS : status;
}

static vmap_status check_groups(vmap_report_table *t, const compare_work *w, size_t s, const size_t *item, size_t count, vmap_error *err)
{
    const compare_level *l = &w->level[w->levels - 1];
    steering f = {0};
    vmap_steerability r;
    vmap_status status = fill_steering(w, l, s, item, count, &f, err);

    if (!status) {
        const vmap_steering source = {l->groups, count, f.human, f.persona, f.n, f.offset, f.code, f.share};

        status = vmap_steadiness_steerability(&source, DRAWS, compare_seed(w),
                                              (unsigned)w->settings->study.threads, &r, err);
    }
    if (!status) {
        put_check(t, w, s, "steerability", "to_people", r.distance, r.random, r.random_ratio, r.random_p);
        put_check(t, w, s, "steerability", "steered", r.distance, r.unsteered, r.gain, NAN);
        put_check(t, w, s, "steerability", "spread", r.spread, r.spread_random, r.spread_ratio, r.spread_p);
        put_check(t, w, s, "steerability", "spread_of_people", r.human_spread, NAN, r.spread / r.human_spread, NAN);
    }
    if (status == VMAP_EDATA)
        status = VMAP_SUCCESS;
    if (!status && f.offset)
        status = check_extrapolability(t, w, l, s, &f, item, count, err);
    clear_steering(&f);
    return status;
}

/* ---- all ---- */

static vmap_status table_steadiness(vmap_report *r, const compare_work *w, vmap_report_table *checks, const size_t *item, size_t count,
                                    vmap_error *err)
{
    vmap_report_table *t = vmap_report_add(r, "steadiness", "Do personas say the same when they are asked otherwise?");
    vmap_status status = VMAP_SUCCESS;

    steadiness_columns(t);
    for (size_t s = 0; !status && s < w->series_count; s++) {
        layout o;
        double *y = NULL;

        status = lay_out(w, s, &o, err);
        if (!status && o.personas) {
            y = memory_new(o.personas * o.variants * o.repetitions, sizeof *y, err);
            status = y ? VMAP_SUCCESS : VMAP_ENOMEM;
        }
        for (size_t j = 0; !status && y && j < w->p; j++)
            status = put_item(t, w, &o, s, j, y, err);
        if (!status && y && o.variants > 1 && count)
            status = check_stability(checks, w, &o, s, item, count, err);
        free(y);
        free(o.row);
    }
    return status;
}

vmap_status compare_steadiness_tables(vmap_report *r, const compare_work *w, vmap_error *err)
{
    size_t count, *item = compare_ordered(w, &count, err);
    vmap_report_table *checks;
    vmap_status status = item ? VMAP_SUCCESS : VMAP_ENOMEM;

    if (!status) {
        checks = vmap_report_add(r, "checks", "Stable, extrapolable, steerable?");
        check_columns(checks);
        if (!w->settings->variant && w->settings->table && strcmp(w->settings->table, "steadiness") == 0)
            status = vmap_ledger_say(w->a->ledger, err, "steadiness: name the columns of personas and of their variants with --persona and "
                                     "--variant");
        else if (w->settings->variant)
            status = table_steadiness(r, w, checks, item, count, err);
        for (size_t s = 0; !status && count && w->level[w->levels - 1].groups >= 2 && s < w->series_count; s++)
            status = check_groups(checks, w, s, item, count, err);
        if (!status && vmap_report_rows(checks) == 0)
            status = vmap_ledger_say(w->a->ledger, err, "checks: %s", count ? "there must be two groups (--by), or --persona and --variant"
                                                                            : "no item has ordered codes");
    }
    free(item);
    return status;
}
