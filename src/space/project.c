#include <config.h>
#include "valuemap/space.h"

#include <math.h>
#include <string.h>

#include "core/hash.h"
#include "core/memory.h"
#include "core/numeric.h"

/* The score in standardised answers z = (x - mu) / sd has weights u = w sd, and S is R in these
 * units: all algebra below is done there, and turned back into raw codes at the end. */

static double standard_weight(const vmap_space *s, size_t i, size_t j)
{
    return gsl_matrix_get(s->weights, i, j) * gsl_vector_get(s->sd, i);
}

static vmap_operator *operator_alloc(const vmap_space *s, vmap_error *err)
{
    vmap_operator *op = memory_new(1, sizeof *op, err);

    if (!op)
        return NULL;
    op->constant = gsl_vector_calloc(s->k);
    op->share = gsl_vector_calloc(s->k);
    op->weights = memory_matrix(s->p, s->k, err);
    op->cov = memory_matrix(s->k, s->k, err);
    if (op->constant && op->share && op->weights && op->cov)
        return op;
    vmap_operator_free(op);
    vmap_error_set(err, VMAP_ENOMEM, "no memory for a projection");
    return NULL;
}

void vmap_operator_free(vmap_operator *op)
{
    if (!op)
        return;
    gsl_vector_free(op->constant);
    gsl_vector_free(op->share);
    gsl_matrix_free(op->weights);
    gsl_matrix_free(op->cov);
    free(op);
}

/* The items of which observed[i] == flag. */
static size_t pick(const bool *observed, size_t p, bool flag, size_t *index)
{
    size_t n = 0;

    for (size_t i = 0; i < p; i++) {
        if (observed[i] == flag)
            index[n++] = i;
    }
    return n;
}

static gsl_matrix *sub_matrix(const gsl_matrix *r, const size_t *rows, size_t n,
                              const size_t *columns, size_t m, vmap_error *err)
{
    gsl_matrix *sub = memory_matrix(n, m, err);

    for (size_t i = 0; sub && i < n; i++) {
        for (size_t j = 0; j < m; j++)
            gsl_matrix_set(sub, i, j, gsl_matrix_get(r, rows[i], columns[j]));
    }
    return sub;
}

/* Weights of the missing items move to the observed ones through their regression B (observed x
 * missing), and what B leaves unexplained, R_mm - B'R_om, becomes posterior covariance. */
static void move_weights(const vmap_space *s, vmap_operator *op, const size_t *o, size_t no,
                         const size_t *m, size_t nm, const gsl_matrix *b, const gsl_matrix *r_om)
{
    for (size_t j = 0; j < s->k; j++) {
        for (size_t a = 0; a < no; a++) {
            double moved = 0;

            for (size_t c = 0; c < nm; c++)
                moved += gsl_matrix_get(b, a, c) * standard_weight(s, m[c], j);
            gsl_matrix_set(op->weights, o[a], j,
                           gsl_matrix_get(s->weights, o[a], j) + moved / gsl_vector_get(s->sd, o[a]));
        }
    }
    for (size_t c = 0; c < nm; c++) {
        for (size_t d = 0; d < nm; d++) {
            double left = gsl_matrix_get(s->r, m[c], m[d]);

            for (size_t a = 0; a < no; a++)
                left -= gsl_matrix_get(b, a, c) * gsl_matrix_get(r_om, a, d);
            for (size_t i = 0; i < s->k; i++) {
                for (size_t j = 0; j < s->k; j++) {
                    double *cell = gsl_matrix_ptr(op->cov, i, j);

                    *cell += standard_weight(s, m[c], i) * left * standard_weight(s, m[d], j);
                }
            }
        }
    }
}

