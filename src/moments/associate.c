#include <config.h>

#include <math.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/memory.h"
#include "core/parallel.h"
#include "core/registry.h"
#include "core/text.h"
#include "moments/moments_internal.h"
#include "moments/pair_tables.h"

const vmap_association_kind vmap_association_kinds[] = {
    {"pearson", "product-moment correlation of the codes", "Pearson (1896), Phil. Trans. A 187", false},
    {"spearman", "correlation of the ranks", "Spearman (1904), Am. J. Psychol. 15, 72-101", false},
    {"kendall", "tau-b: surplus of concordant pairs of respondents",
     "Kendall (1945), Biometrika 33, 239-251", false},
    {"tetrachoric", "polychoric correlation of items with two categories",
     "Pearson (1900), Phil. Trans. A 195", true},
    {"polychoric", "correlation of the normal variables that ordered categories cut into pieces",
     "Olsson (1979), Psychometrika 44, 443-460", true},
    {"mixed", "polychoric, polyserial or Pearson, by the kinds of the two items",
     "Olsson, Drasgow & Dorans (1982), Psychometrika 47, 337-347", true},
};
const size_t vmap_association_kinds_count =
    sizeof vmap_association_kinds / sizeof *vmap_association_kinds;

vmap_status vmap_association_find(const char *name, vmap_association_type *type, vmap_error *err)
{
    size_t i = REGISTRY_FIND(vmap_association_kinds, vmap_association_kinds_count, "association", name, err);

    if (i == vmap_association_kinds_count)
        return VMAP_ENOENT;
    *type = (vmap_association_type)i;
    return VMAP_SUCCESS;
}

void vmap_association_defaults(vmap_association_options *options)
{
    *options = (vmap_association_options){.type = VMAP_PEARSON, .missing = VMAP_PAIRWISE,
                                          .most_categories = 12};
}

vmap_status moments_refuse_item(size_t i, vmap_error *err, const char *format, ...)
{
    char message[512], column[32];
    va_list args;

    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    vmap_error_set(err, VMAP_EDATA, "%s", message);
    snprintf(column, sizeof column, "%zu", i + 1);
    vmap_error_place(err, NULL, 0, 0, column);
    return VMAP_EDATA;
}

/* ---- pairs ---- */

typedef struct {
    const vmap_association_options *options;
    vmap_association *result;
    coded_items coded;
    unsigned **order;     /* p: respondents by level, for Kendall with many values; else NULL */
    vmap_polychoric *poly; /* p x p, below the diagonal; or NULL */
    pair_tables tables;
    pthread_mutex_t lock; /* of the failure */
    vmap_status status;
    size_t failed_at;     /* i p + j of the pair */
    vmap_error err;
} job;

static bool fits_table(const coded_items *c, size_t i, size_t j)
{
    return c->levels[i] <= MOMENTS_CATEGORIES && c->levels[j] <= MOMENTS_CATEGORIES;
}

static vmap_status polychoric_pair(job *q, size_t i, size_t j, pair_room *room, vmap_error *err)
{
    const coded_items *c = &q->coded;
    vmap_polychoric *poly = &q->poly[i * c->p + j];
    vmap_status status;

    pair_tables_take(&q->tables, i, j, room);
    status = vmap_moments_polychoric(room->table[0], room->table[1], c->levels[i], c->levels[j], poly, err);
    if (status == VMAP_EDATA)
        return moments_refuse_item(i, err, "%s (with item %zu)", err->message, j + 1);
    if (!status)
        gsl_matrix_set(q->result->moments->r, i, j, poly->rho);
    return status;
}

/* Continuous item i, ordered item j. */
static vmap_status polyserial_pair(job *q, size_t i, size_t j, double *rho, vmap_error *err)
{
    const coded_items *c = &q->coded;
    const unsigned *x = c->level + i * c->n, *y = c->level + j * c->n;
    double *value = memory_new(2 * c->n, sizeof *value, err), *weight = value + c->n;
    size_t *level = memory_new(c->n, sizeof *level, err), n = 0;
    vmap_status status = value && level ? VMAP_SUCCESS : VMAP_ENOMEM;

    for (size_t r = 0; !status && r < c->n; r++) {
        if (x[r] != CODED_NONE && y[r] != CODED_NONE) {
            value[n] = c->value[i][x[r]];
            level[n] = y[r];
            weight[n++] = c->weight[r];
        }
    }
    if (!status)
        status = vmap_moments_polyserial(value, level, n, c->levels[j], weight, rho, err);
    free(value);
    free(level);
    return status;
}

