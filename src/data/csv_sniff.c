#include <config.h>
#include "data/csv_sniff.h"

#include <string.h>
#include <strings.h>

#include "core/text.h"

enum { RECORDS_MAX = 80 }; /* looked at; a preamble is shorter */

/* End of the record that starts at `from`: the place after its newline, or n when it does not end
 * in the sample. A newline inside quotes does not end it. *fields counts its fields. */
static size_t record_end(const char *sample, size_t n, size_t from, char delimiter, size_t *fields,
                         bool *finished)
{
    bool quoted = false;
    size_t i = from;

    *fields = 1;
    *finished = false;
    while (i < n) {
        char c = sample[i++];

        if (c == '"')
            quoted = !quoted;
        else if (!quoted && c == delimiter)
            ++*fields;
        else if (!quoted && (c == '\n' || (c == '\r' && !(i < n && sample[i] == '\n')))) {
            *finished = true;
            break;
        }
    }
    return i;
}

/* A record that is nothing but its line end. */
static bool is_line_end(const char *record, size_t n)
{
    return (n == 1 && (record[0] == '\n' || record[0] == '\r')) ||
           (n == 2 && record[0] == '\r' && record[1] == '\n');
}

/* The cell s[0..n) without quotes and blanks around it. */
static void trim(const char **s, size_t *n)
{
    while (*n && strchr(" \t\r\"", (*s)[*n - 1]))
        --*n;
    while (*n && strchr(" \t\"", **s))
        ++*s, --*n;
}

/* How one delimiter divides the sample. */
typedef struct {
    size_t records;               /* that are whole and not blank, RECORDS_MAX at most */
    size_t from[RECORDS_MAX];     /* where each begins */
    size_t fields[RECORDS_MAX];   /* of each */
    size_t length[RECORDS_MAX];   /* bytes of each with its line end */
} division;

static void divide(const char *sample, size_t n, bool whole, char delimiter, division *d)
{
    size_t from = 0, fields;
    bool finished;

    d->records = 0;
    while (d->records < RECORDS_MAX && from < n) {
        size_t to = record_end(sample, n, from, delimiter, &fields, &finished);

        if (!finished && !whole)
            break;
        if (!is_line_end(sample + from, to - from)) {
            d->from[d->records] = from;
            d->length[d->records] = to - from;
            d->fields[d->records++] = fields;
        }
        from = to;
    }
}

/* Can the record be a header? Its cells are all different, and none is empty or a number. */
static bool may_be_header(const char *record, size_t n, char delimiter)
{
    enum { NAMES = 64 }; /* as many are compared with each other */
    const char *name[NAMES];
    size_t length[NAMES], from = 0, names = 0;

    for (size_t i = 0; i < n; i++) {
        const char *cell = record + from;
        size_t m = i - from;
        double value;

        if (i + 1 < n && record[i] != delimiter && record[i] != '\n')
            continue;
        m += i + 1 == n && record[i] != '\n' && record[i] != delimiter;
        trim(&cell, &m);
        if (m == 0 || text_number(cell, m, '.', &value) || text_number(cell, m, ',', &value))
            return false;
        for (size_t k = 0; k < names; k++) {
            if (length[k] == m && memcmp(name[k], cell, m) == 0)
                return false;
        }
        if (names < NAMES) {
            name[names] = cell;
            length[names++] = m;
        }
        from = i + 1;
    }
    return n > 0 && record[n - 1] != delimiter;
}

/* The record that the table begins with: from it on all have as many fields, at least two, and those
 * before it, a preamble, have at most half as many and are not more than those after it. RECORDS_MAX when
 * there is none. */
static size_t first_regular(const char *sample, const division *d, char delimiter)
{
    size_t last = d->records;

    while (last > 0 && d->fields[last - 1] == d->fields[d->records - 1])
        last--;
    if (last == 0)
        return 0;
    if (2 * last + 1 > d->records || last + 2 > d->records || d->fields[last] < 2 ||
        !may_be_header(sample + d->from[last], d->length[last], delimiter))
        return RECORDS_MAX;
    for (size_t i = 0; i < last; i++) {
        if (2 * d->fields[i] > d->fields[last])
            return RECORDS_MAX;
    }
    return last;
}

/* How well a delimiter divides the sample: its count of fields when every whole record after a preamble
 * has as many, else 1. */
static size_t regular_fields(const char *sample, size_t n, bool whole, char delimiter)
{
    division d;
    size_t first;

    divide(sample, n, whole, delimiter, &d);
    first = d.records ? first_regular(sample, &d, delimiter) : RECORDS_MAX;
    return first == RECORDS_MAX ? 1 : d.fields[first];
}

/* Where the header begins: after blank lines and a preamble. */
static size_t find_header(const char *sample, size_t n, bool whole, char delimiter)
{
    division d;
    size_t first;

    divide(sample, n, whole, delimiter, &d);
    if (d.records == 0)
        return 0;
    first = first_regular(sample, &d, delimiter);
    return d.from[first == RECORDS_MAX ? 0 : first];
}

/* The place after `lines` newlines. */
static size_t after_lines(const char *sample, size_t n, size_t lines)
{
    size_t i = 0;

    while (i < n && lines)
        lines -= sample[i++] == '\n';
    return i;
}

static char tell_delimiter(const char *sample, size_t n, bool whole)
{
    static const char candidates[] = {',', ';', '\t', '|'};
    char best = ',';
    size_t most = 1, header;
    bool finished;

    for (size_t i = 0; i < sizeof candidates; i++) {
        size_t fields = regular_fields(sample, n, whole, candidates[i]);

        if (fields > most) {
            most = fields;
            best = candidates[i];
        }
    }
    /* No delimiter is regular: take the one that divides the header most, so that the record with
     * the wrong number of fields is reported instead of one long name. */
    for (size_t i = 0; most == 1 && i < sizeof candidates; i++) {
        record_end(sample, n, 0, candidates[i], &header, &finished);
        if (header > most) {
            most = header;
            best = candidates[i];
        }
    }
    return best;
}

