#ifndef CLI_CLUSTERS_H
#define CLI_CLUSTERS_H

#include "cli/analysis.h"
#include "cli/command.h"
#include "valuemap.h"
#include "valuemap/report.h"

/* What `valuemap cluster` works on and finds: sets of units (the countries of a space, groups of
 * personas, the rows of a file), each with its clusters. Tables and figures are made from these structs
 * and change nothing in them. */

typedef struct cluster_settings {
    study_settings study; /* the first member: its options are those of project */
    char *method, *of, *unit, *unit_weights, *family, *reference, *metric, *matrix, *study_file, *table;
    char *partition; /* file of given partitions */
    char *key; /* questionnaire whose scores are clustered */
    const char *title, *note; /* of the report; NULL: the usual title, no note. Not options: a study sets them */
    const char *study_path;   /* of that study, for the record; NULL: none */
    word_list columns, by;
    word_list between, distance; /* of valuemap distance: partitions that are compared, and how */
    int k, most, least, starts, references, divisions, resamples, permutations, sample;
    bool raw;
} cluster_settings;

/* A partition of the units that is given, not found: zones, models. */
typedef struct cluster_given {
    char *name;
    size_t *label; /* n: index into `word`, VMAP_CLUSTER_NONE for none */
    char **word;
    size_t words;
} cluster_given;

typedef struct cluster_set {
    char *name; /* "human", "persona", "unit" */
    size_t n;
    char **label;
    double *weight;            /* n; NULL: all 1 */
    gsl_matrix *points;        /* n x d as they are clustered; NULL: only dissimilarities */
    gsl_matrix *dissimilarity; /* NULL: Euclidean */
    gsl_matrix *at;            /* n x d before standardising; NULL without points */
    char **axis;               /* d names */
    cluster_given *given;
    size_t givens;
    size_t *target; /* persona units: index of the human unit that they are meant to be; n of the human set
                       for none. NULL in other sets */
    /* found: */
    vmap_count *count;         /* NULL when not asked for */
    size_t counted;            /* units that the count was made of (a sample when there are many) */
    vmap_partition *partition;
    vmap_tree *tree;           /* of methods that have one, leaves arranged; else NULL */
    double *width;             /* n silhouettes; NULL when there are fewer than two clusters */
    size_t *neighbour;
    double mean_width;
    vmap_recovery *recovery[2]; /* by vmap_recovery_rule, of the first given partition; NULL: none */
} cluster_set;

/* The personas of one model (or other series) as a map of countries, beside the map of people. */
typedef struct cluster_series {
    char *name;
    size_t n, *unit; /* units of the persona set whose country has a position */
    vmap_map_match *match; /* NULL with fewer than four */
    vmap_tree *human_tree, *persona_tree; /* over the n countries, untangled */
    vmap_tree_match trees;
    bool has_trees;
} cluster_series;

enum { CLUSTER_SETS = 2 };

typedef struct cluster_work {
    const cluster_settings *settings;
    const vmap_cluster_method *method;
    vmap_ledger *ledger;
    analysis *map;    /* when the units come from a space; owned */
    study *study;     /* likewise */
    cluster_set set[CLUSTER_SETS];
    size_t sets;
    cluster_series *series;
    size_t series_count;
    bool simulated;
} cluster_work;

/* Gather the units. */
vmap_status clusters_read_map(cluster_work *w, const word_list *files, vmap_error *err);
vmap_status clusters_read_matrix(cluster_work *w, vmap_error *err);
vmap_status clusters_read_columns(cluster_work *w, const char *file, vmap_error *err);
vmap_status clusters_read_scores(cluster_work *w, const word_list *files, vmap_error *err);
void clusters_free(cluster_work *w);

/* Steps of gathering. A new set of n units on d axes (0: no points), NULL when memory is short; a given partition
 * from one text per unit ("" for none); the points that are clustered, standardised on request unless --raw. */
