#include <config.h>
#include "valuemap/space.h"

#include <math.h>
#include <string.h>

#include <jansson.h>

#include "core/buffer.h"
#include "core/file.h"
#include "core/memory.h"
#include "core/text.h"
#include "space/space_internal.h"

#define FORMAT "valuemap space"
enum { FILE_VERSION = 1 };

/* ---- writing: one line for each item, position and matrix row, so that people can read it ---- */

static void put_text(buffer *b, const char *key, const char *text)
{
    if (!text)
        return;
    buffer_format(b, ",\n\"%s\": ", key);
    buffer_json_text(b, text);
}

static void put_values(buffer *b, const gsl_vector *v)
{
    buffer_put(b, "[");
    for (size_t i = 0; i < v->size; i++) {
        if (i)
            buffer_put(b, ", ");
        buffer_json_number(b, gsl_vector_get(v, i));
    }
    buffer_put(b, "]");
}

static void put_row(buffer *b, const gsl_matrix *m, size_t i)
{
    gsl_vector_const_view row = gsl_matrix_const_row(m, i);

    put_values(b, &row.vector);
}

static void put_vector(buffer *b, const char *key, const gsl_vector *v)
{
    if (!v)
        return;
    buffer_format(b, ",\n\"%s\": ", key);
    put_values(b, v);
}

static void put_matrix(buffer *b, const char *key, const gsl_matrix *m)
{
    if (!m)
        return;
    buffer_format(b, ",\n\"%s\": [", key);
    for (size_t i = 0; i < m->size1; i++) {
        buffer_put(b, i ? ",\n  " : "\n  ");
        put_row(b, m, i);
    }
    buffer_put(b, "\n]");
}

static void put_axes(buffer *b, const vmap_space *s)
{
    buffer_put(b, ",\n\"axes\": [");
    for (size_t j = 0; j < s->k; j++) {
        const vmap_axis *axis = &s->axes[j];

        buffer_put(b, j ? ",\n  {\"name\": " : "\n  {\"name\": ");
        buffer_json_text(b, axis->name);
        buffer_put(b, ", \"label\": ");
        buffer_json_text(b, axis->label);
        buffer_put(b, ", \"low\": ");
        buffer_json_text(b, axis->low);
        buffer_put(b, ", \"high\": ");
        buffer_json_text(b, axis->high);
        if (axis->official) {
            buffer_put(b, ", \"official\": ");
            buffer_json_text(b, axis->official);
        }
        if (axis->found_by) {
            buffer_put(b, ", \"found_by\": ");
            buffer_json_text(b, axis->found_by);
        }
        buffer_put(b, "}");
    }
    buffer_put(b, "\n]");
}

static void put_items(buffer *b, const vmap_space *s)
{
    buffer_put(b, ",\n\"items\": [");
    for (size_t i = 0; i < s->p; i++) {
        const gsl_vector *numbers[] = {s->low, s->high, s->mean, s->sd};
        const char *keys[] = {"low", "high", "mean", "sd"};

        buffer_put(b, i ? ",\n  {\"name\": " : "\n  {\"name\": ");
        buffer_json_text(b, s->items[i]);
        for (size_t q = 0; q < 4; q++) {
            buffer_format(b, ", \"%s\": ", keys[q]);
            buffer_json_number(b, gsl_vector_get(numbers[q], i));
        }
        buffer_put(b, ", \"weights\": ");
        put_row(b, s->weights, i);
        if (s->loadings) {
            buffer_put(b, ", \"loadings\": ");
            put_row(b, s->loadings, i);
        }
        buffer_put(b, "}");
    }
    buffer_put(b, "\n]");
}

