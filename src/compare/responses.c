#include <config.h>
#include "valuemap/distributions.h"

#include <math.h>
#include <string.h>

#include "compare/count.h"
#include "core/memory.h"

/* One row on its way: where it stands in the source and what it sorts by. */
typedef struct {
    size_t row, cell, cluster;
    size_t place; /* of its cluster in its cell, once that is known */
} entry;

typedef struct {
    const vmap_responses_source *source;
    unsigned char *point; /* source rows x p */
} sorter;

void vmap_responses_free(vmap_responses *r)
{
    if (!r)
        return;
    free(r->point);
    free(r->weight);
    free(r->row);
    free(r->cell_start);
    free(r->cluster_start);
    free(r);
}

static double weight_of(const vmap_responses_source *s, size_t row)
{
    return s->weights ? s->weights[row] : 1;
}

static int compare_content(const sorter *s, size_t a, size_t b)
{
    size_t p = s->source->p;
    int order = memcmp(s->point + a * p, s->point + b * p, p);
    double wa = weight_of(s->source, a), wb = weight_of(s->source, b);

    return order ? order : wa < wb ? -1 : wa > wb;
}

static int by_cell_and_cluster(const void *pa, const void *pb, void *context)
{
    const entry *a = pa, *b = pb;

    if (a->cell != b->cell)
        return a->cell < b->cell ? -1 : 1;
    if (a->cluster != b->cluster)
        return a->cluster < b->cluster ? -1 : 1;
    return compare_content(context, a->row, b->row);
}

/* Clusters of one cell by their rows, one after the other; a shorter one first. */
typedef struct {
    size_t first, rows;
} run;

typedef struct {
    const sorter *s;
    const entry *entry;
} run_sorter;

static int compare_runs(const void *pa, const void *pb, void *context)
{
    const run *a = pa, *b = pb;
    const run_sorter *r = context;
    size_t rows = a->rows < b->rows ? a->rows : b->rows;

    for (size_t i = 0; i < rows; i++) {
        int order = compare_content(r->s, r->entry[a->first + i].row, r->entry[b->first + i].row);

        if (order)
            return order;
    }
    return a->rows < b->rows ? -1 : a->rows > b->rows;
}

static size_t pick_rows(const vmap_responses_source *s, entry *list)
{
    size_t n = 0;

    for (size_t r = 0; r < s->n; r++) {
        if (s->cell[r] < s->cells && weight_of(s, r) > 0)
            list[n++] = (entry){.row = r, .cell = s->cell[r], .cluster = s->cluster ? s->cluster[r] : r};
    }
    return n;
}

static void find_points(const vmap_responses_source *s, const entry *list, size_t n,
                        unsigned char *point)
{
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < s->p; j++) {
            size_t at = list[i].row * s->width + s->item[j];

            point[list[i].row * s->p + j] = count_point(&s->points[j], s->values[at], s->reasons[at]);
        }
    }
}

/* The clusters of the sorted list, sorted within each cell; fills cell_start and returns their number. */
static size_t sort_clusters(const sorter *s, const entry *list, size_t n, run *runs,
                            size_t *cell_start)
{
    run_sorter context = {s, list};
    size_t count = 0, done = 0;

    for (size_t i = 0; i < n; i++) {
        bool begins = i == 0 || list[i].cell != list[i - 1].cell ||
                      list[i].cluster != list[i - 1].cluster;

        if (begins)
            runs[count++] = (run){i, 0};
        runs[count - 1].rows++;
    }
    for (size_t c = 0; c < s->source->cells; c++) {
        cell_start[c] = done;
        while (done < count && list[runs[done].first].cell == c)
            done++;
        qsort_r(runs + cell_start[c], done - cell_start[c], sizeof *runs, compare_runs, &context);
    }
    cell_start[s->source->cells] = done;
    return count;
}

static void copy_rows(vmap_responses *r, const sorter *s, const entry *list, const run *runs)
{
    size_t n = 0;

    for (size_t c = 0; c < r->clusters; c++) {
        r->cluster_start[c] = n;
        r->clustered |= runs[c].rows > 1;
        for (size_t i = 0; i < runs[c].rows; i++, n++) {
            size_t row = list[runs[c].first + i].row;

            memcpy(r->point + n * r->p, s->point + row * r->p, r->p);
            r->weight[n] = weight_of(s->source, row);
            r->weighted |= r->weight[n] != r->weight[0];
            r->row[n] = row;
        }
    }
    r->cluster_start[r->clusters] = n;
}

static vmap_responses *allocate(size_t n, size_t p, size_t cells, vmap_error *err)
{
    vmap_responses *r = memory_new(1, sizeof *r, err);

    if (!r)
        return NULL;
    r->n = n;
    r->p = p;
    r->cells = cells;
    r->point = memory_new(n, p, err);
    r->weight = memory_new(n, sizeof *r->weight, err);
    r->row = memory_new(n, sizeof *r->row, err);
    r->cell_start = memory_new(cells + 1, sizeof *r->cell_start, err);
    r->cluster_start = memory_new(n + 1, sizeof *r->cluster_start, err);
    if (r->point && r->weight && r->row && r->cell_start && r->cluster_start)
        return r;
    vmap_responses_free(r);
    return NULL;
}

vmap_status vmap_responses_new(const vmap_responses_source *source, vmap_responses **responses,
                               vmap_error *err)
{
    sorter s = {.source = source};
    entry *list = memory_new(source->n, sizeof *list, err);
    run *runs = memory_new(source->n, sizeof *runs, err);
    vmap_responses *r = NULL;
    size_t n;

    s.point = memory_new(source->n, source->p, err);
    if (list && runs && s.point) {
        n = pick_rows(source, list);
        r = allocate(n, source->p, source->cells, err);
        if (r) {
            find_points(source, list, n, s.point);
            qsort_r(list, n, sizeof *list, by_cell_and_cluster, &s);
            r->clusters = sort_clusters(&s, list, n, runs, r->cell_start);
            copy_rows(r, &s, list, runs);
        }
    }
    free(list);
    free(runs);
    free(s.point);
    if (!r)
        return VMAP_ENOMEM;
    *responses = r;
    return VMAP_SUCCESS;
}
