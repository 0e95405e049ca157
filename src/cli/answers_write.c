#include <config.h>
#include "cli/answers.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/text.h"

/* Answers in the canonical form, or counted per group and item. */

/* ---- the canonical form ---- */

static void put_field(buffer *b, const char *text, bool last)
{
    if (strpbrk(text, ",\"\r\n")) {
        buffer_put(b, "\"");
        for (; *text; text++)
            buffer_bytes(b, *text == '"' ? "\"\"" : text, *text == '"' ? 2 : 1);
        buffer_put(b, "\"");
    } else {
        buffer_put(b, text);
    }
    buffer_put(b, last ? "\n" : ",");
}

void answers_put_header(const answers_settings *set, buffer *b)
{
    for (size_t k = 0; k < ANSWERS_CANONICAL; k++)
        put_field(b, answers_canonical[k], false);
    for (unsigned g = 0; g < set->group.count; g++)
        put_field(b, set->group.words[g], false);
    buffer_put(b, "item,raw,value,why\n");
}

vmap_status answers_put_line(answers_work *w, size_t row, const answer *a)
{
    buffer *b = &w->run->csv;
    char number[32] = "";

    for (size_t k = 0; k < ANSWERS_CANONICAL; k++)
        put_field(b, k == 0 && w->key[0] == LONG_NONE ? w->name : answers_text(w, w->key[k], row), false);
    for (size_t g = 0; g < w->set->group.count; g++)
        put_field(b, answers_text(w, w->group[g], row), false);
    if (a->why == VMAP_PRESENT)
        number_text(number, a->value, 0);
    put_field(b, answers_name(w, a->which), false);
    put_field(b, a->raw, false);
    put_field(b, number, false);
    put_field(b, a->why == VMAP_PRESENT ? "" : vmap_reason_name(a->why), true);
    return b->failed ? vmap_error_set(w->err, VMAP_ENOMEM, "no memory for the answers") : VMAP_SUCCESS;
}

/* ---- the summary ---- */

void answers_name_sums(const answers_settings *set, vmap_report_table *t)
{
    static const char *const sums[] = {"valid", "refused", "unparsable", "out_of_range", "blank", "other_missing"};

    for (unsigned g = 0; g < set->group.count; g++)
        vmap_report_key(t, set->group.words[g]);
    if (!set->group.count)
        vmap_report_key(t, "model");
    vmap_report_column(t, "item", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "n", VMAP_CELL_COUNT, 0);
    for (size_t k = 0; k < ANSWERS_SUMS; k++)
        vmap_report_column(t, sums[k], VMAP_CELL_COUNT, 0);
    vmap_report_column(t, "valid_share", VMAP_CELL_NUMBER, 3);
    vmap_report_note(t, "refused: the model declined; unparsable: words that are none of the forms that are understood; "
                     "out_of_range: a number that is no code of the item; nothing is clamped or guessed.");
}

/* Make room for one more group; its counts are 0. */
static bool more_groups(answers_work *w)
{
    size_t room = w->groups_room ? 2 * w->groups_room : 16, line = w->answered_count * ANSWERS_SUMS;
    buffer *groups;
    size_t *tally;

    if (w->groups_count < w->groups_room)
        return true;
    groups = reallocarray(w->groups, room, sizeof *groups);
    w->groups = groups ? groups : w->groups;
    tally = reallocarray(w->tally, room * line, sizeof *tally);
    w->tally = tally ? tally : w->tally;
    if (!groups || !tally)
        return false;
    memset(tally + w->groups_room * line, 0, (room - w->groups_room) * line * sizeof *tally);
    w->groups_room = room;
    return true;
}

static bool same_label(const buffer *a, const buffer *b)
{
    return a->n == b->n && memcmp(a->text, b->text, a->n) == 0;
}

/* The group of a row; LONG_NONE when memory is short. */
static size_t find_group(answers_work *w, size_t row)
{
    buffer label = {0};
    size_t g = 0;

    for (size_t k = 0; k < answers_groups(w->set); k++) {
        buffer_put(&label, w->group[k] == LONG_NONE ? w->name : answers_text(w, w->group[k], row));
        buffer_bytes(&label, "", 1);
    }
    if (label.failed || !more_groups(w)) {
        buffer_free(&label);
        return LONG_NONE;
    }
    if (w->groups_count && same_label(&w->groups[w->last_group], &label)) /* rows of a group mostly stand together */
        g = w->last_group;
    while (g < w->groups_count && !same_label(&w->groups[g], &label))
        g++;
    if (g < w->groups_count)
        buffer_free(&label);
    else
        w->groups[w->groups_count++] = label;
    w->last_group = g;
    return g;
}

static size_t sum_of(vmap_reason why)
{
    switch (why) {
    case VMAP_PRESENT:
        return 0;
    case VMAP_REFUSED:
        return 1;
    case VMAP_UNPARSABLE:
        return 2;
    case VMAP_OUT_OF_RANGE:
        return 3;
    case VMAP_BLANK:
        return 4;
    default:
        return 5;
    }
}

vmap_status answers_count(answers_work *w, size_t row, const answer *a)
{
    size_t g = find_group(w, row);

    if (g == LONG_NONE)
        return vmap_error_set(w->err, VMAP_ENOMEM, "no memory for the groups");
    w->tally[(g * w->answered_count + a->which) * ANSWERS_SUMS + sum_of(a->why)]++;
    return VMAP_SUCCESS;
}

static void put_sum(answers_work *w, size_t g, size_t i, const size_t *sums)
{
    const char *label = w->groups[g].text;
    size_t n = 0;

    for (size_t k = 0; k < ANSWERS_SUMS; k++)
        n += sums[k];
    if (!n)
        return;
    for (size_t k = 0; k < answers_groups(w->set); k++, label += strlen(label) + 1)
        vmap_report_text(w->run->sums, label);
    vmap_report_text(w->run->sums, answers_name(w, i));
    vmap_report_count(w->run->sums, n);
    for (size_t k = 0; k < ANSWERS_SUMS; k++)
        vmap_report_count(w->run->sums, sums[k]);
    vmap_report_number(w->run->sums, (double)sums[0] / (double)n);
}

void answers_put_sums(answers_work *w)
{
    for (size_t g = 0; g < w->groups_count; g++) {
        for (size_t i = 0; i < w->answered_count; i++)
            put_sum(w, g, i, &w->tally[(g * w->answered_count + i) * ANSWERS_SUMS]);
    }
}
