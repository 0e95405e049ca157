#include <config.h>
#include "moments/pair_sums.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include <gsl/gsl_blas.h>

#include "core/memory.h"
#include "core/parallel.h"
#include "moments/moments_internal.h"

/* Rows go in blocks that stay in the cache, each value times the root of its weight. In a block the products of two
 * values are one matrix product. All other sums run over the respondents who answered item j, and hardly differ between
 * items: they are the sums over all rows less those who did not answer j, or the sums over those who did, whichever are
 * fewer; the terms of a few columns at a time stay in the innermost cache meanwhile. Where few answers are missing,
 * the sums of weights need no more than those who left out both items: they are those of all, less those who left out
 * either, and those of both once back; that halves what is read of each row. Every sum has its own order of additions,
 * so that neither the number of threads nor the width of the processor's registers changes a bit. */
enum {
    ROWS = 512,       /* of a block */
    PIECE = 256,      /* of them, whose terms are in the innermost cache */
    PIECES = ROWS / PIECE,
    SURVEYED = 4096,  /* about as many rows tell where an item's mean is */
    WORDS = ROWS / 64,
    TILE = 8,         /* columns that are summed side by side */
    RANGE = 128,      /* columns of one matrix product */
    THREADED = 64,    /* items from which on threads are worth their start */
    SCARCE = 4        /* one item in so many left out: below that the lists of those who left out both are shorter */
};

#define INLINED inline __attribute__((always_inline))

/* Four numbers side by side, wherever they lie in memory. */
typedef double lanes __attribute__((vector_size(32), aligned(8), may_alias));
typedef double duo __attribute__((vector_size(16), aligned(8), may_alias)); /* a weight and its square */
typedef int64_t lane_bits __attribute__((vector_size(32), aligned(8), may_alias));
enum { LANES = 4, PARTS = TILE / LANES };

enum { TERMS = 2 }; /* that are summed side by side over those who answered an item */

typedef struct {
    const double *values, *weights;
    const size_t *row; /* rows that count */
    size_t p, stride, tiles, ranges, rows; /* rows of the block */
    double weight[ROWS], root[ROWS];
    double *x;            /* ROWS x stride: centred, times the root of the weight; 0 where missing */
    double *total;        /* tile after tile of p x TERMS x TILE: sums of w x and w x^2 over those who answered item j */
    double *total_w;      /* the same of w and w^2, where many answers are missing */
    bool scarce;          /* few missing answers: weights are summed by the four arrays below */
    uint16_t *missing;    /* ROWS x p: items that a respondent left out, ascending */
    uint16_t *missed;     /* ROWS: how many */
    duo all, *left, *both; /* weights of all; p: of those who left out an item; tiles x p: of those who left out two */
    uint64_t *bits;       /* p x WORDS: who answered */
    uint16_t *list;       /* p x ROWS: rows that did not answer, or did */
    uint16_t *listed;     /* p: how many */
    uint16_t *before;     /* p x PIECES: how many before each piece */
    bool *absent;         /* p: the list is of those who did not */
    pair_sums *sums;
} block;

/* ---- centre ---- */

/* Number with few digits near the mean of those who answered an item. */
static double near_mean(double first, double least, double most, double sum, double weight)
{
    double mean = first + sum / weight, range = most - least;

    if (!(weight > 0) || !(range > 0) || !isfinite(range))
        return isnan(first) || !isfinite(first) ? 0 : first;
    return ldexp(round(ldexp(mean, 10 - ilogb(range))), ilogb(range) - 10);
}

/* Of a range of items. */
typedef struct {
    double first[RANGE], least[RANGE], most[RANGE], sum[RANGE], weight[RANGE];
} survey;

/* One answer of each item, to count from. */
static void find_first(const block *b, size_t from, size_t width, size_t step, survey *s)
{
    for (size_t c = 0; c < RANGE; c++) {
        s->first[c] = NAN;
        for (size_t r = 0; c < width && r < b->rows && isnan(s->first[c]); r += step)
            s->first[c] = b->values[b->row[r] * b->p + from + c];
        s->least[c] = s->most[c] = s->first[c];
    }
}

