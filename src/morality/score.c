#include <config.h>
#include "valuemap/questionnaire.h"

#include <math.h>
#include <string.h>

#include "core/buffer.h"
#include "core/memory.h"

/* From this share of unfitting answers on, a file is not of this questionnaire. */
static const double UNFIT = 0.1;
/* A file with this share of answers that only one scale has, and of others that only another has, mixes scales. */
static const double MIXED = 0.01;

/* Fewest answers of a sheet that can show straight-lining. */
enum { STRAIGHT_LEAST = 6 };

/* ---- the scale of a file ---- */

/* Numeric answers of one file, and those among them that a scale leaves out of range. */
typedef struct {
    size_t numbers, other;
} tally;

static bool fits(double x, const vmap_answer_scale *s)
{
    return x >= s->low && x <= s->high;
}

static tally count_unfit(const vmap_answers *a, size_t file, const vmap_answer_scale *s)
{
    tally t = {0, 0};

    for (size_t r = 0; r < a->n; r++) {
        for (size_t i = 0; a->file[r] == file && i < a->p; i++) {
            double x = a->values[r * a->p + i];

            t.numbers += !isnan(x) || a->reasons[r * a->p + i] == VMAP_OUT_OF_RANGE;
            t.other += isnan(x) ? a->reasons[r * a->p + i] == VMAP_OUT_OF_RANGE : !fits(x, s);
        }
    }
    return t;
}

/* "0..5 or 1..6" */
static buffer scales_of(const vmap_questionnaire *q)
{
    buffer known = {0};

    for (unsigned i = 0; i < q->scales_count; i++) {
        buffer_put(&known, i ? " or " : "");
        buffer_put(&known, q->scales[i]);
    }
    return known;
}

static vmap_status refuse_file(const vmap_questionnaire *q, const vmap_answers *a, size_t file,
                               const tally *best, vmap_error *err)
{
    buffer known = scales_of(q);
    vmap_status status;

    status =
        vmap_error_set(err, VMAP_EDATA,
                       "%zu of %zu answers fit no scale of questionnaire %s (%s); the file has "
                       "another scale or is of another questionnaire",
                       best->other, best->numbers, q->name, known.text ? known.text : "");
    vmap_error_place(err, a->files[file], 0, 0, NULL);
    buffer_free(&known);
    return status;
}

/* Answers of a file that scale s has and scale `not` has not. */
static size_t count_only(const vmap_answers *a, size_t file, const vmap_answer_scale *s, const vmap_answer_scale *not)
{
    size_t count = 0;

    for (size_t r = 0; r < a->n; r++) {
        for (size_t i = 0; a->file[r] == file && i < a->p; i++) {
            double x = a->values[r * a->p + i];

            count += !isnan(x) && fits(x, s) && !fits(x, not);
        }
    }
    return count;
}

/* Sheets on two scales in one file, or on a scale with more steps: whatever is taken, some answers are read as others. */
static vmap_status refuse_mixture(const vmap_questionnaire *q, const vmap_answers *a, size_t file, unsigned chosen,
                                  size_t numbers, vmap_error *err)
{
    for (unsigned i = 0; i < q->scales_count; i++) {
        size_t own = count_only(a, file, &q->scale[chosen], &q->scale[i]),
               other = count_only(a, file, &q->scale[i], &q->scale[chosen]);

        if ((double)own <= MIXED * (double)numbers || (double)other <= MIXED * (double)numbers)
            continue;
        vmap_error_set(err, VMAP_EDATA, "%zu answers fit only the scale %s, %zu only %s: the file mixes them, or is coded in more "
                       "steps than questionnaire %s has; divide it, or force a scale with --scale (others then count as missing)",
                       own, q->scales[chosen], other, q->scales[i], q->name);
        vmap_error_place(err, a->files[file], 0, 0, NULL);
        return VMAP_EDATA;
    }
    return VMAP_SUCCESS;
}