cluster_set *clusters_add_set(cluster_work *w, const char *name, size_t n, size_t d, vmap_error *err);
vmap_status clusters_add_given(cluster_set *s, const char *name, const char *const *text, vmap_error *err);
vmap_status clusters_make_points(cluster_work *w, cluster_set *s, bool standardise, vmap_error *err);
bool clusters_weigh(const cluster_work *w, cluster_set *s, vmap_error *err);
bool clusters_weigh_by_number(const cluster_work *w);
/* Drop axes that some unit lacks, with a warning: a profile has all of them or none can be compared. */
vmap_status clusters_drop_incomplete(cluster_work *w, cluster_set *s, vmap_error *err);
void clusters_free_set(cluster_set *s);
char *clusters_copy(const char *text);
vmap_status clusters_no_memory(vmap_error *err);

/* Given partitions from the file of --partition, for every set. */
vmap_status clusters_read_partitions(cluster_work *w, vmap_error *err);

/* Find the clusters of every set. */
vmap_status clusters_find(cluster_work *w, vmap_error *err);

/* Lay the maps of the series beside that of people. */
vmap_status clusters_compare(cluster_work *w, vmap_error *err);
void clusters_free_series(cluster_series *s);

/* Are there personas beside people in the same space? */
bool clusters_are_comparable(const cluster_work *w);

/* Weights enter what the clusters are and how many, not what is said of them afterwards: a note where that matters. */
void clusters_note_weights(vmap_report_table *t, const cluster_work *w);

/* The groups of one side, clusters or zones, as clouds of points. */
typedef struct cluster_side {
    size_t count;
    gsl_matrix **whole; /* count: all units, for centres and covariances */
    gsl_matrix **cloud; /* count: of many units every m-th, for what compares pairs; may be the same as `whole` */
    char **name;
    double *share; /* of the side's units */
} cluster_side;

/* False when there are no groups or memory is short; free in any case. */
bool clusters_side(const cluster_set *set, cluster_side *s);
bool clusters_zones_side(const cluster_set *set, cluster_side *s);
bool clusters_given_side(const cluster_set *set, const char *name, cluster_side *s);
/* The groups that word 0 or 1 of --between names; one word stands for both. */
bool clusters_between_side(const cluster_work *w, unsigned word, cluster_side *s);
/* VMAP_EINVAL for a word of --between or --distance that is not known. */
vmap_status clusters_check_between(const cluster_work *w, vmap_error *err);
void clusters_free_side(cluster_side *s);
/* Distance of the centres of two clouds. */
double clusters_centre_distance(const gsl_matrix *a, const gsl_matrix *b);

vmap_units clusters_units(const cluster_set *s);

/* The given partition of that name; NULL when there is none. */
const cluster_given *clusters_given(const cluster_set *s, const char *name);

/* Tables; docs/tables.md describes every column. */
void table_clusters(vmap_report *r, const cluster_work *w);
void table_cluster_count(vmap_report *r, const cluster_work *w);
void table_agreement(vmap_report *r, const cluster_work *w);
void table_zone_recovery(vmap_report *r, const cluster_work *w);
void table_tree(vmap_report *r, const cluster_work *w);
void table_cluster_distance(vmap_report *r, const cluster_work *w);
void table_between(vmap_report *r, const cluster_work *w);
void table_matching(vmap_report *r, const cluster_work *w);
void table_confusion(vmap_report *r, const cluster_work *w);
/* Two tables: persona units, and means of groups of them. */
void table_in_human_space(vmap_report *r, const cluster_work *w);
void table_map_match(vmap_report *r, const cluster_work *w);
void table_drift(vmap_report *r, const cluster_work *w);
void table_off_map(vmap_report *r, const cluster_work *w);

/* --- cluster_figures.c --- */

struct outcome;
/* Add the figures of the tables in the report to what is delivered; those with too much to be read are
 * left out. */
vmap_status clusters_draw(const cluster_work *w, const vmap_report *r, struct outcome *o, vmap_error *err);
vmap_status clusters_draw_between(const cluster_work *w, const vmap_report *r, struct outcome *o, vmap_error *err);

/* --- cmd_cluster.c --- */

/* The distances of clusters that `valuemap distance --between` asks for. */
vmap_status clusters_distance(const cluster_settings *settings, const word_list *operands, vmap_error *err);

#endif
