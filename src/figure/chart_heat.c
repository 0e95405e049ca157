#include <config.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/memory.h"
#include "figure/branches.h"
#include "figure/canvas.h"
#include "figure/palette.h"

/* A matrix as coloured cells, with a tree of its rows and bars of their groups. */

typedef struct heat_layout {
    size_t *row, *column;       /* what stands where, from top and left */
    double from, to;
    double left, top, cell_width, cell_height; /* of the matrix */
    double tree, bar;           /* widths beside it */
} heat_layout;

static vmap_status check_order(const size_t *order, size_t n, const char *what, vmap_error *err)
{
    for (size_t i = 0; order && i < n; i++) {
        if (order[i] >= n)
            return vmap_error_set(err, VMAP_EINVAL, "the order of the %s names one that is not there", what);
    }
    return VMAP_SUCCESS;
}

static vmap_status check(const vmap_chart_heat *f, vmap_error *err)
{
    vmap_status status = VMAP_SUCCESS;

    if (f->rows_count == 0 || f->columns_count == 0)
        return vmap_error_set(err, VMAP_EINVAL, "there are no rows or columns to draw");
    if (!(f->from <= f->to))
        return vmap_error_set(err, VMAP_EINVAL, "the range %g to %g of the colours does not ascend",
                              f->from, f->to);
    if (f->row_tree && f->row_tree->n != f->rows_count)
        return vmap_error_set(err, VMAP_EINVAL, "the tree has %zu leaves for %zu rows", f->row_tree->n,
                              f->rows_count);
    for (size_t i = 0; f->row_group && i < f->rows_count; i++) {
        if (f->row_group[i] != VMAP_FIGURE_NONE && f->row_group[i] >= f->groups_count)
            return vmap_error_set(err, VMAP_EINVAL, "a row has a group that is not there");
    }
    for (size_t i = 0; !status && i < f->rows_count * f->columns_count; i++)
        status = canvas_check_number(f->values[i], err);
    if (!status)
        status = check_order(f->row_order, f->rows_count, "rows", err);
    return status ? status : check_order(f->column_order, f->columns_count, "columns", err);
}

static vmap_status find_orders(const vmap_chart_heat *f, heat_layout *l, vmap_error *err)
{
    const size_t *rows = f->row_tree ? f->row_tree->order : f->row_order;

    l->row = memory_new(f->rows_count, sizeof *l->row, err);
    l->column = memory_new(f->columns_count, sizeof *l->column, err);
    if (!l->row || !l->column)
        return VMAP_ENOMEM;
    for (size_t i = 0; i < f->rows_count; i++)
        l->row[i] = rows ? rows[i] : i;
    for (size_t j = 0; j < f->columns_count; j++)
        l->column[j] = f->column_order ? f->column_order[j] : j;
    return VMAP_SUCCESS;
}

static void find_range(const vmap_chart_heat *f, heat_layout *l)
{
    l->from = f->from, l->to = f->to;
    if (!(f->from < f->to))
        palette_range(f->values, f->rows_count * f->columns_count, f->diverging, f->centre, &l->from, &l->to);
}

/* --- layout --- */

/* Do the labels of the columns fit side by side, with a gap between them? Else they are turned. */
static bool are_flat(const canvas *c, const vmap_chart_heat *f, const heat_layout *l)
{
    double label = c->s.size->label;

    return canvas_widest(f->columns, f->columns_count, label, false) + .4 * label < l->cell_width;
}

static void lay_out(canvas *c, const vmap_chart_heat *f, heat_layout *l)
{
    const sheet_sizes *z = c->s.size;
    double width = z->width - 2 * z->margin, room;
    double labels = fmin(canvas_widest(f->rows, f->rows_count, z->label, false), .38 * width) + z->label;
    double above = fmin(canvas_widest(f->columns, f->columns_count, z->label, false), 110) + z->label;

    l->bar = f->row_group ? 1.1 * z->label : 0;
    l->tree = f->row_tree ? .14 * width : 0;
    l->left = z->margin + labels + l->bar;
    l->cell_width = fmin((width - labels - l->bar - l->tree) / (double)f->columns_count, 5.2 * z->label);
    if (are_flat(c, f, l))
        above = 1.6 * z->label;
    l->cell_height = fmax(fmin(1.75 * z->label, fmax(l->cell_width, 1.2 * z->label)), .8 * z->label);
    if (f->rows_count > 60)
        l->cell_height = fmin(l->cell_height, 1.15 * z->label);
    room = canvas_room(c, 0) - above - 4 * z->legend;
    if (room > 0)
        l->cell_height = fmin(l->cell_height, room / (double)f->rows_count);
    c->s.top += above;
    l->top = c->s.top;
    c->s.top += l->cell_height * (double)f->rows_count + .6 * z->label;
}

/* --- cells --- */

static void put_cells(canvas *c, const vmap_chart_heat *f, const heat_layout *l)
{
    for (int level = 0; level <= PALETTE_STEPS; level++) {
        canvas_layer(c, "with filledcurves closed fc rgb '#%06x'", palette_colour(level, f->diverging));
        for (size_t i = 0; i < f->rows_count; i++) {
            for (size_t j = 0; j < f->columns_count; j++) {
                double v = f->values[l->row[i] * f->columns_count + l->column[j]];
                double x = l->left + (double)j * l->cell_width, y = l->top + (double)i * l->cell_height;

                if (!isnan(v) && palette_level(v, l->from, l->to, f->diverging, f->centre) == level)
                    canvas_rectangle(c, x, y, x + l->cell_width, y + l->cell_height);
            }
        }
    }
    canvas_layer(c, "with lines lw THIN lc rgb PALE");
    for (size_t i = 0; i < f->rows_count; i++) {
        for (size_t j = 0; j < f->columns_count; j++) {
            double x = l->left + ((double)j + .5) * l->cell_width, y = l->top + ((double)i + .5) * l->cell_height;

            if (isnan(f->values[l->row[i] * f->columns_count + l->column[j]])) {
                canvas_segment(c, x - 1.5, y - 1.5, x + 1.5, y + 1.5);
                canvas_segment(c, x - 1.5, y + 1.5, x + 1.5, y - 1.5);
            }
        }
    }
}

