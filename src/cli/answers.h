#ifndef CLI_ANSWERS_H
#define CLI_ANSWERS_H

#include "cli/command.h"
#include "core/buffer.h"
#include "data/column_rules.h"
#include "data/long_internal.h"
#include "data/reader_internal.h"
#include "valuemap.h"

/* What the files of `valuemap answers` share: text answers of models, one a row, with what each was taken for.
 * A file is opened and its columns found (answers_read.c), every answer is judged (answers_judge.c), and written
 * in the canonical form or counted (answers_write.c). */

typedef struct answers_settings {
    output_settings out;
    read_settings read;
    char *codebook;
    word_list group, where;
    bool summary;
    int threads;
} answers_settings;

/* The columns of the canonical form before the item: source, model, persona, variant, rep, lang. */
enum { ANSWERS_CANONICAL = 6, ANSWERS_SUMS = 6 };
extern const char *const answers_canonical[ANSWERS_CANONICAL];

/* What all files have in common. */
typedef struct {
    vmap_where **where;
    size_t where_count, taken; /* conditions; rows for which all of them are true */
    buffer csv;                /* all lines; they are written when all files are read */
    vmap_report_table *sums;
} answers_run;

/* What is answered: a column of a wide file, a level of the item column of a long one. */
typedef struct {
    column_rules rules; /* rules.item NULL: no item of the codebook */
    wish words;         /* long: the labels of the codes */
    size_t raw, value;  /* wide: places in the table of the words and of what they were taken for */
} answered;

/* Columns that a long file may have, places in the table. */
typedef struct {
    size_t item, answer, value, why, refusal, error;
} answers_roles;

/* A file at work. Places are columns of the table, LONG_NONE: the file has no such column. */
typedef struct {
    const answers_settings *set;
    const char *path, *name;
    vmap_reader *reader;
    long_roles roles; /* columns of the file */
    bool is_long;
    vmap_table *table;
    vmap_codebook *book;
    size_t key[ANSWERS_CANONICAL];
    size_t *group;       /* of each grouping column */
    size_t *place;       /* of each column of the file, as a text */
    answers_roles at;
    answered *answered;
    size_t answered_count;
    answers_run *run;
    size_t condition, row; /* what is judged */
    size_t *tally;         /* of the summary: groups x answered x ANSWERS_SUMS */
    buffer *groups;        /* their labels: each ends with a NUL byte */
    size_t groups_count, groups_room, last_group;
    vmap_error *err;
} answers_work;

/* One answer. */
typedef struct {
    size_t which; /* of what is answered */
    const char *raw;
    double value; /* NaN unless why is VMAP_PRESENT or VMAP_OUT_OF_RANGE */
    vmap_reason why;
} answer;

/* Grouping columns; one, the model, when none is named. */
size_t answers_groups(const answers_settings *set);

/* Column of the file of this name, in any case with `fold`; LONG_NONE when there is none. */
size_t answers_column(const answers_work *w, const char *name, bool fold);

/* Name of what is answered. */
const char *answers_name(const answers_work *w, size_t i);

/* Text at a place; "" where there is no such column. */
const char *answers_text(const answers_work *w, size_t place, size_t row);

/* Open the file, choose the codebook, read the columns that are needed. */
vmap_status answers_read(answers_work *w);
void answers_forget(answers_work *w);

/* Is every condition true for the row? */
bool answers_chosen(answers_work *w, size_t row);

/* What the row says of `a->which`, wide or long. */
vmap_status answers_judge(answers_work *w, size_t row, answer *a);

/* A line of the canonical form, its header; or count the answer and, at the end of a file, put the sums. */
void answers_put_header(const answers_settings *set, buffer *b);
vmap_status answers_put_line(answers_work *w, size_t row, const answer *a);
void answers_name_sums(const answers_settings *set, vmap_report_table *t);
vmap_status answers_count(answers_work *w, size_t row, const answer *a);
void answers_put_sums(answers_work *w);

#endif