static vmap_status mixed_pair(job *q, size_t i, size_t j, pair_room *room, vmap_error *err)
{
    const bool *continuous = q->result->continuous;
    double rho = 0;
    vmap_status status;

    if (continuous[i] && continuous[j])
        return VMAP_SUCCESS; /* Pearson's r is there already */
    if (!continuous[i] && !continuous[j])
        return polychoric_pair(q, i, j, room, err);
    status = continuous[i] ? polyserial_pair(q, i, j, &rho, err) : polyserial_pair(q, j, i, &rho, err);
    if (!status)
        gsl_matrix_set(q->result->moments->r, i, j, rho);
    return status;
}

static vmap_status rank_pair(job *q, size_t i, size_t j, pair_room *room, vmap_error *err)
{
    const coded_items *c = &q->coded;
    bool spearman = q->result->type == VMAP_SPEARMAN;
    double r, *ranks = NULL;

    if (fits_table(c, i, j)) {
        pair_tables_take(&q->tables, i, j, room);
        r = (spearman ? moments_table_spearman : moments_table_kendall)(room->table[0], c->levels[i], c->levels[j]);
    } else {
        ranks = memory_new(2 * (c->levels[i] + c->levels[j]), sizeof *ranks, err);
        if (!ranks)
            return VMAP_ENOMEM;
        r = spearman ? moments_spearman(c, i, j, ranks) : moments_kendall(c, i, j, q->order[i], ranks);
        free(ranks);
    }
    gsl_matrix_set(q->result->moments->r, i, j, r);
    return VMAP_SUCCESS;
}

static vmap_status associate_pair(job *q, size_t i, size_t j, pair_room *room, vmap_error *err)
{
    switch (q->result->type) {
    case VMAP_PEARSON:
        break;
    case VMAP_SPEARMAN:
    case VMAP_KENDALL:
        return rank_pair(q, i, j, room, err);
    case VMAP_TETRACHORIC:
    case VMAP_POLYCHORIC:
        return polychoric_pair(q, i, j, room, err);
    case VMAP_MIXED:
        return mixed_pair(q, i, j, room, err);
    }
    return VMAP_SUCCESS;
}

/* Of all pairs that fail the first one is told, whichever thread comes first. */
static void keep_failure(job *q, size_t at, vmap_status status, const vmap_error *err)
{
    pthread_mutex_lock(&q->lock);
    if (!q->status || at < q->failed_at) {
        q->status = status;
        q->failed_at = at;
        q->err = *err;
    }
    pthread_mutex_unlock(&q->lock);
}

/* All pairs of the items of two couples: tasks go through the couples a and, for each, those up to it. */
static void associate_couples(void *context, size_t task)
{
    job *q = context;
    size_t p = q->coded.p, a = 0, b;
    pair_room room = {.joint = false};
    vmap_error err = {0};
    vmap_status status;

    while (task > a)
        task -= ++a;
    b = task;
    status = pair_tables_count(&q->tables, a, b, q->options->variances, &room, &err);
    if (status)
        keep_failure(q, 0, status, &err);
    for (size_t i = 2 * a; !status && i < p && i < 2 * a + 2; i++) {
        for (size_t j = 2 * b; !status && j < i && j < 2 * b + 2; j++) {
            status = associate_pair(q, i, j, &room, &err);
            if (status)
                keep_failure(q, i * p + j, status, &err);
        }
    }
    pair_room_clear(&room);
}

/* ---- what goes before and after ---- */

static bool is_whole(const coded_items *c, size_t i)
{
    for (size_t l = 0; l < c->levels[i]; l++) {
        if (c->value[i][l] != floor(c->value[i][l]))
            return false;
    }
    return true;
}

