#include <config.h>
#include "cli/command.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/data.h"
#include "core/buffer.h"
#include "core/file.h"
#include "core/memory.h"
#include "core/text.h"
#include "valuemap.h"

typedef struct list_settings {
    output_settings out;
} list_settings;
#define SETTINGS list_settings

static const option_spec options[] = {OPTIONS_FORMAT, OPTIONS_END};

/* ---- what can be listed: one function each, one row each below ---- */

static vmap_status list_spaces(vmap_report *r, vmap_error *err)
{
    vmap_report_table *t = vmap_report_add(r, "spaces", "Built-in spaces");
    word_list names = {0};
    vmap_status status = data_names("spaces", ".json", &names, err);

    vmap_report_column(t, "space", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "items", VMAP_CELL_COUNT, 0);
    vmap_report_column(t, "axes", VMAP_CELL_COUNT, 0);
    vmap_report_column(t, "positions", VMAP_CELL_COUNT, 0);
    vmap_report_column(t, "title", VMAP_CELL_TEXT, 0);
    for (unsigned i = 0; !status && i < names.count; i++) {
        vmap_space *s = NULL;

        status = data_space(names.words[i], &s, err);
        if (status)
            break;
        vmap_report_text(t, names.words[i]);
        vmap_report_count(t, s->p);
        vmap_report_count(t, s->k);
        vmap_report_count(t, s->positions_count);
        vmap_report_text(t, s->title);
        if (s->limits)
            vmap_report_note(t, "Limits of %s: %s", s->name, s->limits);
        vmap_report_note(t, "Source of %s: %s", s->name, s->source);
        vmap_space_free(s);
    }
    word_list_free(&names);
    return status;
}

static void put_item(vmap_report_table *t, const vmap_codebook *book, const vmap_item *item)
{
    buffer columns = {0};

    for (unsigned i = 0; i < item->columns_count; i++) {
        buffer_put(&columns, i ? ", " : "");
        buffer_put(&columns, item->columns[i].name);
        buffer_put(&columns, item->columns[i].reverse ? " (reversed)" : "");
    }
    if (item->sum || item->pairs)
        buffer_put(&columns, item->columns_count ? ", or made from parts" : "made from parts");
    vmap_report_text(t, book->name);
    vmap_report_text(t, item->name);
    vmap_report_text(t, item->label);
    vmap_report_text(t, item->valid);
    vmap_report_text(t, item->part ? "part" : item->scale ? item->scale : "ordinal");
    vmap_report_text(t, columns.text ? columns.text : "");
    buffer_free(&columns);
}

static vmap_status list_codebooks(vmap_report *r, vmap_error *err)
{
    vmap_report_table *t = vmap_report_add(r, "codebooks", "Built-in codebooks and their items");
    word_list names = {0};
    vmap_status status = data_names("codebooks", ".yaml", &names, err);

    if (!status)
        status = data_names("questionnaires", ".yaml", &names, err);
    vmap_report_column(t, "codebook", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "item", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "label", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "valid", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "scale", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "columns", VMAP_CELL_TEXT, 0);
    for (unsigned i = 0; !status && i < names.count; i++) {
        vmap_codebook *book = NULL;

        status = data_codebook(names.words[i], &book, err);
        for (unsigned q = 0; !status && q < book->items_count; q++)
            put_item(t, book, &book->items[q]);
        if (!status)
            vmap_report_note(t, "%s: %s.", book->name, book->title);
        vmap_codebook_free(book);
    }
    word_list_free(&names);
    return status;
}

static vmap_status list_countries(vmap_report *r, vmap_error *err)
{
    vmap_report_table *t =
        vmap_report_add(r, "countries", "Countries that labels are matched with, and their zones");
    vmap_countries *now = NULL, *tao = NULL;
    vmap_status status = data_countries("2023", &now, err);

    if (!status)
        status = data_countries("tao2024", &tao, err);
    vmap_report_column(t, "alpha3", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "s003", VMAP_CELL_COUNT, 0);
    vmap_report_column(t, "country", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "zone_2023", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "zone_tao2024", VMAP_CELL_TEXT, 0);
    for (size_t i = 0; !status && i < now->count; i++) {
        vmap_report_text(t, now->country[i].alpha3);
        vmap_report_count(t, (size_t)now->country[i].s003);
        vmap_report_text(t, now->country[i].name);
        vmap_report_text(t, now->country[i].zone);
        vmap_report_text(t, tao->country[i].zone);
    }
    vmap_report_note(t, "A label is matched by its alpha-3 code, its numeric code or its name.");
    vmap_countries_free(now);
    vmap_countries_free(tao);
    return status;
}