static INLINED void survey_lanes(const double *value, double weight, survey *s, size_t c)
{
    lanes x = *(const lanes *)value, *sum = (lanes *)(s->sum + c), *all = (lanes *)(s->weight + c);
    lanes *least = (lanes *)(s->least + c), *most = (lanes *)(s->most + c);
    lane_bits there = x == x, below = x < *least, above = x > *most;

    *sum += (lanes)((lane_bits)(weight * (x - *(const lanes *)(s->first + c))) & there);
    *all += (lanes)((lane_bits)(weight - (lanes){0}) & there);
    *least = (lanes)(((lane_bits)x & below) | ((lane_bits)*least & ~below));
    *most = (lanes)(((lane_bits)x & above) | ((lane_bits)*most & ~above));
}

/* Every `step`-th row; false when one of the items has no answer there. */
static INLINED bool survey_rows(const block *b, size_t range, size_t step)
{
    size_t from = range * RANGE, width = b->p - from < RANGE ? b->p - from : RANGE;
    survey s = {.first = {0}};
    double row[RANGE];

    find_first(b, from, width, step, &s);
    for (size_t c = 0; c < RANGE; c++)
        row[c] = NAN;
    for (size_t r = 0; r < b->rows; r += step) {
        const double *x = b->values + b->row[r] * b->p + from;
        double w = b->weights ? b->weights[b->row[r]] : 1;

        if (width < RANGE)
            x = memcpy(row, x, width * sizeof *x);
        for (size_t c = 0; c < width; c += LANES)
            survey_lanes(x + c, w, &s, c);
    }
    for (size_t c = 0; c < width; c++) {
        if (isnan(s.first[c]) && step > 1)
            return false;
        b->sums->centre[from + c] = near_mean(s.first[c], s.least[c], s.most[c], s.sum[c], s.weight[c]);
    }
    return true;
}

static INLINED void survey_range(const block *b, size_t range)
{
    if (!survey_rows(b, range, 1 + b->rows / SURVEYED))
        survey_rows(b, range, 1);
}

/* ---- a block ---- */

/* One part of a row into the block; `bit` is set in `word` where there is a value. */
static INLINED void put_lanes(double *to, const double *values, const double *centre, double root, int64_t bit, lane_bits *word)
{
    lanes value = *(const lanes *)values;
    lane_bits there = value == value;

    *(lanes *)to = (lanes)((lane_bits)(root * (value - *(const lanes *)centre)) & there);
    *word |= there & bit;
}

static INLINED void fill(const block *b, size_t tile)
{
    size_t from = tile * TILE, width = b->p - from < TILE ? b->p - from : TILE;
    double value[TILE], centre[TILE] = {0};
    lane_bits word[PARTS];

    for (size_t c = 0; c < TILE; c++)
        value[c] = NAN;
    memcpy(centre, b->sums->centre + from, width * sizeof *centre);
    for (size_t w = 0; w < WORDS; w++) {
        for (size_t l = 0; l < PARTS; l++)
            word[l] = (lane_bits){0};
        for (size_t r = 64 * w; r < b->rows && r < 64 * (w + 1); r++) {
            const double *x = b->values + b->row[r] * b->p + from;
            int64_t bit = (int64_t)(UINT64_C(1) << (r % 64));

            if (width < TILE)
                x = memcpy(value, x, width * sizeof *x);
            for (size_t l = 0; l < PARTS; l++)
                put_lanes(b->x + r * b->stride + from + l * LANES, x + l * LANES, centre + l * LANES, b->root[r], bit,
                          &word[l]);
        }
        for (size_t c = 0; c < width; c++)
            b->bits[(from + c) * WORDS + w] = (uint64_t)word[c / LANES][c % LANES];
    }
}

