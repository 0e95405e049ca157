#ifndef VALUEMAP_PARSE_H
#define VALUEMAP_PARSE_H

#include <stddef.h>

#include "valuemap/codebook.h"
#include "valuemap/read.h"
#include "valuemap/table.h"

/* What a model's text answer means: a code, a reason why there is none, or nothing that can be told.
 *
 * Four forms are understood, the first that fits counts:
 *   1. an exact code: the whole answer is a whole number ("7", " 7 ", "-1", "7.0"), in the digits of whatever
 *      script (full-width, Arabic, Persian, Devanagari, Bengali, Thai);
 *   2. an exact label of a code ("Very important"), or a phrase for a missing answer ("I don't know", "refused",
 *      "keine Angabe"; src/data/phrases.c has them all), equal after Unicode NFKC_Casefold, with or without a full
 *      stop or exclamation mark;
 *   3. a whole number that the answer begins with, followed by punctuation or the end of the line ("7. I think
 *      so", "7) Agree", "**7** - rather"), or by the label of that code ("7 = Agree", "7 agree"). It is none
 *      - when another digit follows the punctuation, or one word and then a digit in the same line ("7.5",
 *        "7-8", "1, 2", "3, or 4");
 *      - when a hyphen binds it to a word ("7-ish"), or a slash to anything ("7/10");
 *      - when the label of another code follows ("1. Not important");
 *      - when the number before or after it stands further on as before an option: the answer repeats the list
 *        ("1. Agree 2. Disagree");
 *   4. a JSON object in which exactly one of the fields answer, value, code, response, rating, score, choice,
 *      option (in any case) stands and holds one of the forms 1 to 3; a field refusal that is not null, false or
 *      empty is a refusal.
 * Blanks around the answer (those of Unicode and a byte order mark, too), and quotes, emphasis (**7**) and a code
 * fence around the whole of it, are taken off. Everything else is VMAP_UNPARSABLE: a number is never picked out
 * of a sentence, nothing is rounded, cut to the scale or guessed.
 */

typedef struct vmap_answer_rules {
    const vmap_range *ranges; /* valid codes; NULL: every whole number is one */
    size_t ranges_count;
    const vmap_word *words; /* labels of codes, and texts with a reason */
    size_t words_count;
} vmap_answer_rules;

/* Parse n bytes of UTF-8 (need not be terminated). Returns VMAP_PRESENT with the code in *value, or why there is
 * none: VMAP_BLANK for an empty answer, VMAP_REFUSED and the reasons of phrases and words, VMAP_OUT_OF_RANGE for
 * a number that is no valid code (*value holds it) or no whole number, VMAP_UNPARSABLE. Without memory an answer
 * is VMAP_UNPARSABLE. *value is NaN where there is no number.
 * Cost: a few microseconds; proportional to the length and the number of words. */
vmap_reason vmap_answer_parse(const vmap_answer_rules *rules, const char *text, size_t n, double *value);

#endif
