#ifndef VALUEMAP_SIMULATE_H
#define VALUEMAP_SIMULATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <gsl/gsl_matrix.h>
#include <gsl/gsl_vector.h>

#include "valuemap/codebook.h"
#include "valuemap/error.h"
#include "valuemap/space.h"

/* Simulated survey and persona files of which the truth is known: for trying the program out, for
 * testing every step from file to map, and for studies of coverage and power.
 *
 * Everything is invented. The countries are those of the World Values Survey's wave 7 because files
 * in its layout need their codes, and they stand roughly where the 2023 map has them because a map
 * that looks familiar is easier to check by eye; nothing else about them is real. Every file has a
 * last column SIMULATED, which is 1.
 *
 * The model. Each of the ten items of the Inglehart-Welzel map is cut from a latent normal variable
 *     y = a' (m + s + f) + e,
 * with two loadings a (signs and rough sizes of the real map), the country's place m in the plane,
 * a shift s of its urban or rural stratum (which averages to zero over the country), the
 * respondent's own f ~ N(0, I) and a unique part e, such that y has variance 1 within a stratum.
 * Fixed thresholds turn y into codes. A persona group has the place
 *     m = home of the model + slope x (place of its country - average place of the countries),
 * no strata, and a smaller spread of f and e.
 *
 * The truth is computed, not sampled: the moments of the codes are sums of normal and bivariate
 * normal probabilities over strata and countries; from them follow the population's components,
 * rotation, axes and projection (the code is that of vmap_space_fit()), and the position of each
 * group, which is linear in the means of its codes. In the population, countries count in
 * proportion to their respondents, as they do in a fit with weights whose mean is 1 in each
 * country.
 */

typedef struct vmap_simulate_model {
    const char *name; /* value of the column `model`: 1..64 letters, digits, '_', '-' and '.' */
    double home[2];   /* place (survself, tradrat) when it plays an average country, in the rough
                         map units of the countries' places */
    double slope;     /* how far it follows a country from the average: 1 all the way, 0 not */
    double spread;    /* sd of y within a group, more than 0; people have 1 */
} vmap_simulate_model;

typedef struct vmap_simulate_options {
    /* The definitions, required: a codebook that has the ten items by name and with their codes,
     * and as its first axes survself and tradrat (iw-wvs7); not modified, not kept. */
    const vmap_codebook *codebook;
    uint64_t seed; /* [1] the same seed and options give the same bytes */

    /* People. */
    size_t countries;    /* [12] 1..66 */
    size_t respondents;  /* [1000] in each country, 2..900000 */
    const size_t *sizes; /* [NULL] `countries` numbers to take instead */
    double spread;       /* [1] factor on the distances between countries, at least 0 */
    double missing;      /* [0.05] share of answers that are -1 or -2, 0..0.9, at random in each
                            item; of an item made from several columns one column is lost */
    double foreign;      /* [0.01] share of Q254 = 5 (not of this nationality), likewise */
    bool inverted;       /* [false] the inverted variant of the survey: Q254P, Q8P ... */
    size_t columns;      /* [0] fill the file of people up to this number of columns (21..10000)
                            with answers to other questions; 0: none */

    /* Personas. */
    const vmap_simulate_model *models; /* [simA, simB, simC of slope 0.9, 0.5, 0.2] */
    size_t models_count;               /* [3] */
    size_t personas;                   /* [100] in each group of model x country */
    double refused;                    /* [0.02] share of persona answers that are -2 */
    double out_of_range;        /* [0.01] share of answers that are 0 (3 in Q8P, Q14P, Q15P and
                                   Q17P, where 0 is a code); 0..0.9 together with `refused` */
    bool personas_inverted;     /* [false] the inverted variant of the persona file */
    const char *const *without; /* [none] items ("E018") or columns ("Q14") that the persona file */
    size_t without_count;       /* does not have */
} vmap_simulate_options;

/* Fill in the defaults in brackets; the codebook is left NULL. */
void vmap_simulate_defaults(vmap_simulate_options *options);

/* Number of countries that can be asked for. */
size_t vmap_simulate_countries_max(void);

/* The truth about one group. */
typedef struct vmap_simulated_group {
    const char *model;   /* NULL for people */
    const char *country; /* ISO 3166-1 alpha-3 code */
    gsl_vector *items;   /* p means of the raw codes in the group's population */
    gsl_vector *at;      /* true position in the true space: survself, tradrat in its map units */
} vmap_simulated_group;

