#ifndef TESTS_SHEETS_H
#define TESTS_SHEETS_H

#include "valuemap/morality.h"

/* Sheets of a questionnaire for tests. */

typedef struct sheets {
    vmap_questionnaire *questionnaire;
    vmap_codebook *codebook;
    vmap_answers *answers;
    vmap_ledger *ledger;
    vmap_scores *scores;
} sheets;

/* The built-in key of that name. */
vmap_questionnaire *sheets_key(const char *name);

/* Read a file with the grouping columns (NULL after the last) into `s`, whose questionnaire is set;
 * not rescaled, not scored. */
vmap_status sheets_read(sheets *s, const char *path, const char *const *groups, vmap_error *err);

/* The answers of datasets/morality-llm-personas by model and persona, scored. */
sheets sheets_of_study(void);
void sheets_free(sheets *s);

#endif
