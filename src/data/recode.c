#include <config.h>
#include "valuemap/subset.h"

#include <ctype.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "core/memory.h"
#include "core/text.h"

/* A part of a band: numbers from low to high, or a text. */
typedef struct {
    size_t band;
    double low, high;
    char *text; /* NULL: numbers */
} part;

struct vmap_recode {
    char *name, *column;
    char **labels;
    size_t bands, bands_room;
    part *parts;
    size_t count, room;
    size_t otherwise; /* band of what no other takes; `bands` when there is none */
};

static vmap_status no_memory(vmap_error *err)
{
    return vmap_error_set(err, VMAP_ENOMEM, "no memory for a recode");
}

/* Length of the number at the beginning of s, its value in x; 0 when there is none. */
static size_t take_number(const char *s, size_t room, double *x)
{
    size_t n = room && (*s == '-' || *s == '+'), first = n;

    while (n < room && isdigit((unsigned char)s[n]))
        n++;
    if (n + 1 < room && s[n] == '.' && isdigit((unsigned char)s[n + 1])) {
        n++;
        while (n < room && isdigit((unsigned char)s[n]))
            n++;
    }
    return n > first && text_number(s, n, '.', x) ? n : 0;
}

/* "18-29", "18..29", "50+", "<18" or "3"; false for anything else, which is a text. */
static bool read_range(const char *s, size_t n, double *low, double *high)
{
    size_t used, skip;

    if (n && *s == '<') {
        *low = -INFINITY;
        if (take_number(s + 1, n - 1, high) != n - 1)
            return false;
        *high = nextafter(*high, -INFINITY);
        return true;
    }
    used = take_number(s, n, low);
    if (!used)
        return false;
    *high = *low;
    if (used == n)
        return true;
    if (used + 1 == n && s[used] == '+') {
        *high = INFINITY;
        return true;
    }
    skip = s[used] == '-' ? 1 : n > used + 2 && s[used] == '.' && s[used + 1] == '.' ? 2 : 0;
    return skip && take_number(s + used + skip, n - used - skip, high) == n - used - skip;
}

static vmap_status add_part(vmap_recode *r, const char *s, size_t n, size_t band, vmap_error *err)
{
    part p = {.band = band};
    vmap_status status;

    if (!n)
        return vmap_error_set(err, VMAP_EINVAL, "recode %s: band %zu has a part without a value", r->name, band + 1);
    if (n == 4 && strncmp(s, "else", 4) == 0) {
        r->otherwise = band;
        return VMAP_SUCCESS;
    }
    if (!read_range(s, n, &p.low, &p.high) && !(p.text = text_copy(s, n)))
        return no_memory(err);
    if (!p.text && p.low > p.high)
        return vmap_error_set(err, VMAP_EINVAL, "recode %s: band '%.*s' ends before it begins", r->name, (int)n, s);
    for (size_t i = 0; i < r->count; i++) {
        const part *q = &r->parts[i];
        bool same = p.text ? q->text && strcmp(p.text, q->text) == 0 : !q->text && p.low <= q->high && q->low <= p.high;

        if (same) {
            free(p.text);
            return vmap_error_set(err, VMAP_EINVAL, "recode %s: '%.*s' overlaps with band '%s'; both ends of a band count",
                                  r->name, (int)n, s, r->labels[q->band]);
        }
    }
    status = memory_grow(&r->parts, &r->room, r->count + 1, sizeof p, err);
    if (status)
        free(p.text);
    else
        r->parts[r->count++] = p;
    return status;
}

/* "18-29" or "young=18-29/30" */
static vmap_status add_band(vmap_recode *r, const char *s, size_t n, vmap_error *err)
{
    const char *equals = memchr(s, '=', n);
    const char *parts = equals ? equals + 1 : s, *end = s + n;
    size_t band = r->bands;
    char *label = text_copy(s, equals ? (size_t)(equals - s) : n);
    vmap_status status = label ? memory_grow(&r->labels, &r->bands_room, band + 1, sizeof label, err) : no_memory(err);

    if (status) {
        free(label);
        return status;
    }
    r->labels[r->bands++] = label;
    if (!*label)
        return vmap_error_set(err, VMAP_EINVAL, "recode %s: band %zu is empty", r->name, band + 1);
    for (size_t i = 0; i < band; i++) {
        if (strcmp(r->labels[i], label) == 0)
            return vmap_error_set(err, VMAP_EINVAL, "recode %s: two bands are called '%s'; write one with '/' between its "
                                  "parts", r->name, label);
    }
    while (!status) {
        const char *slash = memchr(parts, '/', (size_t)(end - parts));

        status = add_part(r, parts, (size_t)((slash ? slash : end) - parts), band, err);
        if (!slash)
            break;
        parts = slash + 1;
    }
    return status;
}

static vmap_status parse(vmap_recode *r, const char *text, vmap_error *err)
{
    const char *equals = strchr(text, '='), *colon = equals ? strchr(equals, ':') : NULL, *s;
    vmap_status status = VMAP_SUCCESS;

    if (!colon || equals == text || colon == equals + 1 || !colon[1])
        return vmap_error_set(err, VMAP_EINVAL, "'%s' is no recode; write it like age=Q262:18-29,30-49,50+", text);
    r->name = text_copy(text, (size_t)(equals - text));
    r->column = text_copy(equals + 1, (size_t)(colon - equals - 1));
    if (!r->name || !r->column)
        return no_memory(err);
    r->otherwise = SIZE_MAX;
    for (s = colon + 1; !status; s++) {
        size_t n = strcspn(s, ",");

        status = add_band(r, s, n, err);
        s += n;
        if (!*s)
            break;
    }
    if (r->otherwise == SIZE_MAX)
        r->otherwise = r->bands;
    return status;
}

vmap_status vmap_recode_parse(const char *text, vmap_recode **recode, vmap_error *err)
{
    vmap_recode *r = memory_new(1, sizeof *r, err);
    vmap_status status = r ? parse(r, text, err) : VMAP_ENOMEM;

    if (status)
        vmap_recode_free(r);
    else
        *recode = r;
    return status;
}

void vmap_recode_free(vmap_recode *r)
{
    if (!r)
        return;
    for (size_t i = 0; i < r->bands; i++)
        free(r->labels[i]);
    for (size_t i = 0; i < r->count; i++)
        free(r->parts[i].text);
    free(r->labels);
    free(r->parts);
    free(r->name);
    free(r->column);
    free(r);
}

const char *vmap_recode_name(const vmap_recode *r)
{
    return r->name;
}

const char *vmap_recode_column(const vmap_recode *r)
{
    return r->column;
}

size_t vmap_recode_bands(const vmap_recode *r)
{
    return r->bands;
}

const char *vmap_recode_label(const vmap_recode *r, size_t band)
{
    return r->labels[band];
}

size_t vmap_recode_find(const vmap_recode *r, const char *text)
{
    double x = NAN;
    bool number;

    if (!text)
        return r->bands;
    number = text_number(text, strlen(text), '.', &x) || text_number(text, strlen(text), ',', &x);
    for (size_t i = 0; i < r->count; i++) {
        const part *p = &r->parts[i];

        if (p->text ? strcmp(p->text, text) == 0 : number && x >= p->low && x <= p->high)
            return p->band;
    }
    return r->otherwise;
}