/* Items of a polychoric correlation must be categories. */
static vmap_status check_categories(const job *q, vmap_error *err)
{
    const coded_items *c = &q->coded;
    const char *name = vmap_association_kinds[q->result->type].name;
    size_t most = q->result->type == VMAP_TETRACHORIC ? 2 : q->options->most_categories;

    for (size_t i = 0; i < c->p; i++) {
        if (q->result->continuous && q->result->continuous[i])
            continue;
        if (!is_whole(c, i))
            return moments_refuse_item(
                i, err, "the item has fractions: a %s correlation needs categories, whole numbers; "
                        "use pearson or mixed",
                name);
        if (c->levels[i] > most)
            return moments_refuse_item(i, err,
                                       "the item has %zu different values; a %s correlation takes up "
                                       "to %zu categories",
                                       c->levels[i], name, most);
    }
    return VMAP_SUCCESS;
}

static vmap_status choose_continuous(job *q, vmap_error *err)
{
    const coded_items *c = &q->coded;
    bool *continuous = memory_new(c->p, sizeof *continuous, err);

    if (!continuous)
        return VMAP_ENOMEM;
    for (size_t i = 0; i < c->p; i++)
        continuous[i] = q->options->continuous
                            ? q->options->continuous[i]
                            : !is_whole(c, i) || c->levels[i] > q->options->most_categories;
    q->result->continuous = continuous;
    return VMAP_SUCCESS;
}

/* Respondents by level of an item, those without an answer last: counting sort. */
static unsigned *sort_respondents(const coded_items *c, size_t i, vmap_error *err)
{
    const unsigned *level = c->level + i * c->n;
    size_t levels = c->levels[i];
    unsigned *order = memory_new(c->n, sizeof *order, err);
    size_t *start = memory_new(levels + 2, sizeof *start, err);

    for (size_t r = 0; order && start && r < c->n; r++)
        start[1 + (level[r] == CODED_NONE ? levels : level[r])]++;
    for (size_t l = 0; start && l < levels; l++)
        start[l + 1] += start[l];
    for (size_t r = 0; order && start && r < c->n; r++)
        order[start[level[r] == CODED_NONE ? levels : level[r]]++] = (unsigned)r;
    if (!start) {
        free(order);
        order = NULL;
    }
    free(start);
    return order;
}

static vmap_status prepare(job *q, vmap_error *err)
{
    const coded_items *c = &q->coded;
    vmap_association_type type = q->result->type;
    vmap_status status = pair_tables_new(c, q->options->threads, &q->tables, err);

    if (status)
        return status;
    if (type == VMAP_MIXED)
        status = choose_continuous(q, err);
    if (type >= VMAP_TETRACHORIC) {
        q->poly = memory_new(c->p * c->p, sizeof *q->poly, err);
        if (!status)
            status = q->poly ? check_categories(q, err) : VMAP_ENOMEM;
    }
    if (type == VMAP_KENDALL) {
        q->order = memory_new(c->p, sizeof *q->order, err);
        for (size_t i = 0; q->order && i < c->p; i++)
            q->order[i] = sort_respondents(c, i, err);
        for (size_t i = 0; i < c->p; i++)
            status = q->order && q->order[i] ? status : VMAP_ENOMEM;
    }
    return status;
}

static void free_job(job *q)
{
    for (size_t i = 0; q->order && i < q->coded.p; i++)
        free(q->order[i]);
    free(q->order);
    free(q->poly);
    pair_tables_clear(&q->tables);
    pthread_mutex_destroy(&q->lock);
    moments_code_free(&q->coded);
}

static void mirror(gsl_matrix *m)
{
    for (size_t i = 0; i < m->size1; i++) {
        for (size_t j = 0; j < i; j++)
            gsl_matrix_set(m, j, i, gsl_matrix_get(m, i, j));
    }
}

static bool took_polychoric(const job *q, size_t i, size_t j)
{
    const bool *continuous = q->result->continuous;

    return q->poly && !(continuous && (continuous[i] || continuous[j]));
}

