#include <config.h>
#include "valuemap/parse.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <jansson.h>

#include "core/text.h"
#include "data/parse.h"
#include "data/reader_internal.h"

enum { DIGITS_MAX = 9, DEPTH_MAX = 2 };

typedef struct {
    answer_lookup *lookup;
    const void *context;
    int depth; /* of JSON in JSON */
} parser;

static vmap_reason parse_text(const parser *p, const char *text, size_t n, double *value);

/* ---- what stands around an answer ---- */

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* Length of the blank that s[0..n) begins or, with `at_end`, ends with; 0 when there is none. */
static size_t blank(const char *s, size_t n, bool at_end)
{
    static const char *const wide[] = {"\xC2\xA0",     "\xE2\x80\x8B", "\xE2\x80\xAF",
                                       "\xE2\x81\xA0", "\xE3\x80\x80", "\xEF\xBB\xBF"};

    if (n && is_space(at_end ? s[n - 1] : *s))
        return 1;
    for (size_t i = 0; i < sizeof wide / sizeof *wide; i++) {
        size_t m = strlen(wide[i]);

        if (n >= m && memcmp(at_end ? s + n - m : s, wide[i], m) == 0)
            return m;
    }
    return 0;
}

static void trim(const char **s, size_t *n)
{
    size_t m;

    while ((m = blank(*s, *n, false)) > 0)
        *s += m, *n -= m;
    while ((m = blank(*s, *n, true)) > 0)
        *n -= m;
}

/* Take off ``` fences with the word that may follow the first. */
static bool strip_fence(const char **s, size_t *n)
{
    const char *line;

    if (*n < 7 || memcmp(*s, "```", 3) != 0 || memcmp(*s + *n - 3, "```", 3) != 0)
        return false;
    line = memchr(*s, '\n', *n - 3);
    if (!line)
        line = *s + 2;
    *n -= (size_t)(line + 1 - *s) + 3;
    *s = line + 1;
    return true;
}

/* Take off one pair of quotes or marks of emphasis. */
static bool strip_pair(const char **s, size_t *n)
{
    static const char *const pairs[][2] = {{"**", "**"},
                                           {"\"", "\""},
                                           {"'", "'"},
                                           {"`", "`"},
                                           {"*", "*"},
                                           {"_", "_"},
                                           {"\xE2\x80\x9C", "\xE2\x80\x9D"},
                                           {"\xE2\x80\x98", "\xE2\x80\x99"},
                                           {"\xC2\xAB", "\xC2\xBB"},
                                           {"\xE2\x80\x9E", "\xE2\x80\x9C"}};

    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        size_t a = strlen(pairs[i][0]), b = strlen(pairs[i][1]);

        if (*n > a + b && memcmp(*s, pairs[i][0], a) == 0 && memcmp(*s + *n - b, pairs[i][1], b) == 0) {
            *s += a;
            *n -= a + b;
            return true;
        }
    }
    return false;
}

static void unwrap(const char **s, size_t *n)
{
    trim(s, n);
    while (strip_fence(s, n) || strip_pair(s, n))
        trim(s, n);
}

/* ---- numbers ---- */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* The value of a digit of another script (full-width, Arabic, Persian, Devanagari, Bengali, Thai) at s, and its
 * length; 0 when there is none. */
static size_t foreign_digit(const char *s, size_t n, char *digit)
{
    static const struct {
        const char *head;
        unsigned char zero;
    } scripts[] = {{"\xEF\xBC", 0x90}, {"\xD9", 0xA0}, {"\xDB", 0xB0},
                   {"\xE0\xA5", 0xA6}, {"\xE0\xA7", 0xA6}, {"\xE0\xB9", 0x90}};

    for (size_t i = 0; i < sizeof scripts / sizeof *scripts; i++) {
        size_t m = strlen(scripts[i].head);
        unsigned value = n > m ? (unsigned)(unsigned char)s[m] - scripts[i].zero : 10;

        if (value < 10 && memcmp(s, scripts[i].head, m) == 0) {
            *digit = (char)('0' + value);
            return m + 1;
        }
    }
    return 0;
}

