#include <config.h>
#include "valuemap/questionnaire.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "core/buffer.h"
#include "core/document.h"
#include "core/memory.h"
#include "core/text.h"

/* ---- the file format ---- */

#define OPTIONAL (CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL)
#define TEXT(key, type, member)                                                                    \
    CYAML_FIELD_STRING_PTR(key, CYAML_FLAG_POINTER, type, member, 1, CYAML_UNLIMITED)
#define TEXT_OPTIONAL(key, type, member)                                                           \
    CYAML_FIELD_STRING_PTR(key, OPTIONAL, type, member, 1, CYAML_UNLIMITED)
#define LIST(key, flags, type, member, schema)                                                     \
    CYAML_FIELD_SEQUENCE(key, flags, type, member, schema, 0, CYAML_UNLIMITED)

static const cyaml_schema_value_t text_schema = {
    CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char, 1, CYAML_UNLIMITED)};
static const cyaml_schema_value_t number_schema = {CYAML_VALUE_INT(CYAML_FLAG_DEFAULT, int)};

static const cyaml_schema_field_t foundation_fields[] = {
    TEXT("name", vmap_foundation, name), TEXT("label", vmap_foundation, label),
    LIST("items", CYAML_FLAG_POINTER, vmap_foundation, items, &number_schema),
    LIST("reverse", OPTIONAL, vmap_foundation, reverse, &number_schema), CYAML_FIELD_END};
static const cyaml_schema_value_t foundation_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, vmap_foundation, foundation_fields)};

static const cyaml_schema_field_t check_fields[] = {
    TEXT("name", vmap_check, name), CYAML_FIELD_INT("item", CYAML_FLAG_DEFAULT, vmap_check, item),
    TEXT("pass", vmap_check, pass), CYAML_FIELD_END};
static const cyaml_schema_value_t check_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, vmap_check, check_fields)};

static const cyaml_schema_field_t contrast_fields[] = {
    TEXT("name", vmap_contrast, name), TEXT("label", vmap_contrast, label),
    LIST("plus", CYAML_FLAG_POINTER, vmap_contrast, plus, &text_schema),
    LIST("minus", CYAML_FLAG_POINTER, vmap_contrast, minus, &text_schema), CYAML_FIELD_END};
static const cyaml_schema_value_t contrast_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, vmap_contrast, contrast_fields)};

static const cyaml_schema_field_t missing_fields[] = {
    TEXT("codes", vmap_missing, codes), TEXT("reason", vmap_missing, reason), CYAML_FIELD_END};
static const cyaml_schema_value_t missing_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, vmap_missing, missing_fields)};

static const cyaml_schema_field_t questionnaire_fields[] = {
    CYAML_FIELD_INT("version", CYAML_FLAG_DEFAULT, vmap_questionnaire, version),
    TEXT("name", vmap_questionnaire, name),
    TEXT("title", vmap_questionnaire, title),
    TEXT_OPTIONAL("source", vmap_questionnaire, source),
    CYAML_FIELD_INT("items", CYAML_FLAG_DEFAULT, vmap_questionnaire, items),
    LIST("columns", CYAML_FLAG_POINTER, vmap_questionnaire, columns, &text_schema),
    LIST("names", OPTIONAL, vmap_questionnaire, names, &text_schema),
    LIST("scales", CYAML_FLAG_POINTER, vmap_questionnaire, scales, &text_schema),
    CYAML_FIELD_INT("least", CYAML_FLAG_DEFAULT, vmap_questionnaire, least),
    LIST("foundations", CYAML_FLAG_POINTER, vmap_questionnaire, foundations, &foundation_schema),
    LIST("checks", OPTIONAL, vmap_questionnaire, checks, &check_schema),
    LIST("contrasts", OPTIONAL, vmap_questionnaire, contrasts, &contrast_schema),
    LIST("missing", OPTIONAL, vmap_questionnaire, missing, &missing_schema),
    CYAML_FIELD_END};
static const cyaml_schema_value_t questionnaire_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, vmap_questionnaire, questionnaire_fields)};

