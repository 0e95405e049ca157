#ifndef CLI_SHEET_H
#define CLI_SHEET_H

#include "cli/command.h"
#include "cli/inputs.h"
#include "cli/subset.h"
#include "valuemap/answers.h"

/* All answers of some files, every item of their codebook, parts of items included: what `check` looks at and
 * `convert` writes. */
typedef struct sheet {
    study *study;
    study_set *set; /* the study's only one */
    vmap_codebook *codebook; /* no item is a part here */
    vmap_answers_options options;
    vmap_answers *answers;
    vmap_ledger *ledger;
    subset chosen;
    inputs in;
    char *dialect;       /* of the first file, and its format: "CSV, delimiter ','..." */
    char **columns;      /* names of the columns of the first file */
    size_t columns_count;
    bool *used;          /* columns_count: an item, group, weight or condition comes from it */
    const char **items;  /* names of the codebook's items */
    char **groups;       /* the grouping columns, then those of the key that are no groups, then those that
                            are only kept */
    size_t groups_count, keys, kept; /* all; key columns among them (the first ones when no group is given) */
} sheet;

/* Read the files. Without a codebook in the settings the built-in one is taken that explains the most columns of the
 * first file. VMAP_EDATA when none finds two, and with `doubt` when the answers are not of the one that does, see
 * analysis_check_guess(). */
vmap_status sheet_read(sheet *s, const study_settings *settings, const word_list *keep, const word_list *files,
                       bool doubt, vmap_error *err);
/* To be called before a file of the sheet is read again: standard input begins anew. */
void sheet_rewind(const char *path);
/* Column of `answers->groups` with that name, or groups_count. */
size_t sheet_group(const sheet *s, const char *name);
/* The item of the codebook that is item i of the answers. */
const vmap_item *sheet_item(const sheet *s, size_t i);
void sheet_free(sheet *s);

#endif