static void value_text(char text[32], double v, int decimals, bool drop_zero)
{
    char number[40];
    size_t at = 0;

    snprintf(number, sizeof number, "%.*f", decimals, fabs(v));
    if (decimals > 0)
        number[strcspn(number, ",.")] = '.'; /* whatever the locale */
    if (drop_zero && number[0] == '0' && number[1] == '.')
        at = 1;
    snprintf(text, 32, "%s%s", v < 0 && strspn(number, "0.") < strlen(number) ? "\xE2\x88\x92" : "", number + at);
}

static void put_numbers(canvas *c, const vmap_chart_heat *f, const heat_layout *l)
{
    double size = fmin(c->s.size->tick, .72 * l->cell_height);
    char text[32];

    if (!f->numbers || size < 4.5)
        return;
    for (size_t i = 0; i < f->rows_count; i++) {
        for (size_t j = 0; j < f->columns_count; j++) {
            double v = f->values[l->row[i] * f->columns_count + l->column[j]];

            value_text(text, v, f->decimals, f->drop_zero);
            if (!isnan(v) && extent_of(text, size, false).width < .96 * l->cell_width)
                canvas_text(c, text, l->left + ((double)j + .5) * l->cell_width,
                            l->top + ((double)i + .5) * l->cell_height, ALIGN_CENTRE, size,
                            palette_is_dark(palette_level(v, l->from, l->to, f->diverging, f->centre), f->diverging)
                                ? "'#ffffff'" : "INK", 0);
        }
    }
}

static void put_labels(canvas *c, const vmap_chart_heat *f, const heat_layout *l)
{
    const sheet_sizes *z = c->s.size;
    double size = fmin(z->label, l->cell_height / 1.05), wide = fmin(z->label, l->cell_width / 1.05);
    bool flat = are_flat(c, f, l);

    for (size_t i = 0; i < f->rows_count; i++)
        canvas_text(c, f->rows[l->row[i]], l->left - l->bar - .4 * z->label, l->top + ((double)i + .5) * l->cell_height,
                    ALIGN_RIGHT, size, "INK", l->left - l->bar - z->margin - .4 * z->label);
    for (size_t j = 0; j < f->columns_count; j++) {
        double x = l->left + ((double)j + .5) * l->cell_width;

        if (flat)
            canvas_text(c, f->columns[l->column[j]], x, l->top - .8 * z->label, ALIGN_CENTRE, z->label, "INK", 0);
        else
            canvas_text_turned(c, f->columns[l->column[j]], x, l->top - .4 * z->label, wide, 110);
    }
}

static void put_groups(canvas *c, const vmap_chart_heat *f, const heat_layout *l)
{
    for (size_t g = 0; f->row_group && g < f->groups_count; g++) {
        canvas_layer(c, "with filledcurves closed fc rgb ZC[%zu]", g % 8 + 1);
        for (size_t i = 0; i < f->rows_count; i++) {
            double y = l->top + (double)i * l->cell_height;

            if (f->row_group[l->row[i]] == g)
                canvas_rectangle(c, l->left - l->bar, y, l->left - .25 * l->bar, y + l->cell_height);
        }
    }
}

static vmap_status put_tree(canvas *c, const vmap_chart_heat *f, const heat_layout *l, vmap_error *err)
{
    double right = l->left + l->cell_width * (double)f->columns_count + 2;
    branches b = {.tree = f->row_tree, .leaves = right, .root = right + l->tree - 4};
    vmap_status status;

    if (!b.tree || b.tree->n < 2)
        return VMAP_SUCCESS;
    status = branches_place(&b, l->top, l->cell_height, err);
    if (!status) {
        canvas_layer(c, "with lines lw LINE lc rgb GREY");
        branches_put(c, &b);
    }
    branches_free(&b);
    return status;
}

vmap_status vmap_chart_draw_heat(const vmap_chart_heat *chart, char **script, vmap_figure_info *info,
                                 vmap_error *err)
{
    canvas c;
    heat_layout l = {.row = NULL};
    vmap_status status = canvas_open(&c, &chart->chart, err);

    if (!status)
        status = check(chart, err);
    if (!status)
        status = find_orders(chart, &l, err);
    if (!status) {
        find_range(chart, &l);
        lay_out(&c, chart, &l);
        put_cells(&c, chart, &l);
        put_numbers(&c, chart, &l);
        put_labels(&c, chart, &l);
        put_groups(&c, chart, &l);
        status = put_tree(&c, chart, &l, err);
    }
    if (!status) {
        palette_key(&c, chart->legend, l.left, l.from, l.to, chart->diverging, chart->centre);
        status = canvas_group_key(&c, chart->row_group, chart->groups, chart->groups_count, err);
    }
    free(l.row);
    free(l.column);
    return canvas_close(&c, "a matrix as colours", status, script, info, err);
}
