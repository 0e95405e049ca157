#ifndef VALUEMAP_QUESTIONNAIRE_H
#define VALUEMAP_QUESTIONNAIRE_H

#include <stdbool.h>
#include <stddef.h>

#include "valuemap/answers.h"
#include "valuemap/codebook.h"
#include "valuemap/error.h"
#include "valuemap/ledger.h"

/* Questionnaires whose items form scales, such as the Moral Foundations Questionnaires: the key
 * that says which item belongs to which scale, and the scores of single sheets.
 *
 * A questionnaire is a key file (YAML or JSON); docs/morality.md describes every key. The wording
 * of the items is not part of it. A sheet is one filled-in questionnaire: one person, or one run of
 * a model as a persona.
 *
 * n sheets, p items, k scales ("foundations"), c contrasts.
 */

/* One scale: which items it has. Items count from 1, as they stand in the questionnaire. */
typedef struct vmap_foundation {
    char *name;  /* letters, digits and _ */
    char *label; /* for tables and figures */
    int *items;
    unsigned items_count;
    int *reverse; /* those of `items` that are scored low + high - answer */
    unsigned reverse_count;
} vmap_foundation;

/* An item that is not scored but shows whether the sheet was filled in with attention. */
typedef struct vmap_check {
    char *name;
    int item;
    char *
        pass; /* answers that pass, as written: "0..2"; in codes of the questionnaire's own scale */
    double low, high; /* made from the text when the key is loaded */
} vmap_check;

/* The mean of some scales minus the mean of others. */
typedef struct vmap_contrast {
    char *name, *label;
    char **plus;
    unsigned plus_count;
    char **minus;
    unsigned minus_count;
    size_t *part; /* made when the key is loaded: indices of scales, plus ones first */
} vmap_contrast;

/* Least and largest answer of a way in which files code the answers. */
typedef struct vmap_answer_scale {
    double low, high;
} vmap_answer_scale;

typedef struct vmap_questionnaire {
    int version; /* of the file format: 1 */
    char *name, *title;
    char *source;   /* where the key comes from */
    int items;      /* p */
    char **columns; /* patterns of column names: '*' stands for the number of the item */
    unsigned columns_count;
    char **names; /* none, or p names that the items have in some files, in order */
    unsigned names_count;
    char **scales; /* as written: "1..5"; the first is the one of the scores, the others have as
                      many steps */
    unsigned scales_count;
    int least; /* answered items of a scale that a score needs */
    vmap_foundation *foundations;
    unsigned foundations_count; /* k */
    vmap_check *checks;
    unsigned checks_count;
    vmap_contrast *contrasts;
    unsigned contrasts_count; /* c */
    vmap_missing *missing;    /* codes of missing answers and their reasons */
    unsigned missing_count;
    vmap_answer_scale *scale; /* made from the texts when the key is loaded */
} vmap_questionnaire;

/* Load and check a key from a file, or from text (`name` stands for the file in messages).
 * Errors: VMAP_ENOENT (no such file); VMAP_EPARSE (syntax, unknown key, wrong kind of value) with
 * line and position; VMAP_EDATA naming the scale, check or contrast: an item outside 1..p or twice
 * in one scale, a scale without items, a reversed item that the scale has not or that another scale
 * does not reverse, answer scales of different length, a contrast of a scale that does not exist.
 */
vmap_status vmap_questionnaire_load(const char *path, vmap_questionnaire **questionnaire,
                                    vmap_error *err);
vmap_status vmap_questionnaire_parse(const char *name, const char *text, size_t n,
                                     vmap_questionnaire **questionnaire, vmap_error *err);
void vmap_questionnaire_free(vmap_questionnaire *questionnaire);

/* Index of the scale of that name, or foundations_count. */
size_t vmap_questionnaire_find(const vmap_questionnaire *questionnaire, const char *name);

