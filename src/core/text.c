#include <config.h>
#include "core/text.h"

#include <math.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <utf8proc.h>

size_t text_utf8(const char *s, size_t n, unsigned *code)
{
    const unsigned char *b = (const unsigned char *)s;
    size_t length = 0;
    unsigned c;

    if (n == 0)
        return 0;
    if (b[0] < 0x80) {
        *code = b[0];
        return 1;
    }
    if (b[0] >= 0xC2 && b[0] <= 0xDF)
        length = 2;
    else if (b[0] >= 0xE0 && b[0] <= 0xEF)
        length = 3;
    else if (b[0] >= 0xF0 && b[0] <= 0xF4)
        length = 4;
    if (length == 0 || n < length)
        return 0;
    c = b[0] & (0xFFu >> (length + 1));
    for (size_t i = 1; i < length; i++) {
        if ((b[i] & 0xC0) != 0x80)
            return 0;
        c = c << 6 | (b[i] & 0x3F);
    }
    if ((length == 3 && (c < 0x800 || (c >= 0xD800 && c <= 0xDFFF))) ||
        (length == 4 && (c < 0x10000 || c > 0x10FFFF)))
        return 0;
    *code = c;
    return length;
}

/* Characters that move the cursor, reorder or end a line. */
static bool is_control(unsigned c)
{
    return c < 0x20 || (c >= 0x7F && c <= 0x9F) || (c >= 0x200B && c <= 0x200F) ||
           (c >= 0x2028 && c <= 0x202E) || (c >= 0x2060 && c <= 0x206F) || c == 0xFEFF ||
           c == 0x061C || (c >= 0xFFF9 && c <= 0xFFFB);
}

void text_clean(char *to, size_t size, const char *from)
{
    static const char replacement[] = "\xEF\xBF\xBD";
    size_t n = strlen(from), used = 0, fits = 0;

    if (size < 4) {
        if (size)
            *to = '\0';
        return;
    }
    for (size_t i = 0; i < n;) {
        unsigned code = 0;
        size_t length = text_utf8(from + i, n - i, &code), add = length;
        const char *source = from + i;

        if (code == '\t' || code == '\n') {
            source = " ";
        } else if (length == 0 || is_control(code)) {
            source = replacement;
            add = sizeof replacement - 1;
        }
        if (used + add >= size) {
            memcpy(to + fits, "...", 4);
            return;
        }
        memcpy(to + used, source, add);
        used += add;
        if (used + 4 <= size)
            fits = used;
        i += length ? length : 1;
    }
    to[used] = '\0';
}

static bool is_wide(unsigned c)
{
    return (c >= 0x1100 && c <= 0x115F) || (c >= 0x2E80 && c <= 0xA4CF) ||
           (c >= 0xAC00 && c <= 0xD7A3) || (c >= 0xF900 && c <= 0xFAFF) ||
           (c >= 0xFE30 && c <= 0xFE6F) || (c >= 0xFF00 && c <= 0xFF60) ||
           (c >= 0x1F300 && c <= 0x1F64F) || (c >= 0x1F680 && c <= 0x1F6FF) ||
           (c >= 0x1F900 && c <= 0x1F9FF) || (c >= 0x20000 && c <= 0x3FFFD);
}

size_t text_width(const char *s)
{
    size_t n = strlen(s), width = 0;

    for (size_t i = 0; i < n;) {
        unsigned code = 0;
        size_t length = text_utf8(s + i, n - i, &code);

        if (length == 0)
            length = 1, width++;
        else if (is_wide(code))
            width += 2;
        else if (!(code >= 0x300 && code <= 0x36F))
            width++;
        i += length;
    }
    return width;
}

char *text_copy(const char *s, size_t n)
{
    char *copy = malloc(n + 1);

    if (!copy)
        return NULL;
    memcpy(copy, s, n);
    copy[n] = '\0';
    return copy;
}

const char *text_plural(size_t n, const char *one, const char *many)
{
    return n == 1 ? one : many;
}

char *text_format(const char *format, ...)
{
    va_list args;
    char *text = NULL;
    int length;

    va_start(args, format);
    length = vasprintf(&text, format, args);
    va_end(args);
    return length < 0 ? NULL : text;
}

