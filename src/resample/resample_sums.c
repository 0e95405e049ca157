#include <config.h>
#include "resample/resample_sums.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_blas.h>

#include "core/memory.h"
#include "core/whole_products.h"
#include "moments/moments_internal.h"
#include "valuemap/rng.h"

enum {
    ROWS = 1024, /* rows of one product */
    FLUSHED = 128 /* pairs of bytes whose sum fits into 16 bits */
};

/* ---- order of the rows ---- */

typedef struct {
    const double *values, *weights;
    const size_t *group;
    size_t p;
    const coded_items *coded; /* the rows that count */
} sort_key;

/* What decides between two rows, as one long number, so that a row is looked at once and not at every comparison:
 * missing answers (how many, then which), group, answers (their levels), weight. */
typedef struct {
    size_t words; /* of 64 bits, the most significant one first */
    size_t bits;
    size_t *width;  /* p: bits of an item's levels */
    uint64_t *word; /* n x words */
} packed_keys;

static size_t width_of(size_t largest)
{
    size_t bits = 0;

    for (; largest; largest >>= 1)
        bits++;
    return bits;
}

/* Append `width` bits. */
static void put_bits(uint64_t *word, size_t *at, size_t width, uint64_t x)
{
    size_t left = 64 - *at % 64;

    if (width == 0)
        return;
    if (width <= left) {
        word[*at / 64] |= x << (left - width);
    } else {
        word[*at / 64] |= x >> (width - left);
        word[*at / 64 + 1] |= x << (64 - (width - left));
    }
    *at += width;
}

static void pack_row(const sort_key *s, size_t groups, size_t r, size_t row, const packed_keys *keys)
{
    const coded_items *c = s->coded;
    uint64_t *word = keys->word + r * keys->words;
    size_t at = 64 * keys->words - keys->bits, missing = 0;

    for (size_t i = 0; i < c->p; i++)
        missing += c->level[i * c->n + r] == CODED_NONE;
    put_bits(word, &at, width_of(c->p), missing);
    if (missing == 0)
        at += c->p;
    for (size_t i = 0; missing > 0 && i < c->p; i++)
        put_bits(word, &at, 1, c->level[i * c->n + r] == CODED_NONE);
    put_bits(word, &at, width_of(groups), s->group[row]);
    for (size_t i = 0; i < c->p; i++) {
        unsigned level = c->level[i * c->n + r];

        put_bits(word, &at, keys->width[i], level == CODED_NONE ? 0 : level);
    }
    if (s->weights) { /* positive doubles are in the order of their bits */
        uint64_t bits;

        memcpy(&bits, &s->weights[row], sizeof bits);
        put_bits(word, &at, 64, bits);
    }
}

static vmap_status pack_rows(const sort_key *s, size_t groups, const size_t *row, packed_keys *keys, vmap_error *err)
{
    const coded_items *c = s->coded;

    keys->width = memory_new(c->p, sizeof *keys->width, err);
    if (!keys->width)
        return VMAP_ENOMEM;
    keys->bits = width_of(c->p) + c->p + width_of(groups) + (s->weights ? 64 : 0);
    for (size_t i = 0; i < c->p; i++)
        keys->bits += keys->width[i] = width_of(c->levels[i] ? c->levels[i] - 1 : 0);
    keys->words = (keys->bits + 63) / 64;
    keys->word = memory_new(c->n * keys->words, sizeof *keys->word, err);
    if (!keys->word)
        return VMAP_ENOMEM;
    for (size_t r = 0; r < c->n; r++)
        pack_row(s, groups, r, row[r], keys);
    return VMAP_SUCCESS;
}

/* DIGIT bits of a key from the given one on, counted from its end. */
enum { DIGIT = 11, DIGITS = 1 << DIGIT };

static size_t digit_of(const packed_keys *keys, size_t r, size_t from)
{
    const uint64_t *word = keys->word + r * keys->words + keys->words - 1 - from / 64;
    uint64_t x = word[0] >> from % 64;

    if (from % 64 > 64 - DIGIT && from / 64 + 1 < keys->words)
        x |= word[-1] << (64 - from % 64);
    return x & (DIGITS - 1);
}