/* A copy with all digits as 0 to 9. */
static char *plain_digits(const char *s, size_t n, size_t *length)
{
    char *plain = malloc(n + 1), digit = 0;

    *length = 0;
    for (size_t i = 0; plain && i < n;) {
        size_t m = foreign_digit(s + i, n - i, &digit);

        plain[(*length)++] = m ? digit : s[i];
        i += m ? m : 1;
    }
    return plain;
}

/* The whole number that s[0..n) begins with; returns its length, 0 when there is none. */
static size_t leading_number(const char *s, size_t n, double *value)
{
    size_t i = n && (s[0] == '-' || s[0] == '+'), digits = i;

    while (i < n && is_digit(s[i]))
        i++;
    return i > digits && i - digits <= DIGITS_MAX && text_number(s, i, '.', value) ? i : 0;
}

/* Length of the mark at s that is one of ASCII or of the wide ones; 0 when there is none. */
static size_t mark_of(const char *s, size_t n, const char *ascii, const char *const *wide, size_t count)
{
    if (n && *s && strchr(ascii, *s))
        return 1;
    for (size_t i = 0; i < count; i++) {
        if (n >= 3 && memcmp(s, wide[i], 3) == 0)
            return 3;
    }
    return 0;
}

/* En and em dash; full-width full stop, ideographic full stop and comma, full-width colon, comma, brackets; ellipsis. */
static const char *const wide_marks[] = {"\xE2\x80\x93", "\xE2\x80\x94", "\xEF\xBC\x8E", "\xE3\x80\x82", "\xE3\x80\x81",
                                         "\xEF\xBC\x9A", "\xEF\xBC\x8C", "\xEF\xBC\x89", "\xEF\xBC\x88", "\xE2\x80\xA6"};

static size_t punctuation(const char *s, size_t n)
{
    return mark_of(s, n, ".,:;!?)]}-(", wide_marks, sizeof wide_marks / sizeof *wide_marks);
}

/* ---- labels ---- */

/* Bytes of the full stop or exclamation mark that a text of n bytes ends with. */
static size_t full_stop(const char *s, size_t n)
{
    if (n && (s[n - 1] == '.' || s[n - 1] == '!'))
        return 1;
    return n >= 3 && memcmp(s + n - 3, "\xE3\x80\x82", 3) == 0 ? 3 : 0;
}

static bool look_up(const parser *p, const char *text, size_t n, double *value, vmap_reason *why)
{
    char *folded = text_fold(text, n);
    size_t length = folded ? strlen(folded) : 0, stop = full_stop(folded, length);
    bool found = folded && p->lookup(p->context, folded, value, why);

    if (folded && !found && stop) {
        folded[length - stop] = '\0';
        found = p->lookup(p->context, folded, value, why);
    }
    free(folded);
    return found;
}

/* ---- the forms ---- */

/* "**7** - I think so": a copy without the emphasis of the beginning; NULL when there is none. */
static char *plain_beginning(const char *s, size_t n, size_t *length)
{
    static const char *const marks[] = {"**", "__", "*", "_"};

    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
        size_t m = strlen(marks[i]), end = m;
        char *plain;

        if (n <= m || memcmp(s, marks[i], m) != 0)
            continue;
        while (end + m <= n && memcmp(s + end, marks[i], m) != 0)
            end++;
        plain = end + m <= n ? malloc(n) : NULL;
        if (!plain)
            return NULL;
        memcpy(plain, s + m, end - m);
        memcpy(plain + end - m, s + end + m, n - end - m);
        *length = n - 2 * m;
        return plain;
    }
    return NULL;
}

/* "7 = Agree", "7 (agree)", "7 agree": is what follows the number a label or phrase, of which code? */
static bool label_follows(const parser *p, const char *s, size_t n, double *value, vmap_reason *why)
{
    size_t m;

    do {
        trim(&s, &n);
        m = mark_of(s, n, ".,:;)]-(=|/", wide_marks, sizeof wide_marks / sizeof *wide_marks);
        s += m, n -= m;
    } while (m);
    if (n && s[n - 1] == ')' && !memchr(s, '(', n))
        n--;
    return n && look_up(p, s, n, value, why);
}