/* The shorter list of rows for item j. */
static void list_rows(const block *b, size_t j)
{
    const uint64_t *bits = b->bits + j * WORDS;
    uint16_t *list = b->list + j * ROWS, count = 0;
    size_t answered = 0;

    for (size_t w = 0; w < WORDS; w++)
        answered += (size_t)__builtin_popcountll(bits[w]);
    b->absent[j] = 2 * answered > b->rows;
    for (size_t w = 0; 64 * w < b->rows; w++) {
        uint64_t here = b->absent[j] ? ~bits[w] : bits[w];

        if (64 * w % PIECE == 0)
            b->before[j * PIECES + 64 * w / PIECE] = count;
        if (b->rows - 64 * w < 64)
            here &= (UINT64_C(1) << (b->rows - 64 * w)) - 1;
        for (; here; here &= here - 1)
            list[count++] = (uint16_t)(64 * w + (size_t)__builtin_ctzll(here));
    }
    b->listed[j] = count;
}

/* Who left out what, when that is little. */
static void list_missing(block *b)
{
    size_t items = 0, squares = 0;
    bool few = b->weights != NULL;

    for (size_t j = 0; j < b->p; j++)
        few = few && b->absent[j];
    b->scarce = few;
    if (!few)
        return;
    b->all = (duo){0, 0};
    for (size_t r = 0; r < b->rows; r++) {
        b->missed[r] = 0;
        b->all += (duo){b->weight[r], b->weight[r] * b->weight[r]};
    }
    for (size_t j = 0; j < b->p; j++) {
        b->left[j] = (duo){0, 0};
        for (size_t i = 0; i < b->listed[j]; i++) {
            size_t r = b->list[j * ROWS + i];

            b->missing[r * b->p + b->missed[r]++] = (uint16_t)j;
            b->left[j] += (duo){b->weight[r], b->weight[r] * b->weight[r]};
        }
    }
    for (size_t r = 0; r < b->rows; r++) {
        items += b->missed[r];
        squares += (size_t)b->missed[r] * b->missed[r];
    }
    b->scarce = SCARCE * squares <= items * b->p;
}

/* Weights of the pairs of the tile's items with those before them. */
static INLINED void add_weights(const block *b, size_t tile)
{
    duo *both = b->both + tile * b->p;

    for (size_t j = tile * TILE; j < b->p && j < (tile + 1) * TILE; j++) {
        double *w = b->sums->w + j * b->stride, *w2 = b->sums->w2 + j * b->stride;

        memset(both, 0, (j + 1) * sizeof *both);
        for (size_t i = 0; i < b->listed[j]; i++) {
            size_t r = b->list[j * ROWS + i];
            const uint16_t *missing = b->missing + r * b->p;
            duo weight = {b->weight[r], b->weight[r] * b->weight[r]};

            for (; *missing < j; missing++) /* j itself is there */
                both[*missing] += weight;
        }
        both[j] = b->left[j];
        for (size_t i = 0; i <= j; i++) {
            duo sum = b->all - b->left[j] - b->left[i] + both[i];

            w[i] += sum[0];
            w2[i] += sum[1];
        }
    }
}

/* Sums of the terms of a tile over the listed rows; over all `count` rows without a list. */
static INLINED void sum_rows(const double *terms, const uint16_t *list, size_t count, lanes *sum)
{
    lanes s0 = {0}, s1 = {0}, s2 = {0}, s3 = {0};

    for (size_t i = 0; i < count; i++) {
        const lanes *x = (const lanes *)(terms + (list ? list[i] % PIECE : i) * TERMS * TILE);

        s0 += x[0];
        s1 += x[1];
        s2 += x[2];
        s3 += x[3];
    }
    sum[0] = s0;
    sum[1] = s1;
    sum[2] = s2;
    sum[3] = s3;
}