/* Put the numbers 0 .. n - 1 into the order of their keys, digit after digit from the last one on; `room` has n. */
static void sort_keys(const packed_keys *keys, size_t n, size_t *order, size_t *room)
{
    size_t *from = order, *to = room;

    for (size_t r = 0; r < n; r++)
        order[r] = r;
    for (size_t bit = 0; bit < keys->bits; bit += DIGIT) {
        size_t start[DIGITS + 1] = {0}, *other = from;

        for (size_t r = 0; r < n; r++)
            start[digit_of(keys, r, bit) + 1]++;
        for (size_t d = 1; d <= DIGITS; d++)
            start[d] += start[d - 1];
        for (size_t r = 0; r < n; r++)
            to[start[digit_of(keys, from[r], bit)]++] = from[r];
        from = to;
        to = other;
    }
    if (from != order)
        memcpy(order, from, n * sizeof *order);
}

/* Sort the rows that count, of which there are coded->n; `place` receives the numbers that they have in `coded`. */
static vmap_status sort_rows(const sort_key *s, size_t groups, size_t *row, size_t *place, vmap_error *err)
{
    size_t n = s->coded->n, *room = memory_new(n, sizeof *room, err);
    packed_keys keys = {.words = 0};
    vmap_status status = room ? pack_rows(s, groups, row, &keys, err) : VMAP_ENOMEM;

    if (!status) {
        sort_keys(&keys, n, place, room);
        memcpy(room, row, n * sizeof *row);
        for (size_t r = 0; r < n; r++)
            row[r] = room[place[r]];
    }
    free(room);
    free(keys.word);
    free(keys.width);
    return status;
}

bool resample_is_complete(const bool *observed, size_t p)
{
    for (size_t i = 0; i < p; i++) {
        if (!observed[i])
            return false;
    }
    return true;
}

static vmap_status find_runs(resample_rows *j, const sort_key *s, const size_t *row, vmap_error *err)
{
    size_t room = 0;

    for (size_t r = 0; r < j->n; r++) {
        const bool *now = j->observed + r * j->p;
        bool complete = resample_is_complete(now, j->p);
        bool same = r > 0 && memcmp(now, now - j->p, j->p) == 0 &&
                    (!complete || s->group[row[r]] == s->group[row[r - 1]]);

        if (!same) {
            vmap_status status = memory_grow(&j->runs, &room, j->runs_count + 1, sizeof(resample_run), err);

            if (status)
                return status;
            j->runs[j->runs_count++] =
                (resample_run){.from = r, .pattern = r, .group = complete ? s->group[row[r]] : j->groups};
        }
        j->runs[j->runs_count - 1].to = r + 1;
    }
    return VMAP_SUCCESS;
}

static vmap_status find_spans(resample_rows *j, vmap_error *err)
{
    size_t room = 0;

    for (size_t g = 0; g < j->strata; g++) {
        for (size_t i = j->stratum_start[g]; i < j->stratum_start[g + 1]; i++) {
            size_t place = j->stratum[i];

            if (i == j->stratum_start[g] || place != j->spans[j->spans_count - 1].to) {
                vmap_status status = memory_grow(&j->spans, &room, j->spans_count + 1, sizeof *j->spans, err);

                if (status)
                    return status;
                j->spans[j->spans_count++] = (resample_span){.from = place, .stratum = g};
            }
            j->spans[j->spans_count - 1].to = place + 1;
        }
    }
    return VMAP_SUCCESS;
}

static vmap_status find_strata(resample_rows *j, const sort_key *s, const size_t *row, vmap_error *err)
{
    j->strata = j->groups + 1;
    for (size_t r = 0; r < j->n; r++)
        j->stratum_start[s->group[row[r]] + 1]++;
    for (size_t g = 0; g < j->strata; g++)
        j->stratum_start[g + 1] += j->stratum_start[g];
    for (size_t r = 0; r < j->n; r++)
        j->stratum[j->stratum_start[s->group[row[r]]]++] = r;
    for (size_t g = j->strata; g > 0; g--)
        j->stratum_start[g] = j->stratum_start[g - 1];
    j->stratum_start[0] = 0;
    return find_spans(j, err);
}

