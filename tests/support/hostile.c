#include <config.h>
#include "support/hostile.h"

#include <string.h>

#include "valuemap/rng.h"

const char *const hostile_strings[] = {
    "`touch canary`",
    "a\"`touch canary`\"",
    "\"; system('touch canary'); x=\"",
    "\"\nsystem(\"touch canary\")\n\"",
    "'; system('touch canary') #",
    "a'; system(\"touch canary\"); #",
    "''",
    "'",
    "\"",
    "\\",
    "\\\"",
    "abc\\",
    "\\\\\\",
    "\\140touch canary\\140",
    "\\x60touch canary\\x60",
    "EOD",
    "\nEOD\nsystem('touch canary')\n",
    "$hull1 << EOD",
    "EOD\n!touch canary",
    "!touch canary",
    "< touch canary",
    "|touch canary",
    "| touch canary; cat",
    "@canary",
    "${IFS}touch",
    "$(touch canary)",
    "#",
    "# comment",
    "a # b",
    "{",
    "}",
    "{/:Bold x}",
    "{{{",
    "}}}{",
    "x_1^2~a{b}",
    "&{x}",
    "50%",
    "%s%s%s%n",
    "%d %g %h %l %c",
    "50%s",
    "%",
    "0451",
    "\x25"
    "0451",
    "7\"7",
    "&#60;script&#62;",
    "&lt;b&gt;",
    "&amp;",
    "&",
    "&#",
    "&#x0;",
    "<script>alert(1)</script>",
    "]]>",
    "<![CDATA[",
    "<!--",
    "-->",
    "<?xml version='1.0'?>",
    "</text></g></svg>",
    "\" onload=\"alert(1)",
    "' onclick='x",
    "\x1B[31mred\x1B[0m",
    "\x01\x02\x03",
    "\x7F",
    "tab\there",
    "line\nbreak",
    "carriage\rreturn",
    "\xC2\x85next line",
    "\xC2\x9B"
    "31m",
    "\xE2\x80\xA8line separator",
    "\xE2\x80\xAE"
    "desrever",
    "\xE2\x81\xA6isolate\xE2\x81\xA9",
    "\xEF\xBB\xBF"
    "bom",
    "\xEF\xBF\xBE",
    "\xEF\xBF\xBF",
    "\xED\xA0\x80",
    "\xC0\x80",
    "\xFF\xFE",
    "\xC3",
    "\xE2\x82",
    "\xF0\x9F\x98",
    "\xF4\x90\x80\x80",
    "\xF0\x9F\x98\x80 smile",
    "T\xC3\xBCrkiye",
    "C\xC3\xB4te d'Ivoire",
    "S\xC3\xA3o Tom\xC3\xA9 & Pr\xC3\xADncipe",
    "\xE6\x97\xA5\xE6\x9C\xAC",
    "\xED\x95\x9C\xEA\xB5\xAD",
    "\xE4\xB8\xAD\xE5\x9B\xBD",
    "\xD0\xA0\xD0\xBE\xD1\x81\xD1\x81\xD0\xB8\xD1\x8F",
    "\xCE\x95\xCE\xBB\xCE\xBB\xCE\xAC\xCE\xB4\xCE\xB1",
    "\xD9\x85\xD8\xB5\xD8\xB1",
    "\xD7\x99\xD7\xA9\xD7\xA8\xD7\x90\xD7\x9C",
    "\xE0\xA4\xAD\xE0\xA4\xBE\xE0\xA4\xB0\xE0\xA4\xA4",
    "\xE0\xB9\x84\xE0\xB8\x97\xE0\xB8\xA2",
    "\xE1\x8A\xA2\xE1\x89\xB5\xE1\x8B\xAE\xE1\x8C\xB5\xE1\x8B\xAB",
    "e\xCC\x81\xCC\x81\xCC\x81",
    "NaN",
    "inf",
    "-1e308",
    "NA",
    " leading and trailing ",
    "",
};
const size_t hostile_count = sizeof hostile_strings / sizeof *hostile_strings;

void hostile_random(gsl_rng *rng, char *text, size_t size)
{
    static const char special[] = "`\"'\\{}$@#%&<>|!;^_~\n\r\t()[]0123456789abcdef EOD";
    size_t used = 0, pieces = 1 + vmap_rng_below(rng, 12);

    for (size_t i = 0; i < pieces && used + 1 < size; i++) {
        size_t kind = vmap_rng_below(rng, 4);

        if (kind == 0) {
            const char *piece = hostile_strings[vmap_rng_below(rng, hostile_count)];
            size_t n = strlen(piece);

            if (n > size - 1 - used)
                n = size - 1 - used;
            memcpy(text + used, piece, n);
            used += n;
        } else if (kind == 1) {
            text[used++] = (char)(1 + vmap_rng_below(rng, 255));
        } else {
            text[used++] = special[vmap_rng_below(rng, sizeof special - 1)];
        }
    }
    text[used] = '\0';
}