static void put_position(buffer *b, const vmap_position *position)
{
    buffer_put(b, "{\"group\": ");
    buffer_json_text(b, position->group);
    if (position->year)
        buffer_format(b, ", \"year\": %d", position->year);
    if (position->n) {
        buffer_format(b, ", \"n\": %zu, \"n_eff\": ", position->n);
        buffer_json_number(b, position->n_eff);
    }
    buffer_put(b, ", \"at\": ");
    put_values(b, position->at);
    if (position->se) {
        buffer_put(b, ", \"se\": ");
        put_values(b, position->se);
    }
    if (position->items) {
        buffer_put(b, ", \"items\": ");
        put_values(b, position->items);
    }
    buffer_put(b, "}");
}

static vmap_status put_codebooks(buffer *b, const vmap_space *s, vmap_error *err)
{
    buffer_put(b, ",\n\"codebooks\": [");
    for (size_t i = 0; i < s->codebooks_count; i++) {
        char *json = vmap_codebook_json(s->codebooks[i], err);

        if (!json)
            return VMAP_ENOMEM;
        buffer_put(b, i ? ",\n  " : "\n  ");
        buffer_put(b, json);
        free(json);
    }
    buffer_put(b, "\n]");
    return VMAP_SUCCESS;
}

vmap_status vmap_space_write(const vmap_space *s, const char *path, vmap_error *err)
{
    buffer b = {0};
    char *text = NULL;
    size_t n = 0;
    vmap_status status;

    buffer_format(&b, "{\"format\": \"" FORMAT "\",\n\"version\": %d", FILE_VERSION);
    put_text(&b, "name", s->name);
    put_text(&b, "title", s->title);
    put_text(&b, "source", s->source);
    put_text(&b, "limits", s->limits);
    if (s->simulated)
        buffer_put(&b, ",\n\"simulated\": true");
    put_axes(&b, s);
    put_text(&b, "affine", s->affine);
    put_vector(&b, "scale", s->scale);
    put_vector(&b, "shift", s->shift);
    put_vector(&b, "intercept", s->intercept);
    put_items(&b, s);
    put_text(&b, "population", s->population);
    put_matrix(&b, "correlation", s->r);
    put_matrix(&b, "n", s->n);
    put_matrix(&b, "unrotated", s->unrotated);
    put_matrix(&b, "rotation", s->rotation);
    put_vector(&b, "eigenvalues", s->eigenvalues);
    put_matrix(&b, "within", s->within);
    put_text(&b, "within_source", s->within_source);
    put_text(&b, "group_columns", s->group_columns);
    buffer_put(&b, ",\n\"positions\": [");
    for (size_t i = 0; i < s->positions_count; i++) {
        buffer_put(&b, i ? ",\n  " : "\n  ");
        put_position(&b, &s->positions[i]);
    }
    buffer_put(&b, "\n]");
    status = put_codebooks(&b, s, err);
    buffer_put(&b, "}\n");
    if (status)
        buffer_free(&b);
    else
        status = buffer_take(&b, &text, &n, err);
    if (!status)
        status = file_write(path, text, n, err);
    free(text);
    return status;
}

/* ---- reading ---- */

/* The first failure while a file is read; later calls do nothing. */
typedef struct {
    vmap_status status;
    vmap_error *err;
} reading;

static void complain(reading *r, const char *key, const char *what)
{
    if (!r->status)
        r->status = vmap_error_set(r->err, VMAP_EDATA, "key '%s': %s", key, what);
}

static char *get_text(reading *r, const json_t *object, const char *key, bool required)
{
    const json_t *value = json_object_get(object, key);
    char *copy = NULL;

    if (json_is_string(value)) {
        copy = text_copy(json_string_value(value), json_string_length(value));
        if (!copy && !r->status)
            r->status = vmap_error_set(r->err, VMAP_ENOMEM, "no memory for a text");
    } else if (value || required) {
        complain(r, key, "a text is expected");
    }
    return copy;
}

static double get_number(reading *r, const json_t *object, const char *key, double otherwise)
{
    const json_t *value = json_object_get(object, key);

    if (json_is_number(value))
        return json_number_value(value);
    if (value ? !json_is_null(value) : isnan(otherwise))
        complain(r, key, "a number is expected");
    return otherwise;
}

