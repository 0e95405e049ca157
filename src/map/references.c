#include <config.h>
#include "valuemap/map.h"

#include <math.h>
#include <string.h>

#include "core/memory.h"
#include "core/numeric.h"
#include "core/text.h"
#include "map/map_internal.h"

static void free_reference(vmap_reference *r)
{
    free(r->label);
    free(r->name);
    free(r->zone);
    gsl_vector_free(r->at);
}

void vmap_references_free(vmap_references *r)
{
    if (!r)
        return;
    for (size_t i = 0; i < r->countries; i++)
        free_reference(&r->country[i]);
    for (size_t i = 0; i < r->zones; i++)
        free_reference(&r->zone[i]);
    free(r->country);
    free(r->zone);
    gsl_matrix_free(r->within_inverse);
    free(r);
}

static vmap_status fill_reference(vmap_reference *to, const char *label, const char *name,
                                  const char *zone, const gsl_vector *at, vmap_error *err)
{
    to->label = text_copy(label, strlen(label));
    to->name = text_copy(name, strlen(name));
    to->zone = text_copy(zone, strlen(zone));
    to->at = gsl_vector_alloc(at->size);
    if (!to->label || !to->name || !to->zone || !to->at)
        return vmap_error_set(err, VMAP_ENOMEM, "no memory for a reference position");
    gsl_vector_memcpy(to->at, at);
    return VMAP_SUCCESS;
}

/* Do two labels mean one country, perhaps in different years? */
static bool is_same(const vmap_countries *countries, const char *a, const char *b)
{
    const vmap_country *known;

    if (strcmp(a, b) == 0)
        return true;
    if (!countries || !vmap_country_year(a) || !vmap_country_year(b))
        return false;
    known = vmap_countries_find(countries, a);
    return known && vmap_countries_find(countries, b) == known;
}

/* Is position i the latest one of its country? */
static bool is_latest(const vmap_space *s, const vmap_countries *countries, size_t i)
{
    for (size_t j = 0; j < s->positions_count; j++) {
        if (!isnan(gsl_vector_get(s->positions[j].at, 0)) &&
            is_same(countries, s->positions[j].group, s->positions[i].group) &&
            (s->positions[j].year > s->positions[i].year ||
             (s->positions[j].year == s->positions[i].year && j < i)))
            return false;
    }
    return true;
}

static vmap_status take_countries(vmap_references *r, const vmap_space *s,
                                  const vmap_countries *countries, vmap_error *err)
{
    r->country = memory_new(s->positions_count, sizeof *r->country, err);
    if (!r->country)
        return VMAP_ENOMEM;
    for (size_t i = 0; i < s->positions_count; i++) {
        const vmap_position *p = &s->positions[i];
        const vmap_country *known = countries ? vmap_countries_find(countries, p->group) : NULL;
        vmap_reference *to = &r->country[r->countries];
        vmap_status status;

        if (isnan(gsl_vector_get(p->at, 0)) || !is_latest(s, countries, i))
            continue;
        r->countries++;
        status = fill_reference(to, p->group, known ? known->name : p->group,
                                known ? known->zone : "", p->at, err);
        if (status)
            return status;
        to->year = p->year;
        to->n = p->n;
        to->items = p->items;
    }
    return VMAP_SUCCESS;
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(((const vmap_reference *)a)->label, ((const vmap_reference *)b)->label);
}

static vmap_status take_zones(vmap_references *r, vmap_error *err)
{
    r->zone = memory_new(r->countries, sizeof *r->zone, err);
    if (!r->zone)
        return VMAP_ENOMEM;
    for (size_t i = 0; i < r->countries; i++) {
        const vmap_reference *country = &r->country[i];
        size_t z = 0;

        if (!country->zone[0])
            continue;
        while (z < r->zones && strcmp(r->zone[z].label, country->zone) != 0)
            z++;
        if (z == r->zones) {
            vmap_status status = fill_reference(&r->zone[z], country->zone, country->zone,
                                                country->zone, country->at, err);

            r->zones++;
            if (status)
                return status;
            r->zone[z].n = 1;
        } else {
            gsl_vector_add(r->zone[z].at, country->at);
            r->zone[z].n++;
        }
    }
    for (size_t z = 0; z < r->zones; z++)
        gsl_vector_scale(r->zone[z].at, 1 / (double)r->zone[z].n);
    qsort(r->zone, r->zones, sizeof *r->zone, compare_names);
    return VMAP_SUCCESS;
}

vmap_status vmap_references_new(const vmap_space *space, const vmap_countries *countries,
                                vmap_references **references, vmap_error *err)
{
    vmap_references *r = memory_new(1, sizeof *r, err);
    vmap_status status = r ? take_countries(r, space, countries, err) : VMAP_ENOMEM;

    if (!status)
        status = take_zones(r, err);
    if (!status && space->within) {
        r->within_inverse = memory_matrix(space->k, space->k, err);
        status = r->within_inverse ? numeric_invert(space->within, r->within_inverse, err)
                                   : VMAP_ENOMEM;
        if (status == VMAP_ESINGULAR) { /* people who do not differ: no such distance */
            gsl_matrix_free(r->within_inverse);
            r->within_inverse = NULL;
            status = VMAP_SUCCESS;
        }
    }
    if (status)
        vmap_references_free(r);
    else
        *references = r;
    return status;
}

size_t vmap_references_find(const vmap_references *r, const vmap_countries *countries,
                            const char *label)
{
    const vmap_country *wanted = countries ? vmap_countries_find(countries, label) : NULL;

    for (size_t i = 0; i < r->countries; i++) {
        if (strcmp(r->country[i].label, label) == 0 ||
            (wanted && vmap_countries_find(countries, r->country[i].label) == wanted))
            return i;
    }
    return r->countries;
}

bool reference_from_items(const vmap_group *g, const vmap_reference *country, size_t axis, double *at)
{
    bool any = false;

    *at = gsl_vector_get(g->op->constant, axis);
    for (size_t i = 0; i < g->op->weights->size1; i++) {
        double w = gsl_matrix_get(g->op->weights, i, axis);

        if (w == 0)
            continue;
        if (!country->items || isnan(gsl_vector_get(country->items, i)))
            return false;
        *at += w * gsl_vector_get(country->items, i);
        any = true;
    }
    return any; /* no item in common: both would stand at the population's mean, 0 apart */
}