/* Powers of ten that a double holds exactly. */
static const double exact_power[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                     1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                     1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

/* The rare number whose digits do not fit the exact path: hand a '.'-spelled copy to the correctly
 * rounding strtod. The copy is checked decimal text, and its mark is the locale's own. */
static bool slow_number(const char *s, size_t n, char mark, double *value)
{
    char copy[400], shown[8];
    char *end = NULL;

    if (n >= sizeof copy)
        return false;
    memcpy(copy, s, n);
    copy[n] = '\0';
    snprintf(shown, sizeof shown, "%.1f", 0.5);
    for (char *c = copy; *c; c++) {
        if (*c == mark)
            *c = shown[1];
    }
    *value = strtod(copy, &end);
    return end == copy + n && isfinite(*value);
}

bool text_number(const char *s, size_t n, char mark, double *value)
{
    uint64_t digits = 0;
    size_t i = 0, seen = 0, kept = 0;
    int exponent = 0;
    bool negative = false, point = false;

    if (i < n && (s[i] == '-' || s[i] == '+'))
        negative = s[i++] == '-';
    for (; i < n; i++) {
        if (s[i] == mark && !point) {
            point = true;
        } else if (s[i] >= '0' && s[i] <= '9') {
            seen++;
            if (digits || s[i] != '0')
                kept++;
            if (kept <= 19)
                digits = digits * 10 + (uint64_t)(s[i] - '0');
            exponent -= point;
        } else {
            break;
        }
    }
    if (seen == 0)
        return false;
    if (i < n && (s[i] == 'e' || s[i] == 'E')) {
        int written = 0, sign = 1;
        size_t first;

        i++;
        if (i < n && (s[i] == '-' || s[i] == '+'))
            sign = s[i++] == '-' ? -1 : 1;
        for (first = i; i < n && s[i] >= '0' && s[i] <= '9'; i++) {
            if (written < 100000)
                written = written * 10 + (s[i] - '0');
        }
        if (i == first)
            return false;
        exponent += sign * written;
    }
    if (i != n)
        return false;
    if (digits >= (UINT64_C(1) << 53) || kept > 19 || exponent < -22 || exponent > 22)
        return slow_number(s, n, mark, value);
    *value = exponent < 0 ? (double)digits / exact_power[-exponent]
                          : (double)digits * exact_power[exponent];
    if (negative)
        *value = -*value;
    return true;
}

/* Copy the text with every kind of apostrophe as ': folding would make a space of some. */
static size_t straighten(char *to, const char *s, size_t n)
{
    static const char *const apostrophes[] = {"\xE2\x80\x98", "\xE2\x80\x99", "\xCA\xBC", "\xC2\xB4",
                                              "`"};
    size_t used = 0, i = 0;

    while (i < n) {
        size_t k = 0, length = 1, known = sizeof apostrophes / sizeof *apostrophes;

        for (; k < known; k++) {
            length = strlen(apostrophes[k]);
            if (n - i >= length && memcmp(s + i, apostrophes[k], length) == 0)
                break;
        }
        to[used++] = k < known ? '\'' : s[i];
        i += k < known ? length : 1;
    }
    return used;
}

static void squeeze(char *s)
{
    size_t used = 0;

    for (size_t i = 0; s[i]; i++) {
        bool blank = strchr(" \t\r\n\v\f", s[i]) != NULL;

        if (!blank)
            s[used++] = s[i];
        else if (used && s[used - 1] != ' ')
            s[used++] = ' ';
    }
    s[used - (used && s[used - 1] == ' ')] = '\0';
}

char *text_fold(const char *s, size_t n)
{
    utf8proc_uint8_t *folded = NULL;
    char *plain = malloc(n + 1);
    size_t used;

    if (!plain)
        return NULL;
    used = straighten(plain, s, n);
    if (utf8proc_map((const utf8proc_uint8_t *)plain, (utf8proc_ssize_t)used, &folded,
                     UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_COMPAT | UTF8PROC_CASEFOLD |
                         UTF8PROC_IGNORE) < 0)
        folded = NULL;
    free(plain);
    if (folded)
        squeeze((char *)folded);
    return (char *)folded;
}

static size_t distance(const char *a, const char *b)
{
    size_t n = strlen(b), row[64];

    if (n >= sizeof row / sizeof *row)
        return SIZE_MAX;
    for (size_t j = 0; j <= n; j++)
        row[j] = j;
    for (size_t i = 1; *a; i++, a++) {
        size_t diagonal = row[0];

        row[0] = i;
        for (size_t j = 1; j <= n; j++) {
            size_t best = diagonal + (*a != b[j - 1]);

            diagonal = row[j];
            if (row[j - 1] + 1 < best)
                best = row[j - 1] + 1;
            if (row[j] + 1 < best)
                best = row[j] + 1;
            row[j] = best;
        }
    }
    return row[n];
}

const char *text_nearest(const char *word, const char *const *names, size_t count)
{
    const char *nearest = NULL;
    size_t best = 3;

    for (size_t i = 0; i < count; i++) {
        size_t d = distance(word, names[i]);

        if (d < best && 2 * d < strlen(word)) {
            best = d;
            nearest = names[i];
        }
    }
    return nearest;
}