/* A whole number 0..most; 0 when there is none. */
static double get_count(reading *r, const json_t *object, const char *key, double most)
{
    double x = get_number(r, object, key, 0);

    if (x >= 0 && x <= most && x == floor(x))
        return x;
    complain(r, key, "a whole number from 0 up is expected");
    return 0;
}

static bool get_truth(reading *r, const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);

    if (value && !json_is_boolean(value))
        complain(r, key, "true or false is expected");
    return json_is_true(value);
}

/* Length of an optional array. */
static size_t get_length(reading *r, const json_t *object, const char *key)
{
    const json_t *array = json_object_get(object, key);

    if (array && !json_is_array(array))
        complain(r, key, "an array is expected");
    return json_array_size(array);
}

/* Fill v from an array of as many numbers (null is NaN). */
static void fill_vector(reading *r, const json_t *array, const char *key, gsl_vector *v)
{
    if (!json_is_array(array) || json_array_size(array) != v->size) {
        complain(r, key, "an array of as many numbers as items or axes is expected");
        return;
    }
    for (size_t i = 0; i < v->size; i++) {
        const json_t *x = json_array_get(array, i);

        if (!json_is_number(x) && !json_is_null(x))
            complain(r, key, "an element is no number");
        gsl_vector_set(v, i, json_is_number(x) ? json_number_value(x) : NAN);
    }
}

static gsl_vector *get_vector(reading *r, const json_t *object, const char *key, size_t n)
{
    const json_t *array = json_object_get(object, key);
    gsl_vector *v = array ? gsl_vector_calloc(n) : NULL;

    if (v)
        fill_vector(r, array, key, v);
    else if (array && !r->status)
        r->status = vmap_error_set(r->err, VMAP_ENOMEM, "no memory for %zu numbers", n);
    return v;
}

static gsl_matrix *get_matrix(reading *r, const json_t *object, const char *key, size_t rows,
                              size_t columns)
{
    const json_t *array = json_object_get(object, key);
    gsl_matrix *m;

    if (!array)
        return NULL;
    if (!json_is_array(array) || json_array_size(array) != rows) {
        complain(r, key, "an array of as many rows as items or axes is expected");
        return NULL;
    }
    m = memory_matrix(rows, columns, r->err);
    if (!m && !r->status)
        r->status = VMAP_ENOMEM;
    for (size_t i = 0; m && i < rows; i++) {
        gsl_vector_view row = gsl_matrix_row(m, i);

        fill_vector(r, json_array_get(array, i), key, &row.vector);
    }
    return m;
}

static void require(reading *r, const void *pointer, const char *key)
{
    if (!pointer)
        complain(r, key, "it is missing");
}

static void get_axis(reading *r, const json_t *object, vmap_axis *axis)
{
    axis->name = get_text(r, object, "name", true);
    axis->label = get_text(r, object, "label", true);
    axis->low = get_text(r, object, "low", true);
    axis->high = get_text(r, object, "high", true);
    axis->official = get_text(r, object, "official", false);
    axis->found_by = get_text(r, object, "found_by", false);
}

static void get_item(reading *r, const json_t *object, vmap_space *s, size_t i)
{
    gsl_vector_view weights = gsl_matrix_row(s->weights, i);
    const json_t *loadings = json_object_get(object, "loadings");

    s->items[i] = get_text(r, object, "name", true);
    gsl_vector_set(s->low, i, get_number(r, object, "low", NAN));
    gsl_vector_set(s->high, i, get_number(r, object, "high", NAN));
    gsl_vector_set(s->mean, i, get_number(r, object, "mean", NAN));
    gsl_vector_set(s->sd, i, get_number(r, object, "sd", NAN));
    if (!(gsl_vector_get(s->sd, i) > 0))
        complain(r, "sd", "a positive number is expected");
    fill_vector(r, json_object_get(object, "weights"), "weights", &weights.vector);
    if (loadings && !s->loadings)
        s->loadings = memory_matrix(s->p, s->k, r->err);
    if (loadings && !s->loadings && !r->status)
        r->status = VMAP_ENOMEM;
    if (loadings && s->loadings) {
        gsl_vector_view row = gsl_matrix_row(s->loadings, i);

        fill_vector(r, loadings, "loadings", &row.vector);
    }
}

