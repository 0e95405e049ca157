#include <config.h>
#include "cli/analysis.h"
#include "cli/check_internal.h"

#include <math.h>
#include <stdlib.h>

#include "core/memory.h"

/* What `check` says item by item: answers, codes, reasons. */

enum { CODES_SHOWN = 150 }; /* of an item */

/* What one item's answers are like. */
typedef struct {
    size_t n;
    double sum, weight, squares, least, most;
    size_t weighted; /* of positive weight */
} summary;

static summary summarise(const vmap_answers *a, size_t i)
{
    summary s = {.least = INFINITY, .most = -INFINITY};

    for (size_t r = 0; r < a->n; r++) {
        double x = a->values[r * a->p + i], w = check_weight(a, r);

        if (isnan(x))
            continue;
        s.n++;
        s.sum += w * x;
        s.weight += w;
        s.squares += w * w;
        s.weighted += w > 0;
        s.least = fmin(s.least, x);
        s.most = fmax(s.most, x);
    }
    return s;
}

static void put_item(vmap_report_table *t, const vmap_answers *a, size_t i, const vmap_item *item, const summary *s)
{
    vmap_report_text(t, item->name);
    vmap_report_text(t, item->label);
    vmap_report_text(t, a->columns[i] ? a->columns[i] : "");
    vmap_report_text(t, item->valid);
    vmap_report_count(t, s->n);
    vmap_report_number(t, check_percent((double)(a->n - s->n), (double)a->n));
    vmap_report_number(t, s->n ? s->least : NAN);
    vmap_report_number(t, s->n ? s->most : NAN);
    vmap_report_number(t, s->weight > 0 ? s->sum / s->weight : NAN);
    vmap_report_number(t, s->weighted ? s->weight * s->weight / s->squares : 0);
    vmap_report_number(t, s->weighted ? (double)s->weighted * s->squares / (s->weight * s->weight) : NAN);
}

/* What is odd about an item. */
static void find_item(vmap_report_table *found, check_work *w, size_t i, const vmap_item *item, const summary *s)
{
    const vmap_answers *a = w->sheet.answers;
    const vmap_item_count *count = &a->counts[i];

    if (!s->n)
        check_find(found, w, true, item->name, a->n, "nobody has an answer");
    else if (s->n > 1 && s->least == s->most)
        check_find(found, w, true, item->name, s->n, "all answers are %g", s->least);
    if (count->reason[VMAP_OUT_OF_RANGE])
        check_find(found, w, true, item->name, count->reason[VMAP_OUT_OF_RANGE], "answers outside %s", item->valid);
    if (count->reason[VMAP_UNPARSABLE])
        check_find(found, w, true, item->name, count->reason[VMAP_UNPARSABLE], "texts that are no answers");
    if (count->fractions)
        check_find(found, w, false, item->name, count->fractions, "answers between two codes");
    if (count->disagree)
        check_find(found, w, false, item->name, count->disagree, "the column and the parts disagree");
}

void check_items(vmap_report *r, vmap_report_table *found, check_work *w)
{
    static const column_spec columns[] = {
        {"item", VMAP_CELL_TEXT, 0}, {"label", VMAP_CELL_TEXT, 0}, {"columns", VMAP_CELL_TEXT, 0},
        {"valid", VMAP_CELL_TEXT, 0}, {"n", VMAP_CELL_COUNT, 0}, {"missing_percent", VMAP_CELL_NUMBER, 1},
        {"min", VMAP_CELL_NUMBER, 2}, {"max", VMAP_CELL_NUMBER, 2}, {"mean", VMAP_CELL_NUMBER, 3},
        {"n_eff", VMAP_CELL_NUMBER, 1}, {"design_effect", VMAP_CELL_NUMBER, 3}};
    const vmap_answers *a = w->sheet.answers;
    vmap_report_table *t = columns_table(r, "item_summary", "Items", columns, sizeof columns / sizeof *columns);
    size_t absent = 0;

    for (size_t i = 0; i < a->p; i++) {
        summary s;

        absent += !a->present[i];
        if (!a->present[i])
            continue;
        s = summarise(a, i);
        put_item(t, a, i, sheet_item(&w->sheet, i), &s);
        find_item(found, w, i, sheet_item(&w->sheet, i), &s);
    }
    vmap_report_note(t, "min, max and mean are of valid answers; the mean is weighted.");
    if (!w->sheet.set->codebook && analysis_check_guess(a, w->sheet.codebook->name, NULL))
        check_find(found, w, true, "", a->n, "respondents read with codebook %s, a guess by the names of columns, but more than one "
                   "answer in ten is no code of it: name theirs by --codebook", w->sheet.codebook->name);
    if (absent)
        check_find(found, w, false, "", absent, "items of codebook %s are not in the data", w->sheet.codebook->name);
}