/* Mean answers in the order of the rows, so that they do not hang on that of the file. */
static void find_centre(resample_rows *j)
{
    size_t *count = memory_new(j->p, sizeof *count, NULL); /* without memory 0 serves, with fewer digits */

    for (size_t r = 0; count && r < j->n; r++) {
        for (size_t i = 0; i < j->p; i++) {
            double x = j->x[r * j->p + i];

            count[i] += !isnan(x);
            j->centre[i] += isnan(x) ? 0 : x;
        }
    }
    for (size_t i = 0; count && i < j->p; i++)
        j->centre[i] /= count[i] ? (double)count[i] : 1;
    free(count);
}

/* Count whole answers from the whole number next to the centre, and say whether sums over respondents of weight 1 then
 * fit into 32 bits. */
static bool choose_whole(resample_rows *j, const sort_key *s)
{
    const coded_items *c = s->coded;
    double largest = 1;
    bool all = true, one = true;

    for (size_t i = 0; i < j->p; i++) {
        double centre = round(j->centre[i]);
        bool whole = true;

        for (size_t l = 0; l < c->levels[i]; l++) {
            whole = whole && c->value[i][l] == round(c->value[i][l]);
            largest = fmax(largest, fabs(c->value[i][l] - centre));
        }
        if (whole)
            j->centre[i] = centre;
        all = all && whole;
    }
    for (size_t r = 0; r < j->n; r++)
        one = one && j->w[r] == 1;
    j->largest = all && largest * largest <= INT16_MAX ? (int)largest : 0;
    return j->largest && one && largest * largest * (double)j->n <= INT32_MAX;
}

/* Whole numbers in the place of doubles. */
static vmap_status keep_codes(resample_rows *j, vmap_error *err)
{
    j->code = memory_new(j->n * j->p, sizeof *j->code, err);
    if (!j->code)
        return VMAP_ENOMEM;
    for (size_t i = 0; i < j->n * j->p; i++)
        j->code[i] = (int16_t)j->x[i];
    free(j->x);
    j->x = NULL;
    return VMAP_SUCCESS;
}

static vmap_status take_answers(resample_rows *j, const sort_key *s, const size_t *row, const double *centre,
                                vmap_error *err)
{
    j->x = memory_new(j->n * j->p, sizeof *j->x, err);
    if (!j->x)
        return VMAP_ENOMEM;
    for (size_t r = 0; r < j->n; r++) {
        memcpy(j->x + r * j->p, s->values + row[r] * j->p, j->p * sizeof *j->x);
        j->w[r] = s->weights ? s->weights[row[r]] : 1;
    }
    if (centre)
        memcpy(j->centre, centre, j->p * sizeof *centre);
    else
        find_centre(j);
    j->whole = choose_whole(j, s);
    for (size_t r = 0; r < j->n; r++) {
        for (size_t i = 0; i < j->p; i++) {
            double *x = &j->x[r * j->p + i];

            j->observed[r * j->p + i] = !isnan(*x);
            *x = isnan(*x) ? 0 : *x - j->centre[i];
        }
    }
    return j->whole ? keep_codes(j, err) : VMAP_SUCCESS;
}

static vmap_status arrange(resample_rows *j, const sort_key *s, size_t *row, size_t *place, const double *centre,
                           vmap_error *err)
{
    vmap_status status = sort_rows(s, j->groups, row, place, err);

    if (status)
        return status;
    j->n = s->coded->n;
    j->centre = memory_new(j->p, sizeof *j->centre, err);
    j->w = memory_new(j->n, sizeof *j->w, err);
    j->observed = memory_new(j->n * j->p, sizeof *j->observed, err);
    j->stratum = memory_new(j->n, sizeof *j->stratum, err);
    j->stratum_start = memory_new(j->groups + 2, sizeof *j->stratum_start, err);
    if (!j->centre || !j->w || !j->observed || !j->stratum || !j->stratum_start)
        return VMAP_ENOMEM;
    status = take_answers(j, s, row, centre, err);
    if (!status)
        status = find_strata(j, s, row, err);
    return status ? status : find_runs(j, s, row, err);
}

/* ---- sums of one batch ---- */

