#ifndef VALUEMAP_READ_H
#define VALUEMAP_READ_H

#include <stdbool.h>
#include <stddef.h>

#include "valuemap/codebook.h"
#include "valuemap/error.h"
#include "valuemap/table.h"

/* Reading survey files column by column: open, look at the column names, say which are wanted, read.
 *
 * The format is told from the bytes, never from the name: CSV and its relatives; SPSS .sav, .zsav and .por,
 * Stata .dta, SAS .sas7bdat and .xpt; JSON Lines, an object a line (a missing key is a blank cell). Each may be packed (gzip, xz, zstd, bzip2, zip, tar). Columns
 * that nobody wants are never converted. The dialect of a CSV file (delimiter, decimal mark, byte order mark,
 * line ends) is detected once per file and can be described and forced. docs/files.md says more.
 *
 * Packed files and files of statistical packages are parsed in a child process that can do nothing but
 * compute: a hostile file costs a message. Unpacking is bounded.
 */

typedef struct vmap_read_options {
    char delimiter;       /* 0: detect among comma, semicolon, tab and |; no quote, no line end */
    char decimal;         /* 0: detect '.' or ',' */
    bool text_is_missing; /* text in a numeric cell that is no known label or phrase: false (default) is
                             an error, true counts it as VMAP_UNPARSABLE */
    unsigned threads;     /* 0: one per processor; table and errors do not depend on it [0] */
    const char *encoding; /* of texts, a name that iconv knows; NULL: what the file says, or detect UTF-8,
                             UTF-16 and Windows-1252 (a superset of Latin-1) [NULL] */
    size_t skip;          /* lines before the header; 0: detect them, at most 79 [0] */
    size_t max_errors;    /* how many faults of the data are collected before reading stops [0: 1] */
    bool text_answers;    /* text where a number must be is a text answer of a model and is parsed as of
                             valuemap/parse.h: what is none counts as VMAP_UNPARSABLE, and nothing is an
                             error [false] */
    const char *const *map; /* of JSON Lines: "COLUMN=path.to.field"; keys and numbers of elements with dots
                             between them, [] for every element, each of which becomes a row [the keys of the
                             objects; for the output of a batch of the OpenAI API: custom_id, model, choice, raw,
                             refusal, status, error] */
    size_t map_count;
    const char *id;       /* of JSON Lines: "custom_id=model|persona|item|rep" divides a field into columns at
                             the separators that stand between the names [NULL: none is divided] */
    const char *layout;   /* "long": a row per answer, with a column item and one of answer, raw, response, value,
                             score (or option and count: distributions), which becomes a row per respondent and a
                             column per item; "wide": as the file has it; "detect": long when a column item
                             (or question_id) and one for answers are there [NULL: wide] */
    const char *const *key; /* of a long file: columns that tell respondents apart [those of source, model, persona,
                             variant, rep, lang, choice, respondent, participant, subject, person that it has, else
                             all that have no other meaning] */
    size_t key_count;
    bool row_names;       /* the header of a CSV file may lack the name of the first column, as write.table() of R
                             writes it: when the first record has one field more, the first column is named ""
                             [false: an error, for such a record may as well be a broken one] */
    const char *const *blanks; /* more spellings of an empty cell in a column of numbers [none] */
    size_t blanks_count;
} vmap_read_options;

void vmap_read_defaults(vmap_read_options *options);

typedef struct vmap_reader vmap_reader;

/* Open a file ("-": standard input; "FILE.zip:MEMBER": a member of an archive) and read its header. Column names are trimmed; of a header like
 * `Q260: Sex` the name is `Q260` and the label `Sex`. A column may lack a name (R writes row names so).
 * Blank lines and a preamble before the header are passed over: lines that have at most half as many
 * fields as the header and all records after it.
 * The file is only read: never written to, locked or altered.
 * Errors: VMAP_EINVAL for options outside their domain, an unknown encoding; VMAP_ENOENT, VMAP_EIO;
 * VMAP_EPARSE for an empty file, a header with an unterminated quote or without columns, bytes that the
 * encoding does not have, a binary file of an unknown kind, a damaged one or one that unpacks to more than is
 * reasonable; VMAP_EDATA when the decimal mark cannot be told or an archive holds several data files. */
vmap_status vmap_reader_open(const char *path, const vmap_read_options *options,
                             vmap_reader **reader, vmap_error *err);
void vmap_reader_free(vmap_reader *reader);

/* Number and names of the columns; the names live as long as the reader. */
size_t vmap_reader_columns(const vmap_reader *reader);
const char *const *vmap_reader_names(const vmap_reader *reader);

/* Label of a column as the file gives it; "" when it has none. Lives as long as the reader. */
const char *vmap_reader_label(const vmap_reader *reader, size_t column);

/* "CSV", "SPSS", "Stata", "JSON Lines" ...; never freed. */
const char *vmap_reader_format(const vmap_reader *reader);