/* w x and w x^2 of the tile's columns, one after the other for each row. */
static INLINED void put_terms(const block *b, size_t tile, size_t first, size_t rows, double *terms)
{
    for (size_t r = 0; r < rows; r++, terms += TERMS * TILE) {
        for (size_t l = 0; l < TILE; l += LANES) {
            lanes x = *(const lanes *)(b->x + (first + r) * b->stride + tile * TILE + l);

            *(lanes *)(terms + l) = b->root[first + r] * x;
            *(lanes *)(terms + TILE + l) = x * x;
        }
    }
}

/* w and w^2 of those who answered them. */
static INLINED void put_weights(const block *b, size_t tile, size_t first, size_t rows, double *terms)
{
    for (size_t c = 0; c < TILE; c++) {
        size_t item = tile * TILE + c;

        for (size_t r = 0; r < rows; r++) {
            bool there = item < b->p && (b->bits[item * WORDS + (first + r) / 64] >> (first + r) % 64 & 1);
            double w = there ? b->weight[first + r] : 0;

            terms[r * TERMS * TILE + c] = w;
            terms[(r * TERMS + 1) * TILE + c] = w * w;
        }
    }
}

/* Columns of the tile in a piece of the block, over those who answered each of the items. */
static INLINED void add_terms(const block *b, size_t tile, size_t piece, size_t rows, const double *terms, double *total)
{
    lanes *sum = (lanes *)(total + tile * b->p * TERMS * TILE), all[TERMS * PARTS], listed[TERMS * PARTS];

    sum_rows(terms, NULL, rows, all);
    for (size_t j = 0; j < b->p; j++, sum += TERMS * PARTS) {
        size_t from = b->before[j * PIECES + piece];
        size_t to = (piece + 1) * PIECE < b->rows ? b->before[j * PIECES + piece + 1] : b->listed[j];

        sum_rows(terms, b->list + j * ROWS + from, to - from, listed);
        for (size_t l = 0; l < TERMS * PARTS; l++) {
            if (b->absent[j])
                sum[l] += all[l] - listed[l];
            else
                sum[l] += listed[l];
        }
    }
}

/* Respondents of the pairs of the tile's items with those before them. */
static INLINED void count_pairs(const block *b, size_t tile)
{
    for (size_t j = tile * TILE; j < b->p && j < (tile + 1) * TILE; j++) {
        for (size_t i = 0; i <= j; i++) {
            const uint64_t *x = b->bits + i * WORDS, *y = b->bits + j * WORDS;
            unsigned long long both = 0;

            for (size_t w = 0; w < WORDS; w++)
                both += (unsigned long long)__builtin_popcountll(x[w] & y[w]);
            b->sums->n[j * b->stride + i] += (double)both;
        }
    }
}

static INLINED void add_tile(const block *b, size_t tile)
{
    double terms[PIECE * TERMS * TILE];

    count_pairs(b, tile);
    for (size_t first = 0; first < b->rows; first += PIECE) {
        size_t rows = b->rows - first < PIECE ? b->rows - first : PIECE;

        put_terms(b, tile, first, rows, terms);
        add_terms(b, tile, first / PIECE, rows, terms, b->total);
        if (!b->weights || b->scarce)
            continue;
        put_weights(b, tile, first, rows, terms);
        add_terms(b, tile, first / PIECE, rows, terms, b->total_w);
    }
    if (b->scarce)
        add_weights(b, tile);
}

/* The same for processors with wider registers. */
#if defined(__x86_64__)
#define WIDE __attribute__((target("avx2,popcnt")))
WIDE static void survey_range_wide(const block *b, size_t range)
{
    survey_range(b, range);
}

WIDE static void fill_wide(const block *b, size_t tile)
{
    fill(b, tile);
}

WIDE static void add_tile_wide(const block *b, size_t tile)
{
    add_tile(b, tile);
}

static bool is_wide(void)
{
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("popcnt");
}
#else
#define survey_range_wide survey_range
#define fill_wide fill
#define add_tile_wide add_tile

static bool is_wide(void)
{
    return false;
}
#endif