/* List the thin pairs, and keep the variances. */
static vmap_status keep_polychoric(job *q, vmap_error *err)
{
    vmap_association *a = q->result;
    size_t p = q->coded.p, room = 0;

    if (q->options->variances && !(a->variance = memory_matrix(p, p, err)))
        return VMAP_ENOMEM;
    for (size_t i = 0; i < p; i++) {
        for (size_t j = 0; j < i; j++) {
            const vmap_polychoric *y = &q->poly[i * p + j];

            if (!took_polychoric(q, i, j))
                continue;
            if (a->variance)
                gsl_matrix_set(a->variance, i, j, y->variance);
            if (!y->empty && !y->boundary)
                continue;
            if (memory_grow(&a->problems, &room, a->problems_count + 1, sizeof *a->problems, err))
                return VMAP_ENOMEM;
            a->problems[a->problems_count++] =
                (vmap_pair_problem){i, j, y->empty, y->cells, y->boundary};
        }
    }
    if (a->variance)
        mirror(a->variance);
    return VMAP_SUCCESS;
}

static vmap_status associate_pairs(const double *values, size_t n, size_t p, const double *weights,
                                   const vmap_association_options *options, vmap_association *a,
                                   vmap_error *err)
{
    job q = {.options = options, .result = a, .lock = PTHREAD_MUTEX_INITIALIZER};
    vmap_status status = moments_code(values, n, p, weights, options->missing, options->threads, &q.coded, err);

    if (!status)
        status = prepare(&q, err);
    if (!status)
        parallel_for(q.tables.couples * (q.tables.couples + 1) / 2, options->threads, associate_couples, &q);
    if (!status && q.status) {
        status = q.status;
        if (err)
            *err = q.err;
    }
    if (!status)
        mirror(a->moments->r);
    if (!status && q.poly)
        status = keep_polychoric(&q, err);
    free_job(&q);
    return status;
}

static vmap_status check_options(const vmap_association_options *o, vmap_error *err)
{
    if (o->em && o->type != VMAP_PEARSON)
        return vmap_error_set(err, VMAP_EINVAL,
                              "EM estimates Pearson correlations, not %s ones; use pairwise or "
                              "listwise",
                              vmap_association_kinds[o->type].name);
    if (o->most_categories < 2 || o->most_categories > MOMENTS_CATEGORIES)
        return vmap_error_set(err, VMAP_EINVAL, "%zu as the most categories; 2..%d are possible",
                              o->most_categories, MOMENTS_CATEGORIES);
    return VMAP_SUCCESS;
}

vmap_status vmap_moments_associate(const double *values, size_t n, size_t p, const double *weights,
                                   const vmap_association_options *options,
                                   vmap_association **association, vmap_error *err)
{
    vmap_association_options chosen;
    vmap_association *a;
    vmap_status status;

    vmap_association_defaults(&chosen);
    if (options)
        chosen = *options;
    status = check_options(&chosen, err);
    if (status)
        return status;
    a = memory_new(1, sizeof *a, err);
    if (!a)
        return VMAP_ENOMEM;
    a->type = chosen.type;
    a->converged = true;
    if (chosen.em)
        status = vmap_moments_em(values, n, p, weights, &a->moments, &a->iterations, &a->converged,
                                 err);
    else
        status = moments_correlate(values, n, p, weights, chosen.missing, chosen.threads, &a->moments, err);
    if (!status && chosen.type != VMAP_PEARSON)
        status = associate_pairs(values, n, p, weights, &chosen, a, err);
    if (!status) {
        *association = a;
        a = NULL;
    }
    vmap_association_free(a);
    return status;
}

void vmap_association_free(vmap_association *a)
{
    if (!a)
        return;
    vmap_moments_free(a->moments);
    gsl_matrix_free(a->variance);
    free(a->problems);
    free(a->continuous);
    free(a);
}

double vmap_moments_test_n(const vmap_moments *m)
{
    double sum = 0;
    size_t pairs = m->p * (m->p - 1) / 2;

    for (size_t i = 0; i < m->p; i++) {
        for (size_t j = 0; j < i; j++) {
            double n = gsl_matrix_get(m->n_eff, i, j);

            sum += n > 0 ? 1 / n : INFINITY;
        }
    }
    return (double)pairs / sum;
}
