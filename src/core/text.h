#ifndef CORE_TEXT_H
#define CORE_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/* Text helpers of the library itself; not exported. */

/* Copy `from` to `to` (size bytes, always terminated) with everything made harmless that could drive
 * a terminal or break a line: control characters, C1 codes, bidirectional controls and line
 * separators become U+FFFD, as does invalid UTF-8; tabs and newlines become spaces. What does not
 * fit ends in "..." at a character boundary. */
void text_clean(char *to, size_t size, const char *from);

/* Length in bytes of the valid UTF-8 character at `s` (n bytes are there), its code point in `code`;
 * 0 when the bytes are not UTF-8. */
size_t text_utf8(const char *s, size_t n, unsigned *code);

/* Number of terminal columns of a UTF-8 string; combining marks count 0, wide East Asian
 * characters 2. */
size_t text_width(const char *s);

/* A fresh copy of n bytes, terminated; NULL when memory is short. */
char *text_copy(const char *s, size_t n);

/* printf into fresh memory; NULL when memory is short. */
char *text_format(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The word for n things: `one` ("item has") or `many` ("items have"). */
const char *text_plural(size_t n, const char *one, const char *many);

/* Parse the whole of s[0..n) as a decimal number: optional sign, digits with at most one `mark`
 * ('.' or ','), optional exponent; no hexadecimal, no infinity, no grouping, no locale. Blanks are
 * not allowed. Correctly rounded. Returns false when it is anything else. */
bool text_number(const char *s, size_t n, char mark, double *value);

/* n bytes of UTF-8 in a form in which spellings of the same words are equal: compatibility-composed and
 * case-folded (Unicode NFKC_Casefold), every kind of apostrophe the same, blanks trimmed and runs of them
 * one space. Fresh memory; NULL when memory is short or the bytes are not UTF-8. */
char *text_fold(const char *s, size_t n);

/* The name in `names` nearest to `word` (edit distance at most 2 and less than half the word), or
 * NULL: for "did you mean". */
const char *text_nearest(const char *word, const char *const *names, size_t count);

#endif