static void get_position(reading *r, const json_t *object, vmap_space *s)
{
    char *group = get_text(r, object, "group", true);
    gsl_vector *at = get_vector(r, object, "at", s->k);
    gsl_vector *se = get_vector(r, object, "se", s->k);
    gsl_vector *items = get_vector(r, object, "items", s->p);
    int year = (int)get_count(r, object, "year", 1e6);
    size_t n = (size_t)get_count(r, object, "n", 0x1p53);
    double n_eff = n ? get_number(r, object, "n_eff", NAN) : NAN;

    require(r, at, "at");
    if (!r->status)
        r->status =
            vmap_space_add_position(s, group, year, n, n_eff, at, se, items, r->err);
    free(group);
    gsl_vector_free(at);
    gsl_vector_free(se);
    gsl_vector_free(items);
}

static void get_codebook(reading *r, const json_t *object, vmap_space *s)
{
    vmap_codebook *codebook = NULL;
    char *text = json_dumps(object, JSON_COMPACT);

    if (!text)
        complain(r, "codebooks", "each must be an object");
    if (!r->status)
        r->status = vmap_codebook_parse("codebook in the space", text, strlen(text), &codebook,
                                        r->err);
    if (!r->status) {
        r->status = vmap_space_add_codebook(s, codebook, r->err);
        if (r->status)
            vmap_codebook_free(codebook);
    }
    free(text);
}

static void get_matrices(reading *r, const json_t *root, vmap_space *s)
{
    gsl_matrix_free(s->r);
    gsl_vector_free(s->intercept);
    gsl_vector_free(s->scale);
    gsl_vector_free(s->shift);
    s->r = get_matrix(r, root, "correlation", s->p, s->p);
    s->intercept = get_vector(r, root, "intercept", s->k);
    s->scale = get_vector(r, root, "scale", s->k);
    s->shift = get_vector(r, root, "shift", s->k);
    require(r, s->r, "correlation");
    require(r, s->intercept, "intercept");
    require(r, s->scale, "scale");
    require(r, s->shift, "shift");
    s->n = get_matrix(r, root, "n", s->p, s->p);
    s->unrotated = get_matrix(r, root, "unrotated", s->p, s->k);
    s->rotation = get_matrix(r, root, "rotation", s->k, s->k);
    s->eigenvalues = get_vector(r, root, "eigenvalues", s->p);
    s->within = get_matrix(r, root, "within", s->k, s->k);
}

static void get_texts(reading *r, const json_t *root, vmap_space *s)
{
    free(s->affine);
    s->name = get_text(r, root, "name", true);
    s->title = get_text(r, root, "title", true);
    s->source = get_text(r, root, "source", true);
    s->limits = get_text(r, root, "limits", false);
    s->simulated = get_truth(r, root, "simulated");
    s->affine = get_text(r, root, "affine", true);
    s->population = get_text(r, root, "population", true);
    s->within_source = get_text(r, root, "within_source", false);
    s->group_columns = get_text(r, root, "group_columns", false);
}

/* What positions are computed from must be numbers: a null would make NaN of everybody. */
static void demand(reading *r, const gsl_vector *v, const char *key)
{
    for (size_t i = 0; !r->status && i < v->size; i++) {
        if (!isfinite(gsl_vector_get(v, i)))
            complain(r, key, "a number is missing");
    }
}

static void check_correlation(reading *r, const gsl_matrix *m)
{
    for (size_t i = 0; !r->status && i < m->size1; i++) {
        for (size_t j = 0; j <= i; j++) {
            double x = gsl_matrix_get(m, i, j);

            if (!(fabs(x) <= 1 + 1e-9 && fabs(x - gsl_matrix_get(m, j, i)) <= 1e-9) ||
                (i == j && fabs(x - 1) > 1e-9)) {
                complain(r, "correlation", "it is not symmetric with ones in the diagonal");
                return;
            }
        }
    }
}

