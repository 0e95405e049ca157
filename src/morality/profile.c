#include <config.h>
#include "valuemap/morality.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_cdf.h>

#include "core/memory.h"
#include "core/parallel.h"
#include "core/text.h"
#include "map/map_internal.h"
#include "valuemap/rng.h"

/* ---- running moments ---- */

typedef struct {
    size_t n;
    double w, w2, mean, squares, u2; /* u2: S w^2 (x - m)^2, by a second pass */
} moments;

static void add(moments *m, double x, double w)
{
    double d = x - m->mean;

    m->n++;
    m->w += w;
    m->mean += w / m->w * d;
    m->squares += w * d * (x - m->mean);
}

static double sd_of(const moments *m)
{
    return m->n < 2 ? NAN : sqrt((double)m->n / (double)(m->n - 1) * m->squares / m->w);
}

/* ---- making and freeing ---- */

static void free_profile(vmap_profile *g, size_t columns)
{
    for (size_t i = 0; g->labels && i < columns; i++)
        free(g->labels[i]);
    free(g->labels);
    free(g->score);
    gsl_matrix_free(g->replicates);
}

void vmap_profiles_free(vmap_profiles *p)
{
    if (!p)
        return;
    for (size_t i = 0; p->group && i < p->count; i++)
        free_profile(&p->group[i], p->columns);
    for (size_t i = 0; p->names && i < p->columns; i++)
        free(p->names[i]);
    for (size_t i = 0; p->scales && i < p->k + p->c; i++)
        free(p->scales[i]);
    for (size_t i = 0; p->titles && i < p->k + p->c; i++)
        free(p->titles[i]);
    free(p->names);
    free(p->scales);
    free(p->titles);
    free(p->group);
    free(p);
}

static char *copy(const char *text)
{
    return text_copy(text, strlen(text));
}

static bool name_scales(vmap_profiles *p, const vmap_questionnaire *q)
{
    bool failed = false;

    for (size_t i = 0; i < p->k + p->c; i++) {
        bool scale = i < p->k;

        p->scales[i] = copy(scale ? q->foundations[i].name : q->contrasts[i - p->k].name);
        p->titles[i] = copy(scale ? q->foundations[i].label : q->contrasts[i - p->k].label);
        failed |= !p->scales[i] || !p->titles[i];
    }
    return !failed;
}

static vmap_status alloc(vmap_profiles *p, const vmap_questionnaire *q, const vmap_table *labels,
                         vmap_error *err)
{
    bool failed;

    p->k = q->foundations_count;
    p->c = q->contrasts_count;
    p->low = q->scale[0].low;
    p->high = q->scale[0].high;
    p->columns = vmap_table_columns(labels);
    p->names = memory_new(p->columns, sizeof *p->names, err);
    p->scales = memory_new(p->k + p->c, sizeof *p->scales, err);
    p->titles = memory_new(p->k + p->c, sizeof *p->titles, err);
    p->group = memory_new(p->count, sizeof *p->group, err);
    failed = !p->names || !p->scales || !p->titles || !p->group || !name_scales(p, q);
    for (size_t i = 0; !failed && i < p->columns; i++) {
        p->names[i] = copy(vmap_table_name(labels, i));
        failed = !p->names[i];
    }
    return failed ? vmap_error_set(err, VMAP_ENOMEM, "no memory for %zu profiles", p->count)
                  : VMAP_SUCCESS;
}

static vmap_status label(vmap_profiles *p, vmap_profile *g, const vmap_table *labels, size_t row,
                         vmap_error *err)
{
    g->labels = memory_new(p->columns, sizeof *g->labels, err);
    g->score = memory_new(p->k + p->c, sizeof *g->score, err);
    if (!g->labels || !g->score)
        return VMAP_ENOMEM;
    for (size_t i = 0; i < p->columns; i++) {
        g->labels[i] = copy(vmap_table_text(labels, i, row));
        if (!g->labels[i])
            return vmap_error_set(err, VMAP_ENOMEM, "no memory for a label");
    }
    return VMAP_SUCCESS;
}

/* ---- filling ---- */

