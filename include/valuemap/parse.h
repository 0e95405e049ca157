#ifndef VALUEMAP_PARSE_H
#define VALUEMAP_PARSE_H

#include <stddef.h>

#include "valuemap/codebook.h"
#include "valuemap/read.h"
#include "valuemap/table.h"

/* What a model's text answer means: a code, a reason why there is none, or nothing that can be told.
 *
 * Four forms are understood, the first that fits counts:
 *   1. an exact code: the whole answer is a whole number ("7", " 7 ", "-1", "7.0");
 *   2. an exact label of a code ("Very important"), or a phrase for a missing answer ("I don't know",
 *      "refused"), equal after Unicode NFKC_Casefold, with or without a full stop;
 *   3. a whole number that the answer begins with, followed by punctuation or the end of the line ("7. I
 *      think so", "7) Agree", "7 - rather"), unless another digit follows the punctuation: "7.5", "7-8",
 *      "7/10" and "1, 2" are no answers, nor is "7 out of 10", nor "1. Not important" where that is the label
 *      of another code;
 *   4. a JSON object in which exactly one of the fields answer, value, code, response, rating, score, choice,
 *      option stands and holds one of the forms 1 to 3; a field refusal that is not null is a refusal.
 * Blanks around the answer, and quotes, emphasis (**7**) and a code fence around the whole of it, are taken
 * off. Everything else is VMAP_UNPARSABLE: a number is never picked out of a sentence, nothing is rounded, cut
 * to the scale or guessed.
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
