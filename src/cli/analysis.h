#ifndef CLI_ANALYSIS_H
#define CLI_ANALYSIS_H

#include "cli/options.h"
#include "cli/study.h"
#include "valuemap.h"

/* A study carried out: read, fit, project, group, bootstrap. Tables, figures and pages are made from
 * this struct and change nothing in it. */

/* Called before each step with its name; for showing progress. */
typedef void analysis_progress(const char *step);

/* One set of respondents and where they stand. */
typedef struct analysis_set {
    vmap_answers *answers; /* NULL: the study has no such set */
    vmap_projection *projection;
    vmap_groups *groups;
    const study_set *study;
    vmap_answers_sink sink; /* of analysis_read_answers(): takes the answers; NULL: `answers` keeps them */
    void *sink_context;
    size_t least_items;   /* of analysis_read_answers(): a file with fewer is refused; 0: two */
    size_t target_column; /* grouping column that names the target country; groups->columns: none */
    size_t *target;       /* per group: index of the target country; references->countries: none */
} analysis_set;

typedef struct analysis {
    const study *study;
    unsigned threads; /* 0: one per processor */
    analysis_progress *progress;
    vmap_incomplete incomplete;
    vmap_space *space;
    vmap_countries *countries;
    vmap_references *references;
    analysis_set human, persona;
    bool resample;                 /* bootstrap groups and map */
    vmap_map_bootstrap *bootstrap; /* of the fit; NULL without one */
    vmap_ledger *ledger;
    vmap_codebook *book; /* of analysis_read(): labels of the items; else NULL */
    bool simulated; /* something in it is simulated */
} analysis;

/* Which items analysis_read() reads. */
typedef struct analysis_items {
    const word_list *names; /* items of the codebook, or columns of the files where no codebook is named; NAME* takes
                               all that begin so. NULL or empty: all items of the codebook */
    const char *valid;      /* codes of such columns that are valid, "1..6"; NULL: every number */
    const char *scale;      /* of such columns, as of codebooks; NULL: interval */
} analysis_items;

/* How far the positions of complete answers lie from the official scores of one axis in the file. */
typedef struct analysis_official {
    size_t n;
    double largest, mean; /* of |position - official| and of position - official */
} analysis_official;

/* false when no complete answer of the set carries an official score of axis j. */
bool analysis_compare_official(const analysis *a, const analysis_set *set, size_t j,
                               analysis_official *result);

/* Carry out the study, the bootstrap only if `resample`; *result is there even on failure, with the ledger as far as it got, and must
 * be freed. */
vmap_status analysis_run(const study *s, unsigned threads, bool resample,
                         analysis_progress *progress, analysis **result, vmap_error *err);
/* Only read the answers of the people: the items (NULL: of the codebook) that somebody answered. */
vmap_status analysis_read(const study *s, unsigned threads, analysis_progress *progress,
                          const analysis_items *items, analysis **result, vmap_error *err);
/* A codebook named "columns" of the columns of the people's first file that the names fit. */
vmap_status analysis_columns_book(const study *s, const analysis_items *items, unsigned threads, vmap_codebook **book,
                                  vmap_error *err);
/* For a codebook that was chosen because columns have its names: VMAP_EDATA when more than one answer in ten is no code
 * of it, for then it is another questionnaire that numbers its questions alike. */
vmap_status analysis_check_guess(const vmap_answers *answers, const char *book, vmap_error *err);
/* Put the names of items into an error whose column, or whose words "(with item N)", number them from 1; returns its
 * status. */
vmap_status analysis_name_item(vmap_error *err, char *const *items, size_t p);
/* Weights with which only who answered all items counts, as VMAP_LISTWISE has it.
 *   weights  n, or NULL: all 1
 *   room     n, to be filled */
void analysis_listwise(const double *values, size_t n, size_t p, const double *weights, double *room);
/* Index of an item of the answers in the codebook, or its items_count. */
size_t analysis_book_item(const analysis *a, size_t item);
/* Does a name fit a pattern: the name itself, or its beginning and a *? */
bool analysis_fits(const char *pattern, const char *name);
void analysis_free(analysis *a);

/* Read one set with the given codebooks, each of which defines all `p` items, into set->answers; for commands
 * that need no space. Of `a` only study, threads, progress and ledger are used, and `simulated` is set. */
vmap_status analysis_read_answers(analysis *a, analysis_set *set, const char *name,
                                  vmap_codebook *const *books, size_t count, const char *const *items,
                                  size_t p, vmap_error *err);

/* Are the axes those of the Inglehart-Welzel map? */
bool analysis_is_map(const analysis *a);

/* Labels of group i joined by " / ", or "all"; fresh memory, NULL when memory is short. */
char *analysis_label(const vmap_groups *groups, size_t i);

/* How the files of a set are read. */
void analysis_read_options(vmap_read_options *read, const study_set *set, unsigned threads);

#endif
