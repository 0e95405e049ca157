#include <config.h>
#include "valuemap/distributions.h"

#include <math.h>

#include "compare/count.h"
#include "core/memory.h"

/* One item in one row. */
typedef struct {
    exact *point;  /* K sums of weights; NULL: no valid answer */
    exact *reason; /* VMAP_REASONS + 1 sums; NULL: nothing but valid answers and missing columns */
    exact square;  /* of the weights of valid answers */
    size_t valid, other; /* respondents with a valid answer, and with a reason that is counted in `reason` */
} cell;

typedef struct {
    cell *cell; /* p; NULL: nobody */
    size_t respondents;
    exact weight;
} tally_row;

struct vmap_tally {
    const vmap_points *points;
    size_t p;
    tally_row *row;
    size_t rows, room;
    unsigned char *at; /* p: of the respondent at hand */
    double first; /* the first weight; 0: none */
    bool weighted;
};

vmap_tally *vmap_tally_new(const vmap_points *points, size_t p, vmap_error *err)
{
    vmap_tally *t = memory_new(1, sizeof *t, err);

    if (!t)
        return NULL;
    t->points = points;
    t->p = p;
    t->at = memory_new(p, 1, err);
    if (t->at)
        return t;
    vmap_tally_free(t);
    return NULL;
}

void vmap_tally_free(vmap_tally *t)
{
    if (!t)
        return;
    for (size_t r = 0; r < t->rows; r++) {
        for (size_t j = 0; t->row[r].cell && j < t->p; j++) {
            free(t->row[r].cell[j].point);
            free(t->row[r].cell[j].reason);
        }
        free(t->row[r].cell);
    }
    free(t->row);
    free(t->at);
    free(t);
}

static vmap_status open_row(vmap_tally *t, size_t row, vmap_error *err)
{
    vmap_status status = memory_grow(&t->row, &t->room, row + 1, sizeof *t->row, err);

    if (status)
        return status;
    while (t->rows <= row)
        t->row[t->rows++] = (tally_row){0};
    if (!t->row[row].cell)
        t->row[row].cell = memory_new(t->p, sizeof(cell), err);
    return t->row[row].cell ? VMAP_SUCCESS : VMAP_ENOMEM;
}

static bool add_point(cell *c, unsigned char point, size_t k, double weight, vmap_error *err)
{
    if (!c->point && !(c->point = memory_new(k, sizeof *c->point, err)))
        return false;
    exact_add(&c->point[point], weight);
    exact_add(&c->square, weight * weight);
    c->valid++;
    return true;
}

/* What a file has no column for is what is left in the end, and takes no memory. */
static bool add_reason(cell *c, size_t why, double weight, vmap_error *err)
{
    if (why == VMAP_NO_COLUMN)
        return true;
    if (!c->reason && !(c->reason = memory_new(VMAP_REASONS + 1, sizeof *c->reason, err)))
        return false;
    exact_add(&c->reason[why], weight);
    c->other++;
    return true;
}

/* Count a respondent whom the row is open for. */
static vmap_status add_points(vmap_tally *t, size_t row, const unsigned char *point, double weight, vmap_error *err)
{
    bool done = true;

    t->weighted |= t->first > 0 && weight != t->first;
    t->first = weight;
    t->row[row].respondents++;
    exact_add(&t->row[row].weight, weight);
    for (size_t j = 0; done && j < t->p; j++) {
        cell *c = &t->row[row].cell[j];
        size_t k = t->points[j].count;

        if (k)
            done = point[j] < VMAP_POINTS_MAX ? add_point(c, point[j], k, weight, err)
                                              : add_reason(c, count_reason(point[j]), weight, err);
    }
    return done ? VMAP_SUCCESS : VMAP_ENOMEM;
}

vmap_status count_add(vmap_tally *t, size_t row, const unsigned char *point, double weight, vmap_error *err)
{
    vmap_status status = open_row(t, row, err);

    return status ? status : add_points(t, row, point, weight, err);
}

vmap_status vmap_tally_add(vmap_tally *t, size_t row, const double *values, const unsigned char *reasons, double weight,
                           vmap_error *err)
{
    vmap_status status;

    if (!(weight > 0))
        return VMAP_SUCCESS;
    status = open_row(t, row, err);
    if (status)
        return status;
    for (size_t j = 0; j < t->p; j++) {
        if (t->points[j].count)
            t->at[j] = count_point(&t->points[j], values[j], reasons[j]);
    }
    return add_points(t, row, t->at, weight, err);
}

bool vmap_tally_weighted(const vmap_tally *t)
{
    return t->weighted;
}

/* With what rounding takes from the product, so that it does not matter how respondents are divided into rows. */
static void add_exact(exact *to, const exact *from, double factor)
{
    double product = factor * from->sum;

    exact_add(to, product);
    exact_add(to, fma(factor, from->sum, -product) + factor * from->rest);
}

