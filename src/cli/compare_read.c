#include <config.h>
#include "cli/compare_steps.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/outcome.h"
#include "core/buffer.h"
#include "core/memory.h"
#include "core/text.h"

void compare_free(compare_work *w)
{
    for (size_t s = 0; s < w->series_count; s++) {
        free(w->series[s].name);
        vmap_responses_free(w->series[s].responses);
    }
    for (size_t l = 0; l < w->levels; l++) {
        for (size_t s = 0; w->level[l].personas && s < w->series_count; s++)
            vmap_distributions_free(w->level[l].personas[s]);
        free(w->level[l].personas);
        vmap_distributions_free(w->level[l].people);
        free(w->level[l].name);
        free(w->level[l].group);
        free(w->level[l].label);
    }
    free(w->level);
    free(w->series);
    vmap_responses_free(w->people);
    for (int side = 0; side < 2; side++) {
        vmap_tally_free(w->tally[side].tally);
        vmap_points_clear(w->tally[side].points, w->tally[side].p);
        free(w->tally[side].points);
    }
    vmap_points_clear(w->points, w->p);
    free(w->points);
    free(w->item);
    free(w->define);
    free(w->column);
    free(w->label);
    free(w->human_cell);
    free(w->persona_cell);
    free(w->persona_series);
    free(w->persona_cluster);
    free(w->human_order);
    free(w->persona_order);
    free(w->metric);
    free(w->margin);
    free(w->factor);
    compare_noise_free(w->noise);
    for (size_t i = 0; i < w->alone_count; i++)
        free(w->alone[i].label);
    free(w->alone);
    for (size_t i = 0; i < w->left_out_count; i++)
        free(w->left_out[i].why);
    free(w->left_out);
    inputs_free(&w->in);
    analysis_free(w->a);
    for (size_t i = 0; i < w->books_count; i++)
        vmap_codebook_free(w->books[i]);
    free(w->books);
}

/* ---- metrics ---- */

static vmap_status choose_metrics(compare_work *w, vmap_error *err)
{
    static const char *const usual[] = {"w1_scaled", "js_distance", "tv"};
    const word_list *l = &w->settings->metrics;
    bool all = l->count == 1 && strcmp(l->words[0], "all") == 0;
    size_t n = all ? vmap_metrics_count : l->count ? l->count : sizeof usual / sizeof *usual;
    vmap_status status = VMAP_SUCCESS;

    w->metric = memory_new(n, sizeof *w->metric, err);
    if (!w->metric)
        return VMAP_ENOMEM;
    for (size_t i = 0; !status && i < n; i++) {
        if (all)
            w->metric[i] = &vmap_metrics[i];
        else
            status = vmap_metric_find(l->count ? l->words[i] : usual[i], &w->metric[i], err);
        for (size_t k = 0; !status && k < i; k++) {
            if (w->metric[k] == w->metric[i])
                status = vmap_error_set(err, VMAP_EINVAL, "metrics: '%s' is named twice", w->metric[i]->name);
        }
        w->metrics += !status;
    }
    if (status && err && err->status == VMAP_ENOENT)
        err->status = VMAP_EINVAL;
    return status ? VMAP_EINVAL : VMAP_SUCCESS;
}

/* One word of --margin: METRIC=D, or D for all metrics without one of their own. */
static vmap_status take_margin(compare_work *w, const char *word, size_t n, vmap_error *err)
{
    const char *equals = memchr(word, '=', n), *number = equals ? equals + 1 : word;
    size_t name = equals ? (size_t)(equals - word) : 0, m = 0;
    double d;

    while (equals && m < w->metrics && (strlen(w->metric[m]->name) != name || strncmp(w->metric[m]->name, word, name) != 0))
        m++;
    if (m == w->metrics)
        return vmap_error_set(err, VMAP_EINVAL, "margin: '%.*s' is none of the metrics of --metrics", (int)name, word);
    if (!text_number(number, n - (size_t)(number - word), '.', &d) || !(d > 0))
        return vmap_error_set(err, VMAP_EINVAL, "margin: '%.*s' is not allowed; it is a number above 0, or METRIC=NUMBER",
                              (int)n, word);
    if (equals && !isnan(w->margin[m]))
        return vmap_error_set(err, VMAP_EINVAL, "margin: '%s' is named twice", w->metric[m]->name);
    if (equals)
        w->margin[m] = d;
    for (size_t i = 0; !equals && i < w->metrics; i++)
        w->margin[i] = isnan(w->margin[i]) ? d : w->margin[i];
    return VMAP_SUCCESS;
}

/* Named ones first, whatever their place in the list. */
static vmap_status choose_margins(compare_work *w, vmap_error *err)
{
    const char *list = w->settings->margin;
    vmap_status status = VMAP_SUCCESS;

    w->margin = memory_new(w->metrics, sizeof *w->margin, err);
    if (!w->margin)
        return VMAP_ENOMEM;
    for (size_t i = 0; i < w->metrics; i++)
        w->margin[i] = NAN;
    for (int named = 1; list && named >= 0; named--) {
        for (const char *word = list; !status; word += strcspn(word, ",") + 1) {
            size_t n = strcspn(word, ",");

            if ((memchr(word, '=', n) != NULL) == named)
                status = take_margin(w, word, n, err);
            if (!word[n])
                break;
        }
    }
    return status;
}

