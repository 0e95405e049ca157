#include <config.h>
#include "data/codebook_internal.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "core/text.h"

/* The short notations of a codebook ("1..10", "1=1, 2=0", "1+3=1") become numbers, and each must make sense for its
 * item. */

/* Read a number at *s, skipping blanks around it. */
static bool take_number(const char **s, double *value)
{
    const char *from = *s + strspn(*s, " "), *to = from;

    if (*to == '-' || *to == '+')
        to++;
    while (isdigit((unsigned char)*to) || (*to == '.' && to[1] != '.'))
        to++;
    if (!text_number(from, (size_t)(to - from), '.', value))
        return false;
    *s = to + strspn(to, " ");
    return true;
}

static bool take_mark(const char **s, const char *mark)
{
    if (strncmp(*s, mark, strlen(mark)) != 0)
        return false;
    *s += strlen(mark);
    return true;
}

/* The entries of a comma-separated list: one more than its commas. */
static size_t count_entries(const char *text)
{
    size_t n = 1;

    for (; *text; text++)
        n += *text == ',';
    return n;
}

/* "1..10" or "-9..-6, 9999" */
static vmap_status compile_ranges(const char *text, vmap_range **ranges, size_t *count,
                                  vmap_error *err)
{
    const char *s = text;
    vmap_range *r = memory_new(count_entries(text), sizeof *r, err);

    if (!r)
        return VMAP_ENOMEM;
    *ranges = r;
    do {
        if (!take_number(&s, &r->low))
            break;
        r->high = r->low;
        if (take_mark(&s, "..") && !take_number(&s, &r->high))
            break;
        if (r->high < r->low)
            break;
        r++;
        (*count)++;
        if (*s == '\0')
            return VMAP_SUCCESS;
    } while (take_mark(&s, ","));
    return vmap_error_set(err, VMAP_EDATA,
                          "'%s' is no list of codes; write it like '1..10' or '1, 2, 5..7'", text);
}

bool codebook_within(const vmap_range *range, size_t count, double value)
{
    for (size_t i = 0; i < count; i++) {
        if (value >= range[i].low && value <= range[i].high)
            return true;
    }
    return false;
}

/* "1=1, 2=0" */
static vmap_status compile_coding(const char *text, vmap_coding *coding, vmap_error *err)
{
    const char *s = text;
    size_t room = count_entries(text);

    coding->from = memory_new(room, sizeof(double), err);
    coding->to = memory_new(room, sizeof(double), err);
    if (!coding->from || !coding->to)
        return VMAP_ENOMEM;
    do {
        if (!take_number(&s, &coding->from[coding->pairs]) || !take_mark(&s, "=") ||
            !take_number(&s, &coding->to[coding->pairs]))
            break;
        coding->pairs++;
        if (*s == '\0')
            return VMAP_SUCCESS;
    } while (take_mark(&s, ","));
    return vmap_error_set(err, VMAP_EDATA, "'%s' is no coding; write it like '1=1, 2=0'", text);
}

/* "1+3=1, 3+1=1" */
static vmap_status compile_pairs(vmap_item_pairs *pairs, vmap_error *err)
{
    const char *s = pairs->map;
    size_t room = count_entries(s), n = 0;

    pairs->code_1 = memory_new(room, sizeof(double), err);
    pairs->code_2 = memory_new(room, sizeof(double), err);
    pairs->value = memory_new(room, sizeof(double), err);
    if (!pairs->code_1 || !pairs->code_2 || !pairs->value)
        return VMAP_ENOMEM;
    do {
        if (!take_number(&s, &pairs->code_1[n]) || !take_mark(&s, "+") ||
            !take_number(&s, &pairs->code_2[n]) || !take_mark(&s, "=") ||
            !take_number(&s, &pairs->value[n]))
            break;
        pairs->entries = ++n;
        if (*s == '\0')
            return VMAP_SUCCESS;
    } while (take_mark(&s, ","));
    return vmap_error_set(err, VMAP_EDATA,
                          "'%s' is no table of pairs; write it like '1+3=1, 2+4=3'", pairs->map);
}

vmap_status codebook_compile_missing(vmap_missing *missing, unsigned count, vmap_error *err)
{
    vmap_status status = VMAP_SUCCESS;

    for (unsigned i = 0; !status && i < count; i++) {
        status = compile_ranges(missing[i].codes, &missing[i].range, &missing[i].ranges, err);
        if (!status && vmap_reason_find(missing[i].reason, &missing[i].why, err)) {
            status = VMAP_EDATA; /* the file is at fault, not a name that the caller gave */
            if (err)
                err->status = status;
        }
    }
    return status;
}

