#include <config.h>
#include "figure/script.h"

#include <math.h>
#include <string.h>

#include "core/text.h"

enum { MOST_CHARACTERS = 200 };

/* Characters that a figure must not carry: controls, line separators, bidirectional formatting,
 * invisible format characters, and what XML 1.0 forbids. Zero-width (non-)joiners stay: Persian and
 * Sinhala spell with them. */
static bool is_unwanted(unsigned c)
{
    return c < 0x20 || (c >= 0x7F && c <= 0x9F) || c == 0xAD || c == 0x61C || c == 0x200B ||
           c == 0x200E || c == 0x200F || (c >= 0x2028 && c <= 0x202E) ||
           (c >= 0x2060 && c <= 0x206F) || c == 0xFEFF || (c >= 0xFFF9 && c <= 0xFFFB) ||
           (c >= 0xFDD0 && c <= 0xFDEF) || (c & 0xFFFE) == 0xFFFE || (c >= 0xE0000 && c <= 0xE0FFF);
}

/* The byte sequences that the svg terminal would pass on as markup are broken by a blank. */
static bool needs_blank(const char *to, size_t used, char next)
{
    return (next == '#' && used >= 1 && to[used - 1] == '&') ||
           (next == '>' && used >= 2 && to[used - 1] == ']' && to[used - 2] == ']');
}

void script_clean(char to[SCRIPT_TEXT], const char *from)
{
    size_t n = from ? strlen(from) : 0, used = 0, characters = 0;

    for (size_t i = 0; i < n;) {
        unsigned code = 0;
        size_t length = text_utf8(from + i, n - i, &code);
        const char *source = from + i;
        size_t add = length;

        if (length == 0) {
            source = "\xEF\xBF\xBD";
            add = 3;
        } else if (code == '\n' || code == '\t' || code == '\r') {
            source = " ";
        } else if (is_unwanted(code)) {
            i += length;
            continue;
        }
        i += length ? length : 1;
        if (characters + needs_blank(to, used, *source) >= MOST_CHARACTERS) {
            memcpy(to + used, "\xE2\x80\xA6", 3);
            used += 3;
            break;
        }
        if (needs_blank(to, used, *source)) {
            to[used++] = ' ';
            characters++;
        }
        memcpy(to + used, source, add);
        used += add;
        characters++;
    }
    to[used] = '\0';
}

static bool is_readable(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
           (c != '\0' && strchr(" .,-():;=/+", c) != NULL);
}

void script_string(buffer *b, const char *text)
{
    char clean[SCRIPT_TEXT];
    bool after_octal = false;

    script_clean(clean, text);
    buffer_put(b, "\"");
    for (const char *c = clean; *c; c++) {
        /* gnuplot reads on while digits follow, so that a digit after an octal byte must be one. */
        bool octal = !is_readable(*c) || (after_octal && *c >= '0' && *c <= '9');

        if (octal)
            buffer_format(b, "\\%03o", (unsigned)(unsigned char)*c);
        else
            buffer_bytes(b, c, 1);
        after_octal = octal;
    }
    buffer_put(b, "\"");
}

void script_comment(buffer *b, const char *text)
{
    char clean[SCRIPT_TEXT];

    script_clean(clean, text);
    for (char *c = clean; *c; c++) {
        if (*c == '\\' || *c == '`' || *c == '$' || *c == '@')
            *c = '?';
    }
    buffer_put(b, "# ");
    buffer_put(b, clean);
    buffer_put(b, "\n");
}

void script_number(buffer *b, double x)
{
    char text[32];

    if (fabs(x) < 1e-12)
        x = 0;
    number_text(text, x, 6);
    buffer_put(b, text);
}

bool script_name_fits(const char *name)
{
    size_t n = strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-");

    return n >= 1 && n <= 100 && name[n] == '\0' && *name != '.' && *name != '-';
}

void script_open(buffer *b, const script_head *head)
{
    buffer_put(b, "# ");
    buffer_put(b, head->what);
    buffer_format(b,
                  "\n#   gnuplot %s.gp                    makes %s.pdf\n"
                  "#   gnuplot -e \"TERM='svg'\" %s.gp    makes %s.svg; TERM='png' makes %s.png\n",
                  head->name, head->name, head->name, head->name, head->name);
    for (size_t i = 0; i < head->provenance_count; i++)
        script_comment(b, head->provenance[i]);
    buffer_format(b, "\nNAME = '%s'\nW = ", head->name);
    script_number(b, head->width);
    buffer_put(b, "; H = ");
    script_number(b, head->height);
    buffer_put(b, " # points\nFS = ");
    script_number(b, head->label);
    buffer_put(b, " # smallest text, points\n\n");
    buffer_put(b, figure_style);
    buffer_put(b, "\n");
}

void script_close(buffer *b)
{
    buffer_put(b, "unset output\n");
}

void script_block(buffer *b, const char *name)
{
    buffer_format(b, "$%s << EOD\n", name);
}

void script_row(buffer *b, double x, double y)
{
    script_number(b, x);
    buffer_put(b, " ");
    script_number(b, y);
    buffer_put(b, "\n");
}

void script_gap(buffer *b)
{
    buffer_put(b, "\n");
}

void script_end(buffer *b)
{
    buffer_put(b, "EOD\n");
}
