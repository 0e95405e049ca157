#ifndef CLI_MORALITY_CODING_H
#define CLI_MORALITY_CODING_H

#include <stdbool.h>
#include <stddef.h>

#include "cli/options.h"
#include "valuemap/table.h"

/* Texts as predictors (zones, regions, the sex of a persona): every text but a reference becomes one.
 *
 * Dummy coding: 1 for the text, 0 else; the coefficient is the difference from the reference. Effect coding: 1 for the
 * text, -1 for the reference, 0 else; the coefficient is the difference from the mean of all texts, each of which counts
 * the same. */

typedef struct morality_coding {
    bool effect;
    const word_list *references; /* texts that are to be references */
    bool *used;                  /* one per reference: some predictor has this text */
} morality_coding;

/* `word`: dummy or effect; NULL: dummy. `references` must outlive the coding. VMAP_EINVAL names another word. */
vmap_status morality_coding_new(const char *word, const word_list *references, morality_coding *coding, vmap_error *err);
void morality_coding_free(morality_coding *coding);

/* The texts of a column in the order of their predictors: the reference first (one of `references`, else the first of the
 * alphabet), then the others as in the alphabet; n indices in fresh memory. VMAP_EINVAL when two references are texts of the
 * same column, named `what`. */
vmap_status morality_coding_order(morality_coding *coding, const char *what, const char *const *texts, size_t n,
                                  size_t **order, vmap_error *err);

/* VMAP_ENOENT names a reference that no column has. */
vmap_status morality_coding_check(const morality_coding *coding, vmap_error *err);

/* Value of the predictor of text `of` for a row with text `text`. */
double morality_code(const morality_coding *coding, size_t text, size_t of, size_t reference);

/* The texts of a column of a table, levels in order; fresh memory, the texts are the table's. NULL when memory is short. */
const char **morality_texts(const vmap_table *t, size_t column, vmap_error *err);

/* Whether a column read as texts holds something that is no number (an empty cell and NA are none). */
bool morality_holds_texts(const vmap_table *t, size_t column);

#endif