/* ---- checking ---- */

/* "1..5"; both ends are whole numbers, as codes are. */
static bool read_range(const char *text, double *low, double *high)
{
    const char *dots = strstr(text, "..");

    return dots && text_number(text, (size_t)(dots - text), '.', low) &&
           text_number(dots + 2, strlen(dots + 2), '.', high) && *low == (int)*low &&
           *high == (int)*high && *low<*high && * low> - 1000 && *high < 1000;
}

static vmap_status check_scales(vmap_questionnaire *q, vmap_error *err)
{
    if (!q->scales_count)
        return vmap_error_set(err, VMAP_EDATA, "'scales' is empty; write it like [\"1..5\"]");
    q->scale = memory_new(q->scales_count, sizeof *q->scale, err);
    if (!q->scale)
        return VMAP_ENOMEM;
    for (unsigned i = 0; i < q->scales_count; i++) {
        vmap_answer_scale *s = &q->scale[i];

        if (!read_range(q->scales[i], &s->low, &s->high))
            return vmap_error_set(err, VMAP_EDATA, "'%s' is no scale; write it like \"1..5\"",
                                  q->scales[i]);
        if (s->high - s->low != q->scale[0].high - q->scale[0].low)
            return vmap_error_set(
                err, VMAP_EDATA,
                "scale %s has not as many steps as scale %s: answers could not be "
                "turned into one another",
                q->scales[i], q->scales[0]);
    }
    return VMAP_SUCCESS;
}

static bool is_name(const char *name)
{
    const char *c = name;

    while (isalnum((unsigned char)*c) || *c == '_')
        c++;
    return c > name && *c == '\0';
}

static bool holds(const int *list, unsigned count, int item)
{
    for (unsigned i = 0; i < count; i++) {
        if (list[i] == item)
            return true;
    }
    return false;
}

static vmap_status check_item(const vmap_questionnaire *q, const char *what, const char *name,
                              int item, vmap_error *err)
{
    if (item >= 1 && item <= q->items)
        return VMAP_SUCCESS;
    return vmap_error_set(err, VMAP_EDATA, "%s %s: item %d is outside 1..%d", what, name, item,
                          q->items);
}

static bool reverses(const vmap_foundation *f, int item)
{
    return holds(f->reverse, f->reverse_count, item);
}

/* An item that two foundations share has one direction. */
static vmap_status check_shared(const vmap_questionnaire *q, size_t index, vmap_error *err)
{
    const vmap_foundation *f = &q->foundations[index];

    for (size_t other = 0; other < index; other++) {
        const vmap_foundation *o = &q->foundations[other];

        for (unsigned i = 0; i < f->items_count; i++) {
            if (holds(o->items, o->items_count, f->items[i]) &&
                reverses(f, f->items[i]) != reverses(o, f->items[i]))
                return vmap_error_set(
                    err, VMAP_EDATA, "item %d is reversed in one of the foundations %s and %s only",
                    f->items[i], o->name, f->name);
        }
    }
    return VMAP_SUCCESS;
}

static vmap_status check_foundation(const vmap_questionnaire *q, size_t index, vmap_error *err)
{
    const vmap_foundation *f = &q->foundations[index];
    vmap_status status = VMAP_SUCCESS;

    if (!is_name(f->name))
        return vmap_error_set(err, VMAP_EDATA,
                              "foundation %s: a name has only letters, digits and _", f->name);
    if (vmap_questionnaire_find(q, f->name) != index)
        return vmap_error_set(err, VMAP_EDATA, "there are two foundations named %s", f->name);
    if (!f->items_count)
        return vmap_error_set(err, VMAP_EDATA, "foundation %s has no items", f->name);
    for (unsigned i = 0; !status && i < f->items_count; i++) {
        status = check_item(q, "foundation", f->name, f->items[i], err);
        if (!status && holds(f->items, i, f->items[i]))
            status = vmap_error_set(err, VMAP_EDATA, "foundation %s has item %d twice", f->name,
                                    f->items[i]);
    }
    for (unsigned i = 0; !status && i < f->reverse_count; i++) {
        if (!holds(f->items, f->items_count, f->reverse[i]))
            status = vmap_error_set(err, VMAP_EDATA,
                                    "foundation %s: item %d is reversed but not one of its items",
                                    f->name, f->reverse[i]);
    }
    return status ? status : check_shared(q, index, err);
}

