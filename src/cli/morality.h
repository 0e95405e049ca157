#ifndef CLI_MORALITY_H
#define CLI_MORALITY_H

#include "cli/command.h"
#include "cli/morality_coding.h"
#include "cli/outcome.h"
#include "valuemap.h"

/* What `valuemap morality` works on and finds. Tables and figures are made from this struct. */

typedef struct morality_settings {
    study_settings study; /* the first member */
    char *key, *human, *nation, *scale, *table, *culture, *zones, *structure;
    char *columns; /* pattern of the columns of items; NULL: as the key says */
    char *human_nation, *human_weight, *human_key, *human_scale; /* of people's sheets; NULL: not given */
    word_list human_where, human_recode, human_read; /* likewise: conditions; bands; "KEY=VALUE" of reading */
    word_list predictors, references, attributes, figures;
    char *coding;
    int least, min_sheets, permutations, replicates;
    bool keep_failed;
} morality_settings;

/* Sheets of one side, the file's or people's. */
typedef struct morality_side {
    const char *prefix; /* of the names of its tables: "" or "human_" */
    const vmap_questionnaire *key;
    vmap_answers *answers;   /* NULL: there are no sheets */
    vmap_scores *scores;
    vmap_profiles *profiles; /* of people: by nation alone */
} morality_side;

/* Sheets whose items are looked at together: a series (all nations of a model), or, where no column names a nation, a
 * group; and people. */
typedef struct morality_unit {
    char *name;
    const morality_side *side;
    size_t *rows, n;           /* of the side's answers */
    size_t *group;             /* n: the profile of each row, for differences within nations */
    vmap_structure *structure; /* NULL: not asked for, or refused ... */
    vmap_error refusal;        /* ... and why; without a message: not asked for */
} morality_unit;

/* Where nations lie: the predictors of morality. */
typedef struct morality_culture {
    size_t nations;      /* labels of the nation column, sorted as they come */
    char **nation;
    size_t p;
    char **predictor, **title; /* names, and what figures call them */
    char **reference;    /* of a text: the one that its coefficient is a difference from; "" for numbers */
    gsl_matrix *x;       /* nations x p; NaN for a nation without a place */
    gsl_matrix *place;   /* rows of x without NaN */
    gsl_vector *vif;     /* p: inflation in `place`; NaN with too few of them */
    double condition;    /* of the predictors together; NaN likewise */
    size_t *zone;        /* nations: index into `zones`; zones_count: none */
    char **zones;
    size_t zones_count;
    bool axes;           /* the first two predictors are the axes of a map */
} morality_culture;

/* Attributes of the personas, columns of the sheets: predictors of sheets. */
typedef struct morality_attributes {
    size_t p;
    char **predictor, **reference; /* as a culture's */
    gsl_matrix *x;                 /* sheets x p; NaN where a sheet has none */
} morality_attributes;

/* One scale of single sheets on culture and attributes. */
typedef struct morality_sheets {
    size_t n, without;     /* sheets; and those left out because they lack an attribute */
    size_t p, *predictor;  /* those that differ between the sheets: culture's first, then attributes */
    vmap_mapping *linear;  /* errors by nation; NULL when it could not be fitted */
    bool *alone;           /* p + 1: as in the mapping */
    gsl_matrix *flipped;   /* (p + 1) x 2: p by flipping the signs of nations */
    gsl_vector *vif;       /* p */
    vmap_mixed *mixed;     /* random intercepts of nations; NULL where they could not be fitted */
} morality_sheets;

