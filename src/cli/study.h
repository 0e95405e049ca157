#ifndef CLI_STUDY_H
#define CLI_STUDY_H

#include <stdbool.h>

#include "valuemap/error.h"

/* A study: which files are analysed how. The YAML file of `valuemap run` has exactly these keys
 * (docs/studies.md); the other commands make the same struct from their options. */

typedef struct study_constant {
    char *column, *value;
} study_constant;

typedef struct study_file {
    char *file; /* relative to the study file */
    study_constant *constants;
    unsigned constants_count;
} study_file;

typedef struct study_set {
    char *name; /* NULL: "human" or "persona" */
    study_file *files;
    unsigned files_count;
    char *codebook;  /* built-in name or path; NULL: what fits the columns best */
    char *weight;    /* NULL: none */
    char **group;
    unsigned group_count;
    char **where;    /* conditions on rows, all of which must be true */
    unsigned where_count;
    char **recode;   /* new columns made of bands */
    unsigned recode_count;
    char *weights;   /* rule for weights; NULL: given */
    char *weight_by; /* column of the country; NULL: the first of `group` */
    char *population; /* file of countries and populations; NULL: none */
    double trim;     /* weights above so many times their mean are cut; 0: none */
    char *target;    /* personas: grouping column that names the country meant; NULL: the one whose
                        labels are countries */
    char *delimiter; /* ",", ";", "tab", "|"; NULL: detect */
    char *decimal;   /* "." or ","; NULL: detect */
    char *text;      /* "error" (default) or "missing" */
    char *encoding;  /* of text files, a name that iconv knows; NULL: detect */
    int skip;        /* lines before the header; 0: detect */
    char *answers;   /* "codes" (default) or "text": text answers of models are parsed */
    char *layout;    /* "wide" or "long"; NULL: detect */
    char **key;      /* of a long file: columns that tell respondents apart */
    unsigned key_count;
    char **map;      /* of JSON Lines: "COLUMN=path.to.field" */
    unsigned map_count;
    char *id;        /* of JSON Lines: "COLUMN=NAME|NAME": divide an id */
} study_set;

typedef struct study_figure {
    char *size;       /* "page" (default), "column" or "slide" */
    char **highlight; /* countries whose persona groups get labels, ellipses and arrows */
    unsigned highlight_count;
} study_figure;

/* Moral profiles of the personas instead of places on a map; as the options of `valuemap morality`. Paths are
 * relative to the study file. */
typedef struct study_morality {
    char *key, *human, *culture, *nation, *scale; /* NULL: not given */
    char *human_nation, *human_weight, *human_key, *human_scale, *structure, *columns;
    char **predictors, **attributes, **reference, **figures, *coding;
    unsigned predictors_count, attributes_count, reference_count, figures_count;
    char **human_where, **human_recode, **human_read; /* conditions; bands; "KEY=VALUE" of reading */
    unsigned human_where_count, human_recode_count, human_read_count;
    int least, min_sheets, permutations, replicates; /* 0: as the command's defaults */
} study_morality;

/* Answers of personas beside those of people instead of places on a map; as the options of `valuemap compare`. Groups are
 * matched by the `group` of humans and of personas, in their order. */
typedef struct study_compare {
    char **items, **metrics, **levels, **names; /* names: none, or those of the two sides */
    unsigned items_count, metrics_count, levels_count, names_count;
    char *series, *persona, *base, *floor, *adjust, *composition, *valid; /* NULL: as the command's defaults */
    int min_n, replicates, factors; /* 0: as the command's defaults */
    char *margin;          /* as of --margin; NULL: none */
} study_compare;

typedef struct study {
    int version; /* of the file format: 1 */
    char *title;
    char **references; /* for the end of the report of a study of morality */
    unsigned references_count;
    char *note;  /* a paragraph for the report; NULL: none */
    study_set *humans;   /* NULL: the space is not fitted here */
    study_set *personas; /* NULL: none */
    char *space;         /* built-in name or path; NULL: fit on the humans */
    char *name;          /* of the fitted space; NULL: "fitted" */
    char *affine;        /* NULL: wvs for the Inglehart-Welzel axes, else none */
    char *zones;         /* edition; NULL: 2023 */
    char *missing;       /* NULL: pairwise */
    char *incomplete;    /* NULL: means */
    int axes;            /* 0: as the codebook says */
    int min_items;       /* 0: 2 */
    int nearest;         /* 0: 5 */
    int bootstrap;       /* 0: 1000 */
    int seed;            /* 0: 20230217 */
    study_figure *figure;
    study_compare *compare;   /* NULL: a study of the map */
    char **cluster;      /* options of `valuemap cluster`, as "clusters=8": the study is one of clusters */
    unsigned cluster_count;
    study_morality *morality; /* NULL: a study of the map */
    char *folder;        /* of the study file; "" for a study made from options */
} study;

/* Read and check a study file: VMAP_EPARSE, with line and column for a syntax error or an unknown key,
 * and with the key for a value that is not allowed. Missing settings get their defaults. */
vmap_status study_read(const char *path, study **result, vmap_error *err);
/* Words and numbers of a set that is not part of a study: VMAP_EDATA. NULL is right. */
vmap_status study_check_set(const study_set *set, vmap_error *err);
/* Check a study that was made from options and fill in the defaults: VMAP_EINVAL. */
vmap_status study_check(study *s, vmap_error *err);
/* What a word of a study names, in fresh memory: something built in, or, when it has a / or a ., a file whose path is
 * relative to the study file. NULL: no memory. */
char *study_named(const study *s, const char *word, vmap_error *err);
void study_free(study *s);

#endif
