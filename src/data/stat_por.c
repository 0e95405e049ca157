#include <config.h>
#include "data/stat_child.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <readstat.h>

/* SPSS portable files (.por); this runs in the sandbox. ReadStat takes the superscript digits in the table of characters
 * that PSPP writes for digits, refuses all bytes above 127 and cuts texts at 255 bytes, so that it is not used here.
 *
 * A portable file is text in lines of 80 bytes: 200 bytes of greeting, a table of 256 characters, "SPSSPORT", and records
 * that begin with a letter. Numbers are in base 30 and end in '/', texts are a number of bytes and the bytes. Format: "System
 * File Format" of the PSPP developers' guide, Portable File Format. The table of characters is passed over: only files in
 * ASCII or an extension of it are known as portable ones. */

enum { LINE = 80, GREETING = 200, CHARACTERS = 256, RANGES_MAX = 16 };

typedef struct {
    char *name, *label;
    size_t set; /* number of its value labels, 0: none */
    bool texts;
    int ranges;
    double range[RANGES_MAX][2];
} por_variable;

typedef struct {
    stat_child *child;
    size_t column; /* in the line */
    size_t blanks; /* that were cut off the end of the line */
    bool ended, failed;
    char *text; /* the last one that was read */
    size_t n, room;
    por_variable *variables;
    size_t count, declared, sets;
} portable;

/* ---- characters, numbers, texts ---- */

static int next_byte(portable *p)
{
    unsigned char c;

    if (stat_take(p->child, &c, 1) == 1)
        return c;
    p->ended = true;
    return -1;
}

/* The next character; short lines go on with blanks. 'Z' after the end, which ends the data as well, but sets `ended`. */
static int next(portable *p)
{
    int c;

    if (p->blanks) {
        p->blanks--;
        return ' ';
    }
    while ((c = next_byte(p)) == '\r' || c == '\n') {
        if (c == '\n' && p->column) {
            p->blanks = p->column < LINE ? LINE - p->column : 0;
            p->column = 0;
            if (p->blanks)
                return next(p);
        }
    }
    p->column++;
    return c < 0 ? 'Z' : c;
}

static int digit(int c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'A' && c <= 'T' ? c - 'A' + 10 : -1;
}

static long double power30(int exponent)
{
    long double result = 1, base = 30;

    for (unsigned n = (unsigned)abs(exponent); n; n >>= 1, base *= base) {
        if (n & 1)
            result *= base;
    }
    return exponent < 0 ? 1 / result : result;
}

/* Digits of a number from its first character c on, up to what is none; *exponent counts those behind the point down. */
static int read_digits(portable *p, int c, long double *mantissa, int *exponent, bool *any)
{
    bool point = false;

    for (; digit(c) >= 0 || (c == '.' && !point); c = next(p)) {
        if (c == '.') {
            point = true;
            continue;
        }
        *any = true;
        if (*mantissa < 0x1p58L) { /* more digits than a double has change nothing */
            *mantissa = *mantissa * 30 + digit(c);
            *exponent -= point;
        } else {
            *exponent += !point;
        }
    }
    return c;
}

/* The number that begins with character c; NaN when it is missing. */
static double number_from(portable *p, int c)
{
    long double mantissa = 0;
    int exponent = 0, scale = 0;
    bool any = false, negative;

    while (c == ' ')
        c = next(p);
    if (c == '*') {
        next(p); /* "*." */
        return NAN;
    }
    negative = c == '-';
    c = read_digits(p, negative ? next(p) : c, &mantissa, &exponent, &any);
    if (c == '+' || c == '-') {
        bool down = c == '-';

        for (c = next(p); digit(c) >= 0 && scale < 10000; c = next(p))
            scale = scale * 30 + digit(c);
        exponent += down ? -scale : scale;
    }
    p->failed = p->failed || !any || c != '/';
    mantissa = exponent < 0 ? mantissa / power30(-exponent) : mantissa * power30(exponent);
    return (double)(negative ? -mantissa : mantissa);
}

static double read_number(portable *p)
{
    return number_from(p, next(p));
}

