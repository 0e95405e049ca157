#include <config.h>
#include "valuemap/space.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/memory.h"
#include "core/text.h"
#include "space/space_internal.h"
#include "valuemap/factor.h"

vmap_space *space_new(size_t p, size_t k, vmap_error *err)
{
    vmap_space *s = memory_new(1, sizeof *s, err);

    if (!s)
        return NULL;
    s->p = p;
    s->k = k;
    s->items = memory_new(p, sizeof *s->items, err);
    s->axes = memory_new(k, sizeof *s->axes, err);
    s->low = gsl_vector_calloc(p);
    s->high = gsl_vector_calloc(p);
    s->mean = gsl_vector_calloc(p);
    s->sd = gsl_vector_calloc(p);
    s->intercept = gsl_vector_calloc(k);
    s->scale = gsl_vector_alloc(k);
    s->shift = gsl_vector_calloc(k);
    s->weights = memory_matrix(p, k, err);
    s->r = memory_matrix(p, p, err);
    s->affine = text_copy("none", 4);
    if (s->scale)
        gsl_vector_set_all(s->scale, 1);
    if (s->items && s->axes && s->low && s->high && s->mean && s->sd && s->intercept &&
        s->scale && s->shift && s->weights && s->r && s->affine)
        return s;
    vmap_space_free(s);
    vmap_error_set(err, VMAP_ENOMEM, "no memory for a space of %zu items", p);
    return NULL;
}

/* Text of which NULL stays NULL; sets *failed when memory is short. */
static char *copy_text(const char *text, bool *failed)
{
    char *copy = text ? text_copy(text, strlen(text)) : NULL;

    *failed |= text && !copy;
    return copy;
}

static bool copy_axis(vmap_axis *to, const vmap_axis *from, const char *found_by)
{
    bool failed = false;

    memset(to, 0, sizeof *to);
    to->name = copy_text(from->name, &failed);
    to->label = copy_text(from->label, &failed);
    to->low = copy_text(from->low, &failed);
    to->high = copy_text(from->high, &failed);
    to->official = copy_text(from->official, &failed);
    to->found_by = text_copy(found_by, strlen(found_by));
    return !failed && to->found_by;
}

static bool name_axis(vmap_axis *axis, size_t number)
{
    axis->name = text_format("component%zu", number);
    axis->label = text_format("Component %zu", number);
    axis->low = text_copy("low", 3);
    axis->high = text_copy("high", 4);
    return axis->name && axis->label && axis->low && axis->high;
}

static vmap_status take_items(vmap_space *s, const vmap_codebook *codebook, const bool *use,
                              vmap_error *err)
{
    size_t q = 0;

    for (size_t i = 0, p = vmap_codebook_items(codebook); i < p; i++) {
        const vmap_item *item = &codebook->items[vmap_codebook_item(codebook, i)];

        if (!use[i])
            continue;
        gsl_vector_set(s->low, q, item->low);
        gsl_vector_set(s->high, q, item->high);
        s->items[q] = text_copy(item->name, strlen(item->name));
        if (!s->items[q++])
            return vmap_error_set(err, VMAP_ENOMEM, "no memory for an item name");
    }
    return VMAP_SUCCESS;
}

static size_t find_item(const vmap_space *s, const char *name)
{
    size_t i = 0;

    while (i < s->p && strcmp(s->items[i], name) != 0)
        i++;
    return i;
}

/* The component that is not taken and on which the axis' anchor loads most, the anchor in *anchor;
 * k when no anchor is at hand. */
static size_t find_component(const vmap_space *s, const vmap_axis *axis, const bool *taken,
                             const char **anchor)
{
    size_t best = s->k;

    for (unsigned a = 0; a < axis->anchor_count; a++) {
        size_t i = find_item(s, axis->anchor[a]);

        if (i == s->p)
            continue;
        *anchor = axis->anchor[a];
        for (size_t j = 0; j < s->k; j++) {
            if (!taken[j] && (best == s->k || fabs(gsl_matrix_get(s->loadings, i, j)) >
                                                  fabs(gsl_matrix_get(s->loadings, i, best))))
                best = j;
        }
        return best;
    }
    return best;
}