static vmap_status list_positions(vmap_report *r, vmap_error *err)
{
    vmap_report_table *t = vmap_report_add(r, "positions", "Positions of countries in the built-in "
                                                           "spaces, by year");
    word_list names = {0};
    vmap_countries *countries = NULL;
    vmap_status status = data_names("spaces", ".json", &names, err);

    if (!status)
        status = data_countries("2023", &countries, err);
    vmap_report_column(t, "space", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "country", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "name", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "year", VMAP_CELL_COUNT, 0);
    vmap_report_column(t, "survself", VMAP_CELL_NUMBER, 3);
    vmap_report_column(t, "tradrat", VMAP_CELL_NUMBER, 3);
    for (unsigned i = 0; !status && i < names.count; i++) {
        vmap_space *s = NULL;

        status = data_space(names.words[i], &s, err);
        for (size_t q = 0; !status && s->k == 2 && q < s->positions_count; q++) {
            const vmap_country *known = vmap_countries_find(countries, s->positions[q].group);

            vmap_report_text(t, s->name);
            vmap_report_text(t, s->positions[q].group);
            vmap_report_text(t, known ? known->name : "");
            vmap_report_count(t, (size_t)s->positions[q].year);
            vmap_report_number(t, gsl_vector_get(s->positions[q].at, 0));
            vmap_report_number(t, gsl_vector_get(s->positions[q].at, 1));
        }
        vmap_space_free(s);
    }
    vmap_countries_free(countries);
    word_list_free(&names);
    return status;
}

static vmap_status list_affines(vmap_report *r, vmap_error *err)
{
    vmap_report_table *t = vmap_report_add(r, "affines", "Units of the map: position = scale x score "
                                                         "+ shift");

    (void)err;
    vmap_report_column(t, "affine", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "survself_scale", VMAP_CELL_NUMBER, 3);
    vmap_report_column(t, "survself_shift", VMAP_CELL_NUMBER, 3);
    vmap_report_column(t, "tradrat_scale", VMAP_CELL_NUMBER, 3);
    vmap_report_column(t, "tradrat_shift", VMAP_CELL_NUMBER, 3);
    vmap_report_column(t, "help", VMAP_CELL_TEXT, 0);
    for (size_t i = 0; i < vmap_affines_count; i++) {
        const vmap_affine *a = &vmap_affines[i];

        vmap_report_text(t, a->name);
        vmap_report_number(t, a->survself[0]);
        vmap_report_number(t, a->survself[1]);
        vmap_report_number(t, a->tradrat[0]);
        vmap_report_number(t, a->tradrat[1]);
        vmap_report_text(t, a->help);
    }
    return VMAP_SUCCESS;
}

static vmap_status list_formats(vmap_report *r, vmap_error *err)
{
    vmap_report_table *t = vmap_report_add(r, "formats", "Formats of tables");

    (void)err;
    vmap_report_column(t, "format", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "help", VMAP_CELL_TEXT, 0);
    for (size_t i = 0; i < vmap_formats_count; i++) {
        vmap_report_text(t, vmap_formats[i].name);
        vmap_report_text(t, vmap_formats[i].help);
    }
    return VMAP_SUCCESS;
}

static vmap_status list_reasons(vmap_report *r, vmap_error *err)
{
    vmap_report_table *t = vmap_report_add(r, "reasons", "Reasons why a value is missing");

    (void)err;
    vmap_report_column(t, "reason", VMAP_CELL_TEXT, 0);
    for (int i = 1; i < VMAP_REASONS; i++)
        vmap_report_text(t, vmap_reason_name((vmap_reason)i));
    return VMAP_SUCCESS;
}

/* First line of a text without its mark of a heading, from `text` up. */
static char *first_line(const char *text)
{
    const char *from = text + strspn(text, "# ");
    size_t n = strcspn(from, "\r\n");
    const char *colon = memchr(from, ':', n);

    if (colon) {
        n -= (size_t)(colon + 1 - from);
        from = colon + 1 + strspn(colon + 1, " ");
        n -= (size_t)(from - colon - 1);
    }
    return text_copy(from, n);
}