/* Weighted sums of a pattern in one row: w, w x_i, w x_i x_j for j <= i. */
static size_t sum_columns(size_t p)
{
    return 1 + p + p * (p + 1) / 2;
}

static void fill_design(const resample_rows *j, size_t from, size_t rows, double *design)
{
    for (size_t r = 0; r < rows; r++) {
        double w = j->w[from + r], *d = design + r * j->columns, *x = d + 1;

        *d = w;
        for (size_t i = 0; i < j->p; i++)
            x[i] = j->whole ? j->code[(from + r) * j->p + i] : j->x[(from + r) * j->p + i];
        d += 1 + j->p;
        for (size_t i = 0; i < j->p; i++) {
            for (size_t l = 0; l <= i; l++)
                *d++ = w * x[i] * x[l];
        }
        for (size_t i = 0; i < j->p; i++)
            x[i] *= w;
    }
}

/* What is summed over the respondents of a pair (i, l). */
enum { PAIR_W, PAIR_X, PAIR_XX, PAIR_XY, PAIR_SUMS };

static double *pair_sum(const resample_rows *j, double *total, size_t replicate, int what, size_t i, size_t l)
{
    return total + (((replicate * PAIR_SUMS + (size_t)what) * j->p + i) * j->p + l);
}

void resample_room_free(resample_room *m)
{
    free(m->count);
    free(m->factor);
    free(m->design);
    free(m->sums);
    free(m->total);
    free(m->group);
    for (size_t l = 0; l < RNG_LANES; l++) {
        if (m->rng[l])
            gsl_rng_free(m->rng[l]);
    }
}

bool resample_room_alloc(const resample_rows *j, resample_room *m)
{
    bool rngs = true, whole = j->whole && whole_products_ready();

    for (size_t l = 0; l < RNG_LANES; l++) {
        m->rng[l] = vmap_rng_new(0, l);
        rngs = rngs && m->rng[l];
    }
    m->quads = (j->n + RNG_QUAD - 1) / RNG_QUAD;
    m->count = memory_new(m->quads * RNG_QUAD * RESAMPLE_BATCH, sizeof *m->count, NULL);
    if (!whole) {
        m->factor = memory_new((size_t)ROWS * RESAMPLE_BATCH, sizeof *m->factor, NULL);
        m->design = memory_new(ROWS * j->columns, sizeof *m->design, NULL);
    }
    m->sums = memory_new(RESAMPLE_BATCH * j->columns, sizeof *m->sums, NULL);
    m->total = memory_new(RESAMPLE_BATCH * PAIR_SUMS * j->p * j->p, sizeof *m->total, NULL);
    m->group = memory_new(RESAMPLE_BATCH * (j->groups + 1) * (1 + j->p), sizeof *m->group, NULL);
    return rngs && m->count && (whole || (m->factor && m->design)) && m->sums && m->total && m->group;
}

/* ---- draws ---- */

/* Draws of a stratum in each of RNG_LANES replicates, and the bits of all its counts. */
typedef struct {
    uint64_t sum[RNG_LANES];
    uint8_t bits[RNG_LANES];
} tally;

static void tally_place(const uint8_t *count, size_t place, tally *t)
{
    for (size_t l = 0; l < RNG_LANES; l++) {
        t->sum[l] += count[rng_lane_at(place, l)];
        t->bits[l] |= count[rng_lane_at(place, l)];
    }
}

/* Up to FLUSHED quads; a word is two lanes of one of them, bytes that are summed in 16 bits each. */
static void tally_quads(const uint8_t *count, size_t from, size_t to, tally *t)
{
    const uint64_t even = UINT64_C(0x00FF00FF00FF00FF);
    uint64_t sum[2] = {0, 0}, bits[2] = {0, 0}, x[2];

    for (size_t q = from; q < to; q++) {
        memcpy(x, count + q * sizeof x, sizeof x);
        sum[0] += (x[0] & even) + (x[0] >> 8 & even);
        sum[1] += (x[1] & even) + (x[1] >> 8 & even);
        bits[0] |= x[0];
        bits[1] |= x[1];
    }
    for (size_t i = 0; i < RNG_LANES * RNG_QUAD; i++) {
        size_t l = i / RNG_QUAD, word = i / 8;

        t->sum[l] += i % 2 ? 0 : (uint16_t)(sum[word] >> 8 * (i % 8));
        t->bits[l] |= (uint8_t)(bits[word] >> 8 * (i % 8));
    }
}

