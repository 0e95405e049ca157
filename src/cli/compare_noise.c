#include <config.h>
#include "cli/compare_analysis.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/columns.h"
#include "core/memory.h"

/* What chance does to every distance of the tables: one list of pairs in the order of the rows. */

void compare_noise_free(compare_noise *n)
{
    if (!n)
        return;
    free(n->pair);
    free(n->found);
    free(n->p_adjusted);
    free(n);
}

static vmap_status list_pairs(const compare_work *w, compare_noise *n, vmap_error *err)
{
    vmap_metric_pair pair;

    for (int pass = 0; pass < 2; pass++) {
        size_t count = 0;

        for (size_t l = 0; l < w->levels; l++) {
            for (size_t s = 0; s < w->series_count; s++) {
                for (size_t g = 0; g < w->level[l].groups; g++) {
                    for (size_t j = 0; j < w->p; j++) {
                        if (!compare_pair(w, &w->level[l], s, g, j, &pair))
                            continue;
                        if (pass)
                            n->pair[count] = (compare_place){l, s, g, j};
                        count++;
                    }
                }
            }
        }
        n->pairs = count;
        if (!pass && !(n->pair = memory_new(count, sizeof *n->pair, err)))
            return VMAP_ENOMEM;
    }
    return VMAP_SUCCESS;
}

/* The two sides of an item in each cell: one group per cell. */
typedef struct {
    vmap_distributions *people, **personas;
} cells;

static vmap_status open_cells(const compare_work *w, cells *c, vmap_error *err)
{
    size_t *own = memory_new(w->cells, sizeof *own, err);
    vmap_status status = own ? VMAP_SUCCESS : VMAP_ENOMEM;

    c->personas = memory_new(w->series_count, sizeof *c->personas, err);
    if (!c->personas)
        status = VMAP_ENOMEM;
    for (size_t i = 0; !status && i < w->cells; i++)
        own[i] = i;
    if (!status)
        status = compare_distribute(w, COMPARE_PEOPLE, own, w->cells, NULL, &c->people, err);
    for (size_t s = 0; !status && s < w->series_count; s++)
        status = compare_distribute(w, s, own, w->cells, NULL, &c->personas[s], err);
    free(own);
    return status;
}

static void close_cells(const compare_work *w, cells *c)
{
    for (size_t s = 0; c->personas && s < w->series_count; s++)
        vmap_distributions_free(c->personas[s]);
    free(c->personas);
    vmap_distributions_free(c->people);
}

/* The cells of a group as strata of one item; returns how many. */
static size_t put_strata(const compare_work *w, const cells *c, const compare_place *at, vmap_noise_stratum *to)
{
    const compare_level *level = &w->level[at->level];
    const vmap_distributions *p = c->people, *q = c->personas[at->series];
    size_t n = 0;

    for (size_t i = 0; i < w->cells; i++) {
        size_t x = i * w->p + at->item, share = i * p->offset[w->p] + p->offset[at->item];
        double factor = w->factor && level->pooled ? w->factor[i] : 1;

        if (level->group[i] != at->group || (p->n[x] == 0 && q->n[x] == 0))
            continue;
        to[n++] = (vmap_noise_stratum){.p = p->share + share, .q = q->share + share, .n_p = factor > 0 ? p->n_eff[x] : 0,
                                       .n_q = q->n_eff[x], .w_p = factor * p->weight[x], .w_q = q->weight[x]};
    }
    return n;
}

/* Pairs from..to - 1, of one level and series. */
static vmap_status find_block(const compare_work *w, const cells *c, const vmap_noise_options *o, size_t from, size_t to,
                              compare_noise *n, vmap_error *err)
{
    size_t used = 0;
    vmap_noise_pair *pair = memory_new(to - from, sizeof *pair, err);
    /* each cell belongs to one group, so that an item's groups share the cells among themselves */
    vmap_noise_stratum *strata = memory_new(w->cells * w->p, sizeof *strata, err);
    vmap_status status = pair && strata ? VMAP_SUCCESS : VMAP_ENOMEM;

    for (size_t i = from; !status && i < to; i++) {
        const compare_place *at = &n->pair[i];

        compare_pair(w, &w->level[at->level], at->series, at->group, at->item, &pair[i - from].pair);
        pair[i - from].strata = strata + used;
        pair[i - from].strata_count = put_strata(w, c, at, strata + used);
        pair[i - from].stream = i;
        used += pair[i - from].strata_count;
    }
    if (!status)
        status = vmap_noise_find(pair, to - from, w->metric, w->metrics, o, n->found + from * w->metrics, err);
    for (size_t i = from; !status && i < to; i++) {
        for (size_t m = 0; m < w->metrics; m++) {
            if (w->metric[m]->ordered && !w->points[n->pair[i].item].ordered)
                n->found[i * w->metrics + m] = (vmap_noise){NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN};
        }
    }
    free(pair);
    free(strata);
    return status;
}