/* Morality on culture in one series, or in people: the nations that have a place and a mean in every scale. */
typedef struct morality_mapping {
    const char *name;      /* of the series */
    size_t n;
    size_t *nation;        /* n: indices of the culture's nations, ascending */
    size_t k, *scale;      /* k scales that differ between these nations: indices of the profiles' scales */
    gsl_matrix *x, *y;     /* n x p, n x k */
    bool *alone;           /* p + 1: the coefficient hangs on one nation that is fitted exactly */
    vmap_mapping *linear;  /* this and the next three are NULL when there are too few nations */
    vmap_redundancy *redundancy; /* of standardised scales */
    vmap_canonical *canonical;   /* NULL with too few nations for it, too */
    gsl_vector *q2;        /* k + 1: least squares, nations left out; last: all scales */
    vmap_ridge *ridge;     /* NULL with fewer than three nations: nothing can be said */
    gsl_vector *ridge_q2;  /* k + 1; NaN where it could not be found */
    vmap_pls *pls;
    gsl_vector *pls_q2;    /* k + 1 */
    gsl_vector *permuted, *permuted_zones;         /* k + 1 */
    gsl_matrix *coefficient, *coefficient_zones;   /* (p + 1) x (k + 1) */
    gsl_vector *flipped;   /* k + 1: p of R2 by flipping signs of nations */
    gsl_matrix *coefficient_flipped; /* (p + 1) x (k + 1) */
    gsl_vector *flipped_zones;       /* the same within zones; both NULL where zones leave too little */
    gsl_matrix *coefficient_flipped_zones;
    morality_sheets *sheets; /* k; NULL for people, of whom there are means only */
    vmap_mapping_comparison *comparison; /* with people over the nations that both have; NULL: none */
    gsl_vector *differences_zones;   /* k + 1, (p + 1) x (k + 1): p of its equality by flipping signs within zones; NULL as */
    gsl_matrix *coefficient_differences_zones; /* above */
} morality_mapping;

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
    double *human;       /* groups x columns: means of the people of the group's nation; NULL: no file. NaN: no such
                            people, or fewer sheets than a comparison needs */
    double *human_se;    /* likewise their standard errors; NaN when only means are known */
    size_t *human_of;    /* groups: row of people's file or index into people.profiles; SIZE_MAX: no such people */
    morality_side own;              /* the sheets of the command's files once more, as a side */
    morality_unit *unit;            /* people first */
    size_t units;
    morality_side people;           /* their sheets, when the file has sheets */
    vmap_questionnaire *people_key; /* NULL: theirs is the key of all */
    study_set people_set;           /* how their file is read; its texts belong to the settings and to the next */
    char **people_read;             /* copies of the settings' human_read */
    char **series;       /* the other grouping columns' labels, joined: one model, say */
    size_t *series_of;   /* groups */
    size_t series_count;
    morality_coding coding;     /* of predictors that are texts */
    morality_attributes *attributes; /* NULL without --attributes */
    morality_culture *culture;  /* NULL without --culture */
    morality_mapping *mapping;  /* people first, then the series */
    size_t mappings;
} morality;

/* Which sheets are read, by which key. */
typedef struct sheets_wanted {
    const vmap_questionnaire *key;
    const study_set *set; /* files, grouping columns, weight, conditions */
    const char *folder;   /* that the files are relative to; "": here */
    const word_list *attributes; /* columns read behind the grouping columns; NULL: none */
    const char *scale;    /* answer scale of the files; NULL: detect */
    int threads;
} sheets_wanted;

/* The answers of the files, in the key's own scale; *answers is to be freed on failure, too. */
vmap_status morality_read_sheets(const sheets_wanted *want, vmap_ledger *ledger, vmap_answers **answers,
                                 vmap_error *err);

/* Mean of a scale in a group; NaN when fewer sheets than the least number have a score. */
double morality_mean(const morality *m, size_t group, size_t column);
double morality_se(const morality *m, size_t group, size_t column);

/* Read people's sheets or means, whichever the file has, and match them with the groups by nation. Nations without
 * people, and people too few to be compared, are said in the ledger.
 * VMAP_EINVAL (options for sheets with a file of means; keys whose scales differ), VMAP_ENOENT (no column for a scale, or
 * none for the nation), VMAP_EDATA (no nation has people; a nation has two rows of means), and those of reading. */
vmap_status morality_people_read(morality *m, vmap_error *err);
void morality_people_free(morality *m);
/* Is one of the files a simulation? */
bool morality_simulated(const morality *m);

