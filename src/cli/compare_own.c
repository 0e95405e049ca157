#include <config.h>
#include "cli/compare_shape.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"

enum { PERMUTATIONS = 9999 };

static void own_columns(vmap_report_table *t, int replicates)
{
    static const char *const numbers[] = {"hit1", "hit1_chance", "hit1_p", "hit3", "hit3_chance", "hit3_p", "hit5",
                                          "hit5_chance", "hit5_p", "mrr", "mrr_chance", "mrr_p", "mean_rank", "mean_rank_p",
                                          "distance_human", "distance_persona", "homogenisation", "homogenisation_low",
                                          "homogenisation_high", "nearer", "distance_r", "hit1_low", "hit1_high", "hit3_low",
                                          "hit3_high", "hit5_low", "hit5_high", "mrr_low", "mrr_high",
                                          "homogenisation_boot_low", "homogenisation_boot_high", "homogenisation_true"};

    vmap_report_column(t, "level", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "series", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "groups", VMAP_CELL_COUNT, 0);
    vmap_report_column(t, "items", VMAP_CELL_COUNT, 0);
    for (size_t k = 0; k < sizeof numbers / sizeof *numbers; k++)
        vmap_report_column(t, numbers[k], VMAP_CELL_NUMBER, strcmp(numbers[k] + strlen(numbers[k]) - 2, "_p") == 0 ? 4 : 3);
    vmap_report_note(t, "Is a persona group nearest to its own human group? Distance: mean over items of Wasserstein-1 / range. hit1, hit3, "
                     "hit5: share of persona groups whose own group is among the nearest one, three, five; mrr: mean of 1 / rank; "
                     "_chance: mean when groups are exchanged; _p: share of %d exchanges that are as good.", PERMUTATIONS);
    vmap_report_note(t, "homogenisation: mean distance of two persona groups / of the two human groups (95 %% interval by the jackknife over "
                     "groups): below 1 personas of different groups are too alike. nearer: share of pairs of groups that lie nearer among "
                     "personas; distance_r: correlation of the two sides' distances.");
    vmap_report_note(t, "_low, _high of hits and mrr: 95 %% intervals over other groups like these with as many answers. homogenisation_true: the "
                     "ratio without the noise that makes distances of few answers longer, homogenisation_boot its 95 %% interval over "
                     "respondents and personas, which are drawn anew within their groups (%d times).", replicates);
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

static void nearest_columns(vmap_report_table *t)
{
    vmap_report_column(t, "level", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "series", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "group", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "distance_own", VMAP_CELL_NUMBER, 3);
    vmap_report_column(t, "rank", VMAP_CELL_NUMBER, 1);
    vmap_report_column(t, "nearest", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "distance_nearest", VMAP_CELL_NUMBER, 3);
    vmap_report_column(t, "groups", VMAP_CELL_COUNT, 0);
    vmap_report_note(t, "Every persona group, its distance to its own people (mean over items of Wasserstein-1 / range), their place among all human "
                     "groups (1: the nearest; ties take the mean), and the human group that is nearest.");
}

static vmap_status put_nearest(vmap_report_table *t, const compare_work *w, const compare_level *l, size_t s, const gsl_matrix *d,
                               const vmap_identification *found, vmap_error *err)
{
    for (size_t g = 0; g < found->n; g++) {
        size_t at = found->nearest[g];
        char *own = compare_group_label(w, l, g), *nearest = at < found->candidates ? compare_group_label(w, l, at) : NULL;

        if (!own || (at < found->candidates && !nearest)) {
            free(own);
            return vmap_error_set(err, VMAP_ENOMEM, "no memory for labels");
        }
        vmap_report_text(t, l->name);
        vmap_report_text(t, w->series[s].name);
        vmap_report_text(t, own);
        vmap_report_number(t, gsl_matrix_get(d, g, g));
        vmap_report_number(t, found->rank[g]);
        vmap_report_text(t, nearest ? nearest : "");
        vmap_report_number(t, nearest ? gsl_matrix_get(d, g, at) : NAN);
        vmap_report_count(t, found->candidates);
        free(own);
        free(nearest);
    }
    return VMAP_SUCCESS;
}

static vmap_status put_own_intervals(vmap_report_table *t, const compare_work *w, size_t s, const vmap_identification *i,
                                     const vmap_homogenisation *h, const double *replicate, vmap_error *err)
{
    vmap_true_ratio r;
    vmap_status status = compare_find_true_ratio(w, h->human, h->persona, replicate ? replicate + s * COMPARE_OWN : NULL,
                                                 w->series_count * COMPARE_OWN, &r, err);

    for (size_t k = 0; k < VMAP_HITS; k++) {
        vmap_report_number(t, i->hit_low[k]);
        vmap_report_number(t, i->hit_high[k]);
    }
    vmap_report_number(t, i->mrr_low);
    vmap_report_number(t, i->mrr_high);
    vmap_report_number(t, r.low);
    vmap_report_number(t, r.high);
    vmap_report_number(t, r.ratio);
    return status;
}

static vmap_status put_own(vmap_report_table *t, vmap_report_table *each, const compare_work *w, const compare_level *l, size_t s, const bool *use,
                           size_t items, const double *replicate, vmap_error *err)
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
        status = put_own_intervals(t, w, s, found, &h, replicate, err);
        if (!status)
            status = put_nearest(each, w, l, s, d[0], found, err);
    }
    vmap_identification_free(found);
    for (size_t k = 0; k < 3; k++)
        gsl_matrix_free(d[k]);
    free(target);
    return status;
}

static vmap_status own_level(vmap_report_table *t, vmap_report_table *each, const compare_work *w, const compare_level *l, vmap_error *err)
{
    bool *all = memory_new(w->series_count * w->p, sizeof *all, err);
    const bool **use = memory_new(w->series_count, sizeof *use, err);
    size_t *items = memory_new(w->series_count, sizeof *items, err);
    double *replicate = NULL;
    vmap_status status = all && use && items ? VMAP_SUCCESS : VMAP_ENOMEM;

    for (size_t s = 0; !status && s < w->series_count; s++) {
        use[s] = all + s * w->p;
        items[s] = same_items(w, l, s, all + s * w->p);
    }
    if (!status)
        status = compare_draw_own(w, l, use, &replicate, err);
    for (size_t s = 0; !status && s < w->series_count; s++) {
        if (items[s])
            status = put_own(t, each, w, l, s, use[s], items[s], replicate, err);
        else
            status = vmap_ledger_say(w->a->ledger, err, "own_group: no ordered item has %d valid answers in every group of level "
                                     "%s for %s", w->settings->min_n, l->name, w->series[s].name);
    }
    free(replicate);
    free(all);
    free(use);
    free(items);
    return status;
}

vmap_status compare_own_tables(vmap_report *r, const compare_work *w, vmap_error *err)
{
    vmap_report_table *t = vmap_report_add(r, "own_group", "Is a persona group most like its own people?");
    vmap_report_table *each = vmap_report_add(r, "nearest_groups", "Which people is each persona group most like?");
    vmap_status status = VMAP_SUCCESS;

    own_columns(t, w->settings->replicates);
    nearest_columns(each);
    for (size_t l = 0; !status && l < w->levels; l++) {
        if (w->level[l].groups >= 3)
            status = own_level(t, each, w, &w->level[l], err);
    }
    return status;
}