static bool is_scored(const vmap_questionnaire *q, int item)
{
    for (unsigned f = 0; f < q->foundations_count; f++) {
        if (holds(q->foundations[f].items, q->foundations[f].items_count, item))
            return true;
    }
    return false;
}

static vmap_status check_check(const vmap_questionnaire *q, vmap_check *c, vmap_error *err)
{
    vmap_status status = check_item(q, "check", c->name, c->item, err);

    if (status)
        return status;
    if (is_scored(q, c->item))
        return vmap_error_set(err, VMAP_EDATA, "check %s: item %d also belongs to a foundation",
                              c->name, c->item);
    if (!read_range(c->pass, &c->low, &c->high)) {
        if (!text_number(c->pass, strlen(c->pass), '.', &c->low))
            return vmap_error_set(err, VMAP_EDATA,
                                  "check %s: '%s' is no range of answers; write it like \"0..2\"",
                                  c->name, c->pass);
        c->high = c->low;
    }
    if (c->low < q->scale[0].low || c->high > q->scale[0].high)
        return vmap_error_set(err, VMAP_EDATA, "check %s: %s is outside the scale %s", c->name,
                              c->pass, q->scales[0]);
    return VMAP_SUCCESS;
}

static vmap_status check_contrast(const vmap_questionnaire *q, vmap_contrast *c, vmap_error *err)
{
    unsigned parts = c->plus_count + c->minus_count;

    if (!is_name(c->name))
        return vmap_error_set(err, VMAP_EDATA, "contrast %s: a name has only letters, digits and _",
                              c->name);
    if (vmap_questionnaire_find(q, c->name) < q->foundations_count)
        return vmap_error_set(err, VMAP_EDATA, "contrast %s has the name of a foundation", c->name);
    if (!c->plus_count || !c->minus_count)
        return vmap_error_set(err, VMAP_EDATA, "contrast %s needs foundations on both sides",
                              c->name);
    c->part = memory_new(parts, sizeof *c->part, err);
    if (!c->part)
        return VMAP_ENOMEM;
    for (unsigned i = 0; i < parts; i++) {
        const char *name = i < c->plus_count ? c->plus[i] : c->minus[i - c->plus_count];

        c->part[i] = vmap_questionnaire_find(q, name);
        if (c->part[i] == q->foundations_count)
            return vmap_error_set(err, VMAP_EDATA, "contrast %s: '%s' is no foundation here",
                                  c->name, name);
    }
    return VMAP_SUCCESS;
}

/* A contrast of the same name as another would give two columns of one name. */
static vmap_status check_contrasts(const vmap_questionnaire *q, vmap_error *err)
{
    vmap_status status = VMAP_SUCCESS;

    for (unsigned i = 0; !status && i < q->contrasts_count; i++) {
        status = check_contrast(q, &q->contrasts[i], err);
        for (unsigned j = 0; !status && j < i; j++) {
            if (strcmp(q->contrasts[i].name, q->contrasts[j].name) == 0)
                status = vmap_error_set(err, VMAP_EDATA, "there are two contrasts named %s",
                                        q->contrasts[i].name);
        }
    }
    return status;
}

static vmap_status check_pattern(const char *pattern, vmap_status fault, vmap_error *err)
{
    const char *star = strchr(pattern, '*');

    if (star && !strchr(star + 1, '*'))
        return VMAP_SUCCESS;
    return vmap_error_set(err, fault, "column pattern '%s' needs one '*' for the number of the item", pattern);
}