typedef struct vmap_simulation {
    vmap_space *space; /* the true space: ten items in the codebook's order, affine "wvs", with the
                          exact `within` and the countries' positions; n is NULL, and no codebook is
                          in it (see vmap_space_add_codebook()) */
    size_t countries, models;
    vmap_simulated_group *humans;   /* countries */
    vmap_simulated_group *personas; /* models x countries, all countries of the first model first */
    gsl_matrix *slopes; /* models x 2: least-squares slope of the model's true positions on those of
                           the countries, per axis, each country counting once. Not the model's
                           slope: a group of smaller spread than people's passes thresholds
                           together, so that its mean code moves further for the same step in the
                           plane. NaN where the countries do not differ. NULL without models. */
    struct vmap_simulation_plan *plan; /* private */
} vmap_simulation;

/* Compute the truth; answers are drawn by the functions below, each time alike.
 * Errors: VMAP_EINVAL (an option outside its range; the message says which), VMAP_ENOENT (a name in
 * `without`), VMAP_EDATA (the codebook lacks an item or an axis, or gives an item other codes),
 * VMAP_ENOMEM. Cost: about half a millisecond per country. */
vmap_status vmap_simulate(const vmap_simulate_options *options, vmap_simulation **simulation,
                          vmap_error *err);
void vmap_simulation_free(vmap_simulation *simulation);

/* Write the file of people: A_YEAR, B_COUNTRY, B_COUNTRY_ALPHA, D_INTERVIEW, H_URBRURAL (1 urban, 2
 * rural), W_WEIGHT, the questions in the order of their numbers, SIMULATED. The strata are sampled
 * with unequal shares, urban people too often in every other country and too rarely in the rest;
 * W_WEIGHT is the stratum's share in the population over its share in the sample. Y003 is
 * written as Q8, Q14, Q15, Q17 and Y002 as Q154, Q155, drawn among the answers that give the
 * value. Questions that only fill the file take the free numbers from Q1 up, go on beyond the
 * survey's last question and are independent of everything.
 * Errors: VMAP_EIO, VMAP_ENOENT, VMAP_ENOMEM; nothing is left behind. Cost: about a second per
 * hundred million cells. */
vmap_status vmap_simulation_write_humans(const vmap_simulation *simulation, const char *path,
                                         vmap_error *err);

/* Write the file of personas: model, B_COUNTRY_ALPHA, persona (from 1 in each group), the
 * questions, SIMULATED. VMAP_EINVAL when there are no models or no personas; otherwise as above. */
vmap_status vmap_simulation_write_personas(const vmap_simulation *simulation, const char *path,
                                           vmap_error *err);

/* Write the truth about the countries: set ("human"), B_COUNTRY_ALPHA, survself, tradrat,
 * SIMULATED; and about the persona groups: set ("persona"), model, B_COUNTRY_ALPHA, survself,
 * tradrat, slope (of the latent places, as the options gave it), survself_slope, tradrat_slope
 * (of the positions, see vmap_simulation), SIMULATED. Numbers read back as the same doubles; an
 * unknown slope is empty. */
vmap_status vmap_simulation_write_truth(const vmap_simulation *simulation, const char *path,
                                        vmap_error *err);
vmap_status vmap_simulation_write_persona_truth(const vmap_simulation *simulation, const char *path,
                                                vmap_error *err);

/* The answers of a file without the file: what reading it gives. */
typedef struct vmap_sample {
    size_t n, p;
    double *values;  /* n x p raw codes, row after row, in the order of the space's items; NaN where
                        the answer is missing, refused or out of range; the columns of `without` are
                        NOT left out */
    double *weights; /* n; all 1 for personas */
    size_t *group;   /* n: index into simulation->humans or ->personas */
    unsigned char *urban; /* n: 1 urban, 2 rural; 0 for personas */
} vmap_sample;

/* VMAP_ENOMEM; VMAP_EINVAL when there are no personas. */
vmap_status vmap_simulation_draw_humans(const vmap_simulation *simulation, vmap_sample **sample,
                                        vmap_error *err);
vmap_status vmap_simulation_draw_personas(const vmap_simulation *simulation, vmap_sample **sample,
                                          vmap_error *err);
void vmap_sample_free(vmap_sample *sample);

#endif