/* Read items from columns of other names: `pattern` has one '*' for the number of the item, such as "q*" (q1 or q01); it
 * takes the place of the key's own patterns. Names that the key gives to items are still known. VMAP_EINVAL for a
 * pattern without a '*' or with two, then the key is as before. */
vmap_status vmap_questionnaire_set_columns(vmap_questionnaire *questionnaire, const char *pattern, vmap_error *err);

/* A codebook with which vmap_answers_read() reads files of this questionnaire: item i is named
 * "NAME_i" (i from 1, characters other than letters and digits made _) and is looked for under
 * every pattern, with and without a leading zero, and under its name. Valid is what any of the
 * answer scales has; vmap_questionnaire_rescale() then settles the scale. */
vmap_status vmap_questionnaire_codebook(const vmap_questionnaire *questionnaire,
                                        vmap_codebook **codebook, vmap_error *err);

/* Bring answers into the questionnaire's own scale, file by file: of the scales in the key that one
 * is taken which leaves the fewest answers of the file out of range, the first on a tie, for which
 * the ledger gets a warning. Answers out of range become missing with the reason VMAP_OUT_OF_RANGE, and are counted in
 * another warning. A file with more than a hundredth of answers that only this scale has and as many that only another has
 * mixes scales: it is refused, unless `scale` is given.
 *   answers  of all p items, as vmap_answers_read() leaves them, before vmap_answers_finish()
 *   scale    as written in the key ("0..5"), to force it for all files; NULL: detect
 * Errors: VMAP_ENOENT for a scale that the key has not; VMAP_EDATA when more than a tenth of the
 * answers of a file fit no scale, when a file mixes scales, or when none of a scale's items is in the data (the message names
 * it). */
vmap_status vmap_questionnaire_rescale(const vmap_questionnaire *questionnaire,
                                       vmap_answers *answers, const char *scale,
                                       vmap_ledger *ledger, vmap_error *err);

/* What the sheets say. Answers are those of the questionnaire's own scale; nothing is imputed: a
 * score is the mean of the answers given, if there are enough of them. */
typedef struct vmap_scores {
    size_t n, p, k, c;
    size_t least;  /* answered items that a score needs (all items of a scale that has fewer) */
    double *item;  /* n x p answers as they are scored, reversed ones turned round; NaN = missing */
    double *score; /* n x k; NaN where fewer than `least` items were answered */
    double *contrast;    /* n x c; NaN where a score that it needs is missing */
    size_t *used;        /* n x k: answered items of the scale */
    size_t *answered;    /* n: answered items among those that some scale has */
    size_t scored_items; /* number of items that some scale has */
    size_t *run; /* n: longest run of equal answers to scored items that follow one another in the
                    questionnaire; items without an answer are passed over */
    double *spread; /* n: standard deviation (divisor number) of the sheet's answers to scored items
                       before reversal; NaN with fewer than two */
    bool *straight; /* n: at least six answers to scored items, and all are equal */
    bool *failed;   /* n: an answer to a check is outside what passes (no answer fails nothing) */
    bool *used_sheet; /* n: the sheet counts; false for failed ones when these are dropped */
} vmap_scores;

typedef struct vmap_score_options {
    size_t least;     /* answered items of a scale that a score needs; 0: as the key says [0] */
    bool keep_failed; /* sheets that fail a check count like others [false] */
} vmap_score_options;

/* Score all sheets.
 *   answers  in the questionnaire's own scale; not modified
 *   options  NULL: defaults
 * A sheet that fails a check and is dropped has no score and no contrast; its answers stay in
 * `item`, see used_sheet. Cost O(n p). Errors: VMAP_EINVAL (answers of another number of items;
 * `least` beyond the largest scale). */
vmap_status vmap_questionnaire_score(const vmap_questionnaire *questionnaire,
                                     const vmap_answers *answers, const vmap_score_options *options,
                                     vmap_scores **scores, vmap_error *err);
void vmap_scores_free(vmap_scores *scores);

#endif