static vmap_status check_numbers(const vmap_questionnaire *q, vmap_error *err)
{
    if (q->version != 1)
        return vmap_error_set(err, VMAP_EDATA,
                              "the questionnaire has version %d; this program reads version 1",
                              q->version);
    if (q->items < 1 || q->items > 10000)
        return vmap_error_set(err, VMAP_EDATA, "%d items; a questionnaire has 1..10000", q->items);
    if (q->least < 1)
        return vmap_error_set(err, VMAP_EDATA,
                              "least: %d; a score needs at least one answered item", q->least);
    if (q->names_count && q->names_count != (unsigned)q->items)
        return vmap_error_set(err, VMAP_EDATA, "%u names for %d items", q->names_count, q->items);
    if (!q->foundations_count)
        return vmap_error_set(err, VMAP_EDATA, "the questionnaire has no foundations");
    for (unsigned i = 0; i < q->columns_count; i++) {
        if (check_pattern(q->columns[i], VMAP_EDATA, err))
            return VMAP_EDATA;
    }
    return VMAP_SUCCESS;
}

vmap_status vmap_questionnaire_set_columns(vmap_questionnaire *q, const char *pattern, vmap_error *err)
{
    vmap_status status = check_pattern(pattern, VMAP_EINVAL, err);
    char **columns = status ? NULL : malloc(sizeof *columns), *copy = status ? NULL : text_copy(pattern, strlen(pattern));

    if (status)
        return status;
    if (!columns || !copy) {
        free(columns);
        free(copy);
        return vmap_error_set(err, VMAP_ENOMEM, "no memory for the pattern of columns");
    }
    for (unsigned i = 0; i < q->columns_count; i++)
        free(q->columns[i]);
    free(q->columns);
    columns[0] = copy;
    q->columns = columns;
    q->columns_count = 1;
    return VMAP_SUCCESS;
}

static vmap_status check(vmap_questionnaire *q, vmap_error *err)
{
    vmap_codebook *codebook = NULL;
    vmap_status status = check_numbers(q, err);

    if (!status)
        status = check_scales(q, err);
    for (unsigned i = 0; !status && i < q->foundations_count; i++)
        status = check_foundation(q, i, err);
    for (unsigned i = 0; !status && i < q->checks_count; i++)
        status = check_check(q, &q->checks[i], err);
    if (!status)
        status = check_contrasts(q, err);
    if (!status) /* the codes of missing answers are checked there */
        status = vmap_questionnaire_codebook(q, &codebook, err);
    vmap_codebook_free(codebook);
    return status;
}

/* ---- loading ---- */

static vmap_status finish(const char *name, vmap_questionnaire *loaded,
                          vmap_questionnaire **questionnaire, vmap_error *err)
{
    vmap_status status = check(loaded, err);

    if (status) {
        vmap_error_place(err, name, 0, 0, NULL);
        vmap_questionnaire_free(loaded);
        return status;
    }
    *questionnaire = loaded;
    return VMAP_SUCCESS;
}

vmap_status vmap_questionnaire_load(const char *path, vmap_questionnaire **questionnaire,
                                    vmap_error *err)
{
    vmap_questionnaire *loaded = NULL;
    vmap_status status = document_load(path, &questionnaire_schema, &loaded, err);

    return status ? status : finish(path, loaded, questionnaire, err);
}

vmap_status vmap_questionnaire_parse(const char *name, const char *text, size_t n,
                                     vmap_questionnaire **questionnaire, vmap_error *err)
{
    vmap_questionnaire *loaded = NULL;
    vmap_status status = document_parse(name, text, n, &questionnaire_schema, &loaded, err);

    return status ? status : finish(name, loaded, questionnaire, err);
}

void vmap_questionnaire_free(vmap_questionnaire *q)
{
    if (!q)
        return;
    for (unsigned i = 0; i < q->contrasts_count; i++)
        free(q->contrasts[i].part);
    free(q->scale);
    document_free(&questionnaire_schema, q);
}

size_t vmap_questionnaire_find(const vmap_questionnaire *q, const char *name)
{
    size_t i = 0;

    while (i < q->foundations_count && strcmp(q->foundations[i].name, name) != 0)
        i++;
    return i;
}