/* The data behind all groups. */
typedef struct {
    const vmap_questionnaire *q;
    const vmap_answers *a;
    const vmap_scores *s;
    double level;
} source;

static double weight_of(const source *from, size_t row)
{
    return from->a->weights ? from->a->weights[row] : 1;
}

static double score_of(const vmap_scores *s, size_t row, size_t scale)
{
    return scale < s->k ? s->score[row * s->k + scale] : s->contrast[row * s->c + scale - s->k];
}

static vmap_status fill_score(const source *from, const size_t *rows, size_t n, size_t scale,
                              vmap_profile_score *score, vmap_error *err)
{
    moments m = {0};
    double t, *x = memory_new(2 * n, sizeof *x, err), *w = x ? x + n : NULL;
    vmap_status status;

    if (!x)
        return VMAP_ENOMEM;
    for (size_t i = 0; i < n; i++) {
        x[m.n] = score_of(from->s, rows[i], scale);
        w[m.n] = weight_of(from, rows[i]);
        if (!isnan(x[m.n]))
            add(&m, x[m.n], w[m.n]);
    }
    for (size_t i = 0; i < m.n; i++)
        m.u2 += w[i] * w[i] * (x[i] - m.mean) * (x[i] - m.mean);
    status = vmap_log_sd_error(x, from->a->weights ? w : NULL, m.n, &score->log_sd_se, err);
    free(x);
    score->n = m.n;
    score->mean = m.n ? m.mean : NAN;
    score->sd = sd_of(&m);
    score->se = m.n < 2 ? NAN : sqrt((double)m.n / (double)(m.n - 1) * m.u2) / m.w;
    t = m.n < 2 ? NAN : gsl_cdf_tdist_Qinv((1 - from->level) / 2, (double)m.n - 1);
    score->low = score->mean - t * score->se;
    score->high = score->mean + t * score->se;
    score->cell_mean = score->cell_sd = score->floor = score->ceiling = NAN;
    return status;
}

static void fill_cells(const source *from, const size_t *rows, size_t n, size_t scale,
                       vmap_profile_score *score)
{
    const vmap_foundation *f = &from->q->foundations[scale];
    moments m = {0};
    double floor = 0, ceiling = 0;

    score->asked = n * f->items_count;
    for (size_t r = 0; r < n; r++) {
        for (unsigned i = 0; i < f->items_count; i++) {
            double x = from->s->item[rows[r] * from->s->p + (size_t)f->items[i] - 1];
            double w = weight_of(from, rows[r]);

            if (isnan(x))
                continue;
            add(&m, x, w);
            floor += x == from->q->scale[0].low ? w : 0;
            ceiling += x == from->q->scale[0].high ? w : 0;
        }
    }
    score->answered = m.n;
    if (m.n) {
        score->cell_mean = m.mean;
        score->cell_sd = sd_of(&m);
        score->floor = floor / m.w;
        score->ceiling = ceiling / m.w;
    }
}

/* What the sheets as such are like; rows that do not count are taken out of `rows`. Returns how
 * many remain. */
static size_t judge_sheets(const source *from, size_t *rows, size_t n, vmap_profile *g)
{
    const vmap_scores *s = from->s;
    double run = 0, spread = 0;
    size_t kept = 0, with_answers = 0, with_spread = 0;

    g->sheets = n;
    for (size_t i = 0; i < n; i++) {
        size_t r = rows[i], scored = 0;

        if (!(weight_of(from, r) > 0))
            continue;
        g->failed += s->failed[r];
        if (!s->used_sheet[r]) {
            g->dropped++;
            continue;
        }
        rows[kept++] = r;
        for (size_t f = 0; f < s->k; f++)
            scored += !isnan(s->score[r * s->k + f]);
        g->empty += s->answered[r] == 0;
        g->unscored += s->answered[r] > 0 && scored == 0;
        g->partial += scored > 0 && scored < s->k;
        g->complete += scored == s->k;
        g->straight += s->straight[r];
        g->asked += s->scored_items;
        g->answered += s->answered[r];
        if (s->answered[r]) {
            run += (double)s->run[r];
            with_answers++;
        }
        if (!isnan(s->spread[r])) {
            spread += s->spread[r];
            with_spread++;
        }
    }
    g->run = with_answers ? run / (double)with_answers : NAN;
    g->spread = with_spread ? spread / (double)with_spread : NAN;
    return kept;
}

