#ifndef DATA_READER_INTERNAL_H
#define DATA_READER_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include <time.h>

#include "valuemap/read.h"

/* What the file formats share; not exported. A format finds the columns when a file is opened and
 * fills a table with the wanted ones when it is read. */

/* A text that stands for a number or a reason in a column of numbers. */
typedef struct known_word {
    char *text, *folded; /* as given, text_fold() of it */
    double value;
    vmap_reason why; /* VMAP_PRESENT: the value */
} known_word;

/* A wish of the caller: a column of the file becomes a column of the table. */
typedef struct wish {
    size_t field;
    vmap_kind kind;
    char *as, *allowed;
    known_word *words;
    size_t words_count;
    vmap_judge judge; /* NULL: none */
    void *judge_context;
} wish;

/* What the file says about the values of a column. */
typedef struct column_values {
    bool texts;
    vmap_value_label *labels; /* texts are owned */
    vmap_reason *why;         /* of each label: a phrase for a missing answer, or VMAP_PRESENT */
    size_t labels_count, labels_room, why_room;
    vmap_range *missing;
    size_t missing_count;
} column_values;

/* What was wrong with the data, in their order. */
typedef struct problems {
    vmap_error *list;
    size_t count;
} problems;

/* Add a problem; false when reading cannot go on: it is the last of `most`, or no fault of the data. */
bool problems_add(problems *list, const vmap_error *err, size_t most);

/* Takes some rows of a file, with their lines; the block is freed by who made it. */
typedef vmap_status (*reader_block)(void *context, vmap_table *block, vmap_error *err);

/* What tells whether a file has been written to. */
typedef struct file_stamp {
    off_t size;
    struct timespec written;
} file_stamp;

typedef struct reader_format {
    const char *name; /* "CSV" */
    vmap_status (*read)(vmap_reader *r, vmap_table **table, vmap_error *err); /* NULL when it can stream */
    void (*close)(vmap_reader *r); /* frees `state`; NULL: nothing to do */
    vmap_status (*stream)(vmap_reader *r, reader_block block, void *context, vmap_error *err); /* NULL: reads all */
} reader_format;

struct vmap_reader {
    char *path; /* for messages */
    int fd;     /* can be read at any place */
    file_stamp stamp; /* of it when it was opened */
    vmap_read_options options;
    const reader_format *format;
    void *state;         /* what the format keeps between opening and reading */
    char described[512]; /* the dialect in words */
    char decimal;        /* mark of the numbers in text cells */
    char **names, **labels; /* a label may be "" */
    size_t count, names_room, labels_room;
    size_t header_line;
    column_values *values; /* of each column, or NULL: the file says nothing */
    size_t *twin; /* of each column the first other one of its name, or itself; NULL: not looked for yet */
    wish *wishes;
    size_t wish_count, wish_room;
    size_t part; /* bytes that a thread takes at a time; the result does not depend on it */
    double share; /* of the file that has been read, up to the end of the block that is handed on; 0: not known */
    problems problems; /* all that was wrong, up to options.max_errors */
};