static vmap_status compile_scale(vmap_item *item, vmap_error *err)
{
    static const char *const names[] = {"ordinal", "nominal", "interval"};

    for (unsigned i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcmp(item->scale ? item->scale : "ordinal", names[i]) == 0) {
            item->type = (vmap_scale)i;
            return VMAP_SUCCESS;
        }
    }
    return vmap_error_set(err, VMAP_EDATA,
                          "scale '%s' is not known; use ordinal, nominal or interval",
                          item->scale);
}

/* A recode that makes codes which are none of the item's would put them into every statistic. */
static vmap_status check_made(const vmap_item *item, const char *how, const double *made,
                              size_t count, vmap_error *err)
{
    for (size_t i = 0; i < count; i++) {
        if (!codebook_within(item->range, item->ranges, made[i]))
            return vmap_error_set(err, VMAP_EDATA, "%s makes %g, which is outside %s", how, made[i],
                                  item->valid);
    }
    return VMAP_SUCCESS;
}

static vmap_status check_coding(const vmap_item *item, const vmap_item_column *column,
                                size_t coding, vmap_error *err)
{
    char how[256];

    snprintf(how, sizeof how, "column %s: coding '%s'", column->name, column->codings[coding]);
    return check_made(item, how, column->coding[coding].to, column->coding[coding].pairs, err);
}

/* Turned round, the valid codes must be the valid codes. */
static vmap_status check_reverse(const vmap_item *item, const vmap_item_column *column,
                                 vmap_error *err)
{
    char how[256];
    vmap_status status = VMAP_SUCCESS;

    snprintf(how, sizeof how, "column %s is reversed, which", column->name);
    for (size_t i = 0; !status && i < item->ranges; i++) {
        double ends[2] = {item->low + item->high - item->range[i].low,
                          item->low + item->high - item->range[i].high};

        status = check_made(item, how, ends, 2, err);
    }
    return status;
}

static vmap_status compile_columns(vmap_item *item, vmap_error *err)
{
    vmap_status status = VMAP_SUCCESS;

    for (unsigned i = 0; !status && i < item->columns_count; i++) {
        vmap_item_column *column = &item->columns[i];

        if (column->reverse && column->codings_count)
            return vmap_error_set(err, VMAP_EDATA,
                                  "column %s has both 'reverse' and 'codings'; keep one",
                                  column->name);
        if (column->reverse)
            status = check_reverse(item, column, err);
        if (!column->codings_count)
            continue;
        column->coding = memory_new(column->codings_count, sizeof(vmap_coding), err);
        if (!column->coding)
            return VMAP_ENOMEM;
        for (unsigned j = 0; !status && j < column->codings_count; j++) {
            status = compile_coding(column->codings[j], &column->coding[j], err);
            if (!status)
                status = check_coding(item, column, j, err);
        }
    }
    return status;
}

static vmap_status check_pairs(const vmap_item *item, vmap_error *err)
{
    double otherwise = item->pairs->otherwise;
    vmap_status status = check_made(item, "'pairs'", item->pairs->value, item->pairs->entries, err);

    return status ? status : check_made(item, "'pairs'", &otherwise, 1, err);
}

vmap_status codebook_compile_item(vmap_item *item, vmap_error *err)
{
    vmap_status status = compile_scale(item, err);

    if (!status)
        status = compile_ranges(item->valid, &item->range, &item->ranges, err);
    if (status)
        return status;
    item->low = INFINITY;
    item->high = -INFINITY;
    for (size_t i = 0; i < item->ranges; i++) {
        item->low = fmin(item->low, item->range[i].low);
        item->high = fmax(item->high, item->range[i].high);
    }
    status = codebook_compile_missing(item->missing, item->missing_count, err);
    if (!status)
        status = compile_columns(item, err);
    if (!status && item->pairs)
        status = compile_pairs(item->pairs, err);
    if (!status && item->pairs)
        status = check_pairs(item, err);
    return status;
}

/* ---- and back ---- */

void codebook_forget_missing(vmap_missing *missing, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        free(missing[i].range);
}

void codebook_forget_item(vmap_item *item)
{
    free(item->range);
    codebook_forget_missing(item->missing, item->missing_count);
    for (unsigned i = 0; i < item->columns_count; i++) {
        vmap_item_column *column = &item->columns[i];

        for (unsigned j = 0; column->coding && j < column->codings_count; j++) {
            free(column->coding[j].from);
            free(column->coding[j].to);
        }
        free(column->coding);
    }
    if (item->sum)
        free(item->sum->part);
    if (item->pairs) {
        free(item->pairs->code_1);
        free(item->pairs->code_2);
        free(item->pairs->value);
    }
}