/* Numbers that are no code, over the items that some scale has, each item once. */
static vmap_status count_out_of_range(const source *from, const size_t *rows, size_t n,
                                      vmap_profile *g, vmap_error *err)
{
    bool *seen = memory_new(from->s->p, sizeof *seen, err);

    if (!seen)
        return VMAP_ENOMEM;
    for (unsigned f = 0; f < from->q->foundations_count; f++) {
        for (unsigned i = 0; i < from->q->foundations[f].items_count; i++) {
            size_t at = (size_t)from->q->foundations[f].items[i] - 1;

            for (size_t r = 0; !seen[at] && r < n; r++)
                g->out_of_range += from->a->reasons[rows[r] * from->a->p + at] == VMAP_OUT_OF_RANGE;
            seen[at] = true;
        }
    }
    free(seen);
    return VMAP_SUCCESS;
}

static vmap_status fill(const source *from, size_t *rows, size_t n, vmap_profiles *p,
                        vmap_profile *g, vmap_error *err)
{
    vmap_status status = label(p, g, from->a->groups, n ? rows[0] : 0, err);
    size_t kept;

    if (status)
        return status;
    kept = judge_sheets(from, rows, n, g);
    for (size_t i = 0; !status && i < p->k + p->c; i++) {
        status = fill_score(from, rows, kept, i, &g->score[i], err);
        if (!status && i < p->k)
            fill_cells(from, rows, kept, i, &g->score[i]);
    }
    return status ? status : count_out_of_range(from, rows, kept, g, err);
}

static vmap_status check(const vmap_answers *a, const vmap_scores *s, double level, vmap_error *err)
{
    if (a->n != s->n || a->p != s->p)
        return vmap_error_set(err, VMAP_EINVAL, "scores of %zu sheets for answers of %zu", s->n,
                              a->n);
    if (!(level > 0 && level < 1))
        return vmap_error_set(err, VMAP_EINVAL, "level %g is outside (0, 1)", level);
    return VMAP_SUCCESS;
}

vmap_status vmap_profiles_new(const vmap_questionnaire *q, const vmap_answers *a,
                              const vmap_scores *s, double level, vmap_profiles **profiles,
                              vmap_error *err)
{
    const source from = {q, a, s, level};
    group_order order = {0};
    vmap_profiles *p = NULL;
    vmap_status status = check(a, s, level, err);

    if (!status)
        status = group_order_new(a, &order, err);
    if (!status && !(p = memory_new(1, sizeof *p, err)))
        status = VMAP_ENOMEM;
    if (!status) {
        p->count = order.count;
        p->unlabelled = a->n - order.n;
        status = alloc(p, q, a->groups, err);
    }
    for (size_t g = 0; !status && g < order.count; g++)
        status = fill(&from, order.rows + order.start[g], order.start[g + 1] - order.start[g], p,
                      &p->group[g], err);
    group_order_free(&order);
    if (status)
        vmap_profiles_free(p);
    else
        *profiles = p;
    return status;
}

vmap_status vmap_profiles_of_rows(const vmap_profiles *p, const vmap_answers *a, size_t **group,
                                  vmap_error *err)
{
    group_order order = {0};
    size_t *of = memory_new(a->n, sizeof *of, err);
    vmap_status status = of ? group_order_new(a, &order, err) : VMAP_ENOMEM;

    for (size_t r = 0; !status && r < a->n; r++)
        of[r] = p->count;
    for (size_t g = 0; !status && g < order.count; g++) {
        for (size_t i = order.start[g]; i < order.start[g + 1]; i++)
            of[order.rows[i]] = g;
    }
    group_order_free(&order);
    if (status)
        free(of);
    else
        *group = of;
    return status;
}

/* ---- bootstrap ---- */