/* Say what the scale is, and how many answers it has not. */
static vmap_status note_scale(const vmap_questionnaire *q, const vmap_answers *a, size_t file, unsigned chosen, bool tied,
                              const tally *t, vmap_ledger *ledger, vmap_error *err)
{
    size_t outside = 0; /* of this scale; what is outside of all was said when the file was read */
    vmap_status status = VMAP_SUCCESS;

    for (size_t r = 0; r < a->n; r++) {
        for (size_t i = 0; a->file[r] == file && i < a->p; i++)
            outside += !isnan(a->values[r * a->p + i]) && !fits(a->values[r * a->p + i], &q->scale[chosen]);
    }
    if (tied && t->numbers)
        status = vmap_ledger_warn(ledger, err, "%s: the answers fit more than one scale of questionnaire %s; %s is "
                                  "taken (force another with --scale)", a->files[file], q->name, q->scales[chosen]);
    else if (q->scales_count > 1)
        status = vmap_ledger_say(ledger, err, "%s: answers are on the scale %s%s", a->files[file], q->scales[chosen],
                                 chosen ? ", turned into that of the questionnaire" : "");
    if (!status && outside)
        status = vmap_ledger_warn(ledger, err, "%s: %zu of %zu answers are outside the scale %s and count as missing",
                                  a->files[file], outside, t->numbers, q->scales[chosen]);
    return status;
}

/* The scale of one file: an index into the key's scales. */
static vmap_status choose_scale(const vmap_questionnaire *q, const vmap_answers *a, size_t file,
                                unsigned first, unsigned last, unsigned *chosen,
                                vmap_ledger *ledger, vmap_error *err)
{
    tally best = {0, 0};
    unsigned tied = 0;

    for (unsigned i = first; i <= last; i++) {
        tally t = count_unfit(a, file, &q->scale[i]);

        tied += i > first && t.other == best.other;
        if (i == first || t.other < best.other) {
            best = t;
            *chosen = i;
            tied = 0;
        }
    }
    if ((double)best.other > UNFIT * (double)best.numbers)
        return refuse_file(q, a, file, &best, err);
    if (last > first) {
        vmap_status status = refuse_mixture(q, a, file, *chosen, best.numbers, err);

        if (status)
            return status;
    }
    return note_scale(q, a, file, *chosen, tied, &best, ledger, err);
}

static void shift_file(const vmap_questionnaire *q, vmap_answers *a, size_t file, unsigned scale)
{
    double by = q->scale[0].low - q->scale[scale].low;

    for (size_t r = 0; r < a->n; r++) {
        for (size_t i = 0; a->file[r] == file && i < a->p; i++) {
            double *x = &a->values[r * a->p + i];

            if (isnan(*x))
                continue;
            if (fits(*x, &q->scale[scale])) {
                *x += by;
                continue;
            }
            *x = NAN;
            a->reasons[r * a->p + i] = VMAP_OUT_OF_RANGE;
            a->counts[i].reason[VMAP_PRESENT]--;
            a->counts[i].reason[VMAP_OUT_OF_RANGE]++;
            a->counts[i].out_of_range++;
        }
    }
}

/* A scale of which no file has an item would be a column of nothing. */
static vmap_status check_foundations(const vmap_questionnaire *q, const vmap_answers *a,
                                     vmap_error *err)
{
    for (unsigned f = 0; f < q->foundations_count; f++) {
        const vmap_foundation *foundation = &q->foundations[f];
        bool any = false;

        for (unsigned i = 0; i < foundation->items_count; i++)
            any |= a->present[foundation->items[i] - 1];
        if (!any)
            return vmap_error_set(err, VMAP_EDATA,
                                  "the data have no item of foundation %s of questionnaire %s",
                                  foundation->name, q->name);
    }
    return VMAP_SUCCESS;
}

static vmap_status find_scale(const vmap_questionnaire *q, const char *scale, unsigned *index,
                              vmap_error *err)
{
    buffer known;

    for (unsigned i = 0; i < q->scales_count; i++) {
        if (strcmp(q->scales[i], scale) == 0) {
            *index = i;
            return VMAP_SUCCESS;
        }
    }
    known = scales_of(q);
    vmap_error_set(err, VMAP_ENOENT, "questionnaire %s has no scale '%s'; it has %s", q->name, scale,
                   known.text ? known.text : "");
    buffer_free(&known);
    return VMAP_ENOENT;
}