/* A whole number from 0 to `most`. */
static size_t read_count(portable *p, size_t most)
{
    double x = read_number(p);

    if (!p->failed && x >= 0 && x <= (double)most && x == floor(x))
        return (size_t)x;
    p->failed = true;
    return 0;
}

/* The text whose length begins with character c, without the blanks at its end. */
static void text_from(portable *p, int c)
{
    double n = number_from(p, c);

    p->n = 0;
    if (p->failed || !(n >= 0 && n < STAT_TEXT_MAX && n == floor(n))) {
        p->failed = true;
        return;
    }
    if (p->room < (size_t)n + 1) {
        free(p->text);
        p->room = 2 * (size_t)n + 256;
        p->text = malloc(p->room);
    }
    if (!p->text) {
        p->failed = true;
        p->room = 0;
        return;
    }
    while (p->n < (size_t)n && !p->ended)
        p->text[p->n++] = (char)next(p);
    p->failed = p->failed || p->ended || memchr(p->text, '\0', p->n);
    while (p->n && p->text[p->n - 1] == ' ')
        p->n--;
    p->text[p->n] = '\0';
}

static char *read_text(portable *p)
{
    text_from(p, next(p));
    return p->failed ? NULL : p->text;
}

static char *read_copy(portable *p)
{
    const char *text = read_text(p);
    char *copy = text ? strdup(text) : NULL;

    p->failed = p->failed || !copy;
    return copy;
}

/* ---- the description ---- */

static void read_variable(portable *p)
{
    por_variable *grown = reallocarray(p->variables, p->count + 1, sizeof *grown), *v;

    if (!grown || p->count >= STAT_VARIABLES_MAX) {
        p->failed = true;
        return;
    }
    p->variables = grown;
    v = &p->variables[p->count++];
    memset(v, 0, sizeof *v);
    v->texts = read_count(p, STAT_TEXT_MAX) > 0;
    v->name = read_copy(p);
    for (int i = 0; i < 6; i++) /* formats of printing and writing */
        read_number(p);
}

/* What is missing: a value, x and less, x and more, or from x to y. Of texts it is passed over. */
static void read_missing(portable *p, int tag)
{
    por_variable *v = p->count ? &p->variables[p->count - 1] : NULL;
    double low = -INFINITY, high = INFINITY;

    if (!v || v->ranges == RANGES_MAX) {
        p->failed = true;
        return;
    }
    if (v->texts) {
        read_text(p);
        if (tag == 'B')
            read_text(p);
        return;
    }
    if (tag != '9')
        low = read_number(p);
    if (tag == '9' || tag == 'B')
        high = read_number(p);
    v->range[v->ranges][0] = low;
    v->range[v->ranges++][1] = tag == '8' ? low : high;
}

static por_variable *find_variable(portable *p, const char *name)
{
    for (size_t i = 0; name && i < p->count; i++) {
        if (p->variables[i].name && strcmp(p->variables[i].name, name) == 0)
            return &p->variables[i];
    }
    p->failed = true;
    return NULL;
}

static void send_label(portable *p, bool texts)
{
    stat_child *c = p->child;
    char set[24];
    double x = 0;
    int n = snprintf(set, sizeof set, "labels%zu", p->sets);

    stat_put_byte(c, STAT_LABEL);
    stat_put_text(c, set, (size_t)n);
    stat_put_byte(c, texts ? STAT_OF_TEXT : STAT_OF_NUMBER);
    if (texts && read_text(p)) {
        stat_put_text(c, p->text, p->n);
    } else if (!texts) {
        x = read_number(p);
        stat_put(c, &x, sizeof x);
    }
    if (read_text(p))
        stat_put_text(c, p->text, p->n);
}

/* Labels of the values of some variables. */
static void read_labels(portable *p)
{
    size_t variables = read_count(p, p->count), labels;
    bool texts = false;

    p->sets++;
    for (size_t i = 0; i < variables && !p->failed; i++) {
        por_variable *v = find_variable(p, read_text(p));

        if (v) {
            v->set = p->sets;
            texts = v->texts;
        }
    }
    labels = read_count(p, STAT_VARIABLES_MAX);
    for (size_t i = 0; i < labels && !p->failed; i++) {
        if (p->child->task->wanted) {
            if (texts)
                read_text(p);
            else
                read_number(p);
            read_text(p);
        } else {
            send_label(p, texts);
        }
    }
}