static void survey_task(void *context, size_t range)
{
    const block *b = context;

    if (is_wide())
        survey_range_wide(b, range);
    else
        survey_range(b, range);
}

static void fill_task(void *context, size_t tile)
{
    block *b = context;

    if (is_wide())
        fill_wide(b, tile);
    else
        fill(b, tile);
    for (size_t j = tile * TILE; j < b->p && j < (tile + 1) * TILE; j++)
        list_rows(b, j);
}

/* wxy of a range of items with a range before it or, below the diagonal, itself. */
static void multiply(const block *b, size_t range, size_t other)
{
    size_t j = range * RANGE, i = other * RANGE;
    size_t rows = b->p - j < RANGE ? b->p - j : RANGE, columns = b->p - i < RANGE ? b->p - i : RANGE;
    gsl_matrix_view x = gsl_matrix_view_array_with_tda(b->x + j, b->rows, rows, b->stride);
    gsl_matrix_view y = gsl_matrix_view_array_with_tda(b->x + i, b->rows, columns, b->stride);
    gsl_matrix_view out = gsl_matrix_view_array_with_tda(b->sums->wxy + j * b->stride + i, rows, columns, b->stride);

    if (range == other)
        gsl_blas_dsyrk(CblasLower, CblasTrans, 1, &x.matrix, 1, &out.matrix);
    else
        gsl_blas_dgemm(CblasTrans, CblasNoTrans, 1, &x.matrix, &y.matrix, 1, &out.matrix);
}

/* First the products, range after range with those before it, then the tiles. */
static void sum_task(void *context, size_t task)
{
    block *b = context;
    size_t range = 0;

    while (range < b->ranges && task > range)
        task -= ++range;
    if (range < b->ranges)
        multiply(b, range, task);
    else if (is_wide())
        add_tile_wide(b, task);
    else
        add_tile(b, task);
}

static void sum_blocks(block *b, size_t used, unsigned threads)
{
    const size_t *row = b->row;
    size_t products = b->ranges * (b->ranges + 1) / 2;

    threads = b->p < THREADED ? 1 : threads;
    for (size_t first = 0; first < used; first += ROWS) {
        b->row = row + first;
        b->rows = used - first < ROWS ? used - first : ROWS;
        for (size_t r = 0; r < b->rows; r++) {
            b->weight[r] = b->weights ? b->weights[b->row[r]] : 1;
            b->root[r] = sqrt(b->weight[r]);
        }
        parallel_for(b->tiles, threads, fill_task, b);
        list_missing(b);
        parallel_for(products + b->tiles, threads, sum_task, b);
    }
    b->row = row;
}

/* ---- the whole ---- */

/* Totals in the order of the result, added to what is there. */
static void deliver(const block *b, const double *total, double *first, double *second)
{
    for (size_t i = 0; i < b->p; i++) {
        const double *tile = total + i / TILE * b->p * TERMS * TILE + i % TILE;

        for (size_t j = 0; j < b->p; j++) {
            first[j * b->stride + i] += tile[j * TERMS * TILE];
            second[j * b->stride + i] += tile[(j * TERMS + 1) * TILE];
        }
    }
}

static void mirror(const pair_sums *s, double *sum)
{
    for (size_t j = 0; j < s->p; j++) {
        for (size_t i = 0; i < j; i++)
            sum[i * s->stride + j] = sum[j * s->stride + i];
    }
}

/* Differences of sums of weights are not worth their rounding where there is nobody. */
static void clear_empty(const pair_sums *s)
{
    for (size_t c = 0; c < s->p * s->stride; c++) {
        if (!(s->n[c] > 0))
            s->w[c] = s->w2[c] = 0;
    }
}