/* "or 4", "maybe 8": a word and then a number, in the same line. */
static bool number_after_word(const char *s, size_t n)
{
    size_t i = 0;

    while (i < n && !is_space(s[i]))
        i++;
    while (i < n && (s[i] == ' ' || s[i] == '\t'))
        i++;
    return i < n && is_digit(s[i]);
}

/* Does a number next to `number` stand further on as one stands before an option ("2. Agree")? Then the answer
 * repeats the list of options. */
static bool goes_on_listing(const char *s, size_t n, double number)
{
    bool open = false; /* in brackets a number may stand before the closing one: (from 1 to 4) */

    for (size_t i = 1; i < n; i++) {
        double other;
        size_t m;

        open = s[i - 1] == '(' || (open && s[i - 1] != ')');
        m = is_space(s[i - 1]) && is_digit(s[i]) ? leading_number(s + i, n - i, &other) : 0;

        if (!m || fabs(other - number) != 1)
            continue;
        m += i;
        while (m < n && s[m] == ' ')
            m++;
        if (mark_of(s + m, n - m, open ? ".:-=" : ".):-=", wide_marks, 3))
            return true;
    }
    return false;
}

/* "7. I think so" */
static vmap_reason parse_leading(const parser *p, const char *s, size_t n, double *value)
{
    double number, other = NAN;
    vmap_reason why = VMAP_PRESENT;
    size_t i = leading_number(s, n, &number), mark, blanks = 0;

    if (!i)
        return VMAP_UNPARSABLE;
    if (label_follows(p, s + i, n - i, &other, &why)) {
        *value = why == VMAP_PRESENT && other == number ? number : NAN; /* else it contradicts itself */
        return isnan(*value) ? VMAP_UNPARSABLE : VMAP_PRESENT;
    }
    while (i + blanks < n && (s[i + blanks] == ' ' || s[i + blanks] == '\t'))
        blanks++;
    i += blanks;
    mark = punctuation(s + i, n - i);
    if (!mark && !(i < n && (s[i] == '\n' || s[i] == '\r')))
        return VMAP_UNPARSABLE;
    if (mark && s[i] == '-' && !blanks && i + 1 < n && !is_space(s[i + 1]))
        return VMAP_UNPARSABLE; /* 7-ish, 3-to-4 */
    if (goes_on_listing(s + i, n - i, number))
        return VMAP_UNPARSABLE;
    i += mark;
    while (i < n && (s[i] == ' ' || s[i] == '\t' || s[i] == '('))
        i++;
    if (number_after_word(s + i, n - i))
        return VMAP_UNPARSABLE; /* 3, or 4 */
    s += i, n -= i;
    trim(&s, &n);
    if (n && is_digit(*s))
        return VMAP_UNPARSABLE; /* 7.5, 7-8, 1, 2 */
    *value = number;
    return VMAP_PRESENT;
}

static vmap_reason parse_beginning(const parser *p, const char *s, size_t n, double *value)
{
    size_t length;
    char *plain = plain_beginning(s, n, &length);
    vmap_reason why = plain ? parse_leading(p, plain, length, value) : parse_leading(p, s, n, value);

    free(plain);
    return why;
}

static vmap_reason parse_field(const parser *p, const json_t *field, double *value)
{
    parser deeper = *p;

    deeper.depth++;
    if (json_is_integer(field)) {
        *value = (double)json_integer_value(field);
        return VMAP_PRESENT;
    }
    if (json_is_real(field)) {
        *value = json_real_value(field);
        return *value == floor(*value) ? VMAP_PRESENT : VMAP_OUT_OF_RANGE;
    }
    if (json_is_string(field))
        return parse_text(&deeper, json_string_value(field), json_string_length(field), value);
    return json_is_null(field) ? VMAP_BLANK : VMAP_UNPARSABLE;
}

static bool is_answer_key(const char *key)
{
    static const char *const fields[] = {"answer", "value", "code", "response", "rating", "score", "choice",
                                         "option"};

    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        if (strcasecmp(fields[i], key) == 0)
            return true;
    }
    return false;
}

