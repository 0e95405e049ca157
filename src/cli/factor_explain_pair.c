#include <config.h>
#include "cli/factor_explain.h"

#include <math.h>

/* The first correlation worked from the answers. */

/* Those who answered both of the first two items (with listwise: all items), in three passes over them. */
typedef struct {
    const vmap_answers *a;
    bool complete;     /* only who answered all items */
    size_t first, n;   /* the first of them, SIZE_MAX: nobody; how many */
    double mean[2], sd[2];
} pair;

static bool counts(const pair *q, size_t i)
{
    return (!q->a->weights || q->a->weights[i] > 0) &&
           vmap_moments_complete(q->a->values + i * q->a->p, q->complete ? q->a->p : 2);
}

static double weight_of(const pair *q, size_t i)
{
    return q->a->weights ? q->a->weights[i] : 1;
}

static void find_means(pair *q)
{
    double sum[2] = {0}, squares[2] = {0}, total = 0;

    q->first = SIZE_MAX;
    for (size_t i = 0; i < q->a->n; i++) {
        if (!counts(q, i))
            continue;
        if (q->n++ == 0)
            q->first = i;
        total += weight_of(q, i);
        for (size_t j = 0; j < 2; j++)
            sum[j] += weight_of(q, i) * q->a->values[i * q->a->p + j];
    }
    for (size_t j = 0; j < 2; j++)
        q->mean[j] = sum[j] / total;
    for (size_t i = 0; i < q->a->n; i++) {
        for (size_t j = 0; counts(q, i) && j < 2; j++) {
            double x = q->a->values[i * q->a->p + j] - q->mean[j];

            squares[j] += weight_of(q, i) * x * x;
        }
    }
    for (size_t j = 0; j < 2; j++)
        q->sd[j] = sqrt(squares[j] / total);
}

/* "(2 - 2.41) / 1.41" and its value as it is shown. */
static double put_standard(buffer *b, double x, double mean, double sd)
{
    double m = explain_shown(mean, 2), s = explain_shown(sd, 2);

    buffer_format(b, "(%g - ", x);
    explain_factor(b, m, 2);
    buffer_format(b, ") / %.2f", s);
    return explain_shown((x - m) / s, 2);
}

/* The product of the first respondent of the pair. */
static void put_first(buffer *b, const pair *q)
{
    const double *x = q->a->values + q->first * q->a->p;
    double z[2];

    buffer_format(b, "\n  row %zu answers %g and %g: ", q->a->rows[q->first], x[0], x[1]);
    z[0] = put_standard(b, x[0], q->mean[0], q->sd[0]);
    buffer_put(b, " x ");
    z[1] = put_standard(b, x[1], q->mean[1], q->sd[1]);
    buffer_put(b, " = ");
    explain_factor(b, z[0], 2);
    buffer_put(b, " x ");
    explain_factor(b, z[1], 2);
    buffer_format(b, " = %.2f\n\n", explain_shown(z[0] * z[1], 2));
}

static void put_recipe(buffer *b, const factor_work *w, const pair *q)
{
    buffer_format(b,
                  "%zu respondents answered %s. Among them %s has mean %.2f and standard deviation %.2f, %s mean %.2f and "
                  "%.2f.\nTake from each answer its mean, divide by the standard deviation, and multiply the two results of each "
                  "respondent:\n",
                  q->n, q->complete ? "all items" : "both of the first two", w->item[0], q->mean[0], q->sd[0], w->item[1], q->mean[1],
                  q->sd[1]);
    if (q->sd[0] >= .01 && q->sd[1] >= .01)
        put_first(b, q);
    buffer_format(b, "The average of these products%s is the correlation: ", q->a->weights ? ", each counting by its weight," : "");
}

/* Other correlations than Pearson's are not worked: what they are is said. */
static void put_kind(buffer *b, const factor_work *w)
{
    const vmap_association *x = w->analysis->association;

    if (w->options.association.em)
        buffer_put(b, "What is missing was not filled in: these are the correlations under which the answers that are there "
                      "are most likely (EM).\n");
    else if (x && x->type != VMAP_PEARSON)
        buffer_format(b, "They are of the kind %s: %s.\n", vmap_association_kinds[x->type].name, vmap_association_kinds[x->type].help);
}

void explain_pair(buffer *b, const factor_work *w)
{
    const vmap_association *x = w->analysis->association;
    double r = gsl_matrix_get(w->analysis->r, 1, 0);
    pair q = {.a = w->answers, .complete = w->options.association.missing == VMAP_LISTWISE};

    put_kind(b, w);
    if (q.a && x->type == VMAP_PEARSON && !w->options.association.em) {
        find_means(&q);
        put_recipe(b, w, &q);
    }
    buffer_format(b, "%s and %s have %.3f%s: who is high on one is %s on the other.\n", w->item[0], w->item[1], r,
                  w->analysis->smoothing.change > 0 ? ", after the repair of the matrix" : "",
                  fabs(r) < .1 ? "hardly higher or lower" : r > 0 ? "rather high" : "rather low");
}
