#ifndef VALUEMAP_MAP_H
#define VALUEMAP_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <gsl/gsl_matrix.h>
#include <gsl/gsl_vector.h>

#include "valuemap/answers.h"
#include "valuemap/error.h"
#include "valuemap/ledger.h"
#include "valuemap/space.h"

/* Groups of respondents on a map, and how far they are from countries and zones.
 *
 * k axes, g grouping columns, B bootstrap replicates. Positions and distances are in map units of the
 * space.
 */

/* ---- countries and their cultural zones ---- */

typedef struct vmap_country {
    char *alpha3; /* ISO 3166-1, with the World Values Survey's own codes for what ISO lacks */
    int s003;     /* numeric code of the surveys; 0 when the list has none */
    char *name;
    char *zone;   /* in the chosen edition; "" when it assigns none */
} vmap_country;

typedef struct vmap_countries {
    vmap_country *country;
    size_t count;
    char *edition;
} vmap_countries;

/* Read countries from a CSV file with the columns alpha3, s003, country and zone_EDITION. Zone
 * membership is disputed and changes by edition: it is data. `edition` "none" gives no zones.
 * VMAP_ENOENT for an edition that the file does not have, with those that it has. */
vmap_status vmap_countries_read(const char *path, const char *edition, vmap_countries **countries,
                                vmap_error *err);
void vmap_countries_free(vmap_countries *countries);

/* The country that a label means: its alpha-3 code, numeric code, country-year S025 (numeric code x 10^4 +
 * year) or name (letters of any case); NULL when there is none. */
const vmap_country *vmap_countries_find(const vmap_countries *countries, const char *label);

/* The year of a label that is a country-year S025 ("8402017" is the United States in 2017); else 0. */
int vmap_country_year(const char *label);

/* ---- groups ---- */

typedef struct vmap_group {
    char **labels;      /* g, one per grouping column */
    size_t rows;        /* respondents of the group */
    size_t n;           /* those who have a position */
    size_t n_complete;  /* those who answered every item */
    double weight;      /* sum of weights of the n */
    double n_eff;       /* Kish's effective number of the n */
    gsl_vector *mean;   /* k weighted mean position by the rule; NaN when n = 0 */
    gsl_vector *se;     /* k: sqrt( n/(n-1) S u^2 ) with u = w (x - m) / S w, the linearised standard
                           error of a weighted mean (Cochran 1977, Sampling Techniques, 3rd ed., section
                           6.4, a ratio of sums; sampling with replacement); for mean answers u is the
                           sum over items of weight x w (x_i - m_i) / S_i w; NaN when n < 2 */
    gsl_vector *centre; /* k weighted mean of its respondents' positions, whatever the rule */
    gsl_matrix *cov;    /* k x k weighted covariance of respondents' positions around it, divisor S w;
                           NaN when n < 2 */
    gsl_matrix *left_open; /* k x k weighted mean of their posterior covariances; this and the next
                              two are NaN when n = 0 */
    gsl_vector *sd_incomplete; /* k: what unanswered items leave open: the posterior sd of the group's
                                  mean answers, or the root mean square one of its respondents */
    gsl_vector *share;  /* k: share of score variance that the answered items explain, of the group's
                           mean answers or the weighted mean over its respondents */
    gsl_vector *items;  /* p weighted item means, NaN where nobody answered */
    vmap_operator *op;  /* of the group's mean answers, or the weighted mean of its respondents' */
    bool midpoint;      /* every item mean lies within half a code of its scale's midpoint */
    /* after vmap_groups_bootstrap(): */
    gsl_matrix *replicates; /* B x k mean positions; NULL when n < 2 */
    gsl_matrix *boot_cov;   /* k x k covariance of the replicates; NULL when n < 2 */
} vmap_group;