static void check_numbers(reading *r, const vmap_space *s)
{
    demand(r, s->scale, "scale");
    demand(r, s->shift, "shift");
    demand(r, s->intercept, "intercept");
    demand(r, s->mean, "mean");
    demand(r, s->low, "low");
    demand(r, s->high, "high");
    for (size_t i = 0; !r->status && i < s->p; i++) {
        gsl_vector_const_view weights = gsl_matrix_const_row(s->weights, i);

        demand(r, &weights.vector, "weights");
        if (gsl_vector_get(s->low, i) > gsl_vector_get(s->high, i))
            complain(r, "high", "it is smaller than 'low'");
        for (size_t other = 0; !r->status && other < i; other++) {
            if (strcmp(s->items[i], s->items[other]) == 0)
                complain(r, "items", "two of them have one name");
        }
    }
    if (!r->status)
        check_correlation(r, s->r);
    if (!r->status && !affine_fits(s))
        complain(r, "affine", "it must be wvs, tao2024 or none, with the scale and shift of that "
                              "convention");
}

/* Build the space from the parsed file; what is there on failure is freed by the caller. */
static vmap_space *build(reading *r, const json_t *root)
{
    const json_t *axes = json_object_get(root, "axes"), *items = json_object_get(root, "items");
    const json_t *positions = json_object_get(root, "positions");
    const json_t *codebooks = json_object_get(root, "codebooks");
    const char *format = json_string_value(json_object_get(root, "format"));
    size_t positions_count, codebooks_count;
    vmap_space *s;

    if (!format || strcmp(format, FORMAT) != 0)
        complain(r, "format", "this is no space file; it must say \"" FORMAT "\"");
    else if (json_integer_value(json_object_get(root, "version")) != FILE_VERSION)
        complain(r, "version", "this program reads version 1");
    if (!json_array_size(axes))
        complain(r, "axes", "an array of axes is expected");
    if (!json_array_size(items))
        complain(r, "items", "an array of items is expected");
    if (r->status)
        return NULL;
    s = space_new(json_array_size(items), json_array_size(axes), r->err);
    if (!s) {
        r->status = VMAP_ENOMEM;
        return NULL;
    }
    get_texts(r, root, s);
    get_matrices(r, root, s);
    for (size_t j = 0; j < s->k; j++)
        get_axis(r, json_array_get(axes, j), &s->axes[j]);
    for (size_t i = 0; i < s->p; i++)
        get_item(r, json_array_get(items, i), s, i);
    if (!r->status)
        check_numbers(r, s);
    positions_count = get_length(r, root, "positions");
    codebooks_count = get_length(r, root, "codebooks");
    for (size_t i = 0; !r->status && i < positions_count; i++)
        get_position(r, json_array_get(positions, i), s);
    for (size_t i = 0; !r->status && i < codebooks_count; i++)
        get_codebook(r, json_array_get(codebooks, i), s);
    return s;
}

vmap_status vmap_space_read(const char *path, vmap_space **space, vmap_error *err)
{
    reading r = {VMAP_SUCCESS, err};
    json_error_t place;
    json_t *root = NULL;
    vmap_space *s = NULL;
    char *text = NULL;
    size_t n = 0;

    r.status = file_read(path, &text, &n, err);
    if (r.status)
        return r.status;
    root = json_loadb(text, n, JSON_REJECT_DUPLICATES, &place);
    free(text);
    if (!root) {
        vmap_error_set(err, VMAP_EPARSE, "%s", place.text);
        vmap_error_place(err, path, (size_t)place.line, (size_t)place.column, NULL);
        return VMAP_EPARSE;
    }
    s = build(&r, root);
    json_decref(root);
    if (r.status) {
        vmap_error_place(err, path, 0, 0, NULL);
        vmap_space_free(s);
        return r.status;
    }
    *space = s;
    return VMAP_SUCCESS;
}