/* A family: one metric over all items and groups of a level and series. */
static vmap_status adjust_block(const compare_work *w, size_t from, size_t to, compare_noise *n, vmap_error *err)
{
    double *p = memory_new(to - from, sizeof *p, err);
    vmap_status status = p ? VMAP_SUCCESS : VMAP_ENOMEM;

    for (size_t m = 0; !status && m < w->metrics; m++) {
        for (size_t i = from; i < to; i++)
            p[i - from] = n->found[i * w->metrics + m].p;
        status = vmap_adjust(w->adjustment, p, to - from, p, err);
        for (size_t i = from; i < to; i++)
            n->p_adjusted[i * w->metrics + m] = p[i - from];
    }
    free(p);
    return status;
}

static vmap_status find_blocks(const compare_work *w, const cells *c, const vmap_noise_options *o, compare_noise *n,
                               vmap_error *err)
{
    vmap_status status = VMAP_SUCCESS;

    for (size_t from = 0, to; !status && from < n->pairs; from = to) {
        for (to = from; to < n->pairs && n->pair[to].level == n->pair[from].level && n->pair[to].series == n->pair[from].series;)
            to++;
        w->a->progress("drawing samples");
        status = find_block(w, c, o, from, to, n, err);
        if (!status)
            status = adjust_block(w, from, to, n, err);
    }
    w->a->progress("");
    return status;
}

vmap_status compare_noise_new(const compare_work *w, compare_noise **noise, vmap_error *err)
{
    const compare_settings *s = w->settings;
    compare_noise *n = memory_new(1, sizeof *n, err);
    vmap_noise_options o;
    cells c = {0};
    vmap_status status = n ? list_pairs(w, n, err) : VMAP_ENOMEM;

    vmap_noise_defaults(&o);
    o.replicates = (size_t)s->replicates;
    o.margins = w->margin;
    o.seed = (uint64_t)(s->study.seed ? s->study.seed : 20230217);
    o.threads = (unsigned)s->study.threads;
    o.floor = !s->floor || strcmp(s->floor, "people") == 0 ? VMAP_FLOOR_PEOPLE
              : strcmp(s->floor, "halves") == 0            ? VMAP_FLOOR_HALVES
                                                           : VMAP_FLOOR_SHUFFLED;
    if (!status)
        status = open_cells(w, &c, err);
    if (!status) {
        n->found = memory_new(n->pairs * w->metrics, sizeof *n->found, err);
        n->p_adjusted = memory_new(n->pairs * w->metrics, sizeof *n->p_adjusted, err);
        status = n->found && n->p_adjusted ? find_blocks(w, &c, &o, n, err) : VMAP_ENOMEM;
    }
    close_cells(w, &c);
    if (status)
        compare_noise_free(n);
    else
        *noise = n;
    return status;
}

/* ---- the table ---- */

void compare_table_noise(vmap_report *r, const compare_work *w)
{
    static const char *const names[] = {"value", "floor", "floor_sd", "excess", "corrected", "se", "low", "high", "p", "p_adj",
                                        "p_equivalent", "detectable"};
    const compare_noise *n = w->noise;
    vmap_report_table *t = vmap_report_add(r, "noise", "What chance does to the distances");

    compare_put_columns(t, w);
    vmap_report_column(t, "item", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "metric", VMAP_CELL_TEXT, 0);
    columns_add(t, VMAP_CELL_NUMBER, 3, names, sizeof names / sizeof *names);
    for (size_t i = 0; i < n->pairs; i++) {
        const compare_place *at = &n->pair[i];

        for (size_t m = 0; m < w->metrics; m++) {
            const vmap_noise *x = &n->found[i * w->metrics + m];
            const double value[] = {x->value, x->floor, x->floor_sd, x->excess, x->corrected, x->se, x->low, x->high, x->p,
                                    n->p_adjusted[i * w->metrics + m], x->p_equivalent, x->detectable};

            compare_put_group(t, w, &w->level[at->level], at->series, at->group);
            vmap_report_text(t, w->define[at->item]->name);
            vmap_report_text(t, w->metric[m]->name);
            for (size_t k = 0; k < sizeof value / sizeof *value; k++)
                vmap_report_number(t, value[k]);
        }
    }
    compare_note_noise(t, w);
    vmap_report_note(t, "excess: (value - floor) / floor_sd; corrected: median-unbiased; se: of the bootstrap; p_equivalent: of a true "
                     "distance of at least --margin; detectable: smallest true distance found with power .80 at level .05.");
    vmap_report_note(t, "NA: the metric or a statistic is not defined here: an item without order, a sample without spread, infinite "
                     "values, no margin, ratios, or no difference in this direction large enough to be detectable.");
}

void compare_note_noise(vmap_report_table *t, const compare_work *w)
{
    const compare_settings *s = w->settings;
    const char *floor = s->floor ? s->floor : "people";

    vmap_report_note(t, "floor: mean distance of %s, %d replicates; low, high: 95 %% interval; p: labels shuffled within the cells of "
                     "the group, smallest possible %.4g; p_adj: %s over the items and groups of a level and series.",
                     strcmp(floor, "people") == 0   ? "two samples of people's distribution as large as the two sides"
                     : strcmp(floor, "halves") == 0 ? "two random halves of the people"
                                                    : "people and personas with shuffled labels",
                     s->replicates, 1. / (s->replicates + 1), w->adjustment->name);
}