static vmap_status put_dataset(vmap_report_table *t, const char *name, vmap_error *err)
{
    char *inner = text_format("datasets/%s/README.md", name), *path = inner ? data_path(inner) : NULL;
    char *text = NULL, *title = NULL;
    size_t n = 0;
    vmap_status status = path ? file_read(path, &text, &n, err) : VMAP_ENOMEM;

    if (!status) {
        title = first_line(text);
        vmap_report_text(t, name);
        vmap_report_text(t, title ? title : "");
        path[strlen(path) - strlen("/README.md")] = '\0';
        vmap_report_text(t, path);
    }
    free(title);
    free(text);
    free(path);
    free(inner);
    return status;
}

static vmap_status list_datasets(vmap_report *r, vmap_error *err)
{
    vmap_report_table *t = vmap_report_add(r, "datasets", "Data that come with the program");
    word_list names = {0};
    vmap_status status = data_names("datasets", "", &names, err);

    vmap_report_column(t, "dataset", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "title", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "folder", VMAP_CELL_TEXT, 0);
    for (unsigned i = 0; !status && i < names.count; i++) {
        if (!strchr(names.words[i], '.'))
            status = put_dataset(t, names.words[i], err);
    }
    vmap_report_note(t, "README.md in each folder names source, licence and whom to cite.");
    word_list_free(&names);
    return status;
}

static vmap_status list_metrics(vmap_report *r, vmap_error *err)
{
    vmap_report_table *t = vmap_report_add(r, "metrics", "Metrics between distributions of answers");
    static const char *const columns[] = {"metric", "items", "help", "formula", "range", "scale", "source"};

    (void)err;
    for (size_t j = 0; j < sizeof columns / sizeof *columns; j++)
        vmap_report_column(t, columns[j], VMAP_CELL_TEXT, 0);
    for (size_t i = 0; i < vmap_metrics_count; i++) {
        const vmap_metric *m = &vmap_metrics[i];

        vmap_report_text(t, m->name);
        vmap_report_text(t, m->ordered ? "ordinal" : "all");
        vmap_report_text(t, m->help);
        vmap_report_text(t, m->formula);
        vmap_report_text(t, m->range);
        vmap_report_text(t, m->scale);
        vmap_report_text(t, m->source);
    }
    vmap_report_note(t, "p: people, q: personas, F, G: cumulated, x: codes, n: effective numbers, m = (p+q)/2, S: sum over scale "
                     "points; a: --smoothing, log: to --base.");
    return VMAP_SUCCESS;
}

static const struct {
    const char *name;
    vmap_status (*list)(vmap_report *r, vmap_error *err);
} lists[] = {
    {"spaces", list_spaces},       {"codebooks", list_codebooks}, {"countries", list_countries},
    {"positions", list_positions}, {"affines", list_affines},     {"formats", list_formats},
    {"reasons", list_reasons},     {"datasets", list_datasets},
    {"metrics", list_metrics},
};

static vmap_status run(const void *settings, const word_list *operands, vmap_error *err)
{
    const list_settings *set = settings;
    vmap_report *r = vmap_report_new(err);
    size_t count = sizeof lists / sizeof *lists, i = 0;
    vmap_status status;
    char known[256] = "";

    if (!r)
        return VMAP_ENOMEM;
    for (size_t q = 0; q < count; q++) {
        strncat(known, q ? ", " : "", sizeof known - strlen(known) - 1);
        strncat(known, lists[q].name, sizeof known - strlen(known) - 1);
    }
    while (i < count && strcmp(lists[i].name, operands->words[0]) != 0)
        i++;
    if (i == count)
        status = vmap_error_set(err, VMAP_EINVAL, "'%s' cannot be listed; there are %s",
                                operands->words[0], known);
    else
        status = command_check_format(&set->out, err);
    if (!status)
        status = lists[i].list(r, err);
    if (!status)
        status = command_print(r, vmap_report_get(r, 0), &set->out, err);
    vmap_report_free(r);
    return status;
}

const command command_list = {
    .name = "list",
    .summary = "List what comes with the program",
    .operands = "spaces|codebooks|countries|positions|affines|formats|reasons|datasets|metrics",
    .description = "",
    .examples = "valuemap list spaces\nvaluemap list positions --format csv > positions.csv",
    .options = options,
    .settings = sizeof(list_settings),
    .least = 1,
    .most = 1,
    .run = run,
};
