#ifndef CLI_MORALITY_H
#define CLI_MORALITY_H

#include "cli/command.h"
#include "cli/outcome.h"
#include "valuemap.h"

/* What `valuemap morality` works on and finds. Tables and figures are made from this struct. */

typedef struct morality_settings {
    study_settings study; /* the first member */
    char *key, *human, *nation, *scale, *table;
    int least, min_sheets;
    bool keep_failed;
} morality_settings;

typedef struct morality {
    const morality_settings *settings;
    study *study;
    inputs in;
    vmap_ledger *ledger;
    vmap_questionnaire *key;
    vmap_answers *answers;
    vmap_scores *scores;
    vmap_profiles *profiles;
    size_t columns;      /* scales and contrasts of a profile */
    size_t nation;       /* grouping column that names the nation; profiles->columns: none */
    double *human;       /* groups x columns: means of the people of the group's nation; NULL: no file */
    char **series;       /* the other grouping columns' labels, joined: one model, say */
    size_t *series_of;   /* groups */
    size_t series_count;
} morality;

/* Which sheets are read, by which key. */
typedef struct sheets_wanted {
    const vmap_questionnaire *key;
    const study_set *set; /* grouping columns, weight, conditions */
    const char *scale;    /* answer scale of the files; NULL: detect */
    int threads;
} sheets_wanted;

/* The answers of the files, in the key's own scale; *answers is to be freed on failure, too. */
vmap_status morality_read_sheets(const sheets_wanted *want, const word_list *files, vmap_ledger *ledger,
                                 vmap_answers **answers, vmap_error *err);

/* Mean of a scale in a group; NaN when fewer sheets than the least number have a score. */
double morality_mean(const morality *m, size_t group, size_t column);
double morality_se(const morality *m, size_t group, size_t column);

/* docs/tables.md describes every column. */
vmap_status morality_tables(vmap_report *r, const morality *m, vmap_error *err);
vmap_status morality_draw(const morality *m, const vmap_report *r, outcome *o, vmap_error *err);

#endif