/* 1 or -1: what makes the axis' signed item load as it should; 0 when none is at hand. */
static int find_sign(const vmap_space *s, const vmap_axis *axis, size_t component)
{
    for (unsigned a = 0; a < axis->sign_count; a++) {
        size_t i = find_item(s, axis->sign[a] + 1);

        if (i < s->p) {
            bool positive = gsl_matrix_get(s->loadings, i, component) >= 0;

            return positive == (axis->sign[a][0] == '+') ? 1 : -1;
        }
    }
    return 0;
}

/* Give the components the names, order and signs of the codebook's axes; what the codebook does not
 * name follows by size. */
static vmap_status name_axes(vmap_space *s, const vmap_codebook *codebook, vmap_error *err)
{
    size_t named = codebook->axes_count < s->k ? codebook->axes_count : s->k;
    size_t *order = memory_new(s->k, sizeof *order, err);
    int *sign = memory_new(s->k, sizeof *sign, err);
    bool *taken = memory_new(s->k, sizeof *taken, err);
    vmap_status status = order && sign && taken ? VMAP_SUCCESS : VMAP_ENOMEM;

    for (size_t j = 0, next = 0; !status && j < s->k; j++) {
        const vmap_axis *axis = j < named ? &codebook->axes[j] : NULL;
        const char *anchor = "";

        if (axis) {
            order[j] = find_component(s, axis, taken, &anchor);
            sign[j] = order[j] < s->k ? find_sign(s, axis, order[j]) : 0;
            if (sign[j] == 0)
                status = vmap_error_set(err, VMAP_EDATA,
                                        "axis %s cannot be found: none of the items that name it "
                                        "(%s ...) is in the data",
                                        axis->name, axis->anchor[0]);
        } else {
            while (taken[next])
                next++;
            order[j] = next;
            sign[j] = 1;
        }
        if (!status)
            taken[order[j]] = true;
        if (!status && !(axis ? copy_axis(&s->axes[j], axis, anchor) : name_axis(&s->axes[j], j + 1)))
            status = vmap_error_set(err, VMAP_ENOMEM, "no memory for an axis");
    }
    if (!status)
        vmap_factor_arrange(s->loadings, s->rotation, order, sign);
    free(order);
    free(sign);
    free(taken);
    return status;
}

/* Unit-variance scores in raw codes: z W = ((x - mean) / sd) W. */
static vmap_status set_projection(vmap_space *s, vmap_error *err)
{
    vmap_status status = vmap_factor_component_weights(s->r, s->loadings, s->weights, err);

    for (size_t j = 0; !status && j < s->k; j++) {
        double intercept = 0;

        for (size_t i = 0; i < s->p; i++) {
            double w = gsl_matrix_get(s->weights, i, j) / gsl_vector_get(s->sd, i);

            gsl_matrix_set(s->weights, i, j, w);
            intercept -= w * gsl_vector_get(s->mean, i);
        }
        gsl_vector_set(s->intercept, j, intercept);
    }
    return status;
}

static vmap_status take_moments(vmap_space *s, const vmap_moments *m, vmap_error *err)
{
    gsl_vector_memcpy(s->mean, m->mean);
    gsl_vector_memcpy(s->sd, m->sd);
    gsl_matrix_memcpy(s->r, m->r);
    s->n = m->n ? memory_matrix(s->p, s->p, err) : NULL;
    s->unrotated = memory_matrix(s->p, s->k, err);
    s->loadings = memory_matrix(s->p, s->k, err);
    s->rotation = memory_matrix(s->k, s->k, err);
    s->eigenvalues = gsl_vector_alloc(s->p);
    if ((m->n && !s->n) || !s->unrotated || !s->loadings || !s->rotation || !s->eigenvalues)
        return vmap_error_set(err, VMAP_ENOMEM, "no memory for a fit of %zu items", s->p);
    if (m->n)
        gsl_matrix_memcpy(s->n, m->n);
    return VMAP_SUCCESS;
}

/* The kernel names an item by its number: say its name instead. */
static void name_item(const vmap_space *s, vmap_error *err)
{
    unsigned number;

    if (err && sscanf(err->column, "%u", &number) == 1 && number >= 1 && number <= s->p) {
        unsigned other;
        char *with = strstr(err->message, " (with item ");

        if (with && sscanf(with, " (with item %u)", &other) == 1 && other >= 1 && other <= s->p)
            snprintf(with, sizeof err->message - (size_t)(with - err->message), " (with %s)",
                     s->items[other - 1]);
        vmap_error_place(err, NULL, 0, 0, s->items[number - 1]);
    }
}

