#ifndef DATA_COLUMN_RULES_H
#define DATA_COLUMN_RULES_H

#include "valuemap/codebook.h"
#include "valuemap/read.h"

/* What may stand in the cells of one column of a file, by the codebook; not exported. */

typedef struct column_rules {
    const vmap_codebook *codebook;
    const vmap_item *item;
    const vmap_item_column *column;
    vmap_word *words; /* labels of the codes as they stand in this column; the texts are the codebook's */
    size_t words_count;
} column_rules;

vmap_status column_rules_make(column_rules *rules, const vmap_codebook *codebook, const vmap_item *item,
                              const vmap_item_column *column, vmap_error *err);
void column_rules_clear(column_rules *rules);

/* Why a number in a cell of the column is missing; VMAP_PRESENT for a code, VMAP_OUT_OF_RANGE for none. */
vmap_reason column_rules_judge(const column_rules *rules, double value);

#endif