/* ---- the codebook ---- */

/* One column name: the pattern with a number in the place of its star. */
static void put_column(buffer *b, const char *pattern, int item, const char *form)
{
    buffer name = {0};
    size_t star = (size_t)(strchr(pattern, '*') - pattern);
    char number[16];

    snprintf(number, sizeof number, strcmp(form, "02") == 0 ? "%02d" : "%d", item);
    buffer_bytes(&name, pattern, star);
    buffer_put(&name, number);
    buffer_put(&name, pattern + star + 1);
    buffer_put(b, "{\"name\": ");
    buffer_json_text(b, name.text ? name.text : "");
    buffer_put(b, "}");
    b->failed |= name.failed;
    buffer_free(&name);
}

static void put_columns(buffer *b, const vmap_questionnaire *q, int item)
{
    const char *comma = "";

    for (unsigned i = 0; i < q->columns_count; i++) {
        buffer_put(b, comma);
        put_column(b, q->columns[i], item, "");
        if (item < 10) {
            buffer_put(b, ", ");
            put_column(b, q->columns[i], item, "02");
        }
        comma = ", ";
    }
    if (q->names_count) {
        buffer_format(b, "%s{\"name\": ", comma);
        buffer_json_text(b, q->names[item - 1]);
        buffer_put(b, "}");
    }
}

static void put_item(buffer *b, const vmap_questionnaire *q, int item, double low, double high)
{
    char name[80];
    const char *label = "";

    snprintf(name, sizeof name, "%.60s_%d", q->name, item);
    for (char *c = name; *c; c++) {
        if (!isalnum((unsigned char)*c))
            *c = '_';
    }
    for (unsigned f = 0; f < q->foundations_count && !*label; f++) {
        if (holds(q->foundations[f].items, q->foundations[f].items_count, item))
            label = q->foundations[f].label;
    }
    for (unsigned i = 0; i < q->checks_count && !*label; i++) {
        if (q->checks[i].item == item)
            label = q->checks[i].name;
    }
    buffer_format(b, "{\"name\": \"%s\", \"valid\": \"%g..%g\", \"label\": ", name, low, high);
    buffer_json_text(b, *label ? label : "not scored");
    buffer_put(b, ", \"columns\": [");
    put_columns(b, q, item);
    buffer_put(b, "]}");
}

static void put_missing(buffer *b, const vmap_questionnaire *q)
{
    buffer_put(b, ", \"missing\": [");
    for (unsigned i = 0; i < q->missing_count; i++) {
        buffer_put(b, i ? ", {\"codes\": " : "{\"codes\": ");
        buffer_json_text(b, q->missing[i].codes);
        buffer_put(b, ", \"reason\": ");
        buffer_json_text(b, q->missing[i].reason);
        buffer_put(b, "}");
    }
    buffer_put(b, "]");
}

vmap_status vmap_questionnaire_codebook(const vmap_questionnaire *q, vmap_codebook **codebook,
                                        vmap_error *err)
{
    double low = q->scale[0].low, high = q->scale[0].high;
    buffer b = {0};
    char *text = NULL;
    size_t n = 0;
    vmap_status status;

    for (unsigned i = 1; i < q->scales_count; i++) {
        low = q->scale[i].low < low ? q->scale[i].low : low;
        high = q->scale[i].high > high ? q->scale[i].high : high;
    }
    buffer_put(&b, "{\"version\": 1, \"name\": ");
    buffer_json_text(&b, q->name);
    buffer_put(&b, ", \"title\": ");
    buffer_json_text(&b, q->title);
    if (q->missing_count)
        put_missing(&b, q);
    buffer_put(&b, ", \"items\": [");
    for (int i = 1; i <= q->items; i++) {
        buffer_put(&b, i > 1 ? ",\n" : "\n");
        put_item(&b, q, i, low, high);
    }
    buffer_put(&b, "]}\n");
    status = buffer_take(&b, &text, &n, err);
    if (!status)
        status = vmap_codebook_parse(q->name, text, n, codebook, err);
    free(text);
    return status;
}