/* What the file itself says about the values of a column; only files of statistical packages do. */
typedef struct vmap_value_label {
    double value;     /* NaN for a tag or a text */
    char tag;         /* of a tagged missing value (Stata, SAS), 'a' for .a; else 0 */
    const char *text; /* of a column of texts; else NULL */
    const char *label;
} vmap_value_label;

/* Labels of the values of a column, in the order of the file. They live as long as the reader. */
const vmap_value_label *vmap_reader_value_labels(const vmap_reader *reader, size_t column, size_t *count);

/* Values that the file declares missing (SPSS): ranges, both ends included. They live as long as the reader. */
const vmap_range *vmap_reader_missing(const vmap_reader *reader, size_t column, size_t *count);

/* The column that must weigh the rows: a file of distributions becomes a row for every option that somebody chose,
 * which stands for as many answers as this column says. NULL: the rows are respondents. */
const char *vmap_reader_weight(const vmap_reader *reader);

/* Does the column hold texts, as far as the file says so? */
bool vmap_reader_is_text(const vmap_reader *reader, size_t column);

/* The line in which the names stand, from 1; 0 where they stand in none (JSON Lines, statistical packages). */
size_t vmap_reader_header_line(const vmap_reader *reader);

/* What was detected, as words: "delimiter ';', decimal ',', UTF-8 byte order mark, CRLF". */
const char *vmap_reader_dialect(const vmap_reader *reader);

/* Ask for a column.
 *   column   index into the names
 *   as       name of the column in the table, copied
 *   allowed  what a number may be, for messages ("1..10"); copied; NULL: any number
 * VMAP_EDATA when the file has two columns of that name. */
vmap_status vmap_reader_want(vmap_reader *reader, size_t column, vmap_kind kind, const char *as,
                             const char *allowed, vmap_error *err);

/* A text that stands for a number, or for the reason why there is none, in a column of numbers. */
typedef struct vmap_word {
    const char *text;
    double value;
    vmap_reason why; /* VMAP_PRESENT: the value counts */
} vmap_word;

/* Name the texts that may stand in the column that was asked for last: labels of values. A cell is one of
 * them when it is equal, or equal after folding case, blanks and apostrophes (Unicode NFKC_Casefold); a
 * text that two codes share is none. Texts are copied; call it once per wish. */
vmap_status vmap_reader_words(vmap_reader *reader, const vmap_word *words, size_t count,
                              vmap_error *err);

/* Explains a number that the file declares missing: a reason, or VMAP_PRESENT or VMAP_OUT_OF_RANGE when it has
 * none for it. */
typedef vmap_reason (*vmap_judge)(void *context, double value);

/* Name who explains what the file declares missing in the column that was asked for last. Without, or where it
 * has no reason, the value's label counts when it is one of the phrases below, else VMAP_OTHER_MISSING. A value
 * that the file declares missing never becomes a value of a column of numbers. */
void vmap_reader_judge(vmap_reader *reader, vmap_judge judge, void *context);

/* Read the wanted columns into a new table, whose columns stand in the order of the wishes.
 * In a numeric column empty cells, NA, N/A, n/a, #N/A, <NA>, NaN, nan, NULL, null, #NULL!, None, ".", "-"
 * and "--" are VMAP_BLANK, so are system missing values, in a text column only empty cells are. Phrases like "Don't know", "No answer",
 * "Not asked", "Not applicable", "Refused", "Missing" give their reason. Blank lines are skipped.
 * In a column of texts a number stands as its shortest decimal form, also where the file declares it missing.
 * Where a file has no lines, lines are rows. Of a long file the line of a row is that of its first answer, and
 * messages name the answer's own; two answers of one respondent to one item are an error that names both lines.
 * An item that a long file does not have for a respondent is blank; in distributions the other items of a row
 * are VMAP_NOT_ASKED.
 * Errors, each with file and line: VMAP_EPARSE (unterminated quote, text around a quoted field,
 * wrong number of fields, a NUL byte, text that is not UTF-8), VMAP_EDATA (text where a number must be; no
 * rows), VMAP_EIO. With max_errors > 1 the first is reported here and all of them by
 * vmap_reader_problems().
 * Cost: one pass over the bytes; memory for the wanted cells only. Call it once per reader. */
vmap_status vmap_reader_read(vmap_reader *reader, vmap_table **table, vmap_error *err);

/* The columns are refused, and `err` says why; but a quote that is not closed swallows lines, columns and all, so
 * that the file's own fault is the better answer. Reads the file: where it breaks the rules of its format, `err`
 * says that instead, and where a column name runs over several lines, the sentence of `err` asks about its quote.
 * Returns the status of `err`. Cost: as vmap_reader_read(), which must not be called before or after. */
vmap_status vmap_reader_refuse(vmap_reader *reader, vmap_error *err);

/* What was wrong with the data, in their order, at most max_errors; lives as long as the reader. */
const vmap_error *vmap_reader_problems(const vmap_reader *reader, size_t *count);

#endif