vmap_status vmap_questionnaire_rescale(const vmap_questionnaire *q, vmap_answers *a,
                                       const char *scale, vmap_ledger *ledger, vmap_error *err)
{
    unsigned first = 0, last = q->scales_count - 1;
    vmap_status status;

    if (a->p != (size_t)q->items)
        return vmap_error_set(err, VMAP_EINVAL, "%zu items for a questionnaire of %d", a->p,
                              q->items);
    status = scale ? find_scale(q, scale, &first, err) : VMAP_SUCCESS;
    if (!status)
        status = check_foundations(q, a, err);
    if (scale)
        last = first;
    for (size_t file = 0; !status && file < a->files_count; file++) {
        unsigned chosen = first;

        status = choose_scale(q, a, file, first, last, &chosen, ledger, err);
        if (!status)
            shift_file(q, a, file, chosen);
    }
    return status;
}

/* ---- scores ---- */

void vmap_scores_free(vmap_scores *s)
{
    if (!s)
        return;
    free(s->item);
    free(s->score);
    free(s->contrast);
    free(s->used);
    free(s->answered);
    free(s->run);
    free(s->spread);
    free(s->straight);
    free(s->failed);
    free(s->used_sheet);
    free(s);
}

static vmap_scores *alloc(size_t n, const vmap_questionnaire *q, vmap_error *err)
{
    vmap_scores *s = memory_new(1, sizeof *s, err);

    if (!s)
        return NULL;
    s->n = n;
    s->p = (size_t)q->items;
    s->k = q->foundations_count;
    s->c = q->contrasts_count;
    s->item = memory_new(n * s->p, sizeof *s->item, err);
    s->score = memory_new(n * s->k, sizeof *s->score, err);
    s->contrast = memory_new(n * s->c, sizeof *s->contrast, err);
    s->used = memory_new(n * s->k, sizeof *s->used, err);
    s->answered = memory_new(n, sizeof *s->answered, err);
    s->run = memory_new(n, sizeof *s->run, err);
    s->spread = memory_new(n, sizeof *s->spread, err);
    s->straight = memory_new(n, sizeof *s->straight, err);
    s->failed = memory_new(n, sizeof *s->failed, err);
    s->used_sheet = memory_new(n, sizeof *s->used_sheet, err);
    if (s->item && s->score && s->contrast && s->used && s->answered && s->run && s->spread &&
        s->straight && s->failed && s->used_sheet)
        return s;
    vmap_scores_free(s);
    return NULL;
}

/* Per item: does some scale have it, and does one turn it round? */
typedef struct {
    bool *scored, *reversed;
} roles;

static vmap_status find_roles(const vmap_questionnaire *q, roles *role, vmap_error *err)
{
    role->scored = memory_new((size_t)q->items, sizeof *role->scored, err);
    role->reversed = memory_new((size_t)q->items, sizeof *role->reversed, err);
    if (!role->scored || !role->reversed)
        return VMAP_ENOMEM;
    for (unsigned f = 0; f < q->foundations_count; f++) {
        const vmap_foundation *foundation = &q->foundations[f];

        for (unsigned i = 0; i < foundation->items_count; i++)
            role->scored[foundation->items[i] - 1] = true;
        for (unsigned i = 0; i < foundation->reverse_count; i++)
            role->reversed[foundation->reverse[i] - 1] = true;
    }
    return VMAP_SUCCESS;
}

static void judge_checks(const vmap_questionnaire *q, const double *answers, vmap_scores *s,
                         size_t r)
{
    for (unsigned i = 0; i < q->checks_count; i++) {
        double x = answers[q->checks[i].item - 1];

        s->failed[r] |= x < q->checks[i].low || x > q->checks[i].high;
    }
}