/* Is s[0..n) a number with digits after the mark, like 1,5 or -,85? */
static bool has_fraction(const char *s, size_t n, char mark)
{
    size_t i = n && (s[0] == '-' || s[0] == '+'), digits = 0;

    while (i < n && s[i] >= '0' && s[i] <= '9')
        i++;
    if (i >= n || s[i++] != mark)
        return false;
    while (i < n && s[i] >= '0' && s[i] <= '9')
        i++, digits++;
    return i == n && digits > 0;
}

/* Is a number with a decimal comma, not a choice of two answers or a thousand, because nothing or a
 * zero stands before the comma? */
static bool is_below_one(const char *s, size_t n)
{
    if (n && (s[0] == '-' || s[0] == '+'))
        s++, n--;
    return n && (s[0] == ',' || (s[0] == '0' && n > 1 && s[1] == ','));
}

/* One mark for the whole file, from all cells of the sample. Where commas also divide the cells, only a
 * quoted "0,5" tells: a quoted "1,2" may be two answers and "1,234" a thousand; whoever needs such a
 * cell as a number is told to say --decimal. */
static vmap_status tell_decimal(const char *sample, size_t n, csv_dialect *dialect, vmap_error *err)
{
    size_t points = 0, commas = 0, sure = 0, from = dialect->preamble + dialect->header;
    bool quoted = false;
    for (size_t i = from; i <= n; i++) {
        if (i < n && sample[i] == '"')
            quoted = !quoted;
        if (i == n || (!quoted && (sample[i] == dialect->delimiter || sample[i] == '\n'))) {
            const char *cell = sample + from;
            size_t length = i - from;

            trim(&cell, &length);
            points += has_fraction(cell, length, '.');
            if (has_fraction(cell, length, ',')) {
                commas++;
                sure += is_below_one(cell, length);
            }
            from = i + 1;
        }
    }
    if (dialect->delimiter == ',') {
        dialect->decimal = sure && !points ? ',' : '.';
        return VMAP_SUCCESS;
    }
    if (points && commas)
        return vmap_error_set(err, VMAP_EDATA,
                              "numbers with decimal point (%zu cells) and with decimal comma (%zu "
                              "cells) stand in one file; say which it is with --decimal",
                              points, commas);
    dialect->decimal = commas ? ',' : '.';
    return VMAP_SUCCESS;
}

static vmap_status refuse(const char *sample, size_t n, bool whole, vmap_error *err)
{
    size_t i = 0;

    while (i < n && strchr(" \t\r\n", sample[i]) && sample[i])
        i++;
    if (i == n && whole)
        return vmap_error_set(err, VMAP_EPARSE, "the file is empty");
    if (memchr(sample, '\0', n))
        return vmap_error_set(err, VMAP_EPARSE,
                              "the file holds NUL bytes: it is no text file");
    return VMAP_SUCCESS;
}

/* Excel's first line "sep=;", quoted or not: its length with the line end, and the delimiter that it names; 0: there is none. */
static size_t named_delimiter(const char *sample, size_t n, char *delimiter)
{
    bool quoted = n && *sample == '"';
    size_t i = quoted;

    if (n < i + 5 || strncasecmp(sample + i, "sep=", 4) != 0 || !strchr(",;\t|", sample[i + 4]))
        return 0;
    *delimiter = sample[i + 4];
    i += 5;
    if (quoted && (i == n || sample[i++] != '"'))
        return 0;
    i += i < n && sample[i] == '\r';
    return i < n && sample[i] == '\n' ? i + 1 : 0;
}

vmap_status csv_sniff(const char *sample, size_t n, bool whole, const vmap_read_options *options,
                      csv_dialect *dialect, vmap_error *err)
{
    char delimiter = options->delimiter, named = 0;
    vmap_status status;
    size_t fields, end, first;
    bool finished;

    memset(dialect, 0, sizeof *dialect);
    dialect->mark = n >= 3 && memcmp(sample, "\xEF\xBB\xBF", 3) == 0;
    if (dialect->mark) {
        sample += 3;
        n -= 3;
    }
    status = refuse(sample, n, whole, err);
    if (status)
        return status;
    first = options->skip ? after_lines(sample, n, options->skip) : named_delimiter(sample, n, &named);
    if (!delimiter && !options->skip && first)
        delimiter = named;
    if (!delimiter)
        delimiter = tell_delimiter(sample + first, n - first, whole);
    dialect->preamble = options->skip ? first : first + find_header(sample + first, n - first, whole, delimiter);
    dialect->delimiter = delimiter;
    end = record_end(sample, n, dialect->preamble, delimiter, &fields, &finished);
    if (!finished && !whole)
        return vmap_error_set(err, VMAP_EPARSE,
                              "the header does not end within %zu bytes: a quote is not closed, or "
                              "this is no table",
                              n);
    dialect->header = end - dialect->preamble;
    for (size_t i = 0; i < dialect->preamble; i++)
        dialect->preamble_lines += sample[i] == '\n';
    for (size_t i = dialect->preamble; i < end; i++)
        dialect->header_lines += sample[i] == '\n';
    dialect->crlf = dialect->header >= 2 && sample[end - 2] == '\r';
    dialect->decimal = options->decimal;
    return dialect->decimal ? VMAP_SUCCESS : tell_decimal(sample, n, dialect, err);
}
