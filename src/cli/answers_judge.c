#include <config.h>
#include "cli/answers.h"

#include <math.h>
#include <string.h>

#include "core/text.h"
#include "data/codebook_internal.h"

/* What an answer was taken for, by the rules that the other commands read text answers with. */

const char *answers_text(const answers_work *w, size_t place, size_t row)
{
    return place == LONG_NONE ? "" : vmap_table_text(w->table, place, row);
}

/* ---- conditions ---- */

/* Empty cells and missing codes are missing, as where other commands choose rows. */
static const char *condition_cell(void *context, size_t i)
{
    const answers_work *w = context;
    const char *name = vmap_where_column(w->run->where[w->condition], i);
    const char *text = answers_text(w, w->place[answers_column(w, name, false)], w->row);
    double x;

    if (!*text || (text_number(text, strlen(text), w->reader->decimal, &x) &&
                   codebook_is_missing(w->book, codebook_item_of_column(w->book, name), x)))
        return NULL;
    return text;
}

bool answers_chosen(answers_work *w, size_t row)
{
    w->row = row;
    for (w->condition = 0; w->condition < w->run->where_count; w->condition++) {
        if (vmap_where_judge(w->run->where[w->condition], condition_cell, w) != VMAP_TRUE)
            return false;
    }
    return true;
}

/* ---- one answer ---- */

/* A number by the codebook. */
static void judge_number(const answered *of, answer *a)
{
    if (a->why == VMAP_PRESENT)
        a->why = column_rules_judge(&of->rules, a->value);
    if (a->why != VMAP_PRESENT && a->why != VMAP_OUT_OF_RANGE)
        a->value = NAN;
}

static void judge_words(const answers_work *w, const char *text, answer *a)
{
    const answered *of = &w->answered[a->which];
    size_t n = strlen(text);
    int code;

    a->why = VMAP_PRESENT;
    if (reader_code(text, n, &code))
        a->value = code;
    else
        a->why = reader_judge_text(w->reader, &of->words, text, n, &a->value);
    judge_number(of, a);
}

static vmap_status judge_long(const answers_work *w, size_t row, answer *a)
{
    const char *value = answers_text(w, w->at.value, row), *why = answers_text(w, w->at.why, row);
    const char *refusal = answers_text(w, w->at.refusal, row);

    a->raw = w->at.answer == LONG_NONE ? value : answers_text(w, w->at.answer, row);
    a->value = NAN;
    if (!long_reason(why, &a->why)) {
        vmap_error_set(w->err, VMAP_EDATA, "'%s' is no reason for a missing value; 'valuemap list reasons' names them", why);
        vmap_error_place(w->err, w->path, vmap_table_line(w->table, row), 0, "why");
        return VMAP_EDATA;
    }
    if (a->why == VMAP_PRESENT && *refusal) {
        a->why = VMAP_REFUSED;
        a->raw = refusal;
    }
    if (a->why == VMAP_PRESENT && !*value && !*a->raw && *answers_text(w, w->at.error, row))
        a->why = VMAP_OTHER_MISSING;
    if (a->why == VMAP_PRESENT)
        judge_words(w, *value ? value : a->raw, a);
    return VMAP_SUCCESS;
}

vmap_status answers_judge(answers_work *w, size_t row, answer *a)
{
    const answered *of = &w->answered[a->which];

    if (w->is_long)
        return judge_long(w, row, a);
    a->raw = vmap_table_text(w->table, of->raw, row);
    a->value = vmap_table_value(w->table, of->value, row);
    a->why = vmap_table_reason(w->table, of->value, row);
    judge_number(of, a);
    return VMAP_SUCCESS;
}