void count_weight(const vmap_tally *t, size_t row, exact *to)
{
    if (row < t->rows)
        add_exact(to, &t->row[row].weight, 1);
}

double vmap_tally_weight(const vmap_tally *t, size_t row)
{
    return row < t->rows ? exact_value(&t->row[row].weight) : 0;
}

/* ---- rows together ---- */

/* Sums of one group and item. */
typedef struct {
    exact point[VMAP_POINTS_MAX], reason[VMAP_REASONS + 1], weight, square, total;
    size_t valid, counted, respondents;
} pool;

static void add_cell(pool *s, const tally_row *row, size_t item, size_t k, double factor)
{
    const cell *c = &row->cell[item];

    add_exact(&s->total, &row->weight, factor);
    s->respondents += row->respondents;
    s->valid += c->valid;
    s->counted += c->valid + c->other;
    add_exact(&s->square, &c->square, factor * factor);
    for (size_t i = 0; c->point && i < k; i++) {
        add_exact(&s->point[i], &c->point[i], factor);
        add_exact(&s->weight, &c->point[i], factor);
    }
    for (size_t why = 0; c->reason && why <= VMAP_REASONS; why++)
        add_exact(&s->reason[why], &c->reason[why], factor);
}

static void put_pool(vmap_distributions *d, pool *s, size_t g, size_t j, double *square)
{
    size_t at = g * d->p + j, k = d->offset[j + 1] - d->offset[j];
    double *reason = d->reason + at * (VMAP_REASONS + 1), known = exact_value(&s->weight);

    for (size_t i = 0; i < k; i++)
        d->share[g * d->offset[d->p] + d->offset[j] + i] = exact_value(&s->point[i]);
    d->n[at] = d->clusters[at] = s->valid;
    d->weight[at] = known;
    square[at] = exact_value(&s->square);
    for (size_t why = 0; why <= VMAP_REASONS; why++) {
        reason[why] = exact_value(&s->reason[why]);
        known += reason[why];
    }
    reason[VMAP_PRESENT] = d->weight[at];
    reason[VMAP_NO_COLUMN] = s->counted < s->respondents ? fmax(0, exact_value(&s->total) - known) : 0;
}

/* Rows by their groups: those of group g are list[start[g]] .. list[start[g + 1] - 1]. */
static vmap_status sort_rows(const vmap_tally *t, size_t rows, const size_t *group, size_t groups, const double *factor,
                             size_t **start, size_t **list, vmap_error *err)
{
    *start = memory_new(groups + 2, sizeof **start, err);
    *list = memory_new(rows, sizeof **list, err);
    if (!*start || !*list)
        return VMAP_ENOMEM;
    for (int pass = 0; pass < 2; pass++) { /* how many, shifted by two places; then where each begins */
        for (size_t r = 0; r < rows && r < t->rows; r++) {
            if (group[r] >= groups || (factor && !(factor[r] > 0)) || !t->row[r].cell)
                continue;
            if (pass)
                (*list)[(*start)[group[r] + 1]++] = r;
            else
                (*start)[group[r] + 2]++;
        }
        for (size_t g = 2; !pass && g < groups + 2; g++)
            (*start)[g] += (*start)[g - 1];
    }
    return VMAP_SUCCESS;
}

static void pool_rows(const vmap_tally *t, const size_t *item, const double *factor, const size_t *start,
                      const size_t *list, pool *s, vmap_distributions *d, double *square, double *total)
{
    for (size_t g = 0; g < d->groups; g++) {
        for (size_t j = 0; j < d->p; j++) {
            *s = (pool){0};
            for (size_t i = start[g]; i < start[g + 1]; i++)
                add_cell(s, &t->row[list[i]], item[j], d->offset[j + 1] - d->offset[j], factor ? factor[list[i]] : 1);
            put_pool(d, s, g, j, square);
            d->rows[g] = s->respondents;
            total[g] = exact_value(&s->total);
        }
    }
}

vmap_status vmap_distributions_tallied(const vmap_tally *tally, const size_t *item, const vmap_points *points, size_t p,
                                       size_t rows, const size_t *group, size_t groups, const double *factor,
                                       vmap_distributions **distributions, vmap_error *err)
{
    vmap_distributions *d = count_new(groups, p, points, err);
    double *square = memory_new(groups * p, sizeof *square, err), *total = memory_new(groups, sizeof *total, err);
    pool *s = memory_new(1, sizeof *s, err);
    size_t *start = NULL, *list = NULL;
    vmap_status status = d && square && total && s ? VMAP_SUCCESS : VMAP_ENOMEM;

    if (!status)
        status = sort_rows(tally, rows, group, groups, factor, &start, &list, err);
    if (!status) {
        pool_rows(tally, item, factor, start, list, s, d, square, total);
        count_finish(d, square, total);
    }
    free(square);
    free(total);
    free(s);
    free(start);
    free(list);
    if (status)
        vmap_distributions_free(d);
    else
        *distributions = d;
    return status;
}