static vmap_status new_sums(pair_sums *s, size_t p, bool weighted, vmap_error *err)
{
    double **arrays[] = {&s->w, &s->wx, &s->wxx, &s->wxy, &s->n, &s->w2};
    size_t cells;

    *s = (pair_sums){.p = p, .stride = (p + TILE - 1) / TILE * TILE + 8}; /* 8: no power of two */
    s->centre = memory_new(p, sizeof *s->centre, err);
    if (!s->centre || __builtin_mul_overflow(p, s->stride, &cells))
        return VMAP_ENOMEM;
    for (size_t i = 0; i < (weighted ? 6 : 4); i++) {
        if (!(*arrays[i] = memory_new(cells, sizeof(double), err)))
            return VMAP_ENOMEM;
    }
    if (!weighted)
        s->n = s->w2 = s->w;
    return VMAP_SUCCESS;
}

void pair_sums_clear(pair_sums *s)
{
    if (s->n != s->w) {
        free(s->n);
        free(s->w2);
    }
    free(s->centre);
    free(s->w);
    free(s->wx);
    free(s->wxx);
    free(s->wxy);
    *s = (pair_sums){.p = 0};
}

static vmap_status new_block(block *b, vmap_error *err)
{
    b->bits = memory_new(b->p * WORDS, sizeof *b->bits, err);
    b->list = memory_new(b->p * ROWS, sizeof *b->list, err);
    b->listed = memory_new(b->p, sizeof *b->listed, err);
    b->before = memory_new(b->p * PIECES, sizeof *b->before, err);
    b->absent = memory_new(b->p, sizeof *b->absent, err);
    if (!b->bits || !b->list || !b->listed || !b->before || !b->absent)
        return VMAP_ENOMEM;
    if (b->weights) {
        b->missing = memory_new(b->p * ROWS, sizeof *b->missing, err);
        b->missed = memory_new(ROWS, sizeof *b->missed, err);
        b->left = memory_new(b->p, sizeof *b->left, err);
        b->both = memory_new(b->tiles * b->p, sizeof *b->both, err);
        if (!b->missing || !b->missed || !b->left || !b->both)
            return VMAP_ENOMEM;
    }
    b->x = memory_new(ROWS * b->stride, sizeof *b->x, err);
    b->total = memory_new(b->tiles * b->p * TERMS * TILE, sizeof *b->total, err);
    if (b->weights)
        b->total_w = memory_new(b->tiles * b->p * TERMS * TILE, sizeof *b->total_w, err);
    return b->x && b->total && (b->total_w || !b->weights) ? VMAP_SUCCESS : VMAP_ENOMEM;
}

static void free_block(block *b)
{
    free(b->x);
    free(b->total);
    free(b->total_w);
    free(b->bits);
    free(b->list);
    free(b->listed);
    free(b->before);
    free(b->absent);
    free(b->missing);
    free(b->missed);
    free(b->left);
    free(b->both);
}

vmap_status pair_sums_new(const double *values, size_t n, size_t p, const double *weights, vmap_missing_rule rule,
                          unsigned threads, pair_sums *sums, size_t *rows, vmap_error *err)
{
    size_t *row = memory_new(n, sizeof *row, err), used = 0;
    vmap_status status = new_sums(sums, p, weights != NULL, err);
    block b = {.values = values, .weights = weights, .row = row, .p = p, .stride = sums->stride, .sums = sums,
               .tiles = (p + TILE - 1) / TILE, .ranges = (p + RANGE - 1) / RANGE};

    if (!row)
        status = VMAP_ENOMEM;
    if (!status)
        status = new_block(&b, err);
    if (!status) {
        *rows = b.rows = used = moments_choose_rows(values, n, p, weights, rule, row);
        parallel_for(b.ranges, threads, survey_task, &b);
        sum_blocks(&b, used, threads);
        mirror(sums, sums->n);
        if (weights) {
            mirror(sums, sums->w);
            mirror(sums, sums->w2);
        }
        deliver(&b, b.total, sums->wx, sums->wxx);
        if (weights)
            deliver(&b, b.total_w, sums->w, sums->w2);
        clear_empty(sums);
    }
    free_block(&b);
    free(row);
    return status;
}
