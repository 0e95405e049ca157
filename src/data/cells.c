#include <config.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/text.h"
#include "data/encoding.h"
#include "data/parse.h"
#include "data/reader_internal.h"
#include "data/table_internal.h"

/* The text of a cell becomes a code, a number, a text or the reason why there is none: one way for all formats. */

static vmap_status refuse_text(const vmap_reader *r, const wish *w, const char *text, size_t n,
                               size_t line, vmap_error *err)
{
    char shown[64];

    snprintf(shown, sizeof shown, "%.*s", (int)(n < 60 ? n : 60), text);
    vmap_error_set(err, VMAP_EDATA, "'%s' is not a number%s%s%s; %s", shown,
                   r->decimal == ',' ? " with decimal comma" : "",
                   w->allowed ? "; allowed are " : "", w->allowed ? w->allowed : "",
                   memchr(text, ',', n) || memchr(text, '.', n)
                       ? "if the decimal mark was not recognised, force it with --decimal"
                       : "to count text as missing, use --text missing, to parse answers of models --answers text");
    vmap_error_place(err, r->path, line, 0, r->names[w->field]);
    return VMAP_EDATA;
}

/* Spellings of an empty cell in a column of numbers. */
static bool is_blank(const vmap_reader *r, const char *text, size_t n)
{
    static const char *const words[] = {"NA",   "NaN",  "nan",  ".",   "N/A",     "n/a", "NULL",
                                        "null", "None", "<NA>", "#N/A", "#NULL!", "-",   "--"};

    if (n == 0)
        return true;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (strlen(words[i]) == n && memcmp(words[i], text, n) == 0)
            return true;
    }
    for (size_t i = 0; i < r->options.blanks_count; i++) {
        if (strlen(r->options.blanks[i]) == n && memcmp(r->options.blanks[i], text, n) == 0)
            return true;
    }
    return false;
}

/* The word that a text is: as it stands, or when folded. Labels that two codes share are none. */
static const known_word *find_word(const wish *w, const char *text, size_t n, const char *folded)
{
    const known_word *found = NULL;

    for (size_t i = 0; i < w->words_count; i++) {
        const known_word *word = &w->words[i];

        if (folded ? strcmp(word->folded, folded) != 0
                   : strlen(word->text) != n || memcmp(word->text, text, n) != 0)
            continue;
        if (found && (found->value != word->value || found->why != word->why))
            return NULL;
        found = word;
    }
    return found;
}

/* Is a folded text a label or a phrase? For the parser of text answers. */
static bool look_up(const void *context, const char *folded, double *value, vmap_reason *why)
{
    const known_word *word = find_word(context, NULL, 0, folded);

    if (!word)
        return reader_phrase(folded, why);
    *value = word->value;
    *why = word->why;
    return true;
}

/* A code with the file's decimal comma, which the parser takes for a list: 2,0. */
static bool comma_code(const vmap_reader *r, const char *text, size_t n, double *value)
{
    return r->decimal == ',' && text_number(text, n, ',', value) && *value == floor(*value) && !memchr(text, 'e', n) &&
           !memchr(text, 'E', n);
}

vmap_reason reader_judge_text(const vmap_reader *r, const wish *w, const char *text, size_t n, double *value)
{
    const known_word *word = find_word(w, text, n, NULL);
    vmap_reason why = VMAP_UNPARSABLE;
    char *folded;

    *value = NAN;
    if (!word && is_blank(r, text, n))
        return VMAP_BLANK;
    folded = word ? NULL : text_fold(text, n);
    if (folded && !look_up(w, folded, value, &why))
        why = VMAP_UNPARSABLE;
    free(folded);
    if (word) {
        *value = word->value;
        why = word->why;
    }
    if (why == VMAP_UNPARSABLE && r->options.text_answers)
        why = comma_code(r, text, n, value) ? VMAP_PRESENT : answer_parse(text, n, look_up, w, value);
    return why;
}

/* A text in a column of numbers: a label, a phrase for a missing answer, or something else. */
static vmap_status put_text(const vmap_reader *r, vmap_table *table, size_t column, const char *text,
                            size_t n, size_t line, vmap_error *err)
{
    const wish *w = &r->wishes[column];
    double value;
    vmap_reason why = reader_judge_text(r, w, text, n, &value);

    if (why == VMAP_PRESENT)
        return vmap_table_push_number(table, column, value, err);
    if (why == VMAP_UNPARSABLE && !r->options.text_answers && !r->options.text_is_missing)
        return refuse_text(r, w, text, n, line, err);
    return vmap_table_push_missing(table, column, why, err);
}

static vmap_status refuse_bytes(const vmap_reader *r, const wish *w, const char *what, size_t line,
                                vmap_error *err)
{
    vmap_error_set(err, VMAP_EPARSE, "%s", what);
    vmap_error_place(err, r->path, line, 0, r->names[w->field]);
    return VMAP_EPARSE;
}

vmap_status reader_put_cell(const vmap_reader *r, vmap_table *table, size_t column, const char *text,
                            size_t n, size_t line, vmap_error *err)
{
    const wish *w = &r->wishes[column];
    double value;
    int code;

    if (w->kind == VMAP_CODES && reader_code(text, n, &code))
        return table_push_code(table, column, code, err);
    reader_trim(&text, &n);
    if (n && memchr(text, '\0', n))
        return refuse_bytes(r, w, "the cell holds a NUL byte", line, err);
    if (w->kind == VMAP_CODES && r->options.text_answers)
        return put_text(r, table, column, text, n, line, err);
    if (w->kind != VMAP_TEXTS)
        return text_number(text, n, r->decimal, &value)
                   ? vmap_table_push_number(table, column, value, err)
                   : put_text(r, table, column, text, n, line, err);
    if (n == 0)
        return vmap_table_push_missing(table, column, VMAP_BLANK, err);
    if (!encoding_valid(text, n))
        return refuse_bytes(r, w,
                            "the cell is not UTF-8; name the file's encoding with --encoding, such as "
                            "latin1 or windows-1252",
                            line, err);
    return vmap_table_push_text(table, column, text, n, err);
}