static vmap_status solve_pattern(const vmap_space *s, vmap_operator *op, const size_t *o, size_t no,
                                 const size_t *m, size_t nm, vmap_error *err)
{
    gsl_matrix *r_oo = sub_matrix(s->r, o, no, o, no, err);
    gsl_matrix *r_om = sub_matrix(s->r, o, no, m, nm, err);
    gsl_matrix *inverse = memory_matrix(no, no, err);
    gsl_matrix *b = memory_matrix(no, nm, err);
    vmap_status status = r_oo && r_om && inverse && b ? VMAP_SUCCESS : VMAP_ENOMEM;

    if (!status)
        status = numeric_invert(r_oo, inverse, err);
    if (status == VMAP_ESINGULAR)
        vmap_error_set(err, status,
                       "the reference population's correlations are not positive definite: "
                       "incomplete answers cannot be projected");
    if (!status) {
        numeric_multiply(1, 0, inverse, 0, r_om, b);
        move_weights(s, op, o, no, m, nm, b, r_om);
    }
    gsl_matrix_free(r_oo);
    gsl_matrix_free(r_om);
    gsl_matrix_free(inverse);
    gsl_matrix_free(b);
    return status;
}

/* The constant that makes the population's mean answers give the population's mean position. */
static void centre(const vmap_space *s, vmap_operator *op)
{
    for (size_t j = 0; j < s->k; j++) {
        double c = gsl_vector_get(s->intercept, j);

        for (size_t i = 0; i < s->p; i++)
            c += (gsl_matrix_get(s->weights, i, j) - gsl_matrix_get(op->weights, i, j)) *
                 gsl_vector_get(s->mean, i);
        gsl_vector_set(op->constant, j, c);
    }
}

static void find_share(const vmap_space *s, vmap_operator *op)
{
    for (size_t j = 0; j < s->k; j++) {
        double total = 0, share;

        for (size_t a = 0; a < s->p; a++) {
            for (size_t b = 0; b < s->p; b++)
                total += standard_weight(s, a, j) * gsl_matrix_get(s->r, a, b) *
                         standard_weight(s, b, j);
        }
        share = 1 - gsl_matrix_get(op->cov, j, j) / total;
        gsl_vector_set(op->share, j, share < 0 ? 0 : share);
    }
}

vmap_status vmap_operator_new(const vmap_space *s, const bool *observed, vmap_operator **result,
                              vmap_error *err)
{
    vmap_operator *op = operator_alloc(s, err);
    size_t *o = memory_new(s->p, sizeof *o, err), *m = memory_new(s->p, sizeof *m, err), no, nm;
    vmap_status status = op && o && m ? VMAP_SUCCESS : VMAP_ENOMEM;

    if (status)
        goto cleanup;
    no = pick(observed, s->p, true, o);
    nm = pick(observed, s->p, false, m);
    op->used = no;
    if (nm == 0) { /* complete answers: the projection itself, to the last bit */
        gsl_matrix_memcpy(op->weights, s->weights);
        gsl_vector_memcpy(op->constant, s->intercept);
        gsl_vector_set_all(op->share, 1);
        goto cleanup;
    }
    if (no == 0)
        move_weights(s, op, o, 0, m, nm, NULL, NULL);
    else
        status = solve_pattern(s, op, o, no, m, nm, err);
    if (!status) {
        centre(s, op);
        find_share(s, op);
    }
cleanup:
    free(o);
    free(m);
    if (status)
        vmap_operator_free(op);
    else
        *result = op;
    return status;
}

/* ---- many respondents ---- */

void vmap_projection_free(vmap_projection *pr)
{
    if (!pr)
        return;
    for (size_t i = 0; i < pr->patterns; i++)
        vmap_operator_free(pr->operators[i]);
    free(pr->operators);
    free(pr->at);
    free(pr->sd);
    free(pr->used);
    free(pr->pattern);
    free(pr);
}

/* Known patterns of answered items, found again by hashing their flags. */
typedef struct {
    bool *flags; /* patterns x p */
    size_t room;
    size_t *slot; /* pattern + 1, or 0 */
    size_t slots;
} pattern_book;

static size_t find_slot(const pattern_book *book, const bool *flags, size_t p)
{
    size_t at = hash_text((const char *)flags, p * sizeof *flags) % book->slots;

    while (book->slot[at] && memcmp(book->flags + (book->slot[at] - 1) * p, flags, p) != 0)
        at = (at + 1) % book->slots;
    return at;
}