typedef struct vmap_groups {
    size_t columns;       /* g */
    char **names;         /* g names of the grouping columns */
    vmap_group *group;    /* sorted by labels, column by column */
    size_t count;
    size_t k, p;
    size_t unlabelled;    /* respondents left out because a label is missing */
    size_t midpoint_rows; /* respondents who answer (nearly) every scale at its midpoint */
} vmap_groups;

/* What respondents who miss items do to the mean position of their group. */
typedef enum vmap_incomplete {
    VMAP_INCOMPLETE_MEANS,   /* the position of the group's mean answers, each item over those who
                                answered it; items that (nearly) nobody in the group answered are
                                expected from the others. Not drawn together by scattered gaps. */
    VMAP_INCOMPLETE_PROJECT, /* the mean of the respondents' positions, expected ones included: each gap
                                draws it towards the mean of the whole population */
    VMAP_INCOMPLETE_DROP     /* the mean of respondents who answered every item: the official recipe */
} vmap_incomplete;

const char *vmap_incomplete_name(vmap_incomplete rule);
vmap_status vmap_incomplete_find(const char *name, vmap_incomplete *rule, vmap_error *err);

/* Mean positions of the groups that the answers' grouping columns define (all respondents as one
 * group when there are none).
 *   answers     p items in the order of the space; not modified
 *   projection  of the same respondents
 * Respondents of weight 0 count in `rows` only. Cost O(n (p k + log n)). */
vmap_status vmap_groups_new(const vmap_space *space, const vmap_answers *answers,
                            const vmap_projection *projection, vmap_incomplete rule,
                            vmap_groups **groups, vmap_error *err);
void vmap_groups_free(vmap_groups *groups);

/* The group of every respondent: n indices in fresh memory (free() it), groups->count for those
 * without labels. */
vmap_status vmap_groups_of_rows(const vmap_groups *groups, const vmap_answers *answers,
                                size_t **group, vmap_error *err);

/* Bootstrap the mean position of every group: n - 1 respondents drawn with replacement from its n
 * (with n - 1 the variance is unbiased: Rao & Wu 1988, JASA 83, 231-241, for one stage), B times.
 * The space is held fixed. The same seed gives the same replicates for any number of threads and any
 * order of rows; groups draw from streams of their own. Cost O(B n). */
vmap_status vmap_groups_bootstrap(vmap_groups *groups, const vmap_answers *answers,
                                  const vmap_projection *projection, vmap_incomplete rule,
                                  size_t replicates, uint64_t seed, unsigned threads,
                                  vmap_error *err);

/* Covariance of respondents around their group's mean, pooled over groups, weights as they are:
 * S_g S_i w (x - m_g)(x - m_g)' / S w, plus the mean posterior covariance of incomplete answers (the
 * variance of a position is the variance of its expectation plus the expected variance). k x k.
 * VMAP_EDATA when no group has two respondents. */
vmap_status vmap_groups_within(const vmap_groups *groups, gsl_matrix *within, vmap_error *err);

/* ---- reference points ---- */

/* A country or zone to which distances are measured. */
typedef struct vmap_reference {
    char *label;   /* the group label of the position, or the zone's name */
    char *name;    /* for people: the country's name */
    char *zone;    /* "" when it has none */
    int year;      /* 0 when it has none */
    size_t n;      /* respondents behind it, 0 when unknown; for a zone the number of countries */
    gsl_vector *at;
    gsl_vector *items; /* p item means; NULL when unknown; owned by the space */
} vmap_reference;

typedef struct vmap_references {
    vmap_reference *country; /* the latest position of each country (or group) of the space */
    size_t countries;
    vmap_reference *zone;    /* unweighted means of their countries' positions */
    size_t zones;
    gsl_matrix *within_inverse; /* k x k, for Mahalanobis distances; NULL when the space has none */
} vmap_references;

/* `countries` may be NULL: labels are then their own names and there are no zones. */
vmap_status vmap_references_new(const vmap_space *space, const vmap_countries *countries,
                                vmap_references **references, vmap_error *err);
void vmap_references_free(vmap_references *references);
/* Index of the country that a label means (the label itself, or what `countries` knows it as); the
 * number of countries when there is none. */
