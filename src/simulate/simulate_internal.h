#ifndef SIMULATE_SIMULATE_INTERNAL_H
#define SIMULATE_SIMULATE_INTERNAL_H

#include <gsl/gsl_rng.h>

#include "valuemap/simulate.h"

/* Shared by the files of src/simulate; not exported. */

enum {
    ITEMS = 10,
    CUTS_MAX = 9, /* thresholds of a ten-point item */
    COLUMNS = 14, /* questions that the items come from */
};

/* An item in the model's own order, which is that of the table in model.c. */
typedef struct {
    const char *name;
    int low, high;
    double loading[2];
    unsigned char share[CUTS_MAX + 1]; /* per cent of each code at the centre of the plane */
} model_item;
extern const model_item model_items[ITEMS];

/* A question of the survey. */
typedef struct {
    int number;    /* 254: column Q254, or Q254P when it is inverted */
    size_t item;   /* that it gives, alone or with others */
    bool inverted; /* the inverted variant of the survey has it as QnP, with reversed codes */
    bool quality;  /* a quality that a child should learn: 1 mentioned, 2 not, inverted 0 not */
} model_column;
extern const model_column model_columns[COLUMNS];

typedef struct {
    char code[4];
    int number, year; /* S003 = B_COUNTRY, year of the interviews */
    double place[2];
} model_country;
extern const model_country model_countries[];
extern const size_t model_countries_count;

/* A population of respondents whose latent variables have the same means and variances. */
typedef struct {
    double mean[ITEMS];
    double spread;
} latent;

typedef struct {
    size_t n, urban;    /* respondents, and how many of them are urban: they come first */
    double urban_share; /* in the population */
    double weight[2];   /* urban, rural */
    latent latent[2];
} human_group;

struct vmap_simulation_plan {
    vmap_simulate_options options; /* without pointers to what the caller owns */
    vmap_simulate_model *models;   /* copies with their names */
    human_group *humans;           /* countries */
    latent *personas;              /* models x countries */
    size_t order[ITEMS];           /* item of the model that is item i of the space */
    bool without[COLUMNS];         /* of the persona file */
};
typedef struct vmap_simulation_plan simulation_plan;

/* Thresholds of an item, ascending: high - low of them. */
void model_thresholds(size_t item, double cut[CUTS_MAX]);

/* Latent means of all items at a point of the plane (in the units of `place`) moved by `shift`
 * standard deviations of f on both axes. */
void model_latent(const double place[2], double shift, double spread, latent *to);

/* Urban minus rural mean of f, on both axes. */
extern const double model_urban_effect;

/* Text of a column's name: "Q254" or "Q254P". */
void model_column_name(size_t column, bool inverted, char name[16]);

/* Means (ITEMS) and, unless NULL, covariances (ITEMS x ITEMS) of the codes, exactly. */
void code_moments(const latent *of, double mean[ITEMS], double (*cov)[ITEMS]);

/* The true space, the groups' truth and the slopes; fills the simulation. */
vmap_status find_truth(vmap_simulation *simulation, const vmap_codebook *codebook, vmap_error *err);

/* One respondent's answers, item by item and column by column. */
typedef struct {
    signed char code[ITEMS];  /* what was drawn, before anything got lost */
    bool lost[ITEMS];         /* missing, refused, foreign or out of range */
    signed char raw[COLUMNS]; /* as it stands in a file of the standard variant */
} answer_sheet;

/* Draws the respondents of one group; answers and gaps come from streams of their own, so that the
 * answers stay the same when the shares of missing answers change. */
typedef struct {
    const simulation_plan *plan;
    gsl_rng *answers, *gaps;
    double cut[ITEMS][CUTS_MAX];
    double unique[ITEMS]; /* sd of e */
    size_t pride;         /* the item with code 5, not of this nationality */
} drawer;

vmap_status drawer_open(drawer *d, const simulation_plan *plan, vmap_error *err);
void drawer_close(drawer *d); /* may be called again */
void drawer_human(drawer *d, size_t country);
void drawer_persona(drawer *d, size_t group);
/* Stream for the questions that fill up the file of people. */
uint64_t filler_stream(size_t country);
void draw_human(drawer *d, size_t country, size_t number, answer_sheet *sheet);
void draw_persona(drawer *d, size_t group, answer_sheet *sheet);

#endif
