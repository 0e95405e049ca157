#include <config.h>
#include "cli/factor.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/buffer.h"
#include "core/memory.h"
#include "core/numeric.h"
#include "valuemap/factor.h"

/* The analysis in plain words with its own numbers, for those who learn or teach it: --explain. */

enum { FIRST = 5, SHOWN = 3, TURNS = 6, PARTS = 6 };

static size_t least_of(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* A p value is shown as at least .0001. */
static const char *below(double p)
{
    return p < 1e-4 ? "below " : "";
}

static void heading(buffer *b, int number, const char *title)
{
    buffer_format(b, "%s%d. %s\n\n", number > 1 ? "\n" : "", number, title);
}

/* A matrix with names of rows and columns, `rows` x `columns` of it. */
static void put_matrix(buffer *b, const gsl_matrix *m, size_t rows, size_t columns, char *const *row, bool factors)
{
    buffer_format(b, "  %-22s", "");
    for (size_t j = 0; j < columns; j++) {
        char name[16];

        buffer_format(b, " %10.10s", factors ? factor_name(j, name) : row[j]);
    }
    buffer_put(b, "\n");
    for (size_t i = 0; i < rows; i++) {
        char name[16];

        buffer_format(b, "  %-22.22s", row ? row[i] : factor_name(i, name));
        for (size_t j = 0; j < columns; j++)
            buffer_format(b, " %10.3f", gsl_matrix_get(m, i, j));
        buffer_put(b, "\n");
    }
}

/* ---- the correlations ---- */

/* Product of the standardised answers, averaged over who answered both: what a correlation is. */
static void put_pair(buffer *b, const factor_work *w)
{
    const vmap_answers *a = w->answers;
    const vmap_association *x = w->analysis->association;
    double r = gsl_matrix_get(w->analysis->r, 1, 0);

    if (!a || x->type != VMAP_PEARSON) {
        buffer_format(b, "%s and %s have %.3f: ", w->item[0], w->item[1], r);
    } else {
        buffer_format(b,
                      "%s has mean %.2f and standard deviation %.2f, %s mean %.2f and %.2f. Take from each answer its mean, "
                      "divide by\nthe standard deviation, multiply the two results of each respondent, and average over "
                      "those who answered both\n(%.0f): this is the correlation, %.3f: ",
                      w->item[0], gsl_vector_get(x->moments->mean, 0), gsl_vector_get(x->moments->sd, 0), w->item[1],
                      gsl_vector_get(x->moments->mean, 1), gsl_vector_get(x->moments->sd, 1),
                      gsl_matrix_get(x->moments->n, 1, 0), r);
    }
    buffer_format(b, "who is high on one is %s on the other.\n",
                  fabs(r) < .1 ? "hardly higher or lower" : r > 0 ? "rather high" : "rather low");
}

static void tell_matrix(buffer *b, const factor_work *w)
{
    size_t n = least_of(w->p, FIRST);

    heading(b, 1, "The correlations");
    buffer_format(b, "%zu items", w->p);
    if (!isnan(w->analysis->n))
        buffer_format(b, ", %.0f respondents%s", w->analysis->n,
                      w->answers && w->answers->weights ? " (as many as the weights are worth)" : "");
    buffer_format(b, ". Everything that follows is made from their correlations alone. (Numbers are rounded where they are shown, not in "
                     "what is computed.) The correlations of the first %zu:\n\n", n);
    put_matrix(b, w->analysis->r, n, n, w->item, false);
    buffer_put(b, "\n");
    put_pair(b, w);
}

static void tell_suitability(buffer *b, const factor_work *w)
{
    const vmap_suitability *s = w->analysis->suitability;

    heading(b, 2, "Do the items have anything in common?");
    if (!s->regular) {
        buffer_put(b, "The matrix is singular: some items say exactly what others say together. Measures that need its inverse "
                      "are not\ndefined.\n");
        return;
    }
    buffer_format(b,
                  "If factors are behind the items, two items have little left to share once all others are taken into account. "
                  "KMO\ncompares correlations with what is left of them: %.3f, %s (from .5 it is worth going on).\n",
                  s->kmo, vmap_suitability_word(s->kmo));
    if (!isnan(s->chi2))
        buffer_format(b,
                      "Bartlett asks whether chance alone could make such correlations: chi-square %.2f with %.0f degrees of "
                      "freedom, p %s%.4f.\n",
                      s->chi2, s->df, below(s->p_value), fmax(s->p_value, 1e-4));
    buffer_format(b,
                  "All other items together predict %.1f %% of the variance of %s: so much at least it has in common with "
                  "them.\n",
                  100 * gsl_vector_get(s->smc, 0), w->item[0]);
}

/* ---- how many ---- */

static void put_eigenvalues(buffer *b, const factor_work *w)
{
    const vmap_factor_analysis *a = w->analysis;
    const vmap_parallel *x = a->retention ? a->retention->parallel : NULL;
    size_t n = least_of(w->p, a->k + 3);
    gsl_vector *values = gsl_vector_alloc(w->p);

    if (values && !numeric_eigenvalues(a->r, values, NULL)) {
        buffer_format(b, "  %-8s %10s %10s%s\n", "", "eigenvalue", "of 100 %", x ? "  95 % of chance" : "");
        for (size_t i = 0; i < n; i++) {
            double l = gsl_vector_get(values, i);

            buffer_format(b, "  %-8zu %10.3f %10.1f", i + 1, l, 100 * l / (double)w->p);
            if (x)
                buffer_format(b, " %16.3f  %s", gsl_vector_get(x->quantile[VMAP_PARALLEL_PC], i),
                              l > gsl_vector_get(x->quantile[VMAP_PARALLEL_PC], i) ? "more" : "no more");
            buffer_put(b, "\n");
        }
        buffer_format(b, "\nThe first is worth %.2f items. All %zu together are worth %zu: each item brings 1.\n",
                      gsl_vector_get(values, 0), w->p, w->p);
    }
    gsl_vector_free(values);
}

static void put_criteria(buffer *b, const vmap_retention *t)
{
    buffer_put(b, "Criteria say:");
    for (size_t c = 0; c < VMAP_CRITERIA; c++) {
        if (t->count[c] != SIZE_MAX)
            buffer_format(b, " %s %zu%s", vmap_criteria[c].name, t->count[c], vmap_criteria[c].votes ? "*" : "");
    }
    buffer_format(b, ".\nThose with a star have a say: %zu of %zu agree on %zu.\n", t->votes, t->voters, t->consensus);
}

static void tell_number(buffer *b, const factor_work *w)
{
    const vmap_factor_analysis *a = w->analysis;

    heading(b, 3, "How many factors?");
    buffer_put(b, "An eigenvalue tells how many items' worth of variance one direction through all items takes up. Items without "
                  "anything\nin common have eigenvalues around 1");
    buffer_put(b, a->retention ? "; by chance the first ones are a little larger, as the last column says:\n\n" : ":\n\n");
    put_eigenvalues(b, w);
    if (a->retention)
        put_criteria(b, a->retention);
    buffer_format(b, "%zu %s taken here, %s.\n", a->k, a->k == 1 ? "factor is" : "factors are",
                  a->chosen ? "as was asked for" : "by the criterion that decides");
}

/* ---- extraction ---- */

/* "a x b + c x d ... = sum" of row i of m with row j of n. */
static void put_products(buffer *b, const gsl_matrix *m, size_t i, const gsl_matrix *n, size_t j)
{
    double sum = 0;

    for (size_t f = 0; f < m->size2; f++) {
        double x = gsl_matrix_get(m, i, f), y = gsl_matrix_get(n, j, f);

        sum += x * y;
        buffer_format(b, "%s%.3f x %.3f", f ? " + " : "", x, y);
    }
    buffer_format(b, " = %.3f", sum);
}

static void tell_extraction(buffer *b, const factor_work *w)
{
    const vmap_factor_solution *s = w->analysis->solution;
    bool unique = vmap_extractions[s->method].unique;

    heading(b, 4, "Taking the factors out");
    buffer_format(b,
                  "Extraction: %s. It looks for loadings, one for each item and factor, such that products of loadings give the\n"
                  "correlations back as well as %zu %s can%s. The first items:\n\n",
                  vmap_extractions[s->method].help, s->k, s->k == 1 ? "factor" : "factors",
                  unique ? "; what is left of an item's variance is its own" : "");
    put_matrix(b, s->unrotated, least_of(s->p, SHOWN), s->k, w->item, true);
    buffer_format(b, "\nThe squares of the loadings of %s add up to its communality, the share that it has in common:\n  ",
                  w->item[0]);
    put_products(b, s->unrotated, 0, s->unrotated, 0);
    if (unique)
        buffer_format(b, "; %.3f of it is its own.", gsl_vector_get(s->uniqueness, 0));
    buffer_format(b, "\nThe products of the loadings of %s and %s add up to the correlation that the factors explain:\n  ",
                  w->item[0], w->item[1]);
    put_products(b, s->unrotated, 0, s->unrotated, 1);
    buffer_format(b, ", where the data have %.3f: %.3f is left over.\n", gsl_matrix_get(w->analysis->r, 1, 0),
                  gsl_matrix_get(w->analysis->fit->residual, 1, 0));
    if (!s->converged)
        buffer_put(b, "It did not converge: these are not yet the best loadings.\n");
}

/* ---- rotation ---- */

static bool scales_rows(const factor_work *w)
{
    const vmap_rotate_options *o = &w->options.rotate;

    return o->kaiser > 0 || (o->kaiser < 0 && vmap_rotations[o->method].kaiser);
}

static double row_size(const gsl_matrix *m, size_t i)
{
    double size = 0;

    for (size_t f = 0; f < m->size2; f++)
        size = hypot(size, gsl_matrix_get(m, i, f));
    return size;
}

/* The first turns of varimax, as the first items see them. */
static void put_turns(buffer *b, const factor_work *w)
{
    const vmap_factor_solution *s = w->analysis->solution;
    size_t rows = least_of(s->p, 2), count = 0;
    vmap_varimax_step step[TURNS];
    gsl_matrix *l = memory_matrix(rows, s->k, NULL);

    if (l && !vmap_factor_varimax_steps(s->unrotated, scales_rows(w), step, TURNS, &count, NULL)) {
        for (size_t i = 0; i < rows; i++) {
            double size = scales_rows(w) ? row_size(s->unrotated, i) : 1;

            for (size_t f = 0; f < s->k; f++)
                gsl_matrix_set(l, i, f, size > 0 ? gsl_matrix_get(s->unrotated, i, f) / size : 0);
        }
        for (size_t q = 0; q < least_of(count, TURNS); q++) {
            double c = cos(step[q].angle), d = sin(step[q].angle);

            buffer_format(b, "  turn %zu: F%zu and F%zu by %.1f degrees;", q + 1, step[q].a + 1, step[q].b + 1,
                          step[q].angle * 180 / acos(-1));
            for (size_t i = 0; i < rows; i++) {
                double x = gsl_matrix_get(l, i, step[q].a), y = gsl_matrix_get(l, i, step[q].b);

                gsl_matrix_set(l, i, step[q].a, c * x + d * y);
                gsl_matrix_set(l, i, step[q].b, c * y - d * x);
                buffer_format(b, " %s (%.3f, %.3f) -> (%.3f, %.3f)%s", w->item[i], x, y, c * x + d * y, c * y - d * x,
                              i + 1 < rows ? ";" : "\n");
            }
        }
        if (count > TURNS)
            buffer_format(b, "  ... and %zu more, until no turn makes anything simpler.\n", count - TURNS);
    }
    gsl_matrix_free(l);
}

/* m (k x k) with unrotated m = pattern: least squares, exact because such an m exists. */
static gsl_matrix *find_transformation(const vmap_factor_solution *s)
{
    gsl_matrix *square = memory_matrix(s->k, s->k, NULL), *inverse = memory_matrix(s->k, s->k, NULL);
    gsl_matrix *m = memory_matrix(s->k, s->k, NULL);
    bool ok = square && inverse && m;

    if (ok) {
        numeric_multiply(1, 1, s->unrotated, 0, s->unrotated, square);
        ok = !numeric_invert(square, inverse, NULL);
    }
    if (ok) {
        numeric_multiply(1, 1, s->unrotated, 0, s->pattern, square);
        numeric_multiply(1, 0, inverse, 0, square, m);
    }
    gsl_matrix_free(square);
    gsl_matrix_free(inverse);
    if (!ok) {
        gsl_matrix_free(m);
        m = NULL;
    }
    return m;
}

static void put_transformation(buffer *b, const factor_work *w)
{
    const vmap_factor_solution *s = w->analysis->solution;
    gsl_matrix *m = find_transformation(s), *turned = memory_matrix(s->k, s->k, NULL);

    if (m && turned) {
        gsl_matrix_transpose_memcpy(turned, m);
        buffer_put(b, "All together multiply the loadings before rotation by this matrix:\n\n");
        put_matrix(b, m, s->k, s->k, NULL, true);
        buffer_put(b, "\n");
        for (size_t i = 0; i < least_of(s->p, SHOWN); i++) {
            buffer_format(b, "  %s on F1: ", w->item[i]);
            put_products(b, s->unrotated, i, turned, 0);
            buffer_put(b, "\n");
        }
    }
    gsl_matrix_free(m);
    gsl_matrix_free(turned);
}

static void put_phi(buffer *b, const factor_work *w)
{
    const vmap_factor_solution *s = w->analysis->solution;

    if (!s->oblique) {
        buffer_put(b, "The factors stay uncorrelated; each item keeps its communality.\n");
        return;
    }
    buffer_put(b, "The axes need not stay at right angles; the factors correlate:\n\n");
    put_matrix(b, s->phi, s->k, s->k, NULL, true);
    buffer_put(b, "\nA loading is now what a factor adds when the others are held constant, and may exceed 1.\n");
}

static void tell_rotation(buffer *b, const factor_work *w)
{
    const vmap_factor_analysis *a = w->analysis;
    const vmap_factor_solution *s = a->solution;
    vmap_rotation method = w->options.rotate.method;

    heading(b, 5, "Turning the axes");
    if (!a->rotated) {
        buffer_put(b, s->k == 1 ? "One factor has nothing to turn.\n" : "No rotation was asked for.\n");
        return;
    }
    buffer_format(b,
                  "Loadings before rotation are hard to read: the axes may point anywhere among the items. Turning them changes "
                  "nothing\nof what is explained. Rotation: %s, %s.\n",
                  vmap_rotations[method].name, vmap_rotations[method].help);
    if (scales_rows(w))
        buffer_put(b, "For this every item counts the same: its loadings are scaled to length 1 and scaled back at the end "
                      "(Kaiser).\n");
    if (method == VMAP_ROTATE_VARIMAX || method == VMAP_ROTATE_PROMAX) {
        if (w->options.like && w->options.like->varimax == VMAP_VARIMAX_SVD) {
            buffer_put(b, "The program that is followed turns all factors of varimax at once.\n");
        } else {
            buffer_put(b, "Varimax turns two factors at a time, by the angle that makes the squared loadings differ most:\n\n");
            put_turns(b, w);
        }
        if (method == VMAP_ROTATE_PROMAX)
            buffer_put(b, "Promax then takes powers of these loadings, which leaves small ones next to nothing, and lets the "
                          "axes lean as\nnear to that as they can.\n");
        buffer_put(b, "\n");
    } else if (a->rotation.starts) {
        buffer_format(b, "It goes downhill on its criterion in small turns, %zu of them, from %zu beginnings; %zu of these came to "
                         "the same\nbest end, %.6g.\n\n",
                      a->rotation.iterations, a->rotation.starts, a->rotation.agree, a->rotation.criterion);
    }
    put_transformation(b, w);
    buffer_put(b, "\n");
    put_phi(b, w);
}

/* ---- what came out ---- */

static void tell_factors(buffer *b, const factor_work *w)
{
    const vmap_factor_solution *s = w->analysis->solution;

    heading(b, 6, "What the factors are");
    for (size_t f = 0; f < s->k; f++) {
        double total = gsl_vector_get(s->variance, f);
        size_t n = 0;
        char name[16];

        buffer_format(b, "%s explains %.1f %% of the variance of all items. Items that load on it most:", factor_name(f, name),
                      100 * total / (double)s->p);
        for (size_t q = 0; q < s->p; q++) {
            size_t i = w->order[q];
            double own = gsl_matrix_get(s->pattern, i, f);
            bool most = fabs(own) >= .3;

            for (size_t g = 0; g < s->k; g++)
                most = most && fabs(gsl_matrix_get(s->pattern, i, g)) <= fabs(own);
            n += most;
            if (most)
                buffer_format(b, "\n  %-22s %6.3f%s%s", w->item[i], own, *w->label[i] ? "  " : "", w->label[i]);
        }
        buffer_put(b, n ? "\n" : " none.\n");
    }
    buffer_put(b, "Names are for people to give. A factor is what these items have in common and the others have not.\n");
}

static void tell_fit(buffer *b, const factor_work *w)
{
    const vmap_factor_fit *f = w->analysis->fit;

    heading(b, 7, "Do the factors give the correlations back?");
    buffer_format(b,
                  "Of %zu pairs of items %zu have more than .05 left over; the most, %.3f, have %s and %s. The typical residual is "
                  "%.3f.\n",
                  f->pairs, f->large, f->largest, w->item[f->i], w->item[f->j], f->rmsr);
    if (!w->analysis->solution->converged) {
        buffer_put(b, "Whether chance alone could leave so much cannot be asked: the extraction did not converge, and other loadings "
                      "would leave\nless.\n");
    } else if (!isnan(f->bartlett.rmsea) && !isnan(f->bartlett.p_value)) {
        buffer_format(b,
                      "If these factors were all there is, chi-square would be about %.0f; it is %.1f (p %s%.4f). Per degree of "
                      "freedom\nand respondent the misfit is %.3f (RMSEA, 90 %% interval %.3f to %.3f): %s.\n",
                      f->df, f->bartlett.chi2, below(f->bartlett.p_value), fmax(f->bartlett.p_value, 1e-4), f->bartlett.rmsea, f->bartlett.low, f->bartlett.high,
                      f->bartlett.rmsea < .05 ? "close" : f->bartlett.rmsea < .08 ? "fair" : "not good");
    }
}

/* ---- a score by hand ---- */

static size_t find_complete(const vmap_answers *a)
{
    for (size_t i = 0; i < a->n; i++) {
        bool all = !a->weights || a->weights[i] > 0;

        for (size_t j = 0; all && j < a->p; j++)
            all = !isnan(a->values[i * a->p + j]);
        if (all)
            return i;
    }
    return SIZE_MAX;
}

typedef struct {
    size_t item;
    double part;
} share;

static int compare_shares(const void *x, const void *y)
{
    const share *a = x, *b = y;

    if (fabs(a->part) != fabs(b->part))
        return fabs(a->part) > fabs(b->part) ? -1 : 1;
    return a->item < b->item ? -1 : 1;
}

/* z x weight of each item for factor 1, the largest first; the rest in one line. */
static void put_score(buffer *b, const factor_work *w, const double *answer, const gsl_matrix *weights)
{
    const vmap_moments *m = w->analysis->association ? w->analysis->association->moments : NULL;
    share *s = memory_new(w->p, sizeof *s, NULL);
    double sum = 0, rest = 0;
    size_t shown = least_of(w->p, PARTS);

    for (size_t i = 0; s && i < w->p; i++) {
        double z = answer ? (answer[i] - gsl_vector_get(m->mean, i)) / gsl_vector_get(m->sd, i) : 1;

        s[i] = (share){i, z * gsl_matrix_get(weights, i, 0)};
        sum += s[i].part;
    }
    if (s)
        qsort(s, w->p, sizeof *s, compare_shares);
    for (size_t q = 0; s && q < w->p; q++) {
        size_t i = s[q].item;
        double weight = gsl_matrix_get(weights, i, 0);

        if (q >= shown)
            rest += s[q].part;
        else if (answer)
            buffer_format(b, "  %-22s (%g - %.3f) / %.3f x %.4f = %.4f\n", w->item[i], answer[i],
                          gsl_vector_get(m->mean, i), gsl_vector_get(m->sd, i), weight, s[q].part);
        else
            buffer_format(b, "  %-22s 1 x %.4f\n", w->item[i], weight);
    }
    if (shown < w->p)
        buffer_format(b, "  %-22s %.4f\n", "the other items", rest);
    buffer_format(b, "  %-22s %.3f\n", "score on F1", sum);
    free(s);
}

static void tell_score(buffer *b, const factor_work *w)
{
    const vmap_factor_analysis *a = w->analysis;
    const vmap_score_weights *x = a->scores[w->score[0]];
    size_t row = w->answers ? find_complete(w->answers) : SIZE_MAX;

    heading(b, 8, "One person's score");
    if (!x) {
        buffer_format(b, "There are no scores: %s.\n", a->refusal[w->score[0]].message);
        return;
    }
    buffer_format(b, "Method: %s, %s. Each answer is standardised, (answer - mean) / standard deviation, multiplied by the\n"
                     "weight of its item, and added up.\n\n",
                  vmap_score_methods[w->score[0]].name, vmap_score_methods[w->score[0]].help);
    if (row != SIZE_MAX)
        buffer_format(b, "The first respondent with all answers, row %zu of %s:\n", w->answers->rows[row],
                      w->answers->files[w->answers->file[row]]);
    else
        buffer_put(b, "There is no respondent with all answers here. Somebody one standard deviation above the mean in every item:\n");
    put_score(b, w, row != SIZE_MAX ? w->answers->values + row * w->p : NULL, x->weights);
    buffer_format(b, "This score correlates %.3f with the factor itself, which nobody can see.\n",
                  gsl_matrix_get(x->validity, 0, 0));
}

/* Lines that begin a paragraph or stand in one are filled up to 100 columns; indented ones stay. */
static void fill_lines(const char *text, buffer *out)
{
    size_t column = 0;

    while (*text) {
        size_t line = strcspn(text, "\n"), word;

        if (line == 0 || *text == ' ') {
            buffer_put(out, column ? "\n" : "");
            column = 0;
            buffer_bytes(out, text, line);
            buffer_put(out, "\n");
            text += line + (text[line] == '\n');
            continue;
        }
        for (size_t at = 0; at < line; at += word + strspn(text + at + word, " ")) {
            word = strcspn(text + at, " \n");
            buffer_put(out, column == 0 ? "" : column + 1 + word > 100 ? "\n" : " ");
            column = column == 0 || column + 1 + word > 100 ? word : column + 1 + word;
            buffer_bytes(out, text + at, word);
        }
        text += line + (text[line] == '\n');
    }
    buffer_put(out, column ? "\n" : "");
}

vmap_status factor_explain(const factor_work *w, buffer *text, vmap_error *err)
{
    buffer own = {0}, *b = &own;

    if (w->simulated)
        buffer_put(b, "SIMULATED DATA: these numbers say nothing about people or models.\n\n");
    tell_matrix(b, w);
    tell_suitability(b, w);
    tell_number(b, w);
    if (w->analysis->k == 0) {
        buffer_put(b, "Without a factor the analysis ends here.\n");
    } else {
        tell_extraction(b, w);
        tell_rotation(b, w);
        tell_factors(b, w);
        tell_fit(b, w);
        tell_score(b, w);
    }
    if (!b->failed)
        fill_lines(b->text, text);
    text->failed |= b->failed;
    buffer_free(b);
    return text->failed ? vmap_error_set(err, VMAP_ENOMEM, "no memory for the explanation") : VMAP_SUCCESS;
}