size_t vmap_references_find(const vmap_references *references, const vmap_countries *countries,
                            const char *label);

/* ---- distances ---- */

/* Euclidean distance of two positions, and Mahalanobis distance sqrt(d' S^-1 d) with the inverse of
 * the space's within-group covariance: in standard deviations of persons. k elements each. */
double vmap_distance_euclidean(const gsl_vector *a, const gsl_vector *b);
double vmap_distance_mahalanobis(const gsl_vector *a, const gsl_vector *b,
                                 const gsl_matrix *inverse);

typedef struct vmap_neighbour {
    size_t reference;   /* index of the country or zone */
    size_t rank;        /* from 1 */
    double distance;    /* Euclidean */
    double mahalanobis; /* NaN without a within-group covariance */
    double low, high;   /* 95 % percentile interval of the bootstrap distance; NaN without */
    double selected;    /* share of bootstrap replicates in which it is the nearest; NaN without */
} vmap_neighbour;

/* The m nearest of `count` reference points (fewer when there are fewer), nearest first; ties by
 * order of the references.
 *   neighbours  room for min(m, count) */
vmap_status vmap_groups_nearest(const vmap_group *group, const vmap_reference *reference,
                                size_t count, const gsl_matrix *within_inverse, size_t m,
                                vmap_neighbour *neighbours, vmap_error *err);

/* Where one group stands to the country that it is meant to be. */
typedef struct vmap_target {
    size_t reference; /* index of the country; the number of countries when it has no position */
    vmap_neighbour to;
    gsl_vector *difference; /* k: group minus target */
    double same_items; /* Euclidean distance to the target as the items that the group answered give
                          its position: free of what the missing items do; NaN when the space does not
                          know the target's item means or no item counts in the group's answers */
} vmap_target;

vmap_status vmap_target_new(const vmap_group *group, const vmap_references *references,
                            size_t country, vmap_target **target, vmap_error *err);
void vmap_target_free(vmap_target *target);

/* How one series of groups (one model's countries) spreads against the countries that it is meant to
 * be: on each axis the least-squares slope of group on target positions (1: faithful, below 1: drawn
 * together) and the ratio of standard deviations. */
typedef struct vmap_shrinkage {
    size_t groups;          /* with a target */
    double distance;        /* mean Euclidean distance to the target */
    double same_items;      /* the same to the target as the answered items give it; NaN when the space
                               does not know the item means of every target */
    double hits;            /* share whose nearest country is the target */
    gsl_vector *slope;      /* k; NaN when withheld */
    gsl_vector *slope_se;   /* k, ordinary least squares */
    gsl_vector *spread;     /* k: sd of groups / sd of targets; NaN when withheld */
    gsl_vector *share;      /* k: mean share of score variance that answered items explain */
    enum {
        VMAP_SHRINKAGE_OFFICIAL, /* complete answers against the countries' positions */
        VMAP_SHRINKAGE_SAME_ITEMS, /* incomplete answers against the countries' positions as the same
                                      items give them */
        VMAP_SHRINKAGE_WITHHELD  /* incomplete answers and no item means of the countries: the figure
                                    would show what the missing items do, not what the model does */
    } basis;
} vmap_shrinkage;

/* Positions from incomplete answers lie nearer to the population's mean by construction. Where the
 * space knows the countries' item means the comparison is made with the countries projected from the
 * same items (each group's mean operator applied to its target's item means); else slope and spread
 * are withheld as soon as a group's share is below 0.999.
 *   group    n groups of one series, not modified
 *   target   n indices of countries, references->countries for none
 * VMAP_EDATA with fewer than three groups that have a target. */
vmap_status vmap_shrinkage_new(const vmap_group *const *group, const size_t *target, size_t n,
                               const vmap_references *references, vmap_shrinkage **shrinkage,
                               vmap_error *err);
void vmap_shrinkage_free(vmap_shrinkage *shrinkage);

#endif