static void tally_span(const uint8_t *count, const resample_span *s, tally *t)
{
    size_t from = s->from, to = s->to;

    for (; from < to && from % RNG_QUAD; from++)
        tally_place(count, from, t);
    for (; to > from && to % RNG_QUAD; to--)
        tally_place(count, to - 1, t);
    for (size_t q = from / RNG_QUAD, end = to / RNG_QUAD, some; q < end; q += some) {
        some = end - q < FLUSHED ? end - q : FLUSHED;
        tally_quads(count, q, q + some, t);
    }
}

/* Draw more of stratum g, or take draws back, until they are as many as they shall be. */
static void settle_stratum(const resample_rows *j, size_t g, const tally *t, size_t lane, gsl_rng *rng, uint8_t *count)
{
    const size_t *place = j->stratum + j->stratum_start[g];
    size_t n = j->stratum_start[g + 1] - j->stratum_start[g], wanted = n > 1 ? n - 1 : n, bits = width_of(t->bits[lane]);
    uint64_t sum = t->sum[lane];

    for (; sum < wanted; sum++)
        count[rng_lane_at(place[vmap_rng_below(rng, n)], lane)]++;
    while (sum > wanted) {
        size_t x = vmap_rng_below(rng, n << bits);
        uint8_t *c = count + rng_lane_at(place[x >> bits], lane);

        if ((x & (((size_t)1 << bits) - 1)) < *c) {
            --*c;
            sum--;
        }
    }
}

void resample_draw(const resample_rows *j, uint64_t seed, size_t first, size_t batch, resample_room *m)
{
    for (size_t b = 0; b < batch; b += RNG_LANES) { /* those beyond the batch hurt nobody */
        uint8_t *count = resample_count(m, b, 0);

        for (size_t l = 0; l < RNG_LANES; l++)
            vmap_rng_set(m->rng[l], seed, first + b + l);
        rng_poisson_lanes(m->rng, j->n, count);
        for (size_t s = 0; s < j->spans_count;) {
            size_t g = j->spans[s].stratum;
            tally t = {.sum = {0}};

            for (; s < j->spans_count && j->spans[s].stratum == g; s++)
                tally_span(count, &j->spans[s], &t);
            for (size_t l = 0; l < RNG_LANES; l++)
                settle_stratum(j, g, &t, l, m->rng[l], count);
        }
    }
}

/* ---- sums ---- */

/* sums (RESAMPLE_BATCH x columns) of one run of rows. */
static void sum_run(const resample_rows *j, const resample_run *rows_of, resample_room *m)
{
    gsl_matrix_view sums = gsl_matrix_view_array(m->sums, RESAMPLE_BATCH, j->columns);

    gsl_matrix_set_zero(&sums.matrix);
    if (j->whole && whole_products(m->count, m->quads, RESAMPLE_BATCH, j->code, j->p, rows_of->from, rows_of->to, j->largest,
                                   m->sums))
        return;
    for (size_t from = rows_of->from; from < rows_of->to; from += ROWS) {
        size_t rows = rows_of->to - from < ROWS ? rows_of->to - from : ROWS;
        gsl_matrix_view factor = gsl_matrix_view_array(m->factor, RESAMPLE_BATCH, rows);
        gsl_matrix_view design = gsl_matrix_view_array(m->design, rows, j->columns);

        for (size_t b = 0; b < RESAMPLE_BATCH; b++) {
            for (size_t i = 0; i < rows; i++)
                m->factor[b * rows + i] = *resample_count(m, b, from + i);
        }
        fill_design(j, from, rows, m->design);
        gsl_blas_dgemm(CblasNoTrans, CblasNoTrans, 1, &factor.matrix, &design.matrix, 1,
                       &sums.matrix);
    }
}