/* A nominal item has no ordinal metric, and that is said. */
static vmap_status say_nominal(compare_work *w, vmap_error *err)
{
    buffer metrics = {0}, items = {0};
    vmap_status status = VMAP_SUCCESS;

    for (size_t m = 0; m < w->metrics; m++) {
        if (w->metric[m]->ordered)
            buffer_format(&metrics, "%s%s", metrics.n ? ", " : "", w->metric[m]->name);
    }
    for (size_t j = 0; j < w->p; j++) {
        if (!w->points[j].ordered)
            buffer_format(&items, "%s%s", items.n ? ", " : "", w->define[j]->name);
    }
    if (metrics.failed || items.failed)
        status = vmap_error_set(err, VMAP_ENOMEM, "no memory for a note");
    else if (metrics.n && items.n)
        status = vmap_ledger_say(w->a->ledger, err, "the codes of %s have no order, which is needed for %s: NA", items.text, metrics.text);
    buffer_free(&metrics);
    buffer_free(&items);
    return status;
}

static void no_progress(const char *step)
{
    (void)step;
}

vmap_status compare_read(const compare_settings *settings, study *st, compare_work *w, vmap_error *err)
{
    vmap_status status;

    *w = (compare_work){.settings = settings, .study = st,
                        .base = settings->base && strcmp(settings->base, "e") == 0 ? M_E : 2};
    status = choose_metrics(w, err);
    if (!status)
        status = choose_margins(w, err);
    if (!status)
        status = compare_prepare_study(w, err);
    if (!status && !(w->a = memory_new(1, sizeof *w->a, err)))
        status = VMAP_ENOMEM;
    if (!status && !(w->a->ledger = vmap_ledger_new(err)))
        status = VMAP_ENOMEM;
    if (!status)
        status = compare_choose_counting(w, err);
    if (!status)
        status = compare_choose_books(w, err);
    if (!status) {
        w->a->study = w->study;
        w->a->threads = (unsigned)settings->study.threads;
        w->a->progress = settings->study.out.quiet ? no_progress : outcome_progress;
        w->a->human.study = w->study->humans;
        w->a->persona.study = w->study->personas;
        status = compare_read_sides(w, err);
    }
    if (!status)
        status = compare_match_items(w, err);
    if (!status)
        status = compare_match_cells(w, err);
    if (!status)
        status = compare_find_series(w, err);
    if (!status)
        status = compare_find_clusters(w, err);
    if (!status)
        status = compare_order_rows(w, err);
    if (!status)
        status = compare_gather(w, err);
    if (!status)
        status = compare_make_levels(w, err);
    if (!status)
        status = say_nominal(w, err);
    return status;
}

/* ---- what tables need ---- */

bool compare_pair(const compare_work *w, const compare_level *l, size_t series, size_t group, size_t item,
                  vmap_metric_pair *pair)
{
    const vmap_distributions *p = l->people, *q = l->personas[series];
    size_t at = group * w->p + item, least = (size_t)w->settings->min_n;

    if (p->n[at] == 0 || q->n[at] == 0 || p->n[at] < least || q->n[at] < least)
        return false;
    *pair = (vmap_metric_pair){.k = w->points[item].count,
                               .p = p->share + group * p->offset[w->p] + p->offset[item],
                               .q = q->share + group * q->offset[w->p] + q->offset[item],
                               .code = w->points[item].code,
                               .n_p = p->n_eff[at],
                               .n_q = q->n_eff[at],
                               .base = w->base,
                               .smoothing = w->settings->smoothing};
    return true;
}

void compare_put_columns(vmap_report_table *t, const compare_work *w)
{
    vmap_report_column(t, "level", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "series", VMAP_CELL_TEXT, 0);
    for (size_t j = 0; j < w->columns; j++)
        vmap_report_key(t, w->column[j]);
}

void compare_put_group(vmap_report_table *t, const compare_work *w, const compare_level *l, size_t series,
                       size_t group)
{
    vmap_report_text(t, l->name);
    vmap_report_text(t, w->series[series].name);
    for (size_t j = 0; j < w->columns; j++)
        vmap_report_text(t, l->label[group * w->columns + j]);
}

char *compare_group_label(const compare_work *w, const compare_level *l, size_t group)
{
    buffer b = {0};

    for (size_t j = 0; j < w->columns; j++) {
        const char *label = l->label[group * w->columns + j];

        if (*label)
            buffer_format(&b, "%s%s", b.n ? " / " : "", label);
    }
    if (!b.n)
        buffer_put(&b, "all");
    return b.failed ? NULL : b.text;
}