/* Components, rotation, axes and projection from the moments: the part of a fit that knows no
 * respondents. */
static vmap_status solve(vmap_space *s, const vmap_codebook *codebook, const vmap_moments *m,
                         vmap_error *err)
{
    vmap_status status = take_moments(s, m, err);

    if (!status)
        status = vmap_factor_components(s->r, s->eigenvalues, s->unrotated, err);
    if (!status)
        status = vmap_factor_varimax(s->unrotated, true, s->loadings, s->rotation, NULL, err);
    if (!status)
        vmap_factor_arrange_by_size(s->loadings, s->rotation);
    if (!status)
        status = name_axes(s, codebook, err);
    if (!status)
        status = set_projection(s, err);
    return status;
}

/* Columns of the used items, packed; `values` itself when all are used. */
static double *pack(const double *values, size_t n, size_t p, const bool *use, size_t q,
                    vmap_error *err)
{
    double *packed = memory_new(n * q, sizeof *packed, err);

    for (size_t i = 0, at = 0; packed && i < n; i++) {
        for (size_t j = 0; j < p; j++) {
            if (use[j])
                packed[at++] = values[i * p + j];
        }
    }
    return packed;
}

/* The space before anything is known about its population: names, items, room for k axes. */
static vmap_status begin(const vmap_codebook *codebook, const bool *use,
                         const vmap_fit_options *options, vmap_space **space, vmap_error *err)
{
    const char *name = options->name ? options->name : "fitted";
    size_t p = vmap_codebook_items(codebook), q = 0, k;
    vmap_space *s;
    vmap_status status;
    bool failed = false;

    for (size_t i = 0; i < p; i++)
        q += use[i];
    k = options->axes ? options->axes : codebook->axes_count ? codebook->axes_count : 2;
    if (q < 2)
        return vmap_error_set(err, VMAP_EDATA,
                              "%zu of the %zu items of codebook %s %s usable; a fit needs two", q,
                              p, codebook->name, q == 1 ? "is" : "are");
    if (k > q)
        return vmap_error_set(err, VMAP_EINVAL, "%zu axes from %zu items; at most one per item", k,
                              q);
    s = space_new(q, k, err);
    if (!s)
        return VMAP_ENOMEM;
    s->name = copy_text(name, &failed);
    s->title = copy_text(codebook->title, &failed);
    s->source = copy_text(options->source ? options->source : "", &failed);
    s->population = text_copy("the respondents of the fit", 26);
    status = failed || !s->population ? vmap_error_set(err, VMAP_ENOMEM, "no memory for a name")
                                      : take_items(s, codebook, use, err);
    if (status)
        vmap_space_free(s);
    else
        *space = s;
    return status;
}

vmap_status space_from_moments(const vmap_codebook *codebook, const bool *use,
                               const vmap_moments *moments, const vmap_fit_options *options,
                               vmap_space **space, vmap_error *err)
{
    vmap_space *s = NULL;
    vmap_status status = begin(codebook, use, options, &s, err);

    if (!status && moments->p != s->p)
        status = vmap_error_set(err, VMAP_EINVAL, "moments of %zu items for a space of %zu",
                                moments->p, s->p);
    if (!status)
        status = solve(s, codebook, moments, err);
    if (status)
        vmap_space_free(s);
    else
        *space = s;
    return status;
}

vmap_status vmap_space_fit(const vmap_codebook *codebook, const bool *use, const double *values,
                           size_t n, const double *weights, const vmap_fit_options *options,
                           vmap_space **space, vmap_error *err)
{
    const vmap_fit_options chosen = options ? *options : (vmap_fit_options){0};
    size_t p = vmap_codebook_items(codebook);
    vmap_space *s = NULL;
    vmap_moments *m = NULL;
    double *packed = NULL;
    vmap_status status = begin(codebook, use, &chosen, &s, err);

    if (!status && s->p < p) {
        packed = pack(values, n, p, use, s->p, err);
        status = packed ? VMAP_SUCCESS : VMAP_ENOMEM;
    }
    if (!status) {
        status = vmap_moments_correlate(packed ? packed : values, n, s->p, weights, chosen.missing,
                                        &m, err);
        if (status)
            name_item(s, err);
    }
    if (!status)
        status = solve(s, codebook, m, err);
    vmap_moments_free(m);
    free(packed);
    if (status)
        vmap_space_free(s);
    else
        *space = s;
    return status;
}