/* The run's respondents count for every pair of items that their pattern has. */
static void spread_run(const resample_rows *j, const resample_run *rows_of, size_t batch, resample_room *m)
{
    const bool *has = j->observed + rows_of->pattern * j->p;

    for (size_t b = 0; b < batch; b++) {
        const double *s = m->sums + b * j->columns, *xy = s + 1 + j->p;

        for (size_t i = 0; i < j->p; i++) {
            double xx = xy[i * (i + 1) / 2 + i];

            for (size_t l = 0; has[i] && l < j->p; l++) {
                if (!has[l])
                    continue;
                *pair_sum(j, m->total, b, PAIR_W, i, l) += s[0];
                *pair_sum(j, m->total, b, PAIR_X, i, l) += s[1 + i];
                *pair_sum(j, m->total, b, PAIR_XX, i, l) += xx;
                if (l <= i)
                    *pair_sum(j, m->total, b, PAIR_XY, i, l) += xy[i * (i + 1) / 2 + l];
            }
        }
        for (size_t i = 0; resample_is_complete(has, j->p) && i <= j->p; i++)
            m->group[(b * (j->groups + 1) + rows_of->group) * (1 + j->p) + i] += s[i];
    }
}

void resample_sum(const resample_rows *j, size_t batch, resample_room *m)
{
    for (size_t i = 0; i < j->runs_count; i++) {
        sum_run(j, &j->runs[i], m);
        spread_run(j, &j->runs[i], batch, m);
    }
}

/* A variance that is more than the rounding of the two numbers of which it is the difference. */
static bool varies(double variance, double square)
{
    return variance > 1e-13 * square;
}

bool resample_moments(const resample_rows *j, const resample_room *m, size_t b, gsl_matrix *r,
                      gsl_vector *mean, gsl_vector *sd)
{
    for (size_t i = 0; i < j->p; i++) {
        for (size_t l = 0; l <= i; l++) {
            double w = *pair_sum(j, m->total, b, PAIR_W, i, l);
            double mi = *pair_sum(j, m->total, b, PAIR_X, i, l) / w;
            double ml = *pair_sum(j, m->total, b, PAIR_X, l, i) / w;
            double si = *pair_sum(j, m->total, b, PAIR_XX, i, l) / w, vi = si - mi * mi;
            double sl = *pair_sum(j, m->total, b, PAIR_XX, l, i) / w, vl = sl - ml * ml;
            double cor = (*pair_sum(j, m->total, b, PAIR_XY, i, l) / w - mi * ml) / sqrt(vi * vl);

            if (!isfinite(cor) || !varies(vi, si) || !varies(vl, sl))
                return false;
            gsl_matrix_set(r, i, l, i == l ? 1 : cor);
            gsl_matrix_set(r, l, i, i == l ? 1 : cor);
            if (i == l && mean)
                gsl_vector_set(mean, i, mi);
            if (i == l && sd)
                gsl_vector_set(sd, i, sqrt(vi));
        }
    }
    return true;
}

vmap_status resample_rows_new(const double *values, size_t n, size_t p, const double *weights,
                              const size_t *group, size_t groups, const double *centre,
                              vmap_missing_rule rule, resample_rows *rows, vmap_error *err)
{
    coded_items coded = {.n = 0};
    sort_key key = {values, weights, group, p, &coded};
    size_t *row = memory_new(n, sizeof *row, err), *place = memory_new(n, sizeof *place, err);
    vmap_status status = row && place ? moments_code(values, n, p, weights, rule, 1, &coded, err) : VMAP_ENOMEM;

    *rows = (resample_rows){.p = p, .groups = groups, .columns = sum_columns(p)};
    if (!status && n > UINT32_MAX)
        status = vmap_error_set(err, VMAP_EINVAL, "%zu respondents; a bootstrap takes up to 2^32", n);
    if (!status) {
        moments_choose_rows(values, n, p, weights, rule, row);
        status = arrange(rows, &key, row, place, centre, err);
    }
    moments_code_free(&coded);
    free(row);
    free(place);
    return status;
}

void resample_rows_clear(resample_rows *rows)
{
    free(rows->centre);
    free(rows->code);
    free(rows->x);
    free(rows->w);
    free(rows->observed);
    free(rows->runs);
    free(rows->stratum);
    free(rows->stratum_start);
    free(rows->spans);
}