static vmap_status grow_book(pattern_book *book, const vmap_projection *pr, vmap_error *err)
{
    if (2 * (pr->patterns + 1) <= book->slots)
        return VMAP_SUCCESS;
    free(book->slot);
    book->slots = book->slots ? 2 * book->slots : 256;
    book->slot = memory_new(book->slots, sizeof *book->slot, err);
    if (!book->slot)
        return VMAP_ENOMEM;
    for (size_t i = 0; i < pr->patterns; i++)
        book->slot[find_slot(book, book->flags + i * pr->p, pr->p)] = i + 1;
    return VMAP_SUCCESS;
}

/* Index of the pattern; a new one is solved and entered. */
static vmap_status enter_pattern(pattern_book *book, vmap_projection *pr, size_t *operators_room,
                                 const vmap_space *s, const bool *flags, size_t *index,
                                 vmap_error *err)
{
    vmap_status status = grow_book(book, pr, err);
    size_t at;

    if (status)
        return status;
    at = find_slot(book, flags, pr->p);
    if (!book->slot[at]) {
        status = memory_grow(&book->flags, &book->room, (pr->patterns + 1) * pr->p, 1, err);
        if (!status)
            status = memory_grow(&pr->operators, operators_room, pr->patterns + 1,
                                 sizeof *pr->operators, err);
        if (!status)
            status = vmap_operator_new(s, flags, &pr->operators[pr->patterns], err);
        if (status)
            return status;
        memcpy(book->flags + pr->patterns * pr->p, flags, pr->p);
        book->slot[at] = ++pr->patterns;
    }
    *index = book->slot[at] - 1;
    return VMAP_SUCCESS;
}

static void project_row(vmap_projection *pr, const double *x, size_t r)
{
    const vmap_operator *op = pr->operators[pr->pattern[r]];
    bool enough = pr->used[r] >= pr->min_items;

    for (size_t j = 0; j < pr->k; j++) {
        double at = gsl_vector_get(op->constant, j);

        for (size_t i = 0; i < pr->p; i++) {
            if (!isnan(x[i]))
                at += gsl_matrix_get(op->weights, i, j) * x[i];
        }
        pr->at[r * pr->k + j] = enough ? at : NAN;
        pr->sd[r * pr->k + j] = enough ? sqrt(fmax(0, gsl_matrix_get(op->cov, j, j))) : NAN;
    }
}

vmap_status vmap_space_project(const vmap_space *space, const double *values, size_t n,
                               size_t min_items, vmap_projection **projection, vmap_error *err)
{
    vmap_projection *pr = memory_new(1, sizeof *pr, err);
    pattern_book book = {.flags = NULL};
    size_t p = space->p, k = space->k, operators_room = 0;
    bool *flags = memory_new(p, sizeof *flags, err);
    vmap_status status = VMAP_ENOMEM;

    if (!pr || !flags)
        goto cleanup;
    pr->n = n;
    pr->p = p;
    pr->k = k;
    pr->min_items = min_items < 1 ? 1 : min_items;
    pr->at = memory_new(n * k, sizeof *pr->at, err);
    pr->sd = memory_new(n * k, sizeof *pr->sd, err);
    pr->used = memory_new(n, sizeof *pr->used, err);
    pr->pattern = memory_new(n, sizeof *pr->pattern, err);
    if (!pr->at || !pr->sd || !pr->used || !pr->pattern)
        goto cleanup;
    status = VMAP_SUCCESS;
    for (size_t r = 0; !status && r < n; r++) {
        for (size_t i = 0; i < p; i++) {
            flags[i] = !isnan(values[r * p + i]);
            pr->used[r] += flags[i];
        }
        if (pr->used[r] < pr->min_items) /* no position: its pattern need not be solved */
            memset(flags, 0, p * sizeof *flags);
        status = enter_pattern(&book, pr, &operators_room, space, flags, &pr->pattern[r], err);
        if (!status)
            project_row(pr, values + r * p, r);
    }
cleanup:
    free(book.flags);
    free(book.slot);
    free(flags);
    if (status)
        vmap_projection_free(pr);
    else
        *projection = pr;
    return status;
}