/* Put the sheets together by series, and find the structure of each when it is asked for (a folder, or one of its
 * tables). A structure that is refused is no error. VMAP_EINVAL (structure: unknown word), VMAP_ENOMEM. */
char *morality_group_name(const vmap_profiles *profiles, size_t group); /* labels, joined; fresh memory or NULL */
vmap_status morality_units_find(morality *m, vmap_error *err);
void morality_units_free(morality *m);

/* Carry out a study that has `morality`: its folder, or the table `profiles` on standard output. */
vmap_status morality_study(study *s, const output_settings *out, int threads, vmap_error *err);

/* Read where the nations lie, and say which of them have no place. */
vmap_status morality_culture_read(morality *m, vmap_error *err);
void morality_culture_free(morality_culture *culture);

/* Code the attributes, which were read as the last grouping columns, and take them from these. */
vmap_status morality_attributes_take(morality *m, vmap_error *err);
void morality_attributes_free(morality_attributes *attributes);
/* Fit the sheets of a series whose nations are mapped; `group` is the group of each sheet. */
vmap_status morality_sheets_fit(const morality *m, size_t series, morality_mapping *mapping, const size_t *group,
                                vmap_error *err);
void morality_sheets_free(morality_sheets *sheets, size_t k);
/* Name and reference of predictor j of sheets. */
const char *morality_sheets_predictor(const morality *m, size_t j, const char **reference);

/* Fit the mapping of people and of every series. */
vmap_status morality_mappings_fit(morality *m, vmap_error *err);
void morality_mappings_free(morality *m);
vmap_permutation_options morality_permutation(const morality *m); /* as the settings say */
/* The zone of each nation of a mapping as strata (nations without one are a stratum of their own kind), in
 * fresh memory; NULL when memory is short. */
size_t *morality_strata(const morality *m, const morality_mapping *mapping);

/* Reliability of the profile of each group over items, own in the first and people's in the second half of 2 groups
 * numbers in fresh memory; NaN where it is not known. */
vmap_status morality_profile_reliabilities(const morality *m, double **reliability, vmap_error *err);
vmap_status morality_disattenuation_table(vmap_report *r, const morality *m, vmap_error *err);

/* Residual of the mapping's nation i in scale o over its standard error, equal variances taken; NaN for a nation that is
 * fitted exactly. */
double morality_studentised(const morality_mapping *mapping, size_t i, size_t o);

/* docs/tables.md describes every column. */
vmap_status morality_tables(vmap_report *r, const morality *m, vmap_error *err);
vmap_status morality_calibration_table(vmap_report *r, const morality *m, vmap_error *err);
void morality_series_sheets_table(vmap_report *r, const morality *m);
vmap_status morality_series_reliability_table(vmap_report *r, const morality *m, vmap_error *err);
vmap_status morality_structure_tables(vmap_report *r, const morality *m, vmap_error *err);
vmap_status morality_item_tables(vmap_report *r, const morality *m, vmap_error *err);
vmap_status morality_mapping_tables(vmap_report *r, const morality *m, vmap_error *err);
/* Columns of a table of reliability behind its keys, and the cells of one scale. */
#define MORALITY_RELIABILITY_NOTE \
    "n: sheets behind the covariance with the fewest; items: those with a variance. alpha: sheets are the cases (table " \
    "disattenuation has alpha over nations), with the interval of Feldt; omega: total, one factor; " \
    "least_item_rest: of the item that goes least with the others. NA: not defined, as when a " \
    "model gives every sheet the same answers."
void morality_add_reliability(vmap_report_table *table);
vmap_status morality_put_reliability(vmap_report_table *table, const morality_side *side, size_t scale, const size_t *rows,
                                     size_t n, vmap_error *err);
/* VMAP_EINVAL for a figure that nobody knows, or that so many groups would make unreadable. */
vmap_status morality_figures_check(const morality *m, vmap_error *err);
vmap_status morality_draw(const morality *m, const vmap_report *r, outcome *o, vmap_error *err);

#endif
