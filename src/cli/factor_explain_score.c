#include <config.h>
#include "cli/factor_explain.h"

#include <math.h>
#include <stdlib.h>

#include "core/memory.h"
#include "core/text.h"

/* One person's score, worked by hand. */

enum { PARTS = 6 };

static size_t find_complete(const vmap_answers *a)
{
    for (size_t i = 0; i < a->n; i++) {
        if ((!a->weights || a->weights[i] > 0) && vmap_moments_complete(a->values + i * a->p, a->p))
            return i;
    }
    return SIZE_MAX;
}

/* What an item adds to the score: as it is shown, and exactly. */
typedef struct {
    size_t item;
    double z, weight, part, exact;
} share;

static int compare_shares(const void *x, const void *y)
{
    const share *a = x, *b = y;

    if (fabs(a->exact) != fabs(b->exact))
        return fabs(a->exact) > fabs(b->exact) ? -1 : 1;
    return a->item < b->item ? -1 : 1;
}

/* answer NULL: one standard deviation above the mean. */
static share share_of(const factor_work *w, size_t i, const double *answer, const gsl_matrix *weights)
{
    const vmap_moments *m = answer ? w->analysis->association->moments : NULL;
    double weight = gsl_matrix_get(weights, i, 0);
    share s = {.item = i, .z = 1, .weight = explain_shown(weight, 4), .exact = weight};

    if (answer) {
        double mean = gsl_vector_get(m->mean, i), sd = gsl_vector_get(m->sd, i);

        s.z = explain_shown((answer[i] - explain_shown(mean, 3)) / explain_shown(sd, 3), 3);
        s.exact = weight * (answer[i] - mean) / sd;
    }
    s.part = explain_shown(s.z * s.weight, 3);
    return s;
}

static void put_share(buffer *b, const factor_work *w, const share *s, const double *answer)
{
    size_t width = text_width(w->item[s->item]);

    buffer_put(b, "  ");
    explain_name(b, w->item[s->item], width > 22 ? width : 22, false);
    if (answer) {
        const vmap_moments *m = w->analysis->association->moments;

        buffer_format(b, " (%g - ", answer[s->item]);
        explain_factor(b, gsl_vector_get(m->mean, s->item), 3);
        buffer_format(b, ") / %.3f = %6.3f, ", gsl_vector_get(m->sd, s->item), s->z);
    }
    buffer_format(b, "%s x ", answer ? "" : " 1");
    explain_factor(b, s->weight, 4);
    buffer_format(b, " = %.3f\n", s->part);
}

/* The items by what they add, the largest first; the rest in one line. */
static void put_shares(buffer *b, const factor_work *w, const double *answer, const gsl_matrix *weights)
{
    share *s = memory_new(w->p, sizeof *s, NULL);
    double sum = 0, exact = 0, rest = 0;

    if (!s) {
        b->failed = true;
        return;
    }
    for (size_t i = 0; i < w->p; i++)
        s[i] = share_of(w, i, answer, weights);
    qsort(s, w->p, sizeof *s, compare_shares);
    for (size_t q = 0; q < w->p; q++) {
        if (q < PARTS)
            put_share(b, w, &s[q], answer);
        else
            rest += s[q].part;
        sum += s[q].part;
        exact += s[q].exact;
    }
    if (w->p > PARTS)
        buffer_format(b, "  the other %zu, worked alike, add up to %.3f\n", w->p - PARTS, rest);
    buffer_put(b, "  score on F1");
    explain_result(b, sum, exact, 3);
    buffer_put(b, "\n");
    free(s);
}

/* Whose score it is; NULL: nobody's. */
static const double *put_person(buffer *b, const factor_work *w)
{
    const vmap_answers *a = w->answers;
    size_t row = a ? find_complete(a) : SIZE_MAX;

    if (row == SIZE_MAX) {
        buffer_format(b, "%s Somebody one standard deviation above the mean in every item:\n",
                      a ? "There is no respondent with all answers here." : "A matrix has no respondents.");
        return NULL;
    }
    buffer_format(b, "The first respondent with all answers, row %zu of %s:\n", a->rows[row], a->files[a->file[row]]);
    return a->values + row * w->p;
}

static void put_validity(buffer *b, double r)
{
    if (fabs(r) > 1 + 1e-9)
        buffer_put(b, "Its correlation with the factor comes out above 1, which cannot be (Heywood case): the score is not to be used.\n");
    else
        buffer_format(b, "This score correlates %.3f with the factor itself, which nobody can see.\n", r);
}

void explain_score(buffer *b, const factor_work *w)
{
    const vmap_factor_analysis *a = w->analysis;
    const vmap_score_weights *x = a->scores[w->score[0]];
    const double *answer;

    explain_heading(b, 8, "One person's score");
    if (!x) {
        buffer_format(b, "There are no scores: %s.\n", a->refusal[w->score[0]].message);
        return;
    }
    buffer_format(b, "Method: %s, %s. Each answer is standardised, (answer - mean) / standard deviation, multiplied by the\n"
                     "weight of its item, and added up.\n\n",
                  vmap_score_methods[w->score[0]].name, vmap_score_methods[w->score[0]].help);
    answer = put_person(b, w);
    put_shares(b, w, answer, x->weights);
    put_validity(b, gsl_matrix_get(x->validity, 0, 0));
}