/* Add words to the description of the dialect. */
void reader_describe(vmap_reader *r, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Open a CSV file whose bytes are in r->fd: names, dialect. */
vmap_status csv_open(vmap_reader *r, vmap_error *err);

/* Open a file of a statistical package whose bytes are in r->fd; `head` are its first n. */
bool stat_knows(const char *head, size_t n);
vmap_status stat_open(vmap_reader *r, const char *head, size_t n, vmap_error *err);

/* Is a number of a column missing, because the file declares it so, or labels it so ("Don't know") where it is no code of the
 * wish? *why is then what the codebook says of the code, else what its label says, else VMAP_OTHER_MISSING. */
bool stat_is_missing(const wish *w, const column_values *v, double value, vmap_reason *why);

/* Open a file of JSON Lines whose bytes are in r->fd; `head` are its first n. */
bool jsonl_knows(const char *head, size_t n);
vmap_status jsonl_open(vmap_reader *r, vmap_error *err);

/* Read the wanted columns block by block, in the order of the file; the blocks together are the table of
 * vmap_reader_read(). Formats that cannot do so give one block. */
vmap_status reader_stream(vmap_reader *r, reader_block block, void *context, vmap_error *err);

/* The same for the wanted columns that `chosen` names by their names in the table; nothing is read when there is none. A file
 * that cannot be read is left to the one who reads all of it: *readable is false then. */
vmap_status reader_glance(vmap_reader *r, bool (*chosen)(const void *context, const char *as), reader_block block, void *context,
                          bool *readable, vmap_error *err);

/* Does reader_stream() keep but a part of the table at a time? */
bool reader_streams(const vmap_reader *r);

/* Take over a column name: blanks around it are cut off, `CODE: label` is divided. */
vmap_status reader_add_name(vmap_reader *r, const char *name, size_t n, vmap_error *err);

/* The wishes in the order of their columns in the file; in fresh memory. */
size_t *reader_order(const vmap_reader *r, vmap_error *err);

/* A table with the wanted columns, still empty; NULL with err set when memory is short. */
vmap_table *reader_table(const vmap_reader *r, vmap_error *err);

/* The same when one has been made, so that the names are known to be different. */
vmap_table *reader_part(const vmap_reader *r, vmap_error *err);

/* Read up to n bytes at `offset`; less only at the end of the file. -1 on failure. */
ssize_t reader_bytes(const vmap_reader *r, char *to, size_t n, off_t offset);

/* VMAP_EIO when the file has been written to since it was opened. */
vmap_status reader_unchanged(const vmap_reader *r, vmap_error *err);

/* Cut off blanks and tabs around a text. */
void reader_trim(const char **s, size_t *n);

/* VMAP_ENOENT or VMAP_EIO with the reason of errno and the path. */
vmap_status reader_fail_io(const char *path, const char *what, vmap_error *err);

/* Take over a column name and its label (NULL: none) as they are. */
vmap_status reader_add_column(vmap_reader *r, const char *name, size_t n, const char *label, size_t m,
                              vmap_error *err);

/* Push the text of one cell to column `column` of a table of reader_table(). A failure names the
 * column and `line`, and the cell is not pushed. */
vmap_status reader_put_cell(const vmap_reader *r, vmap_table *table, size_t column, const char *text,
                            size_t n, size_t line, vmap_error *err);

/* A whole number of up to four digits: nearly every cell of a survey. */
static inline bool reader_code(const char *text, size_t n, int *code)
{
    unsigned first = n ? (unsigned char)text[0] - (unsigned)'0' : 10, second;
    int value = 0;
    bool negative;

    if (n == 1 && first <= 9) {
        *code = (int)first;
        return true;
    }
    if (n == 2 && (second = (unsigned char)text[1] - (unsigned)'0') <= 9 && (first <= 9 || text[0] == '-')) {
        *code = first <= 9 ? (int)(10 * first + second) : -(int)second;
        return true;
    }
    negative = n && text[0] == '-';
    if (n - negative - 1 > 3) /* none or more than four: n is unsigned */
        return false;
    for (size_t i = negative; i < n; i++) {
        unsigned digit = (unsigned char)text[i] - (unsigned)'0';

        if (digit > 9)
            return false;
        value = value * 10 + (int)digit;
    }
    *code = negative ? -value : value;
    return true;
}

/* Is a folded text a phrase that stands for a missing answer ("don't know")? */
bool reader_phrase(const char *folded, vmap_reason *why);

/* Likewise of a label of a value that is missing, which may also be the name of a reason, as
 * `valuemap convert` writes it in SPSS files ("out-of-range"). */
bool reader_label_reason(const char *folded, vmap_reason *why);

/* The phrases one after the other, folded; NULL after the last. */
const char *reader_phrase_text(size_t i);

/* Name the texts of a wish, as vmap_reader_words() does; a wish of one's own is emptied by reader_wish_clear(). */
vmap_status reader_wish_words(wish *w, const vmap_word *words, size_t count, vmap_error *err);
void reader_wish_clear(wish *w);

/* What a text that is no plain number means where a number must be: a word of the wish, a spelling of an empty
 * cell, a phrase, with options.text_answers a text answer. Else VMAP_UNPARSABLE. *value is NaN where there is no
 * number. */
vmap_reason reader_judge_text(const vmap_reader *r, const wish *w, const char *text, size_t n, double *value);

#endif
