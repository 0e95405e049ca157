#include <config.h>
#include "valuemap/space.h"

#include <math.h>
#include <string.h>

#include "core/memory.h"
#include "core/text.h"
#include "space/space_internal.h"

void axis_free(vmap_axis *axis)
{
    free(axis->name);
    free(axis->label);
    free(axis->low);
    free(axis->high);
    free(axis->official);
    free(axis->found_by);
}

static void position_free(vmap_position *position)
{
    free(position->group);
    gsl_vector_free(position->at);
    gsl_vector_free(position->se);
    gsl_vector_free(position->items);
}

void vmap_space_free(vmap_space *s)
{
    if (!s)
        return;
    for (size_t i = 0; s->items && i < s->p; i++)
        free(s->items[i]);
    for (size_t j = 0; s->axes && j < s->k; j++)
        axis_free(&s->axes[j]);
    for (size_t i = 0; i < s->positions_count; i++)
        position_free(&s->positions[i]);
    for (size_t i = 0; i < s->codebooks_count; i++)
        vmap_codebook_free(s->codebooks[i]);
    char *texts[] = {s->name,       s->title,         s->source,       s->limits, s->affine,
                     s->population, s->within_source, s->group_columns};
    gsl_vector *vectors[] = {s->low,  s->high, s->intercept, s->scale,
                             s->shift, s->mean, s->sd,       s->eigenvalues};
    gsl_matrix *matrices[] = {s->weights,   s->r,        s->within,  s->n,
                              s->unrotated, s->rotation, s->loadings};

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        free(texts[i]);
    for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++)
        gsl_vector_free(vectors[i]);
    for (size_t i = 0; i < sizeof matrices / sizeof *matrices; i++)
        gsl_matrix_free(matrices[i]);
    free(s->items);
    free(s->axes);
    free(s->positions);
    free(s->codebooks);
    free(s);
}

vmap_status vmap_space_add_codebook(vmap_space *space, vmap_codebook *codebook, vmap_error *err)
{
    vmap_codebook **more;

    for (size_t i = 0; i < space->p; i++) {
        if (vmap_codebook_find(codebook, space->items[i]) == codebook->items_count) {
            vmap_error_set(err, VMAP_EDATA, "codebook %s does not define this item of the space",
                           codebook->name);
            vmap_error_place(err, NULL, 0, 0, space->items[i]);
            return VMAP_EDATA;
        }
    }
    more = reallocarray(space->codebooks, space->codebooks_count + 1, sizeof *more);
    if (!more)
        return vmap_error_set(err, VMAP_ENOMEM, "no memory for a codebook");
    space->codebooks = more;
    more[space->codebooks_count++] = codebook;
    return VMAP_SUCCESS;
}

gsl_vector *copy_vector(const gsl_vector *v)
{
    gsl_vector *copy = v ? gsl_vector_alloc(v->size) : NULL;

    if (copy)
        gsl_vector_memcpy(copy, v);
    return copy;
}

vmap_status vmap_space_add_position(vmap_space *space, const char *group, int year, size_t n,
                                    double n_eff, const gsl_vector *at, const gsl_vector *se,
                                    const gsl_vector *items, vmap_error *err)
{
    vmap_position *more =
        reallocarray(space->positions, space->positions_count + 1, sizeof *more), *new;

    if (!more)
        return vmap_error_set(err, VMAP_ENOMEM, "no memory for a position");
    space->positions = more;
    new = &more[space->positions_count];
    *new = (vmap_position){.group = text_copy(group, strlen(group)),
                           .year = year,
                           .n = n,
                           .n_eff = n_eff,
                           .at = copy_vector(at),
                           .se = copy_vector(se),
                           .items = copy_vector(items)};
    if (!new->group || !new->at || (se && !new->se) || (items && !new->items)) {
        position_free(new);
        return vmap_error_set(err, VMAP_ENOMEM, "no memory for a position");
    }
    space->positions_count++;
    return VMAP_SUCCESS;
}

void vmap_space_midpoint(const vmap_space *space, gsl_vector *at)
{
    for (size_t j = 0; j < space->k; j++) {
        double x = gsl_vector_get(space->intercept, j);

        for (size_t i = 0; i < space->p; i++)
            x += gsl_matrix_get(space->weights, i, j) *
                 (gsl_vector_get(space->low, i) + gsl_vector_get(space->high, i)) / 2;
        gsl_vector_set(at, j, x);
    }
}