/* Number, longest run of equal ones and spread of the answers to scored items. */
static void judge_sheet(const double *answers, const bool *scored, vmap_scores *s, size_t r)
{
    double mean = 0, squares = 0, last = NAN;
    size_t run = 0;

    for (size_t i = 0; i < s->p; i++) {
        double x = answers[i], d = x - mean;

        if (!scored[i] || isnan(x))
            continue;
        s->answered[r]++;
        mean += d / (double)s->answered[r];
        squares += d * (x - mean);
        run = x == last ? run + 1 : 1;
        s->run[r] = run > s->run[r] ? run : s->run[r];
        last = x;
    }
    s->spread[r] = s->answered[r] < 2 ? NAN : sqrt(squares / (double)s->answered[r]);
    s->straight[r] = s->answered[r] >= STRAIGHT_LEAST && s->run[r] == s->answered[r];
}

static void score_sheet(const vmap_questionnaire *q, const double *item, vmap_scores *s, size_t r)
{
    for (size_t f = 0; f < s->k; f++) {
        const vmap_foundation *foundation = &q->foundations[f];
        size_t need = s->least < foundation->items_count ? s->least : foundation->items_count;
        double sum = 0;

        for (unsigned i = 0; i < foundation->items_count; i++) {
            double x = item[foundation->items[i] - 1];

            if (!isnan(x)) {
                sum += x;
                s->used[r * s->k + f]++;
            }
        }
        s->score[r * s->k + f] = s->used_sheet[r] && s->used[r * s->k + f] >= need
                                     ? sum / (double)s->used[r * s->k + f]
                                     : NAN;
    }
    for (size_t c = 0; c < s->c; c++) {
        const vmap_contrast *contrast = &q->contrasts[c];
        double plus = 0, minus = 0;

        for (unsigned i = 0; i < contrast->plus_count; i++)
            plus += s->score[r * s->k + contrast->part[i]];
        for (unsigned i = 0; i < contrast->minus_count; i++)
            minus += s->score[r * s->k + contrast->part[contrast->plus_count + i]];
        s->contrast[r * s->c + c] = plus / contrast->plus_count - minus / contrast->minus_count;
    }
}

static size_t largest_scale(const vmap_questionnaire *q)
{
    size_t largest = 0;

    for (unsigned f = 0; f < q->foundations_count; f++) {
        if (q->foundations[f].items_count > largest)
            largest = q->foundations[f].items_count;
    }
    return largest;
}

vmap_status vmap_questionnaire_score(const vmap_questionnaire *q, const vmap_answers *a,
                                     const vmap_score_options *options, vmap_scores **scores,
                                     vmap_error *err)
{
    static const vmap_score_options defaults = {0, false};
    const vmap_score_options *o = options ? options : &defaults;
    double turn = q->scale[0].low + q->scale[0].high;
    roles role = {NULL, NULL};
    vmap_scores *s = NULL;
    vmap_status status;

    if (a->p != (size_t)q->items)
        return vmap_error_set(err, VMAP_EINVAL, "%zu items for a questionnaire of %d", a->p,
                              q->items);
    if (o->least > largest_scale(q))
        return vmap_error_set(
            err, VMAP_EINVAL,
            "a score cannot need %zu answered items: no foundation of %s has more "
            "than %zu",
            o->least, q->name, largest_scale(q));
    status = find_roles(q, &role, err);
    if (!status && !(s = alloc(a->n, q, err)))
        status = VMAP_ENOMEM;
    if (!status) {
        s->least = o->least ? o->least : (size_t)q->least;
        for (size_t i = 0; i < s->p; i++)
            s->scored_items += role.scored[i];
        for (size_t r = 0; r < a->n; r++) {
            const double *from = a->values + r * s->p;

            for (size_t i = 0; i < s->p; i++)
                s->item[r * s->p + i] = role.reversed[i] ? turn - from[i] : from[i];
            judge_checks(q, from, s, r);
            s->used_sheet[r] = o->keep_failed || !s->failed[r];
            judge_sheet(from, role.scored, s, r);
            score_sheet(q, s->item + r * s->p, s, r);
        }
        *scores = s;
    }
    free(role.scored);
    free(role.reversed);
    return status;
}