/* null, false and an empty text say that nothing was refused. */
static bool is_refusal(const json_t *field)
{
    return !json_is_null(field) && !json_is_false(field) && !(json_is_string(field) && !json_string_length(field));
}

/* {"answer": 7} */
static vmap_reason parse_object(const parser *p, const char *s, size_t n, double *value)
{
    json_t *object = json_loadb(s, n, JSON_REJECT_DUPLICATES, NULL), *field, *answer = NULL;
    vmap_reason why = VMAP_UNPARSABLE;
    size_t found = 0;
    const char *key;

    json_object_foreach(object, key, field) {
        if (is_answer_key(key)) {
            answer = field;
            found++;
        } else if (strcasecmp(key, "refusal") == 0 && is_refusal(field)) {
            why = VMAP_REFUSED;
        }
    }
    if (why != VMAP_REFUSED && found == 1)
        why = parse_field(p, answer, value);
    json_decref(object);
    return why;
}

static vmap_reason parse_text(const parser *p, const char *text, size_t n, double *value)
{
    vmap_reason why = VMAP_PRESENT;
    double number;

    *value = NAN;
    unwrap(&text, &n);
    if (n == 0)
        return VMAP_BLANK;
    if (text[0] == '{')
        return p->depth < DEPTH_MAX ? parse_object(p, text, n, value) : VMAP_UNPARSABLE;
    if (leading_number(text, n, &number) == n) {
        *value = number;
        return VMAP_PRESENT;
    }
    if (look_up(p, text, n, &number, &why)) {
        *value = why == VMAP_PRESENT ? number : NAN;
        return why;
    }
    why = parse_beginning(p, text, n, value);
    if (why != VMAP_UNPARSABLE || !text_number(text, n, '.', &number))
        return why;
    *value = number; /* 2.0, as pandas writes a code in a column with gaps, is a code; 2.5 and 2e0 are none */
    return number == floor(number) && !memchr(text, 'e', n) && !memchr(text, 'E', n) ? VMAP_PRESENT : VMAP_OUT_OF_RANGE;
}

vmap_reason answer_parse(const char *text, size_t n, answer_lookup *lookup, const void *context, double *value)
{
    parser p = {.lookup = lookup, .context = context};
    bool ascii = true;
    char *plain;
    vmap_reason why;

    for (size_t i = 0; ascii && i < n; i++)
        ascii = (unsigned char)text[i] < 0x80;
    if (ascii)
        return parse_text(&p, text, n, value);
    *value = NAN;
    plain = plain_digits(text, n, &n);
    why = plain ? parse_text(&p, plain, n, value) : VMAP_UNPARSABLE;
    free(plain);
    return why;
}

/* ---- with rules ---- */

static bool is_valid(const vmap_answer_rules *rules, double value)
{
    for (size_t i = 0; i < rules->ranges_count; i++) {
        if (value >= rules->ranges[i].low && value <= rules->ranges[i].high)
            return true;
    }
    return !rules->ranges;
}

/* A text that two codes share is no label. */
static bool find_word(const void *context, const char *folded, double *value, vmap_reason *why)
{
    const vmap_answer_rules *rules = context;
    const vmap_word *found = NULL;

    for (size_t i = 0; i < rules->words_count; i++) {
        const vmap_word *word = &rules->words[i];
        char *text = text_fold(word->text, strlen(word->text));
        bool same = text && strcmp(text, folded) == 0;

        free(text);
        if (same && found && (found->value != word->value || found->why != word->why))
            return false;
        found = same ? word : found;
    }
    if (!found)
        return reader_phrase(folded, why);
    *value = found->value;
    *why = found->why;
    return true;
}

vmap_reason vmap_answer_parse(const vmap_answer_rules *rules, const char *text, size_t n, double *value)
{
    vmap_reason why = answer_parse(text, n, find_word, rules, value);

    return why == VMAP_PRESENT && !is_valid(rules, *value) ? VMAP_OUT_OF_RANGE : why;
}
