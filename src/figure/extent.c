#include <config.h>
#include "figure/layout.h"

#include <math.h>
#include <string.h>

#include "core/text.h"

/* Advance widths of Helvetica and Helvetica-Bold in thousandths of an em, U+0020 to U+007E, from
 * the Adobe core font metrics; Arial, Liberation Sans and Nimbus Sans have the same. */
static const short regular[95] = {
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333,  278, 278, 556, 556, 556,
    556, 556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556, 1015, 667, 667, 722, 722, 667,
    611, 778, 722, 278, 500, 667, 556, 833, 722, 778, 667, 778, 722, 667,  611, 722, 667, 944, 667,
    667, 611, 278, 278, 278, 469, 556, 333, 556, 556, 500, 556, 556, 278,  556, 556, 222, 222, 500,
    222, 833, 556, 556, 556, 556, 333, 500, 278, 556, 500, 722, 500, 500,  500, 334, 260, 334, 584};
static const short bold_face[95] = {
    278, 333, 474, 556, 556, 889, 722, 238, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556,
    556, 556, 556, 556, 556, 556, 556, 333, 333, 584, 584, 584, 611, 975, 722, 722, 722, 722, 667,
    611, 778, 722, 278, 556, 722, 611, 833, 722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667,
    667, 611, 333, 278, 333, 584, 556, 333, 556, 611, 556, 611, 556, 333, 611, 611, 278, 278, 556,
    278, 889, 611, 611, 611, 611, 389, 556, 333, 611, 556, 778, 556, 556, 500, 389, 280, 389, 584};

/* For each of U+00C0 to U+017F the ASCII character of the same or nearly the same width: the base
 * letter where there is one. */
static const char base[] = "AAAAAA@CEEEEIIIIDNOOOOO+OUUUUYPTaaaaaa%ceeeeiiiidnooooo+ouuuuypy"
                           "AaAaAaCcCcCcCcDdDdEeEeEeEeEeGgGgGgGgHhHhIiIiIiIiIiHcJjKkkLlLlLlL"
                           "rLlNnNnNnTNnOoOoOo@WRrRrRrSsSsSsSsTtTtTtUuUuUuUuUuUuWwYyYZzZzZzl";
_Static_assert(sizeof base == 193, "one character for each of U+00C0 to U+017F");

static const char ellipsis[] = "\xE2\x80\xA6";

/* Width of one character in thousandths of an em; `s` holds its `length` bytes. */
static double character_width(const char *s, size_t length, unsigned code, bool bold)
{
    const short *face = bold ? bold_face : regular;
    char one[8] = "";
    size_t columns;

    if (code >= 0xC0 && code <= 0x17F)
        code = (unsigned char)base[code - 0xC0];
    if (code >= 0x20 && code <= 0x7E)
        return face[code - 0x20];
    if (code == 0x2013)
        return 556;
    if (code == 0x2014 || code == 0x2026 || (code >= 0x2190 && code <= 0x2193))
        return 1000;
    if (code == 0x2212)
        return 584;
    if (code == 0xB7 || code == 0xA0)
        return 278;
    memcpy(one, s, length);
    columns = text_width(one);
    return columns == 0 ? 0 : columns == 2 ? 1000 : 600;
}

static size_t next_character(const char *s, size_t n, unsigned *code)
{
    size_t length = text_utf8(s, n, code);

    if (length == 0) {
        *code = '?';
        return 1;
    }
    return length;
}

static double width_of(const char *text, size_t n, double size, bool bold)
{
    double width = 0;

    for (size_t i = 0; i < n;) {
        unsigned code;
        size_t length = next_character(text + i, n - i, &code);

        width += character_width(text + i, length, code, bold);
        i += length;
    }
    return width * size / 1000;
}

extent extent_of(const char *text, double size, bool bold)
{
    /* gnuplot puts the middle of the capitals 0.02 em (svg) to -0.04 em (cairo) from the given
     * place; capitals are 0.72 em high, descenders go 0.21 em below the line. */
    extent e = {width_of(text, strlen(text), size, bold), .37 * size, .39 * size};
    size_t n = strlen(text);

    for (size_t i = 0; i < n;) {
        unsigned code;
        size_t length = next_character(text + i, n - i, &code);

        if (strchr("gjpqyQ,;()[]{}|_@", (int)(code < 0x80 ? code : 'x')))
            e.down = fmax(e.down, .59 * size);
        if (code >= 0xC0)
            e.up = fmax(e.up, .5 * size);
        if (code > 0x17F && code < 0x2000)
            e.down = fmax(e.down, .59 * size);
        i += length;
    }
    return e;
}

bool extent_fit(char *text, double size, bool bold, double width)
{
    size_t n = strlen(text), kept = 0;
    double used = width_of(ellipsis, sizeof ellipsis - 1, size, bold);

    if (width_of(text, n, size, bold) <= width)
        return false;
    for (size_t i = 0; i < n;) {
        unsigned code;
        size_t length = next_character(text + i, n - i, &code);

        used += character_width(text + i, length, code, bold) * size / 1000;
        if (used > width)
            break;
        i += length;
        if (code != ' ')
            kept = i;
    }
    memcpy(text + kept, ellipsis, sizeof ellipsis);
    return true;
}

size_t extent_line(const char *text, double size, bool bold, double width)
{
    size_t n = strlen(text), fits = 0;

    for (size_t i = 0; i <= n; i++) {
        if (text[i] != ' ' && text[i] != '\0')
            continue;
        if (fits > 0 && width_of(text, i, size, bold) > width)
            break;
        fits = i;
        if (width_of(text, i, size, bold) > width)
            break;
    }
    return fits ? fits : n;
}

bool extent_is_unusual(const char *text)
{
    /* What the smallest font of these widths has (Liberation Sans), and what takes no glyph. */
    static const unsigned ranges[][2] = {
        {0x20, 0x7E},     {0xA0, 0x17F},    {0x218, 0x21B},   {0x384, 0x386},   {0x388, 0x38A},
        {0x38C, 0x38C},   {0x38E, 0x3A1},   {0x3A3, 0x3CE},   {0x400, 0x45F},   {0x490, 0x491},
        {0x200C, 0x200D}, {0x2010, 0x2011}, {0x2013, 0x2015}, {0x2017, 0x201E}, {0x2020, 0x2022},
        {0x2026, 0x2026}, {0x2030, 0x2030}, {0x2032, 0x2033}, {0x2039, 0x203A}, {0x20AC, 0x20AC},
        {0x2122, 0x2122}, {0x2190, 0x2195}, {0x2212, 0x2212}, {0x2264, 0x2265}};
    size_t n = strlen(text);

    for (size_t i = 0; i < n;) {
        unsigned code;
        bool known = false;

        i += next_character(text + i, n - i, &code);
        for (size_t k = 0; k < sizeof ranges / sizeof *ranges; k++)
            known = known || (code >= ranges[k][0] && code <= ranges[k][1]);
        if (!known)
            return true;
    }
    return false;
}