static void read_documents(portable *p)
{
    size_t lines = read_count(p, STAT_VARIABLES_MAX);

    for (size_t i = 0; i < lines && !p->failed; i++)
        read_text(p);
}

/* The records up to the data. */
static void read_record(portable *p, int tag)
{
    switch (tag) {
    case '1': /* product, author, product of others, weight */
    case '2':
    case '3':
    case '6':
        read_text(p);
        break;
    case '4':
        p->declared = read_count(p, STAT_VARIABLES_MAX);
        break;
    case '5':
        read_number(p);
        break;
    case '7':
        read_variable(p);
        break;
    case '8':
    case '9':
    case 'A':
    case 'B':
        read_missing(p, tag);
        break;
    case 'C':
        if (p->count && !p->variables[p->count - 1].label)
            p->variables[p->count - 1].label = read_copy(p);
        else
            p->failed = true;
        break;
    case 'D':
        read_labels(p);
        break;
    case 'E':
        read_documents(p);
        break;
    default:
        p->failed = true;
    }
}

static void read_beginning(portable *p)
{
    static const char signature[] = "SPSSPORT";

    for (int i = 0; i < GREETING + CHARACTERS; i++)
        next(p);
    for (const char *s = signature; *s; s++)
        p->failed = next(p) != *s || p->failed;
    next(p); /* the version, A */
    read_text(p); /* date and time */
    read_text(p);
}

static void send_file(stat_child *c)
{
    int64_t unknown[2] = {0, -1};

    stat_put_byte(c, STAT_FILE);
    stat_put_text(c, "", 0);
    stat_put(c, unknown, sizeof unknown);
}

static void send_variable(stat_child *c, const por_variable *v)
{
    char set[24] = "";
    int n = v->set ? snprintf(set, sizeof set, "labels%zu", v->set) : 0;

    stat_put_byte(c, STAT_VARIABLE);
    stat_put_text(c, v->name, strlen(v->name));
    stat_put_text(c, v->label ? v->label : "", v->label ? strlen(v->label) : 0);
    stat_put_text(c, set, (size_t)n);
    stat_put_byte(c, v->texts);
    stat_put_byte(c, v->ranges);
    stat_put(c, v->range, sizeof *v->range * (size_t)v->ranges);
}

/* ---- the values ---- */

static void take_cell(portable *p, size_t i, int c)
{
    bool wanted = p->child->task->wanted[i];

    if (p->variables[i].texts) {
        text_from(p, c);
        if (wanted && !p->failed) {
            stat_put_cell(p->child, STAT_TEXT);
            stat_put_text(p->child, p->text, p->n);
        }
    } else {
        double x = number_from(p, c);

        if (wanted && !p->failed)
            stat_put_number(p->child, x);
    }
}

static void read_rows(portable *p)
{
    int c = next(p);

    while (!p->failed && c != 'Z') {
        for (size_t i = 0; i < p->count && !p->failed; i++) {
            take_cell(p, i, i ? next(p) : c);
            p->failed = p->failed || p->child->failed;
        }
        c = p->failed ? 'Z' : next(p);
    }
    p->failed = p->failed || p->ended;
}

int stat_parse_por(stat_child *child)
{
    portable p = {.child = child};
    int tag = 0;

    read_beginning(&p);
    if (!child->task->wanted)
        send_file(child);
    while (!p.failed && (tag = next(&p)) != 'F')
        read_record(&p, tag);
    p.failed = p.failed || p.count != p.declared || (child->task->wanted && p.count != child->task->variables);
    for (size_t i = 0; i < p.count && !p.failed && !child->task->wanted; i++)
        send_variable(child, &p.variables[i]);
    if (!p.failed && p.count && child->task->wanted)
        read_rows(&p);
    return p.failed ? READSTAT_ERROR_PARSE : READSTAT_OK; /* the child ends: memory is left to that */
}