static const char *label_of(const vmap_item *item, double code)
{
    for (unsigned i = 0; i < item->labels_count; i++) {
        if (item->labels[i].code == code)
            return item->labels[i].label;
    }
    return "";
}

/* A code of an item. */
typedef struct {
    double code, weight;
    size_t n;
} tally;

static int by_code(const void *x, const void *y)
{
    double a = ((const tally *)x)->code, b = ((const tally *)y)->code;

    return (a > b) - (a < b);
}

/* Put one row per code that somebody gave; their answers one after the other. */
static void put_codes(vmap_report_table *t, const check_work *w, size_t i, tally *answer)
{
    const vmap_answers *a = w->sheet.answers;
    const vmap_item *item = sheet_item(&w->sheet, i);
    size_t n = 0, codes = 0;
    double weight = 0;

    for (size_t r = 0; r < a->n; r++) {
        if (isnan(a->values[r * a->p + i]))
            continue;
        answer[n] = (tally){a->values[r * a->p + i], check_weight(a, r), 1};
        weight += answer[n++].weight;
    }
    qsort(answer, n, sizeof *answer, by_code);
    for (size_t k = 0; k < n; k++) {
        if (codes && answer[codes - 1].code == answer[k].code) {
            answer[codes - 1].n++;
            answer[codes - 1].weight += answer[k].weight;
        } else {
            answer[codes++] = answer[k];
        }
    }
    for (size_t k = 0; k < codes && k < CODES_SHOWN; k++) {
        vmap_report_text(t, item->name);
        vmap_report_number(t, answer[k].code);
        vmap_report_text(t, label_of(item, answer[k].code));
        vmap_report_count(t, answer[k].n);
        vmap_report_number(t, check_percent((double)answer[k].n, (double)n));
        vmap_report_number(t, check_percent(answer[k].weight, weight));
    }
}

vmap_status check_codes(vmap_report *r, const check_work *w, vmap_error *err)
{
    static const column_spec columns[] = {{"item", VMAP_CELL_TEXT, 0}, {"code", VMAP_CELL_NUMBER, 2},
        {"label", VMAP_CELL_TEXT, 0}, {"n", VMAP_CELL_COUNT, 0}, {"percent", VMAP_CELL_NUMBER, 1},
        {"weighted_percent", VMAP_CELL_NUMBER, 1}};
    const vmap_answers *a = w->sheet.answers;
    vmap_report_table *t = columns_table(r, "codes", "Codes of the items", columns, sizeof columns / sizeof *columns);
    tally *answer = memory_new(a->n, sizeof *answer, err);
    vmap_status status = answer ? VMAP_SUCCESS : VMAP_ENOMEM;

    for (size_t i = 0; !status && i < a->p; i++) {
        if (a->present[i])
            put_codes(t, w, i, answer);
    }
    vmap_report_note(t, "Per cent of valid answers. At most %d codes of an item are shown.", CODES_SHOWN);
    free(answer);
    return status;
}

void check_reasons(vmap_report *r, const check_work *w)
{
    static const column_spec columns[] = {{"item", VMAP_CELL_TEXT, 0}, {"reason", VMAP_CELL_TEXT, 0},
        {"n", VMAP_CELL_COUNT, 0}, {"percent", VMAP_CELL_NUMBER, 1}, {"weighted_percent", VMAP_CELL_NUMBER, 1}};
    const vmap_answers *a = w->sheet.answers;
    vmap_report_table *t = columns_table(r, "reasons", "Missing answers by reason", columns, sizeof columns / sizeof *columns);

    for (size_t i = 0; i < a->p; i++) {
        double weight[VMAP_REASONS] = {0}, all = 0;

        for (size_t q = 0; a->present[i] && q < a->n; q++) {
            weight[a->reasons[q * a->p + i]] += check_weight(a, q);
            all += check_weight(a, q);
        }
        for (int why = 1; a->present[i] && why < VMAP_REASONS; why++) {
            if (!a->counts[i].reason[why])
                continue;
            vmap_report_text(t, a->items[i]);
            vmap_report_text(t, vmap_reason_name((vmap_reason)why));
            vmap_report_count(t, a->counts[i].reason[why]);
            vmap_report_number(t, check_percent((double)a->counts[i].reason[why], (double)a->n));
            vmap_report_number(t, check_percent(weight[why], all));
        }
    }
}