typedef struct {
    const source *from;
    vmap_profiles *p;
    const group_order *order;
    size_t *rows; /* as order->rows, but within each group the sheets with a score stand first */
    size_t *n;    /* how many these are */
    size_t replicates;
    uint64_t seed;
} resampling;

/* One replicate's means; `weight` has room for all scales. */
static void draw_means(const resampling *b, size_t g, gsl_rng *rng, double *weight, double *means)
{
    const source *from = b->from;
    const size_t *rows = b->rows + b->order->start[g];
    size_t scales = b->p->k + b->p->c, n = b->n[g];

    for (size_t i = 0; i < scales; i++)
        means[i] = weight[i] = 0;
    for (size_t draw = 0; draw + 1 < n; draw++) {
        size_t r = rows[vmap_rng_below(rng, n)];
        double w = weight_of(from, r);

        for (size_t i = 0; i < scales; i++) {
            double x = score_of(from->s, r, i);

            if (!isnan(x)) {
                weight[i] += w;
                means[i] += w / weight[i] * (x - means[i]);
            }
        }
    }
    for (size_t i = 0; i < scales; i++)
        means[i] = weight[i] > 0 ? means[i] : NAN;
}

/* A group draws from streams of its own: g * 2^32 + replicate. */
static bool resample_group(void *context, size_t g)
{
    const resampling *b = context;
    gsl_matrix *to = b->p->group[g].replicates;
    gsl_rng *rng = to ? vmap_rng_new(b->seed, 0) : NULL;
    double *weight = to ? memory_new(b->p->k + b->p->c, sizeof *weight, NULL) : NULL;
    bool ready = rng && weight;

    for (size_t r = 0; ready && r < b->replicates; r++) {
        vmap_rng_set(rng, b->seed, ((uint64_t)g << 32) + r);
        draw_means(b, g, rng, weight, gsl_matrix_ptr(to, r, 0));
    }
    gsl_rng_free(rng);
    free(weight);
    return ready || !to;
}

static bool has_score(const vmap_scores *s, size_t row)
{
    for (size_t f = 0; f < s->k; f++) {
        if (!isnan(s->score[row * s->k + f]))
            return true;
    }
    return false;
}

static void put_scored_first(resampling *b, const vmap_scores *s)
{
    for (size_t g = 0; g < b->order->count; g++) {
        size_t *to = b->rows + b->order->start[g];

        for (size_t i = b->order->start[g]; i < b->order->start[g + 1]; i++) {
            if (has_score(s, b->order->rows[i]) && weight_of(b->from, b->order->rows[i]) > 0)
                to[b->n[g]++] = b->order->rows[i];
        }
    }
}

vmap_status vmap_profiles_bootstrap(vmap_profiles *p, const vmap_answers *a, const vmap_scores *s,
                                    size_t replicates, uint64_t seed, unsigned threads,
                                    vmap_error *err)
{
    const source from = {NULL, a, s, 0};
    group_order order = {0};
    resampling b = {&from, p, &order, NULL, NULL, replicates, seed};
    vmap_status status = check(a, s, 0.5, err);

    if (!status && replicates < 2)
        status =
            vmap_error_set(err, VMAP_EINVAL, "%zu replicates; a bootstrap needs two", replicates);
    if (!status)
        status = group_order_new(a, &order, err);
    if (!status) {
        b.rows = memory_new(order.n, sizeof *b.rows, err);
        b.n = memory_new(order.count, sizeof *b.n, err);
        status = b.rows && b.n ? VMAP_SUCCESS : VMAP_ENOMEM;
    }
    if (!status)
        put_scored_first(&b, s);
    for (size_t g = 0; !status && g < p->count; g++) {
        gsl_matrix_free(p->group[g].replicates);
        p->group[g].replicates = NULL;
        if (b.n[g] >= 2 && !(p->group[g].replicates = memory_matrix(replicates, p->k + p->c, err)))
            status = VMAP_ENOMEM;
    }
    if (!status && !parallel_try(p->count, threads, resample_group, &b))
        status = vmap_error_set(err, VMAP_ENOMEM, "no memory for a bootstrap");
    free(b.rows);
    free(b.n);
    group_order_free(&order);
    return status;
}
